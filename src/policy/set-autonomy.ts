/** Writes another autonomy of one topic into the text of a policy file, and leaves every other byte as it is. */
import { isAlias, isMap, isScalar, parseDocument, type Pair, type YAMLMap } from "yaml";
import type { Autonomy } from "#core/contracts/policy.ts";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { lineDifference } from "#text/diff.ts";
import { openPolicyInForce } from "./load-policy.ts";
import type { PolicyDocument } from "./schema.ts";

/** How freely replies about a topic are to go out on a channel. */
export interface WantedAutonomy {
  readonly channel: ChannelName;
  readonly topic: string;
  readonly autonomy: Autonomy;
}

/** The text of the file afterwards, and the lines that differ as a person would mark them. */
export interface EditedPolicy {
  readonly text: string;
  /** "line 170, −   email: { default: draft }" and the same with a plus, in the order of the file. */
  readonly lines: readonly string[];
}

/**
 * The same file with one topic's autonomy set. Comments, order and spaces stay. Null where the place cannot be edited
 * safely (an alias, an anchor that other settings share), or where the edited file would say anything else besides.
 */
export function withAutonomy(text: string, wanted: WantedAutonomy): EditedPolicy | null {
  const edited = insertedIn(text, wanted);
  if (edited === null || edited === text || !saysOnly(text, edited, wanted)) return null;
  return { text: edited, lines: changedLines(text, edited) };
}

function insertedIn(text: string, { channel, topic, autonomy }: WantedAutonomy): string | null {
  const entry = parseDocument(text, { prettyErrors: false }).getIn(["autonomy", channel], true);
  if (!isMap(entry) || entry.anchor !== undefined) return null;
  const topics = entry.get("topics", true);
  const named = PLAIN.test(topic) ? topic : JSON.stringify(topic);
  if (topics === undefined) return added(text, entry, `topics: { ${named}: ${autonomy} }`);
  if (isAlias(topics) || !isMap(topics) || topics.anchor !== undefined) return null;
  const value = topics.get(topic, true);
  if (value === undefined) return added(text, topics, `${named}: ${autonomy}`);
  if (!isScalar(value) || value.range === undefined || value.range === null) return null;
  const [from, to] = value.range;
  return `${text.slice(0, from)}${autonomy}${text.slice(to)}`;
}

/** Names that YAML reads as text without quotes. */
const PLAIN = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[a-z][a-z0-9_]*$/i;

/** The mapping with one more entry at its end: on the same line in braces, else on a line of its own. */
function added(text: string, map: YAMLMap, entry: string): string | null {
  const [first, last] = [map.items[0], map.items.at(-1)];
  if (map.flow === true) {
    const end = last === undefined ? null : valueEnd(last);
    if (end !== null) return `${text.slice(0, end)}, ${entry}${text.slice(end)}`;
    const open = map.range?.[0];
    return open === undefined
      ? null
      : `${text.slice(0, open + 1)} ${entry} ${text.slice(open + 1)}`;
  }
  const [start, end] = [
    first === undefined ? null : keyStart(first),
    last === undefined ? null : valueEnd(last),
  ];
  if (start === null || end === null) return null;
  const indent = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  if (indent.trim() !== "") return null;
  const lineEnd = text.indexOf("\n", Math.max(end - 1, start));
  const at = lineEnd < 0 ? text.length : lineEnd;
  return `${text.slice(0, at)}\n${indent}${entry}${text.slice(at)}`;
}

function keyStart({ key }: Pair): number | null {
  return isScalar(key) ? (key.range?.[0] ?? null) : null;
}

function valueEnd({ value }: Pair): number | null {
  return isScalar(value) || isMap(value) ? (value.range?.[1] ?? null) : null;
}

/** True when the edited file is a valid one that differs in nothing but this. */
function saysOnly(text: string, edited: string, wanted: WantedAutonomy): boolean {
  try {
    const expected = withTopic(openPolicyInForce(text).document, wanted);
    return digest(expected) === digest(openPolicyInForce(edited).document);
  } catch (error) {
    if (error instanceof DeskhandError && error.code === "policy.invalid") return false;
    throw error;
  }
}

function withTopic(
  document: PolicyDocument,
  { channel, topic, autonomy }: WantedAutonomy,
): PolicyDocument {
  const entry = document.autonomy[channel];
  const changed = { ...entry, topics: { ...entry.topics, [topic]: autonomy } };
  return { ...document, autonomy: { ...document.autonomy, [channel]: changed } };
}

/** The lines that went, then those that came, as a person would mark them. */
function changedLines(before: string, after: string): readonly string[] {
  let [old, now] = [0, 0];
  return lineDifference(before, after).flatMap(({ kind, text }) => {
    if (kind !== "in") old += 1;
    if (kind !== "out") now += 1;
    if (kind === "same") return [];
    return [kind === "out" ? `line ${old}, − ${text}` : `line ${now}, + ${text}`];
  });
}
