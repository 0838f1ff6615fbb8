/** The line that people read of a change, where the answers do not write it or leave something out. */
import type { OperationDescription } from "#importing/description.ts";
import type { OperationAnswers } from "#importing/answers/answer-file.ts";
import type { Value } from "#systems/contract.ts";

/** People have to see everything that is sent, whatever the label leaves out. */
export function withAll(
  label: string,
  values: Readonly<Record<string, Value>>,
  /** The input that is the amount; it is filled in with its currency, whatever unit the system's own name has. */
  amount?: string,
): string {
  const missing = Object.values(values)
    .flatMap(named)
    .filter((input) => !label.includes(`{${input}}`));
  const parts = [...new Set(missing)].map((input) => {
    const name = input.slice("input.".length);
    const words = name === amount ? "amount" : name.replaceAll("_", " ");
    return `${words} {${input}}`;
  });
  return [label, ...parts].join(", ");
}

const LABEL_WORDS_MAX = 60;

/** A line for people: what the document calls the change, and what the record is about besides its number. */
export function plainLabel(
  { name, summary, description }: OperationDescription,
  { tool }: OperationAnswers,
  { looked, id }: { readonly looked: OperationDescription; readonly id: string },
): string {
  const said = [summary, description]
    .map((text) => text.replace(/\.$/, "").replaceAll(/[{}]/g, ""))
    .find((text) => text !== "" && text.length <= LABEL_WORDS_MAX);
  const words = tool === undefined ? (said ?? name) : tool;
  const about = looked.answer?.record.fields.find(
    (field) => field.type === "string" && /^(?:description|item|title)$/.test(field.name),
  );
  const shown = about === undefined || about.name === id ? "" : ` ({${about.name}})`;
  return `${sentence(words)}: {${id}}${shown}`;
}

function sentence(name: string): string {
  const words = name.replaceAll("_", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** The place of an input on the line; empty for what is no input. */
export function named(value: Value): readonly string[] {
  return value.from === "input" ? [`input.${value.name}`] : [];
}
