/** The sentences of a page that state a period, an amount or a share, with what they speak of. */
import { foldedWords, folded } from "#text/fold.ts";
import { amountsIn, durationsIn, type Fact } from "#guard/output/facts.ts";

/** A page as the check reads it. */
export interface CheckedPage {
  readonly slug: string;
  readonly title: string;
  readonly url: string;
  readonly language: string;
  readonly brands: readonly string[];
  readonly validFrom: string | null;
  readonly validUntil: string | null;
  readonly passages: readonly {
    readonly id: string;
    readonly heading: string;
    readonly body: string;
  }[];
}

/** A sentence that gives something a value. */
export interface Statement {
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
export function pageStatements(page: CheckedPage): readonly Statement[] {
  return page.passages.flatMap(({ id, heading, body }) => {
    if (EXAMPLE.test(heading)) return [];
    const names = `${page.title} ${heading}`;
    const context = stemsIn(names);
    return sentencesIn(body).flatMap((sentence): readonly Statement[] => {
      if (sentence.endsWith("?") || EXAMPLE.test(sentence)) return [];
      if (sentence.split(" ").length > SENTENCE_WORDS_MAX) return [];
      const values = valuesIn(sentence);
      if (values.length === 0 || values.length > VALUES_MAX) return [];
      const own = stemsIn(withoutAnchors(withoutValues(sentence)));
      // "It lasts two years": the page or the heading says what does.
      const stems = own.size === 0 ? context : own;
      return [{ page, passage: id, sentence, values, stems, context, names }];
    });
  });
}

/** The text of a passage in sentences, without marks of Markdown and without code. */
function sentencesIn(body: string): readonly string[] {
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

function withoutAnchors(text: string): string {
  return text.replaceAll(ANCHOR, " ");
}

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
export function stemsIn(text: string): ReadonlySet<string> {
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

/** A value that pages can contradict each other in. */
export interface StatedValue {
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
    const units = key.startsWith("amount:") ? 100 : 1;
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
export function exclude(one: StatedValue, other: StatedValue): boolean {
  if (one.kind !== other.kind) return false;
  const slack = 1.05;
  return one.low > other.high * slack || other.low > one.high * slack;
}

function factsIn(sentence: string): readonly Fact[] {
  const text = sentence.slice(0, SENTENCE_MAX);
  return [...durationsIn(text), ...amountsIn(text)];
}
