import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DeskhandError } from "#core/values/errors.ts";
import type { PolicyQuestion } from "#core/contracts/policy.ts";
import { openPolicyFile, type PolicyFile } from "#policy/load-policy.ts";
import { relaxations } from "#policy/compare/relaxations.ts";
import type { PolicyDocument, RuleEntry } from "#policy/schema.ts";
import { berlinText, NOON, order, sandboxText } from "./policy-files.ts";

const STRICTNESS = { allow: 0, ask: 1, deny: 2, shadow: 2, draft: 1, auto: 0 };
const CHANNELS = ["email", "zendesk", "slack", "chat"] as const;
const OPERATIONS = ["refund", "change_address", "reset_password", "create_ticket", "extra"];
const TEAMMATES = [
  "sam@ourshop.test",
  "dana@ourshop.test",
  "lea@ourshop.test",
  "U1",
  "new@ourshop.test",
];

const amount = fc.constantFrom(0.01, 5, 8, 10, 10.01, 15, 200, 200.01, 640, 1000, 1000.01);
const days = fc.constantFrom(0, 1, 12, 29, 30, 31, 60);
const level = fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const);
const verdict = fc.constantFrom("allow" as const, "ask" as const, "deny" as const);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });

/** A random rule; half of them contradict themselves and are refused with the whole file. */
const anyRule = fc
  .record(
    {
      verdict,
      up_to: amount,
      above: amount,
      within_days: days,
      after_days: days,
      delivered: fc.boolean(),
      before_shipping: fc.constant(true as const),
      level,
      approvers: fc.constantFrom(
        { count: 1, leads: 0 },
        { count: 2, leads: 0 },
        { count: 1, leads: 1 },
        { count: 2, leads: 1 },
      ),
      limits: fc.constantFrom(
        ["small_refunds_for_one"],
        ["resets_for_one"],
        ["small_refunds_for_one", "small_refunds_for_all"],
      ),
    },
    { requiredKeys: ["verdict"] },
  )
  .map(({ approvers, limits, ...rest }) => {
    const rule: Omit<RuleEntry, "name" | "reason"> = rest;
    if (rule.verdict === "ask" && approvers !== undefined) rule.approvers = approvers;
    if (rule.verdict === "allow" && limits !== undefined) rule.limits = [...limits];
    return rule;
  });

type Edit = (document: PolicyDocument) => void;

const at =
  (
    operation: string,
    index: number,
    edit: (rules: PolicyDocument["operations"][string]["rules"], index: number) => void,
  ): Edit =>
  (document) => {
    const rules = document.operations[operation]?.rules;
    if (rules !== undefined) edit(rules, index % rules.length);
  };

const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc
    .record({ operation: fc.constantFrom(...OPERATIONS), index: fc.nat(9), change: anyRule })
    .map(({ operation, index, change }) =>
      at(operation, index, (rules, place) => {
        const rule = rules[place];
        if (rule !== undefined) rules[place] = { name: rule.name, reason: rule.reason, ...change };
      }),
    ),
  fc
    .record({ operation: fc.constantFrom(...OPERATIONS), index: fc.nat(9), change: anyRule })
    .map(({ operation, index, change }) =>
      at(operation, index, (rules, place) => {
        rules.splice(place, 0, {
          name: `new_${rules.length}`,
          reason: "A rule that was put in.",
          ...change,
        });
      }),
    ),
  fc
    .record({ operation: fc.constantFrom(...OPERATIONS), index: fc.nat(9) })
    .map(({ operation, index }) =>
      at(operation, index, (rules, place) => void rules.splice(place, 1)),
    ),
  fc
    .record({ operation: fc.constantFrom(...OPERATIONS), index: fc.nat(9) })
    .map(({ operation, index }) =>
      at(operation, index, (rules, place) => rules.unshift(...rules.splice(place, 1))),
    ),
  fc
    .record({ operation: fc.constantFrom(...OPERATIONS), level })
    .map(({ operation, level: least }): Edit => (document) => {
      const entry = document.operations[operation];
      if (entry !== undefined) entry.level = least;
    }),
  fc
    .record({
      operation: fc.constantFrom(...OPERATIONS),
      own_words: fc.constantFrom("required" as const, "not_needed" as const),
    })
    .map(({ operation, own_words }): Edit => (document) => {
      const entry = document.operations[operation];
      if (entry !== undefined) entry.own_words = own_words;
    }),
  fc.constantFrom(...OPERATIONS).map((operation): Edit => (document) => {
    delete document.operations[operation];
  }),
  anyRule.map((rule): Edit => (document) => {
    document.operations["extra"] = {
      level: 1,
      own_words: "required",
      rules: [{ name: "only", reason: "The only rule there is.", ...rule }],
    };
  }),
  fc
    .record({
      name: fc.constantFrom("small_refunds_for_one", "small_refunds_for_all", "resets_for_one"),
      scope: fc.constantFrom("customer" as const, "all" as const),
      days: fc.constantFrom(1, 30, 90, 100),
      count_max: fc.constantFrom(1, 2, 3, 4),
      sum_max: maybe(fc.constantFrom(20, 50, 60)),
    })
    .map(({ name, ...limit }): Edit => (document) => {
      document.limits[name] = { ...limit, over: "ask" };
    }),
  fc
    .subarray(["processing", "shipped", "lost"], { minLength: 1 })
    .map((statuses): Edit => (document) => {
      document.unshipped_statuses = statuses;
    }),
  fc
    .record({
      channel: fc.constantFrom(...CHANNELS),
      topic: maybe(fc.constantFrom("refund", "faq")),
      autonomy: fc.constantFrom("shadow" as const, "draft" as const, "auto" as const),
    })
    .map(({ channel, topic, autonomy }): Edit => (document) => {
      const entry = document.autonomy[channel];
      if (topic === undefined) entry.default = autonomy;
      else entry.topics[topic] = autonomy;
    }),
  fc
    .record({ support: fc.subarray(TEAMMATES), lead: fc.subarray(TEAMMATES, { minLength: 2 }) })
    .map(({ support, lead }): Edit => (document) => {
      document.roles = { support: support.filter((name) => !lead.includes(name)), lead };
      document.calendar.duty = [{ name: "all", people: lead }];
      document.calendar.fallback_lead = lead[0] ?? "";
    }),
);

