/** A lesson: what alike differences propose, the change drafted from it, and both in words for people. Pure. */
import type { DifferenceKind, Differed } from "#core/lessons/draft-difference.ts";
import { formatMoney } from "#core/values/money.ts";
import type { ReportTables } from "#core/values/report.ts";
import type { DecidedRow, DifferenceRow } from "#store/reports/draft-differences.ts";
import { folded } from "#text/fold.ts";
import { shortened } from "#core/values/words.ts";
import { isUnheard } from "#jobs/gaps/group-questions.ts";

/** A proposal. Nothing of it is in force before a person has written it, or leads have agreed. */
export interface Lesson {
  /** The number of its oldest difference; leads to it while that is kept. */
  readonly id: number;
  readonly change: ChangeKind;
  readonly topic: string;
  /** What it proposes, in one line. */
  readonly headline: string;
  /** The most typical difference first. */
  readonly differences: readonly DifferenceRow[];
  readonly conversations: number;
  /** How many teammates showed it. */
  readonly people: number;
  readonly newestAt: Date;
  /** How a lead decided; null while none has. */
  readonly decided: Pick<DecidedRow, "decision" | "decisionReason" | "decidedAt"> | null;
}

/** What a lead would change. */
export type ChangeKind = "page" | "procedure" | "tone" | "rule";

/** A text as it is and as it would be. */
export interface DraftedChange {
  readonly place: "page" | "procedure" | "policy";
  /** The page's slug or the procedure's name; empty for a new one, and for the policy. */
  readonly name: string;
  readonly title: string;
  /** Empty for a new text. */
  readonly before: string;
  /** The same as before where nothing could be drafted; the notes say why. */
  readonly after: string;
  /** What a lead should know before they accept it, each a sentence. */
  readonly notes: readonly string[];
  /** The rule's new greatest amount in minor units where that is the change; "denied" where it would deny. */
  readonly ruleChange?: { readonly upTo: number } | "denied";
}

// In words, for people.

/** What a lesson would change. */
export const CHANGE_WORDS: Readonly<Record<ChangeKind, string>> = {
  page: "help page",
  procedure: "procedure",
  tone: "tone",
  rule: "rule of the policy",
};

/** What a teammate did. */
export const KIND_WORDS: Readonly<Record<DifferenceKind, string>> = {
  edit: "edited the draft",
  sent_by_hand: "sent the draft by hand, changed",
  rejection: "rejected the draft",
  instruction: "asked for another draft",
  rating: "would not send the draft",
  own_answer: "answered instead of the draft",
};

/** What differed. */
export const DIFFERED_WORDS: Readonly<Record<Differed, string>> = {
  amount: "another amount",
  refused: "the action was refused",
  facts: "another fact",
  steps: "another step",
  content: "says something else",
  tone: "other words for the same",
  nothing: "nothing",
  unknown: "not said",
};

const WORDS_SHOWN = 80;

/** What a lesson proposes, in one line. */
export function lessonHeadline(change: ChangeKind, rows: readonly DifferenceRow[]): string {
  const [typical] = rows;
  const topic = typical?.topic.replaceAll("_", " ") ?? "";
  switch (change) {
    case "page":
      return pageHeadline(rows);
    case "procedure":
      return `How “${topic}” is handled: ${shortened(firstWords(typical), WORDS_SHOWN)}`;
    case "tone":
      return `Tone in ${typical?.content.channel ?? "every channel"}: ${shortened(firstWords(typical), WORDS_SHOWN)}`;
    case "rule":
      return ruleHeadline(rows);
    default:
      throw new Error(`unknown change ${String(change satisfies never)}`);
  }
}

function pageHeadline(rows: readonly DifferenceRow[]): string {
  const page = mostCommon(rows.flatMap(({ content }) => content.pages));
  const where = page === null ? "" : ` (${titleWithoutLink(page.value)})`;
  const [change] = agreedChanges(rows);
  if (change !== undefined) return `“${change.from.fact}” becomes “${change.to.fact}”${where}`;
  return `${shortened(firstWords(rows[0]), WORDS_SHOWN)}${where}`;
}

