/**
 * Finds contact details that lead elsewhere without being a link: a URI without slashes as wallets take it
 * ("bitcoin:…"), a name on another service ("@shop_pay"), and a spelled-out host ("evil dot com").
 */

/** Distinguished from "Tracking: 123" by its length without white space, and by a digit or sign as values have. */
const OPAQUE = /(?<![\w.@/-])[a-z][a-z0-9+-]{2,20}:(?![/\\])(?=\S{0,60}[\d?=@])\S{12,200}/gi;
/** An id in angle brackets, as chats write a mention, cannot be looked up elsewhere. */
const MENTION = /<@[A-Z0-9]{8,20}>/g;
const HANDLE = /(?<![\p{L}\p{N}._%+@/"\]-])@[a-z][\w.]{1,30}\w/giu;

/** Anchored at its beginning, so that no position inside a long word is tried separately. */
const LABEL = String.raw`(?<![\p{L}\p{N}-])[\p{L}\p{N}-]{2,63}`;
/**
 * The word "dot" alone means nothing in a sentence about dots; in brackets, or before an ending, it is part of a host.
 */
const SPELLED = new RegExp(
  [
    String.raw`${LABEL}\s?[([{]\s?(?:\.|dot|punkt|point|punto)\s?[)\]}]\s?\p{L}{2,24}`,
    String.raw`(?!(?:the|a|an|this|that|each|every|or|and)\s)${LABEL}\sdot\s(?!(?:is|are|on|in|at|of|and|or|to|the|that|which|next|here)\b)\p{L}{2,24}`,
    String.raw`${LABEL}\s(?:punkt|point|punto)\s(?:com|net|org|info|shop|app|io)\b`,
  ].join("|"),
  "giu",
);

/** Each contact as it stands in the text. */
export function contactsIn(text: string): readonly string[] {
  if (!IN_CONTACTS.test(text)) return [];
  const words = text.replace(MENTION, " ");
  return [
    ...(/[:@]/.test(words) ? [OPAQUE, HANDLE] : []),
    ...(IN_SPELLED.test(words) ? [SPELLED] : []),
  ].flatMap((form) => words.match(form) ?? []);
}

/** What a spelled-out host has: a dot in brackets, or the word between spaces. The long pattern tries every word. */
const IN_SPELLED = /[([{]\s?(?:\.|dot|punkt|point|punto)|\s(?:dot|punkt|point|punto)\s/iu;
const IN_CONTACTS = new RegExp(`[:@]|${IN_SPELLED.source}`, "iu");

/** The normalised spelling that contacts are compared by. */
export function contactKey(words: string): string {
  return words.toLowerCase().replace(/[.,;:!?)\]}>"'*_~]{1,20}$/, "");
}

/** True for "@ann" or "@ann.fields" when the requester has these names: such a mention leads to no other person. */
export function isMentionOf(contact: string, names: ReadonlySet<string>): boolean {
  const parts = contactKey(contact)
    .split(/[@._-]/)
    .filter((part) => part !== "");
  return contact.startsWith("@") && parts.length > 0 && parts.every((part) => names.has(part));
}
