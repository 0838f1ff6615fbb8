/** The messages of a run as their writers know them, and the wait until it can be judged what became of them. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { lookInChat, sendInChat } from "#test/support/visitor.ts";
import type { ExternalState, Sent, Shown } from "./evidence.ts";

/** How a message's answer is known, and how many there may be. */
export interface Expected {
  readonly answer?: RegExp | null;
  readonly answersMost?: number;
}

/** The statuses the sender of a chat message got, one for each try. */
export interface ChatTries {
  readonly statuses: readonly number[];
}

/** Where visitors write and look, and the tokens they bring. */
export interface ChatDoor {
  /** A later address is tried when the one before is away, as behind a load balancer. */
  urls(): readonly string[];
  token(user: string): Promise<string>;
  /** True where a chat without a page is an error; otherwise its writer sees nothing there. */
  readonly hasEveryPage: boolean;
}

/** What was written and accepted, and what has to be there in the end. */
export interface Messages extends Pick<ExternalState, "wanted" | "wantedChanges"> {
  /** Those of a chat count as written in the order of the calls. */
  sent(): readonly Sent[];
  /** Notes one that was accepted on another channel than the chat. */
  accepted(one: Omit<Sent, "answer" | "answersMost">, expected: Expected): void;
  /**
   * A chat message under one id, sent again while the answer is 5xx or none, as a widget does. It counts as accepted
   * with the first 2xx; throws when there never is one, unless it may be refused.
   */
  readonly chat: (
    user: string,
    conversation: string,
    text: string,
    more?: Expected & {
      readonly triesMost?: number;
      readonly id?: string;
      readonly mayBeRefused?: boolean;
    },
  ) => Promise<ChatTries>;
  /** What the writers see in their chats. */
  shownInChats(): Promise<readonly Shown[]>;
  /** A refund that has to be there in the end. */
  readonly wantRefund: (order: string, amount: number) => void;
  /** Another change of an order that has to be there once, by the name the shop's journal has for it. */
  readonly wantChange: (what: string, order: string) => void;
}

const TRIES = 60;
const PAUSE_MS = 1_000;

/** Nothing is written yet. */
export function noMessages(door: ChatDoor): Messages {
  const written: (Sent | null)[] = [];
  const wanted = new Map<string, number[]>();
  const wantedChanges: ExternalState["wantedChanges"][number][] = [];
  const sent = (): readonly Sent[] => written.filter((one) => one !== null);
  const note = (
    place: number,
    one: Omit<Sent, "answer" | "answersMost">,
    { answer = null, answersMost = 1 }: Expected,
  ): void => {
    if (!sent().some(({ channel, id }) => channel === one.channel && id === one.id))
      written[place] = { ...one, answer, answersMost };
  };
  return {
    wanted,
    wantedChanges,
    sent,
    accepted: (one, expected) => note(written.length, one, expected),
    async chat(user, conversation, text, options = {}) {
      const { triesMost = TRIES, id = randomUUID(), mayBeRefused = false, ...more } = options;
      const place = written.push(null) - 1;
      const statuses: number[] = [];
      for (let tries = 0; tries < triesMost; tries += 1) {
        const urls = door.urls();
        const message = { token: await door.token(user), user, conversation, text, id };
        const answer = await sendInChat(urls[tries % urls.length] ?? "", message);
        // For a sender no answer is like any other 5xx.
        const status = answer.status ?? 599;
        statuses.push(status);
        if (status >= 200 && status < 300) {
          note(place, { channel: "chat", conversation: `${user}:${conversation}`, id }, more);
          return { statuses };
        }
        // A sender who is told that the message itself is wrong does not send it again.
        if (status >= 400 && status < 500 && status !== 429) break;
        await delay(status === 429 ? answer.retryAfterMs : PAUSE_MS);
      }
      if (mayBeRefused) return { statuses };
      throw new Error(`the chat message “${text}” was never accepted (${statuses.join(", ")})`);
    },
    async shownInChats() {
      const chats = sent().filter(({ channel }) => channel === "chat");
      const shown: Shown[] = [];
      for (const place of new Set(chats.map(({ conversation }) => conversation))) {
        const [user = "", conversation = ""] = place.split(":");
        const page = await lookInChat(door.urls(), conversation, await door.token(user));
        if (page === null && door.hasEveryPage) throw new Error(`there is no chat ${conversation}`);
        for (const [index, { text }] of (page?.messages ?? []).entries())
          shown.push({
            channel: "chat",
            conversation: place,
            id: `${place}:${index}`,
            inReplyTo: null,
            text,
          });
      }
      return shown;
    },
    wantRefund: (order, amount) => void wanted.set(order, [...(wanted.get(order) ?? []), amount]),
    wantChange: (what, order) => void wantedChanges.push({ what, order }),
  };
}

/** Long enough for the reconciler to tick and for a job that waits a second to run. */
const QUIET_MS = 2_000;

/**
 * Waits until nothing is left to do and a moment of quiet has passed, at most for so long. A click that was just made is
 * worked on in that moment; then there is something to wait for again.
 */
export async function untilQuiet(settled: () => Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (let isQuiet = false; !isQuiet && Date.now() < deadline;) {
    const before = await settled().catch(() => false);
    await delay(before ? QUIET_MS : 250);
    isQuiet = before && (await settled().catch(() => false));
  }
}
