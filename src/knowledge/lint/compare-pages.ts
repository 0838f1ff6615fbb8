/** Finds pages that give one thing different periods, amounts or shares, and pages that say the same. A person reads what it finds. */
import { setImmediate as breathe } from "node:timers/promises";
import {
  type CheckedPage,
  type Statement,
  pageStatements,
  stemsIn,
  exclude,
  type StatedValue,
} from "./statements.ts";
import { foldedWords } from "#text/fold.ts";

/** Two sentences of different pages that exclude each other. */
export interface Contradiction {
  readonly one: ContradictingSide;
  readonly other: ContradictingSide;
}

/** One of the two sentences, with its value. */
interface ContradictingSide {
  readonly slug: string;
  readonly passage: string;
  readonly sentence: string;
  readonly value: string;
}

/** The share of what both sentences speak of that they have in common, by weight. */
const ALIKE_MIN = 0.7;
/** Rarer words than those of this many sentences lead from one sentence to others like it. */
const HOLDERS_MAX = 300;

/** Statements compared between two pauses, so that customers are answered meanwhile. */
const STATEMENTS_AT_ONCE = 100;

/** All contradictions between the pages, each once, in the order of the pages. */
export async function contradictionsIn(
  pages: readonly CheckedPage[],
): Promise<readonly Contradiction[]> {
  const statements = pages.flatMap(pageStatements);
  const wordsBySlug = new Map(pages.map((page) => [page.slug, wordsOfPage(page)]));
  const holders = holdersByWords(statements.map(({ stems }) => stems));
  const weight = (stem: string): number =>
    Math.log(1 + statements.length / (holders.get(stem)?.length ?? 1));
  const found: Contradiction[] = [];
  const seen = new Set<string>();
  for (const [at, one] of statements.entries()) {
    if (at % STATEMENTS_AT_ONCE === STATEMENTS_AT_ONCE - 1) await breathe();
    for (const place of candidatesFor(at, one, holders)) {
      const other = statements[place];
      if (other === undefined) continue;
      const pair = excludingValues(one, other);
      if (pair === null || !haveOneScope(one, other, wordsBySlug)) continue;
      if (!speakOfTheSame(one, other, weight)) continue;
      const key = `${one.passage} ${pair[0].words} ${other.passage} ${pair[1].words}`;
      if (seen.has(key)) continue;
      seen.add(key);
      found.push({
        one: contradictingSide(one, pair[0]),
        other: contradictingSide(other, pair[1]),
      });
    }
  }
  return found;
}

function contradictingSide(
  { page, passage, sentence }: Statement,
  value: StatedValue,
): ContradictingSide {
  return { slug: page.slug, passage, sentence, value: value.words };
}

/** By stem or run of words, the places in the list of those that have it. */
function holdersByWords(
  list: readonly ReadonlySet<string>[],
): ReadonlyMap<string, readonly number[]> {
  const holders = new Map<string, number[]>();
  for (const [place, all] of list.entries())
    for (const words of all) {
      const places = holders.get(words);
      if (places === undefined) holders.set(words, [place]);
      else places.push(place);
    }
  return holders;
}

/** Later statements that share a word with this one which is not everywhere. */
function candidatesFor(
  at: number,
  { stems }: Statement,
  holders: ReadonlyMap<string, readonly number[]>,
): ReadonlySet<number> {
  const places = new Set<number>();
  for (const stem of stems) {
    const all = holders.get(stem) ?? [];
    if (all.length > HOLDERS_MAX) continue;
    for (const place of all) if (place > at) places.add(place);
  }
  return places;
}

/** Their values of one kind, when every one of the first excludes every one of the second. */
function excludingValues(
  one: Statement,
  other: Statement,
): readonly [StatedValue, StatedValue] | null {
  for (const kind of new Set(one.values.map((value) => value.kind))) {
    const left = one.values.filter((value) => value.kind === kind);
    const right = other.values.filter((value) => value.kind === kind);
    const [first] = left;
    const [second] = right;
    if (first === undefined || second === undefined || left.length !== right.length) continue;
    if (left.every((value) => right.every((against) => exclude(value, against))))
      return [first, second];
  }
  return null;
}

/**
 * Pages of other brands, languages and times may say other things. So may pages about another case, which a word of the
 * title or a heading names that the other page does not have at all: "international" delivery.
 */
