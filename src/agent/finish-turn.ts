/** Checks how the model wants to end a turn and builds the turn's result, with days written as people write them. */

import type { DecidedAction, TurnEnding, TurnResult } from "#core/contracts/agent.ts";
import { type Finding, isMendable, type Receipts, UNREAD_LANGUAGE } from "#core/contracts/guard.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { Proposal } from "#core/values/action.ts";
import { withSignedNames } from "#guard/identity/bind-requester.ts";
import { plainText } from "#text/plain-markdown.ts";
import type { AskedEnding } from "#tools/ending-tools.ts";
import { datesIn, epochDay } from "#guard/output/dates.ts";
import { detectedLanguage } from "#guard/languages/detect.ts";
import { unmark } from "./data-marking.ts";
import { ANSWERS_NOTHING, askedHandOver, handOver, isEmptyAnswer, undone } from "./escalation.ts";
import { namedProcedures, procedurePassages } from "./follow-procedures.ts";
import { visibleTokens } from "./span.ts";
import { type AgentParts, type TurnState, turnTopic } from "./turn-state.ts";
import {
  askedBefore,
  type CheckedDraft,
  sourcesOfTurn,
  verifiedInTurn,
  withVerification,
} from "./verify-draft.ts";
import { holdsPrivate } from "./customer-words.ts";

const REPAIRS_MAX = 1;

/** The end of a turn, or the objection with which the model is asked to write its reply once more. */
export type Finished =
  | { readonly kind: "done"; readonly result: TurnResult }
  | { readonly kind: "repair"; readonly objection: string };

/** Checks what the model wants to end with and turns it into the result. */
export async function finish(
  asked: AskedEnding,
  state: TurnState,
  parts: AgentParts,
): Promise<Finished> {
  if (asked.kind === "escalate") return finishHandOver(asked, state, parts);
  state.followed = asked.followed ?? "";
  state.leftOut = unusedHintLine(asked, state, parts);
  const text = readable(asked.text, state);
  if (asked.question && !state.input.mayAsk) {
    const reason = "It is still unclear what is meant after asking back.";
    return done(state, handOver(state, reason, text), { topic: asked.topic });
  }
  const draft = {
    text,
    topic: asked.topic,
    actionsAlone: restsOnActions(text, state, parts),
    asksTeam: null,
    ending: { kind: asked.question ? ("clarify" as const) : ("reply" as const), text },
  };
  const instead: Instead = ({ confidence, wrong, receiptsFound }) => {
    if (asked.question) return null;
    const least = leastConfidence(state);
    if (confidence < least) return handOver(state, uncertainty(confidence, least, wrong), text);
    const isEmpty = isEmptyAnswer({ text, topic: asked.topic, receiptsFound }, state, parts);
    return isEmpty ? handOver(state, ANSWERS_NOTHING, text) : null;
  };
  return finishDraft(draft, instead, state, parts);
}

/** Why an answer is left to people: how certain it is, and what is wrong with it. */
function uncertainty(confidence: number, least: number, wrong: readonly Finding[]): string {
  const figures = `(${confidence.toFixed(2)} of ${least.toFixed(2)})`;
  const why = [...new Set(wrong.map(({ reason }) => reason))].join("; ");
  return `The answer is not certain enough ${figures}${why === "" ? "" : `: ${why}`}.`;
}

/** What a model wrote, as the customer reads it: checked, shown and sent in this form. */
function readable(text: string, { input }: TurnState): string {
  return withWrittenDates(plainText(unmark(text)).trim(), input.language);
}

/**
 * A hand-over with the answer to what is known and to what the turn proposed, which is done before the answer goes out.
 * Without an answer nothing is done. One that is objected to goes to a person, marked, like any reply; one that is too
 * uncertain goes to the team with the rest, and so does any answer about something delicate.
 */
async function finishHandOver(
  asked: Extract<AskedEnding, { kind: "escalate" }>,
  state: TurnState,
  parts: AgentParts,
): Promise<Finished> {
  state.followed = asked.followed ?? "";
  const ending = askedHandOver(state, parts.guard, asked);
  const answer = readable(asked.answer ?? "", state);
  const plain = { ...ending, tried: undone(state, ending.tried, parts.guard.mask(answer)) };
  if (answer === "" || asked.delicate !== null) return done(state, plain);
  const asksTeam = `${ending.reason}\n${ending.summary}`;
  return finishDraft(
    { text: answer, topic: null, actionsAlone: false, asksTeam, ending: { ...ending, answer } },
    ({ confidence }) => (confidence < leastConfidence(state) ? plain : null),
    state,
    parts,
  );
}

/** The ending in place of a draft's own, by what the output check says of it; null where it may stay. */
type Instead = (checked: {
  readonly confidence: number;
  /** The findings that another draft could mend. */
  readonly wrong: readonly Finding[];
  /** Facts of it that were found in results, passages or actions. */
  readonly receiptsFound: number;
}) => TurnEnding | null;

