/**
 * Writes single settings into the text of a policy file as a person would, and splits
 * from a change what only tightens.
 */

import { isDeepStrictEqual } from "node:util";
import { Document, parseDocument, isAlias, isSeq, visit } from "yaml";
import { digest, isRecord } from "#core/values/canonical-json.ts";
import { lineDifference } from "#text/diff.ts";
import { openPolicyInForce, type PolicyFile } from "./load-policy.ts";
import type { Autonomy } from "#core/contracts/policy.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { isGroup, person } from "./roles.ts";
import type { PolicyDocument } from "./schema.ts";
import { comparePolicies, FREEDOM, newWords, REFUSED } from "#policy/compare/compare-policies.ts";
import { missingFrom } from "#policy/compare/setting.ts";
import { topicAutonomy } from "./decide.ts";

/** One setting: the keys that lead to it, a place in a list among them, and its value. Without a value it is taken out. */
export interface PolicyEdit {
  readonly path: readonly (string | number)[];
  readonly value?: unknown;
}

/**
 * The same file with these settings. Null where the file says so already, where a place cannot be edited safely (an
 * anchor that other settings share), or where the edited file would say anything else besides. Throws `policy.invalid`
 * for a file that would have mistakes.
 */
export function editedPolicy(text: string, edits: readonly PolicyEdit[]): string | null {
  const document: Document = parseDocument(text, { prettyErrors: false });
  const before = printed(document);
  try {
    for (const edit of edits) write(document, edit);
  } catch {
    // The library refuses to write below an alias or a plain value.
    return null;
  }
  const edited = keepingLines(text, before, printed(document));
  if (edited === text) return null;
  const expected = edits.reduce<unknown>(
    (value, { path, value: set }) => withValue(value, path, set),
    openPolicyInForce(text).document,
  );
  return digest(expected) === digest(openPolicyInForce(edited).document) ? edited : null;
}

function write(document: Document, { path, value }: PolicyEdit): void {
  if (value === undefined) document.deleteIn(path);
  else
    document.setIn(
      path,
      typeof value === "object" ? document.createNode(value, { flow: true }) : value,
    );
}

/** The document as the library writes it, which keeps comments and the number of lines, though not every space. */
function printed(document: Document): string {
  return document.toString({ lineWidth: 0 });
}

/**
 * A text with the lines that differ between two printed forms of it, so that no other line changes; the second form
 * itself where the text has other lines than the first.
 */
function keepingLines(text: string, before: string, after: string): string {
  const own = text.split("\n");
  if (own.length !== before.split("\n").length) return after;
  let at = 0;
  const lines = lineDifference(before, after).flatMap(({ kind, text: line }) => {
    if (kind === "in") return [line];
    at += 1;
    return kind === "same" ? [own[at - 1] ?? ""] : [];
  });
  return lines.join("\n");
}

function withValue(value: unknown, [key, ...rest]: PolicyEdit["path"], set: unknown): unknown {
  if (key === undefined) return set;
  if (Array.isArray(value)) {
    const list: unknown[] = [...value];
    if (rest.length === 0 && set === undefined) list.splice(Number(key), 1);
    else list[Number(key)] = withValue(list[Number(key)], rest, set);
    return list;
  }
  const { [key]: inner, ...others } = isRecord(value) ? value : {};
  if (rest.length === 0 && set === undefined) return others;
  return { ...others, [key]: withValue(inner, rest, set) };
}

/** The lines that went, then those that came, with their numbers, as a person would mark them. */
export function changedLines(before: string, after: string): readonly string[] {
  let [old, now] = [0, 0];
  return lineDifference(before, after).flatMap(({ kind, text }) => {
    if (kind !== "in") old += 1;
    if (kind !== "out") now += 1;
    if (kind === "same") return [];
    return [kind === "out" ? `line ${old}, − ${text}` : `line ${now}, + ${text}`];
  });
}

/** A policy as text, and as it is read. */
export interface TightenedPolicy {
  readonly text: string;
  readonly file: PolicyFile;
}

type Edit = (document: Document) => void;

