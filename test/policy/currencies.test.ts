/** An amount in a currency the policy has no amounts in: no refusal, limit or approval is milder for it than at home. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Decision, PolicyQuestion } from "#core/contracts/policy.ts";
import type { OrderFacts } from "#core/values/action.ts";
import { explain, explanationText } from "#policy/explain/explain.ts";
import { openPolicyFile, type PolicyFile } from "#policy/load-policy.ts";
import { isLaxer } from "#policy/rules.ts";
import { runs } from "#test/support/tiers.ts";
import {
  NO_APPROVERS,
  ONE,
  ORDERS,
  question,
  relaxations,
  sandboxText,
  withEdits,
} from "./policy-files.ts";

const LEAD = { count: 1, leads: 1 };

const [RULES = ""] =
  /(?<= {2}refund:\n {4}level: 2\n {4}rules:\n)[^]*?(?=\n {2}change_address:)/.exec(sandboxText) ??
  [];
const [LIMITS = ""] = /(?<=\nlimits:\n)[^]*?(?= {2}resets_for_one:)/.exec(sandboxText) ?? [];

/** The sandbox's policy with these rules for a refund, by name, and these limits. */
function refunding(
  rules: Readonly<Record<string, string>>,
  limits: readonly string[] = [],
): PolicyFile {
  const named = Object.entries(rules).map(
    ([name, rule]) => `      - { name: ${name}, reason: So it is., ${rule} }\n`,
  );
  const edits = [
    [RULES, named.join("")],
    [LIMITS, limits.map((limit) => `  ${limit}\n`).join("")],
  ] as const;
  return openPolicyFile(withEdits(edits), "deskhand.policy.yaml");
}

const COUNTED = "three_for_one: { scope: customer, days: 30, count_max: 3, over: ask }";
const SUMMED = "sum_for_one: { scope: customer, days: 30, sum_max: 100.00, over: ask }";
const used = (count: number, minor: number): Partial<PolicyQuestion> => ({
  usage: { three_for_one: { count, minor }, sum_for_one: { count, minor } },
});

function inEuros(order: OrderFacts): OrderFacts {
  const { paid, refunded } = order;
  return {
    ...order,
    paid: { ...paid, currency: "EUR" },
    refunded: { ...refunded, currency: "EUR" },
  };
}

function atHome(
  { policy }: PolicyFile,
  minor: number,
  changes: Partial<PolicyQuestion> = {},
): Decision {
  return policy.decide(question("refund", ORDERS.headphones, minor / 100, changes));
}

function abroad(
  { policy }: PolicyFile,
  minor: number,
  changes: Partial<PolicyQuestion> = {},
): Decision {
  const amount = { minor, currency: "EUR" };
  return policy.decide(
    question("refund", inEuros(ORDERS.headphones), null, { ...changes, amount }),
  );
}

const verdict = ({ verdict: said, rule, approvers }: Decision) => [said, rule, approvers];
const booked = ({ reservations }: Decision) =>
  reservations.map(({ limit, minor }) => [limit, minor]);

test("what is refused at every amount is refused in every currency", () => {
  const off = refunding({ off: "verdict: deny" });
  const denied = ["deny", "refund.off", NO_APPROVERS];
  assert.deepEqual([verdict(atHome(off, 5_000)), verdict(abroad(off, 5_000))], [denied, denied]);
  const sandbox = openPolicyFile(sandboxText, "deskhand.policy.yaml");
  const amount = { minor: 12_000, currency: "EUR" };
  const cancelled = question("cancel_order", inEuros(ORDERS.headphones), null, { amount });
  assert.equal(sandbox.policy.decide(cancelled).rule, "cancel_order.shipped");
  // Two that refuse the large and the small refuse them all.
  const both = refunding({
    large: "verdict: deny, above: 10.00",
    small: "verdict: deny, up_to: 10.00",
  });
  assert.deepEqual(
    [abroad(both, 5_000), abroad(both, 500)].map((one) => one.verdict),
    ["deny", "deny"],
  );
  // One that only some amounts come to leaves the others to people.
  const tiers = refunding({ small: "verdict: ask, up_to: 10.00", rest: "verdict: deny" });
  assert.deepEqual(verdict(abroad(tiers, 5_000)), ["ask", "refund.currency", ONE]);
});

test("to refuse every refund is stricter, also in other currencies", () => {
  const asking = refunding({ every: "verdict: ask" });
  const off = refunding({ off: "verdict: deny" });
  const permits = relaxations(asking, off).filter(
    (line) => !line.startsWith("operations.refund.rules.off.reason"),
  );
  assert.deepEqual(permits, []);
  assert.match(relaxations(off, asking).join("\n"), /refund of .* it is refused .* one person/);
});