/** The file after these edits; null when it is refused. */
function edited(from: PolicyFile, edits: readonly Edit[]): PolicyFile | null {
  const document = structuredClone(from.document);
  for (const edit of edits) edit(document);
  try {
    // JSON is YAML, so the edited document is read like any file.
    return openPolicyFile(JSON.stringify(document), "edited.yaml");
  } catch (error) {
    assert.ok(error instanceof DeskhandError && error.code === "policy.invalid", String(error));
    return null;
  }
}

const usage = fc.record({ count: fc.nat(4), minor: fc.constantFrom(0, 900, 4_100, 4_999, 5_500) });

const anyQuestion = (currency: string): fc.Arbitrary<PolicyQuestion> =>
  fc.record({
    operation: fc.constantFrom(...OPERATIONS, "reply"),
    channel: fc.constantFrom(...CHANNELS),
    brand: fc.constant(""),
    topic: fc.constantFrom("refund", "faq", "other"),
    level,
    customerId: fc.constantFrom("u123", "u456", null),
    amount: fc.option(
      fc.record({
        minor: amount.map((major) => Math.round(major * 100)),
        currency: fc.constantFrom(currency, currency, currency, "JPY"),
      }),
    ),
    order: fc.option(
      fc
        .record({
          paid: fc.constant(5_000),
          deliveredDaysAgo: fc.option(days),
          status: fc.constantFrom("processing", "shipped", "delivered", "neu"),
        })
        .map(({ paid, ...rest }) => {
          const about = order("1", "u123", paid, rest);
          const money = { minor: 500_000, currency };
          return { ...about, paid: money, refunded: { minor: 0, currency } };
        }),
      { freq: 8 },
    ),
    origin: fc.option(fc.record({ asked: fc.boolean(), unproven: fc.constant([]) })),
    at: fc.constant(NOON),
    usage: fc.record({
      small_refunds_for_one: usage,
      small_refunds_for_all: usage,
      resets_for_one: usage,
    }),
  });

for (const [name, text, currency] of [
  ["sandbox", sandboxText, "USD"],
  ["Berlin", berlinText, "EUR"],
] as const)
  test(`whatever is changed in the ${name} file, no case is decided more easily without being told`, () => {
    const before = openPolicyFile(text, "before.yaml");
    let compared = 0;
    let laxer = 0;
    fc.assert(
      fc.property(
        fc.array(anyEdit, { minLength: 1, maxLength: 3 }),
        fc.array(anyQuestion(currency), { minLength: 40, maxLength: 40 }),
        (edits, questions) => {
          const after = edited(before, edits);
          if (after === null) return;
          compared += 1;
          const more = questions.filter((question) => {
            const [old, now] = [before.policy.decide(question), after.policy.decide(question)];
            if (old.verdict !== now.verdict)
              return STRICTNESS[now.verdict] < STRICTNESS[old.verdict];
            return (
              now.approvers.count < old.approvers.count || now.approvers.leads < old.approvers.leads
            );
          });
          const promoted = TEAMMATES.filter((teammate) => {
            const rank = (file: PolicyFile): number => {
              const role = file.policy.roleOf({ id: "U1", email: teammate });
              return role === null ? 0 : role === "support" ? 1 : 2;
            };
            return rank(after) > rank(before);
          });
          if (more.length === 0 && promoted.length === 0) return;
          laxer += 1;
          assert.notDeepEqual(relaxations(before, after), [], JSON.stringify(more[0] ?? promoted));
        },
      ),
      { numRuns: 250 },
    );
    assert.ok(compared > 40 && laxer > 12, `${compared} files compared, ${laxer} of them laxer`);
  });
