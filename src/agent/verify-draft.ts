/** Has a turn's draft read against its sources: within the turn, or after its card was posted. */
import {
  type Finding,
  type InputGuard,
  isBacked,
  isForReader,
  NO_RECEIPTS,
  type OutputCheck,
  type Source,
  unverified,
  type Verification,
} from "#core/contracts/guard.ts";
import {
  nothingUsed,
  type TurnResult,
  type VerificationRequest,
  type VerificationResult,
  type Used,
} from "#core/contracts/agent.ts";
import { passedOnIn } from "./customer-words.ts";
import { procedurePassages } from "./follow-procedures.ts";
import { numberedSources } from "#verifier/sources.ts";
import { nextNonce } from "./data-marking.ts";
import { count, visibleTokens, type Asking, askModel } from "./span.ts";
import { type AgentParts, type TurnState, turnTopic } from "./turn-state.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { ModelMessage } from "#core/contracts/model.ts";
import { withinMs } from "#core/values/deadline.ts";
import { type Doubt, judge, type Judgement } from "#verifier/judge.ts";
import {
  ANSWER,
  block,
  REPLY_MAX,
  requestFor,
  readingIn,
  isFound,
  type Probed,
  withoutProbe,
  withProbe,
} from "#verifier/request.ts";

/** What is known of a draft before it is read. */
export interface CheckedDraft {
  /** As the model named it; null where it named none. */
  readonly topic: string | null;
  readonly findings: readonly Finding[];
  readonly actionsAlone: boolean;
  /** What our team is asked where the draft goes with a hand-over, masked; null where nobody takes over. */
  readonly asksTeam: string | null;
}

/** The subject and what the requester wrote before this turn's messages, masked, newest first. */
export function askedBefore(
  { input: { history, unread }, context }: TurnState,
  { mask }: Pick<InputGuard, "mask">,
): readonly string[] {
  const author = unread.at(-1)?.author.id;
  const theirs = history.filter(
    (one) =>
      one.visibility === "public" && one.author.kind === "requester" && one.author.id === author,
  );
  return [...theirs.map(({ text }) => text).toReversed(), context.subject]
    .filter((text) => text !== "")
    .map(mask);
}

/** Everything the turn's draft may rest on. */
export function sourcesOfTurn(
  state: TurnState,
  { guard, clock, dayOf, tools, model }: AgentParts,
  { asksTeam }: Pick<CheckedDraft, "asksTeam">,
): readonly Source[] {
  const open = state.input.history.filter(({ visibility }) => visibility === "public");
  const maskedTexts = (kind: "bot" | "teammate") =>
    open.filter((one) => one.author.kind === kind).map(({ text }) => guard.mask(text));
  return numberedSources({
    toolResults: state.toolResults,
    passages: [...state.passages.values()],
    procedureSteps: procedurePassages(state.procedures),
    changes: tools.filter(({ kind }) => kind === "write"),
    actions: [...state.actions.values()].map(({ planned }) => planned),
    writer: model.isRehearsal ? "a program" : "an AI assistant, a computer program",
    asksTeam,
    asked: [...askedBefore(state, guard).toReversed(), state.context.asked].join("\n\n"),
    passedOn: [...open, ...state.input.unread]
      .flatMap((message) => passedOnIn(state.input, guard, message))
      .map((text) => guard.mask(text))
      .join("\n\n"),
    sent: maskedTexts("bot"),
    teammates: maskedTexts("teammate"),
    today: dayOf(clock.now()),
  });
}

/** Reads a draft that must be read before the turn ends; null where it need not be, or no model is configured. */
export async function verifiedInTurn(
  draft: Pick<DraftToRead, "text" | "sources">,
  checked: CheckedDraft,
  state: TurnState,
  parts: AgentParts,
): Promise<Verification | null> {
  const { verifier } = parts;
  if (verifier === null || !isReadFirst(checked, state, parts)) return null;
  const { outputTokensMax } = state.caps.turn;
  const read = await readAgainstSources(
    { ...parts, ...verifier },
    {
      ...draft,
      customer: state.input.requester.name,
      nonce: nextNonce(parts),
      outputTokensMax: outputTokensMax - visibleTokens(state),
      signal: state.context.signal,
    },
  );
  count(state, read.used);
  return read.verification;
}

