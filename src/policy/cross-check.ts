/** Checks a policy for problems that its schema cannot express, such as unknown names and unreachable rules. */

import { fromDecimal, MONEY_OPERATIONS, formatMoney } from "#core/values/money.ts";
import { parsedOpenings } from "./calendar.ts";
import { BUILT_IN_RULES } from "./decide.ts";
import { pageProblems, roleProblems, tooFewPeople, roleLimitsIn } from "./roles.ts";
import {
  type OperationRules,
  preparedRules,
  type Case,
  edgeAmounts,
  type Rule,
  isLaxer,
  type Outcome,
  ruleOutcome,
  type World,
} from "./rules.ts";
import type { PolicyDocument, Problem, RuleEntry } from "./schema.ts";
import { linkProblems } from "./voice.ts";

/** What the schema cannot check: names that must exist, amounts the currency can hold, rules that make sense. */
export function problemsIn(document: PolicyDocument): readonly Problem[] {
  return [...problemsInForce(document), ...linkProblems(document), ...pageProblems(document)];
}

/**
 * The same without checks that older versions did not make: a policy in force stays valid until its file is changed,
 * and only a readable one can be compared with the next.
 */
export function problemsInForce(document: PolicyDocument): readonly Problem[] {
  const amounts = amountProblems(document);
  return [
    ...amounts,
    ...operationProblems(document),
    ...limitProblems(document),
    ...roleProblems(document),
    ...hoursProblems(document.calendar),
    ...routeProblems(document),
    ...boundProblems(document),
    // Amounts that cannot be parsed cannot be compared either.
    ...(amounts.length > 0 ? [] : laxerForMore(document)),
  ];
}

function amountProblems(document: PolicyDocument): readonly Problem[] {
  const { currency, operations, limits, routing } = document;
  const typed: [Problem["path"], number | undefined][] = [
    ...Object.entries(limits).map(([name, limit]): [Problem["path"], number | undefined] => [
      ["limits", name, "sum_max"],
      limit.sum_max,
    ]),
    ...eachRule(operations).flatMap(({ rule, path }): [Problem["path"], number | undefined][] => [
      [[...path, "up_to"], rule.up_to],
      [[...path, "above"], rule.above],
    ]),
    ...routing.map(({ above }, index): [Problem["path"], number | undefined] => [
      ["routing", index, "above"],
      above,
    ]),
    ...roleLimitsIn(document).map(({ role, operation, upTo }): [Problem["path"], number] => [
      ["role_limits", role, operation, "up_to"],
      upTo,
    ]),
  ];
  return typed.flatMap(([path, amount]) =>
    amount === undefined || isCurrencyAmount(amount, currency)
      ? []
      : [{ path, reason: `${amount} has more digits than ${currency} has` }],
  );
}

function isCurrencyAmount(amount: number, currency: string): boolean {
  try {
    return fromDecimal(amount, currency).minor >= 0;
  } catch {
    return false;
  }
}

function eachRule(operations: PolicyDocument["operations"]) {
  return Object.entries(operations).flatMap(([operation, entry]) =>
    entry.rules.map((rule, index) => ({
      operation,
      entry,
      rule,
      index,
      path: ["operations", operation, "rules", index],
    })),
  );
}

function operationProblems(document: PolicyDocument): readonly Problem[] {
  const problems: Problem[] = [];
  if (Object.hasOwn(document.operations, "reply"))
    problems.push({
      path: ["operations", "reply"],
      reason: "whether replies go out is said under autonomy, for each channel and topic",
    });
  for (const { operation, entry, rule, index, path } of eachRule(document.operations)) {
    const at = (field: keyof RuleEntry, reason: string): void => {
      problems.push({ path: [...path, field], reason });
    };
    if (BUILT_IN_RULES.includes(rule.name))
      at("name", `${rule.name} is the name of a rule that always holds; choose another`);
    if (entry.rules.slice(0, index).some(({ name }) => name === rule.name))
      at("name", `there is a rule ${rule.name} above already`);
    for (const [field, reason] of contradictions(rule, operation)) at(field, reason);
    for (const name of rule.limits ?? [])
      if (!Object.hasOwn(document.limits, name)) at("limits", `there is no limit ${name}`);
    const tooFew = tooFewPeople(rule, document.roles);
    if (tooFew !== null) at("approvers", tooFew);
  }
  return problems;
}

