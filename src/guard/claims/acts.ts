/**
 * Reads the acts of a clause: what it says was done, is being done or will be done with money, an order or
 * an account. Each pattern is searched for once in a clause, so that reading takes time in proportion to the text.
 * A question, a wish, a possibility, a rule, a denial and what depends on an "if" are no acts, and what names no class
 * is none either: whether "everything is fine" is true, no table can say. Of a whole text it tells what earlier answers
 * said was done, and what it says of each kind of act, yes or no: "we cannot refund it" says no to a refund.
 */
import type { Receipts } from "#core/contracts/guard.ts";
import { amountsIn, ordersIn } from "#guard/output/facts.ts";
import {
  type Clause,
  type Piece,
  readSentence,
  type SentenceBefore,
  sentencePieces,
} from "#guard/output/sentences.ts";
import { type ActForm, type DeedClass, ENGLISH, fillers, isDenied } from "./deed-grammar.ts";
import { mayBeEnglish } from "#guard/languages/detect.ts";

/** An act a clause tells; its orders, amounts and words are those of the clause. */
export interface Act {
  readonly name: string;
  readonly form: ActForm;
  /** By which words it is told, as they stand there. */
  readonly words: string;
  /** Shares the verb of the clause before. */
  readonly elliptic: boolean;
}

/** What the clause before in the same sentence said. */
interface ToldBefore {
  /** Its first act. */
  readonly act: Act | null;
  /** The classes it named, which a clause without a subject of its own is about. */
  readonly named: readonly DeedClass[];
  /** It speaks of what is possible or wished. */
  readonly isOpen: boolean;
}

/** Longer clauses are no sentence of a person; what follows is not read for acts. */
const CHARACTERS_MAX = 1_000;

/** A clause of a text with the acts it tells. */
export interface ReadClause {
  readonly piece: Piece;
  readonly clause: Clause;
  readonly acts: readonly Act[];
}

/** The clauses of a text in their order, without sentences of other languages. */
export function* clausesIn(
  text: string,
  deeds: readonly DeedClass[] = ENGLISH.classes,
): Generator<ReadClause> {
  let sentenceBefore: SentenceBefore | undefined;
  for (const piece of sentencePieces(text)) {
    if (!mayBeEnglish(piece.text)) continue;
    let before: ToldBefore = { act: null, named: [], isOpen: false };
    const clauses = readSentence(piece, sentenceBefore);
    sentenceBefore = clauses[0]?.sentence;
    for (const clause of clauses) {
      const { acts, ...reading } = actsIn(clause, before, deeds);
      before = { ...reading, act: acts[0] ?? before.act };
      yield { piece, clause, acts };
    }
  }
}

function actsIn(
  clause: Clause,
  before: ToldBefore,
  deeds: readonly DeedClass[],
): Omit<ToldBefore, "act"> & { readonly acts: readonly Act[] } {
  const { sentence } = clause;
  const plain = ownWords(clause);
  const isOpenToo = before.isOpen && sharesVerb(clause);
  const isOpen = isOpenToo || ENGLISH.possible.test(plain);
  const own = namedIn(plain, deeds);
  const goesOn = own.length === 0 && WITHOUT_SUBJECT.test(plain);
  const named = goesOn ? before.named : withMoney(own, plain, deeds);
  const reading = { isOpen, named: own.length === 0 ? before.named : own };
  if (sentence.isQuestion || isOpenToo || assertsNothing(plain)) return { acts: [], ...reading };
  const acts = isDenied(plain) ? [] : toldActs(clause, plain, named, deeds);
  return { acts: acts.length > 0 ? acts : ellipticActs(clause, plain, before.act), ...reading };
}

/** "I have refunded 60.00 for order 789 and 60.00 for order 456": the second part has no verb of its own. */
function ellipticActs(clause: Clause, plain: string, act: Act | null): readonly Act[] {
  return act === null || !isElliptic(plain) || isSubject(clause)
    ? []
    : [{ ...act, words: clause.text.trim(), elliptic: true }];
}

function toldActs(
  { text, sentence }: Clause,
  plain: string,
  named: readonly DeedClass[],
  deeds: readonly DeedClass[],
): readonly Act[] {
  const found = deeds
    .flatMap((deed) => foundAct(plain, deed, named.includes(deed), sentence.isConditional) ?? [])
    // "Confirm it before you're subscribed": not yet.
    .filter(({ start }) => !BEFORE.test(plain.slice(0, start)));
  return tellingActs(found).map((act) => ({
    ...inAccount(act, plain),
    words: text.slice(text.lastIndexOf(" ", act.start) + 1, act.end).trim(),
  }));
}

