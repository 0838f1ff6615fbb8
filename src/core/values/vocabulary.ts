/**
 * The names that code, database and policy share, the topics by which turns are routed, measured and paused, and what
 * differs between channels.
 */

import { z } from "zod";
import { inWords } from "./words.ts";

/** Where customers write. Adding a channel starts here; the compiler then lists what is left to do. */
export const ChannelName = z.enum(["zendesk", "email", "slack", "chat"]);
export type ChannelName = z.infer<typeof ChannelName>;

/**
 * All that can carry out an action: the channels, the shop, your own systems by their imported tools, the approval desk,
 * and the sender of one-time codes.
 */
export const TargetName = z.enum([
  "zendesk",
  "email",
  "slack",
  "chat",
  "shop",
  "system",
  "desk",
  "identity",
]);
export type TargetName = z.infer<typeof TargetName>;

/** How each accepted message ends; exactly one of these is recorded for it, with a reason. */
export const Outcome = z.enum([
  "answered",
  "escalated",
  "ignored",
  "rejected",
  "expired",
  "failed",
]);
export type Outcome = z.infer<typeof Outcome>;

/**
 * Outcomes that settle a message wherever it came in. The others leave it to people, and those have the conversation it
 * was decided in: a message of another conversation of the case then stays open.
 */
export const SETTLED_EVERYWHERE = ["answered", "ignored", "rejected"] as const satisfies Outcome[];

/** Roles a teammate can have in the policy; a lead may do everything support may. */
export const Role = z.enum(["support", "lead"]);
export type Role = z.infer<typeof Role>;

/** Who may write to the customer at this moment. */
export const Owner = z.enum(["bot", "human"]);
export type Owner = z.infer<typeof Owner>;

/** The built-in topics; a write tool adds its own. */
export const TOPICS = [
  "order_status",
  "refund",
  "cancellation",
  "return",
  "address",
  "password",
  "payments",
  "faq",
  "greeting",
  "other",
] as const;

/** Topics whose name in the code says little to a team. */
const TOPIC_WORDS: ReadonlyMap<string, string> = new Map([
  ["faq", "general question"],
  ["other", "something else"],
  ["create_ticket", "hand-over"],
  ["send_code", "one-time code"],
]);

/** "order status" for `order_status`; a turn may have no topic. */
export function topicName(topic: string): string {
  return topic === "" ? "no topic" : (TOPIC_WORDS.get(topic) ?? inWords(topic));
}

const TOPIC_OF_OPERATION: ReadonlyMap<string, string> = new Map([
  ["refund", "refund"],
  ["cancel_order", "cancellation"],
  ["start_return", "return"],
  ["exchange_item", "return"],
  ["resend_invoice", "payments"],
  ["change_address", "address"],
  ["reset_password", "password"],
]);

/** The operations of the built-in tools that customers ask for. */
export const OPERATIONS: readonly string[] = [...TOPIC_OF_OPERATION.keys()];

/** The topic of a write tool; an operation that is not listed here is its own topic. */
export function topicOfOperation(operation: string): string {
  return TOPIC_OF_OPERATION.get(operation) ?? operation;
}

/** Every available topic: the built-in ones, those of write tools, and those the policy names. */
export function knownTopics(policy: {
  readonly operations: readonly string[];
  readonly topics: readonly string[];
}): readonly string[] {
  const written = policy.operations.filter((operation) => operation !== "reply");
  return [...new Set([...TOPICS, ...written.map(topicOfOperation), ...policy.topics])];
}

/** The topic a person means by a word: "refunds" and "Order-Status" are understood; null when there is none. */
export function topicCalled(word: string, topics: readonly string[]): string | null {
  const typed = word.toLowerCase().replaceAll("-", "_");
  const singular = (text: string): string => text.replace(/(?:e?s)$/, "");
  return (
    topics.find((topic) => topic === typed) ??
    topics.find((topic) => singular(topic) === singular(typed)) ??
    null
  );
}

/** The traits of one channel: jobs ask for a trait, never for a name. */
export interface ChannelTraits {
  /** The team works on conversations there: a hand-over assigns, and the owner there is the owner everywhere. */
  readonly isHelpdesk: boolean;
  /** An approved reply waits for the policy's undo time; on other channels the customer is waiting live. */
  readonly hasUndo: boolean;
  /**
   * Servers may defer unknown senders for hours and expect a retry (RFC 5321 section 4.5.4.1), so a reply may wait a
   * day for its target.
   */
  readonly waitsLong: boolean;
  /** Programs there answer automatically, so automatic answers are counted and limited. */
  readonly answersItself: boolean;
  /** Every sender who knows the address can write, so junk comes in and is set aside here and nowhere else. */
  readonly isOpenToStrangers: boolean;
  /** A customer writes in a window of the shop's page, and proves who they are by signing in, not by their address. */
  readonly isOneWindow: boolean;
  /** Answers stand one below the other in sight, so what holds for all of them is said with the first. */
  readonly isOneThread: boolean;
}

const PLAIN: ChannelTraits = {
  isHelpdesk: false,
  hasUndo: false,
  waitsLong: false,
  answersItself: false,
  isOpenToStrangers: false,
  isOneWindow: false,
  isOneThread: false,
};

/** Complete by its type: a new channel does not compile until its traits are set. */
export const CHANNEL_TRAITS: Readonly<Record<ChannelName, ChannelTraits>> = {
  zendesk: { ...PLAIN, isHelpdesk: true, hasUndo: true },
  email: {
    ...PLAIN,
    hasUndo: true,
    waitsLong: true,
    answersItself: true,
    isOpenToStrangers: true,
  },
  slack: { ...PLAIN, isOneThread: true },
  chat: { ...PLAIN, isOneWindow: true, isOneThread: true },
};

/** Where a hand-over from a channel without its own helpdesk opens its ticket. */
export const HELPDESK = "zendesk" satisfies ChannelName;

/**
 * The outbound channel for what is sent to a person's address whatever channel they write on, such as one-time codes.
 */
export const MAIL = "email" satisfies ChannelName;

/** True when the team works on the conversation itself. */
export function isHelpdesk(channel: ChannelName): boolean {
  return CHANNEL_TRAITS[channel].isHelpdesk;
}
