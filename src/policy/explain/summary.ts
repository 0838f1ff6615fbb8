/** Summarises a valid policy: what happens by itself, what needs approval, what never happens. */
import { formatMoney, fromDecimal } from "#core/values/money.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { approversInWords } from "#policy/on-duty.ts";
import { approversOf } from "#policy/rules.ts";
import { roleLimitsIn } from "#policy/roles.ts";
import type { PolicyFile } from "#policy/load-policy.ts";

/** Lists the rules by verdict, each with its line, then the role limits and the autonomy of replies. */
export function policySummary({ name, document, policy, lineOf }: PolicyFile): string {
  const rules = Object.entries(document.operations).flatMap(([operation, { rules: entries }]) =>
    entries.map((rule, index) => ({
      ...rule,
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
      const who = verdict === "ask" ? `${approversInWords(approversOf(rule))}: ` : "";
      return `  ${id.padEnd(width)}line ${String(line).padEnd(5)}${who}${reason}`;
    });
  };
  const limited = roleLimitsIn(document).map(
    ({ role, operation, upTo }) =>
      `  ${role.padEnd(9)}${operation} up to ${formatMoney(fromDecimal(upTo, document.currency))}`,
  );
  return [
    `${name} can be used. Its version is ${policy.version}.`,
    "",
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
