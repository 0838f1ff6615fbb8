/**
 * Room: explains policy decisions to people.
 * In: a policy file, a question and the time.
 * Out: the decision with its line in the file, limits, approvers and channel, as data or as text.
 * May touch: nothing.
 * This file: puts the explanation of one decision together.
 */
import { isBeyond } from "#core/values/money.ts";
import type { Role } from "#core/values/vocabulary.ts";
import { decisionGround, type Decision, type PolicyQuestion } from "#core/contracts/policy.ts";
import { outcomeBy } from "#policy/decide.ts";
import { isOver } from "#policy/limits.ts";
import type { PolicyFile } from "#policy/load-policy.ts";
import { person } from "#policy/roles.ts";

/** A teammate who may approve, and whether they are on duty. */
export interface Approver {
  readonly name: string;
  readonly isLead: boolean;
  readonly isOnDuty: boolean;
}

/** A limit that was checked, and how much of it is used. */
export interface LimitLookedAt {
  readonly name: string;
  /** "once in 90 days for each customer". */
  readonly words: string;
  readonly count: number;
  readonly minor: number;
  readonly isUsedUp: boolean;
}

/** The complete explanation of one decision. */
export interface Explanation {
  readonly decision: Decision;
  readonly source: {
    readonly file: string;
    readonly line: number;
    /** False for a built-in rule; the line is then the nearest related setting. */
    readonly isInFile: boolean;
  };
  /** The teammates who could approve it; empty unless approval is needed. */
  readonly approvers: readonly Approver[];
  readonly expiresAt: Date | null;
  readonly remindAt: Date | null;
  /** The channel on the desk; null is the desk's default. */
  readonly place: string | null;
  /** Why the teammates on duty are not enough, and the lead who is notified at once. */
  readonly short: { readonly sentence: string; readonly lead: string } | null;
  /** What the customer is told while no teammate is on duty. */
  readonly closedText: string | null;
  readonly limits: readonly LimitLookedAt[];
}

/** Explains the policy's decision on a question, with the line of the file that decides. Pure, like the decision. */
export function explain(
  file: PolicyFile,
  question: PolicyQuestion,
  language: string | null = null,
): Explanation {
  const { policy } = file;
  const { at } = question;
  const decision = policy.decide(question);
  const asks = decision.verdict === "ask";
  const short = asks ? policy.shortOfPeople(decision.approvers, at) : null;
  return {
    decision,
    source: decisionSource(file, question, decision),
    approvers: asks ? approversFor(file, question) : [],
    expiresAt: asks ? policy.expiresAt(at) : null,
    remindAt: asks ? policy.remindAt(at) : null,
    place: asks ? policy.deskChannelOf({ ...question, language }) : null,
    short: short === null ? null : { sentence: short, lead: policy.fallbackLead },
    closedText: asks ? policy.closedText(at) : null,
    limits: limitsLookedAt(file, question, decision),
  };
}

function decisionSource(
  { name, document, lineOf }: PolicyFile,
  { operation, channel, topic }: PolicyQuestion,
  decision: Decision,
): Explanation["source"] {
  const ground = decisionGround(decision).name;
  const path = ["operations", operation];
  const index = (document.operations[operation]?.rules ?? []).findIndex(
    (entry) => entry.name === ground,
  );
  if (index >= 0) return { file: name, line: lineOf([...path, "rules", index]), isInFile: true };
  if (operation === "reply" && ground === "autonomy") {
    const { topics } = document.autonomy[channel];
    const own = Object.hasOwn(topics, topic) ? ["topics", topic] : ["default"];
    return { file: name, line: lineOf(["autonomy", channel, ...own]), isInFile: true };
  }
  if (ground === "level") return { file: name, line: lineOf([...path, "level"]), isInFile: true };
  const nearest: Readonly<Record<string, readonly string[]>> = {
    origin: [...path, "own_words"],
    currency: ["currency"],
  };
  return { file: name, line: lineOf(nearest[ground] ?? path), isInFile: false };
}

/** Each teammate with a role whose limit covers it. */
function approversFor(
  { document: { roles }, policy }: PolicyFile,
  { at, operation, amount }: PolicyQuestion,
): readonly Approver[] {
  const there = new Set(policy.onDuty(at).map(person));
  const named = (role: Role): readonly Approver[] =>
    amount !== null && isBeyond(amount, policy.approvalLimit(role, operation))
      ? []
      : roles[role].map((name) => ({
          name,
          isLead: role === "lead",
          isOnDuty: there.has(person(name)),
        }));
  return [...named("lead"), ...named("support")];
}

/** The limits of the rule that decides, or would have decided had they left room. */
function limitsLookedAt(
  { terms }: PolicyFile,
  question: PolicyQuestion,
  decision: Decision,
): readonly LimitLookedAt[] {
  const outcome = outcomeBy(terms, question);
  // A built-in refusal comes before the rules, so no limit was checked.
  if (question.operation === "reply" || outcome.verdict === "deny") return [];
  const limiting = outcome.passedOver ?? outcome.rule;
  if (limiting === null || ["order", "paid"].includes(decisionGround(decision).name)) return [];
  return limiting.limits.flatMap((name) => {
    const limit = terms.limits.get(name);
    if (limit === undefined) return [];
    const { count, minor } = question.usage[name] ?? { count: 0, minor: 0 };
    const isUsedUp = isOver(limit, question);
    return [{ name, words: limit.words, count, minor, isUsedUp }];
  });
}
