/** Limits on what policy allows or people approve by a rule: their windows, usage and reservations. */
import { formatMoney, fromDecimal } from "#core/values/money.ts";
import type { LimitNeeded, PolicyQuestion, Reservation } from "#core/contracts/policy.ts";
import type { Calendar } from "./calendar.ts";
import type { Rule } from "./rules.ts";
import type { PolicyDocument } from "./schema.ts";

/** A limit on what happens by the rules that name it. */
interface Limit {
  readonly name: string;
  readonly scope: "customer" | "all";
  /** Calendar days in the policy's time zone, today included. */
  readonly days: number;
  readonly countMax: number | null;
  readonly minorMax: number | null;
  readonly words: string;
}

export type Limits = ReadonlyMap<string, Limit>;

/** Reads the limits of the file. Throws for an amount the currency cannot hold. */
export function policyLimits({
  limits,
  currency,
}: Pick<PolicyDocument, "limits" | "currency">): Limits {
  return new Map(
    Object.entries(limits).map(([name, entry]) => {
      const sum = entry.sum_max === undefined ? null : fromDecimal(entry.sum_max, currency);
      const terms = [
        ...(entry.count_max === undefined ? [] : [timesInWords(entry.count_max)]),
        ...(sum === null ? [] : [formatMoney(sum)]),
      ].join(" or ");
      const days = entry.days === 1 ? "a day" : `in ${entry.days} days`;
      const scope = entry.scope === "all" ? "over all customers" : "for each customer";
      return [
        name,
        {
          name,
          scope: entry.scope,
          days: entry.days,
          countMax: entry.count_max ?? null,
          minorMax: sum?.minor ?? null,
          words: `${terms} ${days} ${scope}`,
        },
      ];
    }),
  );
}

/** The limits that keep this rule from deciding now; `isCounted` is false where the customer it counts by is unknown. */
export function limitsOver(limits: Limits, rule: Rule, question: PolicyQuestion) {
  return rule.limits
    .flatMap((name) => limits.get(name) ?? [])
    .filter((limit) => isOver(limit, question))
    .map((limit) => ({
      name: limit.name,
      words: limit.words,
      isCounted: limitSubject(limit, question.customerId) !== null,
    }));
}

/** What has to be reserved together with the effect, so that two turns cannot both fit under one limit. */
export function reservationsFor(
  limits: Limits,
  rules: readonly Rule[],
  { customerId, amount, at }: PolicyQuestion,
  calendar: Calendar,
): Reservation[] {
  return limitsNeededBy(limits, rules, { customerId, at, calendar }).map((needed) => ({
    ...needed,
    minor: amount?.minor ?? 0,
    since: needed.since.toISOString(),
  }));
}

/** The limits named by the rules of an operation, each with its bounds and the start of its window. */
export function limitsNeededBy(
  limits: Limits,
  rules: readonly Rule[],
  { customerId, at, calendar }: { customerId: string | null; at: Date; calendar: Calendar },
): readonly LimitNeeded[] {
  const names = new Set(rules.flatMap((rule) => rule.limits));
  return [...names].flatMap((name) => {
    const limit = limits.get(name);
    const subject = limit === undefined ? null : limitSubject(limit, customerId);
    if (limit === undefined || subject === null) return [];
    const { countMax, minorMax } = limit;
    const since = limitWindowStart(limit, at, calendar);
    return [{ limit: name, subject, since, countMax, minorMax }];
  });
}

/** Windows are calendar days in the policy's time zone, so today's starts at midnight there. */
function limitWindowStart(limit: Limit, at: Date, calendar: Calendar): Date {
  return calendar.startOf(calendar.dayOf(at) - limit.days + 1);
}

function timesInWords(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/** True when this request does not fit under the limit. */
function isOver(limit: Limit, { usage, amount, customerId }: PolicyQuestion): boolean {
  if (limitSubject(limit, customerId) === null) return true;
  const used = usage[limit.name] ?? { count: 0, minor: 0 };
  return (
    (limit.countMax !== null && used.count + 1 > limit.countMax) ||
    (limit.minorMax !== null && used.minor + (amount?.minor ?? 0) > limit.minorMax)
  );
}

/** Null when the limit counts per customer and the customer is unknown. */
function limitSubject({ scope }: Pick<Limit, "scope">, customerId: string | null): string | null {
  return scope === "all" ? "all" : customerId;
}
