import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { type PlannedAction, SendCodeArguments } from "#core/values/action.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { TargetName } from "#core/values/vocabulary.ts";
import { codesLast } from "#jobs/identity/one-time-code.ts";
import { CODE_LIVES_MS } from "#store/identity/one-time-codes.ts";
import { ANN, codesWorld, CODES, signal } from "./code-bench.ts";
import { onEveryDatabase } from "#test/store/bench.ts";

const AnyRow = z.record(z.string(), z.unknown());
const RowShape = z.object({
  state: z.string(),
  tries: z.int(),
  code: z.coerce.number(),
  address: z.coerce.number(),
});

function planned(target: TargetName, key: string): PlannedAction {
  return { key, action: { target, operation: "any", arguments: {} }, label: key, facts: [] };
}

test("what a bundle says goes out before its code is sent, and all else keeps its order", () => {
  const actions = [
    planned("identity", "code"),
    planned("shop", "refund"),
    planned("chat", "reply"),
    planned("slack", "word"),
  ];
  const keys = codesLast(actions).map(({ key }) => key);
  assert.deepEqual(keys, ["refund", "reply", "word", "code"]);
});

onEveryDatabase("sending one-time codes", (bench) => {
  test("an address without an account is booked and looked up alike, and gets nothing", async () => {
    const traces = [];
    for (const address of [ANN, "nobody@nowhere.test"]) {
      const { target, ask, shop, arrived, conversationId } = await codesWorld(bench);
      await target.commit(await ask(address), "key", signal());
      const [row] = await bench.rows(
        RowShape,
        sql`select state, tries, length(code_hash) as code, length(address_hash) as address
            from challenge where conversation_id = ${conversationId}`,
      );
      traces.push({ row, calls: shop.calls.map((call) => call.replace(address, "…")) });
      assert.equal(arrived.length, address === ANN ? 1 : 0);
    }
    assert.deepEqual(traces[1], traces[0]);
    assert.equal(traces[0]?.calls.length, 1);
  });

  test("a shop that finds a customer with another address causes no mail", async () => {
    const { target, ask, shop, arrived } = await codesWorld(bench);
    const ann = await shop.customerByEmail(ANN, signal());
    shop.customerByEmail = async () => ann;
    await target.commit(await ask(`x${ANN}`), "key", signal());
    assert.deepEqual(arrived, []);
    await target.commit(await ask(ANN.toUpperCase()), "key-2", signal());
    assert.equal(arrived.length, 1);
  });

  test("neither ledger nor database holds the code", async () => {
    const { target, ask, conversationId } = await codesWorld(bench);
    const action = await ask(ANN);
    await target.commit(action, "key", signal());
    const rows = await bench.rows(
      AnyRow,
      sql`select * from challenge where conversation_id = ${conversationId}`,
    );
    const code = CODES.codeOf(SendCodeArguments.parse(action.arguments).challengeId);
    assert.ok(!JSON.stringify([rows, action]).includes(code));
  });

  test("a retry sends the same code under the same key, and a mail that arrived is found", async () => {
    const { target, ask, arrived, faults } = await codesWorld(bench);
    const action = await ask(ANN);
    assert.equal((await target.find(action, "key", signal())).state, "absent");
    faults.push(new DeskhandError("channel.unavailable", "the mail server is down"));
    await assert.rejects(target.commit(action, "key", signal()), /mail server is down/);
    assert.equal((await target.find(action, "key", signal())).state, "absent");
    await target.commit(action, "key", signal());
    await target.commit(action, "key", signal());
    const [first, second] = arrived.map(({ notice }) => notice.text);
    assert.equal(second, first);
    assert.equal((await target.find(action, "key", signal())).state, "done");
  });

  test("what is not sent ends as done as well: refused, too often, too late, or to no customer", async () => {
    const { target, ask, arrived, faults, clock } = await codesWorld(bench);
    faults.push(new DeskhandError("channel.refused", "no such mailbox"));
    const late = await ask(ANN);
    assert.match((await target.commit(await ask(ANN), "a", signal())).ref, /^undelivered:/);
    await target.commit(late, "b", signal());
    await target.commit(await ask(ANN), "c", signal());
    const limited = await ask(ANN);
    assert.match((await target.commit(limited, "d", signal())).ref, /^unsent:/);
    assert.equal((await target.find(limited, "d", signal())).state, "done");
    assert.equal(arrived.length, 2);
    clock.at = new Date(clock.at.getTime() + CODE_LIVES_MS);
    assert.match((await target.commit(late, "b", signal())).ref, /^unsent:/);
    assert.equal(arrived.length, 2);
  });

  test("a shop that is down is tried again and books nothing", async () => {
    const { target, ask, shop, conversationId } = await codesWorld(bench);
    shop.goDown();
    await assert.rejects(
      target.commit(await ask(ANN), "key", signal()),
      (error) => error instanceof DeskhandError && error.code === "shop.unavailable",
    );
    assert.equal(
      await bench.count(
        sql`select count(*) from challenge where conversation_id = ${conversationId}`,
      ),
      0,
    );
  });
});
