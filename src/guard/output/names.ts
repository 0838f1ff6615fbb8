/**
 * Finds names in a text that nothing it rests on has: people, places, products, brands. English alone marks them by a
 * capital within the sentence; other languages write every noun so, or have their own names for places.
 */
import { isEnglish, isSmallWord } from "#guard/languages/detect.ts";
import { hasDenial } from "#guard/languages/sentence-words.ts";
import { allMatches } from "#text/normalize.ts";
import { sentencePieces } from "./sentences.ts";

/** A capital after a word, a number, a comma, a bracket or a title begins no sentence; "FedEx" has one inside. */
const NAME =
  /(?<=[\p{Ll}\p{N},)] |\p{Ll}\n|\p{Ll} \(|\b(?:Mrs?|Ms|Dr)\. )\p{Lu}(?:\p{Ll}+|\p{Ll}+\p{Lu}\p{L}*)(?:['’]s)?(?![\p{L}\p{N}_@])/gu;

/**
 * Words with a capital that name nothing of ours or theirs: days, months and feasts, which are compared by value or are
 * everybody's, titles, farewells and languages.
 */
const NO_NAME = new RegExp(
  `^(?:${[
    "(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tues?|wed|thurs?|fri|sat|sun",
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?",
    "new|years?|eve|black|cyber|boxing|valentine|mother|father|christmas|easter|hanukkah|diwali|thanksgiving|halloween|ramadan|eid",
    "mrs?|ms|dr|miss|sir|madam|mister|doctor|professor",
    "kind|best|warm|regards|sincerely|cheers|thanks?|sorry|hello|dear|please",
    "team|support|service|care|customer|good|great|happy|welcome|unfortunately|yes|no",
    "today|tomorrow|yesterday|tonight",
    "(?:hour|day|week|month|euro|dollar|pound|cent|franc)s?",
    "english|german|french|spanish|italian|dutch|polish|portuguese|swedish|danish|turkish",
  ].join("|")})$`,
  "i",
);

/** The names of a text that `isKnown`, asked in lower case, does not have; each once, as it stands there. */
export function strangeNames(text: string, isKnown: (name: string) => boolean): readonly string[] {
  if (!isWrittenInEnglish(text)) return [];
  const named = sentencePieces(text)
    .filter((sentence) => isWrittenInEnglish(sentence.text))
    .flatMap((sentence) =>
      allMatches(sentence.text, NAME)
        .filter(
          ({ 0: name, index }) =>
            !(name.endsWith("ly") && LIST_MARK.test(sentence.text.slice(0, index))),
        )
        .map(([name]) => name.replace(/['’]s$/, "")),
    );
  return [...new Set(named)].filter(
    (name) => !NO_NAME.test(name) && !isSmallWord(name) && !isKnown(name.toLowerCase()),
  );
}

/** Behind the mark of a list a sentence begins: "2) Sadly not", "(b) Luckily". */
const LIST_MARK = /^\W*(?:\d{1,2}|[a-h])[.)]\s*$/i;

/** The title of a page that is named in brackets is in the pages' language, whatever the sentence is in. */
function isWrittenInEnglish(text: string): boolean {
  const told = text.replaceAll(PAGE_NAMED, " ");
  return isEnglish(/\p{L}/u.test(told) ? told : text);
}

const PAGE_NAMED = /\((?:see|siehe|voir|véase|ver|vedi|zie|veja|zob\.|zobacz) [^()\n]{0,120}\)/giu;

/** "Hi Linnea, …", "It did, Jonas!": a name behind a greeting, or alone at the end, speaks to somebody of nothing. */
const ADDRESS =
  /(?<=^\s*(?:[Hh]i|[Hh]ello|[Hh]ey|[Dd]ear)) (?<greeted>\p{Lu}[\p{L}'’-]{1,20})(?=[,!])|,\s+(?:(?:Mr|Mrs|Ms)\.? )?(?<called>\p{Lu}[\p{L}'’-]{1,20})(?=[.!?]?\s*$)/u;

/**
 * The same anywhere, where the customer's name is known: behind a word that greets, thanks or regrets, or where a clause
 * ends: "Yes, Jonas, it …", "Happy to help, Jonas: …", "Danke, Frau Lind." Elsewhere a name between commas says who, where
 * or what: "from the depot, Austin, on Monday".
 */
const CALLED =
  /(?<opener>(?<!\p{L})(?:[Ss]orry|[Tt]hanks|[Hh]i|[Hh]ello|[Hh]ey|[Dd]ear|[Dd]anke|[Mm]erci|[Gg]racias|[Gg]razie|[Bb]edankt|[Hh]allo|[Hh]ola|[Bb]onjour|[Tt]hank you),?\s+|(?<!\p{L})(?:[Yy]es|[Nn]o),\s+|,\s+)(?<title>(?:Mrs?|Ms|Mme|Herr|Frau|Señora?|Sra?|Signora?|Pan[ia]?|[Mm]evrouw|[Mm]eneer)\.?\s)?(?<called>\p{Lu}[\p{L}'’-]{1,29}(?: \p{Lu}[\p{L}'’-]{1,29}){0,3})(?=(\s*(?:[.!?:;]|$|,\s*$|,\s+(?:and|but|so|because|if|thanks?|sorry|I|I['’]m|we|you|that|und|aber|mais|pero|maar)\b)|(?<comma>,)))/gu;

/** Longer ones are no names, and cost time. */
const NAME_CHARACTERS = 120;

/** A sentence without the customer's name where it calls them. A name that is a day, a small word or a no stays. */
export function withoutCustomer(text: string, customer: string): string {
  const theirs = customer.slice(0, NAME_CHARACTERS).split(/\s+/);
  return text.replaceAll(CALLED, (whole, opener: string, title = "", called = "", _end, comma) => {
    const names = String(called).split(" ");
    const greets = !opener.startsWith(",");
    const isCalled = greets || (comma === undefined && (names.length === 1 || title !== ""));
    const isTheirs = names.every(
      (one) => theirs.includes(one) && !NO_NAME.test(one) && !isSmallWord(one) && !hasDenial(one),
    );
    return isCalled && isTheirs ? opener.replace(",", "").trimEnd() : whole;
  });
}

/** A text without the name it speaks to. */
export function withoutAddress(text: string): string {
  const { greeted, called = greeted ?? "" } = ADDRESS.exec(text)?.groups ?? {};
  return NO_NAME.test(called) ? text : text.replace(ADDRESS, "");
}
