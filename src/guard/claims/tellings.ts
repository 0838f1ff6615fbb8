/**
 * Reads acts without their verb. People find new verbs for "refunded" without end; what they cannot do without are the
 * thing itself and a word that it is so by now, where it is, or who bears it: "the purchase price is already travelling
 * back to your card". These words are few.
 */
import { type ActForm, ENGLISH, fillers, isDenied } from "./deed-grammar.ts";
import type { ActClass } from "./deed-words.ts";

/** An act that a clause tells by its thing and such a word. */
export interface Telling {
  readonly name: ActClass;
  readonly form: ActForm;
}

/** What a clause has of these words. */
interface Seen {
  readonly has: (kind: keyof typeof ENGLISH.telling) => boolean;
  /** Whether the whole sentence has it: "postage? That's on us" names the costs in another clause. */
  readonly around: (kind: keyof typeof ENGLISH.telling) => boolean;
  readonly names: (name: ActClass) => boolean;
  readonly isNow: boolean;
  readonly isPast: boolean;
  readonly isNegated: boolean;
}

interface Way extends Telling {
  readonly tells: (seen: Seen) => boolean;
}

/** Ways that a "not" or "can" in the same clause does not take back. */
const DESPITE: readonly Way[] = [
  { name: "account", form: "done", tells: ({ has }) => has("gone") },
  { name: "cancellation", form: "done", tells: ({ has }) => has("nothing") },
  { name: "waiver", form: "granted", tells: ({ has, around }) => has("ours") && around("costs") },
  {
    name: "waiver",
    form: "granted",
    tells: ({ has, names, isNow, isNegated }) =>
      (isNow || names("waiver")) && has("longer") && !isNegated,
  },
];

/** Ways that tell nothing where the clause denies, wishes or leaves it open. */
const STATED: readonly Way[] = [
  { name: "refund", form: "underway", tells: (seen) => isBack(seen) && seen.isNow },
  { name: "refund", form: "present", tells: (seen) => isBack(seen) && !seen.isNow },
  { name: "refund", form: "done", tells: (seen) => isMoney(seen) && seen.isNow && seen.isPast },
  { name: "refund", form: "done", tells: ({ has, names }) => names("refund") && has("succeeded") },
  { name: "refund", form: "underway", tells: (seen) => stands(seen) && seen.names("refund") },
  { name: "password", form: "underway", tells: (seen) => stands(seen) && seen.names("password") },
  {
    name: "replacement",
    form: "underway",
    tells: (seen) => stands(seen) && seen.names("replacement"),
  },
  {
    name: "credit",
    form: "present",
    tells: ({ around, names }) => names("credit") && around("kept"),
  },
  {
    name: "document",
    form: "done",
    tells: ({ has, names }) => names("document") && has("attached"),
  },
  { name: "cancellation", form: "done", tells: ({ has }) => has("managed") && has("halt") },
  { name: "account", form: "done", tells: ({ has, isNow }) => isNow && has("kept") },
  { name: "address", form: "done", tells: ({ has, isNow }) => isNow && has("elsewhere") },
  { name: "delivery", form: "underway", tells: ({ has }) => has("express") },
  { name: "delivery", form: "present", tells: ({ has }) => has("carrier") && has("holds") },
];

function isMoney({ has, names }: Seen): boolean {
  return names("refund") || has("money");
}

function isBack(seen: Seen): boolean {
  return isMoney(seen) && seen.has("back");
}

/** "Already", or in the customer's mailbox: something became of it. */
function stands({ isNow, around }: Seen): boolean {
  return isNow || around("mailbox");
}

/** The acts of a clause that is no question and no rule; `sentence` is the whole it stands in. */
export function tellingsIn(clause: string, sentence: string): readonly Telling[] {
  const { telling, classes, past, negation } = ENGLISH;
  // "It should be there by now" leaves nothing open.
  const plain = clause.replace(telling.expected, fillers);
  const seen: Seen = {
    has: (kind) => telling[kind].test(plain),
    around: (kind) => telling[kind].test(sentence),
    names: (name) => classes.find((one) => one.name === name)?.nouns?.test(plain) === true,
    isNow: telling.now.test(clause),
    isPast: past.test(plain.replaceAll(SUBJECTS, "_")),
    isNegated: negation.test(plain),
  };
  const isOpen = isDenied(plain);
  const ways = isOpen ? DESPITE : [...DESPITE, ...STATED];
  const told = ways.filter(({ tells }) => tells(seen)).map(({ name, form }) => ({ name, form }));
  return told.length > 0 || isOpen ? told : unexplained(seen);
}

/** Classes whose nouns stand in a statement only where something became of them. */
const TELLING_NOUNS: readonly ActClass[] = [
  "refund",
  "replacement",
  "credit",
  "cancellation",
  "password",
  "document",
  "address",
  "account",
];

/**
 * A statement in the past that names such a thing, asks for nothing and does not only look at it says that something
 * became of it, in whatever words. In the present it may be a rule of the shop.
 */
function unexplained({ has, names, isPast }: Seen): readonly Telling[] {
  const name = TELLING_NOUNS.find((one) => names(one));
  return name === undefined || !isPast || has("asks") ? [] : [{ name, form: "done" }];
}

/** Where a past without an auxiliary is told by its subject, a present has the same. */
const SUBJECTS = /\b(?:i|we)\b/g;
