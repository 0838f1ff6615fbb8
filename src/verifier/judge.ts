/**
 * Room: checks a second model's reading of a reply, word by word, against the sources it was given.
 * In: the reply, its numbered sources, and the model's answer, which nothing is believed of.
 * Out: the sentences without backing, each with what would mend it, and the quotes that back the others.
 * May touch: nothing; the model is asked by the agent.
 * Start here, then sources.ts and request.ts.
 */
import {
  type BackedStatement,
  type Finding,
  type Source,
  UNBACKED,
} from "#core/contracts/guard.ts";
import { withoutCustomer } from "#guard/output/names.ts";
import { sentencePieces } from "#guard/output/sentences.ts";
import { covered as coveredPlaces, factsIn } from "#guard/output/evidence.ts";
import { folded, type Stretch, foundStretch } from "./folded.ts";
import type { Said } from "./opposites.ts";
import { type Backing, objectionToQuote } from "./quote-rules.ts";
import { hasDenial } from "#guard/languages/sentence-words.ts";
import { oneLine } from "#core/values/words.ts";
import { asksOn, namesNothing, type Part, refersToPage, statesNothing } from "./courtesies.ts";
import type { Reading, Statement } from "./request.ts";
import { readSources, type ReadSources } from "./sources.ts";

/** What code makes of a reading. */
export interface Judgement {
  readonly findings: readonly Finding[];
  readonly backed: readonly BackedStatement[];
  readonly sentences: { readonly all: number; readonly courtesies: number };
  /** Texts and quotes that stand nowhere: a reading to ask for again, not to rely on. */
  readonly miscopied: readonly string[];
  /** What code finds unbacked and the reader does not, or left out; empty where the reader finds something as well. */
  readonly doubted: readonly Doubt[];
}

/** Words of the reply that the reader holds for backed or left out, and what code has against them. */
export interface Doubt {
  readonly text: string;
  readonly reason: string;
  /** Whether the reader took them for a deed, a promise or a grant, which no later answer makes a courtesy. */
  readonly isDeed: boolean;
}

/** What the reading is compared with. */
export interface Judged {
  readonly reply: string;
  readonly sources: readonly Source[];
  /** The customer's name as it is on record, by which a reply may call them; null where it is not known. */
  readonly customer: string | null;
  readonly today: Date;
  /** Whether a text claims that we did or will do something, as the output check reads it. */
  readonly claims: (text: string) => boolean;
  /** What code doubted when it was read before. */
  readonly doubtedBefore: readonly Doubt[];
}

/**
 * Judges a reading. Every word of the reply has to stand in a statement; a statement that needs a quote has to have one
 * that stands in its source, says yes or no as it does, and holds its numbers. Total: any reading has a judgement.
 */
export function judge({ statements }: Reading, given: Judged): Judgement {
  const reply = folded(given.reply);
  const sources = readSources(given);
  const told = withoutListMarks(given.reply, sources.today);
  const sentences = sentencePieces(given.reply);
  const findings = new Map<string, Finding>();
  const backed: BackedStatement[] = [];
  const covered = new Uint8Array(given.reply.length);
  const miscopied: string[] = [];
  const doubted: Doubt[] = [];
  let isDenied = false;
  const read = new Set<string>();
  let from = 0;
  const object = (stretch: Stretch, reason: string, isDeed = false): void => {
    const words = sentenceAt(given.reply, sentences, stretch);
    const part = given.reply.slice(stretch.start, stretch.end).trim();
    doubted.push({ text: part, reason, isDeed });
    // A long sentence is written again by the part that is meant.
    const meant = part === words || reason === LEFT_OUT ? reason : `of “${part}” ${reason}`;
    if (!findings.has(words)) findings.set(words, { kind: UNBACKED, words, reason: meant });
  };
  for (const statement of statements) {
    const stretch = foundStretch(reply, statement.text, from);
    if (stretch === null) {
      miscopied.push(statement.text);
      continue;
    }
    from = Math.max(from, stretch.end);
    covered.fill(1, stretch.start, stretch.end);
    const text = withoutCustomer(told.slice(stretch.start, stretch.end), given.customer ?? "");
    const sentence = sentenceAt(given.reply, sentences, stretch);
    const result = verdictOn({ ...statement, text, sentence }, { ...given, sources });
    if (result.miscopied !== null) miscopied.push(result.miscopied);
    if (result.reason !== null || result.quoted.length > 0) read.add(sentence);
    if (result.reason !== null) {
      isDenied ||= !isHeldForBacked(statement);
      object(stretch, result.reason, DEEDS.has(statement.kind));
    }
    for (const { source, quote } of result.quoted)
      backed.push({
        words: given.reply.slice(stretch.start, stretch.end),
        source: source.name,
        kind: source.kind,
        quote: oneLine(quote),
      });
  }
  for (const stretch of leftOut(told, covered)) object(stretch, LEFT_OUT);
  const unquoted = sentences.filter(({ text }) => !read.has(text.trim()));
  return {
    findings: [...findings.values()],
    backed,
    sentences: { all: sentences.length, courtesies: unquoted.length },
    miscopied,
    doubted: isDenied ? [] : doubted,
  };
}