function ruleHeadline(rows: readonly DifferenceRow[]): string {
  const action = rows[0]?.content.action ?? null;
  if (action === null) return "A rule of the policy";
  const what = action.operation.replaceAll("_", " ");
  if (action.change === "refused") return `${what} under ${action.rule}: refused by teammates`;
  const amounts = rows.flatMap(({ content }) => content.action?.to ?? []);
  const most = amounts.toSorted((one, other) => other.minor - one.minor)[0];
  const upTo = most === undefined ? "" : `, at most ${formatMoney(most)}`;
  return `${what} under ${action.rule}: ${action.change} amounts${upTo}`;
}

/** What a difference says first, in the teammate's words. */
function firstWords(row: DifferenceRow | undefined): string {
  if (row === undefined) return "";
  const { facts, sentences, teammate } = row.content;
  return facts.added[0]?.sentence ?? sentences.added[0] ?? teammate.split("\n")[0] ?? "";
}

/** "Returns" of "Returns (https://shop.test/returns)". */
export function titleWithoutLink(page: string): string {
  return page.replace(/ \(https?:\/\/[^()]*\)$/, "");
}

type FactChange = DifferenceRow["content"]["facts"]["changed"][number];

/** A changed fact with how many conversations say so, and what others say instead. */
export type AgreedChange = FactChange & {
  readonly count: number;
  readonly others: readonly string[];
};

/** For each fact that teammates replaced: what most of them wrote in its place; the most frequent first. */
export function agreedChanges(rows: readonly DifferenceRow[]): readonly AgreedChange[] {
  const byFact = Map.groupBy(
    rows.flatMap(({ content }) => content.facts.changed),
    ({ from }) => folded(from.fact),
  );
  return [...byFact.values()]
    .flatMap((changes): readonly AgreedChange[] => {
      const best = mostCommon(changes.map(({ to }) => folded(to.fact)));
      const example = changes.find(({ to }) => folded(to.fact) === best?.value);
      if (best === null || example === undefined) return [];
      const others = changes.filter(({ to }) => folded(to.fact) !== best.value);
      return [
        { ...example, count: best.count, others: [...new Set(others.map(({ to }) => to.fact))] },
      ];
    })
    .toSorted((one, other) => other.count - one.count);
}

/** The value that occurs most, the first of several; null for none. */
export function mostCommon(
  values: readonly string[],
): { readonly value: string; readonly count: number } | null {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [best] = [...counts].toSorted(([, one], [, other]) => other - one);
  return best === undefined ? null : { value: best[0], count: best[1] };
}

/** Sentences of the teammates that the drafts had nothing like, each once, the first said first. */
export function addedSentences(rows: readonly DifferenceRow[]): readonly string[] {
  const heard = new Set<string>();
  return rows
    .flatMap(({ content }) => [
      ...content.facts.added.map(({ sentence }) => sentence),
      ...content.sentences.added,
    ])
    .filter((sentence) => isUnheard(sentence, heard));
}

const LESSONS_SHOWN = 20;

/** The weekly list for leads; null where nothing waits. Headlines hold masked words of teammates, so a desk shows them literally. */
export function lessonTables(lessons: readonly Lesson[]): ReportTables | null {
  if (lessons.length === 0) return null;
  const shown = lessons.slice(0, LESSONS_SHOWN);
  const more = lessons.length - shown.length;
  const waits = lessons.length === 1 ? "1 lesson waits" : `${lessons.length} lessons wait`;
  return {
    summary: `${waits} for a lead's decision.`,
    title: `Lessons: ${waits}`,
    note: "What three and more alike edits, rejections or answers propose to change. Nothing changes by itself; decide in the console under Lessons.",
    sections: [
      // A section quotes five at most.
      ...equalChunks(shown, 5).map((part, index) => ({
        heading: index === 0 ? "Proposed changes" : "Further ones",
        lines: part.map(
          ({ id, change, topic, conversations }) =>
            `${id}: ${CHANGE_WORDS[change]}, ${topic.replaceAll("_", " ").slice(0, 100)}, ${conversations} conversations`,
        ),
        quoted: part.map(({ headline }) => headline.slice(0, 200)),
      })),
      ...(more === 0
        ? []
        : [{ heading: "And more", lines: [`${more} in the console`], quoted: [] }]),
    ],
  };
}

function equalChunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return items.length === 0 ? [] : [items.slice(0, size), ...equalChunks(items.slice(size), size)];
}
