/**
 * Reads the acts of a clause: what it says was done, is being done or will be done with money, an order or
 * an account. Each pattern is searched for once in a clause, so that reading takes time in proportion to the text.
 * A question, a wish, a possibility, a rule, a denial and what depends on an "if" are no acts, and what names no class
 * is none either: whether "everything is fine" is true, no table can say. Of a whole text it tells what earlier answers
 * said was done, and what it says of each kind of act, yes or no: "we cannot refund it" says no to a refund.
 */
import type { Receipts } from "#core/contracts/guard.ts";
import { amountsIn, ordersIn } from "#guard/output/facts.ts";
import { type Clause, type Piece, readSentence, sentencePieces } from "#guard/output/sentences.ts";
import {
  ACT_CLASSES,
  type ActForm,
  type DeedClass,
  ENGLISH,
  fillers,
  isDenied,
} from "./deed-grammar.ts";
import { mayBeEnglish } from "#guard/languages/detect.ts";

/** The act a clause tells; its orders, amounts and words are those of the clause. */
export interface Act {
  /** What it may be: "the label is sent" tells of a document and of a return. */
  readonly names: readonly string[];
  readonly form: ActForm;
  /** By which words it is told, as they stand there. */
  readonly words: string;
  /** Shares the verb of the clause before. */
  readonly elliptic: boolean;
}

/** What the clause before in the same sentence said. */
interface ToldBefore {
  readonly act: Act | null;
  /** The classes it named, which a clause without a subject of its own is about. */
  readonly named: readonly DeedClass[];
}

/** Longer clauses are no sentence of a person; what follows is not read for acts. */
const CHARACTERS_MAX = 1_000;

/** A clause of a text with the act it tells. */
export interface ReadClause {
  readonly clause: Clause;
  readonly act: Act | null;
}

/** The clauses of a text in their order, without sentences of other languages. */
export function* clausesIn(
  text: string,
  deeds: readonly DeedClass[] = ENGLISH.classes,
): Generator<ReadClause> {
  for (const piece of sentencePieces(text)) {
    if (!mayBeEnglish(piece.text)) continue;
    let before: ToldBefore = { act: null, named: [] };
    for (const clause of readSentence(piece)) {
      const { act, named } = actIn(clause, before, deeds);
      before = { named, act: act ?? before.act };
      yield { clause, act };
    }
  }
}

function actIn(clause: Clause, before: ToldBefore, deeds: readonly DeedClass[]): ToldBefore {
  const { sentence } = clause;
  const plain = ownWords(clause);
  const own = deeds.filter(({ nouns }) => nouns?.test(plain) === true);
  const goesOn = own.length === 0 && WITHOUT_SUBJECT.test(plain);
  const named = goesOn ? before.named : withMoney(own, plain, deeds);
  // "A swap isn't possible: your phone has been shipped": what is denied is not what goes on.
  const reading = { named: isDenied(plain) ? [] : own.length === 0 ? before.named : own };
  // A rule, or the beginning of an "if", asserts nothing.
  if (sentence.isQuestion || ENGLISH.hypothetical.test(plain) || ENGLISH.general.test(plain))
    return { act: null, ...reading };
  const act = isDenied(plain) ? null : toldAct(clause, plain, named, deeds);
  return { act: act ?? ellipticAct(clause, plain, before.act), ...reading };
}

/** "I have passed it on, so that the return is stopped" is still to come; what has been done is no purpose. */
function isPurpose({ plain, start, sentence }: Pick<Clause, "plain" | "start" | "sentence">) {
  const before = sentence.plain.slice(0, start - sentence.start);
  return /\bso $/.test(before) && /^that\b/.test(plain) && !/\b(?:been|was|were)\b/.test(plain);
}

/** "I have refunded 60.00 for order 789 and 60.00 for order 456": the second part has no verb of its own. */
function ellipticAct(clause: Clause, plain: string, act: Act | null): Act | null {
  // "Order 123 (kettle) has been shipped": what follows is told of it.
  const isSubject = SUBJECT_GOES_ON.test(
    clause.sentence.plain.slice(clause.end - clause.sentence.start),
  );
  return act !== null && isElliptic(plain) && !isSubject
    ? { ...act, words: clause.text.trim(), elliptic: true }
    : null;
}

const SUBJECT_GOES_ON = /^\s*(?:\([^()]{1,80}\)\s*)?(?:is|are|was|were|has|have|had|will|can)\b/;

/**
 * A verb says more than the nouns beside it ("refunded to your account"), and of several nouns the narrowest counts
 * ("the delivery address"). What a tool declares is another reading of it: one of them has to be true.
 */
