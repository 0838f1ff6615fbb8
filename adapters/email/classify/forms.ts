/**
 * Mail that a program hands on for the person its Reply-To names: a contact form, of the company's own site or of a
 * service, or a shop's or a market's messages. Nothing proves whom it names.
 */

import { addressDomain, addressesIn, onlyAddressIn, senderAddress } from "#email/mime/addresses.ts";
import { type Head, headerValues, valueOf } from "#email/mime/headers.ts";
import { isByMailProgram, isOfList, isSameCompany } from "./bulk.ts";

/** Local parts that say, in the languages they are seen in, that no person reads what is sent there. */
const NO_REPLY =
  /(?:^|[-_.+])(?:no|not|do-?not|donot|dont|never|cannot|can-?not)[-_.]?(?:reply|replies|response|respond|answer)|^(?:nicht-?antworten|keine-?antwort|ne-?pas-?repondre|no-?responder|no-?contestar|n[aã]o-?responda|non-?rispondere|niet-?(?:be)?antwoorden|nie-?odpowiadaj|auto-?(?:confirm|mailer|mail|reply|responder|notify)|unattended|newsletter|news-?letter|mailings?|bounces?)(?:$|[-_.+@])/;

/** True for an address that takes no answers. */
export function takesNoAnswers(address: string): boolean {
  return NO_REPLY.test(address.split("@")[0] ?? "");
}

/** What forms write under. */
const FORM_NAME = /(?:^|[-_.+])(?:forms?|contact-?forms?|submissions?|wordpress)(?:$|[-_.+\d])/;

function isProgram(address: string): boolean {
  return (
    takesNoAnswers(address) || isOfList(address) || FORM_NAME.test(address.split("@")[0] ?? "")
  );
}

/** True when a program of another company than that of the one person in Reply-To sent it for them. */
export function isForOther(
  head: Head,
  { inboxes }: { readonly inboxes: readonly string[] },
): boolean {
  const from = senderAddress(head);
  const [other, ...more] = headerValues(head, "reply-to").flatMap(addressesIn);
  if (from === null || other === undefined || more.length > 0) return false;
  const isPerson = !isProgram(other) && !inboxes.includes(other);
  return isPerson && isProgram(from) && !isSameCompany(from, other) && !isByMailProgram(head);
}

/** The same, or sent by a form of the site of whom this inbox belongs to; a person's program writes as no form. */
export function isByForm(
  head: Head,
  own: { readonly inboxes: readonly string[]; readonly inbox: string },
): boolean {
  const from = senderAddress(head);
  const isOwnDomain = from !== null && addressDomain(from) === addressDomain(own.inbox);
  const names = valueOf(head, "reply-to");
  const isElsewhere = names !== "" && onlyAddressIn(names) !== from;
  // Customers may have their mail at the same public provider as the inbox.
  return isForOther(head, own) || (isOwnDomain && isElsewhere && !isByMailProgram(head));
}
