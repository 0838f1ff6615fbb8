/** Finds what a draft must not say, whatever backs it: data of third parties, words of internal notes, forbidden phrases. */
import type { Receipts } from "#core/contracts/guard.ts";
import { allMatches } from "#text/matches.ts";
import { foldedForms } from "#text/normalize.ts";
import { spelled } from "#guard/languages/spelling.ts";
import { literally } from "#core/values/words.ts";

/** "bob (at) elsewhere dot test" is an address to any reader. */
const DISGUISED =
  /[A-Za-z0-9._%+-]{1,64}\s?[([{]\s?(?:at|@|arroba)\s?[)\]}]\s?[A-Za-z0-9-]{1,63}(?:\s?(?:\.|[([{]\s?(?:dot|\.|punkt|point|punto)\s?[)\]}]|\sdot\s)\s?[A-Za-z0-9-]{2,63}){1,4}/gi;

const AT_IN_BRACKETS = /[([{]\s?(?:at|@|arroba)\s?[)\]}]/i;

/** The salutation of a letter: "Hello Ann,", "Liebe Frau Marsh,". */
const GREETING =
  /^\s*(?:hello|hi|hey|dear|good (?:morning|afternoon|evening)|hallo|liebe[rs]?|guten (?:tag|morgen|abend)|sehr geehrte[rs]?|bonjour|bonsoir|salut|chers?|chère|hola|buenos días|buenas tardes|estimad[oa]s?|querid[oa]s?)[ ,]+([\p{L}'-]{1,40}\.?(?: [\p{L}'-]{1,40}){0,3})[,!.:\n]/iu;
const NOT_A_NAME =
  /^(?:there|all|team|everyone|sir|madam|customer|again|and|or|mr|mrs|ms|dr|prof|herr|frau|damen|herren|kunde|kundin|monsieur|madame|mme|client|cliente|señora?|sra?|tous|todos|alle|zusammen|und|et|y)\.?$/i;
/** How customers say who they are. */
const INTRODUCED =
  /(?:this is|i am|i'm|my name is|name:|regards,?|cheers,?|thanks,?|thank you,?|yours,?|best,?|ich bin|mein name ist|ich heiße|grüße,?|gruß,?|je suis|je m'appelle|cordialement,?|soy|me llamo|saludos,?)\s+((?:\p{L}[\p{L}'-]*\s?){1,3})/giu;
/** Letters are signed at their end. */
const SIGNATURE_LINES = 3;

/** Third-party data in a draft: the phrase, and what is wrong with it. */
export function thirdPartyDataIn(
  text: string,
  receipts: Receipts,
): readonly { readonly words: string; readonly reason: string }[] {
  const disguised = AT_IN_BRACKETS.test(text) ? (text.match(DISGUISED) ?? []) : [];
  return [
    ...disguised.map((words) => ({ words, reason: "this is an e-mail address in disguise" })),
    ...greetedStrangers(text, receipts),
  ];
}

function greetedStrangers(text: string, receipts: Receipts) {
  const greeted = GREETING.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  if (greeted.length === 0) return [];
  const own = ownNames(receipts);
  return greeted
    .filter((name) => /^\p{Lu}/u.test(name) && !NOT_A_NAME.test(name))
    .filter((name) => !own.has(name.toLowerCase()))
    .map((words) => ({ words, reason: "the requester has another name" }));
}

/** The requester's names, each word of them, in lower case. */
export function ownNames({ requester, asked }: Receipts): ReadonlySet<string> {
  return new Set(lowerCaseWords(`${requester.name ?? ""} ${namesGiven(asked)}`));
}

/** The names writers give as their own; a person they only write about is not greeted by the reply. */
function namesGiven(asked: string): string {
  const introduced = allMatches(asked, INTRODUCED).map(([, name = ""]) => name);
  const lines = asked.trim().split("\n");
  const signed = lines.length > 1 ? lines.slice(-SIGNATURE_LINES) : [];
  return [...introduced, ...signed].join(" ");
}

function lowerCaseWords(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}'-]+/gu) ?? [];
}

// Quotations of the team's internal notes.

/** This many words in a note's order are a quotation; a shorter note is quoted when the whole of it stands there. */
const RUN_WORDS = 6;
const RUN_WORDS_MIN = 4;
const NOTES_MAX = 50;
const WORDS_PER_NOTE_MAX = 2_000;
const CHARACTERS_PER_NOTE_MAX = 20_000;

/** What a text quotes from the team's notes, each run once, unless the customer or a help page said the same. */
export function notesIn(
  text: string,
  { teamNotes = [], asked, passages }: Pick<Receipts, "teamNotes" | "asked" | "passages">,
): readonly string[] {
  if (teamNotes.length === 0) return [];
  const words = wordRuns(text);
  const said = new Set(
    [RUN_WORDS_MIN, RUN_WORDS - 1, RUN_WORDS].flatMap((length) => joinedRuns(words, length)),
  );
  // What the customer wrote or a help page says is not secret.
  const open = [asked, ...passages.map((passage) => passage.text)].map(
    (source) => ` ${wordRuns(source).join(" ")} `,
  );
  return teamNotes.slice(-NOTES_MAX).flatMap((note) => {
    const noted = wordRuns(note.slice(0, CHARACTERS_PER_NOTE_MAX)).slice(0, WORDS_PER_NOTE_MAX);
    const length = Math.min(RUN_WORDS, noted.length);
    if (length < RUN_WORDS_MIN) return [];
    const quoted = joinedRuns(noted, length).find(
      (run) => said.has(run) && !open.some((source) => source.includes(` ${run} `)),
    );
    return quoted === undefined ? [] : [quoted];
  });
}

function joinedRuns(words: readonly string[], length: number): readonly string[] {
  return words
    .slice(0, Math.max(0, words.length - length + 1))
    .map((_word, start) => words.slice(start, start + length).join(" "));
}

function wordRuns(text: string): readonly string[] {
  return (
    foldedForms(text)
      .text.toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

// Phrases that must never go out.

/**
 * The forbidden phrases a text contains, as they stand there. Case, line ends and the kind of apostrophe make no
 * difference; a phrase matches whole words, so "sure" is not found in "measure".
 */
export function forbiddenIn(text: string, forbidden: readonly string[]): readonly string[] {
  const plain = spelled(text);
  return forbidden.flatMap((phrase) => {
    const found = phrasePattern(phrase)?.exec(plain);
    return found === null || found === undefined
      ? []
      : [text.slice(found.index, found.index + found[0].length)];
  });
}

function phrasePattern(phrase: string): RegExp | null {
  const parts = spelled(phrase.normalize("NFKC")).trim().split(/\s+/).map(literally);
  return parts.join("") === "" ? null : new RegExp(`(?<!\\w)${parts.join("\\s+")}(?!\\w)`);
}
