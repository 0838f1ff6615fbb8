import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { amountMoved, type PlannedAction } from "#core/values/action.ts";
import { STRANGER, verified } from "#test/support/fixtures/turns.ts";
import { runs } from "#test/support/tiers.ts";
import { contextOf } from "#test/tools/tool-bench.ts";
import type { MoneyDeclaration, WriteDeclaration } from "#systems/contract.ts";
import { systemTarget } from "#systems/target.ts";
import { declaredWriteTool } from "#systems/declared-tools.ts";
import { changeAddressThere, order, refundThere } from "./declared-shop.ts";
import { connectionTo, memorySystem, type MemorySystem } from "./memory-system.ts";
import { keyInSystem } from "#systems/planned-change.ts";
import fc from "fast-check";

const ANN = contextOf(verified("u123"), { ownWords: "Please refund order 1, all of it" });
const SIGNAL = new AbortController().signal;

/** A shop with one order of Ann's and one of another customer, and the refunds it has booked. */
function shopWith(changes: object = {}) {
  const system = memorySystem();
  const booked: object[] = [];
  let current = order("1", "u123", changes);
  system.answerWith(({ method, path, body }) => {
    if (path === "/orders/2") return order("2", "u456");
    if (method === "PATCH") {
      current = { ...current, ...JSON.parse(body?.text ?? "{}") };
      return current;
    }
    if (path === "/orders/1") return current;
    if (method === "GET" && path === "/orders/1/refunds") return { refunds: booked };
    const { amount, note } = JSON.parse(body?.text ?? "{}");
    const made = { id: `r${booked.length + 1}`, order: "1", amount, note };
    booked.push(made);
    return made;
  });
  return { system, booked, change: (next: object) => (current = { ...current, ...next }) };
}

async function planned(
  tool: WriteDeclaration,
  system: MemorySystem,
  input: unknown,
  context = ANN,
): Promise<PlannedAction> {
  const made = declaredWriteTool(tool, system.ports);
  const result = await made.propose(made.input.parse(input), context);
  assert.ok(result.kind === "proposed", JSON.stringify(result));
  return result.planned;
}

/** A planned change, as its target carries it out and finds it. */
async function decided(
  tool: WriteDeclaration,
  system: MemorySystem,
  input: unknown,
  context = ANN,
) {
  const { action, key } = await planned(tool, system, input, context);
  const target = systemTarget([tool], system.ports);
  return {
    key,
    commit: (by = target, isFirst = () => true) => by.commit(action, key, SIGNAL, isFirst),
    find: () => target.find(action, key, SIGNAL),
  };
}

test("a change whose declaration says so is decided by a person", () => {
  const made = (more: Pick<MoneyDeclaration, "personDecides">) =>
    declaredWriteTool({ ...refundThere(), ...more }, memorySystem().ports);
  assert.equal(made({ personDecides: true }).personDecides, true);
  assert.equal(made({}).personDecides, undefined);
});

