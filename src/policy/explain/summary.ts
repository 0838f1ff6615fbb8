/**
 * Policies as text for people: what happens by itself, what needs approval and what never happens by one, and how two
 * differ.
 */
import { formatMoney, fromDecimal } from "#core/values/money.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { approversInWords, verdictInWords, roleLimitsIn } from "#policy/roles.ts";
import { requiredApprovers, isLaxer } from "#policy/rules.ts";
import type { PolicyFile } from "#policy/load-policy.ts";
import type { Decision, PolicyQuestion } from "#core/contracts/policy.ts";
import { comparePolicies, relaxationLines } from "#policy/compare/compare-policies.ts";
import { settingLines } from "#policy/compare/setting.ts";
import { counted } from "#core/values/words.ts";

/** A valid file at a glance: what happens without a person, what needs approval, what never happens. */
export function policySummary({ name, document, policy, lineOf, retired }: PolicyFile): string {
  const rules = Object.entries(document.operations).flatMap(([operation, { rules: entries }]) =>
    entries.map((rule, index) => ({
      ...rule,
      operation,
      id: `${operation}.${rule.name}`,
      line: lineOf(["operations", operation, "rules", index]),
    })),
  );
  const width = Math.max(...rules.map(({ id }) => id.length)) + 2;
  const listed = (verdict: "allow" | "ask" | "deny"): readonly string[] => {
    const those = rules.filter((rule) => rule.verdict === verdict);
    if (those.length === 0) return ["  nothing"];
    return those.map((rule) => {
      const { id, line, reason } = rule;
      const who = verdict === "ask" ? `${approversInWords(requiredApprovers(rule))}: ` : "";
      return `  ${id.padEnd(width)}line ${String(line).padEnd(5)}${who}${reason}`;
    });
  };
  const limited = roleLimitsIn(document).map(
    ({ role, operation, upTo }) =>
      `  ${role.padEnd(9)}${operation} up to ${formatMoney(fromDecimal(upTo, document.currency))}`,
  );
  const misnamed = rules.flatMap((rule) => {
    const amounts = amountsNamed(rule.reason, document.currency);
    const own = [rule.up_to, rule.above].filter((amount) => amount !== undefined);
    // A tier may name the edge it begins at, which is the amount of another rule of the operation.
    const edges = (document.operations[rule.operation]?.rules ?? []).flatMap((one) => [
      one.up_to,
      one.above,
    ]);
    const wrong = amounts.filter((amount) => !edges.includes(amount));
    return own.length === 0 || wrong.length === 0
      ? []
      : [
          `  ${rule.id} (line ${rule.line}) says ${wrong.map((amount) => amount.toFixed(2)).join(" and ")}, and its amount is ${own.map((amount) => amount.toFixed(2)).join(" to ")}`,
        ];
  });
  return [
    `${name} can be used. Its version is ${policy.version}.`,
    "",
    ...(misnamed.length === 0
      ? []
      : ["Warning: a reason names another amount than its rule has:", ...misnamed, ""]),
    ...(retired.length === 0
      ? []
      : [
          "No longer used, so it can be left out:",
          ...retired.map((key) => `  ${key} (line ${lineOf([key])})`),
          "",
        ]),
    "Happens by itself:",
    ...listed("allow"),
    "",
    "Is asked for:",
    ...listed("ask"),
    "",
    "Does not happen:",
    ...listed("deny"),
    "",
    ...(limited.length === 0 ? [] : ["May approve at most:", ...limited, ""]),
    "Replies:",
    ...ChannelName.options.map((channel) => {
      const { default: otherwise, topics } = document.autonomy[channel];
      const own = Object.entries(topics).map(([topic, autonomy]) => `${topic} ${autonomy}`);
      return `  ${channel.padEnd(9)}${[otherwise, ...own].join(", ")}`;
    }),
  ].join("\n");
}

/** The amounts of the policy's currency that a sentence names, such as the 10 of "up to 10.00 USD". */
function amountsNamed(sentence: string, currency: string): readonly number[] {
  const number = String.raw`\d+(?:,\d{3})*(?:\.\d+)?`;
  return [
    ...sentence.matchAll(new RegExp(`${number}(?= ?${currency})|(?<=${currency} ?)${number}`, "g")),
  ].map(([amount]) => Number(amount.replaceAll(",", "")));
}

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
