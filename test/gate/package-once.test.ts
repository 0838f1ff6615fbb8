/** An effect of the gate alone happens once and is told as it was, whatever other processes, clocks and late answers do. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { test } from "node:test";
import { loggedIn, Refused } from "#gate/index.ts";
import {
  approved,
  barrier,
  counting,
  freshSchema,
  gateWith,
  proposed,
  SAM,
  target,
} from "./package-bench.ts";

test("what another process has begun is neither withdrawn nor begun again on facts that it changes itself", async () => {
  const at = freshSchema();
  const outside = target();
  const [facts, answer] = [barrier(), barrier()];
  let balance = 100;
  const process = (isSlow: boolean) =>
    gateWith(at, {
      async facts() {
        if (isSlow) await facts.pass();
        return { balance };
      },
      async commit(_args, { key }) {
        outside.landed.push(key);
        balance -= 10;
        await answer.pass();
        return key;
      },
      find: outside.find,
    });
  const [slow, quick] = [await process(true), await process(false)];
  const ticket = await approved(quick, "order");
  const late = slow.run();
  await facts.reached;
  const first = quick.run();
  await answer.reached;
  facts.open();
  await late;
  assert.equal((await quick.outcome(ticket.id)).state, "waiting");
  answer.open();
  await first;
  assert.equal((await quick.outcome(ticket.id)).state, "executed");
  assert.equal((await proposed(quick, "order")).state, "decided");
  assert.equal(outside.landed.length, 1);
});

test("a process that cannot read the facts does not shorten another's lease", async () => {
  const at = freshSchema();
  const [facts, answer] = [barrier(), barrier()];
  const { pay, outside } = counting(answer.pass);
  let [time, isDown] = [Date.now(), false];
  const process = (isSlow: boolean) =>
    gateWith(
      at,
      {
        ...pay,
        async facts() {
          if (!isSlow || isDown) return null;
          await facts.pass();
          throw new Error("busy");
        },
      },
      { now: () => new Date(time) },
    );
  const [slow, quick] = [await process(true), await process(false)];
  await approved(quick);
  const late = slow.run();
  await facts.reached;
  const first = quick.run();
  await answer.reached;
  facts.open();
  await late;
  isDown = true;
  for (let look = 0; look < 3; look += 1) {
    time += 2_000;
    void slow.run();
    await delay(50);
  }
  assert.equal(outside.calls, 1);
  answer.open();
  await first;
});

test("a slow look-up gives back nothing that another process has begun since", async () => {
  const at = freshSchema();
  const [look, answer] = [barrier(), barrier()];
  const { pay, outside } = counting(answer.pass);
  let isSlowFirst = true;
  const process = (name: "dead" | "slow" | "quick") =>
    gateWith(
      at,
      {
        commit: name === "dead" ? () => new Promise<string>(() => undefined) : pay.commit,
        async find(args, key) {
          const found = await outside.find(args, key);
          if (name === "slow" && isSlowFirst) await look.pass();
          return found;
        },
      },
      // The quick one's calls have a lease that outlives this test.
      { callMs: name === "dead" ? 50 : 10_000 },
    );
  const [dead, slow, quick] = [
    await process("dead"),
    await process("slow"),
    await process("quick"),
  ];
  await approved(dead);
  const killed = new AbortController();
  void dead.run().catch(() => killed.abort());
  await delay(20);
  await at.query(
    "update gate.effect set leased_until = now(), not_before = now() - interval '1 s'",
  );
  const late = slow.run();
  await look.reached;
  await quick.run();
  const second = quick.run();
  await answer.reached;
  isSlowFirst = false;
  look.open();
  await late;
  void slow.run();
  await delay(100);
  assert.equal(outside.calls, 1);
  answer.open();
  await second;
});

for (const [name, isTakenBack] of [
  ["is not taken back", true],
  ["is looked up before changed facts withdraw it", false],
] as const)
  test(`an effect whose answer was lost ${name}`, async () => {
    const outside = target();
    let [time, balance] = [Date.now(), 100];
    let land = (): void => undefined;
    const gate = await gateWith(
      freshSchema(),
      {
        facts: async () => ({ balance }),
        async commit(_args, { key }) {
          land = () => {
            outside.landed.push(key);
            balance -= 10;
          };
          throw new Error("no answer");
        },
        find: outside.find,
      },
      { now: () => new Date(time) },
    );
    const ticket = await approved(gate, "order");
    await gate.run();
    if (isTakenBack) assert.equal((await gate.takeBack(ticket, SAM)).accepted, false);
    land();
    time += 4_000;
    assert.equal(await gate.run(), 1);
    assert.equal((await gate.outcome(ticket.id)).state, "executed");
    assert.equal((await proposed(gate, "order")).state, "decided");
  });

test("a process whose clock is an hour ahead finds no lease over", async () => {
  const at = freshSchema();
  const answer = barrier();
  const { pay, outside } = counting(answer.pass);
  const process = (aheadMs: number) =>
    gateWith(at, pay, { now: () => new Date(Date.now() + aheadMs) });
  const [right, ahead] = [await process(0), await process(60 * 60_000)];
  await approved(right);
  const first = right.run();
  await answer.reached;
  void ahead.run();
  await delay(50);
  void ahead.run();
  await delay(50);
  assert.equal(outside.calls, 1);
  answer.open();
  await first;
});

test("a key that was called for an approval before is looked up for the next", async () => {
  let isOver = false;
  const { pay, outside } = counting(async () => {
    if (!isOver) throw new Refused("no");
  });
  const gate = await gateWith(freshSchema(), pay);
  const first = await approved(gate, "order");
  await gate.run();
  assert.equal((await gate.outcome(first.id)).state, "failed");
  // The target did it after all.
  outside.landed.push("pay:order");
  isOver = true;
  const second = await approved(gate, "order");
  assert.equal(await gate.run(), 1);
  assert.equal((await gate.outcome(second.id)).state, "executed");
  assert.equal(outside.calls, 1);
});

test("an effect that throws holds up no other, and words that cannot be stored are stored all the same", async () => {
  const at = freshSchema();
  const outside = target();
  let [time, isAway] = [Date.now(), false];
  const gate = await gateWith(
    at,
    {
      async commit({ text }, { key }) {
        outside.calls += 1;
        if (text === "refused") throw new Refused("no\0");
        outside.landed.push(key);
        return key;
      },
      find: outside.find,
    },
    {
      now: () => new Date(time),
      roleOf(id) {
        if (isAway && id === "sam@team.test") throw new Error("the directory is away");
        return "member";
      },
    },
  );
  const texts = ["of Sam", "refused", "done"];
  const calls = texts.map((text) => ({ action: "pay", args: { text } }) as const);
  const tickets = (await gate.propose({ run: "r", calls })).flatMap((one) =>
    one.state === "waiting" ? [one.ticket] : [],
  );
  for (const [index, ticket] of tickets.entries())
    await gate.decide(ticket, index === 0 ? SAM : loggedIn("ann@team.test", "Ann"), {
      kind: "yes",
    });
  isAway = true;
  await assert.rejects(gate.run(), /directory is away/);
  isAway = false;
  time += 5_000;
  await gate.run();
  await gate.run();
  const states = await Promise.all(tickets.map(async ({ id }) => (await gate.outcome(id)).state));
  assert.deepEqual(states, ["executed", "failed", "executed"]);
  assert.equal(outside.calls, 3);
  assert.equal(await gate.show({ id: "\0", version: 1 }), null);
});

test("a row that was set back by hand begins nothing, since the audit has its end", async () => {
  const at = freshSchema();
  const { pay, outside } = counting();
  const gate = await gateWith(at, { commit: pay.commit });
  const ticket = await approved(gate);
  await gate.run();
  await at.query("update gate.effect set state = 'intended', not_before = now() - interval '1 s'");
  assert.equal(await gate.run(), 0);
  assert.equal(outside.calls, 1);
  assert.equal((await gate.outcome(ticket.id)).state, "executed");
});
