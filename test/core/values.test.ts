/** Values: money, moments, words, deadlines, owners. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Proposal, replyKey } from "#core/values/action.ts";
import { proposalSeal } from "#gate/kernel/seal.ts";
import { canonical, digest } from "#core/values/canonical-json.ts";
import {
  formatAmount,
  formatMoney,
  fromDecimal,
  parseAmount,
  toDecimal,
} from "#core/values/money.ts";
import { isOfOneWriter } from "#core/values/message.ts";
import { dayText, momentText } from "#core/values/moment.ts";
import { literally, pageName, shortened, titleInName } from "#core/values/words.ts";
import { startDeadline } from "#core/values/deadline.ts";
import { isSameOwnership, ownerAfter, type Ownership, toldReason } from "#core/cases/ownership.ts";
import { messageOf } from "#test/store/bench.ts";

test("several who may be answered are no one writer, whatever a teammate or a robot wrote between", () => {
  const answerTo = { label: "Ann", audience: "private", address: {} } as const;
  const [ann, again] = ["a", "b"].map((key) => messageOf(key, { answerTo }));
  const author = { kind: "requester", id: "email:bob@customer.test", name: "Bob" } as const;
  assert.ok(ann && again);
  const bob = messageOf("c", { answerTo, author });
  assert.equal(isOfOneWriter([ann, again]), true);
  assert.equal(isOfOneWriter([ann, bob]), false);
  assert.equal(isOfOneWriter([ann, { ...bob, answerTo: null }]), true);
  assert.equal(isOfOneWriter([ann, { ...bob, author: { ...author, kind: "teammate" } }]), true);
  assert.equal(isOfOneWriter([]), true);
});

test("an amount is digits with a point; everything else is refused with a reason", () => {
  for (const bad of [
    "",
    "0",
    "0.00",
    "-1",
    "1e9",
    "12,50",
    "25.005",
    "25.5",
    "NaN",
    "١٢",
    "25 USD",
    "12345678",
    ".5",
    "+3",
    "1_000",
  ])
    assert.ok("reason" in parseAmount(bad, "USD"), `“${bad}” must be refused`);
  assert.deepEqual(parseAmount(" 25 ", "USD"), { minor: 2500, currency: "USD" });
  assert.deepEqual(parseAmount("25.05", "USD"), { minor: 2505, currency: "USD" });
  assert.deepEqual(parseAmount("300", "JPY"), { minor: 300, currency: "JPY" });
  assert.ok("reason" in parseAmount("300.00", "JPY"));
  assert.deepEqual(parseAmount("12.345", "KWD"), { minor: 12_345, currency: "KWD" });
  assert.ok("reason" in parseAmount("12.34", "KWD"));
  assert.ok("reason" in parseAmount("12.345", "USD"));
});

test("what is shown is read back as the same amount, through text and through the shop's decimals", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999_999 }), (minor) => {
      fc.pre(minor <= 99_999_999);
      const money = { minor, currency: "USD" };
      assert.deepEqual(parseAmount(formatAmount(money), "USD"), money);
      assert.deepEqual(fromDecimal(toDecimal(money), "USD"), money);
      assert.equal(formatMoney(money), `${formatAmount(money)} USD`);
    }),
  );
  assert.throws(() => fromDecimal(10.005, "USD"));
});

test("the canonical form does not depend on the order of keys, and nothing else is the same", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const shuffled = Object.fromEntries(Object.entries(value).toReversed());
      assert.equal(canonical(shuffled), canonical(value));
      assert.deepEqual(JSON.parse(canonical(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
  assert.notEqual(digest({ a: 1 }), digest({ a: "1" }));
  assert.notEqual(digest([1, 2]), digest([2, 1]));
});

const PROPOSAL: Proposal = {
  actions: [
    {
      key: "refund:shop:789:0",
      label: "Refund 120.00 USD",
      action: {
        target: "shop",
        operation: "refund",
        arguments: { orderId: "789", amount: { minor: 12000, currency: "USD" }, reason: "" },
      },
      facts: [
        {
          orderId: "789",
          customerId: "u123",
          status: "delivered",
          paid: { minor: 12000, currency: "USD" },
          refunded: { minor: 0, currency: "USD" },
          refundCount: 0,
          deliveredOn: "2026-11-08",
        },
      ],
    },
    {
      key: "reply:c1:x",
      label: "Reply",
      action: {
        target: "email",
        operation: "reply",
        arguments: { text: "Hello", to: { label: "a", audience: "private", address: {} } },
      },
      facts: [],
    },
  ],
};

/** Every leaf of the proposal that an attacker or a race could change. */
function* leaves(
  value: unknown,
  path: readonly (string | number)[] = [],
): Generator<readonly (string | number)[]> {
  if (value !== null && typeof value === "object")
    for (const [name, inner] of Object.entries(value))
      yield* leaves(inner, [...path, Array.isArray(value) ? Number(name) : name]);
  else yield path;
}

