/** Plays one case: earlier turns, its own messages, what the customer writes on, what teammates decide, what time does. */
import { intake } from "#jobs/intake.ts";
import type { Message } from "#core/values/message.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { connectedChannel, type JobContext } from "#jobs/context/job-context.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import type { EvalCase, InputMessage } from "#evals/case.ts";
import { customerOf, type TurnSeen } from "./customer.ts";
import { deliveryOf } from "./memory-channel.ts";
import { messageOf } from "./messages.ts";
import { type Before, observe } from "./observe.ts";
import { type Observed, overTurns } from "./observation.ts";
import type { Stage } from "./product.ts";
import { type Approved, decideCards, NOTHING_APPROVED } from "./team.ts";

/** Longer than the longest wait for a burst of messages. */
export const ARRIVED_BEFORE_MS = 60_000;
/** The time between two messages of a customer. */
const BETWEEN_TURNS_MS = 600_000;
const WAKES_MAX = 10;
/** While time passes, what is due is looked at every minute at first, then often enough that it counts as watched. */
const EVERY_MINUTE_UNTIL = 30;
const LOOK_EVERY_MINUTES = 8;
const MINUTE_MS = 60_000;

/**
 * Runs one case: earlier turns with everything approved, then its own messages and those its customer writes on. On the
 * last of them no teammate decides, unless the case says so.
 */
export async function play(stage: Stage, evalCase: EvalCase): Promise<Observed> {
  await stage.reset({ ...evalCase.world, faults: evalCase.faults });
  stage.usePolicy(evalCase.policy ?? null);
  for (const [index, text] of evalCase.earlier.entries()) {
    const conversationId = await take(stage, evalCase, [{ text }], `earlier-${index}`);
    await decide(stage, conversationId, "approves");
    stage.clock.skip(BETWEEN_TURNS_MS);
  }
  const before = beforeOf(stage);
  const { conversationId, turns, last, approved, durationMs } = await talk(stage, evalCase);
  await passTime(stage, conversationId, evalCase.later_minutes ?? 0);
  const journal = stage.shop.journal();
  const all = await observe({ ...stage, conversationId, before, journal, durationMs });
  // How the talk ended is about its last turn alone, with what teammates and time made of it.
  const end = await observe({ ...stage, conversationId, before: last, journal, durationMs });
  return overTurns({ ...all, outcome: end.outcome }, turns, approved);
}

interface Talked {
  readonly conversationId: string;
  readonly turns: readonly Observed[];
  /** The state before the last turn. */
  readonly last: Before;
  readonly approved: Approved;
  /** What the product took for its answers, without what teammates decide. */
  readonly durationMs: number;
}

/** The messages of the case and those its customer writes on, until they leave it or have written enough. */
async function talk(stage: Stage, evalCase: EvalCase): Promise<Talked> {
  const customer = customerOf(evalCase, stage.customerModel);
  const turnsMax = evalCase.customer?.turns_max ?? 1;
  const turns: Observed[] = [];
  const seen: TurnSeen[] = [];
  let approved = NOTHING_APPROVED;
  let conversationId = "";
  let last = beforeOf(stage);
  let messages: readonly InputMessage[] | null = evalCase.input;
  for (let turn = 0; messages !== null; turn += 1) {
    const before = beforeOf(stage);
    last = before;
    const startedAt = performance.now();
    conversationId = await take(stage, evalCase, messages, turn === 0 ? "input" : `turn-${turn}`);
    const durationMs = performance.now() - startedAt;
    const journal = stage.shop.journal();
    const one = await observe({ ...stage, conversationId, before, journal, durationMs });
    turns.push(one);
    seen.push({ ...one, topic: stage.results.slice(before.results).at(-1)?.topic ?? null });
    messages = turn + 1 < turnsMax ? await customer.next(seen) : null;
    const team = evalCase.team ?? (messages === null ? null : "approves");
    if (team !== null) approved = joined(approved, await decide(stage, conversationId, team));
    if (messages !== null) stage.clock.skip(BETWEEN_TURNS_MS);
  }
  const durationMs = turns.reduce((sum, one) => sum + one.durationMs, 0);
  return { conversationId, turns, last, approved, durationMs };
}

function joined(one: Approved, other: Approved): Approved {
  return { keys: [...one.keys, ...other.keys], texts: [...one.texts, ...other.texts] };
}

function beforeOf(stage: Stage): Before {
  return {
    sent: stage.sent.length,
    results: stage.results.length,
    shopEffects: stage.shop.journal().length,
    at: stage.clock.now(),
  };
}

/** What waits is decided, and carried out after its undo period. */
async function decide(
  stage: Stage,
  conversationId: string,
  team: "approves" | "rejects",
): Promise<Approved> {
  const approved = await decideCards(stage, conversationId, team);
  stage.clock.skip(stage.parts.policy.undoMs);
  await processUntilIdle(stage, conversationId);
  return approved;
}

async function passTime(stage: Stage, conversationId: string, minutes: number): Promise<void> {
  for (let passed = 0; passed < minutes;) {
    const step = passed < EVERY_MINUTE_UNTIL ? 1 : LOOK_EVERY_MINUTES;
    const next = Math.min(minutes, passed + step);
    stage.clock.skip((next - passed) * MINUTE_MS);
    passed = next;
    await processUntilIdle(stage, conversationId);
  }
}

/** Takes the messages in as one burst and processes the conversation; returns its id. */
async function take(
  stage: Stage,
  evalCase: EvalCase,
  messages: readonly InputMessage[],
  name: string,
): Promise<string> {
  const { parts, clock } = stage;
  let conversationId = "";
  for (const [index, written] of messages.entries()) {
    const at = new Date(clock.now().getTime() - ARRIVED_BEFORE_MS + index);
    const message = messageOf(evalCase, written, {
      key: `eval:${evalCase.id}:${name}:${index}`,
      at,
    });
    const taken = await takeIn(parts, evalCase.channel, evalCase.id, message);
    conversationId = taken[0] ?? conversationId;
  }
  await processUntilIdle(stage, conversationId);
  return conversationId;
}

/** Takes a message in by this channel as soon as it is sent; gives the ids of its conversations. */
export async function takeIn(
  parts: JobContext,
  channel: ChannelName,
  thread: string,
  message: Message,
): Promise<readonly string[]> {
  const delivery = deliveryOf(thread, message, new Date(message.sentAt));
  return (await intake(parts, connectedChannel(parts, channel), delivery)).conversationIds;
}

/** The same, and all that comes of it. */
export async function deliver(
  stage: Pick<Stage, "parts" | "fakeQueue">,
  ...letter: readonly [channel: ChannelName, thread: string, message: Message]
): Promise<readonly string[]> {
  const conversationIds = await takeIn(stage.parts, ...letter);
  for (const id of conversationIds) await processUntilIdle(stage, id);
  return conversationIds;
}

/** Processes the conversation and those it wakes, such as the other side of a hand-over. */
export async function processUntilIdle(
  { parts, fakeQueue }: Pick<Stage, "parts" | "fakeQueue">,
  conversationId: string,
): Promise<void> {
  await processConversation(parts, conversationId);
  for (let wakes = 0; wakes < WAKES_MAX; wakes += 1) {
    const next = fakeQueue.take();
    if (next.length === 0) return;
    for (const id of next) await processConversation(parts, id);
  }
}