/** Whether a person may never see this draft before the customer does, or policy wants every draft read first. */
function isReadFirst(
  { topic, findings, actionsAlone, asksTeam }: CheckedDraft,
  state: TurnState,
  { freedom }: AgentParts,
): boolean {
  const { channel } = state.input.conversation;
  const when = freedom.verifyOn(channel);
  if (when !== "unasked") return when === "always";
  const autonomy = freedom.replyAutonomy(channel, turnTopic(state, topic));
  const isAsked =
    autonomy === "shadow" ||
    state.input.instruction !== undefined ||
    !findings.every(isForReader) ||
    [...state.actions.values()].some(
      ({ decision }) => asksTeam !== null || decision.verdict === "ask",
    );
  return !isAsked && (actionsAlone || autonomy === "auto");
}

/**
 * The findings of check and verifier together. What the check does not read, or is not sure of, needs no person once the
 * verifier has found a quote for all of the draft.
 */
export function withVerification(
  findings: readonly Finding[],
  verification: Verification | null,
): readonly Finding[] {
  if (verification === null) return findings;
  if (!isBacked(verification)) return [...findings, ...verification.findings];
  return findings.filter((finding) => !isForReader(finding) || finding.words === "");
}

/**
 * Reads the draft of a turn that is over, within what the turn has left of its caps; the result counts what it cost.
 * Throws only what its signal was aborted with.
 */
export async function verify(
  parts: AgentParts,
  request: VerificationRequest,
  turn: TurnResult,
): Promise<VerificationResult> {
  const { verifier } = parts;
  const { outputTokensMax, stepsMax } = parts.caps().turn;
  const left = outputTokensMax - turn.outputTokens;
  if (verifier === null) return { used: null, verification: unverified("no model is configured") };
  if (left <= 0 || turn.steps >= stepsMax)
    return { used: null, verification: unverified("the turn has used up its caps") };
  return readAgainstSources(
    { ...parts, ...verifier },
    { ...request, nonce: nextNonce(parts), outputTokensMax: left },
  );
}

// Has a second model read a reply, and believes only what code finds in its answer.

/** An answer that cannot be used is asked for once more, and no oftener. */
const TRIES = 2;
/** A statement takes about a hundred tokens. */
const OUTPUT_TOKENS_MAX = 6_000;

/** The model that reads, and how long it may take for one reply with all its tries. */
interface VerifierParts extends Asking, Pick<AgentParts, "dayOf"> {
  readonly ms: number;
  readonly output: Pick<OutputCheck, "check">;
  /** False for recorded answers, which were given about the reply alone. */
  readonly probes?: boolean;
}

interface DraftToRead extends VerificationRequest {
  /** What no source can hold, so that none ends its own block. */
  readonly nonce: string;
  readonly outputTokensMax: number;
}

/** A judged answer, or why there is none. */
type Heard =
  | { readonly judgement: Judgement; readonly text: string }
  | { readonly problem: string };

/**
 * Reads a reply. Never throws for what the model does: an answer that is late, away, of another shape, or that quotes
 * what no source says leaves the reply unverified, with the reason. Throws what the caller's signal was aborted with.
 * What it cost counts calls that failed as steps.
 */
export async function readAgainstSources(parts: VerifierParts, draft: DraftToRead) {
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
  const doubtedBefore: Doubt[] = [];
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (visibleTokens(used) >= draft.outputTokensMax) break;
    const next = await heardOrWhy(parts, draft, { messages, used, probed, doubtedBefore });
    // A second answer that cannot be used takes nothing back of what the first one was found to lack.
    if ("problem" in next && "judgement" in last && next.problem !== NOT_READ) break;
    last = next;
    if (isFinal(last)) break;
    if ("judgement" in last) {
      messages.push(...askedAgain(last.text, last.judgement, draft.nonce));
      doubtedBefore.push(...last.judgement.doubted);
    }
  }
  return finalVerification(last);
}

