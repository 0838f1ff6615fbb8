/**
 * Room: the chat as a channel: visitors' messages and ratings come in, answers go to the transcript.
 * In: messages and ratings from the chat route, with the subject the token proves.
 * Out: hints with the whole message, evidence about the visitor, answers written to the transcript.
 * May touch: the transcript that `src/connections` passes in; no vendor.
 */

import type { z } from "zod";
import { type Action, ReplyArguments } from "#core/values/action.ts";
import {
  type Channel,
  OPENS_NO_FILES,
  type Resolved,
  SHOWS_NO_WORK,
} from "#core/contracts/channel.ts";
import type { ChatLine } from "#core/contracts/target.ts";
import { chatKey } from "#core/values/message.ts";
import type { Delivery, Hint } from "#core/values/delivery.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { IdentityEvidence } from "#core/values/identity.ts";
import { NETWORK_HEADER, SUBJECT_HEADER } from "./identity.ts";
import { ChatAddress, ChatHint, ChatMessage, ChatRating, ChatRatingHint } from "./schema.ts";

/** Where answers wait for their visitor. Passed in, because a channel never sees the store. */
export interface Transcript {
  write(line: { key: string; conversation: string; text: string }): Promise<void>;
  has(key: string): Promise<boolean>;
}

/**
 * The chat widget's channel. The visitor waits on an HTTP request, so nothing is polled or fetched: the hint contains
 * the message, and answers are written where the route and the widget read them.
 */
export function chat(options: { readonly transcript: Transcript }): Channel {
  return {
    name: "chat",
    supports: ["reply"],
    findIsReliable: true,
    keepsHistory: false,
    // Every message is backed by a token or by the conversation's secret id.
    keepsSender: true,
    ...OPENS_NO_FILES,
    // The window learns from the conversation itself that a turn is under way.
    ...SHOWS_NO_WORK,
    receive,
    resolve: async (hint) => resolveHint(hint),
    fetch: async (conversation) => ({
      subject: conversation.subject,
      brand: conversation.brand,
      externalId: conversation.externalId,
      messages: [],
      signals: [],
    }),
    lineOf,
    async commit(action, key) {
      const { chat: conversation, text, committed } = lineOf(action, key);
      await options.transcript.write({ key, conversation, text });
      return committed;
    },
    async find(_action, key) {
      return (await options.transcript.has(key))
        ? { state: "done", committed: { ref: key, conversationKeys: [] } }
        : { state: "absent" };
    },
    start: async () => undefined,
    stop: async () => undefined,
  };
}

function lineOf(action: Action, key: string): ChatLine {
  if (action.operation !== "reply")
    throw new DeskhandError("channel.unsupported", `chat cannot do ${action.operation}`);
  const { to, text } = ReplyArguments.parse(action.arguments);
  const { transcript } = ChatAddress.parse(to.address);
  return { chat: transcript, text, committed: { ref: key, conversationKeys: [] } };
}

function receive(delivery: Delivery): readonly Hint[] {
  const body = parseJson(delivery.body);
  const isRating = typeof body === "object" && body !== null && "score" in body;
  const subject = delivery.headers[SUBJECT_HEADER] ?? null;
  const at = delivery.receivedAt.toISOString();
  if (isRating) {
    const rating = parseInput(ChatRating, body);
    const key = chatKey(subject, rating.conversation);
    const data: ChatRatingHint = { rating, subject, at };
    return [hintOf(key, { kind: "signal", event: `rating:${rating.id}`, data })];
  }
  const message = parseInput(ChatMessage, body);
  const key = chatKey(subject, message.conversation);
  const network = delivery.headers[NETWORK_HEADER] ?? null;
  const data: ChatHint = { message, subject, network, at };
  return [hintOf(key, { kind: "message", event: message.id, data })];
}

function parseInput<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [problem] = read.error.issues;
  throw new DeskhandError(
    "input.invalid",
    `${problem?.path.join(".") || "message"}: ${problem?.message ?? "not a chat message"}`,
  );
}

function hintOf(
  key: string,
  { kind, event, data }: Pick<Hint, "kind" | "data"> & { readonly event: string },
): Hint {
  return {
    channel: "chat",
    eventId: `${key}:${event}`,
    conversationKeys: [key],
    kind,
    data,
    keepBody: false,
  };
}

/** A rating is complete in its hint; nothing is looked up. */
function resolveRating(hint: ChatRatingHint): Resolved {
  const { rating, subject, at } = hint;
  const { score, comment, stars } = rating;
  const transcript = chatKey(subject, rating.conversation);
  // Signals are kept as bare facts when a person is erased, so their names contain no user id.
  const key = `chat:rating:${rating.id}`;
  const how = stars === null ? { source: "rating" as const } : { source: "survey" as const, stars };
  return {
    subject: "",
    brand: "",
    externalId: transcript,
    messages: [],
    signals: [{ kind: "rated", key, at, score, comment, ...how }],
  };
}

function resolveHint(hint: Hint): Resolved {
  const rating = ChatRatingHint.safeParse(hint.data);
  if (rating.success) return resolveRating(rating.data);
  const { message, subject, at } = ChatHint.parse(hint.data);
  const transcript = chatKey(subject, message.conversation);
  return {
    subject: "",
    brand: "",
    externalId: transcript,
    signals: [],
    messages: [
      {
        key: `${transcript}:${message.id}`,
        author: {
          kind: "requester",
          id: subject === null ? `chat:visitor:${message.conversation}` : `chat:${subject}`,
          name: subject ?? "Chat visitor",
        },
        visibility: "public",
        subject: "",
        text: message.text,
        segments: [],
        attachments: [],
        sentAt: at,
        identity: evidenceFor(subject, message.userId),
        answerTo: {
          label: `chat with ${subject ?? "a visitor"}`,
          audience: "private",
          address: { transcript },
        },
        answerPrivatelyTo: null,
        ignore: null,
      },
    ],
  };
}

function evidenceFor(subject: string | null, claimed: string): IdentityEvidence {
  return subject === null
    ? {
        level: 0,
        method: "none",
        reason: `no signed identity; the visitor calls themselves “${claimed.slice(0, 60)}”`,
        handle: { kind: "none" },
      }
    : {
        level: 2,
        method: "chat-token",
        reason: "signed chat identity",
        handle: { kind: "customer", customerId: subject },
      };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw new DeskhandError("input.invalid", "the body is no JSON", { cause });
  }
}
