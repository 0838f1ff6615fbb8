/** Writes a conversation down for a person who rates it: what was asked, looked up, drafted, sent back and ended. */
import type { Finding } from "#core/contracts/guard.ts";
import type { Graded } from "#evals/runner.ts";
import type { Exchange, WrittenMessage } from "./model-door.ts";
import { observedResult } from "./recording.ts";

/** What a page is made of, besides the grading. */
export interface Played {
  readonly exchanges: readonly Exchange[];
  /** What the output check still objects to in the last draft. */
  readonly findings: readonly Finding[];
}

/** The page of one conversation in Markdown: every turn with the model, then what the customer and the team get. */
export function pageOf({ evalCase, observed, problems }: Graded, played: Played): string {
  const { customer, level } = evalCase.identity;
  const messages = evalCase.input.map((message) => quoted(JSON.stringify(message)));
  return [
    `# ${evalCase.id}`,
    `${evalCase.channel}, customer ${customer ?? "unknown"}, level ${level}; world ${JSON.stringify(evalCase.world)}`,
    `Expected: ${evalCase.expected_behavior}`,
    "## The customer wrote",
    ...evalCase.earlier.map((text) => quoted(`(earlier) ${text}`)),
    ...messages,
    ...exchangesIn(played.exchanges),
    "## How it ended",
    `Outcome: ${observed.outcome}; changes: ${observedResult(observed).actions.join("; ") || "none"}`,
    quoted(observed.text === "" ? "(nothing to read)" : observed.text),
    `Sent: ${observed.sent.length === 0 ? "nothing yet" : observed.sent.map(quoted).join("\n\n")}`,
    list("On the card", observed.flags),
    list(
      "Still objected to",
      played.findings.map(({ kind, words, reason }) => `${kind}: "${words}": ${reason}`),
    ),
    list(
      "Graders",
      problems.map(({ grader, reason }) => `${grader}: ${reason}`),
    ),
  ]
    .join("\n\n")
    .concat("\n");
}

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0
    ? `${title}: nothing`
    : [`${title}:`, ...lines.map((line) => `- ${line}`)].join("\n");
}

/** A transcript grows within a turn; where it does not continue the one before, another turn or reading begins. */
function exchangesIn(exchanges: readonly Exchange[]): readonly string[] {
  let before: readonly WrittenMessage[] = [];
  return exchanges.flatMap(({ messages, answer }, index) => {
    const continues =
      before.length > 0 &&
      before.every((one, at) => JSON.stringify(one) === JSON.stringify(messages[at]));
    const fresh = messages.slice(continues ? before.length : 0);
    before = messages;
    return [
      continues ? `### Call ${index + 1}` : `## Call ${index + 1}, a new transcript`,
      ...fresh
        .filter(({ role }) => role === "user" || role === "tool")
        .map(({ role, content }) => `${role}:\n${quoted(wordsOf(content))}`),
      ...(answer.text === "" ? [] : [`model:\n${quoted(answer.text)}`]),
      ...answer.calls.map((call) => `model calls **${call.name}**\n${quoted(call.arguments)}`),
    ];
  });
}

function wordsOf(content: unknown): string {
  return (typeof content === "string" ? content : JSON.stringify(content ?? "")).replaceAll(
    "^",
    " ",
  );
}

function quoted(text: string): string {
  return text
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}