describe("what a connected change proposes", () => {
  test("the card tells amount, order and system, and the policy sees an order with its amount", async () => {
    const { system } = shopWith({ refunded: "20.00" });
    const { label, action, key, facts } = await planned(refundThere(), system, {
      order_id: "1",
      amount: null,
    });
    assert.equal(label, "Refund 100.00 EUR of order 1, in Test shop");
    assert.deepEqual(amountMoved(action), { minor: 10_000, currency: "EUR" });
    assert.match(key, /^refund_there:[0-9a-f]{32}$/);
    assert.deepEqual(facts, []);
  });

  test("an order of another customer is none, for every asker, with the same calls", async () => {
    for (const [context, id] of [
      [ANN, "2"],
      [ANN, "9"],
      [contextOf(STRANGER), "1"],
      [contextOf(verified("u123"), { audience: "shared" }), "1"],
    ] as const) {
      const { system } = shopWith();
      const made = declaredWriteTool(refundThere(), system.ports);
      const result = await made.propose({ order_id: id, amount: null }, context);
      assert.deepEqual(result, {
        kind: "impossible",
        reason: "There is no such record for this customer.",
      });
      assert.deepEqual(system.calls, [`GET /orders/${id}`]);
    }
  });

  test("no reason denies that an amount was said which is larger than what is handled", async () => {
    const { system } = shopWith({ total: "1500000.00", currency: "IDR" });
    const made = declaredWriteTool(refundThere(), system.ports);
    const result = await made.propose({ order_id: "1", amount: null }, ANN);
    assert.ok(result.kind === "impossible");
    assert.match(result.reason, /or it is more than is handled here/);
  });

  test("never more than is left, and what the customer did not say is named as unproven", async () => {
    const { system } = shopWith();
    const made = declaredWriteTool(refundThere(), system.ports);
    const more = await made.propose({ order_id: "1", amount: "120.01" }, ANN);
    assert.ok(more.kind === "impossible");
    assert.match(more.reason, /At most 120\.00 EUR/);
    const other = await made.propose({ order_id: "1", amount: "7.00" }, ANN);
    assert.ok(other.kind === "proposed");
    assert.deepEqual(other.unproven, [{ argument: "amount", words: "" }]);
    const silent = contextOf(verified("u123"), { ownWords: "refund me $5 please" });
    const all = await made.propose({ order_id: "1", amount: null }, silent);
    assert.ok(all.kind === "proposed");
    assert.deepEqual(
      all.unproven.map(({ argument }) => argument),
      ["order_id", "amount"],
    );
  });

  test("the same wish is one effect, and after a part of it was done another one", async () => {
    const { system, change } = shopWith();
    const input = { order_id: "1", amount: "20.00" };
    const first = await planned(refundThere(), system, input);
    assert.equal((await planned(refundThere(), system, input)).key, first.key);
    change({ refunded: "20.00" });
    assert.notEqual((await planned(refundThere(), system, input)).key, first.key);
  });
});

