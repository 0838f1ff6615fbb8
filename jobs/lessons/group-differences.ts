/** Groups differences that show the same, and says by code what kind of change they ask for. Pure. */
import type { DraftDifference } from "#core/lessons/draft-difference.ts";
import { groupQuestions } from "#jobs/gaps/group-questions.ts";
import type { DifferenceRow } from "#store/reports/draft-differences.ts";
import { differenceOf } from "#text/diff.ts";

/** What a lead would change. */
export type ChangeKind = "page" | "procedure" | "tone" | "rule";

/** Fewer conversations are an exception or a mistake, and no rule. */
const CONVERSATIONS_MIN = 3;

/** A difference as grouping sees it. */
export interface ComparedDifference extends DifferenceRow {
  readonly stems: readonly string[];
  readonly vector: Float32Array | null;
}

/** Differences that show the same. */
export interface DifferenceGroup {
  readonly change: ChangeKind;
  /** The most typical first. */
  readonly rows: readonly DifferenceRow[];
}

/**
 * What a difference asks for: a changed or refused action is for a rule, figures and statements for a help page, what to
 * do for a procedure, other words for the same for the tone. Null where it says nothing of what to change.
 */
export function changeOf({ differs, procedures }: DraftDifference): ChangeKind | null {
  switch (differs) {
    case "amount":
    case "refused":
      return "rule";
    case "facts":
      return "page";
    case "steps":
      return "procedure";
    case "content":
      // Where the draft followed a procedure, what it should have said stands there.
      return procedures.length > 0 ? "procedure" : "page";
    case "tone":
      return "tone";
    case "nothing":
    case "unknown":
      return null;
    default:
      throw new Error(`unknown difference ${String(differs satisfies never)}`);
  }
}

/** The words by which a difference is compared with others: what the teammate said, not what the draft said. */
export function wordsOf({ kind, content }: DifferenceRow): string {
  const { facts, sentences, teammate, draft } = content;
  if (kind === "rejection" || kind === "instruction") return teammate;
  if (changeOf(content) === "tone") return differenceOf(draft, teammate).lines.join(" ");
  const said = [
    ...facts.changed.map(({ to }) => to.sentence),
    ...facts.added.map(({ sentence }) => sentence),
    ...sentences.added,
  ];
  const gone = [...facts.removed.map(({ sentence }) => sentence), ...sentences.removed];
  return [...new Set(said.length > 0 ? said : gone)].join(" ");
}

/** Groups of differences from at least three conversations, those with the most first. */
export function groupDifferences(rows: readonly ComparedDifference[]): readonly DifferenceGroup[] {
  const buckets = new Map<string, { change: ChangeKind; rows: ComparedDifference[] }>();
  for (const row of rows) {
    const change = changeOf(row.content);
    if (change === null) continue;
    const name = `${change} ${bucketOf(change, row)}`;
    const bucket = buckets.get(name) ?? { change, rows: [] };
    bucket.rows.push(row);
    buckets.set(name, bucket);
  }
  return [...buckets.values()]
    .flatMap(({ change, rows: alike }) =>
      // Under one rule, the same was done to the same action: that is alike whatever was said.
      (change === "rule" ? [alike] : groupQuestions(alike)).map((group) => ({
        change,
        rows: group.map(({ stems: _stems, vector: _vector, ...row }): DifferenceRow => row),
      })),
    )
    .filter(({ rows: group }) => conversationsIn(group) >= CONVERSATIONS_MIN)
    .toSorted((one, other) => conversationsIn(other.rows) - conversationsIn(one.rows));
}

/** How many conversations the differences are from; several in one conversation show one thing. */
export function conversationsIn(rows: readonly DifferenceRow[]): number {
  return new Set(rows.map(({ conversationId }) => conversationId)).size;
}

/** Only differences of one bucket can be alike. */
function bucketOf(change: ChangeKind, { topic, content }: DifferenceRow): string {
  const { action, channel } = content;
  if (change === "tone") return channel;
  return change === "rule" && action !== null
    ? `${topic} ${action.rule} ${action.operation} ${action.change}`
    : topic;
}