function contradictions(
  rule: RuleEntry,
  operation: string,
): readonly (readonly [keyof RuleEntry, string])[] {
  const allows = rule.verdict === "allow";
  const denies = rule.verdict === "deny";
  const table: readonly [boolean, keyof RuleEntry, string][] = [
    [
      rule.verdict !== "ask" && rule.approvers !== undefined,
      "approvers",
      "only a rule that asks has approvers",
    ],
    [
      denies && rule.limits !== undefined,
      "limits",
      "limits count what is done, so a rule that denies has none",
    ],
    [
      allows && rule.up_to === undefined && MONEY_OPERATIONS.includes(operation),
      "verdict",
      `allowing a ${operation} needs up_to, the most that may go out unseen`,
    ],
    [isEmptyRange(rule.above, rule.up_to), "above", "must be less than up_to"],
    [
      isEmptyRange(rule.after_days, rule.within_days),
      "after_days",
      "must be less than within_days",
    ],
  ];
  return table.flatMap(([wrong, field, reason]) => (wrong ? [[field, reason] as const] : []));
}

function isEmptyRange(above: number | undefined, upTo: number | undefined): boolean {
  return above !== undefined && upTo !== undefined && above >= upTo;
}

function limitProblems({ limits, operations }: PolicyDocument): readonly Problem[] {
  const used = new Set(eachRule(operations).flatMap(({ rule }) => rule.limits ?? []));
  return Object.keys(limits)
    .filter((name) => !used.has(name))
    .map((name) => ({ path: ["limits", name], reason: "no rule uses this limit" }));
}

function hoursProblems({ open, duty }: PolicyDocument["calendar"]): readonly Problem[] {
  return [
    ...weekProblems(open, ["calendar", "open"]),
    ...duty.flatMap(({ name, open: own }, index) => [
      ...(own === undefined ? [] : weekProblems(own, ["calendar", "duty", index, "open"])),
      ...repeatProblem(
        duty.map((group) => group.name),
        index,
        ["calendar", "duty", index, "name"],
        `there is a group ${name} above already`,
      ),
    ]),
  ];
}

function weekProblems(
  open: PolicyDocument["calendar"]["open"],
  path: Problem["path"],
): readonly Problem[] {
  if (open === "always") return [];
  const days = Object.entries(open);
  const wrong = days.filter(([, hours]) => parsedOpenings(hours) === null);
  if (wrong.length > 0)
    return wrong.map(([day, hours]) => ({
      path: [...path, day],
      reason: `${hours} is no opening: each end must come after its start`,
    }));
  return days.every(([, hours]) => hours === "closed")
    ? [{ path, reason: "at least one day must be open" }]
    : [];
}

function repeatProblem(
  names: readonly string[],
  index: number,
  path: Problem["path"],
  reason: string,
): readonly Problem[] {
  return names.slice(0, index).some((name) => name === names[index]) ? [{ path, reason }] : [];
}

/** A route after one that matches everything is never reached, which is always a mistake. */
function routeProblems({ routing }: PolicyDocument): readonly Problem[] {
  const takesAll = routing.findIndex(({ name: _name, place: _place, ...conditions }) =>
    Object.values(conditions).every((condition) => condition === undefined),
  );
  return routing.flatMap(({ name }, index) => [
    ...repeatProblem(
      routing.map((route) => route.name),
      index,
      ["routing", index, "name"],
      `there is a route ${name} above already`,
    ),
    ...(takesAll >= 0 && index > takesAll
      ? [
          {
            path: ["routing", index],
            reason: `is never reached, because ${routing[takesAll]?.name} above takes every card`,
          },
        ]
      : []),
  ]);
}

