/**
 * Decodes hidden text. A model reads base64, hexadecimal digits and reversed letters almost as well as plain text, so
 * the rules have to check them too. Each way of hiding is first recognised by its shape; ordinary text has none of
 * them, so the work stays proportional to the text.
 */
import { withoutInvisible, isAscii } from "#text/normalize.ts";
import { wordsOfSteps } from "#text/phrase-matcher.ts";
import { ATTACK_PHRASES } from "./injection-rules.ts";

/** A text hidden in a hidden text is looked for this deep; models give up earlier. */
const DEPTH_MAX = 3;
/** Characters read in all views of one text together, as a multiple of its length. */
const WORK_MAX = 3;
const VIEWS_MAX = 24;

/**
 * What a text says once decoded, apart from its plain reading; empty for nearly all texts. Takes the text as it came.
 * Linear; total.
 */
export function decodedViews(text: string): readonly DecodedView[] {
  const found: DecodedView[] = [];
  const known = new Set([text]);
  let left = WORK_MAX * text.length;
  let open: readonly DecodedView[] = [{ how: "", text }];
  for (let depth = 0; depth < DEPTH_MAX && open.length > 0; depth += 1) {
    const next: DecodedView[] = [];
    for (const outer of open) {
      for (const inner of directViews(outer.text)) {
        left -= inner.text.length;
        if (left < 0 || found.length >= VIEWS_MAX || known.has(inner.text)) continue;
        known.add(inner.text);
        const how = outer.how === "" ? inner.how : `${inner.how} ${outer.how}`;
        const view = { ...inner, how };
        next.push(view);
        found.push(view);
      }
    }
    open = next;
  }
  return found;
}

function directViews(text: string): readonly DecodedView[] {
  const plain = withoutInvisible(text);
  return [
    // Before spellings, of which a long text in cipher has some by chance, which would leave it no characters to be read.
    ...cipherViews(plain),
    ...encodedViews(plain),
    ...spellingViews(plain),
  ];
}

/** A view of these texts; none where there are none. */
function joinedViews(how: string, texts: readonly string[]): readonly DecodedView[] {
  return texts.length === 0 ? [] : [{ how, text: texts.join("\n") }];
}

/** The lines of a text that a pattern, which must be global, is found in: what is disguised on others is read there. */
function linesWith(text: string, shape: RegExp): string {
  const lines: string[] = [];
  let from = 0;
  while (from < text.length) {
    shape.lastIndex = from;
    const found = shape.exec(text);
    if (found === null) break;
    const end = text.indexOf("\n", found.index);
    lines.push(text.slice(text.lastIndexOf("\n", found.index) + 1, end === -1 ? undefined : end));
    from = end === -1 ? text.length : end + 1;
  }
  return lines.join("\n");
}

