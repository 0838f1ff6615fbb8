/** Finds claims in a draft that no action or record supports. */
import type { Finding, Receipts } from "#core/contracts/guard.ts";
import {
  type ClaimEvidence,
  evidenceOfClaims,
  type StatedClaim,
  unbackedClaims,
} from "./claim-evidence.ts";
import { completedActionsIn } from "./completed-actions.ts";
import { quotedFrom } from "./quoted-passages.ts";
import { wordingsFor } from "#guard/languages/select.ts";
import type { Evidence } from "./evidence.ts";
import { type Clause, readSentence, sentencePieces } from "./sentences.ts";
import { unshownState } from "./order-states.ts";
import { pattern } from "#guard/languages/spelling.ts";
import type { TopicName, TopicWords, Wording } from "#guard/languages/language.ts";

/**
 * What a reply says was done, is being done or will be done must be true: each such claim needs its action in the same
 * proposal, with the same order, amount and currency. A refund that a record shows as made may be reported in the past
 * tense. A promise that people will deal with it needs a hand-over.
 * Sentences are judged clause by clause, in each language they may be written in: "I could not find a fault, and I have
 * refunded 120.00" contains a claim next to its denial. Impossibilities, questions and what depends on an "if" claim
 * nothing.
 */
export function claimsIn(text: string, receipts: Receipts, known: Evidence): readonly Finding[] {
  const backing = evidenceOfClaims(text, receipts, known);
  // Texts the team writes itself are replies to one customer: they say what was done for that one.
  const isQuoted = quotedFrom(receipts.passages.filter(({ url }) => url !== ""));
  const findings = new Map<string, Finding>();
  let spoken: Spoken | null = null;
  for (const piece of sentencePieces(text)) {
    for (const wording of wordingsFor(piece.text)) {
      let before: StatedClaim | null = null;
      for (const clause of readSentence(piece, wording)) {
        const reading = read(clause, { spoken, before });
        spoken = reading.spoken ?? spoken;
        before = reading.claims[0] ?? before;
        const reason = objectionTo(clause, reading, backing);
        if (reason === null || isQuoted(clause.sentence)) continue;
        const words = clause.text.trim();
        findings.set(`${clause.start} ${reason}`, { kind: "claim", words, reason });
      }
    }
  }
  return [...findings.values()];
}

/** The topic that an "it" refers to, and whether it was named to say that there is none. */
interface Spoken {
  readonly topic: TopicName;
  readonly isDenied: boolean;
}

/** What a clause claims, and what an "it" in the next one refers to. */
interface ClaimReading {
  readonly spoken: Spoken | null;
  readonly claims: readonly StatedClaim[];
}

/** What was said before this clause. */
interface ClaimToldAs {
  readonly spoken: Spoken | null;
  /** What the clause before in the same sentence claimed. */
  readonly before: StatedClaim | null;
}

function read(clause: Clause, told: ClaimToldAs): ClaimReading {
  const { plain, sentence } = clause;
  const { named, meant } = topicsOf(clause, told.spoken?.topic ?? null);
  const first = [...meant, ...named].find(({ name }) => !BROAD.has(name));
  const spoken =
    first === undefined || first.aside?.test(plain) === true
      ? null
      : { topic: first.name, isDenied: sentence.wording.denial.test(plain) };
  if (sentence.isQuestion) return { spoken, claims: [] };
  const claims = [
    ...claimsAbout(clause, meant, told),
    ...claimsAbout(clause, named, { ...told, spoken: null }),
  ];
  if (claims.length > 0 || told.before === null || !isElliptic(clause)) return { spoken, claims };
  // "I have refunded 60.00 for order 789 and 60.00 for order 456": the second part has no verb of its own.
  return { spoken, claims: [{ ...told.before, elliptic: true }] };
}

/** "You wrote that it was cancelled" is not a claim of ours. */
function isReported({ plain, start, sentence }: Clause): boolean {
  const upTo = start - sentence.start + plain.length;
  return sentence.wording.reports.test(
    sentence.plain.slice(Math.max(0, upTo - REPORT_CHARACTERS_MAX), upTo),
  );
}

const REPORT_CHARACTERS_MAX = 200;

/** "Refunded: no." */
function isAnsweredNo({ end, sentence }: Clause): boolean {
  return NO.test(
    sentence.plain.slice(end - sentence.start, end - sentence.start + NO_CHARACTERS_MAX),
  );
}

const NO = pattern(
  String.raw`^\W*(?:no|none|not yet|nein|nicht|noch nicht|non|pas encore|aún no|todavía no)\W*$`,
);
const NO_CHARACTERS_MAX = 30;

/** "I don't see a cancellation: it is being processed" is not about the cancellation. */
function claimsAbout(
  clause: Clause,
  topics: readonly TopicWords[],
  told: ClaimToldAs,
): readonly StatedClaim[] {
  const wasDenied = told.spoken?.isDenied === true;
  return topics.flatMap((words) => {
    const form = formOf(clause, words, told.before !== null);
    if (form === null || (wasDenied && !clause.sentence.wording.past.test(clause.plain))) return [];
    return [{ topic: words.name, form, elliptic: false }];
  });
}

const ELLIPTIC_WORDS_MAX = 10;

function isElliptic({ plain, sentence }: Clause): boolean {
  const { likewise, verb } = sentence.wording;
  if (!/\d/.test(plain) || plain.length > 100) return false;
  if (likewise.test(plain)) return true;
  if (verb.test(plain)) return false;
  return plain.trim().split(/\s+/).length <= ELLIPTIC_WORDS_MAX;
}

