/**
 * Access to a chat and what its visitor is shown: who sends a request, how often they may, which conversation is theirs,
 * and its state, as JSON or as events.
 */

import { createHash } from "node:crypto";
import { chatKey } from "#core/values/message.ts";
import type { Request, Response } from "express";
import { type ChatIdentity, type TokenRules, verifyChatToken } from "#adapters/chat/identity.ts";
import type { intake } from "#jobs/intake.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { storedChatState, type ChatState } from "#store/chat/chat-state.ts";
import {
  ConversationId,
  type ChatEvents,
  type ChatLine,
  type ChatStatus,
  type ChatTranscript,
} from "./schema.ts";
import type { ChatListener, ChatStreams } from "./stream-updates.ts";
import { ApiRefusal } from "#server/http/problem.ts";
import { clientAddress, rateLimit, type RateLimit } from "#server/http/admission.ts";

/**
 * Per address. A window that asks every two seconds does so thirty times a minute, and an office shares one address.
 */
const LOOKS_PER_MINUTE = 600;

/** The parts the chat routes work with. */
export type ChatParts = Parameters<typeof intake>[0] &
  Pick<JobContext, "changes" | "channels" | "clock" | "codes" | "guard" | "policy">;

export interface ChatOptions {
  readonly tokens: TokenRules;
  /** Origins whose scripts may send requests here and read the answers. */
  readonly origins: ReadonlySet<string>;
  readonly streams: ChatStreams;
  /** How long a visitor waits for an answer at most. */
  readonly answerWaitMs?: number;
  /** How often a request that waits for its answer looks by itself, since a notice may get lost. */
  readonly lookAgainMs?: number;
  /** How often one address may ask for news per minute. */
  readonly looksPerMinute?: number;
  readonly messagesPerMinute: { readonly perUser: number; readonly perAddress: number };
}

/** What all chat routes share. */
export type ChatContext = Readonly<ReturnType<typeof chatContext>>;

export function chatContext(parts: ChatParts, options: ChatOptions) {
  const limit = (max: number, what: string) => rateLimit({ clock: parts.clock, max, what });
  const { perUser, perAddress } = options.messagesPerMinute;
  return {
    parts,
    options,
    limits: {
      user: limit(perUser, "from this user"),
      address: limit(perAddress, "from this address"),
      looks: limit(options.looksPerMinute ?? LOOKS_PER_MINUTE, "or questions for news from here"),
    },
  };
}

/**
 * The identity the request's token proves; null without a token. A proven user has a limit of their own and is not
 * counted by address, so that strangers behind the same proxy cannot use it up. All others are counted by address, as
 * are invalid tokens.
 */
export async function countedCaller(
  { parts, options }: ChatContext,
  request: Request,
  perAddress: RateLimit,
): Promise<ChatIdentity | null> {
  const count = () => perAddress.check(clientAddress(request));
  const token = request.headers.authorization;
  const identity = await verifyChatToken(token, options.tokens, parts.clock.now()).catch(
    (error: unknown) => {
      count();
      throw error;
    },
  );
  if (identity === null) count();
  return identity;
}

/**
 * The name under which a caller's own limit is counted. A proven user and an unsigned visitor never share one, whatever
 * name the visitor gives: a visitor is counted by the secret id of their conversation.
 */
export function allowanceKey(identity: ChatIdentity | null, key: string): string {
  return identity === null ? `visitor:${key}` : `signed:${identity.subject}`;
}

/**
 * The requested conversation, who asks for it, and the key it has if it is theirs. The key contains the conversation's
 * owner, so another user's conversation is not found, and neither is an id that cannot be valid: a colon in it could form
 * the key of another user's conversation. Strangers are counted by address in the given limit.
 */
export async function requestedChat(context: ChatContext, request: Request, perAddress: RateLimit) {
  const identity = await countedCaller(context, request, perAddress);
  if (identity !== null) context.limits.looks.check(allowanceKey(identity, ""));
  const conversation = ConversationId.safeParse(request.params["conversation"]);
  if (!conversation.success) throw noSuchChat();
  const key = chatKey(identity?.subject ?? null, conversation.data);
  return { identity, conversation: conversation.data, key };
}

/** The state of the chat with this key. Absent conversations and those of others get the same answer. */
export async function requiredState(
  { parts }: Pick<ChatContext, "parts">,
  key: string,
): Promise<ChatState> {
  const state = await storedChatState(parts.store, key, null);
  if (state === null) throw noSuchChat();
  return state;
}

/** A code of its own: at this answer, and at no other 404, the widget removes the chat from the browser. */
function noSuchChat(): ApiRefusal {
  return new ApiRefusal(404, "chat.gone", "nothing that you may see has this id");
}

/** The state of a chat as text for its visitor, in the language they write in; empty where the status is enough. */
export function wordsFor(
  { parts }: { readonly parts: Pick<ChatParts, "policy" | "guard"> },
  given: { readonly status: ChatStatus; readonly asked: string; readonly paused: boolean },
): string {
  const { status, asked, paused } = given;
  const author = { kind: "requester", id: "", name: "" } as const;
  const language = asked === "" ? null : parts.guard.languageOf([{ author, text: asked }]);
  const texts = parts.policy.textsIn(language, { channel: "chat", brand: "" });
  if (paused) return texts.paused;
  switch (status) {
    case "answered":
    case "working":
      return "";
    case "pending":
      return texts.pending;
    case "escalated":
      return texts.handover;
    case "failed":
      return texts.unavailable;
  }
}

