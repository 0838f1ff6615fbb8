import type { Request, Response } from "express";
import { conversationKey } from "#adapters/chat/index.ts";
import { type ChatIdentity, type TokenRules, verifyChatToken } from "#adapters/chat/identity.ts";
import type { intake } from "#jobs/intake.ts";
import type { Parts } from "#jobs/parts.ts";
import type { ChatStatus } from "./chat-documents.ts";
import { ConversationId } from "./chat-documents.ts";
import type { ChatStreams } from "./chat-streams.ts";
import { clientAddress } from "./client-address.ts";
import { rateLimit } from "./rates.ts";

const MINUTE_MS = 60_000;

/** For each address. A window that asks every two seconds does so thirty times, and an office is one address. */
const LOOKS_PER_MINUTE = 600;

/** The parts the chat's doors work with. */
export type ChatParts = Parameters<typeof intake>[0] & Pick<Parts, "channels" | "clock" | "policy">;

export interface ChatOptions {
  readonly tokens: TokenRules;
  /** Origins whose scripts may ask here and read the answers. */
  readonly origins: ReadonlySet<string>;
  readonly streams: ChatStreams;
  /** How long a visitor waits for an answer at most. */
  readonly answerWaitMs?: number;
  readonly messagesPerMinute: { readonly perUser: number; readonly perAddress: number };
}

/** What all of the chat's doors share. */
export interface ChatDoor {
  readonly parts: ChatParts;
  readonly options: ChatOptions;
  readonly limits: Readonly<Record<"user" | "address" | "looks", ReturnType<typeof rateLimit>>>;
}

export function chatDoor(parts: ChatParts, options: ChatOptions): ChatDoor {
  const limit = (max: number, what: string) =>
    rateLimit({ clock: parts.clock, windowMs: MINUTE_MS, max, what });
  const { perUser, perAddress } = options.messagesPerMinute;
  return {
    parts,
    options,
    limits: {
      user: limit(perUser, "from this user"),
      address: limit(perAddress, "from this address"),
      looks: limit(LOOKS_PER_MINUTE, "or questions for news from this address"),
    },
  };
}

/** Whom the request's token proves; null without one. Throws `input.unverified` for one that does not hold. */
export function callerOf(
  { parts, options }: ChatDoor,
  request: Request,
): Promise<ChatIdentity | null> {
  return verifyChatToken(request.headers.authorization, options.tokens, parts.clock.now());
}

/** A conversation that somebody asks for, who they are, and under which key it would be theirs. */
export interface Wanted {
  readonly identity: ChatIdentity | null;
  readonly conversation: string;
  readonly key: string;
}

/**
 * Whose a conversation is stands in its key, so what is somebody else's is not found. Null for an id that cannot be
 * one: a colon in it could make the key of another user's.
 */
export async function wantedOf(door: ChatDoor, request: Request): Promise<Wanted | null> {
  door.limits.looks.check(clientAddress(request));
  const identity = await callerOf(door, request);
  const conversation = ConversationId.safeParse(request.params["conversation"]);
  if (!conversation.success) return null;
  const key = conversationKey(identity?.subject ?? null, conversation.data);
  return { identity, conversation: conversation.data, key };
}

/** Absent and somebody else's are told alike. */
export function notFound(response: Response): void {
  response.status(404).json({ error: "not_found", message: "no such conversation for you" });
}

/** Where a chat stands, in words for its visitor; empty where the answer says it all. */
export function wordsFor({ parts }: ChatDoor, status: ChatStatus): string {
  const { texts } = parts.policy;
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
