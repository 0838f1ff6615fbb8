/**
 * Tells phishing and cold sales mail from what customers write. Pure: the same text always gets the same answer.
 *
 * It is careful on purpose: a junk mail that is worked on costs a teammate ten seconds, a customer's mail that is set
 * aside costs a customer. So several independent signs are needed, words in which customers speak of their own orders
 * and accounts outweigh them, and who wrote is checked elsewhere.
 */

import type { Message } from "#core/values/message.ts";
import {
  CUSTOMER_SIGNS,
  PHISHING_SIGNS,
  SALES_OFFERS,
  SALES_PITCHES,
  type Sign,
} from "./junk-signs.ts";

/** What a mail is taken for, and what says so in our own words. */
export interface JunkVerdict {
  readonly kind: "phishing" | "sales";
  readonly reasons: readonly string[];
}

/** A mail longer than this is looked at up to here; junk makes its point early. */
const READ_MAX = 8_000;

/** Two strong signs, or one and several weak ones. */
const PHISHING_FROM = 5;
const SALES_FROM = 5;
/** However many pitches a text makes, they count as much as two. */
const PITCH_WEIGHT = 1.5;
const PITCHES_MAX = 3;

/** The verdict on the open messages of one writer; null for everything that is worked on. */
export function junkVerdict(
  messages: readonly Pick<Message, "subject" | "text" | "author">[],
): JunkVerdict | null {
  const read = messages.map(({ subject, text }) => `${subject}\n${text}`).join("\n\n");
  const text = read
    .slice(0, READ_MAX)
    .replaceAll(/[\s\u00a0]+/g, " ")
    .replaceAll("’", "'");
  if (text.trim() === "") return null;
  const against = weightOf(CUSTOMER_SIGNS.filter(({ pattern }) => pattern.test(text)));
  const phishing = PHISHING_SIGNS.filter(({ pattern }) => pattern.test(text));
  if (weightOf(phishing) - against >= PHISHING_FROM) return verdict("phishing", phishing);
  const offers = SALES_OFFERS.filter(({ pattern }) => pattern.test(text));
  const pitches = SALES_PITCHES.filter(({ pattern }) => pattern.test(text));
  const sold = weightOf(offers) + PITCH_WEIGHT * Math.min(pitches.length, PITCHES_MAX);
  // A pitch without anything to sell is how many polite customers begin.
  if (offers.length > 0 && sold - against >= SALES_FROM)
    return verdict("sales", [...offers, ...pitches]);
  return null;
}

function weightOf(signs: readonly Sign[]): number {
  return signs.reduce((sum, { weight }) => sum + weight, 0);
}

function verdict(kind: JunkVerdict["kind"], signs: readonly Sign[]): JunkVerdict {
  return { kind, reasons: [...new Set(signs.map(({ says }) => says))] };
}
