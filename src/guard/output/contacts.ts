/**
 * Finds contact details: mail addresses, telephone numbers, bank accounts, and what leads elsewhere without being a
 * link: a URI without slashes as wallets take it ("bitcoin:…"), a name on another service ("@shop_pay"), and a
 * spelled-out host ("evil dot com").
 */
import { isBankAccount } from "#guard/mask-secrets.ts";
import { hasDigit } from "#text/normalize.ts";

/** Letters of any alphabet, a quoted local part, an IP address: whatever a mail program may accept. */
const EMAIL =
  /(?:"[^"\n]{1,64}"|[^\s@<>()[\],;:"]{1,64})@(?:[\p{L}\p{M}\p{N}-]{1,63}(?:\.[\p{L}\p{M}\p{N}-]{1,63}){1,6}|\[[^\]\s]{2,60}\])/gu;
/** Marks of emphasis and quotation before an address. */
const BEFORE_EMAIL = /^[*_~'‘“«]+/;

/** Telephone numbers: with a country code, or in groups of three. */
const PHONE =
  /(?<![\w.,+-])(?:(?:\+|00)\d{1,3}[\s().\-/]{0,3}(?:\d[\s().\-/]{0,2}){6,12}\d|\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4})(?![\w-])/g;
/** What a telephone number in a source may look like, without its country code. */
const ANY_PHONE = /\d[\d\s().\-/]{5,24}\d/g;
const PHONE_DIGITS = 9;

/** Where an account number of ISO 13616 may begin, with what could belong to it; its checksum says where it ends. */
const IBAN = /(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ .-]?[A-Z0-9]){11,30}/gi;
const IBAN_CHARACTERS_MIN = 15;
/** Its country and check digits. */
const IBAN_HEAD = 4;

