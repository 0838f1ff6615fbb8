import type { Request, Response } from "express";
import type { z } from "zod";
import {
  type ChatIdentity,
  NETWORK_HEADER,
  SUBJECT_HEADER,
  type TokenRules,
  verifyChatToken,
} from "#adapters/chat/identity.ts";
import type { ChatMessage, ChatRating } from "#adapters/chat/schema.ts";
import { chatKey } from "#core/values/chat-key.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { intake } from "#jobs/intake.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { within } from "#server/http/admission.ts";
import { type ChatStatus, ConversationId } from "./schema.ts";
import type { ChatStreams } from "./stream-updates.ts";
import { clientAddress } from "#server/http/client-address.ts";
import { rateLimit, type RateLimit } from "#server/http/rate-limit.ts";

const MINUTE_MS = 60_000;

/** People do not stand still in front of a window for longer than this before anything was said. */
const INTAKE_MS_MAX = 10_000;

/** For each address. A window that asks every two seconds does so thirty times, and an office is one address. */
const LOOKS_PER_MINUTE = 600;

/** The parts the chat's doors work with. */
export type ChatParts = Parameters<typeof intake>[0] &
  Pick<JobContext, "channels" | "clock" | "codes" | "policy">;

export interface ChatOptions {
  readonly tokens: TokenRules;
  /** Origins whose scripts may ask here and read the answers. */
  readonly origins: ReadonlySet<string>;
  readonly streams: ChatStreams;
  /** How long a visitor waits for an answer at most. */
  readonly answerWaitMs?: number;
  /** How often one address may ask for news in a minute. */
  readonly looksPerMinute?: number;
  readonly messagesPerMinute: { readonly perUser: number; readonly perAddress: number };
}

/** What all of the chat's doors share. */
export interface ChatAccess {
  readonly parts: ChatParts;
  readonly options: ChatOptions;
  readonly limits: Readonly<Record<"user" | "address" | "looks", RateLimit>>;
}

export function chatAccess(parts: ChatParts, options: ChatOptions): ChatAccess {
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

/** Whom the request's token proves; null without one. Throws `input.unverified` for one that does not hold. */
function callerOf({ parts, options }: ChatAccess, request: Request): Promise<ChatIdentity | null> {
  return verifyChatToken(request.headers.authorization, options.tokens, parts.clock.now());
}

/**
 * Whom the request's token proves; null without one. Who proves it has an allowance of their own and is not counted by
 * address, so that strangers behind the same proxy cannot use it up; everybody else is, a token that does not hold too.
 */
export async function countedCaller(
  door: ChatAccess,
  request: Request,
  perAddress: RateLimit,
): Promise<ChatIdentity | null> {
  const count = (): void => perAddress.check(clientAddress(request));
  const identity = await callerOf(door, request).catch((error: unknown) => {
    count();
    throw error;
  });
  if (identity === null) count();
  return identity;
}

/**
 * The name under which a caller's own allowance is counted. A proven user and an unsigned visitor never share one,
 * whatever the visitor calls themselves: a visitor is counted by the secret id of their conversation.
 */
export function allowanceOf(identity: ChatIdentity | null, key: string): string {
  return identity === null ? `visitor:${key}` : `signed:${identity.subject}`;
}

/** A conversation that somebody asks for, who they are, and under which key it would be theirs. */
export interface Wanted {
  readonly identity: ChatIdentity | null;
  readonly conversation: string;
  readonly key: string;
}

/**
 * Whose a conversation is stands in its key, so what is somebody else's is not found. Null for an id that cannot be
 * one: a colon in it could make the key of another user's. Strangers are counted by address in the limit given.
 */
export async function wantedOf(
  door: ChatAccess,
  request: Request,
  perAddress: RateLimit,
): Promise<Wanted | null> {
  const identity = await countedCaller(door, request, perAddress);
  if (identity !== null) door.limits.looks.check(allowanceOf(identity, ""));
  const conversation = ConversationId.safeParse(request.params["conversation"]);
  if (!conversation.success) return null;
  const key = chatKey(identity?.subject ?? null, conversation.data);
  return { identity, conversation: conversation.data, key };
}

/** A request's body, read by its schema. Throws `input.invalid` with all that is wrong. */
export function parsedBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join(".") || "body"}: ${issue.message}`,
  );
  throw new DeskhandError("input.invalid", problems.join("; "));
}

/**
 * Hands what a visitor sent from this network to the chat's channel. When this resolves it is committed. Only of a
 * stranger is it kept where they write from, as a digest nobody else can make.
 */
export async function acceptMessage(
  { parts }: ChatAccess,
  { subject, network }: { readonly subject: string | null; readonly network: string },
  sent: ChatMessage | ChatRating,
): Promise<void> {
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
  await within(INTAKE_MS_MAX, taken);
}

/** Absent and somebody else's are told alike. */
export function notFound(response: Response): void {
  response.status(404).json({ error: "not_found", message: "no such conversation for you" });
}

/** Where a chat stands, in words for its visitor; empty where the answer says it all. */
export function wordsFor(
  { parts }: ChatAccess,
  { status, paused }: { readonly status: ChatStatus; readonly paused: boolean },
): string {
  const { texts } = parts.policy;
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
