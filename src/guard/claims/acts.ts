/**
 * Reads the acts of a clause: what it says was done, is being done, will be done or is granted with money, an order or
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
  /** The classes the sentence named last, which a bracket, a word or two, or an "it" after them are about. */
  readonly named: readonly DeedClass[];
  /** Those the sentence before named last: an "it" that begins the next may be about them. */
  readonly spoken: readonly DeedClass[];
  /** It speaks of what is possible or wished. */
  readonly isOpen: boolean;
}

/** The acts of one clause. */
interface ActReading extends Pick<ToldBefore, "named" | "isOpen"> {
  readonly acts: readonly Act[];
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
  let spoken: readonly DeedClass[] = [];
  let sentenceBefore: SentenceBefore | undefined;
  for (const piece of sentencePieces(text)) {
    if (!mayBeEnglish(piece.text)) continue;
    let before: ToldBefore = { act: null, named: [], spoken, isOpen: false };
    const clauses = readSentence(piece, sentenceBefore);
    sentenceBefore = clauses[0]?.sentence;
    for (const clause of clauses) {
      const { acts, ...reading } = actsIn(clause, before, deeds);
      before = { ...reading, spoken: [], act: acts[0] ?? before.act };
      yield { piece, clause, acts };
    }
    spoken = before.named;
  }
}

function actsIn(clause: Clause, before: ToldBefore, deeds: readonly DeedClass[]): ActReading {
  const { sentence } = clause;
  const plain = ownWords(clause);
  const isOpenToo = before.isOpen && sharesVerb(clause);
  const isOpen = isOpenToo || ENGLISH.possible.test(plain);
  const own = namedIn(withoutPrice(clause, plain, deeds), deeds);
  const named = own.length === 0 ? meantClasses(plain, before) : own;
  const reading = { named: namedFrom(plain, own, before), isOpen };
  if (sentence.isQuestion || isOpenToo || assertsNothing(plain)) return { acts: [], ...reading };
  const how = { isDenied: isDenied(plain), isConditional: sentence.isConditional };
  const found = deeds
    .flatMap((deed) => foundAct(plain, deed, named.includes(deed), how) ?? [])
    .filter(({ form }) => form !== "present" || !goesOnSupposing(clause));
  const acts = tellingActs(found).map((act) => ({
    ...inAccount(act, plain),
    words: clause.text.slice(clause.text.lastIndexOf(" ", act.start) + 1, act.end).trim(),
  }));
  if (acts.length > 0 || before.act === null || !isElliptic(plain) || isSubject(clause))
    return { acts, ...reading };
  // "I have refunded 60.00 for order 789 and 60.00 for order 456": the second part has no verb of its own.
  return { acts: [{ ...before.act, words: clause.text.trim(), elliptic: true }], ...reading };
}

/** A clause without idioms, and without what a customer did with an order: "the account it was placed with". */
export function ownWords({ plain }: Clause): string {
  const words = plain.slice(0, CHARACTERS_MAX).replace(ENGLISH.idioms, fillers);
  const ours = words.replace(ENGLISH.theirs, fillers);
  return ENGLISH.details.anew.test(ours) ? words : ours;
}

/**
 * Without the price in a bracket that describes an order: of "order 456 (lamp, 60.00 USD) is being processed" the order
 * is the subject, of "your refund (order 456, 60.00 USD) is being processed" the refund.
 */
function withoutPrice(
  { start, sentence }: Clause,
  plain: string,
  deeds: readonly DeedClass[],
): string {
  const inside = /^[^()]{1,80}(?=\))/.exec(plain)?.[0];
  if (inside === undefined) return plain;
  const upTo = start - sentence.start;
  const before = sentence.plain.slice(Math.max(0, upTo - HEAD_CHARACTERS), upTo);
  const opened = before.lastIndexOf("(");
  if (opened < 0) return plain;
  const head =
    before
      .slice(0, opened)
      .split(/[():;.]/)
      .at(-1) ?? "";
  const isOrder = [head, ...before.slice(opened + 1).split(",")].some((part) => ORDER.test(part));
  return isOrder && namedIn(head, deeds).length === 0
    ? plain.replace(inside, fillers(inside))
    : plain;
}

