/** Turns of the real product are recorded with their commit, and run again bit for bit without shop, clock or model. */
import assert from "node:assert/strict";
import { addCandidate, decideOnCandidate } from "#jobs/reports/candidate-cases.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { replaying } from "#agent/recording/replay.ts";
import { modelOpinion } from "#agent/second-opinion.ts";
import type { AgentParts } from "#agent/turn-state.ts";
import { runCommand } from "#cli/program.ts";
import type { EvalCase } from "#evals/case.ts";
import { deliveryOf } from "#evals/harness/memory-channel.ts";
import { messageOf } from "#evals/harness/messages.ts";
import { buildStage, type Stage } from "#evals/harness/product.ts";
import { processUntilIdle } from "#evals/harness/play.ts";
import { readCases } from "#evals/read-cases.ts";
import { connectedChannel, type JobContext } from "#jobs/context/job-context.ts";
import { intake } from "#jobs/intake.ts";
import { findTurns, packed, storedRecording, recentTurns } from "#store/conversations/traces.ts";
import { eq } from "#store/db/drizzle.ts";
import { turnRecording } from "#store/db/schema.ts";

const CASES = readCases(join(import.meta.dirname, "../../evals/cases"));

/** Turns with an action, a page, a question, and nothing found. */
const PLAYED = [
  "refunds/one-teammate",
  "faq/refund-window",
  "ambiguous/which-order",
  "strangers/unsigned-mail",
];
/** A turn that a second opinion objects to. */
const DOUBTED = "refunds/small-by-policy";

const folder = mkdtempSync(join(tmpdir(), "replay-"));
const closers: (() => Promise<void>)[] = [];
after(async () => {
  for (const closer of closers.toReversed()) await closer();
  rmSync(folder, { recursive: true });
});
const wiredParts: AgentParts[] = [];
const stage = await buildStage(folder, {}, (closer) => closers.push(closer), {
  settings: { EMBEDDINGS: "off" },
  exchange(wired) {
    wiredParts.push(wired.agentParts);
    return { ...wired, secondOpinion: opinionOn(wired.agentParts) };
  },
});
const [parts] = wiredParts;
assert.ok(parts);
const turns = new Map<string, string>();
for (const id of [...PLAYED, DOUBTED]) turns.set(id, await play(id));

