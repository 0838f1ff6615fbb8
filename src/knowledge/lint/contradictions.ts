/** Finds pages that give one thing different periods, amounts or shares. A person reads what it finds. */
import { setImmediate as breathe } from "node:timers/promises";
import { type CheckedPage, type Statement, pageStatements, stemsIn } from "./statements.ts";
import { exclude, type StatedValue } from "./values.ts";

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
  const holders = placesByStem(statements);
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

/** By stem, the places of the statements that have it. */
function placesByStem(statements: readonly Statement[]): ReadonlyMap<string, readonly number[]> {
  const holders = new Map<string, number[]>();
  for (const [at, { stems }] of statements.entries())
    for (const stem of stems) {
      const places = holders.get(stem);
      if (places === undefined) holders.set(stem, [at]);
      else places.push(at);
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
