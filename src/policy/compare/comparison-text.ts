/** Formats the comparison of two policies for people. */

import type { Decision, PolicyQuestion } from "#core/contracts/policy.ts";
import type { PolicyFile } from "#policy/load-policy.ts";
import { verdictInWords } from "#policy/on-duty.ts";
import { comparePolicies, relaxationLines } from "./compare-policies.ts";
import { settingLines } from "./setting.ts";
import { counted } from "#core/values/words.ts";
import { isLaxer } from "#policy/rules.ts";

/** A card that waits for a decision, with the questions its actions and its reply raise. */
export interface PendingCard {
  readonly id: string;
  readonly headline: string;
  readonly questions: readonly PolicyQuestion[];
}

/**
 * The effect of a changed file, for people: every setting that differs, what the new file permits beyond the old one,
 * and which waiting cards would be decided differently.
 */
export function comparisonText(
  before: PolicyFile,
  after: PolicyFile,
  pending: readonly PendingCard[],
): string {
  const changes = comparePolicies(before, after);
  if (changes.length === 0) return `${after.name} says the same as ${before.name}.`;
  const [changed, more] = [settingLines(changes), relaxationLines(changes)];
  const cards = pending.flatMap((card) => {
    const lines = card.questions.flatMap((question) =>
      redecided(before.policy.decide(question), after.policy.decide(question)),
    );
    const isStricter = card.questions.some((question) =>
      isLaxer(before.policy.decide(question), after.policy.decide(question)),
    );
    return lines.length === 0 ? [] : [{ card, lines, isStricter }];
  });
  const of = counted(pending.length, "waiting card");
  const listed = (some: typeof cards, fate: string): string[] =>
    some.length === 0
      ? []
      : [
          `${some.length} of ${of} would be decided ${fate}:`,
          ...some.flatMap(({ card, lines }) => [
            `  ${card.id}  ${card.headline}`,
            ...lines.map((line) => `    ${line}`),
          ]),
        ];
  return [
    `${counted(changed.length, "setting differs", "settings differ")} between ${before.name} and ${after.name}:`,
    ...changed.map((line) => `  ${line}`),
    "",
    ...(more.length === 0
      ? ["Nothing is permitted that was not permitted before."]
      : [
          "The new file permits more than the old one. Leads have to agree before it is in force, unless it is the sandbox's own:",
          ...more.map((line) => `  ${line}`),
        ]),
    "",
    ...(pending.length === 0
      ? ["No card waits for a decision."]
      : [
          ...(cards.length === 0 ? [`0 of ${of} would be decided differently.`] : []),
          ...listed(
            cards.filter(({ isStricter }) => isStricter),
            "more strictly; each is looked at again, and a person decides",
          ),
          ...listed(
            cards.filter(({ isStricter }) => !isStricter),
            "more freely; they stay with people as they are",
          ),
        ]),
  ].join("\n");
}

/** An approval under one result does not hold under another; a changed rule name alone makes no difference. */
function redecided(before: Decision, after: Decision): readonly string[] {
  const [old, now] = [before, after].map(({ verdict, approvers, rule }) => ({
    result: verdictInWords(verdict, approvers),
    rule,
  }));
  return old === undefined || now === undefined || old.result === now.result
    ? []
    : [`${old.result} (${old.rule}) → ${now.result} (${now.rule})`];
}