const BEFORE = /\bbefore\b[^,;]{0,40}$/;

/** "Order 123 (kettle) has been shipped": what follows is told of it. */
function isSubject({ end, sentence }: Clause): boolean {
  return SUBJECT_GOES_ON.test(sentence.plain.slice(end - sentence.start));
}

const SUBJECT_GOES_ON = /^\s*(?:\([^()]{1,80}\)\s*)?(?:is|are|was|were|has|have|had|will|can)\b/;

/** "Your refund (order 789) has been issued", "your refund: completed". */
const WITHOUT_SUBJECT =
  /^(?:[^()]{0,80}\))?\W*(?:(?:is|are|was|were|has|have|will)\b|(?:\w+ )?\w+ed\W*$)/;

/** A clause without idioms. */
export function ownWords({ plain }: Clause): string {
  return plain.slice(0, CHARACTERS_MAX).replace(ENGLISH.idioms, fillers);
}

/** "… and your money back": a few words after a conjunction, with the verb of the clause before. */
function sharesVerb({ plain, start, sentence }: Clause): boolean {
  const before = sentence.plain.slice(0, start - sentence.start).trimEnd();
  return (
    /\w$/.test(before) &&
    !ENGLISH.finite.test(plain) &&
    plain.trim().split(/\s+/).length <= SHARED_WORDS_MAX
  );
}

const SHARED_WORDS_MAX = 5;

/** The classes a clause names. */
function namedIn(plain: string, classes: readonly DeedClass[]): readonly DeedClass[] {
  // An e-mail address is no place that a parcel goes to.
  const places = plain.replace(E_MAIL_ADDRESS, blank);
  return classes.filter(
    ({ name, nouns }) => nouns?.test(name === "address" ? places : plain) === true,
  );
}

/** Where nothing else is named but the account it goes to, an amount that is sent or approved is a refund. */
function withMoney(
  named: readonly DeedClass[],
  plain: string,
  classes: readonly DeedClass[],
): readonly DeedClass[] {
  const isMoney =
    named.every(({ name }) => name === "account") && MONEY.test(plain) && !PAYMENT.test(plain);
  return isMoney ? [...named, ...classes.filter(({ name }) => name === "refund")] : named;
}

/** A payment of the customer's. */
const PAYMENT =
  /\b(?:payments?|charges?) (?:of|over|for) |\b(?:was|were|been)(?: \w+ly)? paid(?! (?:back|out|to you|in|into)\b)/;

/** An amount, but not one "paid" by the customer, and not what something is done "for". */
const MONEY =
  /(?<!\bfor )(?:\d ?(?:[$€£]|(?:usd|eur|gbp|chf|pln|cad|aud|jpy|dollars?|euros?)\b)|[$€£] ?\d|\b(?:usd|eur|gbp) ?\d)(?!\S* (?:paid|remain))/;

const E_MAIL_ADDRESS = /\be-?mail address\w{0,5}/g;

/** An act, where it is told, and whether its verb names the class or only a noun does. */
interface FoundAct extends Omit<Act, "words"> {
  readonly start: number;
  readonly end: number;
  readonly isOwn: boolean;
}

/**
 * The verb says more than the nouns beside it ("refunded to your account"), and of several nouns the narrowest counts
 * ("the delivery address").
 */
function tellingActs(found: readonly FoundAct[]): readonly FoundAct[] {
  const own = found.filter(({ isOwn }) => isOwn);
  const narrow = found.filter(({ name }) => !BROAD.has(name));
  if (own.length > 0) {
    const narrowOwn = own.filter(({ name }) => !BROAD.has(name));
    return narrowOwn.length > 0 ? narrowOwn : own;
  }
  return (narrow.length > 0 ? narrow : found).slice(0, 1);
}

/** The address of the account is not that of an order. */
function inAccount(act: FoundAct, plain: string): FoundAct {
  return act.name === "address" && ENGLISH.details.account.test(plain)
    ? { ...act, name: "account" }
    : act;
}

/** Classes whose nouns occur in sentences about anything. */
const BROAD: ReadonlySet<string> = new Set(["delivery", "waiver", "account"]);

/** A rule, or the beginning of an "if". */
function assertsNothing(plain: string): boolean {
  return ENGLISH.hypothetical.test(plain) || ENGLISH.general.test(plain);
}