/** Whether the reader itself found something wrong is told by its empty quote. */
function isHeldForBacked({ kind, quote }: Statement): boolean {
  return (quote !== null && quote !== "") || kind === "courtesy" || kind === "question";
}

const DEEDS: ReadonlySet<string> = new Set(["done", "promise", "grant"]);

const LEFT_OUT = "nothing was found that backs this: leave it out, or look it up first";

const NEEDS_NONE: Backing = { reason: null, quoted: [], miscopied: null };

/**
 * What is wrong with one statement, or what backs it. A reader that found the sentence put there for it is believed what
 * is friendly, repeats the customer or asks, where no value, name, link or deed stands in it; nobody is believed more.
 */
function verdictOn(statement: Statement & Part, reader: Reader): Backing {
  const { claims, sources, doubtedBefore } = reader;
  const { kind, text } = statement;
  if (refersToPage(text, sources) && !claims(text)) return NEEDS_NONE;
  const insists = doubtedBefore.some((one) => isSameWords(text, one));
  const isBelieved = needsNoQuote(statement, sources, insists);
  if (kind !== "courtesy" && kind !== "question" && !isBelieved)
    return quotedVerdict({ ...statement, insists }, reader);
  const isClaim = claims(text);
  const isHeld = doubtedBefore.some((one) => one.isDeed && isSameWords(text, one));
  if (isBelieved && !isClaim && !isHeld) return NEEDS_NONE;
  // What is more than that needs what a fact needs, whatever it was called.
  const said = { ...statement, kind: isClaim ? ("done" as const) : ("fact" as const) };
  const backing = objectionToQuote({ ...said, insists: false }, sources);
  return passing(backing, isClaim, { text, sources });
}

/** A reader may cut the words otherwise. */
function isSameWords(text: string, { text: before }: Doubt): boolean {
  return before.includes(text) || text.includes(before);
}

function needsNoQuote(
  statement: Statement & Part,
  sources: ReadSources,
  insists: boolean,
): boolean {
  const { kind, text, quote } = statement;
  if (kind === "courtesy") return namesNothing(text, kind, sources, insists);
  if (kind === "question") return namesNothing(text, kind, sources) || asksOn(statement, sources);
  return kind === "naming" && quote !== null && asksOn(statement, sources);
}

/** What a statement is read by. */
interface Reader extends Pick<Judged, "claims" | "doubtedBefore"> {
  readonly sources: ReadSources;
}

/**
 * The verdict on what needs a quote. Whether an echo is theirs though it does not say so, and whether a quote says no, a
 * reader knows that was asked again.
 */
function quotedVerdict(said: Said, { claims, sources }: Reader): Backing {
  const isClaim = claims(said.text);
  const backing = objectionToQuote({ ...said, insists: said.insists && !isClaim }, sources);
  return passing(backing, isClaim, { text: said.text, sources });
}

/** Nor does what states nothing by its form need a quote where a reader calls it more. */
function passing(
  backing: Backing,
  isClaim: boolean,
  { text, sources }: { readonly text: string; readonly sources: ReadSources },
): Backing {
  return backing.reason !== null && !isClaim && statesNothing(text, sources) ? NEEDS_NONE : backing;
}

/** The whole sentence, so that a person finds it and the model knows what to write again. */
function sentenceAt(
  reply: string,
  sentences: ReturnType<typeof sentencePieces>,
  { start, end }: Stretch,
): string {
  const around = sentences.find((one) => one.start <= start && start < one.end);
  return (around?.text ?? reply.slice(start, end)).trim();
}

/** Spaces for the numbers of the lines of a list, which run from 1. Another number there is a value, and "1. May" a day. */
function withoutListMarks(reply: string, today: number): string {
  const marks = [...reply.matchAll(LIST_MARK)];
  if (marks.length < 2) return reply;
  const read = coveredPlaces(reply, factsIn(reply, today));
  const isList = marks.every(
    ({ 0: mark, index }, at) => Number.parseInt(mark, 10) === at + 1 && read[index] !== 1,
  );
  return isList ? reply.replaceAll(LIST_MARK, (mark) => " ".repeat(mark.length)) : reply;
}

const LIST_MARK = /(?<=^[ \t]{0,20})\d{1,2}[.)](?=[ \t]{1,20}\S)/gm;

/** A conjunction between two statements may be left over; nothing that counts, denies or does anything may. */
const CONJUNCTION = /^\p{L}{1,5}$/u;

function leftOut(reply: string, covered: Uint8Array): readonly Stretch[] {
  const left: Stretch[] = [];
  for (let at = 0; at < reply.length;) {
    if (covered[at] === 1) {
      at += 1;
      continue;
    }
    let end = at;
    while (end < reply.length && covered[end] !== 1) end += 1;
    const words = reply.slice(at, end);
    const first = words.search(/[\p{L}\p{N}\p{Sc}%]/u);
    const said = words.replaceAll(/[^\p{L}\p{N}\p{Sc}%\s]/gu, " ").trim();
    const isSmall = CONJUNCTION.test(said) && !hasDenial(said);
    if (first !== -1 && !isSmall) left.push({ start: at + first, end });
    at = end;
  }
  return left;
}
