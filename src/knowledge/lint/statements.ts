/** Cuts passages into statements: sentences with a value and the words it is said of. Pure. */
import { foldedWords } from "#text/fold.ts";
import { type StatedValue, valuesIn, withoutValues } from "./values.ts";

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
