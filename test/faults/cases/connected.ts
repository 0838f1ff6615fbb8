/** Lost, late and repeated answers of a change that an imported tool makes in a system of one's own. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Call, Transcript } from "#sandbox/rehearsal/transcript.ts";
import type { CaseContext } from "#test/faults/arena.ts";
import type { FaultCase } from "#test/faults/case.ts";
import type { Installation } from "#test/faults/installation.ts";
import { ownModel } from "#test/faults/own-model.ts";
import { policyFile } from "#test/faults/policy-file.ts";
import { approve, BOB } from "#test/faults/traffic.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/waiting.ts";
import { PASS, startProxy, type Fate, type Proxy } from "#test/faults/vendors/proxy.ts";

const TOOLS = join(import.meta.dirname, "../../../adapters/shops/sample-shop");
const ORDER = "1002";
const AMOUNT = 9;
const LOOK: Call = { name: "ourshop_order", input: { id: ORDER } };
const REFUND: Call = { name: "refund_ourshop_order", input: { id: ORDER, amount: null } };
const REPLY = `We have refunded 9.00 USD for order ${ORDER} to your original payment method.`;

/** What becomes of the changes, in their order; those after the last one pass. */
type Fates = readonly Fate[];

/** Longer than the connection waits for an answer. */
const LATE_MS = 16_500;

function plan(_calls: readonly Call[], transcript: Transcript): readonly Call[] {
  return transcript.result(REFUND).made
    ? [{ name: "reply", input: { text: REPLY, kind: "answer", topic: "refund" } }]
    : [LOOK, REFUND];
}

/** A Deskhand whose imported tools reach the sample shop over a proxy that fails. */
async function connected(
  context: CaseContext,
  fates: Fates,
): Promise<{
  readonly installation: Installation;
  readonly proxy: Proxy;
  /** How many requests for the change have reached the proxy. */
  readonly tries: () => number;
}> {
  const left = [...fates];
  const asked = { tries: 0 };
  // The shop's address and key are known once it runs.
  const shop = { target: "" };
  const proxy = await startProxy({
    target: () => shop.target,
    fate({ method, path }) {
      if (method !== "POST" || !path.endsWith("/refunds")) return PASS;
      asked.tries += 1;
      return left.shift() ?? PASS;
    },
  });
  context.after(() => proxy.close());
  const lines = readFileSync(join(TOOLS, "policy.yaml"), "utf8").split("\noperations:\n")[1];
  assert.ok(lines !== undefined, "the imported policy has no operations");
  const keyFile = join(temporaryFolder(context), "key");
  const installation = await context.install({
    started: false,
    environment: {
      ...policyFile(context, { "\noperations:\n": `\noperations:\n${lines}` }),
      ...(await ownModel(context, { plan })),
      TOOLS,
      OURSHOP_ADDRESS: proxy.url,
      OURSHOP_KEY_FILE: keyFile,
    },
  });
  const start = installation.start.bind(installation);
  return {
    proxy,
    tries: () => asked.tries,
    installation: {
      ...installation,
      async start(environment) {
        const deskhand = await start(environment);
        const { url, key } = deskhand.endpoints.shop ?? assert.fail("no shop runs");
        shop.target = url;
        writeFileSync(keyFile, key);
        return deskhand;
      },
    },
  };
}

/** Asked for by its customer and approved by a teammate. */
async function approveRefund(installation: Installation): Promise<void> {
  installation.wantRefund(ORDER, AMOUNT);
  await installation.mail(BOB, `About ${ORDER}`, `Please refund order ${ORDER}, it is broken.`);
  await approve(installation, ORDER);
}

/** The refund is there once, and its customer was told once. */
async function judged(installation: Installation): Promise<void> {
  await installation.judge({ withinMs: 90_000 });
  const { shown, refunds } = await installation.outside();
  assert.deepEqual(
    refunds.map(({ order, amount }) => [order, amount]),
    [[ORDER, AMOUNT]],
  );
  assert.equal(shown.filter(({ text }) => text.includes(REPLY)).length, 1, "told once");
}

function failing(
  id: number,
  name: string,
  fates: Fates,
  seen: Partial<Record<Fate["kind"], number>>,
): FaultCase {
  return {
    id,
    name,
    seconds: 180,
    async run(context) {
      const { installation, proxy, tries } = await connected(context, fates);
      await installation.start();
      await approveRefund(installation);
      // Until the click is read, the message waits for a person and looks like one that is done with.
      await until("the change to be asked for", async () => tries() > 0);
      await judged(installation);
      for (const [kind, count] of Object.entries(seen)) {
        const counts: Readonly<Record<string, number>> = proxy.counts();
        assert.equal(counts[kind], count, `requests that ended as ${kind}`);
      }
    },
  };
}

const killed: FaultCase = {
  id: 56,
  name: "kill -9 after a connected system made the change, before it is noted",
  async run(context) {
    const { installation } = await connected(context, []);
    await installation.start({ DESKHAND_CRASH_AT: `effect:committed:${REFUND.name}` });
    await approveRefund(installation);
    await installation.ended();
    await installation.start();
    await judged(installation);
  },
};

export const cases: readonly FaultCase[] = [
  failing(52, "a connected system makes the change and its answer is lost", [{ kind: "lose" }], {
    lose: 1,
  }),
  failing(
    53,
    "a connected system never answers: once it made the change, before that it did not",
    [{ kind: "hang" }, { kind: "hang", reaches: true }],
    { hang: 2 },
  ),
  failing(
    54,
    "a change reaches a connected system after we gave it up and made it again",
    [{ kind: "pass", delayMs: LATE_MS }],
    {},
  ),
  failing(
    55,
    "the connection breaks before the change reaches a connected system",
    [{ kind: "cut" }, { kind: "cut" }],
    { cut: 2 },
  ),
  killed,
];