/**
 * The text in force with people of support taken out, autonomy lowered and every other setting that is stricter as the
 * next file has them, and nothing else. An edit that alone would make the file invalid, or that is not stricter, is left
 * to the vote, as are the words of a refusal. Null when no part can stand alone.
 */
export function tightenedPart(
  text: string,
  before: PolicyFile,
  { document }: PolicyFile,
): TightenedPolicy | null {
  const next = withKnownWords(before.document, document);
  const found: { kept: { document: Document; policy: TightenedPolicy } | null } = { kept: null };
  const start = editable(text);
  const whole = printed(start);
  const attempt = (edit: Edit, besides?: "neutral"): boolean => {
    const document: Document = (found.kept?.document ?? start).clone();
    edit(document);
    const edited = keepingLines(text, whole, printed(document));
    const policy = stricter(found.kept?.policy.file ?? before, edited, besides);
    if (policy !== null) found.kept = { document, policy };
    return policy !== null;
  };
  // Who is on duty and who is told changes with the people.
  for (const edit of peopleEdits(before.document, next)) attempt(edit, "neutral");
  for (const channel of ChannelName.options)
    for (const edit of autonomyEdits(before.document, next, channel)) attempt(edit);
  for (const [key, pair] of pairsIn(before.document, next))
    if (key !== "roles" && key !== "autonomy") tryParts(attempt, [key], pair);
  return found.kept?.policy ?? null;
}

/** An edit under an alias would reach other settings too, so there each value is written out. */
function editable(text: string): Document {
  const document: Document = parseDocument(text, { prettyErrors: false });
  let shares = false;
  visit(document, (_key, node) => {
    if (!isAlias(node)) return undefined;
    shares = true;
    return visit.BREAK;
  });
  return shares ? new Document(document.toJS()) : document;
}

/** The document with the words of each refusal as customers know them, or the built-in ones. */
function withKnownWords(before: PolicyDocument, next: PolicyDocument): PolicyDocument {
  const operations = Object.entries(next.operations).map(([name, operation]) => {
    const words = new Map(
      newWords(before.operations[name], operation).map((one) => [one.rule, one.own ?? REFUSED]),
    );
    const rules = operation.rules.map((rule) => ({
      ...rule,
      reason: words.get(rule) ?? rule.reason,
    }));
    return [name, { ...operation, rules }] as const;
  });
  return { ...next, operations: Object.fromEntries(operations) };
}

/** The same file without this person in roles, duty and who is told; null where that would be a mistake. */
export function withoutTeammate(text: string, name: string): string | null {
  const document = editable(text);
  const before = printed(document);
  takeOutTeammate(document, name, openPolicyInForce(text).document);
  const edited = keepingLines(text, before, printed(document));
  return readablePolicy(edited) === null ? null : edited;
}

function stricter(before: PolicyFile, text: string, besides?: "neutral"): TightenedPolicy | null {
  const file = readablePolicy(text);
  const effects = file === null ? [] : comparePolicies(before, file).map(({ effect }) => effect);
  const isStricter = effects.every((effect) => effect === "tightens" || effect === besides);
  return file !== null && effects.length > 0 && isStricter ? { text, file } : null;
}

/** A stored or edited policy; null where it has mistakes, as one of an older Deskhand may. */
export function readablePolicy(text: string): PolicyFile | null {
  try {
    return openPolicyInForce(text);
  } catch (error) {
    if (error instanceof DeskhandError && error.code === "policy.invalid") return null;
    throw error;
  }
}

function peopleEdits({ roles: before }: PolicyDocument, next: PolicyDocument): readonly Edit[] {
  return missingFrom([...next.roles.lead, ...next.roles.support], before.support).map(
    (name): Edit =>
      (document) =>
        takeOutTeammate(document, name, next),
  );
}

function takeOutTeammate(document: Document, name: string, next: PolicyDocument): void {
  for (const path of [["roles"], ["calendar", "duty"], ["delicate", "page"]])
    takeOut(document, path, name);
  replaceOnDuty(document, name, next);
}

