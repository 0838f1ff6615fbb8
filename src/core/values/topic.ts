/** The topics by which turns are routed, measured and paused. */

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