test("the seal moves with every single thing it covers, and with nothing it does not", () => {
  const sealed = { ...PROPOSAL, revision: "r1", rules: [{ rule: "refund.usual" }] };
  const seal = proposalSeal(sealed);
  for (const path of leaves(PROPOSAL)) {
    const changed = structuredClone(PROPOSAL);
    let at: unknown = changed;
    for (const step of path.slice(0, -1)) at = Reflect.get(Object(at), step);
    Reflect.set(Object(at), path.at(-1) ?? "", "changed");
    const isLabel = path.length === 3 && path[2] === "label";
    assert.equal(proposalSeal({ ...sealed, ...changed }) === seal, isLabel, path.join("."));
  }
  assert.notEqual(proposalSeal({ ...sealed, revision: "r2" }), seal);
  assert.notEqual(proposalSeal({ ...sealed, rules: [{ rule: "refund.large" }] }), seal);
  assert.notEqual(proposalSeal({ ...sealed, actions: PROPOSAL.actions.toReversed() }), seal);
});

test("a reply is the same reply whatever order its messages are named in, and another one for another place", () => {
  assert.equal(replyKey("c1", ["a", "b"]), replyKey("c1", ["b", "a"]));
  assert.notEqual(replyKey("c1", ["a"]), replyKey("c1", ["a", "b"]));
  assert.notEqual(replyKey("c1", ["a"]), replyKey("c2", ["a"]));
  assert.notEqual(replyKey("c1", ["a"]), replyKey("c1", ["a"], "handover"));
});

describe("moments as the team reads them", () => {
  const now = new Date("2026-11-21T02:15:00Z");

  test("stand in the team's zone, with a year only when it is another", () => {
    assert.equal(momentText(now, "UTC"), "21 Nov 02:15");
    assert.equal(momentText(now, "America/New_York"), "20 Nov 21:15");
    assert.equal(
      momentText(new Date("2025-09-03T09:05:00Z"), "Europe/Berlin", now),
      "3 Sep 2025 11:05",
    );
  });

  test("a new year is the zone's, not UTC's", () => {
    const midnight = new Date("2026-12-31T23:30:00Z");
    assert.equal(momentText(midnight, "Europe/Berlin", now), "1 Jan 2027 00:30");
  });

  test("a record's date keeps its day in every zone", () => {
    assert.equal(dayText("2026-11-23", now), "23 Nov");
    assert.equal(dayText("2025-01-10", now), "10 Jan 2025");
  });
});

test("a page's title is found again in what it was called, on any day and with any address", () => {
  for (const month of ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"])
    for (const url of ["", "https://shop.test/wiki/Returns_(all)"])
      for (const updated of [undefined, `2026-${month}-09`])
        assert.equal(
          titleInName(pageName({ title: "Returns (EU)", url, updated })),
          "Returns (EU)",
        );
});

test("a pattern stands for its text alone, with any flags", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      for (const flags of ["", "i", "iu", "gu"])
        assert.ok(new RegExp(`^${literally(text)}$`, flags).test(text), `${text} with ${flags}`);
    }),
  );
  assert.ok(!new RegExp(literally("2-4 days (at most)."), "u").test("2-4 days at most"));
});

test("a shortened text has at most so many characters and says that it goes on", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (text, max) => {
      const short = shortened(text, max);
      assert.ok(short.length <= max && short.isWellFormed());
      if (text.length > max) assert.ok(short.endsWith("…"));
      else assert.equal(short, text);
    }),
  );
});

async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

describe("the time limit of a turn", () => {
  test("aborts when the time is over, and says that this was the reason", async () => {
    const { signal, isOver } = startDeadline(new AbortController().signal, 20);
    assert.equal(signal.aborted, false);
    await wait(60);
    assert.equal(signal.aborted, true);
    assert.equal(isOver(), true);
  });

  test("aborts with the caller, also one that aborted before, without being over", () => {
    const caller = new AbortController();
    const { signal, isOver } = startDeadline(caller.signal, 10_000);
    caller.abort("stop");
    assert.equal(signal.reason, "stop");
    assert.equal(isOver(), false);
    assert.equal(startDeadline(caller.signal, 10_000).signal.aborted, true);
  });

  test("a limit beyond what timers can hold is not over at once", async () => {
    const { isOver, end } = startDeadline(new AbortController().signal, 2 ** 40);
    await wait(20);
    assert.equal(isOver(), false);
    end();
  });
});

test("the same teammate who answers again changes nothing about who has it", () => {
  const answer = (key: string) =>
    messageOf(key, { author: { kind: "teammate", id: "t", name: "Ana" } });
  const before: Ownership = { owner: "bot", reason: toldReason("") };
  const first = ownerAfter(before, answer("1"));
  assert.deepEqual([first.owner, first.reason.words], ["human", "Ana answered"]);
  assert.ok(isSameOwnership(first, ownerAfter(first, answer("2"))));
  assert.ok(!isSameOwnership(before, first));
  for (const fact of [
    { holder: { name: "Ben", voter: null } },
    { delicate: "legal" } as const,
    { words: "else" },
  ])
    assert.ok(!isSameOwnership(first, { ...first, reason: { ...first.reason, ...fact } }));
});