function foundAct(
  plain: string,
  { name, own, shared }: DeedClass,
  isMeant: boolean,
  isConditional: boolean,
): FoundAct | null {
  for (const { form, pattern } of isMeant ? [...own, ...shared] : own) {
    const found = pattern.exec(plain);
    if (found === null) continue;
    // Under an "if" only what has happened already is told as a fact, and only before the "if" of its clause.
    if (!isConditional || (form === "done" && isPastBeforeIf(found, plain)))
      return {
        name,
        form,
        start: found.index,
        end: found.index + found[0].length,
        isOwn: own.some((way) => way.pattern === pattern),
        elliptic: false,
      };
  }
  return null;
}

function isPastBeforeIf({ 0: words, index }: RegExpExecArray, plain: string): boolean {
  const from = ENGLISH.condition.exec(plain)?.index ?? plain.length;
  return ENGLISH.past.test(words) && (from === 0 || index + words.length <= from);
}

function blank(words: string): string {
  return " ".repeat(words.length);
}

const ELLIPTIC_WORDS_MAX = 10;
const ELLIPTIC_CHARACTERS_MAX = 100;

function isElliptic(plain: string): boolean {
  if (!/\d/.test(plain) || plain.length > ELLIPTIC_CHARACTERS_MAX) return false;
  if (ENGLISH.details.likewise.test(plain)) return true;
  return !ENGLISH.finite.test(plain) && plain.trim().split(/\s+/).length <= ELLIPTIC_WORDS_MAX;
}

// The acts that earlier answers of a conversation told: each was sent after its actions were done.

/** What an earlier answer said was done. */
export interface ToldAct {
  readonly name: string;
  /** The order numbers and amounts of its sentence; none where it gave none. */
  readonly orders: readonly string[];
  readonly amounts: readonly string[];
}

/** Answers further back are no longer repeated. */
const ANSWERS_MAX = 20;
/** Longer answers are not sent. */
const ANSWER_CHARACTERS_MAX = 8_000;

/** The acts told as done or on their way; what was promised or may happen is none. */
export function actsTold(
  said: Receipts["said"],
  deeds?: Parameters<typeof clausesIn>[1],
): readonly ToldAct[] {
  return (said ?? []).slice(-ANSWERS_MAX).flatMap(({ text }) =>
    [...clausesIn(text.slice(0, ANSWER_CHARACTERS_MAX), deeds)].flatMap(({ piece, acts }) =>
      acts
        .filter(({ form }) => form === "done" || form === "underway")
        .map(({ name }) => ({
          name,
          orders: ordersIn(piece.text, piece.plain).flatMap(({ keys }) =>
            keys.map((key) => key.slice("id:".length)),
          ),
          amounts: amountsIn(piece.text, piece.plain).flatMap(({ keys }) => keys.slice(0, 1)),
        })),
    ),
  );
}

// What a text says of each kind of act. A question, a wish, a rule and a bare possibility say neither yes nor no.

/** What one sentence says of one kind of act. */
interface Stance {
  readonly name: string;
  readonly says: "yes" | "no";
  /** True for what was done or is on its way, as against what is promised. */
  readonly isDone: boolean;
  readonly sentence: Piece;
}

/** Longer texts are no answers of a person. */
const TEXT_CHARACTERS_MAX = 20_000;

/** Every stance of the English sentences of a text, in their order. */
export function stancesIn(text: string): readonly Stance[] {
  return [...clausesIn(text.slice(0, TEXT_CHARACTERS_MAX))].flatMap(
    ({ piece, clause, acts }): readonly Stance[] =>
      acts.length > 0
        ? acts.map(({ name, form }) => ({
            name,
            says: "yes",
            isDone: form === "done" || form === "underway",
            sentence: piece,
          }))
        : deniedIn(clause).map((name) => ({ name, says: "no", isDone: false, sentence: piece })),
  );
}

/** The acts a clause denies: those it would tell without its "not" and "can". */
function deniedIn({ plain, sentence }: Clause): readonly string[] {
  if (sentence.isQuestion || sentence.isConditional || !ENGLISH.negation.test(plain)) return [];
  const affirmed = [ENGLISH.negation, ENGLISH.possible].reduce(
    (words, taken) =>
      words.replace(new RegExp(taken.source, `${taken.flags.replace("g", "")}g`), " "),
    plain,
  );
  return ENGLISH.classes
    .filter(
      ({ own, nouns }) =>
        nouns?.test(plain) === true || own.some(({ pattern }) => pattern.test(affirmed)),
    )
    .map(({ name }) => name);
}
