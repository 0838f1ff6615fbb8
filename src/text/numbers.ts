/** Reads numbers, in digits or in words. */
import { allMatches } from "./normalize.ts";
import { wordAlternatives, byWord, spelled } from "./spelling.ts";

/** Numbers in words, in the languages the check reads; no word means two numbers in them. */
const VALUES = byWord([
  [0, "zero null zéro cero nul"],
  [1, "one a an ein eins eine einen einem einer un une una uno um uma een jeden jedna jedno"],
  [2, "two twice zwei zweimal deux dos due twee dois duas dwa dwie dwóch"],
  [3, "three drei trois tres tre drie trzy trzech"],
  [4, "four vier quatre cuatro quattro quatro cztery czterech"],
  [5, "five fünf cinq cinco cinque vijf pięć pięciu"],
  [6, "six sechs seis sei zes sześć sześciu"],
  [7, "seven sieben sept siete sette zeven sete siedem siedmiu"],
  [8, "eight acht huit ocho otto oito osiem ośmiu"],
  [9, "nine neun neuf nueve nove negen dziewięć dziewięciu"],
  [10, "ten zehn dix diez dieci tien dez dziesięć dziesięciu"],
  [11, "eleven elf onze undici jedenaście"],
  [12, "twelve zwölf douze doce dodici twaalf doze dwanaście"],
  [13, "thirteen dreizehn treize trece tredici dertien treze trzynaście"],
  [14, "fourteen vierzehn quatorze catorce quattordici veertien czternaście czternastu"],
  [15, "fifteen fünfzehn quinze quince quindici vijftien piętnaście piętnastu"],
  [16, "sixteen sechzehn seize dieciséis sedici zestien dezesseis dezasseis"],
  [17, "seventeen siebzehn diecisiete diciassette zeventien dezessete dezassete"],
  [18, "eighteen achtzehn dieciocho diciotto achttien dezoito"],
  [19, "nineteen neunzehn diecinueve diciannove negentien dezenove dezanove"],
  [20, "twenty zwanzig vingt vingts veinte venti twintig vinte dwadzieścia dwudziestu"],
  [21, "veintiuno veintiún"],
  [22, "veintidós"],
  [23, "veintitrés"],
  [24, "veinticuatro"],
  [25, "veinticinco"],
  [30, "thirty dreißig trente treinta trenta dertig trinta trzydzieści trzydziestu"],
  [40, "forty vierzig quarante cuarenta quaranta veertig quarenta czterdzieści czterdziestu"],
  [50, "fifty fünfzig cinquante cincuenta cinquanta vijftig cinquenta pięćdziesiąt"],
  [60, "sixty sechzig soixante sesenta sessanta zestig sessenta sześćdziesiąt"],
  [70, "seventy siebzig setenta settanta zeventig siedemdziesiąt"],
  [80, "eighty achtzig ochenta ottanta tachtig oitenta osiemdziesiąt"],
  [90, "ninety neunzig noventa novanta negentig dziewięćdziesiąt"],
  [200, "doscientos"],
  [300, "trescientos"],
  [400, "cuatrocientos"],
  [500, "quinientos"],
]);
const SCALES = byWord([
  [100, "hundred hundert cent cento honderd cem sto cents cien ciento"],
  [1_000, "thousand tausend duizend tysiąc mille mil"],
]);

const FRACTIONS = byWord([
  [2, "half helft hälfte halben moitié mitad metà metade połowa połowę połowy hälften halvdelen"],
  [3, "third thirds drittel tiers tercio terzo derde terço"],
  [4, "quarter quarters viertel quart cuarto quarto kwart ćwierć"],
]);

/** "a", "un" and the like are numbers only where the context says so. */
const ARTICLES: ReadonlySet<string> = new Set(
  "a an ein eine einen einem einer un une una um uma een".split(" "),
);
const ANDS: ReadonlySet<string> = new Set(["and", "und", "et", "y", "e", "en"]);
/** German writes compound numbers in one word: "einhundertzwanzig". */
const PART = new RegExp(
  wordAlternatives(
    [...VALUES.keys(), ...SCALES.keys(), "und"].filter(
      (word) => word === "ein" || (word.length > 2 && !ARTICLES.has(word)),
    ),
  ),
  "g",
);

/** The words of a number stand close together and never span more characters than this. */
const CHARACTERS_MAX = 48;

/** A number in words that ends at a position of a spelled text. */
export interface NumberInWords {
  readonly start: number;
  readonly value: number;
  /** Only "a" or "un", which is rarely a number. */
  readonly isArticle: boolean;
}

/** The number in words whose last word ends here ("one hundred and twenty|"), or null. */
export function numberEndingAt(plain: string, end: number): NumberInWords | null {
  const from = Math.max(0, end - CHARACTERS_MAX);
  const words = allMatches(plain.slice(from, end), WORD);
  const last = words.at(-1);
  if (last === undefined || last.index + last[0].length !== end - from) return null;
  const start = words[numberStart(words)]?.index;
  if (start === undefined) return null;
  const written = plain.slice(from + start, end);
  return { start: from + start, value: valueOf(written), isArticle: ARTICLES.has(written) };
}

