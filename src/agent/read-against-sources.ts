/** Has a second model read a reply against its sources, and believes only what code finds in its answer. */
import type { Used } from "#core/contracts/agent.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { NO_RECEIPTS, type OutputCheck } from "#core/contracts/guard.ts";
import type { ModelMessage } from "#core/contracts/model.ts";
import { type Source, unverified, type Verification } from "#core/contracts/verifier.ts";
import { withinMs } from "#core/values/deadline.ts";
import { judge, type Judgement } from "#verifier/judge.ts";
import { readingIn } from "#verifier/reading.ts";
import { isFound, type Probed, withoutProbe, withProbe } from "#verifier/probe.ts";
import { ANSWER, REPLY_MAX, requestFor } from "#verifier/request.ts";
import { type Asking, askModel, nothingUsed, visibleTokens } from "./span.ts";

/** An answer that cannot be used is asked for once more, and no oftener. */
const TRIES = 2;
/** A statement takes about a hundred tokens. */
const OUTPUT_TOKENS_MAX = 6_000;

/** The model that reads, and how long it may take for one reply with all its tries. */
export interface VerifierParts extends Asking {
  readonly ms: number;
  readonly output: Pick<OutputCheck, "check">;
  /** False for recorded answers, which were given about the reply alone. */
  readonly probes?: boolean;
}

/** A reply to read. */
export interface DraftToRead {
  readonly text: string;
  readonly sources: readonly Source[];
  /** What no source can hold, so that none ends its own block. */
  readonly nonce: string;
  readonly outputTokensMax: number;
  readonly signal: AbortSignal;
}

/** What came of it, and what it cost; calls that failed count as steps. */
interface ReadDraft {
  readonly verification: Verification;
  readonly used: Used;
}

/** A judged answer, or why there is none. */
type Heard =
  | { readonly judgement: Judgement; readonly text: string }
  | { readonly problem: string };

/**
 * Reads a reply. Never throws for what the model does: an answer that is late, away, of another shape, or that quotes
 * what no source says leaves the reply unverified, with the reason. Throws what the caller's signal was aborted with.
 */
export async function readAgainstSources(
  parts: VerifierParts,
  draft: DraftToRead,
): Promise<ReadDraft> {
  const used = nothingUsed();
  if (draft.text.length > REPLY_MAX)
    return { verification: unverified("the reply is too long for it"), used };
  const verification = await withinMs(
    parts.ms,
    (signal) => heardTwice(parts, { ...draft, signal }, used),
    draft.signal,
  );
  draft.signal.throwIfAborted();
  return { verification, used };
}

async function heardTwice(
  parts: VerifierParts,
  draft: DraftToRead,
  used: Used,
): Promise<Verification> {
  const probed = parts.probes === false ? null : withProbe(draft.text, draft.nonce);
  const messages = [...requestFor(probed?.text ?? draft.text, draft.sources, draft.nonce)];
  let last: Heard = { problem: "it was not asked" };
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (visibleTokens(used) >= draft.outputTokensMax) break;
    try {
      last = await heard(parts, draft, { messages, used, probed });
    } catch (error) {
      const problem = problemOf(error);
      if (problem === null) throw error;
      if (problem !== UNUSABLE) return unverified(problem);
      last = { problem };
    }
    if (isFinal(last)) break;
    if ("judgement" in last) messages.push(...askedAgain(last.text, last.judgement.miscopied));
  }
  return verificationOf(last);
}

/** Nothing is to be asked again: the reading can be used, or the reader does not read. */
function isFinal(heardLast: Heard): boolean {
  return "judgement" in heardLast
    ? heardLast.judgement.miscopied.length === 0
    : heardLast.problem === NOT_READ;
}

async function heard(
  parts: VerifierParts,
  draft: DraftToRead,
  {
    messages,
    used,
    probed,
  }: {
    readonly messages: readonly ModelMessage[];
    readonly used: Used;
    readonly probed: Probed | null;
  },
): Promise<Heard> {
  const request = {
    name: "verify",
    messages: [...messages],
    tools: [],
    answer: ANSWER,
    outputTokensMax: Math.min(OUTPUT_TOKENS_MAX, draft.outputTokensMax - visibleTokens(used)),
    signal: draft.signal,
  };
  return askModel(used, parts, request, ({ text }, attributes): Heard => {
    const { clock, output } = parts;
    const answered = readingIn(text);
    if (answered === null) return { problem: UNUSABLE };
    const isRead = probed === null || isFound(answered, probed.probe);
    attributes["deskhand.probe_found"] = isRead;
    if (!isRead) return { problem: NOT_READ };
    const reading = probed === null ? answered : withoutProbe(answered, probed.probe);
    const claims = (words: string): boolean => claimsAnything(output, words, clock.now());
    const given = { reply: draft.text, sources: draft.sources, today: clock.now(), claims };
    const judgement = judge(reading, given);
    attributes["deskhand.statements"] = reading.statements.length;
    attributes["deskhand.unbacked"] = judgement.findings.length;
    attributes["deskhand.miscopied"] = judgement.miscopied.length;
    return { judgement, text };
  });
}

/** Not by design a second chance: a reader that is told of the sentence finds it. */
const NOT_READ =
  "the model passed a sentence that nothing backs, put there to see whether it reads";
const UNUSABLE_CODES: ReadonlySet<string> = new Set([
  "model.invalid_answer",
  "model.declined",
  "model.too_long",
]);
const UNUSABLE = "the model's answer could not be used";

/** Whether the output check reads a claim in these words where nothing at all is known. */
function claimsAnything(
  { check }: Pick<OutputCheck, "check">,
  words: string,
  today: Date,
): boolean {
  const { findings } = check(words, { ...NO_RECEIPTS, escalates: true, today });
  return findings.some(({ kind }) => kind === "claim");
}

/** Enough for a model to see what it did; the rest it finds by itself. */
const MISCOPIED_MAX = 5;

function askedAgain(answer: string, miscopied: readonly string[]): readonly ModelMessage[] {
  const named = miscopied.slice(0, MISCOPIED_MAX).map((words) => JSON.stringify(words));
  return [
    { role: "assistant", content: answer, toolCalls: [] },
    {
      role: "user",
      content: `Not copied letter by letter, or standing nowhere: ${named.join(", ")}. Answer once more, whole; where no source says it, give null and null.`,
    },
  ];
}

function verificationOf(last: Heard): Verification {
  if ("problem" in last) return unverified(last.problem);
  const { findings, backed, sentences, miscopied } = last.judgement;
  return miscopied.length === 0
    ? { state: "read", reason: "", findings, backed, sentences }
    : { state: "unverified", reason: "the model quoted what no source says", findings, backed: [] };
}

/** Why a model that cannot be asked now leaves the reply unverified; null for an error of ours. */
function problemOf(error: unknown): string | null {
  if (!(error instanceof DeskhandError)) return null;
  if (UNUSABLE_CODES.has(error.code)) return UNUSABLE;
  if (error.code === "model.refused") return error.message;
  return error.code === "model.unavailable" ? "the model did not answer in time or is away" : null;
}
