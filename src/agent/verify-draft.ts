/** Has a turn's draft read against its sources: within the turn, or after its card was posted. */
import { type Finding, UNREAD_LANGUAGE } from "#core/contracts/guard.ts";
import type { TurnResult, VerificationRequest, VerificationResult } from "#core/contracts/agent.ts";
import { isBacked, type Source, unverified, type Verification } from "#core/contracts/verifier.ts";
import { procedurePassages } from "./follow-procedures.ts";
import { sourcesOf } from "#verifier/sources.ts";
import { nextNonce } from "./data-marking.ts";
import { readAgainstSources } from "./read-against-sources.ts";
import { count, visibleTokens } from "./span.ts";
import { type AgentParts, type TurnState, topicOf } from "./turn-state.ts";

/** What is known of a draft before it is read. */
export interface CheckedDraft {
  /** As the model named it; null where it named none. */
  readonly topic: string | null;
  readonly findings: readonly Finding[];
  readonly actionsAlone: boolean;
  /** The draft goes with a hand-over: nothing the turn proposed is done, and people have the rest. */
  readonly handsOver: boolean;
}

/** Everything the turn's draft may rest on. */
export function sourcesOfTurn(
  state: TurnState,
  { guard, clock, tools }: AgentParts,
  { handsOver }: Pick<CheckedDraft, "handsOver">,
): readonly Source[] {
  const { history, unread } = state.input;
  const author = unread.at(-1)?.author.id;
  const open = history.filter(({ visibility }) => visibility === "public");
  const theirs = open.filter((one) => one.author.kind === "requester" && one.author.id === author);
  const textsOf = (kind: "bot" | "teammate") =>
    open.filter((one) => one.author.kind === kind).map(({ text }) => guard.mask(text));
  return sourcesOf({
    toolResults: state.toolResults,
    passages: [...state.passages.values()],
    procedureSteps: procedurePassages(state.procedures),
    changes: tools.filter(({ kind }) => kind === "write"),
    actions: handsOver ? [] : [...state.actions.values()].map(({ planned }) => planned),
    handsOver,
    asked: [...theirs.map(({ text }) => guard.mask(text)), state.context.asked].join("\n\n"),
    sent: textsOf("bot"),
    teammates: textsOf("teammate"),
    today: clock.now(),
  });
}

/** Reads a draft that must be read before the turn ends; null where it need not be, or no model is configured. */
export async function verifiedInTurn(
  draft: { readonly text: string; readonly sources: readonly Source[] },
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
  { topic, findings, actionsAlone, handsOver }: CheckedDraft,
  state: TurnState,
  { freedom }: AgentParts,
): boolean {
  const { channel } = state.input.conversation;
  const when = freedom.verifyOn(channel);
  if (when !== "unasked") return when === "always";
  const autonomy = freedom.replyAutonomy(channel, topicOf(state, topic));
  const isAsked =
    autonomy === "shadow" ||
    state.input.instruction !== undefined ||
    findings.some(({ kind }) => kind !== UNREAD_LANGUAGE) ||
    (!handsOver && [...state.actions.values()].some(({ decision }) => decision.verdict === "ask"));
  return !isAsked && (actionsAlone || autonomy === "auto");
}

/**
 * The findings of check and verifier together. A sentence in a language the check does not read needs no person once
 * the verifier has found a quote for all of it.
 */
export function withVerification(
  findings: readonly Finding[],
  verification: Verification | null,
): readonly Finding[] {
  if (verification === null) return findings;
  if (!isBacked(verification)) return [...findings, ...verification.findings];
  return findings.filter(({ kind, words }) => kind !== UNREAD_LANGUAGE || words === "");
}

/**
 * Reads the draft of a turn that is over, within what the turn has left of its caps; the result counts what it cost.
 * Throws only what its signal was aborted with.
 */
export async function verify(
  parts: AgentParts,
  { text, sources, signal }: VerificationRequest,
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
    { text, sources, nonce: nextNonce(parts), outputTokensMax: left, signal },
  );
}
