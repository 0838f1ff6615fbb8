/** The summary of a hand-over: who wants what, what the shop says, and what they were promised. */

import { quotedExcerpt } from "#core/values/card-text.ts";
import { TOPICS } from "#core/values/vocabulary.ts";

const SUBJECT_MAX = 120;

/** An answer that went out with the hand-over is told in full as far as a note can hold it. */
const TOLD_MAX = 600;

/** What a summary is made from. */
export interface SummaryFacts {
  readonly name: string;
  readonly channel: string;
  /** As far as the turn found one; empty otherwise. */
  readonly topic: string;
  readonly subject: string;
  /** How many messages are unanswered. */
  readonly messageCount: number;
  /** The model's own summary, or what happened instead of one; empty when neither is known. */
  readonly words: string;
  /** True when a model wrote the words; then they stand first and replace the composed sentence. */
  readonly isModelsOwn: boolean;
  /** What the shop says, a line an order. */
  readonly orders: readonly string[];
  /** Questions and wishes that nothing has answered. */
  readonly unanswered: readonly string[];
  /** The text the customer gets with the hand-over; empty when they get none. */
  readonly told: string;
}

/** Topics as they stand in a sentence; a topic of the policy or of a tool is written with spaces. */
const TOPIC_WORDS: Readonly<Record<(typeof TOPICS)[number], string>> = {
  order_status: "where an order is",
  refund: "a refund",
  cancellation: "a cancellation",
  return: "a return or an exchange",
  address: "a change of address",
  password: "a password",
  payments: "a payment",
  faq: "a general question",
  greeting: "",
  other: "",
};

/** In reading order, a line each. The customer's own words are no summary: they stand below it. */
export function handOverSummary(facts: SummaryFacts): string {
  const { words, isModelsOwn, orders, unanswered, told } = facts;
  return [
    isModelsOwn && words !== "" ? words : [whoWantsWhat(facts), words].filter(isSaid).join(" "),
    ...orders.map((line) => `The shop says: ${line}`),
    ...unanswered.map((open) => `Not answered: ${open}`),
    told === ""
      ? "Promised to the customer: nothing."
      : `Told the customer: ${quotedExcerpt(told, TOLD_MAX)}`,
  ].join("\n");
}

function whoWantsWhat({ name, channel, topic, subject, messageCount }: SummaryFacts): string {
  const about = topicWords(topic);
  const titled = quotedExcerpt(subject, SUBJECT_MAX);
  const parts = [
    `${name} wrote by ${channel}`,
    about === "" ? "" : ` about ${about}`,
    titled === "" ? "" : `, subject ${titled}`,
    messageCount > 1 ? `, ${messageCount} messages without an answer` : "",
  ];
  return `${parts.join("")}.`;
}

function topicWords(topic: string): string {
  const known = TOPICS.find((one) => one === topic);
  return known === undefined ? topic.replaceAll("_", " ") : TOPIC_WORDS[known];
}

function isSaid(words: string): boolean {
  return words !== "";
}
