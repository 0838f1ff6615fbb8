/** Masks names by where they stand: greetings, signatures, titles, introductions, and capitals inside a sentence. */

import { MARKS } from "./mask-numbers.ts";
import {
  DEEDS,
  GREETINGS,
  INTRODUCTIONS,
  NOT_NAMES,
  REGARDS,
  RELATIVES,
  TITLES,
  TITLES_AFTER,
  WORD_TITLES_AFTER,
} from "./name-phrases.ts";
import { literally } from "#core/values/words.ts";

/** A capitalised word; of a script without capitals, any word. */
const CAPITAL = String.raw`(?:\p{Lu}[\p{L}\p{M}'’]*(?:-\p{Lu}?[\p{L}\p{M}'’]+)*\.?)`;
const PARTICLE =
  "(?:de|del|della|di|da|dos|das|do|du|la|le|van|von|der|den|ter|ten|zu|el|al|bin|ibn|y|e)";
const LATIN_NAME = String.raw`(?:${CAPITAL}(?:[ ](?:${PARTICLE}[ ]){0,2}${CAPITAL}){0,3})`;
const CJK = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]`;
const CJK_NAME = String.raw`(?:[\p{Script=Han}\p{Script=Katakana}ー]{1,6}[ 　]?[\p{Script=Han}\p{Script=Katakana}\p{Script=Hiragana}ー]{0,6})`;
const ARABIC_NAME = String.raw`(?:\p{Script=Arabic}{2,}(?:[ ](?:بن|ال)?\p{Script=Arabic}{2,})?)`;
const START = String.raw`(?<![\p{L}\p{N}\p{M}])`;
const END = String.raw`(?![\p{L}\p{N}\p{M}])`;

/** The same words with a small or a capital first letter; what follows stays case-sensitive, for names have capitals. */
function anyCase(words: string): string {
  return words
    .split("|")
    .map((word) => {
      const first = word.charAt(0);
      const [lower, upper] = [first.toLowerCase(), first.toUpperCase()];
      return lower === upper ? word : `[${lower}${upper}]${word.slice(1)}`;
    })
    .join("|");
}

const TITLE = `(?:${anyCase(TITLES)})`;
const WITH_TITLES = String.raw`(?:${TITLE}\s+){0,3}`;

/** Each finds a name in its group; what stands around it stays. */
const AROUND: readonly RegExp[] = [
  new RegExp(
    String.raw`(?:^|\n|[.!?]\s)\s*(?:${anyCase(GREETINGS)})[ ,]+(?:${anyCase("again|there|team|zusammen|und")}[ ,]+)?${WITH_TITLES}(?<name>${LATIN_NAME})`,
    "gu",
  ),
  new RegExp(String.raw`${START}${TITLE}\s+(?:${TITLE}\s+){0,2}(?<name>${LATIN_NAME})`, "gu"),
  new RegExp(
    String.raw`${START}(?:${anyCase(INTRODUCTIONS)})\s*[:,]?\s+${WITH_TITLES}(?<name>${LATIN_NAME})`,
    "gu",
  ),
  new RegExp(
    String.raw`${START}(?:${anyCase(RELATIVES)}),?\s+(?:(?:called|named|namens|Frau|Herr)\s+)?(?<name>${LATIN_NAME})`,
    "gu",
  ),
  new RegExp(
    String.raw`${START}(?<name>${LATIN_NAME})\s+(?:${anyCase(WORD_TITLES_AFTER)})${END}`,
    "gu",
  ),
  new RegExp(
    String.raw`${START}(?<name>${LATIN_NAME})\s+(?:here|hier|aquí|aqui|qui|ici|tutaj|здесь|speaking|à l'appareil)${END}`,
    "gu",
  ),
  new RegExp(String.raw`(?:^|[.!?]\s+|\n)(?<name>${LATIN_NAME})\s+(?:${DEEDS})${END}`, "gu"),
  new RegExp(String.raw`(?<name>${CJK_NAME})(?=${TITLES_AFTER})`, "gu"),
  new RegExp(
    String.raw`(?:私は|わたしは|名前は|氏名[:：]|受取人は?[:：]?|宛名は?[:：]?|お名前[:：]?|我叫|我是|我的名字是|姓名[:：]|收件人[是:：]?|收货人[是:：]?)\s*(?<name>${CJK_NAME}?)(?=です|と申します|と言います|といいます|でお願い|に変更|[，。、,.\s]|$)`,
    "gu",
  ),
  new RegExp(
    String.raw`(?:^|[\n。、！!\s])(?<name>${CJK_NAME})(?=と申します|と言います|といいます|です。)`,
    "gu",
  ),
  new RegExp(
    String.raw`${START}(?:اسمي هو|اسمي|أنا|معك|باسم|المستلم|الاسم|السيدة|السيد|الأستاذة|الأستاذ|زوجتي|زوجي|ابني|ابنتي|صديقي|أخي|أختي|جاري|عزيزي|عزيزتي|مرحبا|أهلا)[ :،]+(?:يا )?(?<name>${ARABIC_NAME})`,
    "gu",
  ),
];