function takeOut(document: Document, path: readonly string[], name: string): void {
  const place = document.getIn(path, true);
  if (place === undefined) return;
  visit(document, {
    Seq(_key, list, [, ...parents]) {
      if (list !== place && !parents.some((parent) => parent === place)) return;
      list.items = list.items.filter((item) => !isNamed(item, name));
    },
  });
}

function isNamed(item: unknown, name: string): boolean {
  return person(String(item)) === person(name);
}

/** A teammate has to be on duty and told, so a lead stands in where the one who went was the only one. */
function replaceOnDuty(document: Document, name: string, { calendar }: PolicyDocument): void {
  const leads = namesAt(document, ["roles", "lead"]).filter((lead) => !isGroup(lead));
  const wanted = leads.find((lead) => isNamed(lead, calendar.fallback_lead)) ?? leads[0];
  if (wanted === undefined) return;
  if (isNamed(document.getIn(["calendar", "fallback_lead"]), name))
    document.setIn(["calendar", "fallback_lead"], wanted);
  const duty = document.getIn(["calendar", "duty"], true);
  const groups = isSeq(duty) ? duty.items.map((_, index) => index) : [];
  for (const path of [
    ["delicate", "page"],
    ...groups.map((index) => ["calendar", "duty", index, "people"]),
  ])
    if (namesAt(document, path).length === 0) document.setIn(path, [wanted]);
}

function namesAt(document: Document, path: readonly (string | number)[]): readonly string[] {
  const list = document.getIn(path, true);
  return isSeq(list) ? list.items.map(String) : [];
}

/** The stricter of both levels for each topic, and for all that no file names. */
function autonomyEdits(
  { autonomy: inForce }: PolicyDocument,
  { autonomy: wanted }: PolicyDocument,
  channel: ChannelName,
): readonly Edit[] {
  const [before, next] = [inForce[channel], wanted[channel]];
  const least = (old: Autonomy, now: Autonomy): Autonomy =>
    FREEDOM[now] < FREEDOM[old] ? now : old;
  const otherwise = least(before.default, next.default);
  const topics = [...new Set([before, next].flatMap((entry) => Object.keys(entry.topics)))]
    .map(
      (topic) => [topic, least(topicAutonomy(before, topic), topicAutonomy(next, topic))] as const,
    )
    .filter(([topic, level]) => topicAutonomy({ ...before, default: otherwise }, topic) !== level);
  if (topics.length === 0 && otherwise === before.default) return [];
  return [
    (document) => {
      document.setIn(["autonomy", channel, "default"], otherwise);
      for (const [topic, level] of topics)
        document.setIn(["autonomy", channel, "topics", topic], level);
    },
  ];
}

/** Tries every setting that differs, from the largest part that can stand alone down to a single value. */
function tryParts(
  attempt: (edit: Edit) => boolean,
  path: readonly (string | number)[],
  [before, next]: readonly [unknown, unknown],
): void {
  if (isDeepStrictEqual(before, next)) return;
  const isSet = (document: Document): void =>
    next === undefined ? void document.deleteIn(path) : document.setIn(path, next);
  if (attempt(isSet)) return;
  for (const [key, pair] of pairsIn(before, next)) tryParts(attempt, [...path, key], pair);
}

/** What two settings hold under the same keys, and rules of the same names at the same places; nothing else is comparable. */
function pairsIn(
  before: unknown,
  next: unknown,
): readonly (readonly [string | number, readonly [unknown, unknown]])[] {
  if (isRecord(before) && isRecord(next))
    return [...new Set([before, next].flatMap((one) => Object.keys(one)))].map((key) => [
      key,
      [before[key], next[key]],
    ]);
  if (!Array.isArray(before) || !Array.isArray(next)) return [];
  const names = [before, next].map((list) => list.map(ruleName).join());
  return names[0] === names[1] ? before.map((one, place) => [place, [one, next[place]]]) : [];
}

function ruleName(item: unknown): string {
  return isRecord(item) ? String(item["name"]) : JSON.stringify(item);
}