function haveOneScope(
  one: Statement,
  other: Statement,
  wordsBySlug: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  if (one.page.slug === other.page.slug) return false;
  if (areApart(one.page, other.page)) return false;
  const knows = (page: CheckedPage, stem: string): boolean =>
    wordsBySlug.get(page.slug)?.has(stem) ?? false;
  const unknownStems = ({ context }: Statement, to: Statement): readonly string[] =>
    [...context].filter((stem) => !knows(to.page, stem));
  const [ours, theirs] = [unknownStems(one, other), unknownStems(other, one)];
  if (ours.length > 0 && theirs.length > 0) return false;
  return !isNarrower(one, other, ours) && !isNarrower(other, one, theirs);
}

/** "International delivery" beside "Delivery" is a part of it; "Vouchers and gift cards" beside "Gift cards" is more. */
function isNarrower(one: Statement, other: Statement, unknown: readonly string[]): boolean {
  if (unknown.length === 0 || LISTING.test(one.names)) return false;
  return [...other.context].every((stem) => one.context.has(stem));
}

const LISTING = /[,&/]|\b(?:and|or|und|oder|et|ou|y)\b/i;

function areApart(one: CheckedPage, other: CheckedPage): boolean {
  if (one.language !== "" && other.language !== "" && one.language !== other.language) return true;
  if (one.brands.length > 0 && other.brands.length > 0)
    if (!one.brands.some((brand) => other.brands.includes(brand))) return true;
  const after = (from: string | null, until: string | null): boolean =>
    from !== null && until !== null && from > until;
  return after(one.validFrom, other.validUntil) || after(other.validFrom, one.validUntil);
}

function wordsOfPage({ title, passages }: CheckedPage): ReadonlySet<string> {
  return stemsIn([title, ...passages.flatMap(({ heading, body }) => [heading, body])].join("\n"));
}

/**
 * What one sentence leaves out may stand in its title or heading: "It lasts two years" on the page about the warranty.
 * A word that only one of the two has, such as "sale", names another case.
 */
function speakOfTheSame(
  one: Statement,
  other: Statement,
  weight: (stem: string) => number,
): boolean {
  const said = (statement: Statement, stem: string): boolean =>
    statement.stems.has(stem) || statement.context.has(stem);
  const all = [...new Set([...one.stems, ...other.stems])];
  const shared = all.filter((stem) => said(one, stem) && said(other, stem));
  const literally = all.filter((stem) => one.stems.has(stem) && other.stems.has(stem));
  if (literally.length === 0) return false;
  if (shared.length < 2 && all.length > 1) return false;
  return sum(shared.map(weight)) >= ALIKE_MIN * sum(all.map(weight));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Two pages of which one can go. */
interface Duplicate {
  readonly one: string;
  readonly other: string;
  /** The share of five-word runs that both have, 0 to 1; 1 for the same text. */
  readonly alike: number;
}

const RUN_WORDS = 5;
/** A page with fewer runs says too little to be compared. */
const RUNS_MIN = 8;
const DUPLICATE_MIN = 0.8;
/** A run of more pages than these is a footer or a notice. */
const REPEATED_MAX = 30;

/** Each pair once, the most alike first. */
export function duplicatesIn(pages: readonly CheckedPage[]): readonly Duplicate[] {
  const runs = pages.map(pageRuns);
  const shared = pages.map(() => new Map<number, number>());
  for (const places of holdersByWords(runs).values()) {
    if (places.length > REPEATED_MAX) continue;
    for (const [at, one] of places.entries())
      for (const other of places.slice(at + 1))
        shared[one]?.set(other, (shared[one].get(other) ?? 0) + 1);
  }
  const size = (place: number): number => runs[place]?.size ?? 0;
  const slug = (place: number): string => pages[place]?.slug ?? "";
  return shared
    .flatMap((counts, one) =>
      [...counts]
        .filter(([other]) => Math.min(size(one), size(other)) >= RUNS_MIN)
        .map(([other, both]) => ({
          one: slug(one),
          other: slug(other),
          alike: both / (size(one) + size(other) - both),
        })),
    )
    .filter(({ alike }) => alike >= DUPLICATE_MIN)
    .toSorted((one, other) => other.alike - one.alike);
}

function pageRuns({ passages }: CheckedPage): ReadonlySet<string> {
  const words = passages.flatMap(({ heading, body }) => foldedWords(`${heading} ${body}`));
  const count = Math.max(0, words.length - RUN_WORDS + 1);
  return new Set(
    Array.from({ length: count }, (_, at) => words.slice(at, at + RUN_WORDS).join(" ")),
  );
}
