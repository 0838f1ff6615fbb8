/** The history of a story: messages, deliveries and clicks that later steps refer to. */
import type { Card, DeskDecision } from "#core/contracts/approval-desk.ts";
import type { Delivery } from "#core/contracts/channel.ts";
import type { Message } from "#core/values/message.ts";
import type { MemoryChannel } from "./memory-channel.ts";
import type { TestEnvironment } from "./environment.ts";
import type { Place } from "./step.ts";

/** A customer's message, where it was written and how it was delivered. */
interface Said {
  readonly place: Place;
  readonly thread: string;
  readonly message: Message;
  readonly delivery: Delivery;
}

/** What has happened in a story so far, for the steps that refer to it. */
export interface StoryHistory {
  readonly said: Said[];
  readonly clicks: DeskDecision[];
  /** What happened at its source and was not delivered yet. */
  readonly unannounced: { readonly place: Place; readonly delivery: Delivery }[];
  /** A number that was not used before. */
  next(): number;
}

export function emptyHistory(): StoryHistory {
  const state = { count: 0 };
  return { said: [], clicks: [], unannounced: [], next: () => (state.count += 1) };
}

/** The channel of a place: one channel may have several places. */
export function channelName(place: Place): keyof TestEnvironment["channels"] {
  return place === "email 2" ? "email" : place;
}

export function channelAt(environment: TestEnvironment, place: Place): MemoryChannel {
  return environment.channels[channelName(place)];
}

/** The newest card, or the one this many before it, each as last shown. */
export function cardAt(environment: TestEnvironment, back: number): Card | undefined {
  const newest = new Map<string, Card>();
  for (const card of environment.desk.shown) {
    newest.delete(card.approvalId);
    newest.set(card.approvalId, card);
  }
  return [...newest.values()].at(-1 - back);
}