/** The numbers of a text that are written in words, each as it stands there: "a hundred", "zweihundertfünfzig". */
export function numbersInWords(
  text: string,
): readonly { readonly words: string; readonly value: number }[] {
  const plain = spelled(text.slice(0, COUNTED_MAX));
  const words = allMatches(plain, WORD);
  return words.flatMap(({ 0: word, index }, at) => {
    const end = index + word.length;
    const number = isNumberWord(word) ? numberEndingAt(plain, end) : null;
    // "Two hundred" is no two.
    if (number === null || number.isArticle) return [];
    const next = words[at + 1];
    const longer = next === undefined ? null : numberEndingAt(plain, next.index + next[0].length);
    return longer !== null && longer.start < end
      ? []
      : [{ words: text.slice(number.start, end), value: number.value }];
  });
}

/** The words of a text that part something, with into how many, as they stand there: "half", "moitié", "a third". */
export function partsIn(
  text: string,
): readonly { readonly words: string; readonly value: number }[] {
  return allMatches(spelled(text.slice(0, COUNTED_MAX)), WORD).flatMap(({ 0: word, index }) => {
    const value = FRACTIONS.get(word);
    return value === undefined ? [] : [{ words: text.slice(index, index + word.length), value }];
  });
}

/** The numbers of one or two digits, or of one word, at the beginning of a text: how many of something. */
export function countsIn(
  text: string,
): readonly { readonly start: number; readonly value: number }[] {
  return allMatches(spelled(text.slice(0, COUNTED_MAX)), COUNT).flatMap(({ 0: word, index }) => {
    const value = /^\d/.test(word) || !ARTICLES.has(word) ? numberValue(word) : null;
    return value === null ? [] : [{ start: index, value }];
  });
}

const COUNT = /(?<![\w.,])(?:\d{1,2}|[a-zA-Z]{3,12})(?![\w.,]\d|\w)/g;
const COUNTED_MAX = 4_000;

/** Where the number that the last of these words ends begins; the word count when it is not a number. */
function numberStart(words: readonly RegExpExecArray[]): number {
  let first = words.length;
  for (let at = words.length - 1; at >= 0; at -= 1) {
    const [word = ""] = words[at] ?? [];
    if (!goesOn(words[at], words[at + 1])) break;
    // "Due a week ago": an article is a number of its own or before a scale, and no part of "a two-year warranty".
    if (ARTICLES.has(word) && !SCALES.has(words[at + 1]?.[0] ?? ""))
      return Math.min(first, words.length - 1);
    if (isNumberWord(word)) first = at;
    else if (!ANDS.has(word) || at === words.length - 1) break;
  }
  return first;
}

function isNumberWord(word: string): boolean {
  return VALUES.has(word) || SCALES.has(word) || joinedIn(word) !== null;
}

/** "Twenty, five" is two numbers. */
function goesOn(word: RegExpExecArray | undefined, next: RegExpExecArray | undefined): boolean {
  if (word === undefined || next === undefined) return true;
  return /^[\s-]+$/.test(word.input.slice(word.index + word[0].length, next.index));
}

const WORD = /[a-zA-Z]+/g;

/** The numbers a German compound consists of, or null when it contains anything else. */
function joinedIn(word: string): readonly string[] | null {
  const parts = word.match(PART) ?? [];
  return parts.length > 1 && parts.join("") === word ? parts : null;
}

/**
 * The value of digits ("1,200") or words ("a hundred and twenty"); null for anything else, such as "1.2.3". `fraction` is
 * how many digits an amount has after its point.
 */
export function numberValue(text: string, fraction = 2): number | null {
  const value = valueOf(spelled(text.trim()), fraction);
  return Number.isFinite(value) ? value : null;
}

function valueOf(plain: string, fraction = 2): number {
  if (/^\d/.test(plain)) return Number(decimalPoint(plain, fraction));
  let total = 0;
  let group = 0;
  for (const word of numberWords(plain)) {
    const scale = SCALES.get(word);
    // "Quatre-vingts" is four times twenty.
    if (group === 4 && /^vingts?$/.test(word)) group = 80;
    else if (scale === undefined) group += VALUES.get(word) ?? NaN;
    else if (scale === 100) group = Math.max(group, 1) * 100;
    else {
      total += Math.max(group, 1) * scale;
      group = 0;
    }
  }
  return total + group;
}

function numberWords(plain: string): readonly string[] {
  return plain
    .split(/[\s-]+/)
    .flatMap((word) => joinedIn(word) ?? [word])
    .filter((word) => !ANDS.has(word));
}

/**
 * "1,200.50", the continental "120,50", "1.200,50" and "1 200,50", and the Swiss "1'200.50" with a decimal point only.
 * Three digits after a single point are thousands, except in a currency with three.
 */
function decimalPoint(text: string, fraction: number): string {
  const plain = text.replaceAll(/[\s']/g, "");
  if (!plain.includes(","))
    return fraction < 3 && /^\d{1,3}(?:\.\d{3})+$/.test(plain) ? plain.replaceAll(".", "") : plain;
  // "0,1489" is the price of one of many.
  if (/^0,\d+$/.test(plain)) return plain.replace(",", ".");
  if (/,\d{1,2}$/.test(plain) || (fraction > 2 && /\.\d{3},\d{3}$/.test(plain)))
    return plain
      .replaceAll(".", "")
      .replace(/,(?=\d{1,3}$)/, ".")
      .replaceAll(",", "");
  return plain.replaceAll(",", "");
}