/** A clause is about what it names; "it" refers to what was named before. */
function topicsOf({ plain, sentence }: Clause, spoken: TopicName | null) {
  const { topics, refers } = sentence.wording;
  const named = topics.filter(
    ({ subject, itself, outright }) =>
      subject.test(plain) || itself?.test(plain) === true || outright?.test(plain) === true,
  );
  if (named.some(({ name }) => !BROAD.has(name))) return { named, meant: [] };
  // "Your refund: completed." One or two words continue what was said before.
  const isShort = plain.length < 60 && plain.trim().split(/\s+/).length <= 2;
  // "The refund (order 789) has been issued" continues after the bracket.
  const goesOn = isShort || refers.test(plain) || /^[^()]*\)\s*\w/.test(plain);
  const meant = topics.filter(({ name }) => name === spoken && goesOn);
  return { named, meant };
}

/** Topics whose words occur in sentences about anything, so they do not take over an "it" from another topic. */
const BROAD: ReadonlySet<TopicName> = new Set(["change of the delivery", "longer term"]);

function formOf(
  clause: Clause,
  topic: TopicWords,
  followsClaim: boolean,
): StatedClaim["form"] | null {
  const { plain, sentence } = clause;
  const { wording, isConditional } = sentence;
  if (wording.hypothetical.test(plain)) return null;
  if (topic.outright?.test(plain) === true) return isConditional ? null : "done";
  const done = completedActionsIn(plain, topic, wording.frames, followsClaim);
  if (done === null) return isOpen(clause, topic) ? null : formAhead(plain, topic, wording);
  const isTimeless = !wording.past.test(done.matched) && isOpen(clause, topic);
  return isTimeless || wording.undone(done.upTo, done.matched) ? null : "done";
}

/** Says how things work, or would work: nothing about this case, unless it is in the past tense. */
function isOpen({ plain, sentence }: Clause, topic: TopicWords): boolean {
  return (
    sentence.isConditional ||
    topic.generally?.test(plain) === true ||
    sentence.wording.inGeneral.test(plain)
  );
}

/** What is under way, will happen, or is treated as existing. */
function formAhead(plain: string, topic: TopicWords, wording: Wording): StatedClaim["form"] | null {
  if (wording.denial.test(plain)) return null;
  if (topic.underway.test(plain)) return "underway";
  if (topic.future.test(plain)) return "future";
  const isThere = topic.definite?.test(plain) === true && wording.happens.test(plain);
  return isThere && !wording.harmless.test(plain) ? "underway" : null;
}

function objectionTo(clause: Clause, reading: ClaimReading, backing: ClaimEvidence): string | null {
  if (clause.sentence.isQuestion || isReported(clause) || isAnsweredNo(clause)) return null;
  if (saysPeopleHaveIt(clause))
    return backing.isHandedOver ? null : "says that people see to it, but no action tells them";
  for (const said of reading.claims) {
    const reason = unbackedClaims(clause, said, backing);
    if (reason !== null) return reason;
  }
  if (reading.claims.length > 0) return null;
  return unnamed(clause, backing) ?? state(clause, backing);
}

function saysPeopleHaveIt({ plain, sentence }: Clause): boolean {
  const { wording, isConditional } = sentence;
  const promised = wording.handOverPromised.exec(plain);
  if (promised !== null) return !isConditional && !wording.denial.test(upTo(plain, promised));
  const done = wording.handOverDone.exec(plain);
  if (done === null || wording.hypothetical.test(plain)) return false;
  return !wording.denial.test(upTo(plain, done));
}

function upTo(plain: string, { 0: words, index }: RegExpExecArray): string {
  return plain.slice(0, index + words.length);
}

/** Claims and promises about something the check has no topic for. */
function unnamed({ plain, sentence }: Clause, backing: ClaimEvidence): string | null {
  const { wording, isConditional } = sentence;
  if (wording.hypothetical.test(plain)) return null;
  if (saidAndNotTakenBack(wording.doneUnnamed, plain, wording))
    return backing.actions.length > 0 || backing.isHandedOver
      ? null
      : "says that something was done, and nothing is";
  if (backing.isHandedOver) return null;
  if (didMore(plain, wording))
    return "says that something was done, and no action of this reply does it";
  return !isConditional && promisesMore(plain, wording)
    ? "promises something, and neither an action nor a person is there to do it"
    : null;
}

function didMore(plain: string, wording: Wording): boolean {
  return (
    saidAndNotTakenBack(wording.didSomething, plain, wording) &&
    !wording.didLittle.test(plain) &&
    !wording.inGeneral.test(plain)
  );
}

function promisesMore(plain: string, { promised, promisedLightly, denial }: Wording): boolean {
  return promised.test(plain) && !promisedLightly.test(plain) && !denial.test(plain);
}

function saidAndNotTakenBack(claim: RegExp, plain: string, wording: Wording): boolean {
  const said = claim.exec(plain);
  return said !== null && !wording.undone(upTo(plain, said), said[0]);
}

/** "Has been shipped" and the like need a record that says so, of the order in question. */
function state(clause: Clause, backing: ClaimEvidence): string | null {
  const { wording } = clause.sentence;
  if (wording.hypothetical.test(clause.plain) || clause.sentence.isConditional) return null;
  if (wording.inGeneral.test(clause.plain)) return null;
  const words = unshownState(
    clause,
    {
      orders: () => backing.ordersOf(clause).meant,
      isDetailed: () => backing.hasFacts(clause.sentence),
    },
    backing.known,
  );
  if (words === null) return null;
  const until = clause.plain.slice(0, clause.plain.indexOf(words) + words.length);
  return wording.undone(until, words) ? null : "no record says so";
}