const REGARDS_LINE = new RegExp(
  String.raw`(?:^|\n|[.!?。！]\s*|,\s)[ \t]*(?:${anyCase(REGARDS)})[ \t]*[,.!،。！–—-]*[ \t]*\n*[ \t]*(?<rest>[^\n]{0,60}(?:\n[^\n]{0,40}){0,1})\s*$`,
  "gu",
);
const DASHED = /(?:^|\n|\s)(?:[-–—~]{1,2})[ ]?(?<rest>[\p{L}\p{M}'’. -]{2,40})\s*$/gu;

/** Replaces names in a text; `known` are words that were found to be names elsewhere. */
export function maskNames(text: string, known: readonly string[]): string {
  const found = new Set(known);
  for (const name of [...namesAround(text), ...namesInSentences(text)])
    for (const word of wordsOf(name)) found.add(word);
  const masked = maskSignature(text);
  const words = [...found].filter(isNameWord).toSorted((a, b) => b.length - a.length);
  return words
    .reduce((rest, word) => rest.replace(wholeWord(word), MARKS.name), masked)
    .replace(BESIDE_NAME, MARKS.name)
    .replace(
      /\[name\](?:[ '’.-]{0,2}(?:(?:de|del|della|di|da|dos|van|von|der|den|la|y|e) )?\[name\])+/gu,
      MARKS.name,
    );
}

/** A capitalised word joined to a name is part of it, unless a sentence begins with it. */
const BESIDE_NAME = new RegExp(
  String.raw`(?<=[(:,;–-] )${CAPITAL}[ ](?=\[name\])|\[name\][ ]${CAPITAL}(?![\p{L}\p{N}])|${CJK}{1,4}[ 　](?=\[name\])|(?<=(?:名義は|名義[:：]|、))${CJK}{1,4}[ 　]${CJK}{1,4}(?=です|$)`,
  "gu",
);

/** Each word of a name that may stand alone elsewhere. */
function wordsOf(name: string): readonly string[] {
  return (name.match(/[\p{L}\p{M}'’-]{2,}|\p{Script=Han}+/gu) ?? []).flatMap((word) =>
    word.includes("-") ? [word, ...word.split("-").filter((part) => part.length > 2)] : [word],
  );
}

function isNameWord(word: string): boolean {
  return !NOT_NAMES.has(word.toLowerCase()) && !PARTICLES.has(word.toLowerCase());
}

const PARTICLES: ReadonlySet<string> = new Set(
  "de del della di da dos das do du la le van von der den ter ten zu el al und et and".split(" "),
);

function namesAround(text: string): readonly string[] {
  return AROUND.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap(({ groups }) => {
      const name = groups?.["name"] ?? "";
      return name === "" ? [] : [name];
    }),
  );
}

/** What stands behind the regards, or behind a dash at the end, is who wrote. */
function maskSignature(text: string): string {
  return text
    .replace(REGARDS_LINE, (all: string, rest: string) => withoutTail(all, rest))
    .replace(DASHED, (all: string, rest: string) => withoutTail(all, rest))
    .replace(ALONE_AT_END, (_all, before: string) => `${before}${MARKS.name}`)
    .replace(CJK_AT_END, (_all, before: string) => `${before}${MARKS.name}`);
}

/** One to three capitalised words, with nothing else, behind the last sentence or on the last line. */
const ALONE_AT_END = new RegExp(String.raw`((?:[.!?…\]]|\n)\s*)${LATIN_NAME}[.]?\s*$`, "u");
const CJK_AT_END = new RegExp(String.raw`((?:\n|。)\s*)${CJK}{1,5}[ 　]?${CJK}{0,5}\s*$`, "u");

/** A line that goes on with a sentence is no signature. */
function withoutTail(all: string, rest: string): string {
  const tail = rest.trim();
  const words = tail.split(/\s+/);
  if (tail === "" || words.length > 8 || /[?!]|\p{Ll}{3}[.] /u.test(tail)) return all;
  if (words.every((word) => /^\p{Ll}/u.test(word)) && words.length > 3) return all;
  return `${all.slice(0, all.lastIndexOf(rest))}${MARKS.name}`;
}

/** In a sentence, a word with a capital is a name, except in German, where two in a row are. */
function namesInSentences(text: string): readonly string[] {
  const inside = [...text.matchAll(INSIDE)];
  const small = [...text.matchAll(/(?<=[\p{L}\p{N},;:] )\p{Ll}[\p{L}\p{M}]+/gu)].length;
  const isGerman =
    inside.length > 3 && inside.length / (inside.length + small) > 0.14 && GERMAN.test(text);
  const rows = [...text.matchAll(isGerman ? ROW : INSIDE)].map(([row]) => row);
  const begun = [...text.matchAll(BEGUN)].map(([row]) => row);
  return [...rows, ...(isGerman ? [...text.matchAll(GERMAN_ALONE)].map(([row]) => row) : begun)];
}

const GERMAN = /\b(?:ich|nicht|und|ist|bitte|wurde|habe|mein|meine|der|die|das)\b/iu;
const INSIDE = new RegExp(
  String.raw`(?<=[\p{L}\p{N},;:)"»”'] ["„“«(]?)\p{Lu}\p{Ll}[\p{L}\p{M}'’-]*(?: \p{Lu}\p{Ll}[\p{L}\p{M}'’-]*)*`,
  "gu",
);
const ROW = new RegExp(
  String.raw`(?<=[\p{L}\p{N},;:)] )\p{Lu}\p{Ll}[\p{L}\p{M}'’-]*(?: (?:von |van |de )?\p{Lu}\p{Ll}[\p{L}\p{M}'’-]*)+`,
  "gu",
);
/** "mit Ayşe gesprochen": no article, and a small word follows. */
const GERMAN_ALONE =
  /(?<=\b(?:mit|bei|an|von|für|durch|namens|dass|weil|und) )\p{Lu}\p{Ll}+(?= (?:gesprochen|telefoniert|geschrieben|bestellt|bezahlt|angenommen|unterschrieben|versprochen|gesagt|hat|ist|war|wird|schrieb|sagte|meinte|geliefert|übergeben|zugesagt)\b)/gu;
/** Two in a row at the beginning of a sentence. */
const BEGUN = new RegExp(
  String.raw`(?<=^|[.!?]\s|\n)\p{Lu}\p{Ll}[\p{L}\p{M}'’-]*(?: \p{Lu}\p{Ll}[\p{L}\p{M}'’-]*)+`,
  "gu",
);

function wholeWord(word: string): RegExp {
  const escaped = literally(word);
  // Scripts without spaces have no edges of words; an ending or a possessive may be joined to a name in others.
  if (new RegExp(CJK, "u").test(word)) return new RegExp(escaped, "gu");
  return new RegExp(
    String.raw`(?<![\p{L}\p{N}\[])${escaped}(?:['’]?(?:s|nin|nın|in|ın|a|e|y|u|i|ą|ę|em|owi|ya|ye|dan|den|ı))?(?![\p{L}\p{N}\]])`,
    "gu",
  );
}
