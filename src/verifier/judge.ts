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
import { sentencePieces } from "#guard/output/sentences.ts";
import { folded, type Stretch, foundStretch } from "./folded.ts";
import { objectionToQuote, type Said } from "./quote-rules.ts";
import { textPolarity } from "#guard/languages/sentence-words.ts";
import { oneLine } from "#core/values/words.ts";
import { isIdle, statesNothing } from "./courtesies.ts";
import { withoutStretches } from "./left-out.ts";
import type { Reading, Statement } from "./request.ts";
import { readSources, type ReadSources } from "./sources.ts";

/** What code makes of a reading. */
export interface Judgement {
  readonly findings: readonly Finding[];
  readonly backed: readonly BackedStatement[];
  readonly sentences: { readonly all: number; readonly courtesies: number };
  /** The reply without the words that made up all findings, where these are friendly words that can be left out. */
  readonly mended: string | null;
  /** Texts and quotes that stand nowhere: a reading to ask for again, not to rely on. */
  readonly miscopied: readonly string[];
}

/** What the reading is compared with. */
export interface Judged {
  readonly reply: string;
  readonly sources: readonly Source[];
  readonly today: Date;
  /** Whether a text claims that we did or will do something, as the output check reads it. */
  readonly claims: (text: string) => boolean;
}

/**
 * Judges a reading. Every word of the reply has to stand in a statement; a statement that needs a quote has to have one
 * that stands in its source, says yes or no as it does, and holds its numbers. Total: any reading has a judgement.
 */
export function judge({ statements }: Reading, given: Judged): Judgement {
  const sources = readSources(given);
  const sentences = sentencePieces(given.reply);
  const covered = new Uint8Array(given.reply.length);
  const { placed, unplaced } = placesOf(statements, given.reply);
  const read = placed.map(({ statement, stretch }) => {
    covered.fill(1, stretch.start, stretch.end);
    const text = given.reply.slice(stretch.start, stretch.end);
    const sentence = sentenceAt(given.reply, sentences, stretch);
    const said = { ...statement, text, sentence };
    return { ...said, stretch, ...verdictOn(said, given.claims(text), sources) };
  });
  const missing = leftOut(given.reply, covered).map((stretch) => ({
    sentence: sentenceAt(given.reply, sentences, stretch),
    reason: LEFT_OUT,
  }));
  const wrong = read.filter(({ reason }) => reason !== null);
  const backed = read.flatMap(({ text, source, quote }) =>
    source === null || quote === null
      ? []
      : [{ words: text, source: source.name, kind: source.kind, quote: oneLine(quote) }],
  );
  // What would be left has to say or ask something.
  const isReply =
    backed.length > 0 || read.some(({ kind, reason }) => kind === "question" && reason === null);
  const told = new Set(
    read.flatMap((one) => ((one.reason ?? one.source) === null ? [] : [one.sentence])),
  );
  const all = sentences.length;
  return {
    findings: findingsOf([...wrong, ...missing]),
    backed,
    sentences: {
      all,
      courtesies: all - sentences.filter(({ text }) => told.has(text.trim())).length,
    },
    mended:
      missing.length === 0 && wrong.length > 0 && isReply
        ? withoutIdle(given, wrong, sources)
        : null,
    miscopied: [...unplaced, ...read.flatMap((one) => (one.miscopied ? (one.quote ?? []) : []))],
  };
}

/** Where each statement stands in the reply, one after another, and the texts of those that stand nowhere. */
function placesOf(statements: Reading["statements"], reply: string) {
  const whole = folded(reply);
  const placed: { readonly statement: Statement; readonly stretch: Stretch }[] = [];
  const unplaced: string[] = [];
  let from = 0;
  for (const statement of statements) {
    const stretch = foundStretch(whole, statement.text, from);
    if (stretch === null) unplaced.push(statement.text);
    else placed.push({ statement, stretch });
    from = Math.max(from, stretch?.end ?? 0);
  }
  return { placed, unplaced };
}

/** One for each sentence, with the first thing that is wrong with it. */
function findingsOf(
  wrong: readonly { readonly sentence: string; readonly reason: string | null }[],
): readonly Finding[] {
  const reasons = new Map<string, string>();
  for (const { sentence, reason } of wrong)
    if (!reasons.has(sentence)) reasons.set(sentence, reason ?? "");
  return [...reasons].map(([words, reason]) => ({ kind: UNBACKED, words, reason }));
}

/** The reply without what is wrong, where all of it can be left out. */
function withoutIdle(
  { reply, claims }: Judged,
  wrong: readonly (Pick<Statement, "kind" | "text"> & { readonly stretch: Stretch })[],
  sources: ReadSources,
): string | null {
  return wrong.every((one) => !claims(one.text) && isIdle(one, sources))
    ? withoutStretches(
        reply,
        wrong.map(({ stretch, text }) => withoutGreeting(stretch, text, sources)),
      )
    : null;
}

/** "Hi Linnea, poor dough!": what is a courtesy by its form stays where the rest of the sentence goes. */
function withoutGreeting(stretch: Stretch, text: string, sources: ReadSources): Stretch {
  const [greeting = ""] = /^[^,;:.!?–—]*[,;:.!?–—]\s+(?=\S.*[.!?…]$)/s.exec(text) ?? [];
  const isKept = statesNothing(greeting, "courtesy", sources);
  return { ...stretch, start: stretch.start + (isKept ? greeting.length : 0) };
}

const LEFT_OUT = "nothing was found that backs this: leave it out, or look it up first";

/** What is wrong with one statement, or the source that backs it; both null where it needs none. */
function verdictOn(statement: Said, claims: boolean, sources: ReadSources) {
  const { kind, text } = statement;
  if (kind !== "courtesy" && kind !== "question") return objectionToQuote(statement, sources);
  // What is more than that needs what a fact needs, whatever it was called.
  return !claims && statesNothing(text, kind, sources)
    ? { reason: null, source: null, miscopied: false }
    : objectionToQuote({ ...statement, kind: claims ? "done" : "fact" }, sources);
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

/** A conjunction between two statements may be left over; nothing that counts, denies or does anything may. */
const CONJUNCTION = /^\p{L}{1,5}$/u;

/** "2." before a line of a list; within a line it may be an amount. */
const LIST_MARK = /^\s*\d{1,2}[.)]\s+$/;

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
    const isSmall =
      (CONJUNCTION.test(said) && textPolarity(said) !== "denies") ||
      (LIST_MARK.test(words) && startsLine(reply.slice(0, at + first)));
    if (first !== -1 && !isSmall) left.push({ start: at + first, end });
    at = end;
  }
  return left;
}

/** True when a line begins where this text ends. */
function startsLine(before: string): boolean {
  const words = before.trimEnd();
  return words === "" || before.slice(words.length).includes("\n");
}