/** Distinguished from "Tracking: 123" and "Tracking:ok" by a value without white space that is longer than a word of state. */
const OPAQUE = /(?<![\w.@/-])[a-z][a-z0-9+-]{1,20}:(?![/\\])(?=\S{0,60}[\p{L}?=@])\S{6,200}/giu;
/** An id in angle brackets, as chats write a mention, cannot be looked up elsewhere. */
const MENTION = /<@[A-Z0-9]{8,20}>/g;
const HANDLE = /(?<![\p{L}\p{N}._%+@/"\]-])@[a-z][\w.]{1,30}\w/giu;

/** Anchored at its beginning, so that no position inside a long word is tried separately. */
const LABEL = String.raw`(?<![\p{L}\p{N}-])[\p{L}\p{N}-]{2,63}`;
const ENDING = String.raw`(?:com|net|org|info|shop|app|io)(?![\p{L}\p{N}])`;
/**
 * The word "dot" alone means nothing in a sentence about dots; in brackets, or before an ending, it is part of a host.
 * So is a dot with a space before it and a small letter behind, where no sentence ends, and a comma that is set as no
 * comma is.
 */
const SPELLED = [
  new RegExp(
    [
      String.raw`${LABEL}\s?[([{]\s?(?:\.|dot|punkt|point|punto)\s?[)\]}]\s?\p{L}{2,24}`,
      String.raw`(?!(?:the|a|an|this|that|each|every|or|and)\s)${LABEL}\sdot\s(?!(?:is|are|on|in|at|of|and|or|to|the|that|which|next|here)\b)\p{L}{2,24}`,
      String.raw`${LABEL}\s(?:punkt|point|punto)\s${ENDING}`,
      String.raw`${LABEL}(?:\s?[·•∙‧・]\s?|,|\s,\s|/)${ENDING}`,
      String.raw`${LABEL}[·•∙‧・](?!(?<=l·)l)\p{L}{2,24}`,
      String.raw`(?<![\p{L}\p{N}])(?:[\p{L}\p{N}]\s){3,40}(?:[.,·•]|dot)\s?\p{L}\s\p{L}(?:\s\p{L})*`,
    ].join("|"),
    "giu",
  ),
  new RegExp(String.raw`${LABEL}\s{1,3}\.\s{0,3}\p{Ll}{2,24}(?!\p{L})`, "gu"),
];

/** A contact as it stands in a text. */
export interface Contact {
  readonly words: string;
  readonly kind: "mail" | "phone" | "account" | "other";
  /** The normalised spelling that contacts are compared by. */
  readonly key: string;
}

/** Each contact in a text. */
export function contactsIn(text: string): readonly Contact[] {
  const accounts = accountsIn(text);
  // The digits of an account are no telephone number.
  const rest = withoutStretches(text, accounts);
  return [
    ...accounts,
    ...mailsIn(text),
    ...(hasDigit(rest) ? (rest.match(PHONE) ?? []) : []).map((words) => ({
      words,
      kind: "phone" as const,
      key: phoneKey(words),
    })),
    ...othersIn(text).map((words) => ({ words, kind: "other" as const, key: otherKey(words) })),
  ];
}

/** What the contacts in a source are compared by; a record may write a telephone number without its country code. */
export function contactKeysIn(text: string): readonly string[] {
  const phones = hasDigit(text) ? (text.match(ANY_PHONE) ?? []).map(phoneKey) : [];
  return [...contactsIn(text).map(({ key }) => key), ...phones];
}

function withoutStretches(
  text: string,
  stretches: readonly { readonly words: string; readonly start: number }[],
): string {
  let place = 0;
  let rest = "";
  for (const { words, start } of stretches) {
    rest += `${text.slice(place, start)} `;
    place = start + words.length;
  }
  return rest + text.slice(place);
}

function mailsIn(text: string): readonly Contact[] {
  return (text.includes("@") ? (text.match(EMAIL) ?? []) : []).map((found) => {
    const words = found.replace(BEFORE_EMAIL, "");
    return { words, kind: "mail", key: mailKey(words) };
  });
}

/** The key of a mail address. */
export function mailKey(address: string): string {
  return `${MAIL}${address.toLowerCase()}`;
}

const MAIL = "mail:";

/** The digits of a telephone number without the country code or a leading zero. */
function phoneKey(phone: string): string {
  return `tel:${phone.replaceAll(/\D/g, "").slice(-PHONE_DIGITS)}`;
}

/** Another number may stand before an account and look like its beginning, so the search goes on inside what it is not. */
function accountsIn(text: string): readonly (Contact & { readonly start: number })[] {
  const accounts: (Contact & { readonly start: number })[] = [];
  if (!hasDigit(text)) return accounts;
  IBAN.lastIndex = 0;
  for (let match = IBAN.exec(text); match !== null; match = IBAN.exec(text)) {
    const [found] = match;
    let words = found;
    while (
      words.length >= IBAN_CHARACTERS_MIN &&
      !(!/[^a-z0-9]$/i.test(words) && isBankAccount(compact(words)))
    )
      words = words.slice(0, -1);
    const isFound = words.length >= IBAN_CHARACTERS_MIN;
    if (isFound) accounts.push({ words, kind: "account", key: compact(words), start: match.index });
    IBAN.lastIndex = match.index + (isFound ? words.length : IBAN_HEAD);
  }
  return accounts;
}

function compact(words: string): string {
  return words.replaceAll(/[^a-z0-9]/gi, "").toUpperCase();
}

function othersIn(text: string): readonly string[] {
  if (!IN_CONTACTS.test(text)) return [];
  const words = text.replace(MENTION, " ");
  return [
    ...(/[:@]/.test(words) ? [OPAQUE, HANDLE] : []),
    ...(IN_SPELLED.test(words) ? SPELLED : []),
  ].flatMap((form) => words.match(form) ?? []);
}

/** What a spelled-out host has: a dot in brackets, an odd one, or the word between spaces. The long pattern tries every word. */
const IN_SPELLED =
  /[([{]\s?(?:\.|dot|punkt|point|punto)|\s(?:dot|punkt|point|punto)\s|\s\.|[·•∙‧・]|[,/]\s?\p{L}/iu;
const IN_CONTACTS = new RegExp(`[:@]|${IN_SPELLED.source}`, "iu");

function otherKey(words: string): string {
  return words.toLowerCase().replace(/[.,;:!?)\]}>"'*_~]{1,20}$/, "");
}

/** True for "@ann" or "@ann.fields" when the requester has these names: such a mention leads to no other person. */
export function isOwnMention(contact: string, names: ReadonlySet<string>): boolean {
  const parts = otherKey(contact)
    .split(/[@._-]/)
    .filter((part) => part !== "");
  return contact.startsWith("@") && parts.length > 0 && parts.every((part) => names.has(part));
}
