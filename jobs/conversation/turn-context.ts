/**
 * What a turn knows before a model is asked, the guard's word on it among that, what its later steps see of it, whom it answers, and the trace it leaves.
 */

import type { GuardVerdict, InputGuard } from "#core/contracts/guard.ts";
import { nowWorkingOn } from "#core/contracts/ports.ts";
import { type BoundRequester, type IdentityEvidence, PROVEN_LEVEL } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { CoveredConversation, Plan } from "#jobs/plan/plan.ts";
import type { SaidHarmless } from "#store/reports/draft-differences.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { type TurnResult, nothingUsed, type OpinionBeside } from "#core/contracts/agent.ts";
import type { ConversationChanges } from "./changes.ts";
import type { ConversationSnapshot } from "./snapshot.ts";
import { withinMs } from "#core/values/deadline.ts";
import { reasonOf } from "#core/values/errors.ts";
import { personalMasker } from "#jobs/masks/anonymize.ts";
import { digest } from "#core/values/canonical-json.ts";
import { inWords } from "#core/values/words.ts";
import { combined } from "#guard/input/input-guard.ts";

/** What a turn knows before a model is asked. */
export interface TurnContext {
  readonly context: JobContext;
  readonly snapshot: ConversationSnapshot;
  readonly changes: ConversationChanges;
  /** The messages it answers, oldest first: those of other conversations of the case, then its own. */
  readonly unread: readonly Message[];
  /** Where those of other conversations are from. */
  readonly covers: readonly CoveredConversation[];
  /** What was said before in other conversations of the case. */
  readonly earlier: readonly Message[];
  readonly startedAt: Date;
  readonly turnId: string;
  readonly guard: GuardVerdict;
  /** What teammates said to be harmless in its case, as far as it was looked up. */
  readonly saidHarmless: readonly SaidHarmless[];
}

/** The start of a turn over the open messages; `inspect` gives the guard's verdict on those it answers. */
export function newTurnContext(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  inspect: (unread: readonly Message[]) => GuardVerdict = (unread) =>
    inspectKnowing(context.guard, unread, []),
): TurnContext {
  const unread = newestAuthors(changes.open);
  const turnId = context.ids.next("t");
  nowWorkingOn({ turn: turnId });
  return {
    context,
    snapshot,
    changes,
    unread,
    covers: [],
    earlier: [],
    startedAt: context.clock.now(),
    turnId,
    guard: inspect(unread),
    saidHarmless: [],
  };
}

/**
 * One turn answers one person on one proof: in a shared channel, another asker's messages wait for their own turn, and so
 * do unproven ones beside proven ones, which would take the proof of the turn.
 */
function newestAuthors(open: readonly Message[]): readonly Message[] {
  const newest = open.at(-1);
  return open.filter(
    ({ author, identity }) =>
      author.id === newest?.author.id && isProven(identity) === isProven(newest.identity),
  );
}

const isProven = ({ level }: IdentityEvidence): boolean => level >= PROVEN_LEVEL;

/** What is written in this conversation: people who take it over do not take over what waits elsewhere in the case. */
export function messagesHere({ unread, covers }: Pick<TurnContext, "unread" | "covers">) {
  const elsewhere = new Set(covers.flatMap(({ keys }) => keys));
  return unread.filter(({ key }) => !elsewhere.has(key));
}

/** What the customer wrote, with subjects. */
export function customerText(unread: readonly Message[]): string {
  return unread.map(({ subject, text }) => `${subject}\n${text}`).join("\n");
}

/** A step that adds to a plan after it was made: pure but for the log, and independent of the others. */
export type PlanStep = (
  plan: Plan,
  turn: Pick<TurnContext, "context" | "snapshot" | "changes"> & {
    readonly pastEffects: PastEffects;
  },
) => Plan;

/** What was found for the open messages of one conversation. */
export interface PastEffects {
  /** Messages that were answered, with the reference of the answer. */
  readonly answered: readonly { readonly keys: readonly string[]; readonly ref: string }[];
  /** Why people have to continue with the rest; null when nothing is in the way. */
  readonly toPeople: string | null;
}

// The trace of a turn.

/** One record per turn, also for turns that end before a model is asked. */
export function traceRecord(
  { context, snapshot, turnId, guard, startedAt }: TurnContext,
  recorded: {
    readonly requester: BoundRequester;
    /** Null when no model was asked, such as for a blocked or delicate message. */
    readonly result: TurnResult | null;
    readonly outcome: TurnTrace["outcome"];
    readonly reason: string;
    readonly approvalRequired: boolean;
    readonly rules: readonly Decision[];
  },
): TurnTrace {
  const { result } = recorded;
  const now = context.clock.now();
  return {
    request_id: turnId,
    architecture: "customer-support-agent",
    conversation_id: snapshot.state.conversation.id,
    channel: snapshot.state.conversation.channel,
    model: context.agent.modelName,
    policy_version: context.policy.version,
    outcome: recorded.outcome,
    outcome_reason: recorded.reason,
    identity_level: recorded.requester.level,
    ...(recorded.requester.actingLevel === undefined
      ? {}
      : { identity_acting_level: recorded.requester.actingLevel }),
    identity_reason: recorded.requester.reason,
    guard,
    ...measured(result),
    decisions: [...recorded.rules],
    approval_required: recorded.approvalRequired,
    approval_granted: null,
    escalated_to_human: recorded.outcome === "escalated",
    latency_ms: Math.max(0, now.getTime() - startedAt.getTime()),
    started_at: startedAt.toISOString(),
  };
}

function hasDraft({ ending }: TurnResult): boolean {
  return (
    ending.kind === "reply" ||
    ending.kind === "clarify" ||
    (ending.kind === "escalate" && ending.answer !== undefined)
  );
}

