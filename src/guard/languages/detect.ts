/** Detects the language of a text, and tells sentences of English, in which the check reads what a reply says was done. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { isAscii } from "#text/normalize.ts";
import type * as Eld from "eld/extrasmall";

/** Fewer words than these may be a name, a product or an order number, but show no language. */
const WORDS_MIN = 3;
/** From this many words on, the detector's result counts as well as the stop words. */
const SENTENCE_WORDS = 5;
/** Words in lower case: names, titles and lines of an address are capitalised. */
const PLAIN_WORDS_MIN = 2;
/** Letters of a script that is written without spaces or used by one language only. */
const OTHER_LETTERS_MIN = 4;
/** Languages that score this close to the best are told apart by their stop words, or not at all. */
const CLOSE = 0.04;
/** A language has to lead by this much when no stop word supports it. */
const CLEAR = 0.08;
/** A language with this share of the best score may be the language of a short text. */
const NEARLY = 0.9;
/** The detector reads the first 1,000 characters; no more than this is prepared for it. */
const CHARACTERS_MAX = 4_000;

const require = createRequire(import.meta.url);

/** A path, because the package offers itself by name to `import` alone, which this synchronous code cannot wait for. */
const DETECTOR = fileURLToPath(import.meta.resolve("eld/extrasmall"));

const loaded: { detector?: typeof Eld.eld } = {};

/**
 * The detector, loaded with the first text that needs it: it takes 88 MB and 0.1 s, and many a process (a web server, a
 * command) never asks for a language.
 */
function detector(): typeof Eld.eld {
  if (loaded.detector !== undefined) return loaded.detector;
  const { eld }: typeof Eld = require(DETECTOR);
  loaded.detector = eld;
  return eld;
}