const HEAD_CHARACTERS = 120;
const ORDER = /^\W*(?:\w{1,30} ){0,3}(?:orders?|purchase)(?: #?\d[\w-]{0,20})?\W*$/;

/** "Order 123 (kettle) has been shipped": what stands before the bracket is what the words behind it are about. */
function isSubject({ end, sentence }: Clause): boolean {
  return SUBJECT_GOES_ON.test(sentence.plain.slice(end - sentence.start));
}

const SUBJECT_GOES_ON =
  /^\)?(?: ?\([^()]{1,80}\)(?:,| and|, and)?(?: (?:orders? )?#?\d[\w-]{0,20})?){1,6} (?:is|are|was|were|has|have|had|will|can)\b/;

/** The classes that a clause which names none is about. */
function meantClasses(plain: string, { named, spoken }: ToldBefore): readonly DeedClass[] {
  if (goesOn(plain)) return named;
  // A parcel may be meant where the record of an order would say the same of it.
  const isState = ENGLISH.states.some(({ pattern }) => pattern.test(plain));
  return REFERS.test(plain) && !isState ? [...(named.length > 0 ? named : spoken)] : [];
}

/** "It was approved", "I'm processing it": about what was named before. */
const REFERS =
  /^\W*(?:it|that|this)(?:'s| is| was| has| will|'ll)\b|\b(?:[a-z]{2,30}(?:ing|ed)|(?:i|we)(?: will|'ll) [a-z]{2,30}) (?:it\b|(?:that|this)(?=\W*$| (?:now|today|for)\b))/;

/** The classes named last once a clause is read. */
function namedFrom(
  plain: string,
  own: readonly DeedClass[],
  before: ToldBefore,
): readonly DeedClass[] {
  // What was named to say that there is none is not what goes on, and an amount names nothing that could.
  if (ENGLISH.negation.test(plain)) return [];
  if (own.length === 0) return before.named;
  return own.some(({ nouns }) => nouns?.test(plain)) ? own : [];
}

/** "Your refund (order 789) has been issued", "your refund: completed": behind a bracket, or a word or two. */
function goesOn(plain: string): boolean {
  const isShort = plain.length < SHORT_CHARACTERS && plain.trim().split(/\s+/).length <= 2;
  return isShort || /^[^()]*\)\s*\w/.test(plain);
}

const SHORT_CHARACTERS = 60;

/** "The difference would be 10.00 and you get it as a gift card". */
function goesOnSupposing({ start, sentence }: Clause): boolean {
  const upTo = start - sentence.start;
  const before = sentence.plain.slice(Math.max(0, upTo - SUPPOSED_CHARACTERS), upTo);
  return /\band $/.test(before) && SUPPOSED.test(before);
}

const SUPPOSED_CHARACTERS = 100;
const SUPPOSED = /\bdifference\b.{0,20} would be\b|\bwould be\b.{0,20}\d/;

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
  const nouns = classes.filter(
    ({ name, nouns: words }) => words?.test(name === "address" ? places : plain) === true,
  );
  // An amount of money is a refund where nothing else is named but the account it goes to, such as a payment.
  const isMoney =
    nouns.every(({ name }) => name === "account") && MONEY.test(plain) && !PAYMENT.test(plain);
  return isMoney ? [...nouns, ...classes.filter(({ name }) => name === "refund")] : nouns;
}

const PAYMENT = /\b(?:payments?|charges?) (?:of|over|for) /;
const E_MAIL_ADDRESS = /\be-?mail address\w{0,5}/g;
const MONEY =
  /\d ?(?:[$€£]|(?:usd|eur|gbp|chf|pln|cad|aud|jpy|dollars?|euros?)\b)|[$€£] ?\d|\b(?:usd|eur|gbp) ?\d/;

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
    // What is granted stands beside what is done: "as an exception it will be refunded" is both.
    const narrowOwn = own.filter(({ name, form }) => !BROAD.has(name) || form === "granted");
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
  { name, own, shared, granted, despite }: DeedClass,
  isMeant: boolean,
  {
    isDenied: isNo,
    isConditional,
  }: { readonly isDenied: boolean; readonly isConditional: boolean },
): FoundAct | null {
  const act = (form: ActForm, { 0: words, index }: RegExpExecArray, isOwn = true): FoundAct => ({
    name,
    form,
    start: index,
    end: index + words.length,
    isOwn,
    elliptic: false,
  });
  const grants = isConditional ? null : remaining(granted, plain);
  if (grants !== null) return act("granted", grants);
  const despiteAll = isConditional ? null : remaining(despite, plain);
  if (despiteAll !== null) return act("done", despiteAll);
  if (isNo) return null;
  for (const { form, pattern } of isMeant ? [...own, ...shared] : own) {
    const found = pattern.exec(plain);
    if (found === null) continue;
    // Under an "if" only what has happened already is told as a fact, and only before the "if" of its clause.
    if (!isConditional || (form === "done" && isPastBeforeIf(found, plain)))
      return act(
        form,
        found,
        own.some((way) => way.pattern === pattern),
      );
  }
  return null;
}

function isPastBeforeIf({ 0: words, index }: RegExpExecArray, plain: string): boolean {
  const from = ENGLISH.condition.exec(plain)?.index ?? plain.length;
  return ENGLISH.past.test(words) && (from === 0 || index + words.length <= from);
}

/** A phrase that is there and that the rest of the clause does not deny. */
function remaining(phrase: RegExp | null, plain: string): RegExpExecArray | null {
  const found = phrase?.exec(plain) ?? null;
  if (found === null) return null;
  const end = found.index + found[0].length;
  const rest = `${plain.slice(0, found.index)}${blank(found[0])}${plain.slice(end)}`;
  return ENGLISH.negation.test(rest) ? null : found;
}

function blank(words: string): string {
  return " ".repeat(words.length);
}

const ELLIPTIC_WORDS_MAX = 10;

function isElliptic(plain: string): boolean {
  if (!/\d/.test(plain) || plain.length > 100) return false;
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
  /** True for what was done or is on its way, as against what is promised or granted. */
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
      ({ own, nouns, granted, rule }) =>
        nouns?.test(plain) === true ||
        granted?.test(plain) === true ||
        rule?.test(affirmed) === true ||
        own.some(({ pattern }) => pattern.test(affirmed)),
    )
    .map(({ name }) => name);
}