function wantsPerson({ ending }: TurnResult): boolean {
  return ending.kind === "escalate" && ending.wantsPerson === true;
}

/** What the agent measured; zeros for a turn that needed no model. */
function measured(result: TurnResult | null) {
  if (result === null)
    return {
      topic: "",
      confidence: 0,
      tools_called: [],
      steps: 0,
      input_tokens: 0,
      output_tokens: 0,
      cost_usd: 0,
      spans: [],
    };
  return {
    topic: result.topic,
    // Confidence is about a draft: an ending without one has none.
    confidence: hasDraft(result) ? result.confidence : 0,
    tools_called: [...result.toolsCalled],
    steps: result.steps,
    input_tokens: result.inputTokens,
    output_tokens: result.outputTokens,
    cost_usd: result.costUsd,
    spans: [...result.spans],
    ...(wantsPerson(result) ? { asked_for_person: true as const } : {}),
  };
}

/** A digest of all that the guard judges of a message: one that reads otherwise is another one. */
export function judgedDigest({
  author,
  subject,
  text,
  segments,
  attachments,
}: Pick<Message, "author" | "subject" | "text" | "segments" | "attachments">): string {
  return digest([
    author.id,
    author.name,
    subject,
    text,
    ...segments.map((segment) => [segment.kind, segment.text]),
    ...attachments.map(({ name }) => name),
  ]);
}

type Judging = Pick<InputGuard, "inspect" | "delicate">;

/**
 * The guard's verdict on messages, each judged by itself. One that was said to be harmless, and reads as it did then, is
 * allowed, and its reasons still stand in the trace; a newer message of the same customer is judged like any other.
 */
export function inspectKnowing(
  guard: Judging,
  messages: readonly Message[],
  said: readonly SaidHarmless[],
): GuardVerdict {
  if (said.length === 0) return inspectAll(guard, messages);
  const others = notSaidHarmless(messages, said);
  const rest = messages.filter((message) => !others.includes(message));
  const harmless = inspectAll(guard, rest);
  const found = inspectAll(guard, others);
  const remarks = harmless.reasons.map((reason) => `${SAID} ${reason}`);
  return { ...found, reasons: [...found.reasons, ...remarks].slice(0, REASONS_MAX) };
}

/** The verdict with a weak sign of something grave as one more doubt: a person decides, and the model may hand over. */
function inspectAll(guard: Judging, messages: readonly Message[]): GuardVerdict {
  const found = guard.inspect(messages);
  const sign = guard.delicate(messages);
  if (sign?.isWeak !== true) return found;
  const reasons = [`the message may be about ${inWords(sign.topic)}: “${sign.words}”`];
  const doubt: GuardVerdict = { verdict: "caution", reasons, isOnScore: true };
  return { ...combined([doubt, found]), mayBe: sign.topic };
}

/** The messages that no teammate said to be harmless as they read now. */
export function notSaidHarmless(
  messages: readonly Message[],
  said: readonly SaidHarmless[],
): readonly Message[] {
  if (said.length === 0) return messages;
  const known = new Set(said.map(({ messageKey, judged }) => `${judged} ${messageKey}`));
  return messages.filter((message) => !known.has(`${judgedDigest(message)} ${message.key}`));
}

const SAID = "a teammate said it is harmless that";
const REASONS_MAX = 8;

// Asks another program about what the guard allowed, where one is configured.

/**
 * Begins to ask for a second opinion on what the guard allowed; null where there is nothing to ask. Secrets, names,
 * addresses and numbers are masked before anything is sent. Nothing waits for it, so one that is away, late or unreadable
 * changes nothing; what still runs ends with the signal.
 */
export function secondOpinionBeside(
  { secondOpinion, guard, log }: Pick<JobContext, "secondOpinion" | "guard" | "log">,
  asked: { readonly messages: readonly Message[]; readonly verdict: GuardVerdict },
  signal: AbortSignal,
): OpinionBeside | null {
  const { messages, verdict } = asked;
  const isOpen = verdict.verdict === "allow" || verdict.isOnScore === true;
  if (secondOpinion === null || !isOpen || messages.length === 0) return null;
  const personal = personalMasker({ messages });
  const masked = (text: string): string => personal(guard.mask(text.slice(0, READ_MAX)));
  // The newest first, since what is long is cut.
  const newest = messages.toReversed();
  const texts = {
    message: newest
      .map(({ subject, text }) => masked(`${subject}\n\n${text}`))
      .join("\n\n")
      .slice(0, MESSAGE_MAX)
      .toWellFormed(),
    others: newest
      .flatMap(({ segments }) => segments)
      .slice(0, OTHERS_MAX)
      .map(({ text }) => masked(text).slice(0, OTHER_MAX).toWellFormed()),
  };
  const said = { verdict };
  const used = nothingUsed();
  withinMs(OPINION_MS, (until) => secondOpinion.about(texts, used, until), signal).then(
    (objection) => {
      if (objection === null) return;
      const reason = `a second opinion (${secondOpinion.name}) ${objection}`;
      said.verdict = { verdict: "caution", reasons: [reason, ...verdict.reasons] };
    },
    (error: unknown) => {
      log.info("the second opinion is done without", { reason: reasonOf(error) });
    },
  );
  return { now: () => said.verdict, used };
}

/** One that takes longer is away. */
const OPINION_MS = 10_000;
/** Masking takes time in proportion to a text. */
const READ_MAX = 10_000;
/** Characters sent of the messages, and of each other text (a prompt shield takes 10,000 in all and five documents). */
const MESSAGE_MAX = 6_000;
const OTHER_MAX = 800;
const OTHERS_MAX = 5;