/** True for letters and spaces; decoded bytes of anything else hardly ever are. */
function isText(decodedText: string): boolean {
  const plain = decodedText.match(/[\p{L}\p{M}\p{N}\s.,:;!?'"()。，、-]/gu)?.length ?? 0;
  return (
    decodedText.length > 7 &&
    plain / decodedText.length > 0.9 &&
    /\p{L}\s\p{L}|\p{sc=Han}{4}/u.test(decodedText)
  );
}

/** True for what may be text or the codes of a text once more: base64, digits, codes of links. */
function isTextOrCodes(decodedText: string): boolean {
  return isText(decodedText) || /^[\w+/=%&#;:-]{16,}$/.test(decodedText.trim());
}

// Text written as the codes of its letters: base64, hexadecimal digits and the codes of links.

const BASE64 = /[A-Za-z0-9+/_-]{16,}={0,2}/g;
const HEX = /(?:(?:\\x|\\u00|\\u\{|0x|%)?[0-9a-f]{2}[ ,:}]?){12,}/gi;
const BITS = /(?:[01]{8}[ ,]{0,2}){8,}/g;
const NUMBERS = /(?<!\d)(?:\d{2,3}[ ,]{1,2}){8,}\d{2,3}(?!\d)/g;
const PERCENT_SIGN = /%[0-9a-f]{2}/gi;
const PERCENT = /(?:%[0-9a-f]{2}|[\w.,+-]){4,}/gi;

/** Views of a text that is written, in whole or in part, as codes of its letters. */
function encodedViews(text: string): readonly DecodedView[] {
  return [
    ...percentViews(text),
    ...decoded(text, BASE64, "in base64", (run) => Buffer.from(run, "base64").toString("utf8")),
    ...decoded(text, HEX, "in hexadecimal digits", (run) =>
      Buffer.from(run.replaceAll(/\\x|\\u00|0x|[^0-9a-f]/gi, ""), "hex").toString("utf8"),
    ),
    ...decoded(text, BITS, "in the numbers of letters", (run) => lettersOf(run, 2)),
    ...decoded(text, NUMBERS, "in the numbers of letters", (run) => lettersOf(run, 10)),
  ];
}

function lettersOf(run: string, base: number): string {
  const codes = (run.match(/\d+/g) ?? []).map((digits) => Number.parseInt(digits, base));
  return Buffer.from(codes).toString("latin1");
}

function decoded(
  text: string,
  shape: RegExp,
  how: string,
  decode: (run: string) => string,
): readonly DecodedView[] {
  return joinedViews(how, (text.match(shape) ?? []).map(decode).filter(isTextOrCodes));
}

function percentViews(text: string): readonly DecodedView[] {
  if (!text.includes("%")) return [];
  const runs = (linesWith(text, PERCENT_SIGN).match(PERCENT) ?? []).filter(
    (run) => (run.match(/%/g)?.length ?? 0) > 3,
  );
  return joinedViews(
    "in the code of links",
    runs.map((run) =>
      run
        .replaceAll("+", " ")
        .replaceAll(/(?:%[0-9a-f]{2})+/gi, (codes) =>
          Buffer.from(codes.replaceAll("%", ""), "hex").toString("utf8"),
        ),
    ),
  );
}

// Words that are spelt so that no word is found: letters one by one or below each other, marks and tags inside words,
// words without spaces.

/** Letters one by one: "i g n o r e", "i.g.n.o.r.e", or each on a line of its own. */
const SPACED =
  /(?<![\p{L}\p{N}])(?:[\p{L}\p{N}][ .,\-_*|/~+•·\n]{1,4}){7,}[\p{L}\p{N}](?![\p{L}\p{N}])/gu;
/** What every such run has, without the tables of Unicode; a letter is one or two code units. */
const APART = /(?:[^ .,\-_*|/~+•·\n]{1,2}[ .,\-_*|/~+•·\n]{1,4}){7}/;
/** Every second character the same, as where a program put it between all others, marks among them. */
const EVENLY = /[^\n]([ .,\-_*|/~+•·])(?:[^\n]\1){20,}[^\n]?/gu;

// Underscores are how programs spell names of several words.
const SPLIT_MARK = /(?<=\p{L})(?:[*~`^]{1,3}|(?:<[^<>]{0,80}>){1,4}|["'] ?\+ ?["'])(?=\p{L})/gu;
const SPLITS_MIN = 3;
/** Views of a text of which words are spelt in such a way. */
function spellingViews(text: string): readonly DecodedView[] {
  return [
    ...spaced(text),
    ...split(text),
    ...withDigits(text),
    ...joinedViews("in words run together", wordsRunTogether(text)),
  ];
}

/** Letters in a row, or with single marks between them, as no word of a language without long compounds has them. */
const RUN = /[a-z](?:[_#=:.+-]?[a-z]){17,399}/gi;

/** The runs of letters with words of attacks in them, these set apart from what stands between them. */
function wordsRunTogether(text: string): readonly string[] {
  return (text.match(RUN) ?? []).filter((run) => HAS_STRONG.test(run)).map(wordsApart);
}

function wordsApart(run: string): string {
  return run
    .toLowerCase()
    .replaceAll(/[^a-z]/g, " ")
    .replaceAll(KNOWN_WORD, " $& ")
    .replaceAll(/ {2,}/g, " ");
}

/** Wider gaps count as the ends of words. Without any the words of attacks are set apart. */
function spaced(text: string): readonly DecodedView[] {
  const runs = ((APART.test(text) ? text.match(SPACED) : null) ?? []).map((run) =>
    run
      .replaceAll(/[ .,\-_*|/~+•·\n]{2,}/g, "\u0000")
      .replaceAll(/[ .,\-_*|/~+•·\n]/g, "")
      .replaceAll("\u0000", " "),
  );
  const even = (text.match(EVENLY) ?? []).map((run) => run.replaceAll(/(.)./gu, "$1"));
  return joinedViews("in single letters", [
    ...even,
    ...runs,
    ...[...even, ...runs].map(wordsApart),
  ]);
}

/** "ig**no**re", "ig<b></b>nore", `"ign" + "ore"`. */
function split(text: string): readonly DecodedView[] {
  const count = text.match(SPLIT_MARK)?.length ?? 0;
  return count < SPLITS_MIN
    ? []
    : joinedViews("in words split by marks", [linesWith(text, SPLIT_MARK).replace(SPLIT_MARK, "")]);
}

const DIGIT_IN_WORD = /[a-z][013457@$]|[013457@$][a-z]/i;
const MIXED = /[a-z\d@$]{2,30}/gi;
/** What these look like, in this order. */
const SIGNS = "013457@$";
const LETTERS_LIKE = "oieastas";
/** Part numbers spell a word now and then, hardly ever three. */
const DIGIT_WORDS_MIN = 3;

/** "1gn0r3 4ll rul3s": digits that stand for letters in known words. */
function withDigits(text: string): readonly DecodedView[] {
  const known = new Set<string>();
  const read = text.toLowerCase().replaceAll(MIXED, (word) => {
    if (!DIGIT_IN_WORD.test(word)) return word;
    const spelt = word.replaceAll(/[013457@$]/g, (sign) => LETTERS_LIKE[SIGNS.indexOf(sign)] ?? "");
    if (COMMON.has(spelt)) known.add(spelt);
    return spelt;
  });
  return known.size < DIGIT_WORDS_MIN ? [] : [{ how: "with digits for letters", text: read }];
}

/** Ways in which nobody writes to a shop who wants to be read. */
const DISGUISES =
  /in (?:moved letters|base64|hexadecimal digits|the numbers of letters)|turned round|with digits for letters/;

/** Whether a view is a text that its writer disguised, whatever it says: words of English, hidden in such a way. */
export function isDisguised({ how, text }: DecodedView): boolean {
  if (!DISGUISES.test(how)) return false;
  const words = (text.toLowerCase().match(WORD) ?? []).filter((word) => COMMON.has(word));
  return new Set(words).size >= TURNED_MIN;
}

/** A text after decoding, with how it was hidden, for card and trace. */
interface DecodedView {
  readonly how: string;
  readonly text: string;
}

/** English words of nearly every text. */
const FREQUENT: readonly string[] = wordsIn(
  `the and you your are this that with for from have will not all any what when who now then them they there here only
  about above before after into over just like must should would could can may does don't do say said tell give show
  send make take use put let me my mine we our us is it its as at by of on or to if be so no yes an in were was been did get got him her their out up new more other every had has do go see`,
);

/** English words of attacks. One of these in a run of letters is worth a look. */
const STRONG: readonly string[] = wordsIn(
  `ignore disregard forget override bypass instruction instructions previous prompt prompts system assistant reveal
  password refund refunds approve approved approval customer customers address addresses secret hidden rules guidelines
  developer administrator unrestricted jailbreak execute pretend message everything verification restrictions policy`,
);

/** Those, and the words of the rules. Shorter ones stand inside other words. */
const ATTACK_WORDS: readonly string[] = [
  ...new Set([...STRONG, ...ATTACK_PHRASES.flatMap(({ words }) => wordsOfSteps(words))]),
].filter((word) => /^[a-z]{4,}$/.test(word));

function wordsIn(list: string): readonly string[] {
  return list.split(/\s+/);
}

/** How far letters are moved, `mirrored` for a for z, `reversed` for the last letter first. */
type Cipher = number | "mirrored" | "reversed";

const STRETCH = /[^\n.!?;:]+[\n.!?;:]*/g;
const WORD = /[\p{L}'’]{2,30}/gu;
const COMMON: ReadonlySet<string> = new Set([...FREQUENT, ...ATTACK_WORDS]);
const inCipher = (write: (word: string) => string): ReadonlySet<string> =>
  new Set([...COMMON].filter((word) => word.length > 2).map(write));
const TURNED = inCipher(reversed);
const MOVED = inCipher((word) => moved(word, 13));

/** Views of a text of which some sentences, or nearly all of it, are in cipher. */
function cipherViews(text: string): readonly DecodedView[] {
  const stretches = (text.match(STRETCH) ?? []).map((words) => ({ words, cipher: told(words) }));
  const whole = told(text);
  const ciphers = new Set(stretches.flatMap(({ cipher }) => cipher ?? []));
  return [
    ...[...ciphers].map((cipher) =>
      viewIn(
        stretches
          .filter((one) => one.cipher === cipher)
          .map(({ words }) => words)
          .join(""),
        cipher,
      ),
    ),
    ...(whole === null ? [] : [viewIn(text, whole)]),
  ];
}

function told(text: string): Cipher | null {
  // Most stretches of a text of signs are too short to tell either.
  if (text.length < TELLING_MIN) return null;
  const order = hasWords(text, TURNED) ? "reversed" : null;
  return toldByLetters(text) ?? order ?? (hasWords(text, MOVED) ? 13 : null);
}

function viewIn(text: string, cipher: Cipher): DecodedView {
  if (cipher !== "reversed") return { how: "in moved letters", text: moved(text, cipher) };
  // Each word turned round, or the text as a whole: the words are the same, their order is not.
  const words = text.replaceAll(WORD, (word) => reversed(word));
  return { how: "turned round", text: `${reversed(text)}\n\n${words}` };
}

/** Letters of English, each so many times in a thousand; other languages of Latin letters are nearer to it than to a cipher. */
const LETTERS = "82 15 28 43 127 22 20 61 70 2 8 40 24 67 75 19 1 60 63 91 28 10 24 2 20 1"
  .split(" ")
  .map(Number);
const LIKELIHOODS = LETTERS.map((share) => Math.log(share / 1_000));
const LETTERS_MIN = 18;
/** The shortest text that tells anything: three words of three letters that stand in reverse order, and what parts them. */
const TELLING_MIN = 11;
/** Characters of a text that tell whether nearly all of it is in cipher. */
const TELLING_MAX = 16_384;
/** Longer than words are, such as base64, whose letters are those of no language. */
const NO_WORD = /\S{26,}/g;
/** What a letter has to be likelier when moved, on average, as a logarithm. */
const LIKELIER_MIN = 0.5;
/** Letters this likely as they stand are in no cipher, which makes common ones rare. */
const PLAIN_MIN = -3.2;

/** The cipher that makes the letters of a text those of a language, which they are not as they stand. */
function toldByLetters(whole: string): number | "mirrored" | null {
  if (whole.length < LETTERS_MIN) return null;
  const text = whole.slice(0, TELLING_MAX).replace(NO_WORD, " ");
  const counts = LETTERS.map(() => 0);
  let all = 0;
  for (let at = 0; at < text.length; at += 1) {
    const place = (text.charCodeAt(at) | 32) - 97;
    if (place < 0 || place > 25) continue;
    counts[place] = (counts[place] ?? 0) + 1;
    all += 1;
  }
  if (all < LETTERS_MIN) return null;
  const likelihood = (to: (place: number) => number): number =>
    counts.reduce((sum, count, place) => sum + count * (LIKELIHOODS[to(place)] ?? 0), 0) / all;
  const plain = likelihood((place) => place);
  if (plain > PLAIN_MIN) return null;
  let best: number | "mirrored" = "mirrored";
  let most = likelihood((place) => 25 - place);
  for (let shift = 1; shift < 26; shift += 1) {
    const found = likelihood((place) => (place + shift) % 26);
    if (found > most) [best, most] = [shift, found];
  }
  return most - plain >= LIKELIER_MIN ? best : null;
}

/** Different words that tell the cipher; fewer may be words of other languages. */
const TURNED_MIN = 3;
/** After so many different words in plain, and hardly any turned round, the rest is not looked at. */
const PLAIN_ENOUGH = 40;

/** True for a text in which more common words stand in this cipher than in plain. */
function hasWords(text: string, inIt: ReadonlySet<string>): boolean {
  const found = new Set<string>();
  const plain = new Set<string>();
  for (const [word] of text.matchAll(WORD)) {
    const lower = word.toLowerCase();
    if (COMMON.has(lower)) plain.add(lower);
    else if (inIt.has(lower)) found.add(lower);
    if (plain.size >= PLAIN_ENOUGH && plain.size > 4 * found.size) return false;
  }
  return found.size >= TURNED_MIN && found.size > plain.size;
}

/** The last letter first. */
export function reversed(text: string): string {
  return Array.from(text).toReversed().join("");
}

/** Moves Latin letters along the alphabet, or mirrors them in it; everything else stays. */
export function moved(text: string, cipher: number | "mirrored"): string {
  const encoding = isAscii(text) ? "latin1" : "utf16le";
  const bytes = Buffer.from(text, encoding);
  const width = encoding === "latin1" ? 1 : 2;
  for (let at = 0; at < bytes.length; at += width) {
    const code = bytes[at] ?? 0;
    const base = code & 32 ? 97 : 65;
    const place = code - base;
    if (place < 0 || place > 25 || (width === 2 && bytes[at + 1] !== 0)) continue;
    bytes[at] = base + (cipher === "mirrored" ? 25 - place : (place + cipher) % 26);
  }
  return bytes.toString(encoding);
}

const HAS_STRONG = new RegExp(STRONG.join("|"), "i");
/** Longer words first, of which others are a part. */
const KNOWN_WORD = new RegExp(
  [...ATTACK_WORDS, ...FREQUENT.filter((word) => word.length > 2)]
    .toSorted((one, other) => other.length - one.length)
    .join("|"),
  "g",
);
