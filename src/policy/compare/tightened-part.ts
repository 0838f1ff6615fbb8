/**
 * Splits a change that both tightens and loosens: gives the policy in force with nothing but the stricter part of it.
 */
import { Document, isAlias, isSeq, parseDocument, visit } from "yaml";
import type { Autonomy } from "#core/contracts/policy.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { keepingLines, printed } from "#policy/edit-policy.ts";
import { canonical } from "#core/values/canonical-json.ts";
import { openPolicyInForce, type PolicyFile } from "#policy/load-policy.ts";
import { isGroup, person } from "#policy/roles.ts";
import { CONDITIONS, STRICTNESS } from "#policy/rules.ts";
import type { PolicyDocument, RuleEntry } from "#policy/schema.ts";
import { comparePolicies, FREEDOM, relaxationLines } from "./compare-policies.ts";
import { topicAutonomy } from "#policy/decide.ts";

/** A policy as text, and as it is read. */
export interface TightenedPolicy {
  readonly text: string;
  readonly file: PolicyFile;
}

type Edit = (document: Document) => void;

/**
 * The text in force with people taken out of the roles, leads made support, autonomy lowered and verdicts made stricter
 * as the next file has them, and nothing else. An edit that alone would make the file invalid or permit more is left
 * to the vote. Null when no part can stand alone.
 */
export function tightenedPart(
  text: string,
  before: PolicyFile,
  { document: next }: PolicyFile,
): TightenedPolicy | null {
  let kept: { readonly document: Document; readonly policy: TightenedPolicy } | null = null;
  const start = editable(text);
  const whole = printed(start);
  for (const edit of [
    ...peopleEdits(before.document, next),
    ...ChannelName.options.flatMap((channel) => autonomyEdits(before.document, next, channel)),
    ...verdictEdits(before.document, next),
  ]) {
    const document: Document = (kept?.document ?? start).clone();
    edit(document);
    const policy = stricter(before, keepingLines(text, whole, printed(document)));
    if (policy !== null) kept = { document, policy };
  }
  return kept?.policy ?? null;
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

function stricter(before: PolicyFile, text: string): TightenedPolicy | null {
  try {
    const file = openPolicyInForce(text);
    const changes = comparePolicies(before, file);
    return changes.length > 0 && relaxationLines(changes).length === 0 ? { text, file } : null;
  } catch (error) {
    if (error instanceof DeskhandError && error.code === "policy.invalid") return null;
    throw error;
  }
}

function peopleEdits({ roles: before }: PolicyDocument, next: PolicyDocument): readonly Edit[] {
  const support = new Set(next.roles.support.map(person));
  const holders = new Set([...next.roles.lead.map(person), ...support]);
  const removed = [...before.lead, ...before.support].filter((name) => !holders.has(person(name)));
  const lowered = before.lead.filter((name) => support.has(person(name)));
  return [
    ...removed.map((name): Edit => (document) => {
      for (const path of [["roles"], ["calendar", "duty"], ["delicate", "page"]])
        takeOut(document, path, name);
      replaceOnDuty(document, name, next);
    }),
    ...lowered.map((name): Edit => (document) => {
      takeOut(document, ["roles", "lead"], name);
      document.addIn(["roles", "support"], name);
      replaceOnDuty(document, name, next);
    }),
  ];
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

/** Somebody has to be on duty and told, so a lead stands in where the person who went was the only one. */
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

/** A rule that decides the same cases more strictly stands in the place of the one before. */
function verdictEdits(before: PolicyDocument, next: PolicyDocument): readonly Edit[] {
  return Object.entries(before.operations).flatMap(([operation, { rules }]) =>
    rules.flatMap((rule, index): readonly Edit[] => {
      const now = next.operations[operation]?.rules.find((other) => fits(other) === fits(rule));
      if (now === undefined || STRICTNESS[now.verdict] <= STRICTNESS[rule.verdict]) return [];
      return [(document) => document.setIn(["operations", operation, "rules", index], now)];
    }),
  );
}

/** The cases a rule is about, with its name. */
function fits(rule: RuleEntry): string {
  return canonical([rule.name, ...CONDITIONS.map((condition) => rule[condition] ?? null)]);
}