test("a limit on how many counts and holds in every currency", () => {
  const limited = refunding({ every: "verdict: ask, limits: [three_for_one]" }, [COUNTED]);
  assert.deepEqual(booked(abroad(limited, 5_000)), [["three_for_one", 0]]);
  assert.deepEqual(abroad(limited, 5_000, used(2, 0)).approvers, ONE);
  const over = abroad(limited, 5_000, used(3, 0));
  assert.deepEqual(over.approvers, LEAD);
  assert.match(over.reason, /has no amounts in EUR.*three_for_one .* is used up/);
  assert.deepEqual(
    over.usedUp?.map(({ name }) => name),
    ["three_for_one"],
  );
  const refused = refunding(
    { some: "verdict: ask, limits: [three_for_one]", more: "verdict: deny" },
    [COUNTED],
  );
  assert.equal(abroad(refused, 5_000, used(2, 0)).verdict, "ask");
  assert.equal(abroad(refused, 5_000, used(3, 0)).rule, "refund.more");
});

test("where a sum is limited, an amount that cannot be added to it takes a lead", () => {
  const limited = refunding({ every: "verdict: ask, limits: [sum_for_one]" }, [SUMMED]);
  assert.deepEqual(atHome(limited, 100).approvers, ONE);
  const asked = abroad(limited, 100);
  assert.deepEqual(
    [asked.approvers, booked(asked), asked.usedUp],
    [LEAD, [["sum_for_one", 0]], undefined],
  );
});

test("an explanation names the limits that count in another currency", () => {
  const limited = refunding({ every: "verdict: ask, limits: [three_for_one]" }, [COUNTED]);
  const amount = { minor: 5_000, currency: "EUR" };
  const asked = question("refund", inEuros(ORDERS.headphones), null, { amount, ...used(0, 0) });
  const text = explanationText(limited, asked, explain(limited, asked));
  assert.match(text, /^Refund of 50\.00 EUR: one person approves\.$/m);
  assert.match(text, /May approve +lea@ourshop\.test, lead[^]*sam@ourshop\.test/);
  assert.match(text, /Limits +three_for_one /);
});

const anyRule = fc
  .record({
    verdict: fc.constantFrom("allow", "ask", "deny"),
    amount: fc.constantFrom("", ", up_to: 10.00", ", up_to: 100.00", ", above: 10.00"),
    age: fc.constantFrom("", ", within_days: 30", ", after_days: 5", ", delivered: true"),
    limits: fc.constantFrom("", ", limits: [three_for_one]", ", limits: [sum_for_one]"),
    approvers: fc.constantFrom("", ", approvers: { count: 2, leads: 1 }"),
  })
  .map(({ verdict: does, amount, age, limits, approvers }) =>
    [
      `verdict: ${does}${amount}${age}`,
      does === "deny" ? "" : limits,
      does === "ask" ? approvers : "",
    ].join(""),
  );

test("no rules and no usage make another currency the easier way", () => {
  const last = {
    counted: "verdict: ask, limits: [three_for_one]",
    summed: "verdict: ask, limits: [sum_for_one]",
  };
  let compared = 0;
  fc.assert(
    fc.property(
      fc.array(anyRule, { minLength: 1, maxLength: 4 }),
      fc.array(fc.constantFrom(1, 1_000, 1_001, 10_000, 11_999), { minLength: 1, maxLength: 3 }),
      fc.record({ count: fc.nat(4), minor: fc.constantFrom(0, 9_500, 10_000) }),
      (rules, amounts, { count, minor: sum }) => {
        const named = Object.fromEntries(rules.map((rule, index) => [`r${index}`, rule]));
        let file: PolicyFile;
        try {
          file = refunding({ ...named, ...last }, [COUNTED, SUMMED]);
        } catch {
          return;
        }
        compared += 1;
        const there = abroad(file, 1, used(count, sum));
        assert.notEqual(there.verdict, "allow");
        for (const minor of amounts) {
          const here = atHome(file, minor, used(count, sum));
          if (here.verdict === "deny") continue;
          assert.ok(!isLaxer(there, here), JSON.stringify([named, here, there]));
          if (there.verdict === "ask")
            for (const [limit] of booked(here))
              assert.ok(
                booked(there).some(([name]) => name === limit),
                `${limit} is not counted`,
              );
        }
      },
    ),
    { numRuns: runs(2_000) },
  );
  assert.ok(compared > 10, `${compared} policies compared`);
});
