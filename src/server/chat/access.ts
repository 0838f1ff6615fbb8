/** Access to the chat: who sends a request, how often they may, and which conversation is theirs. */

import { chatKey } from "#core/values/message.ts";
import type { Request, Response } from "express";
import {
  type ChatIdentity,
  NETWORK_HEADER,
  SUBJECT_HEADER,
  type TokenRules,
  verifyChatToken,
} from "#adapters/chat/identity.ts";
import type { ChatMessage, ChatRating } from "#adapters/chat/index.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { intake, type IntakeResult } from "#jobs/intake.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { withTimeLimit, clientAddress, rateLimit, type RateLimit } from "#server/http/admission.ts";
import { type ChatStatus, ConversationId } from "./schema.ts";
import type { ChatStreams } from "./stream-updates.ts";

const MINUTE_MS = 60_000;

/** An intake that takes longer than this is refused, since a visitor waits for it in front of a window. */
const INTAKE_MS_MAX = 10_000;

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
export interface ChatContext {
  readonly parts: ChatParts;
  readonly options: ChatOptions;
  readonly limits: Readonly<Record<"user" | "address" | "looks", RateLimit>>;
}

export function chatContext(parts: ChatParts, options: ChatOptions): ChatContext {
  const limit = (max: number, what: string) =>
    rateLimit({ clock: parts.clock, windowMs: MINUTE_MS, max, what });
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

/** The identity the request's token proves; null without a token. Throws `input.unverified` for an invalid one. */
function provenCaller(
  { parts, options }: ChatContext,
  request: Request,
): Promise<ChatIdentity | null> {
  return verifyChatToken(request.headers.authorization, options.tokens, parts.clock.now());
}

/**
 * The identity the request's token proves; null without a token. A proven user has a limit of their own and is not
 * counted by address, so that strangers behind the same proxy cannot use it up. All others are counted by address, as
 * are invalid tokens.
 */
export async function countedCaller(
  context: ChatContext,
  request: Request,
  perAddress: RateLimit,
): Promise<ChatIdentity | null> {
  const count = (): void => perAddress.check(clientAddress(request));
  const identity = await provenCaller(context, request).catch((error: unknown) => {
    count();
    throw error;
  });
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

/** A requested conversation, who asks for it, and the key it has if it is theirs. */
export interface RequestedChat {
  readonly identity: ChatIdentity | null;
  readonly conversation: string;
  readonly key: string;
}

/**
 * The key contains the conversation's owner, so another user's conversation is not found. Null for an id that cannot be
 * valid: a colon in it could form the key of another user's conversation. Strangers are counted by address in the given
 * limit.
 */
export async function requestedChat(
  context: ChatContext,
  request: Request,
  perAddress: RateLimit,
): Promise<RequestedChat | null> {
  const identity = await countedCaller(context, request, perAddress);
  if (identity !== null) context.limits.looks.check(allowanceKey(identity, ""));
  const conversation = ConversationId.safeParse(request.params["conversation"]);
  if (!conversation.success) return null;
  const key = chatKey(identity?.subject ?? null, conversation.data);
  return { identity, conversation: conversation.data, key };
}

/**
 * Hands a visitor's message to the chat channel. When this resolves, the message is committed. Only for an unsigned
 * visitor is the network kept, as a digest only we can compute.
 */
export async function acceptMessage(
  { parts }: ChatContext,
  { subject, network }: { readonly subject: string | null; readonly network: string },
  sent: ChatMessage | ChatRating,
): Promise<IntakeResult> {
  const channel = parts.channels.get("chat");
  if (channel === undefined)
    throw new DeskhandError("channel.unsupported", "chat is not connected");
  const taken = intake(parts, channel, {
    source: "http",
    headers:
      subject === null
        ? { [NETWORK_HEADER]: parts.codes.networkHashOf(network) }
        : { [SUBJECT_HEADER]: subject },
    body: new TextEncoder().encode(JSON.stringify(sent)),
    receivedAt: parts.clock.now(),
  });
  return withTimeLimit(INTAKE_MS_MAX, taken);
}

/** Absent conversations and those of others get the same answer. */
export function notFound(response: Response): void {
  response.status(404).json({ error: "not_found", message: "no such conversation for you" });
}

/** A visitor's words as far as their language is told by them. */
function byVisitor(text: string) {
  return { author: { kind: "requester", id: "", name: "" }, text } as const;
}

/** The state of a chat as text for its visitor, in the language they write in; empty where the answer is enough. */
export function wordsFor(
  { parts }: { readonly parts: Pick<ChatParts, "policy" | "guard"> },
  given: { readonly status: ChatStatus; readonly asked: string; readonly paused: boolean },
): string {
  const { status, asked, paused } = given;
  const language = asked === "" ? null : parts.guard.languageOf([byVisitor(asked)]);
  const texts = parts.policy.textsIn(language, { channel: "chat", brand: "" });
  if (paused) return texts.paused;
  switch (status) {
    case "answered":
      return "";
    case "working":
      return "Your message is being read.";
    case "pending":
      return texts.pending;
    case "escalated":
      return texts.handover;
    case "failed":
      return texts.unavailable;
    default:
      throw new Error(`unknown status ${String(status satisfies never)}`);
  }
}
