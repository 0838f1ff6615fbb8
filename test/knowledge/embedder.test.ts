import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import type { Worker } from "node:worker_threads";
import { type Embedder, workerEmbedder } from "#knowledge/embedder.ts";
import { PATIENCE_MS, until } from "#test/support/waiting.ts";
import { listeningLog } from "./bench.ts";

const COUNTING = new URL("./threads/counting.ts", import.meta.url);
const FAILING = new URL("./threads/failing.ts", import.meta.url);

function open(
  context: TestContext,
  options: Partial<Parameters<typeof workerEmbedder>[0]>,
): { embedder: Embedder; lines: string[] } {
  const log = listeningLog();
  const embedder = workerEmbedder({ log, ...options });
  context.after(() => embedder.close());
  return { embedder, lines: log.lines };
}

/** The next thread that is started anywhere in this process. */
async function nextThread(): Promise<Worker> {
  const [worker]: unknown[] = await once(process, "worker");
  return worker as Worker;
}

async function numberFrom(embedder: Embedder): Promise<number | undefined> {
  const [vector] = await embedder.embed(["a question"]);
  return vector?.[0];
}

/** An idle thread does not keep the process alive, so something else has to while a test waits. */
function stayAwake(context: TestContext): void {
  const timer = setInterval(() => undefined, 1_000);
  context.after(() => clearInterval(timer));
}

describe("the thread that computes embeddings", () => {
  test("texts of one meaning are nearer than others, and every vector has length 1", async (context) => {
    const { embedder } = open(context, {});
    const [refund = [], money = [], shoes = []] = await embedder.embed([
      "How do I get my money back?",
      "I would like a refund, please",
      "Which shoe size fits me?",
    ]);
    const product = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
      Array.from(a).reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
    assert.ok(product(refund, money) > product(refund, shoes) + 0.1);
    assert.ok(Math.abs(product(refund, refund) - 1) < 1e-4);
  });

  test("ends when it is not asked for a while, and the next question starts a new one", async (context) => {
    stayAwake(context);
    const { embedder, lines } = open(context, { script: COUNTING, idleMs: 20 });
    const thread = nextThread();
    assert.equal(await numberFrom(embedder), 1);
    await once(await thread, "exit");
    assert.equal(await numberFrom(embedder), 1);
    assert.deepEqual(lines, []);
  });

  test("does not keep the process alive while it is idle", async () => {
    const program = spawn(process.execPath, [join(import.meta.dirname, "threads/ask-once.ts")]);
    const kill = setTimeout(() => program.kill("SIGKILL"), PATIENCE_MS);
    const [code]: unknown[] = await once(program, "exit");
    clearTimeout(kill);
    assert.equal(code, 0);
  });

  for (const [text, reason] of [
    ["crash", /crashed as told/],
    ["leave", /ended with code 3/],
    ["babble", /could not be read/],
    ["silence", /took more than 1500 ms/],
  ] as const)
    test(`is given up when it fails by "${text}", and started anew after a rest`, async (context) => {
      const answerMs = text === "silence" ? 1_500 : 30_000;
      const { embedder, lines } = open(context, { script: FAILING, answerMs, restartMs: 0 });
      await assert.rejects(embedder.embed([text]), /was lost/);
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? "", reason);
      // A new thread may need longer to start than the silent one was given.
      const answered = () => embedder.embed(["fine"]).catch(() => []);
      await until("an answer", async () => (await answered()).length === 1);
    });

  test("is left alone for a while after a failure, without a second line in the log", async (context) => {
    const { embedder, lines } = open(context, { script: FAILING });
    await assert.rejects(embedder.embed(["crash"]), /was lost/);
    await assert.rejects(embedder.embed(["fine"]), /lost a moment ago/);
    assert.equal(lines.length, 1);
  });

  test("a failure rejects everything that waits", async (context) => {
    const { embedder } = open(context, { script: FAILING });
    const outcomes = await Promise.allSettled([
      embedder.embed(["crash"]),
      embedder.embed(["fine"]),
      embedder.embed(["silence"]),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["rejected", "rejected", "rejected"],
    );
  });

  test("closing rejects what is open and what comes later, and ends the thread", async (context) => {
    stayAwake(context);
    const { embedder, lines } = open(context, { script: FAILING });
    const thread = nextThread();
    const waiting = assert.rejects(embedder.embed(["silence"]), /is closed/);
    const ended = once(await thread, "exit");
    await embedder.close();
    await waiting;
    await ended;
    await assert.rejects(embedder.embed(["fine"]), /is closed/);
    assert.deepEqual(lines, []);
  });
});
