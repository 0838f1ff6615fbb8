/** Who decides on what at the gate alone: edits, standing yeses, four eyes, roles, and what a person is shown. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import pg from "pg";
import { z } from "zod";
import { loggedIn, onPostgres, openGate, type Login } from "#gate/index.ts";
import { atEndOfProcess } from "#test/support/at-end.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import {
  approved,
  counting,
  freshSchema,
  gateWith,
  LEA,
  proposed,
  SAM,
  waiting,
} from "./package-bench.ts";

const commit = async (_args: unknown, { key }: { readonly key: string }) => key;
const YES = { kind: "yes" } as const;
const edited = (text: string) => ({ kind: "edit", args: { text } }) as const;
const next = ({ id }: { readonly id: string }) => ({ id, version: 2 });

test("what rules deny to an agent, no edit brings about", async () => {
  const gate = await gateWith(freshSchema(), {
    commit,
    rules: ({ text }) => (text === "all" ? [{ layer: "owner", says: "deny" as const }] : []),
  });
  const ticket = await waiting(gate);
  const answer = await gate.decide(ticket, SAM, edited("all"));
  assert.deepEqual(answer, { accepted: false, reason: "a rule of owner forbids this" });
});

describe("a standing yes ends", () => {
  const CALL = { action: "pay", args: { text: "a" } } as const;
  const standing = async (undoMs: number) => {
    const outside = { price: 5 };
    const pay = { commit, facts: async () => ({ price: outside.price }) };
    const gate = await gateWith(freshSchema(), pay, { undoMs });
    const ticket = await waiting(gate);
    await gate.decide(ticket, SAM, { kind: "always" });
    return { gate, outside, ticket };
  };

  test("when it is taken back, and what it allows can be taken back as well", async () => {
    const { gate } = await standing(60_000);
    const again = await proposed(gate);
    assert.ok(again.state === "allowed");
    assert.equal((await gate.takeBack({ id: again.id, version: 1 }, LEA)).accepted, true);
    assert.equal((await proposed(gate)).state, "waiting");
  });

  test("when a person ends it", async () => {
    const { gate } = await standing(0);
    assert.equal((await proposed(gate)).state, "allowed");
    assert.equal((await gate.endStanding(CALL, loggedIn("stranger", "Ned"))).accepted, false);
    assert.equal((await gate.endStanding(CALL, LEA)).accepted, true);
    assert.equal((await gate.endStanding(CALL, LEA)).accepted, false);
    assert.equal((await proposed(gate)).state, "waiting");
  });

  test("never begins for another call, whatever was written into the row of the one that was shown", async () => {
    const at = freshSchema();
    const gate = await gateWith(at, { commit });
    const other = { action: "pay", args: { text: "all" } } as const;
    const asked = async () =>
      (await gate.propose({ run: `r${performance.now()}`, calls: [other] }))[0];
    assert.equal((await asked())?.state, "waiting");
    const ticket = await waiting(gate);
    await at.query(
      `update gate.approval set call = (select call from gate.approval where id <> '${ticket.id}')`,
    );
    assert.equal((await gate.decide(ticket, SAM, { kind: "always" })).accepted, true);
    assert.equal((await asked())?.state, "waiting");
    assert.equal((await proposed(gate)).state, "allowed");
  });

  test("while what it rests on is other than it was", async () => {
    const { gate, outside } = await standing(0);
    outside.price = 5_000;
    assert.equal((await proposed(gate)).state, "waiting");
  });
});

describe("under four eyes", () => {
  const open = () =>
    gateWith(
      freshSchema(),
      { commit, approvers: { count: 1, leads: 0, fourEyes: true } },
      { roleOf: () => "member" },
    );
  const people: readonly (readonly [asked: string, editor: Login | null, voter: Login, boolean])[] =
    [
      ["sam", null, SAM, false],
      ["lea@team.test", null, SAM, true],
      ["lea@team.test", loggedIn("sam", "Sam"), SAM, false],
      ["u1", loggedIn("u2", "Two"), loggedIn("u3", "Three"), true],
    ];
  for (const [by, editor, voter, isAccepted] of people)
    test(`${voter.id} ${isAccepted ? "may" : "may not"} approve what ${by} asked for${editor === null ? "" : ` and ${editor.id} edited`}`, async () => {
      const gate = await open();
      const ticket = await waiting(gate, undefined, by);
      if (editor !== null) await gate.decide(ticket, editor, edited("b"));
      const shown = editor === null ? ticket : next(ticket);
      assert.equal((await gate.decide(shown, voter, YES)).accepted, isAccepted);
    });

  test("a blank requester is none, and neither is a blank login", async () => {
    const gate = await open();
    await assert.rejects(waiting(gate, undefined, " "), /has an id/);
    assert.throws(() => loggedIn(" ", "Sam"), /has an id/);
  });
});

test(
  "a yes that waited for an edit's lock sees whose words they are",
  { skip: postgresMissing },
  async () => {
    const fresh = await freshDatabase();
    const pool = new pg.Pool({ connectionString: fresh.url });
    atEndOfProcess(async () => {
      await pool.end();
      await fresh.drop();
    });
    const gate = await gateWith(
      { database: onPostgres(pool) },
      { commit, approvers: { count: 1, leads: 0, fourEyes: true } },
    );
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const ticket = await waiting(gate, `k${index}`, "ann@team.test");
        const [, yes] = await Promise.all([
          gate.decide(ticket, SAM, edited(`b${index}`)),
          gate.decide(next(ticket), SAM, YES),
        ]);
        return yes.accepted;
      }),
    );
    assert.ok(!answers.includes(true));
  },
);

test("a role that is none decides nothing, and nothing is read outside for it", async () => {
  const asked: string[] = [];
  const outside = { price: 5 };
  const gate = await gateWith(
    freshSchema(),
    {
      commit,
      async facts({ text }) {
        asked.push(text);
        return outside.price;
      },
    },
    // As a caller without a compiler would.
    { roleOf: (id) => ({ [SAM.id]: "member" })[id] as "member" },
  );
  const ticket = await waiting(gate);
  const eve = loggedIn("eve@other.test", "Eve");
  assert.equal((await gate.decide(ticket, eve, edited("b"))).accepted, false);
  outside.price = 6;
  assert.equal((await gate.decide(ticket, eve, YES)).accepted, false);
  assert.deepEqual(asked, ["a"]);
  assert.equal((await gate.outcome(ticket.id)).state, "waiting");
  outside.price = 5;
  assert.equal((await gate.decide(ticket, SAM, YES)).accepted, true);
  assert.equal(await gate.run(), 1);
});

const ANY = {
  secret: "of these tests, and forty characters long",
  roleOf: () => "member" as const,
};

test("what is shown has the facts, tells a text from a number, and hides no mark", async () => {
  const pay = { args: z.record(z.string(), z.json()), facts: async () => ({ balance: 7 }), commit };
  const gate = await openGate({ ...freshSchema(), ...ANY, actions: { pay } });
  const args = {
    text: "5",
    number: 5,
    written: '{"a":1}',
    fields: { a: 1 },
    marks: "\u3164\uFE0F\u034F\u2800\u00A0\uE000",
    looksLikeOne: String.raw`\u{202e}`,
  };
  const [one] = await gate.propose({ run: "r", calls: [{ action: "pay", args, key: "k" }] });
  assert.ok(one?.state === "waiting");
  const lines = ((await gate.show(one.ticket)) ?? "").split("\n");
  assert.deepEqual(lines.slice(1, -2).toSorted(), [
    String.raw`fields: {"a":1}`,
    String.raw`looksLikeOne: \u{005c}u{202e}`,
    String.raw`marks: \u{3164}\u{fe0f}\u{034f}\u{2800}\u{00a0}\u{e000}`,
    "number: 5",
    'rests on {"balance":7}',
    'text: "5"',
    "under the key pay:k",
    String.raw`written: "{\"a\":1}"`,
  ]);
});

test("arguments that are no JSON after their parse are refused", async () => {
  const pay = { args: z.strictObject({ at: z.unknown() }), commit };
  const gate = await openGate({ ...freshSchema(), ...ANY, actions: { pay } });
  for (const at of [new Date(), new Set(["all"]), Number.NaN])
    await assert.rejects(
      gate.propose({ run: "r", calls: [{ action: "pay", args: { at } }] }),
      /no JSON/,
    );
});

test("what needs no person waits for an approval of an older step, too", async () => {
  const done: string[] = [];
  const args = z.strictObject({});
  const gate = await openGate({
    ...freshSchema(),
    ...ANY,
    actions: {
      pay: { args, commit },
      tell: {
        args,
        rules: () => [{ layer: "setting", says: "allow" }],
        commit: async (_args, { key }) => (done.push(key), key),
      },
    },
  });
  const pay = { action: "pay", args: {}, key: "order" } as const;
  const [first] = await gate.propose({ run: "r", calls: [pay] });
  await gate.propose({ run: "r", calls: [pay, { action: "tell", args: {} }] });
  assert.equal(await gate.run(), 0);
  assert.ok(first?.state === "waiting");
  await gate.decide(first.ticket, SAM, YES);
  assert.equal(await gate.run(), 2);
  assert.equal(done.length, 1);
});

test("a key that is proposed again after a restore is looked up first", async () => {
  const { pay, outside } = counting();
  const before = await gateWith(freshSchema(), pay);
  await approved(before, "order");
  await before.run();
  let time = Date.now();
  const after = await gateWith(freshSchema(), pay, { now: () => new Date(time) });
  await after.restored();
  time += 1_000;
  await approved(after, "order");
  await after.run();
  assert.deepEqual(outside.landed, ["pay:order"]);
});