/** Text that shows no language: links, addresses, anything with a digit in it. */
const CODES =
  /(?<!\S)\S*@\S*|\bhttps?:\S*|\bwww\.\S*|(?<![\w#€$£.,:/-])[\w#€$£.,:/-]*\d[\w#€$£.,:/-]*/gi;
/** Shop and screen words that occur in messages of every language. */
const EVERYWHERE =
  /(?<![\p{L}'])(?:orders?|refunds?|ok|okay|hi|hello|hallo|status|tracking|e-?mails?|mails?|login|log-in|account|password|reset|support|team|shop|tickets?|chat|links?|newsletter|pls|plz|thx|usb|app|online|service|info|no|si|re|fwd?)(?![\p{L}'])/giu;

/**
 * ISO 639-1 code of the language a text is written in; null when it is too short or the signs disagree. Measured on
 * short letters to a shop in twelve languages: the detector's own "reliable" flag uses the score alone and takes
 * "Refund 789 pls" for Danish, so here its lead and the stop words decide. The smallest of the detector's databases was
 * as accurate as the next one, at half of its 0.3 s and 150 MB.
 */
export function detectedLanguage(text: string): string | null {
  return detected(text, () => false);
}

/**
 * True when `detectedLanguage` names a language outside this set. Most texts say by their stop words alone that they are
 * inside, so that the detector need not be asked.
 */
export function isOutside(text: string, languages: ReadonlySet<string>): boolean {
  const language = detected(text, (leaders) => leaders.every((code) => languages.has(code)));
  return language !== null && !languages.has(language);
}

/** `isSettled` tells from the languages with the most stop words that it does not matter which of them it is. */
function detected(text: string, isSettled: (leaders: readonly string[]) => boolean): string | null {
  const plain = wordsAlone(text);
  if (isAscii(plain)) return latinScript(plain, isSettled);
  const letters = plain.match(/\p{L}/gu)?.length ?? 0;
  const latin = plain.match(/\p{Script=Latin}/gu)?.length ?? 0;
  return letters - latin > latin
    ? otherScript(plain, letters - latin)
    : latinScript(plain, isSettled);
}

/**
 * True when the letter sequences suggest a language outside this set. It needs no sentence: two words are mostly
 * enough, and words common to every language count for nothing.
 */
function speaksForOthers(text: string, languages: ReadonlySet<string>): boolean {
  const scores = Object.entries(detector().detect(wordsAlone(text)).getScores());
  const best = Math.max(0, ...scores.map(([, score]) => score));
  return (
    scores.length > 0 &&
    !scores.some(([code, score]) => languages.has(code) && score >= best * NEARLY)
  );
}

function wordsAlone(text: string): string {
  return text
    .slice(0, CHARACTERS_MAX)
    .normalize("NFC")
    .replaceAll("’", "'")
    .replace(CODES, " ")
    .replace(EVERYWHERE, " ")
    .replaceAll(/[^\p{L}\p{M}' -]+/gu, " ");
}

function otherScript(plain: string, letters: number): string | null {
  const found = detector().detect(plain);
  return letters >= OTHER_LETTERS_MIN && found.isReliable() ? found.language : null;
}

function latinScript(
  plain: string,
  isSettled: (leaders: readonly string[]) => boolean,
): string | null {
  const written = plain.match(/\p{L}[\p{L}\p{M}']*/gu) ?? [];
  // Text all in capitals is read as lower case.
  const shouts = !/\p{Ll}/u.test(plain);
  const plainWords = shouts ? written : written.filter((word) => /^\p{Ll}/u.test(word));
  if (written.length < WORDS_MIN || plainWords.length < PLAIN_WORDS_MIN) return null;
  const counts = stopWordsIn(written.map((word) => word.toLowerCase()));
  // One stop word may be a chance, and then the detector alone can decide for any language.
  if (Math.max(0, ...counts.values()) > 1 && isSettled(leadingLanguages(counts))) return null;
  const ranked = Object.entries(detector().detect(plain).getScores()).sort(([, a], [, b]) => b - a);
  return (
    speaksFor(ranked, counts, written.length >= SENTENCE_WORDS) ??
    (written.length > WORDS_MIN ? leader(ranked, counts) : null)
  );
}

type Ranked = readonly (readonly [string, number])[];

/**
 * Without stop words only a clear lead counts, and only for languages whose stop words are not listed: a sentence in one
 * of the others hardly ever has none. One word may look like a stop word of another language by chance.
 */
function leader([best, second]: Ranked, counts: ReadonlyMap<string, number>): string | null {
  if (best === undefined || SMALL_WORDS.has(best[0]) || Math.max(0, ...counts.values()) > 1)
    return null;
  return best[1] - (second?.[1] ?? 0) >= CLEAR ? best[0] : null;
}

/** The languages with the most stop words. */
function leadingLanguages(counts: ReadonlyMap<string, number>): readonly string[] {
  const most = Math.max(0, ...counts.values());
  return [...counts].filter(([, count]) => count === most).map(([code]) => code);
}

/**
 * The likely language that has the most stop words of all. A language the detector finds unlikely may have as many, but
 * not in a short text.
 */
function speaksFor(
  ranked: Ranked,
  counts: ReadonlyMap<string, number>,
  isSentence: boolean,
): string | null {
  const leaders = leadingLanguages(counts);
  if (leaders.length === 0 || (leaders.length > 1 && !isSentence)) return null;
  const top = ranked[0]?.[1] ?? 0;
  const likely = ranked.filter(([, score]) => score >= top - CLOSE).map(([code]) => code);
  const agreed = leaders.filter((code) => likely.includes(code));
  return agreed.length === 1 ? (agreed[0] ?? null) : null;
}

// Stop words by language, and how many of them a text contains.

const STOP_WORDS = {
  en: `
    the of to and are were be been has have had i you your yours our it its that this these those for with by not can
    will would could should please from if as but about once after before within usually there here which what how when
    where who we they them she he is was at my me or any some just yet too also don't doesn't didn't isn't hasn't i'm
    i've i'd i'll we're we've we'd we'll you're you've it's that's there's can't couldn't won't haven't wasn't aren't still do does did
    very im ive dont cant its so up out then than no on in a an
  `,
  de: `
    ich sie ihr ihre ihren ihrem ihrer ihnen wir uns ist sind wurde wurden haben habe hat der das den dem des und oder
    nicht noch nur für mit auf von zu bei nach eine einen einem einer ein kann können könnte bitte leider wenn auch im
    zur zum vom beim tut leid werden wird dass mein meine meinen meiner mir mich dir dich dein deine deinen hier wo wann
    wie warum sehr schon aber weil sich unser unsere unserem unseren war waren worden diese dieser dieses sobald über
    gibt möchte keine keinen kein immer bereits gerne gern danke wurdest bist sein vor
  `,
  fr: `
    de je vous nous votre vos le la les des est une un du au aux pour dans pas avec sur été avez avons a ai merci que qui et
    ou où ce cette cet ces mon ma mes notre nos ne n'est c'est j'ai j'aimerais d'une d'un qu'il l'adresse quand comment
    toujours encore plus sera être sont bonjour il elle on se son sa ses tu ton ta si par y très aussi déjà s'il m'a
    puis-je pouvez veuillez vers chez
  `,
  es: `
    el los las la su sus de del de está están han ha he hemos para por con usted gracias una un y se ya que en es lo le les mi
    mis me no cuando cuándo dónde donde cómo qué pero muy hola este esta esto al son fue ser tiene tengo puede pueden
    puedo tu tus te si más todavía aún sobre como ni o nos nuestro nuestra quiero quisiera hay
  `,
  it: `
    il lo gli di che è non della dei del sono stato stata suo sua abbiamo ho mio mia per con una un la le i nel al alla
    dove quando come grazie mi si ma anche ci vi più questo questa ancora dov'è vorrei salve potete
  `,
  pt: `
    o os um uma foi seu sua não você da do das dos em para por com que e é está meu minha onde quando obrigado obrigada
    gostaria a as no na ao se mas muito já olá ainda
  `,
  nl: `
    het een en van uw niet voor met wij ik hebben heb naar op te zijn wordt de is mijn waar wanneer kan kunt u je jullie
    aan dat deze dit maar ook nog bij om er dank graag terug
  `,
  sv: `
    och att är har inte det på för en ett jag min mitt ni er av till med som var när kan tack vill hej om du din ditt
    dig vi oss vår vårt den de så men inom efter från eller också redan nu ännu ska blir blivit hos där här sedan då
    mig dina mina våra kommer går får tyvärr hur vad
  `,
  da: `
    og at er har ikke det på for en et jeg min mit af til med som hvor hvornår kan tak vil de du vi ikke din dit
    dig os vores den så men inden efter fra eller også allerede nu endnu skal bliver blevet hos der her når hvis mig
    dine mine får kommer desværre hvad hvordan hvilken
  `,
  tr: `
    ve bir bu için ile de da mı mi mu mü ben biz siz size sizi sizin bize bizim ne nasıl zaman değil var yok çok daha
    sonra önce kadar gibi ama veya olarak olan lütfen merhaba teşekkür teşekkürler siparişim siparişiniz sipariş iş gün
    günü içinde artık maalesef henüz evet hayır yani her şey ya
  `,
  cs: `
    vaše váš vaši vám vás jsme byla byl bylo byly jste nebo není že který která které když ještě už děkujeme prosím jsou je se
    si pro od do za na bude jsem mám moje můj kde kdy
  `,
  pl: `
    jest nie się na zamówienie państwa proszę został została w z do i o co gdzie moje mój kiedy dzień dobry czy za mi
  `,
};

const SMALL_WORDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(STOP_WORDS).map(([language, list]) => [
    language,
    new Set(list.trim().split(/\s+/)),
  ]),
);

/** By stop word, its languages: most words are none, so one look-up is enough for them. */
const LANGUAGES_OF: ReadonlyMap<string, readonly string[]> = languagesByWord();

function languagesByWord(): Map<string, string[]> {
  const languages = new Map<string, string[]>();
  for (const [language, small] of SMALL_WORDS)
    for (const word of small) languages.set(word, [...(languages.get(word) ?? []), language]);
  return languages;
}

/**
 * The number of these words, in lower case, that are stop words of each language; languages without any are left out.
 */
function stopWordsIn(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words)
    for (const language of LANGUAGES_OF.get(word) ?? [])
      counts.set(language, (counts.get(language) ?? 0) + 1);
  return counts;
}

const READ: ReadonlySet<string> = new Set(["en"]);

// Tells sentences of English from those of other languages.

/** Pictographs that carry meaning, such as a check mark; faces, hearts and a waving hand only set the tone. */
const SAYS_SOMETHING =
  /(?![\u{1F600}-\u{1F64F}\u{1F910}-\u{1F92F}\u{1F970}-\u{1F97A}\u{1F490}-\u{1F49F}\u{1F44B}\u{2639}\u{263A}\u{2665}\u{2764}])[\u{2600}-\u{27BF}\u{2B00}-\u{2BFF}\u{1F000}-\u{1FAFF}]/u;
const WORD = /[\p{L}']+/gu;
/** A language with this share of the likeliest one's stop words may be the language of a part. */
const LIKELY = 0.75;
/** No more than this is checked word by word: a sentence shows its language early. */
const SENTENCE_CHARACTERS_MAX = 600;

/**
 * Whether a sentence may be English: it has nearly as many small words of it as of any other language, as one in two
 * languages has, or hardly any, as "Refund issued".
 */
export function mayBeEnglish(sentence: string): boolean {
  const counts = stopWordsIn(lowerCaseWords(sentence));
  const most = Math.max(0, ...counts.values());
  return most < 2 || (counts.get("en") ?? 0) >= most * LIKELY;
}

/** Whether a word alone is one of the small words of a language that has them listed. */
export function isSmallWord(word: string): boolean {
  return LANGUAGES_OF.has(word.toLowerCase());
}

/** Whether a sentence has more small words of English than of any other language. */
export function isEnglish(sentence: string): boolean {
  const { en = 0, ...others } = Object.fromEntries(stopWordsIn(lowerCaseWords(sentence)));
  return en > Math.max(0, ...Object.values(others));
}

/**
 * The first sentence in a language the check does not read, or null, so that the check knows where its reading ends.
 * Names and quoted titles inside a readable sentence do not count, nor does a sentence of `known` words: those of the
 * sources and the names of the requester, in lower case, which few texts need.
 */
export function unreadSentence(
  text: string,
  sentences: readonly string[],
  known: () => ReadonlySet<string>,
): string | null {
  const found = [...new Set(sentences)].find(
    (sentence) => isUnread(sentence, 2) || isUnreadWithoutSmallWords(sentence, known),
  );
  if (found !== undefined) return found.trim();
  // A single such word may be a name, unless the text contains nothing else.
  if (isUnread(text.slice(0, SENTENCE_CHARACTERS_MAX), 1)) return text.trim();
  return isOutside(text, READ) ? text.trim() : null;
}

/**
 * A few words without a stop word of a readable language: the letters show the language. A pictograph next to them says
 * something unread: "Refund ✔".
 */
function isUnreadWithoutSmallWords(sentence: string, known: () => ReadonlySet<string>): boolean {
  const part = sentence.slice(0, SENTENCE_CHARACTERS_MAX);
  const words = lowerCaseWords(part);
  const counts = stopWordsIn(words);
  if (words.length === 0 || counts.has("en")) return false;
  if (SAYS_SOMETHING.test(part)) return true;
  const strange = part.replace(WORD, (word) => (known().has(word.toLowerCase()) ? " " : word));
  return speaksForOthers(strange, READ);
}

function isUnread(text: string, strangeMin: number): boolean {
  if (!isAscii(text)) {
    const letters = text.match(/\p{L}/gu)?.length ?? 0;
    const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
    if (letters - latin > latin) return true;
  }
  const words = lowerCaseWords(text);
  if (words.some((word) => DONE_UNREAD.has(word))) return true;
  const counts = stopWordsIn(words);
  const strange = Math.max(0, ...[...counts].flatMap(([code, n]) => (code === "en" ? [] : [n])));
  return words.length > 2 && strange > (counts.get("en") ?? 0) && strange >= strangeMin;
}

/** The words at the beginning of a text, in lower case. */
function lowerCaseWords(text: string): readonly string[] {
  return text.slice(0, SENTENCE_CHARACTERS_MAX).toLowerCase().match(WORD) ?? [];
}

/** Words of unread languages that alone say that something was done. */
const DONE_UNREAD: ReadonlySet<string> = new Set(
  `refundert tilbakebetalt kansellert avbestilt palautettu hyvitetty peruutettu`.split(/\s+/),
);