/** Bounds that can never be met, so the operator who wrote them expects something that does not happen. */
function boundProblems({ approvals, caps }: PolicyDocument): readonly Problem[] {
  const reminder =
    approvals.remind_after_opening_hours >= approvals.expire_after_opening_hours
      ? [
          {
            path: ["approvals", "remind_after_opening_hours"],
            reason: "the card has expired by then; it must be less than expire_after_opening_hours",
          },
        ]
      : [];
  const fields = ["steps", "output_tokens", "usd", "seconds"] as const;
  const wider = [
    ["turn", "conversation"],
    ["conversation", "day"],
  ] as const;
  return [
    ...reminder,
    ...wider.flatMap(([inner, outer]) =>
      fields
        .filter((field) => caps[inner][field] > caps[outer][field])
        .map((field) => ({
          path: ["caps", inner, field],
          reason: `is more than a whole ${outer} may use (${caps[outer][field]})`,
        })),
    ),
  ];
}

// Checks that a larger amount never passes more easily than a smaller one.

/**
 * Finds rules that let a larger amount pass more easily than a smaller one. Such a file rewards asking for more and is
 * a mistake in the order of the rules. Checks every case the conditions distinguish, with each limit used up in turn.
 */
function laxerForMore(document: PolicyDocument): readonly Problem[] {
  return Object.entries(document.operations).flatMap(([operation, entry]): readonly Problem[] => {
    const compiled = preparedRules(operation, entry, document);
    const path = ["operations", operation, "rules"];
    for (const limit of [null, ...ruleLimitNames(compiled.rules)]) {
      const isOver: World["isOver"] = (rule) => limit !== null && rule.limits.includes(limit);
      for (const shape of caseShapes(compiled.rules)) {
        const slip = slipIn(compiled, shape, { isOver, proven: true });
        if (slip !== null) {
          const amount = formatMoney({ minor: slip.amountMinor, currency: document.currency });
          const reason = `lets ${amount} pass more easily than a smaller amount, which ${slip.smaller} decides`;
          return [{ path: slip.index < 0 ? path : [...path, slip.index], reason }];
        }
      }
    }
    return [];
  });
}

function slipIn(operation: OperationRules, shape: Shape, world: World) {
  let before: Outcome | undefined;
  for (const amountMinor of edgeAmounts(operation.rules)) {
    const outcome = ruleOutcome(operation, { ...shape, amountMinor }, world);
    if (before !== undefined && isLaxer(outcome, before)) {
      // -1 when the larger amount matches no rule and needs approval for that reason.
      const index = outcome.rule === null ? -1 : operation.rules.indexOf(outcome.rule);
      return { index, amountMinor, smaller: before.rule?.id ?? "no rule at all" };
    }
    before = outcome;
  }
  return null;
}

// Lists every case that the conditions of some rules can tell apart, for load-time checks.

/** A case without its amount. */
export type Shape = Omit<Case, "amountMinor">;

/** Every combination of age, shipping and identity that conditions of these rules distinguish. */
export function caseShapes(rules: readonly Rule[]): readonly Shape[] {
  const edges = rules.flatMap(({ withinDays, afterDays }) => [withinDays ?? 0, afterDays ?? 0]);
  const ages = [null, ...new Set([0, ...edges].flatMap((edge) => [edge, edge + 1]))];
  const orders = [
    null,
    ...ages.flatMap((daysSinceDelivery) =>
      [true, false].map((beforeShipping) => ({ daysSinceDelivery, beforeShipping })),
    ),
  ];
  return orders.flatMap((order) =>
    ([0, 1, 2, 3] as const).map((level) => ({ order, level, amountComparable: true })),
  );
}

/**
 * The limits these rules name. It is enough to check with no limit used up and with each alone: combinations add
 * nothing, because the same rules decide a case whichever limit sends it to people.
 */
export function ruleLimitNames(rules: readonly Rule[]): readonly string[] {
  return [...new Set(rules.flatMap((rule) => rule.limits))];
}
