/** The names that code, database and policy share, and the topics by which turns are routed, measured and paused. */
import { z } from "zod";

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

const TOPIC_OF_OPERATION: ReadonlyMap<string, string> = new Map([
  ["refund", "refund"],
  ["cancel_order", "cancellation"],
  ["start_return", "return"],
  ["exchange_item", "return"],
  ["resend_invoice", "payments"],
  ["change_address", "address"],
  ["reset_password", "password"],
]);

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
