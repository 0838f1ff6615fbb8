/** Finds pages that give one thing different periods, amounts or shares, and pages that say the same. A person reads what it finds. */
import { setImmediate as breathe } from "node:timers/promises";
import { z } from "zod";
import { currencyDigits } from "#core/values/money.ts";
import { foldedWords, folded } from "#text/normalize.ts";
import { amountsIn, durationsIn, type Fact } from "#guard/output/facts.ts";

/** Two sentences of different pages that exclude each other. */
export interface Contradiction {
  readonly one: ContradictingSide;
  readonly other: ContradictingSide;
}

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

/** Whether the pages are for other languages, brands or times, so that each may say its own. */
export function areApart(one: CheckedPage, other: CheckedPage): boolean {
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

const RUN_WORDS = 5;
/** A page with fewer runs says too little to be compared. */
const RUNS_MIN = 8;
const DUPLICATE_MIN = 0.8;
/** A run of more pages than these is a footer or a notice. */
const REPEATED_MAX = 30;

/** Pairs of pages of which one can go, each once, the most alike first: by the share of five-word runs that both have. */
export function duplicatesIn(pages: readonly CheckedPage[]) {
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

/** A page as the check reads it. */
export const CheckedPage = z.object({
  slug: z.string(),
  title: z.string(),
  url: z.string(),
  language: z.string(),
  brands: z.array(z.string()),
  validFrom: z.string().nullable(),
  validUntil: z.string().nullable(),
  passages: z.array(z.object({ id: z.string(), heading: z.string(), body: z.string() })),
});
export type CheckedPage = z.infer<typeof CheckedPage>;

/** A sentence that gives something a value. */
interface Statement {
  readonly page: CheckedPage;
  readonly passage: string;
  /** As the page says it, in one line. */
  readonly sentence: string;
  readonly values: readonly StatedValue[];
  /** Stems of what the values are said of. */
  readonly stems: ReadonlySet<string>;
  /** Stems of the page's title and the headings above. */
  readonly context: ReadonlySet<string>;
  /** The title and the headings as they are. */
  readonly names: string;
}

const SENTENCE_WORDS_MAX = 45;
/** A sentence with more values compares cases with each other. */
const VALUES_MAX = 3;

/** An example's figures are no rule. */
const EXAMPLE =
  /\b(?:for example|e\.g\.|for instance|such as|example|z\. ?B\.|zum beispiel|par exemple|por ejemplo)/i;

/** The statements of a page. Code, questions and examples state nothing. */
function pageStatements(page: CheckedPage): readonly Statement[] {
  return page.passages.flatMap(({ id, heading, body }) => {
    if (EXAMPLE.test(heading)) return [];
    const names = `${page.title} ${heading}`;
    const context = stemsIn(names);
    return sentencesIn(body).flatMap((sentence): readonly Statement[] => {
      if (sentence.endsWith("?") || EXAMPLE.test(sentence)) return [];
      if (sentence.split(" ").length > SENTENCE_WORDS_MAX) return [];
      const values = valuesIn(sentence);
      if (values.length === 0 || values.length > VALUES_MAX) return [];
      const own = stemsIn(withoutValues(sentence).replaceAll(ANCHOR, " "));
      // "It lasts two years": the page or the heading says what does.
      const stems = own.size === 0 ? context : own;
      return [{ page, passage: id, sentence, values, stems, context, names }];
    });
  });
}

/** The text of a passage in sentences, without marks of Markdown and without code. */
export function sentencesIn(body: string): readonly string[] {
  return body
    .replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "\n\n")
    .replaceAll(/`[^`\n]*`/g, " ")
    .replaceAll(/!?\[([^\][]{0,300})\]\([^()]{0,300}\)/g, "$1")
    .split(/\n\s*\n|\n\s*(?=[-*+>#|]|\d+\.\s)/)
    .flatMap((block) =>
      block
        .replace(/^\s*(?:[-*+>]|#{1,6}|\d+\.)\s+/, "")
        .replaceAll(/[*_]{1,3}/g, "")
        .replaceAll(/\s+/g, " ")
        .trim()
        .split(/(?<=[.!?])\s+(?=[\p{Lu}\p{N}"“(])/u),
    )
    .filter((sentence) => sentence !== "");
}

/** "after delivery" says from when a period counts; pages say it or leave it out. */
const ANCHOR =
  /\b(?:after|from|of|since|upon|following|nach|ab|apres|despues de)\s+(?:the |its |your |der |dem |la |le )*(?:date of )?(?:delivery|receipt|receiving|purchase|arrival|order(?:ing)?|erhalt|lieferung|kauf|reception|livraison|achat|recepcion|entrega|compra)\b/g;

/** Words that say nothing of what is meant: grammar, and what every help page says. */
const EMPTY: ReadonlySet<string> = new Set(
  (
    "a an the this that these those it its they them their we our us you your i my he she his her who which what when where how " +
    "and or but if then than as of in on at to for from by with without within into out up over under about after before until " +
    "during since per each every any all some no not only also just more most less least about around approximately usually " +
    "normally generally typically currently please is are was were be been being has have had do does did can could may might " +
    "will would shall should must need get gets take takes took make makes made give gives let lets there here so such other " +
    "same own new one accept accepted possible allow allowed offer provide receive minimum maximum max min least last lasts item " +
    "items product products article articles goods thing things customer customers day days week weeks month months year years " +
    "time period der die das den dem des ein eine einen einem einer und oder aber wenn als von in an auf zu fur mit ohne nach bei " +
    "aus uber unter innerhalb bis ab sie wir ihr ihre ihren uns unser unsere es ist sind war werden wird wurde kann konnen darf " +
    "durfen muss mussen haben hat nicht kein keine auch nur noch etwa artikel produkt produkte kunde kunden le la les un une des " +
    "du de et ou mais si dans sur pour par avec sans apres avant vous nous votre vos notre nos il elle est sont peut peuvent doit " +
    "article articles produit el los las unos unas y o pero del al en con sin por para que se su sus es son puede pueden debe"
  ).split(" "),
);

/** The stems of the words that say what a text is about. */
function stemsIn(text: string): ReadonlySet<string> {
  return new Set(
    foldedWords(text)
      .filter((word) => word.length > 2 && !EMPTY.has(word) && !/^\d+$/.test(word))
      .map(wordStem),
  );
}

/** Takes endings off, so that "returned", "returns" and "return" are one; no dictionary. */
function wordStem(word: string): string {
  const stem = word.replace(/(?:ations?|ments?|ings?|ies|ied|edly|ed|es|s|en|er|ern|e|y)$/, "");
  return stem.length < 3 ? word : stem;
}

interface StatedValue {
  /** `period`, `working period`, `share`, or an amount with its currency. Only values of one kind are compared. */
  readonly kind: string;
  /** In hours, in percent, or in units of the currency; both the same where no range is given. */
  readonly low: number;
  readonly high: number;
  /** As the sentence says it. */
  readonly words: string;
}

/** A month is a twelfth of a year, so that 12 months are one year. */
const HOURS: Readonly<Record<string, number>> = {
  minute: 1 / 60,
  hour: 1,
  day: 24,
  week: 168,
  month: 730,
  year: 8_760,
};

/** Longer sentences state more than one thing, and a long text only costs time. */
const SENTENCE_MAX = 600;

/** The values of a sentence: its periods, then its amounts and shares. */
export function valuesIn(sentence: string): readonly StatedValue[] {
  return factsIn(sentence).flatMap(({ keys: [key = ""], words }) => {
    const { low = "", high = low, unit = "" } = VALUE.exec(key)?.groups ?? {};
    const kind = valueKind(key, unit);
    const size = key.startsWith("duration:") ? HOURS[unit.replace("working-", "")] : 1;
    if (kind === null || size === undefined) return [];
    const units = key.startsWith("amount:") ? 10 ** currencyDigits(unit) : 1;
    return [
      { kind, low: (Number(low) * size) / units, high: (Number(high) * size) / units, words },
    ];
  });
}

const VALUE = /^\w+:(?<low>[\d.]+)(?:-(?<high>[\d.]+))?(?::(?<unit>[\w-]+))?$/;

/** Null for an amount without a currency, which could be any figure. */
function valueKind(key: string, unit: string): string | null {
  if (key.startsWith("percent:")) return "share";
  if (key.startsWith("amount:")) return unit === "" ? null : `amount in ${unit}`;
  if (!key.startsWith("duration:")) return null;
  return unit.startsWith("working-") ? "working period" : "period";
}

/** The sentence in folded form without its values: what it says them of. */
function withoutValues(sentence: string): string {
  const rest = factsIn(sentence)
    .toSorted((one, other) => other.start - one.start)
    .reduce(
      (text, { start, end }) => `${text.slice(0, start)} ${text.slice(end)}`,
      sentence.slice(0, SENTENCE_MAX),
    );
  return folded(rest);
}

/** Values that exclude each other: ranges that overlap do not, nor do "12 months" and "1 year". */
function exclude(one: StatedValue, other: StatedValue): boolean {
  if (one.kind !== other.kind) return false;
  const slack = 1.05;
  return one.low > other.high * slack || other.low > one.high * slack;
}

function factsIn(sentence: string): readonly Fact[] {
  const text = sentence.slice(0, SENTENCE_MAX);
  return [...durationsIn(text), ...amountsIn(text)];
}