describe("what the target of connected systems does", () => {
  const input = { order_id: "1", amount: "20.00" };

  test("it sends what was decided once, with its key, and compares the receipt", async () => {
    const { system, booked } = shopWith();
    const { key, commit, find } = await decided(refundThere(), system, input);
    assert.deepEqual(await commit(), { ref: "r1", conversationKeys: [] });
    assert.deepEqual(booked, [{ id: "r1", order: "1", amount: "20.00", note: keyInSystem(key) }]);
    assert.deepEqual(await find(), {
      state: "done",
      committed: { ref: "r1", conversationKeys: [] },
    });
  });

  test("after a lost answer it is found, and nothing is done twice", async () => {
    const { system, booked } = shopWith();
    const { commit, find } = await decided(refundThere(), system, input);
    system.failNext("lost");
    await assert.rejects(commit(), { code: "system.uncertain" });
    assert.equal((await find()).state, "done");
    assert.equal(booked.length, 1);
  });

  test("what is found under the key is compared with the record too, by a field that nothing else keeps", async () => {
    const tool = refundThere();
    assert.ok(tool.find.by === "key");
    const same = { currency: { from: "record", field: "currency" } } as const;
    const compared = { ...tool, find: { ...tool.find, same } };
    for (const [currency, state] of [
      ["EUR", "done"],
      ["USD", "unknowable"],
    ] as const) {
      const system = memorySystem();
      system.answerWith(({ path }) => {
        if (path === "/orders/1") return order("1", "u123");
        return { refunds: [{ id: "r1", amount: "20.00", note: keyInSystem(key), currency }] };
      });
      const { key, find } = await decided(compared, system, input);
      assert.equal((await find()).state, state);
    }
  });

  test("a change that arrived after it was given up is found by its key, although the record has changed by it", async () => {
    const { system, booked, change } = shopWith();
    const { commit } = await decided(refundThere(), system, input);
    system.failNext("lost");
    await assert.rejects(commit(), { code: "system.uncertain" });
    change({ refunded: "20.00" });
    assert.equal((await commit()).ref, "r1");
    assert.equal(booked.length, 1);
  });

  test("a change that arrived after it was looked for is found by its key, although the record shows nothing of it", async () => {
    const { system, booked } = shopWith();
    const { commit } = await decided(refundThere(), system, input);
    await commit();
    assert.equal((await commit(undefined, () => false)).ref, "r1");
    assert.equal(booked.length, 1);
  });

  test("what never left is absent, so it can be tried again", async () => {
    const { system } = shopWith();
    const { commit, find } = await decided(refundThere(), system, input);
    system.failNext("unsent");
    await assert.rejects(commit(), { code: "system.unavailable" });
    assert.deepEqual(await find(), { state: "absent" });
  });

  test("what was decided for one system is not done in another that has the operation now, nor called not sent", async () => {
    const { system } = shopWith();
    const { action, key } = await planned(refundThere(), system, input);
    const live = refundThere({ ...connectionTo(), name: "Books live" });
    const target = systemTarget([live], system.ports);
    await assert.rejects(target.commit(action, key, SIGNAL), {
      code: "system.refused",
      message: /was decided for .+, and Books live has it now\. Nothing was sent/,
    });
    // Once it was begun, the one before may have done it.
    const again = target.commit(action, key, SIGNAL, () => false);
    await assert.rejects(again, { code: "system.contradicted" });
    const found = await target.find(action, key, SIGNAL);
    assert.ok(found.state === "unknowable" && /was decided for/.test(found.reason));
  });

  test("what is missing in a list of everybody's changes may be there all the same", async () => {
    const { system } = shopWith();
    const tool = refundThere();
    assert.ok(tool.find.by === "key");
    const request = { method: "GET", path: "/orders/1/refunds" } as const;
    const find = { ...tool.find, from: { ...tool.find.from, many: true, request } };
    const found = await (await decided({ ...tool, find }, system, input)).find();
    assert.ok(found.state === "unknowable" && /of everybody/.test(found.reason));
  });

  test("a record that changed since it was decided is refused in words, and nothing is sent", async () => {
    const changes = [
      [{ status: "cancelled" }, /status was "delivered" and is "cancelled". Nothing was sent/],
      [{ refunded: "30.00" }, /refunded was "0.00" and is "30.00"/],
      [{ customer_id: "u456" }, /is not there any more, or is not this customer's/],
    ] as const;
    for (const [next, words] of changes) {
      const { system, booked, change } = shopWith();
      const { commit } = await decided(refundThere(), system, input);
      change(next);
      await assert.rejects(commit(), {
        code: "system.refused",
        message: words,
      });
      assert.equal(booked.length, 0);
    }
  });

  test("the system's no is final, an answer that cannot be read is a doubt, another receipt a contradiction", async () => {
    const { system } = shopWith();
    const { commit } = await decided(refundThere(), system, input);
    system.failNext("refused");
    await assert.rejects(commit(), { code: "system.refused" });
    system.failNext("html");
    await assert.rejects(commit(), { code: "system.uncertain" });
    const other = systemTarget(
      [
        {
          ...refundThere(),
          commit: { ...refundThere().commit, same: { order: { from: "fixed", value: "2" } } },
        },
      ],
      system.ports,
    );
    await assert.rejects(commit(other), { code: "system.contradicted" });
  });

  test("a change that the record shows is found by looking at it", async () => {
    const { system } = shopWith();
    const tool = changeAddressThere();
    const context = contextOf(verified("u123"), { ownWords: "Send order 1 to 12 New Street" });
    const address = { order_id: "1", line: "12 New Street" };
    const { commit, find } = await decided(tool, system, address, context);
    assert.deepEqual(await find(), { state: "absent" });
    system.failNext("lost");
    await assert.rejects(commit(), { code: "system.uncertain" });
    assert.equal((await find()).state, "done");
  });

  test("where nothing can tell what happened, that is said with its reason", async () => {
    const { system } = shopWith();
    const tool = {
      ...refundThere(),
      find: { by: "nothing", because: "it keeps no list" },
    } as const;
    const { find } = await decided(tool, system, input);
    assert.deepEqual(await find(), {
      state: "unknowable",
      reason: "it keeps no list",
    });
  });
});

describe("what an answer of success has to prove before money counts as moved", () => {
  const input = { order_id: "1", amount: "20.00" };
  const RIGHT = { id: "r1", order: "1", amount: "20.00", state: "booked" };
  const State = z.enum(["booked", "pending"]);

  /** A refund whose receipt and list of refunds say a state too. */
  function withState(): MoneyDeclaration {
    const { commit, find, ...tool } = refundThere();
    assert.ok(find.by === "key");
    return {
      ...tool,
      commit: { ...commit, receipt: commit.receipt.extend({ state: State }) },
      find: {
        ...find,
        from: { ...find.from, record: find.from.record.extend({ state: State }) },
      },
    };
  }

  /** A record that says something else than that 20.00 were booked. */
  const wrong = fc.oneof(
    fc
      .tuple(
        fc.constantFrom("id", "amount", "state"),
        fc.constantFrom<unknown>(null, undefined, "", -20, [], {}, ["20.00"], "failed", true),
      )
      .filter(([field, value]) => field !== "id" || value !== "failed")
      .map(([field, value]) => ({ ...RIGHT, [field]: value })),
    fc
      .double({ min: -1e6, max: 1e6, noNaN: true })
      .filter((amount) => amount !== 20)
      .map((amount) => ({ ...RIGHT, amount: String(amount) })),
    fc
      .constantFrom("failed", "cancelled", "FAILED", "Booked", " booked")
      .map((state) => ({ ...RIGHT, state })),
  );
  const answers = fc.oneof(
    wrong,
    fc.constantFrom<unknown>({}, [], null, "", "ok", 1, true, [RIGHT], { data: RIGHT }),
    fc
      .string()
      .filter((order) => order !== "1")
      .map((order) => ({ ...RIGHT, order })),
  );

  test("faulty answers are never done, and neither are faulty records under the key", async () => {
    await fc.assert(
      fc.asyncProperty(answers, fc.option(wrong), async (answer, listed) => {
        const system = memorySystem();
        const tool = withState();
        system.answerWith(({ method, path }) => {
          if (method === "POST") return answer;
          if (path === "/orders/1") return order("1", "u123");
          return { refunds: listed === null ? [] : [{ ...listed, note: keyInSystem(key) }] };
        });
        const { key, commit, find } = await decided(tool, system, input);
        await assert.rejects(commit(), { code: "system.contradicted" });
        assert.notEqual((await find()).state, "done");
      }),
      { numRuns: runs(1_600) },
    );
  });

  test("where the answer names no amount, it is done only when the system shows the amount", async () => {
    const { commit, ...rest } = refundThere();
    const silent = { ...rest, commit: { ...commit, amount: null, same: {} } };
    for (const [amount, isDone] of [
      ["20.00", true],
      ["1.00", false],
      [null, false],
    ] as const) {
      const system = memorySystem();
      system.answerWith(({ method, path }) => {
        if (method === "POST") return RIGHT;
        if (path === "/orders/1") return order("1", "u123");
        const record = { id: "r1", amount, note: keyInSystem(key) };
        return { refunds: amount === null ? [] : [record] };
      });
      const { key, commit: send } = await decided(silent, system, input);
      const committed = send();
      if (isDone) assert.deepEqual(await committed, { ref: "r1", conversationKeys: [] });
      else await assert.rejects(committed, { code: "system.contradicted" });
    }
  });
});