/** An answer, or the model's reason for none. Throws what is no fault of the model's. */
async function heardOrWhy(...given: Parameters<typeof heard>): Promise<Heard> {
  try {
    return await heard(...given);
  } catch (error) {
    const problem = unverifiedReason(error);
    if (problem === null) throw error;
    return { problem };
  }
}

/** Nothing is to be asked again: the reading stands, or the reader does not read. */
function isFinal(heardLast: Heard): boolean {
  if ("problem" in heardLast) return heardLast.problem !== UNUSABLE;
  const { miscopied, doubted } = heardLast.judgement;
  return miscopied.length + doubted.length === 0;
}

async function heard(
  parts: VerifierParts,
  draft: DraftToRead,
  {
    messages,
    used,
    probed,
    doubtedBefore,
  }: {
    readonly messages: readonly ModelMessage[];
    readonly used: Used;
    readonly probed: Probed | null;
    readonly doubtedBefore: readonly Doubt[];
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
    const { clock, dayOf, output } = parts;
    const answered = readingIn(text);
    if (answered === null) return { problem: UNUSABLE };
    const isRead = probed === null || isFound(answered, probed);
    attributes["deskhand.probe_found"] = isRead;
    if (!isRead) return { problem: NOT_READ };
    const reading = probed === null ? answered : withoutProbe(answered, probed);
    const today = dayOf(clock.now());
    const claims = (words: string): boolean => claimsAnything(output, words, today);
    const against = { ...draft, reply: draft.text, today, claims, doubtedBefore };
    const judgement = judge(reading, against);
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
const NAMED_MAX = 5;
const NAMED_CHARACTERS_MAX = 300;

/** What it copied wrongly, and what it holds for backed and code does not: a better quote, a cut or another kind may mend it. */
function askedAgain(
  answer: string,
  { miscopied, doubted }: Pick<Judgement, "miscopied" | "doubted">,
  nonce: string,
): readonly ModelMessage[] {
  const shown = (words: string): string => JSON.stringify(words.slice(0, NAMED_CHARACTERS_MAX));
  const named = miscopied.slice(0, NAMED_MAX).map(shown);
  const doubts = doubted
    .slice(0, NAMED_MAX)
    .map(({ text, reason }) => `${shown(text)}: ${reason.slice(0, NAMED_CHARACTERS_MAX)}`);
  const lines = [
    ...(named.length === 0
      ? []
      : [
          `Not copied letter by letter, or standing nowhere:\n${block(nonce, "words", named.join("\n"))}`,
        ]),
    ...(doubts.length === 0
      ? []
      : [
          `Not shown by what you gave for it:\n${block(nonce, "words", doubts.join("\n"))}\nLook at these once more: cut them where they say two things, quote what shows them, or give the kind that they are; where you are sure, give the same again, cut as it was.`,
        ]),
    "Answer once more, whole; where no source says it, give null and null.",
  ];
  return [
    { role: "assistant", content: answer, toolCalls: [] },
    { role: "user", content: lines.join("\n") },
  ];
}

function finalVerification(last: Heard): Verification {
  if ("problem" in last) return unverified(last.problem);
  const { findings, backed, sentences, miscopied } = last.judgement;
  return miscopied.length === 0
    ? { state: "read", reason: "", findings, backed, sentences }
    : { state: "unverified", reason: "the model quoted what no source says", findings, backed: [] };
}

/** Why a model that cannot be asked now leaves the reply unverified; null for an error of ours. */
function unverifiedReason(error: unknown): string | null {
  if (!(error instanceof DeskhandError)) return null;
  if (UNUSABLE_CODES.has(error.code)) return UNUSABLE;
  if (error.code === "model.refused") return error.message;
  return error.code === "model.unavailable" ? "the model did not answer in time or is away" : null;
}