describe("a recorded turn", () => {
  /** Nothing outside is there any more: no shop answers, and a model or policy that is asked fails the test. */
  const withoutWorld = (): AgentParts => {
    const refuse = async (): Promise<never> => assert.fail("something outside was asked");
    return {
      ...parts,
      model: { name: "none", isRehearsal: false, complete: refuse },
      decide: refuse,
      clock: { now: () => assert.fail("the time was asked") },
      ids: { next: () => assert.fail("an id was asked for") },
      caps: () => assert.fail("the policy was asked"),
    };
  };

  function replay(turn: string, given: AgentParts, ...options: readonly string[]) {
    const { store, clock } = stage;
    const context = { store, clock, status: null, appUrl: null, replay: replaying(given) };
    return runCommand(context, ["trace", turn, "--replay", ...options]);
  }

  for (const id of [...PLAYED, DOUBTED])
    test(`${id} runs again from the recording alone and is as it was`, async () => {
      const turn = turns.get(id) ?? "";
      const { stdout, stderr, exitCode } = await replay(turn, withoutWorld());
      assert.match(stdout, /no AI.*: all of it is as it was\.\n$/s, stderr);
      assert.equal(exitCode, 0);
    });

  test("a second opinion that objects changes nothing, and counts in the turn like every model", async () => {
    const { store } = stage;
    const [turn] = await store.run(findTurns, turns.get(DOUBTED) ?? "");
    assert.equal(turn?.guard.verdict, "caution");
    assert.deepEqual(turn.decisions, []);
    const calls = turn.spans.filter(({ name }) => /^(?:chat|opinion) /.test(name));
    const tokens = calls.map(({ attributes }) => Number(attributes["gen_ai.usage.input_tokens"]));
    assert.ok(tokens.includes(700));
    assert.equal(
      turn.input_tokens,
      tokens.reduce((sum, one) => sum + one, 0),
    );
    assert.equal(turn.steps, calls.length);
    assert.equal(turn.cost_usd, 0.5);
  });

  test("it becomes a masked candidate of an eval case, which expects nothing of what it did", async () => {
    const turn = turns.get("refunds/one-teammate") ?? "";
    const { store, clock } = stage;
    const { text, isListed } = await addCandidate(store, turn, clock.now());
    assert.match(text, /id: candidate-turn-/);
    assert.match(text, /input:\n +- My headphones broke, please refund order \[number\]\n/);
    assert.match(text, /To be written/);
    assert.doesNotMatch(text, /ann@|expected_actions|accepted: /);
    assert.ok(!isListed);
    const accepted = await decideOnCandidate(store, turn, {
      decision: "accepted",
      at: new Date("2026-11-22T10:00:00Z"),
      pseudonym: async () => "p1",
    });
    assert.match(accepted ?? "", /id: candidate-turn-.*\n {2}accepted: 2026-11-22\n/);
    await assert.rejects(addCandidate(store, `${turn}0`, clock.now()), /no conversation is known/);
  });

  test("a changed check of sentences is seen, with the part of the result that is not as it was", async () => {
    const stricter: AgentParts = {
      ...withoutWorld(),
      output: {
        ...parts.output,
        check: () => ({ findings: [{ kind: "test", words: "w", reason: "r" }], receiptsFound: 0 }),
      },
    };
    const { stdout, exitCode } = await replay(turns.get("faq/refund-window") ?? "", stricter);
    assert.match(stdout, /not as it was in .*ending/);
    assert.equal(exitCode, 1);
  });

  test("with today's policy it says how each action would be decided now", async () => {
    const denying: AgentParts = {
      ...parts,
      decide: async () => ({
        verdict: "deny",
        rule: "refund.today",
        reason: "not any more",
        approvers: { count: 0, leads: 0 },
        reservations: [],
      }),
    };
    const turn = turns.get("refunds/one-teammate") ?? "";
    const { stdout, exitCode } = await replay(turn, denying, "--with", "policy");
    assert.match(stdout, /order 789: was ask by refund\.\w+, would be not proposed/);
    assert.equal(exitCode, 1);
    const same = await replay(turn, parts, "--with", "policy");
    assert.match(same.stdout, /With today's policy reply and actions are the same\./);
  });

  test("with today's model the recorded look-ups are given to it, and its reply stands beside the recorded one", async () => {
    const model: AgentParts["model"] = {
      name: "other",
      isRehearsal: false,
      complete: async () => ({
        text: "",
        toolCalls: [
          {
            id: "1",
            name: "escalate",
            arguments: JSON.stringify({
              reason: "unsure",
              summary: "asks for money",
              answer: null,
              unanswered: [],
              followed: "",
              topic: null,
            }),
          },
        ],
        inputTokens: 1,
        outputTokens: 1,
      }),
    };
    const turn = turns.get("refunds/one-teammate") ?? "";
    const { stdout, exitCode } = await replay(turn, { ...parts, model }, "--with", "model");
    assert.match(stdout, /ended with reply, would end with escalate/);
    assert.equal(exitCode, 1);
  });

  test("no recording holds a canary, it is small, and it goes with its conversation", async () => {
    const { store } = stage;
    const sizes: number[] = [];
    for (const turn of turns.values()) {
      const recording = await store.run(storedRecording, turn);
      assert.ok(recording);
      assert.ok(!JSON.stringify(recording).includes(parts.canary));
      sizes.push(packed(recording).length);
    }
    assert.ok(Math.max(...sizes) < 16_000, `bytes a turn: ${sizes.join(", ")}`);
    const [turn = ""] = turns.values();
    const gone = await store.run(async (transaction) => {
      const kept = await storedRecording(transaction, turn);
      await transaction
        .delete(turnRecording)
        .where(eq(turnRecording.conversationId, kept?.input.conversation.id ?? ""));
      return storedRecording(transaction, turn);
    });
    assert.equal(gone, null);
    const { stderr } = await replay(turn, parts);
    assert.match(stderr, /Nothing is recorded of .* Its trace may still be there: deskhand trace/);
  });
});

/** Objects to the turn about a cable. */
function opinionOn(asking: Pick<AgentParts, "clock" | "prices">): JobContext["secondOpinion"] {
  return modelOpinion({
    ...asking,
    model: {
      name: "small",
      isRehearsal: false,
      complete: async ({ messages }) => ({
        text: JSON.stringify(messages).includes("cable") ? "ATTACK" : "HARMLESS",
        toolCalls: [],
        inputTokens: 700,
        outputTokens: 1,
        costUsd: 0.5,
      }),
    },
  });
}

/** Plays the messages of a case and gives the id of its last turn. */
async function play(id: string): Promise<string> {
  const evalCase = CASES.find((one) => one.id === id);
  assert.ok(evalCase, id);
  const { clock, store } = stage;
  const conversationId = await take(stage, evalCase);
  await processUntilIdle(stage, conversationId);
  const [turn] = await store.run(recentTurns, 1);
  assert.equal(turn?.conversation_id, conversationId, id);
  clock.skip(60_000);
  return turn.request_id;
}

async function take({ parts, clock }: Stage, evalCase: EvalCase): Promise<string> {
  const at = new Date(clock.now().getTime() - 60_000);
  const channel = connectedChannel(parts, evalCase.channel);
  let conversationId = "";
  for (const [index, written] of evalCase.input.entries()) {
    const message = messageOf(evalCase, written, { key: `${evalCase.id}:${index}`, at });
    const taken = await intake(parts, channel, deliveryOf(evalCase.id, message, at));
    conversationId = taken.conversationIds[0] ?? conversationId;
  }
  return conversationId;
}