/** Checks a draft, and has it read against its sources where it must be. */
async function finishDraft(
  draft: Omit<CheckedDraft, "findings"> & { readonly text: string; readonly ending: TurnEnding },
  instead: Instead,
  state: TurnState,
  parts: AgentParts,
): Promise<Finished> {
  const { text, ending, ...about } = draft;
  const receipts = { ...turnReceipts(state, parts), escalates: about.asksTeam !== null };
  const { findings, receiptsFound } = parts.output.check(text, receipts);
  const wrong = findings.filter(isMendable);
  const repair = repairFor(wrong, state);
  if (repair !== null) return repair;
  const confidence = replyConfidence(state, receiptsFound, wrong.length);
  const checked = { ...about, findings, confidence };
  const other = instead({ confidence, wrong, receiptsFound });
  if (other !== null || parts.verifier === null) return done(state, other ?? ending, checked);
  const sources = sourcesOfTurn(state, parts, checked);
  const verification = await verifiedInTurn({ text, sources }, checked, state, parts);
  if (verification === null) return done(state, ending, { ...checked, sources });
  const unbacked = verification.state === "read" ? verification.findings : [];
  const read = { ...checked, findings: withVerification(findings, verification) };
  return repairFor(unbacked, state) ?? done(state, ending, { ...read, sources, verification });
}

/** The one chance to mend a draft that something is said against; null where it was used up. */
function repairFor(objections: readonly Finding[], state: TurnState): Finished | null {
  if (objections.length === 0 || state.repairs >= REPAIRS_MAX) return null;
  state.repairs += 1;
  const objection = [
    "The reply was not accepted:",
    ...objections.map(
      ({ words, reason, remedy }) =>
        `- "${words}": ${reason}${remedy === undefined ? "" : `: ${remedy}`}`,
    ),
    "Write it once more and state only what a tool result, a page, the customer or an earlier reply says.",
    ...(state.actions.size === 0
      ? []
      : ["What you proposed stands; propose again only what changes."]),
  ].join("\n");
  return { kind: "repair", objection };
}

/** The result of a turn that ends without a reply to check. */
export function turnResult(
  state: TurnState,
  ending: TurnEnding,
  checked: Partial<CheckedDraft & Pick<TurnResult, "confidence" | "verification" | "sources">> = {},
): TurnResult {
  const answers = ending.kind === "reply" || ending.kind === "clarify";
  // A turn that is handed over without an answer, or interrupted, changes and says nothing.
  const says = answers || "answer" in ending;
  const { verification, sources } = checked;
  return {
    ending,
    topic: turnTopic(state, checked.topic ?? null),
    actions: says ? decidedIn(state) : [],
    denied: [...state.denied.values()],
    passages: [...state.passages.values()],
    ...saidIn(state),
    accountData: state.accountData,
    provenance: [...state.provenance],
    privateData: holdsPrivate(state),
    doubts: state.doubts,
    findings: says ? (checked.findings ?? []) : [],
    confidence: checked.confidence ?? replyConfidence(state, 0, 0),
    actionsAlone: answers && checked.actionsAlone === true,
    toolsCalled: state.toolsCalled,
    toolResults: state.toolResults,
    steps: state.steps,
    inputTokens: state.inputTokens,
    outputTokens: visibleTokens(state),
    costUsd: state.costUsd,
    spans: state.spans,
    ...(verification === undefined ? {} : { verification }),
    ...(sources === undefined ? {} : { sources }),
  };
}

