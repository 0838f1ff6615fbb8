import type { Receipts } from "#core/contracts/guard.ts";
import type { Evidence } from "./evidence.ts";

/** Letters of any alphabet, a local part in quotation marks, an address of numbers: whatever a mail program may take. */
const EMAIL =
  /(?:"[^"\n]{1,64}"|[^\s@<>()[\],;:"]{1,64})@(?:[\p{L}\p{M}\p{N}-]{1,63}(?:\.[\p{L}\p{M}\p{N}-]{1,63}){1,6}|\[[^\]\s]{2,60}\])/gu;
/** Marks of emphasis and quotation that stand before an address. */
const BEFORE_EMAIL = /^[*_~'‘“«]+/;
/** "bob (at) elsewhere dot test" is an address to whoever reads it. */
const DISGUISED =
  /[A-Za-z0-9._%+-]{1,64}\s?[([{]\s?(?:at|@|arroba)\s?[)\]}]\s?[A-Za-z0-9-]{1,63}(?:\s?(?:\.|[([{]\s?(?:dot|\.|punkt|point|punto)\s?[)\]}]|\sdot\s)\s?[A-Za-z0-9-]{2,63}){1,4}/gi;

/** Telephone numbers: with a country's code, or in groups of three. */
const PHONE =
  /(?<![\w.,+-])(?:(?:\+|00)\d{1,3}[\s().\-/]{0,3}(?:\d[\s().\-/]{0,2}){6,12}\d|\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4})(?![\w-])/g;

/** Opens a letter by name: "Hello Ann,", "Liebe Frau Marsh,". */
const GREETING =
  /^\s*(?:hello|hi|hey|dear|good (?:morning|afternoon|evening)|hallo|liebe[rs]?|guten (?:tag|morgen|abend)|sehr geehrte[rs]?|bonjour|bonsoir|salut|chers?|chère|hola|buenos días|buenas tardes|estimad[oa]s?|querid[oa]s?)[ ,]+([\p{L}'-]{1,40}\.?(?: [\p{L}'-]{1,40}){0,3})[,!.:\n]/iu;
const NOT_A_NAME =
  /^(?:there|all|team|everyone|sir|madam|customer|again|and|or|mr|mrs|ms|dr|prof|herr|frau|damen|herren|kunde|kundin|monsieur|madame|mme|client|cliente|señora?|sra?|tous|todos|alle|zusammen|und|et|y)\.?$/i;
/** How people say who they are, in a letter of theirs. */
const INTRODUCED =
  /(?:this is|i am|i'm|my name is|name:|regards,?|cheers,?|thanks,?|thank you,?|yours,?|best,?|ich bin|mein name ist|ich heiße|grüße,?|gruß,?|je suis|je m'appelle|cordialement,?|soy|me llamo|saludos,?)\s+((?:\p{L}[\p{L}'-]*\s?){1,3})/giu;
/** Letters are signed at their end. */
const SIGNATURE_LINES = 3;

/** E-mail addresses in a text, in small letters. */
export function emailsIn(text: string): readonly string[] {
  return (text.match(EMAIL) ?? []).map((email) => email.toLowerCase().replace(BEFORE_EMAIL, ""));
}

/** What a telephone number in a record may look like, its code of a country left out. */
const ANY_PHONE = /\d[\d\s().\-/]{5,24}\d/g;

/** The telephone numbers that a record or a page has, as they are compared. */
export function phoneKeysIn(text: string): readonly string[] {
  return (text.match(ANY_PHONE) ?? []).map(phoneKey);
}

/** The digits of a telephone number without the code of a country or a leading zero. */
function phoneKey(phone: string): string {
  return phone.replaceAll(/\D/g, "").slice(-PHONE_DIGITS);
}

const PHONE_DIGITS = 9;

/** Data of somebody else than the requester: what was said, and what is wrong with it. */
export function thirdPartyDataIn(
  text: string,
  receipts: Receipts,
  known: Evidence,
  ownAddresses: readonly string[],
): readonly { readonly words: string; readonly reason: string }[] {
  const ours = new Set(ownAddresses.map((address) => address.toLowerCase()));
  const addresses = emailsIn(text)
    .filter((email) => !known.emails.has(email) && !ours.has(email))
    .map((words) => ({ words, reason: "this is not the requester's address on file" }));
  const disguised = (text.match(DISGUISED) ?? []).map((words) => ({
    words,
    reason: "this is an e-mail address in disguise",
  }));
  const phones = (text.match(PHONE) ?? [])
    .filter((phone) => !known.phones.has(phoneKey(phone)))
    .map((words) => ({ words, reason: "no page or record has this telephone number" }));
  return [...addresses, ...disguised, ...phones, ...greetedStrangers(text, receipts)];
}

function greetedStrangers(text: string, receipts: Receipts) {
  const own = ownNames(receipts);
  const greeted = GREETING.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  return greeted
    .filter((name) => /^\p{Lu}/u.test(name) && !NOT_A_NAME.test(name))
    .filter((name) => !own.has(name.toLowerCase()))
    .map((words) => ({ words, reason: "the requester has another name" }));
}

/** The names the requester goes by, each word of them, in small letters. */
export function ownNames({ requester, asked }: Receipts): ReadonlySet<string> {
  return new Set(lowerCaseWords(`${requester.name ?? ""} ${namesGiven(asked)}`));
}

/** The names a writer gives themselves; somebody they only write about is no reason to greet that person. */
function namesGiven(asked: string): string {
  const introduced = [...asked.matchAll(INTRODUCED)].map(([, name = ""]) => name);
  const lines = asked.trim().split("\n");
  const signed = lines.length > 1 ? lines.slice(-SIGNATURE_LINES) : [];
  return [...introduced, ...signed].join(" ");
}

function lowerCaseWords(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}'-]+/gu) ?? [];
}
