/** Judges labelled replies and counts what was flagged wrongly and what passed wrongly. */
import { type Finding, isForReader, type Receipts } from "#core/contracts/guard.ts";
import type { LabelledReply } from "./read.ts";

/** What a judge found in one reply: each finding is a reason to hold it back. */
export interface Judgement {
  readonly findings: readonly Finding[];
  /** Why a model that was asked gave no usable answer; null where it did, or where none was asked. */
  readonly unverified: string | null;
  /** What a model was given and gave for it, with every try; left out where none was asked. */
  readonly tokens?: { readonly input: number; readonly output: number };
}

/** Reads one reply against its receipts. */
export type Judge = (text: string, receipts: Receipts) => Promise<Judgement>;

/** A reply with what its judge found. */
export interface JudgedReply extends Judgement {
  readonly reply: LabelledReply;
}

/**
 * How replies of one kind or language were judged. Those that wait are in a language whose claims are not read, or the
 * check is not sure of them: nothing else is wrong with them, and a person or a model reads them first.
 */
interface Counts {
  readonly supported: { readonly n: number; readonly flagged: number; readonly wait: number };
  readonly unsupported: { readonly n: number; readonly missed: number; readonly wait: number };
}

/** What `--json` prints. */
export interface ReplyFigures extends Counts {
  readonly by_kind: Readonly<Record<string, Counts>>;
  readonly by_lang: Readonly<Record<string, Counts>>;
  /** Replies a model was asked about in vain; left out where none was asked. They are counted above by their findings. */
  readonly unverified?: number;
  /** Tokens a reply on average, in whole numbers; left out where no model was asked. */
  readonly tokens?: { readonly input: number; readonly output: number };
}

/** Judges every reply, so many at a time, in the order given. */
export async function judgeAll(
  replies: readonly LabelledReply[],
  judge: (reply: LabelledReply) => Promise<Judgement>,
  { atOnce, progress }: { readonly atOnce: number; readonly progress: (done: number) => void },
): Promise<readonly JudgedReply[]> {
  const judged: JudgedReply[] = [];
  for (let from = 0; from < replies.length; from += atOnce) {
    const some = replies.slice(from, from + atOnce);
    const results = some.map(async (reply) => ({ reply, ...(await judge(reply)) }));
    judged.push(...(await Promise.all(results)));
    progress(judged.length);
  }
  return judged;
}

/** The figures over all replies and by each label; pure. `withModel` adds how many a model gave no answer about. */
export function figuresOf(judged: readonly JudgedReply[], withModel = false): ReplyFigures {
  const inVain = judged.filter(({ unverified }) => unverified !== null).length;
  return {
    ...(withModel ? { unverified: inVain, tokens: tokensOf(judged) } : {}),
    ...countsOf(judged),
    by_kind: countsBy(judged, ({ kind }) => kind),
    by_lang: countsBy(judged, ({ lang }) => lang),
  };
}

function tokensOf(judged: readonly JudgedReply[]): NonNullable<ReplyFigures["tokens"]> {
  const mean = (of: "input" | "output"): number =>
    Math.round(judged.reduce((sum, { tokens }) => sum + (tokens?.[of] ?? 0), 0) / judged.length);
  return { input: mean("input"), output: mean("output") };
}

/** Whether it was judged otherwise than its label says; one that waits was not judged. */
export function isWrong({ reply, findings }: JudgedReply): boolean {
  return reply.verdict === "supported" ? !findings.every(isForReader) : findings.length === 0;
}

function waits({ findings }: JudgedReply): boolean {
  return findings.length > 0 && findings.every(isForReader);
}

function countsBy(
  judged: readonly JudgedReply[],
  labelOf: (reply: LabelledReply) => string,
): Readonly<Record<string, Counts>> {
  const groups = Map.groupBy(judged, ({ reply }) => labelOf(reply));
  const named = [...groups].toSorted(([one], [other]) => one.localeCompare(other));
  return Object.fromEntries(named.map(([label, group]) => [label, countsOf(group)]));
}

function countsOf(judged: readonly JudgedReply[]): Counts {
  const supported = judged.filter(({ reply }) => reply.verdict === "supported");
  const unsupported = judged.filter(({ reply }) => reply.verdict === "unsupported");
  return {
    supported: {
      n: supported.length,
      flagged: supported.filter(isWrong).length,
      wait: supported.filter(waits).length,
    },
    unsupported: {
      n: unsupported.length,
      missed: unsupported.filter(isWrong).length,
      wait: unsupported.filter(waits).length,
    },
  };
}
