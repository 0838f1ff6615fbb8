/**
 * Room: runs large text collections through whole turns to find crashes and missing outcomes.
 * In: texts or raw mails from a file.
 * Out: one outcome or crash for each text, and the figures over all of them.
 * May touch: an evaluation stage with its database and sample shop; no real mailbox, vendor or model.
 * This file: opens the stage and runs one text until it has an outcome.
 */
import { reasonOf } from "#core/values/errors.ts";
import { intake } from "#jobs/intake.ts";
import { connectedChannel, type JobContext } from "#jobs/context/job-context.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { pendingApproval } from "#store/approvals/approvals.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import { waitingDeadLetters } from "#store/effects/dead-letters.ts";
import { findTurns } from "#store/conversations/traces.ts";
import { BARE_CASE, type EvalCase } from "#evals/case.ts";
import { messageOf } from "#evals/harness/messages.ts";
import { ARRIVED_BEFORE_MS, takeIn } from "#evals/harness/play.ts";
import { openOnStage, type Stage } from "#evals/harness/product.ts";
import { mailDelivery, mailChannel } from "./mail-door.ts";
import type { FloodText } from "./texts.ts";
import { CHECK_THREW } from "#core/values/thrown.ts";

/** The world is reset this often, so that daily and hourly caps do not affect the result. */
const TEXTS_PER_WORLD = 40;

/** Longer than the longest delay before a failed wake is retried. */
const HOLD_MS = 600_000;

/** Enough wakes to make a dead letter of work that fails every time. */
const WAKES_MAX = 12;

/** The channel a text arrives by. */
export type FloodChannel = "email" | "chat";

/** The result of one text. */
export interface Played {
  readonly id: string;
  /**
   * The recorded outcome: that of the message, `asked` for a card that waits, or `noted` for mail that asks for
   * nothing.
   */
  readonly outcome: string | null;
  /** Why it counts as crashed: the exception, or the reason of the dead letter. */
  readonly crash: string | null;
  readonly ms: number;
}

/** Runs texts: the product's own wiring on an empty database, with the rehearsal model. */
export interface FloodWorld {
  play(text: FloodText, channel: FloodChannel): Promise<Played>;
  close(): Promise<void>;
}

/** Opens the world; `exchange` replaces parts of the product. */
export function openFlood(
  exchange: (parts: JobContext) => JobContext = (parts) => parts,
): Promise<FloodWorld> {
  return openOnStage(
    "flood",
    {},
    // Search by keywords only: embeddings would take more time than everything under test.
    () => ({ settings: { EMBEDDINGS: "off" }, exchange: (wired) => wired }),
    (stage, close) => {
      const mail = mailChannel(stage);
      const own = exchange(stage.parts);
      const parts: JobContext = { ...own, channels: new Map([...own.channels, ["email", mail]]) };
      const played = { count: 0 };
      return {
        async play(text, channel) {
          if (played.count % TEXTS_PER_WORLD === 0) await stage.reset({});
          played.count += 1;
          return playOne({ ...stage, parts }, text, { channel, number: played.count });
        },
        close,
      };
    },
  );
}

/** A sender the shop knows, so that requests lead to lookups. */
function writerOf(channel: FloodChannel): EvalCase {
  return { ...BARE_CASE, identity: { customer: "u123", level: 2 }, channel };
}

async function playOne(
  stage: Stage,
  text: FloodText,
  { channel, number }: { readonly channel: FloodChannel; readonly number: number },
): Promise<Played> {
  const started = performance.now();
  const told = (outcome: string | null, crash: string | null): Played => ({
    id: text.id,
    outcome,
    crash,
    ms: performance.now() - started,
  });
  try {
    const ids = await take(stage, text, { channel, number });
    // Our own mail, and anything else the channel ignores.
    if (ids.length === 0) return told("noted", null);
    const ends = [];
    for (const id of ids) ends.push(await workOff(stage, id));
    const crash = ends.find((end) => end.crash !== null)?.crash ?? null;
    const open = ends.some(({ outcome }) => outcome === null);
    return told(open ? null : (ends[0]?.outcome ?? null), crash);
  } catch (error) {
    return told(null, reasonOf(error));
  }
}

/** Takes a text in by its channel; returns the ids of its conversations. */
async function take(
  { parts, clock }: Stage,
  text: FloodText,
  { channel, number }: { readonly channel: FloodChannel; readonly number: number },
): Promise<readonly string[]> {
  const at = new Date(clock.now().getTime() - ARRIVED_BEFORE_MS);
  const name = `flood-${number}`;
  if ("mail" in text)
    return (await intake(parts, connectedChannel(parts, "email"), mailDelivery(text.mail, at)))
      .conversationIds;
  const message = messageOf(writerOf(channel), { text: text.text }, { key: name, at });
  return takeIn(parts, channel, name, message);
}

/** Processes a conversation until it has an outcome, as the reconciler would; the clock skips the delay of a retry. */
async function workOff(
  { parts, store, clock, fakeQueue }: Stage,
  conversationId: string,
): Promise<Pick<Played, "outcome" | "crash">> {
  for (let wakes = 0; ; wakes += 1) {
    await processConversation(parts, conversationId);
    for (const id of fakeQueue.take()) await processConversation(parts, id);
    const end = await store.run((transaction) => endOf(transaction, conversationId));
    if (end.outcome !== null || wakes >= WAKES_MAX) return end;
    clock.skip(HOLD_MS);
  }
}

async function endOf(
  transaction: Parameters<typeof conversationMessages>[0],
  conversationId: string,
): Promise<Pick<Played, "outcome" | "crash">> {
  const letter = (await waitingDeadLetters(transaction, 50)).find(
    (one) => one.conversationId === conversationId,
  );
  if (letter !== undefined) return { outcome: "failed", crash: `dead letter: ${letter.reason}` };
  const turns = await findTurns(transaction, conversationId);
  const thrown = turns
    .filter(({ spans }) => spans.some(({ name }) => name === CHECK_THREW))
    .map(({ outcome_reason }) => outcome_reason);
  const messages = await conversationMessages(transaction, conversationId);
  const [asked] = messages.filter(({ message }) => message.author.kind === "requester");
  const card = await pendingApproval(transaction, conversationId);
  const isRead = messages.length > 0;
  const outcome =
    asked === undefined ? (isRead ? "noted" : null) : (asked.outcome ?? (card && "asked"));
  return { outcome, crash: thrown[0] ?? null };
}
