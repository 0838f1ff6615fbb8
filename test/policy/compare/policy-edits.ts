/** Random edits of a policy file and random questions, for properties of comparisons. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { DeskhandError } from "#core/values/errors.ts";
import type { PolicyQuestion } from "#core/contracts/policy.ts";
import { openPolicyFile, type PolicyFile } from "#policy/load-policy.ts";
import type { PolicyDocument, RuleEntry } from "#policy/schema.ts";
import { NOON, order } from "#test/policy/policy-files.ts";

export const CHANNELS = ["email", "zendesk", "slack", "chat"] as const;
const OPERATIONS = ["refund", "change_address", "reset_password", "create_ticket", "extra"];
export const TEAMMATES = [
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

export type Edit = (document: PolicyDocument) => void;

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

const ruleEdit: fc.Arbitrary<Edit> = fc.oneof(
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

/** Other values of settings that have a fixed set of them. */
const CHOICES: readonly (readonly string[])[] = [
  ["allow", "ask", "deny"],
  ["required", "not_needed"],
  ["customer", "all"],
  ["shadow", "draft", "auto"],
  ["sensitive", "tier2"],
  ["USD", "EUR"],
  ["UTC", "Asia/Tokyo", "Europe/Berlin"],
];

/** Another value of the same kind. */
function otherValue(value: unknown, pick: number): unknown {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number")
    return [value + 1, Math.max(0, value - 1), value * 2, value / 2][pick % 4];
  if (typeof value === "string") {
    const others = CHOICES.find((choice) => choice.includes(value));
    return others === undefined
      ? [`${value} too`, `${value}x`, value.slice(0, -1)][pick % 3]
      : others[pick % others.length];
  }
  return value;
}

/** Changes any one setting: another value, a list entry more or less, an entry of a mapping gone. */
const settingEdit: fc.Arbitrary<Edit> = fc
  .record({ steps: fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), pick: fc.nat(1_000) })
  .map(({ steps, pick }): Edit => (document) => {
    let parent: object = document;
    for (const step of steps) {
      const keys = Object.keys(parent);
      const key = keys[step % Math.max(1, keys.length)];
      if (key === undefined) return;
      const value: unknown = Reflect.get(parent, key);
      if (Array.isArray(value) && value.length > 0 && pick % 4 < 3) {
        const entry: unknown = value[pick % value.length];
        if (pick % 4 === 0) value.splice(pick % value.length, 1);
        else if (pick % 4 === 1 && typeof entry === "string") value.push(otherValue(entry, pick));
        else value.reverse();
        return;
      }
      if (typeof value !== "object" || value === null) {
        Reflect.set(parent, key, otherValue(value, pick));
        return;
      }
      if (pick % 16 === 15 && isOpenMapping(document, parent)) {
        Reflect.deleteProperty(parent, key);
        return;
      }
      parent = value;
    }
  });

/** True for mappings whose entries the schema does not require. */
function isOpenMapping({ operations, limits, role_limits, delicate }: PolicyDocument, map: object) {
  return "verdict" in map || [operations, limits, role_limits, delicate.extra_words].includes(map);
}

/** Settings that the shipped files leave at their default, so that an edit can also change or remove them. */
const newSetting: fc.Arbitrary<Edit> = fc.constantFrom<Edit>(
  (document) => void (document.role_limits = { support: { refund: { up_to: 100 } } }),
  (document) => void (document.role_limits = { support: { refund: { up_to: 50 } } }),
  (document) => void document.voice.email.forbidden.push("guarantee"),
  (document) =>
    void (document.voice.email.brands["Nord"] = { signature: "Nord", forbidden: ["x1"] }),
  (document) => void (document.delicate.extra_words = { legal: ["lawyer", "court"] }),
  (document) => void document.delicate.vip.push("vip@press.test"),
  (document) => void document.link_hosts.push("shop.test"),
  (document) => void document.contacts.push("pay@shop.test"),
  (document) => void document.guard.harmless_phrases.push("system override"),
  (document) => void document.guard.trusted_senders.push("@partner.test"),
);

export const anyEdit: fc.Arbitrary<Edit> = fc.oneof(ruleEdit, settingEdit, newSetting);

/** The file after these edits; null when no installation could have it, since it is refused. */
export function edited(from: PolicyFile, edits: readonly Edit[]): PolicyFile | null {
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

export const anyQuestion = (currency: string): fc.Arbitrary<PolicyQuestion> =>
  fc.record({
    operation: fc.constantFrom(...OPERATIONS, "reply"),
    channel: fc.constantFrom(...CHANNELS),
    brand: fc.constant(""),
    topic: fc.constantFrom("refund", "faq", "other"),
    level,
    actingLevel: fc.constantFrom(undefined, 1 as const),
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
