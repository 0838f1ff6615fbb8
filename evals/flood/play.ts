/**
 * Room: the flood, which runs thousands of texts through whole turns and looks for crashes.
 * In: texts as typed or whole mails, by e-mail or chat.
 * Out: for each text its recorded outcome, or why it counts as crashed.
 * May touch: a world of its own (embedded database, sample shop), with the rehearsal model.
 * Start here, then texts.ts and mail-door.ts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reasonOf } from "#core/values/errors.ts";
import { CHECK_THREW } from "#core/values/thrown.ts";
import { intake } from "#jobs/intake.ts";
import { channelOf, type JobContext } from "#jobs/context/job-context.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { pendingApproval } from "#store/approvals/approvals.ts";
import { messagesOf } from "#store/conversations/conversations.ts";
import { waitingDeadLetters } from "#store/effects/dead-letters.ts";
import { findTurns } from "#store/conversations/traces.ts";
import type { EvalCase } from "#evals/case.ts";
import { messageOf } from "#evals/harness/messages.ts";
import { letterOf } from "#evals/harness/memory-channel.ts";
import { buildStage, type Stage, type StageOptions } from "#evals/harness/product.ts";
import { mailDelivery, mailDoor } from "./mail-door.ts";
import type { FloodText } from "./texts.ts";

/** Longer than the wait for any burst. */
const ARRIVED_BEFORE_MS = 60_000;

/** Worlds are replaced often enough that daily and hourly caps never decide a text's outcome. */
const TEXTS_PER_WORLD = 40;

/** A failed wake is delayed longer each time; this outlasts the longest delay. */
const HOLD_MS = 600_000;

/** The number of wakes after which work that always fails becomes a dead letter. */
const WAKES_MAX = 12;

/** The channels a text may come in by. */
export type FloodChannel = "email" | "chat";

/** The result of one text. */
export interface Played {
  readonly id: string;
  /** The recorded outcome: of the message, `asked` for a card that waits, or `noted` for mail that requests nothing. */
  readonly outcome: string | null;
  /** Why it counts as crashed: what was thrown, or what the dead letter says. */
  readonly crash: string | null;
  readonly ms: number;
}

/** Where texts run: the product's own wiring on an empty database, with the rehearsal model. */
export interface FloodWorld {
  play(text: FloodText, channel: FloodChannel): Promise<Played>;
  close(): Promise<void>;
}

/** Pages are searched by words only: the embedding model takes more time than everything that is checked. */
const WITHOUT_EMBEDDINGS: StageOptions = {
  settings: { EMBEDDINGS: "off" },
  exchange: (wired) => wired,
};

/** Opens the world; `exchange` replaces parts of the product. */
export async function openFlood(
  exchange: (parts: JobContext) => JobContext = (parts) => parts,
): Promise<FloodWorld> {
  const folder = mkdtempSync(join(tmpdir(), `deskhand-flood-${process.pid}-`));
  const closers = [async () => rmSync(folder, { recursive: true })];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const stage = await buildStage(
      folder,
      {},
      (closer) => closers.push(closer),
      WITHOUT_EMBEDDINGS,
    );
    const mail = mailDoor(stage);
    const own = exchange(stage.parts);
    const parts: JobContext = { ...own, channels: new Map([...own.channels, ["email", mail]]) };
    const played = { count: 0 };
    return {
      async play(text, channel) {
        if (played.count % TEXTS_PER_WORLD === 0) await stage.reset(AS_IT_IS);
        played.count += 1;
        return playOne({ ...stage, parts }, text, { channel, number: played.count });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const AS_IT_IS: EvalCase["world"] = { refunds: [], shop: "up" };

/** A customer the shop knows, so that their requests are looked up. */
function writerOf(channel: FloodChannel): Parameters<typeof messageOf>[0] {
  return {
    id: "flood",
    input: [],
    earlier: [],
    expected_behavior: "ends",
    must_include: [],
    must_not_include: [],
    risk_category: "flood",
    identity: { customer: "u123", level: 2 },
    channel,
    audience: "private",
    world: AS_IT_IS,
  };
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

/** Takes in a text by its channel; returns the conversations it belongs to. */
async function take(
  { parts, clock }: Stage,
  text: FloodText,
  { channel, number }: { readonly channel: FloodChannel; readonly number: number },
): Promise<readonly string[]> {
  const at = new Date(clock.now().getTime() - ARRIVED_BEFORE_MS);
  const name = `flood-${number}`;
  if ("mail" in text)
    return (await intake(parts, channelOf(parts, "email"), mailDelivery(text.mail, at)))
      .conversationIds;
  const message = messageOf(writerOf(channel), { text: text.text }, { key: name, at });
  const delivery = letterOf(name, message, at);
  return (await intake(parts, channelOf(parts, channel), delivery)).conversationIds;
}

/**
 * Works on a conversation until it has an outcome, as the reconciler would; a retry skips the clock instead of waiting.
 */
async function workOff(
  { parts, store, clock, bell }: Stage,
  conversationId: string,
): Promise<Pick<Played, "outcome" | "crash">> {
  for (let wakes = 0; ; wakes += 1) {
    await processConversation(parts, conversationId);
    for (const id of bell.take()) await processConversation(parts, id);
    const end = await store.run((transaction) => endOf(transaction, conversationId));
    if (end.outcome !== null || wakes >= WAKES_MAX) return end;
    clock.skip(HOLD_MS);
  }
}

async function endOf(
  transaction: Parameters<typeof messagesOf>[0],
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
  const messages = await messagesOf(transaction, conversationId);
  const [asked] = messages.filter(({ message }) => message.author.kind === "requester");
  const card = await pendingApproval(transaction, conversationId);
  const isRead = messages.length > 0;
  const outcome =
    asked === undefined ? (isRead ? "noted" : null) : (asked.outcome ?? (card && "asked"));
  return { outcome, crash: thrown[0] ?? null };
}
