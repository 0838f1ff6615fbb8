/** Runs evaluation cases in the sample world: earlier turns, approvals, then the messages of the case. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { intake } from "#jobs/intake.ts";
import { channelOf } from "#jobs/context/job-context.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { TEAM } from "#sandbox/world.ts";
import { pendingApproval } from "#store/approvals/approvals.ts";
import type { EvalCase, InputMessage } from "#evals/case.ts";
import { messageOf } from "./messages.ts";
import { deliveryOf } from "./memory-channel.ts";
import { observe } from "./observe.ts";
import type { Observed } from "./observation.ts";
import { buildStage, type Stage } from "./product.ts";

/** Longer than the longest wait for a burst of messages. */
const ARRIVED_BEFORE_MS = 60_000;
/** The time between two messages of a customer. */
const BETWEEN_TURNS_MS = 600_000;
const WAKES_MAX = 10;

/** The sample world with the real Deskhand in it, reset for every case. */
export interface World {
  readonly modelName: string;
  /** The stage, for tests that inspect what a case left behind. */
  readonly stage: Stage;
  run(evalCase: EvalCase): Promise<Observed>;
  /** Stops everything and deletes what was written. */
  close(): Promise<void>;
}

/** Opens the world in a temporary folder; the environment chooses the model, and settings come on top. */
export async function openWorld(
  environment: NodeJS.ProcessEnv,
  settings: NodeJS.ProcessEnv = {},
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), `deskhand-evals-${process.pid}-`));
  const closers = [async () => rmSync(folder, { recursive: true })];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const stage = await buildStage(folder, environment, (closer) => closers.push(closer), {
      settings,
      exchange: (wired) => wired,
    });
    return {
      modelName: stage.parts.agent.modelName,
      stage,
      run: (evalCase) => play(stage, evalCase),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Runs one case: earlier turns with everything approved, then its own messages, on which no teammate decides. */
async function play(stage: Stage, evalCase: EvalCase): Promise<Observed> {
  await stage.reset(evalCase.world);
  for (const [index, text] of evalCase.earlier.entries()) {
    await approve(stage, await take(stage, evalCase, [{ text }], `earlier-${index}`));
    stage.clock.skip(BETWEEN_TURNS_MS);
  }
  const before = {
    sent: stage.sent.length,
    results: stage.results.length,
    shopEffects: stage.shop.journal().length,
    at: stage.clock.now(),
  };
  const startedAt = performance.now();
  const conversationId = await take(stage, evalCase, evalCase.input, "input");
  const durationMs = performance.now() - startedAt;
  return observe({ ...stage, conversationId, before, journal: stage.shop.journal(), durationMs });
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
    const channel = channelOf(parts, evalCase.channel);
    const taken = await intake(parts, channel, deliveryOf(evalCase.id, message, at));
    conversationId = taken.conversationIds[0] ?? conversationId;
  }
  await processUntilIdle(stage, conversationId);
  return conversationId;
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

/** Approves what waits, with as many teammates as it needs, and executes it after its undo period. */
async function approve(stage: Stage, conversationId: string): Promise<void> {
  const { parts, store, clock } = stage;
  const handler = deskHandler(parts);
  for (const teammate of [TEAM.sam, TEAM.lea].map(teammateOf)) {
    const card = await store.run((transaction) => pendingApproval(transaction, conversationId));
    if (card === null || card.kind !== "proposal") break;
    await handler.decide({
      decisionId: `${card.id}:${teammate.id}`,
      approvalId: card.id,
      version: card.version,
      button: "approve",
      teammate,
      reason: "",
      edit: null,
    });
  }
  clock.skip(parts.policy.undoMs);
  await processUntilIdle(stage, conversationId);
}

function teammateOf({
  name,
  email,
}: {
  readonly name: string;
  readonly email: string;
}): DeskTeammate {
  return { id: email, name, email, eligible: true };
}