/** Where a chat stands; that a teammate has it is said only to those whom people answer. */
function standing({ status, taken }: ChatState): Pick<ChatTranscript, "status" | "taken"> {
  return { status, ...(status === "escalated" && taken === true && { taken }) };
}

// Reading and following a chat.

/** A stream ends after this, so that windows spread over the processes again. */
const STREAM_MS_MAX = 60 * 60_000;

/** Answers one kind of request about chats. */
export type ChatRoute = (
  context: ChatContext,
  request: Request,
  response: Response,
) => Promise<void>;

/** `GET /support/chat/:conversation`: its status, and everything that was said to the visitor. */
export const readChat: ChatRoute = async (context, request, response) => {
  const { conversation, key } = await requestedChat(context, request, context.limits.looks);
  const state = await requiredState(context, key);
  const transcript: ChatTranscript = {
    conversation_id: conversation,
    ...standing(state),
    messages: state.lines.map(chatLine),
  };
  response.set("Cache-Control", "no-store").json(transcript);
};

/**
 * `GET /support/chat/:conversation/events`: the same as server-sent events, then whatever is new. A window that comes
 * back with the id of its last message (`Last-Event-ID`) gets those after it.
 */
export const followChat: ChatRoute = async (context, request, response) => {
  const { key, identity } = await requestedChat(context, request, context.limits.looks);
  const { streams } = context.options;
  const address = identity === null ? clientAddress(request) : null;
  streams.enter(allowanceKey(identity, key), address, response);
  const state = await requiredState(context, key);
  if (response.destroyed) return;
  const listener = eventWriter(response, {
    key,
    until: streamEnd(context.parts.clock.now().getTime(), identity?.expiresAt.getTime() ?? null),
    seen: linesUpTo(state.lines, request.headers["last-event-id"]?.toString()),
    wordsFor: (state) => wordsFor(context, state),
  });
  const leave = streams.listen(listener);
  response.once("close", leave);
  openEvents(response);
  listener.show(state);
};

/** No stream outlives its token. */
function streamEnd(now: number, expiresAt: number | null): ChatListener["until"] {
  const longest = now + STREAM_MS_MAX;
  return expiresAt !== null && expiresAt < longest
    ? { at: expiresAt, reason: "expired" }
    : { at: longest, reason: "renew" };
}

// Writes the state of a chat to one window as server-sent events.

/** How long a window waits before it reconnects after a broken stream. */
const RECONNECT_MS = 2_000;

/** A reader with this much unread is gone or asleep; it comes back with the last id it saw. */
const UNREAD_BYTES_MAX = 1_000_000;

/**
 * The line as a visitor gets it. Its id holds its position and a short digest of its key, and nothing about its owner.
 */
function chatLine({ key, position, text, at }: ChatState["lines"][number]): ChatLine {
  const mark = createHash("sha256").update(key).digest("hex").slice(0, 8);
  return { id: `${position}-${mark}`, text, at: at.toISOString() };
}

/**
 * The lines a window already has, given the last id it saw. None for an unknown id, because the line was removed or a
 * restored backup does not contain it: the window then gets all lines and recognizes by their ids those it shows
 * already.
 */
function linesUpTo(lines: ChatState["lines"], lastId: string | undefined): ChatState["lines"] {
  return lines.slice(0, lines.findIndex((line) => chatLine(line).id === lastId) + 1);
}

/** Writes only what this window has not seen yet, in the format of the HTML standard, section 9.2. */
function eventWriter(
  response: Response,
  options: {
    readonly key: string;
    readonly until: ChatListener["until"];
    /** What this window has already. */
    readonly seen: ChatState["lines"];
    readonly wordsFor: (state: ChatState) => string;
  },
): ChatListener {
  const shown: { readonly keys: Set<string>; standing: string | null } = {
    keys: new Set(options.seen.map(({ key }) => key)),
    standing: null,
  };

  const write = (text: string): void => void response.write(text);
  const isAsleep = (): boolean => {
    if (response.writableLength > UNREAD_BYTES_MAX) response.destroy();
    return response.destroyed;
  };

  return {
    key: options.key,
    until: options.until,
    show(state) {
      if (isAsleep()) return;
      const { lines } = state;
      const { status, taken = false } = standing(state);
      for (const line of lines) {
        if (shown.keys.has(line.key)) continue;
        const sent = chatLine(line);
        write(`id: ${sent.id}\n${eventText("message", sent)}`);
        shown.keys.add(line.key);
      }
      // What a message of ours says already is not said a second time below it.
      const text = taken || state.answer !== null ? "" : options.wordsFor(state);
      // The text can change while the status stays the same: waiting for a person, or for the end of a pause.
      const now = [status, taken, text].join(" ");
      if (now === shown.standing) return;
      shown.standing = now;
      write(eventText("status", { ...standing(state), text }));
    },
    beat() {
      if (!isAsleep()) write(": still here\n\n");
    },
    end(reason) {
      write(eventText("end", { reason }));
      response.end();
    },
  };
}

/** JSON has no line breaks, so one line of `data` holds all of it. */
function eventText<Name extends keyof typeof ChatEvents>(
  name: Name,
  data: (typeof ChatEvents)[Name]["_zod"]["output"],
): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The head of a stream, which no cache or proxy may hold back. */
function openEvents(response: Response): void {
  response.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
  });
  response.write(`retry: ${RECONNECT_MS}\n\n`);
}