function toldAct(
  { text, sentence, start }: Clause,
  plain: string,
  named: readonly DeedClass[],
  deeds: readonly DeedClass[],
): Act | null {
  const found = deeds
    .flatMap((deed) => foundAct(plain, deed, named.includes(deed), sentence.isConditional) ?? [])
    // "Confirm it before you're subscribed": not yet.
    .filter(({ start }) => !BEFORE.test(plain.slice(0, start)));
  const declared = found.filter(({ name }) => !(name in ACT_CLASSES));
  const kind = ["own", "narrow", "broad"].flatMap((one) =>
    found.filter(({ name, says }) => name in ACT_CLASSES && says === one),
  )[0];
  const readings = [...(kind === undefined ? [] : [kind]), ...declared];
  const [first] = readings;
  return first === undefined
    ? null
    : {
        names: readings.map(({ name }) => name),
        form: isPurpose({ plain, start, sentence }) ? "future" : first.form,
        words: text.slice(text.lastIndexOf(" ", first.start) + 1, first.end).trim(),
        elliptic: false,
      };
}

/** Classes whose nouns occur in sentences about anything. */
const BROAD: ReadonlySet<string> = new Set(["delivery", "waiver", "account"]);

const BEFORE = /\bbefore\b[^,;]{0,40}$/;

/** "Your refund (order 789) has been issued", "your refund: completed". */
const WITHOUT_SUBJECT =
  /^(?:[^()]{0,80}\))?\W*(?:(?:is|are|was|were|has|have|will)\b|(?:\w+ )?\w+ed\W*$)/;

/** A clause without idioms. */
export function ownWords({ plain }: Clause): string {
  return plain.slice(0, CHARACTERS_MAX).replace(ENGLISH.idioms, fillers);
}

/** Where nothing else is named but the account it goes to, an amount that is sent or approved is a refund. */
function withMoney(
  named: readonly DeedClass[],
  plain: string,
  classes: readonly DeedClass[],
): readonly DeedClass[] {
  return MONEY.test(plain) && !PAYMENT.test(plain) && named.every(({ name }) => name === "account")
    ? [...named, ...classes.filter(({ name }) => name === "refund")]
    : named;
}

/** A payment of the customer's, also in "you ordered it on Friday and paid 900.00 USD". */
const PAYMENT =
  /^\W*paid [^\s\d]{0,4}\d(?!.*\b(?:back|to you|to your|in|into)\b)|\b(?:payments?|charges?) (?:of|over|for) |\b(?:was|were|been)(?: \w+ly)? paid(?! (?:back|out|to you|in|into)\b)|\bpaid(?: in full)? with\b/;

/** An amount, but not one "paid" by the customer, and not what something is done "for". */
const MONEY =
  /(?<!\bfor )(?:\d ?(?:[$€£]|(?:usd|eur|gbp|chf|pln|cad|aud|jpy|dollars?|euros?)\b)|[$€£] ?\d|\b(?:usd|eur|gbp) ?\d)(?!\S* (?:paid|remain))/;

/** A reading of an act, where it is told, and whether its verb tells the class or a noun beside it. */
interface FoundAct {
  readonly name: string;
  readonly form: ActForm;
  readonly start: number;
  readonly end: number;
  readonly says: "own" | "narrow" | "broad";
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
        says: own.some((way) => way.pattern === pattern)
          ? "own"
          : BROAD.has(name)
            ? "broad"
            : "narrow",
      };
  }
  return null;
}

function isPastBeforeIf({ 0: words, index }: RegExpExecArray, plain: string): boolean {
  const from = ENGLISH.condition.exec(plain)?.index ?? plain.length;
  return ENGLISH.past.test(words) && (from === 0 || index + words.length <= from);
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
  readonly names: readonly string[];
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
    [...clausesIn(text.slice(0, ANSWER_CHARACTERS_MAX), deeds)].flatMap(
      ({ clause: { sentence }, act }) =>
        act === null || act.form === "future"
          ? []
          : [
              {
                names: act.names,
                orders: ordersIn(sentence.text, sentence.plain).flatMap(({ keys }) =>
                  keys.map((key) => key.slice("id:".length)),
                ),
                amounts: amountsIn(sentence.text, sentence.plain).flatMap(({ keys }) =>
                  keys.slice(0, 1),
                ),
              },
            ],
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
    ({ clause, act }): readonly Stance[] =>
      act === null
        ? deniedIn(clause).map((name) => ({
            name,
            says: "no",
            isDone: false,
            sentence: clause.sentence,
          }))
        : act.names.slice(0, 1).map((name) => ({
            name,
            says: "yes",
            isDone: act.form !== "future",
            sentence: clause.sentence,
          })),
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
