/** Shows the team a first card: of a conversation that is there already, otherwise of a sample. */

import { setTimeout as delay } from "node:timers/promises";
import type { Channel } from "#core/contracts/channel.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Delivery } from "#core/values/delivery.ts";
import { hasPostedCard } from "#store/approvals/approval-cards.ts";
import { findTurns } from "#store/conversations/traces.ts";
import type { JobContext } from "./context/job-context.ts";
import { intake } from "./intake.ts";

/** A conversation a first card may be about. */
export interface CardSubject {
  /** Named in the answer, such as "ticket 4711". */
  readonly name: string;
  readonly channel: Channel;
  readonly delivery: Delivery;
}

/** A turn with a model takes seconds; a subject without a card by then went to people in another way. */
const CARD_MS_MAX = 25_000;
const LOOK_MS = 250;

/**
 * Takes the subjects in, one after another, until a card about one of them is on the desk, and returns its name. Throws
 * `channel.unavailable`, with the last conversation and what came of it, when there is none. Refused on a channel that does more than shadow: a sample must never be answered, and a real
 * conversation is answered in its own time.
 */
export async function showFirstCard(
  context: JobContext,
  subjects: readonly CardSubject[],
  /** How long a card of one subject is waited for. */
  cardMs: number = CARD_MS_MAX,
): Promise<string> {
  let tried: readonly string[] = [];
  for (const { channel, delivery, name } of subjects) {
    requireShadow(context, channel);
    const { conversationIds } = await intake(context, channel, delivery);
    if (await isPosted(context, conversationIds, cardMs)) return name;
    tried = conversationIds;
  }
  const id = tried[0] ?? "";
  throw new DeskhandError(
    "channel.unavailable",
    `no card came up within the time: ${await whatCame(context, id)}; \`deskhand trace ${id}\` shows all of it`,
  );
}

/** What the newest turn ended with. */
async function whatCame({ store }: JobContext, conversationId: string): Promise<string> {
  const [turn] = await store.run((transaction) => findTurns(transaction, conversationId));
  if (turn === undefined) return "its turn has not ended, and `deskhand doctor` says what is away";
  return turn.outcome_reason === "" ? turn.outcome : turn.outcome_reason;
}

function requireShadow({ policy }: JobContext, { name }: Channel): void {
  const sending = ["", ...policy.topics].some(
    (topic) => policy.replyAutonomy(name, topic) !== "shadow",
  );
  if (sending)
    throw new DeskhandError(
      "config.invalid",
      `${name} does more than shadow, so a first card could be answered. Real messages show cards there.`,
    );
}

async function isPosted(
  { store }: JobContext,
  conversationIds: readonly string[],
  cardMs: number,
): Promise<boolean> {
  const end = performance.now() + cardMs;
  while (performance.now() < end) {
    if (await store.run((transaction) => hasPostedCard(transaction, conversationIds))) return true;
    await delay(LOOK_MS);
  }
  return false;
}