/** One line for the teammate who gave a hint; without a hint there is nothing to leave out. */
function unusedHintLine(
  { leftOut }: Extract<AskedEnding, { kind: "reply" }>,
  { input }: TurnState,
  { guard }: AgentParts,
): string {
  if (input.instruction === undefined) return "";
  return guard
    .mask(unmark(leftOut ?? ""))
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** What the model says of its draft, for the team, and the steps it had before it. */
function saidIn({
  procedures,
  followed,
  leftOut,
}: TurnState): Pick<TurnResult, "procedures" | "procedureSteps" | "leftOut"> {
  return {
    ...(procedures.length === 0
      ? {}
      : {
          procedures: namedProcedures(procedures, followed),
          procedureSteps: procedurePassages(procedures),
        }),
    ...(leftOut === "" ? {} : { leftOut }),
  };
}

/**
 * Actions proposed for doubted messages, or before suspicious text was read, need a person: the same attacker may have led
 * up to them.
 */
function decidedIn(state: TurnState): readonly DecidedAction[] {
  const decided = [...state.actions.values()];
  if (!state.readOnly && !state.isDoubted) return decided;
  return decided.map((action) =>
    action.decision.verdict === "allow" ? { ...action, decision: askedAbout(action) } : action,
  );
}

function askedAbout({ planned }: DecidedAction): Decision {
  return {
    verdict: "ask",
    rule: `${planned.action.operation}.origin`,
    reason: "Something suspicious was read in the same turn, so a person decides.",
    approvers: { count: 1, leads: 0 },
    reservations: [],
  };
}

function done(...given: Parameters<typeof turnResult>): Finished {
  return { kind: "done", result: turnResult(...given) };
}

/**
 * True when the reply passes the check with the actions and the leads' own procedures as its only evidence, without
 * look-ups and pages. What it says in another language than English is for the verifier.
 */
function restsOnActions(text: string, state: TurnState, parts: AgentParts): boolean {
  if (state.actions.size === 0 || state.denied.size > 0 || state.passages.size > 0) return false;
  const receipts = {
    ...turnReceipts(state, parts),
    toolResults: [],
    passages: [...procedurePassages(state.procedures)],
    said: [],
  };
  return parts.output.check(text, receipts).findings.every(({ kind }) => kind === UNREAD_LANGUAGE);
}

function turnReceipts(state: TurnState, parts: AgentParts): Receipts {
  const actions = [...state.actions.values()].map(({ planned }) => planned);
  const proposal: Proposal | null = actions.length === 0 ? null : { actions };
  return {
    toolResults: state.toolResults,
    passages: [...state.passages.values(), ...procedurePassages(state.procedures)],
    proposal,
    asked: state.context.asked,
    askedBefore: askedBefore(state, parts.guard),
    ourNames: [state.input.conversation.brand, state.input.voice.tone],
    requester: withSignedNames(state.input.requester, state.input.unread),
    escalates: false,
    said: state.input.history.flatMap(({ author, visibility, text, sentAt }) =>
      visibility === "public" && (author.kind === "bot" || author.kind === "teammate")
        ? [
            {
              by: author.kind === "bot" ? "us" : "teammate",
              text,
              at: parts.dayOf(new Date(sentAt)),
            },
          ]
        : [],
    ),
    teamNotes: state.input.history
      .filter(({ author, visibility }) => visibility === "internal" && author.kind === "teammate")
      .map(({ text }) => text),
    language: state.input.language,
    forbidden: state.input.voice.forbidden,
    today: parts.dayOf(parts.clock.now()),
  };
}

/** What the policy demands of this turn's reply. */
function leastConfidence(state: TurnState): number {
  const { confidenceMin, pagesMin = 0 } = state.caps;
  const isOnPages = !isAccountBacked(state) && bestPassage(state) !== null;
  return isOnPages ? Math.max(confidenceMin, pagesMin) : confidenceMin;
}

/** True when account data or an action of this turn backs the reply. */
function isAccountBacked({ accountData, actions }: TurnState): boolean {
  return accountData || actions.size > 0;
}

/** Score of the best passage, when the help pages were searched. */
function bestPassage({ passages, toolsCalled }: TurnState): number | null {
  const scores = [...passages.values()].map(({ score }) => score);
  return toolsCalled.includes("search_faq") ? Math.max(0, ...scores) : null;
}

// Computes how certain a turn's reply is, from what the code has seen. The model's own opinion is not part of it.

/** A reply without any look-up rests on the model alone: good enough for a greeting, for little else. */
const WITHOUT_EVIDENCE = 0.7;
const PER_REPAIR = 0.15;
const PER_INVALID_CALL = 0.1;

/** 0 to 1, from the facts of the reply that were found and those that were not. Below the policy's minimum people take over. */
function replyConfidence(state: TurnState, found: number, missing: number): number {
  const facts = found + missing;
  const grounded = facts === 0 ? 1 : found / facts;
  const base = Math.min(grounded, basis(state));
  const penalty = state.repairs * PER_REPAIR + state.invalidCalls * PER_INVALID_CALL;
  return Math.round(Math.max(0, Math.min(1, base - penalty)) * 100) / 100;
}

function basis(state: TurnState): number {
  if (isAccountBacked(state)) return 1;
  // Any look-up counts, even one with "not found".
  return bestPassage(state) ?? (state.toolsCalled.length > 0 ? 1 : WITHOUT_EVIDENCE);
}

// Days as people write them.

/** A day as records have it, by itself: not in an address, an order's number or a time. */
const RECORDED_DAY = /(?<![\w/.=-])\d{4}-\d{2}-\d{2}(?![\w/-]|[.=:]\w)/g;

/**
 * The text with each such day written out, "19 November 2026", in the language of the text; in the customer's where the
 * text is too short to show one. What the output check would not read as the same day stays as it is.
 */
export function withWrittenDates(text: string, customer: string | null): string {
  if (text.search(RECORDED_DAY) < 0) return text;
  const language = detectedLanguage(text) ?? customer ?? "en";
  // Of English the form that no reader takes for another day.
  const form = new Intl.DateTimeFormat(`${language === "en" ? "en-GB" : language}-u-nu-latn`, {
    dateStyle: "long",
    timeZone: "UTC",
  });
  return text.replaceAll(RECORDED_DAY, (recorded) => {
    const at = new Date(recorded);
    if (Number.isNaN(at.getTime())) return recorded;
    const day = epochDay(at);
    const written = form.format(at);
    const isSame = datesIn(written, day).some(({ keys }) => keys.includes(`day:${day}`));
    return isSame ? written : recorded;
  });
}
