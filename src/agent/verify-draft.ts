/** Has a turn's draft read against its sources: within the turn, or after its card was posted. */
import type { Finding } from "#core/contracts/guard.ts";
import { UNREAD_LANGUAGE } from "#core/contracts/guard.ts";
import type { TurnResult, VerificationRequest, VerificationResult } from "#core/contracts/agent.ts";
import { isBacked, type Source, type Verification } from "#core/contracts/verifier.ts";
import { procedurePassages } from "./follow-procedures.ts";
import { sourcesOf } from "#verifier/sources.ts";
import { costOf, spentOf } from "./prices.ts";
import { readAgainstSources, type ReadDraft } from "./read-against-sources.ts";
import { topicOf } from "./topic-of-turn.ts";
import { type AgentParts, type TurnState, visibleTokens } from "./turn-state.ts";

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
  { guard, clock }: AgentParts,
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
  const { verifier, clock, output, ids } = parts;
  if (verifier === null || !isReadFirst(checked, state, parts)) return null;
  const { outputTokensMax } = state.caps.turn;
  const read = await readAgainstSources(
    { ...verifier, clock, output },
    {
      ...draft,
      nonce: nonceOf(ids),
      outputTokensMax: outputTokensMax - visibleTokens(state),
      signal: state.context.signal,
    },
  );
  state.steps += read.steps;
  state.verifierTokens.input += read.inputTokens;
  state.verifierTokens.output += read.outputTokens;
  state.reasoningTokens += read.reasoningTokens;
  state.spans.push(...read.spans);
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
  const { verifier, clock, output, ids } = parts;
  const { outputTokensMax, stepsMax } = parts.caps().turn;
  const left = outputTokensMax - turn.outputTokens;
  if (verifier === null) return { result: turn, verification: inVain("no model is configured") };
  if (left <= 0 || turn.steps >= stepsMax)
    return { result: turn, verification: inVain("the turn has used up its caps") };
  const read = await readAgainstSources(
    { ...verifier, clock, output },
    { text, sources, nonce: nonceOf(ids), outputTokensMax: left, signal },
  );
  return { result: withRead(parts, turn, read), verification: read.verification };
}

function inVain(reason: string): Verification {
  return { state: "unverified", reason, findings: [], backed: [] };
}

function nonceOf(ids: AgentParts["ids"]): string {
  return ids.next("data").replaceAll(/[^\w-]/g, "");
}

function withRead(parts: AgentParts, turn: TurnResult, read: ReadDraft): TurnResult {
  const usd = verifierCost(parts, { input: read.inputTokens, output: read.outputTokens });
  return {
    ...turn,
    steps: turn.steps + read.steps,
    inputTokens: turn.inputTokens + read.inputTokens,
    outputTokens: turn.outputTokens + read.outputTokens - read.reasoningTokens,
    costUsd: turn.costUsd === null || usd === null ? null : turn.costUsd + usd,
    spans: [...turn.spans, ...read.spans],
  };
}

function verifierCost(
  { prices, verifier }: AgentParts,
  tokens: TurnState["verifierTokens"],
): number | null {
  if (verifier === null || tokens.input + tokens.output === 0) return 0;
  return costOf(prices, verifier.model.name, tokens);
}

/** What the turn has cost so far, with the reading of its drafts; null when a price is unknown. */
export function costOfTurn(state: TurnState, parts: AgentParts): number | null {
  const own =
    state.billedUsd > 0 ? state.billedUsd : costOf(parts.prices, parts.model.name, spentOf(state));
  const read = verifierCost(parts, state.verifierTokens);
  return own === null || read === null ? null : own + read;
}
