/** Plans that end in a card: a proposal to approve, a shadow notice, or a blocked message. */

import { ReplyArguments } from "#core/values/action.ts";
import { type Card, plainFlag, type Flag } from "#core/contracts/approval-desk.ts";
import { unansweredNumber } from "#core/cases/same-case.ts";
import type { Message } from "#core/values/message.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import { type Approvers, calendarDay } from "#core/contracts/policy.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import { needsWithinLimits } from "#jobs/approval/ballot.ts";
import { cardCase, othersOrders } from "#jobs/approval/card-orders.ts";
import { openIn } from "#jobs/cases/facts.ts";
import { largestAmount } from "#jobs/approval/card-content.ts";
import { closedNotice, closedText } from "#jobs/handoff/messages.ts";
import { citationsFrom, readingFlag } from "#jobs/approval/card-flags.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import {
  EMPTY_PLAN,
  messageKeyList,
  type Plan,
  type PlannedCard,
  unconditional,
} from "#jobs/plan/plan.ts";
import { type Bundle, doubtedPages, readsOthers, bundleActions } from "./compose-proposal.ts";
import { conversationAfter } from "#jobs/conversation/changes.ts";
import { statableReason } from "#jobs/conversation/snapshot.ts";
import { traceRecord, type TurnContext } from "#jobs/conversation/turn-context.ts";
import { pageName } from "#core/values/words.ts";
import { languageName } from "#guard/output/unsayable.ts";
import type { Citation } from "#core/values/card-context.ts";

/** What every card says, whatever it asks, and its channel on the desk. */
function commonContent(
  known: TurnContext,
  about: {
    readonly topic: string;
    readonly actions: Bundle["actions"];
    readonly toolResults: TurnResult["toolResults"];
    /** Text of the reply; empty for none. */
    readonly draft: string;
  },
) {
  const { context, snapshot, changes, unread, guard, turnId } = known;
  const conversation = conversationAfter(snapshot, changes);
  const actions = about.actions.map(({ planned }) => planned);
  return {
    topic: about.topic,
    case: cardCase({
      unread,
      toolResults: about.toolResults,
      actions,
      draft: about.draft,
      isImportant: context.guard.delicate(unread)?.topic === "vip",
    }),
    zone: context.policy.digest.zone,
    namesInNotifications: context.policy.cards.namesInNotifications,
    conversation,
    unread,
    guard,
    deskChannel: context.policy.deskChannelOf({
      channel: conversation.channel,
      brand: conversation.brand,
      topic: about.topic,
      language: context.guard.languageOf(unread),
      amount: largestAmount(actions),
    }),
    reach: changes.participants.reach,
    due: changes.due,
    messageNumber: unansweredNumber([...historyWithoutOthers(known), ...known.earlier], unread),
    model: context.agent.modelName,
    isRehearsal: context.agent.isRehearsal,
    turnId,
    mask: (text: string) => context.guard.mask(text),
  };
}

/** What was said in this conversation, without what other people than the one who is answered wrote in it. */
function historyWithoutOthers({ changes, unread }: TurnContext): readonly Message[] {
  const author = unread.at(-1)?.author.id;
  return changes.history.filter(
    (message) =>
      message.author.kind !== "requester" ||
      (message.author.id === author && message.ignore === null),
  );
}

function approversNeeded({ policy }: JobContext, { needs, actions }: Bundle): Approvers {
  return needsWithinLimits(policy, needs, { actions: actions.map(({ planned }) => planned) });
}

/** A card with the bundle to decide on, in the team's language too; on a shadow channel it is a notice only. */
export async function planApproval(
  known: TurnContext,
  requester: BoundRequester,
  drafted: {
    readonly result: TurnResult;
    readonly bundle: Bundle;
    readonly clarified: boolean;
    readonly lost: AbortSignal;
  },
): Promise<Plan> {
  const { context, snapshot, unread } = known;
  const { bundle, clarified } = drafted;
  const { result, translation, untranslated } = await translateForTeam(known, drafted);
  const shadow = bundle.verdict === "shadow";
  const elsewhere = snapshot.caseOthers.flatMap(openIn);
  const at = context.clock.now();
  const expiresAt = context.policy.expiresAt(at);
  const theirs = await othersOrders(known, requester, { result, lost: drafted.lost });
  const short = shadow ? null : context.policy.shortOfPeople(approversNeeded(context, bundle), at);
  const reason = shadow ? "shadow: people answer" : "waits for approval";
  return {
    ...EMPTY_PLAN,
    ...(shadow ? {} : tellClosed(known, requester, result.topic)),
    outcomes: shadow ? [{ keys: messageKeyList(unread), outcome: "escalated", reason }] : [],
    card: {
      content: {
        ...commonContent(known, {
          topic: result.topic,
          actions: bundle.actions,
          toolResults: result.toolResults,
          draft: replyText(bundle),
        }),
        kind: shadow ? "notice" : "proposal",
        requester,
        actions: bundle.actions,
        reply: bundle.replies[0] ?? null,
        passages: result.passages,
        citations: withDoubts(replyCitations(context, result, bundle), result),
        procedures: result.procedures,
        findings: result.findings,
        needs: bundle.needs,
        translation,
        remarks: remarksOn(result, bundle, { untranslated, theirs }),
        expiresAt: shadow ? null : expiresAt,
        ...(elsewhere.length === 0 ? {} : { seenElsewhere: elsewhere.map(({ key }) => key) }),
      },
      proposal: {
        actions: [...bundleActions(bundle)],
      },
      unread: shadow ? null : draftToRead(known, requester, result),
      rules: bundle.rules,
      needs: bundle.needs,
      short,
      answers: messageKeyList(unread),
      expiresAt,
    },
    trace: traceRecord(known, {
      requester,
      result,
      outcome: shadow ? "escalated" : "pending",
      reason,
      approvalRequired: !shadow,
      rules: [...bundle.rules, ...result.denied.map(({ decision }) => decision)],
    }),
    clarified,
  };
}

/** A draft that no turn had to wait for is read once its card is posted. */
function draftToRead(
  { context, snapshot, turnId }: TurnContext,
  { name }: BoundRequester,
  turn: TurnResult,
): PlannedCard["unread"] {
  const { ending, sources, verification } = turn;
  const { id, channel } = snapshot.state.conversation;
  const text = ending.kind === "escalate" ? ending.answer : "text" in ending ? ending.text : "";
  if (sources === undefined || verification !== undefined || text === undefined || text === "")
    return null;
  if (context.policy.verifyOn(channel) === "never") return null;
  return { conversationId: id, turnId, text, sources, customer: name, turn };
}

const OTHERS_REMARK =
  "It waits for you because the bot read what others wrote (an attachment, a mail sent on, another system) beside customer data";

/** What a person should know of the draft besides what it is marked with. */
function remarksOn(
  result: TurnResult,
  { replies }: Bundle,
  {
    untranslated,
    theirs,
  }: { readonly untranslated: string | null; readonly theirs: readonly string[] },
): readonly Flag[] {
  const { verification, leftOut, passages } = result;
  const before = [
    ...theirs,
    ...(readsOthers(result) ? [OTHERS_REMARK] : []),
    ...(result.doubts ?? []).map((reason) => `⚠️ The guard doubted something it read: ${reason}`),
    ...(leftOut === undefined ? [] : [`Left out of the hint: ${leftOut}`]),
    ...doubtedPages({ passages }).map(
      ({ title, doubt = "" }) => `⚠️ The page “${title}” is in doubt: ${doubt}`,
    ),
  ];
  const after = [
    ...(untranslated === null ? [] : [untranslated]),
    ...(replies.length > 1 ? ["In the shared place only: the answer is there."] : []),
  ];
  const read = verification === undefined ? [] : [readingFlag(verification)];
  return [...before.map(plainFlag), ...read, ...after.map(plainFlag)];
}

/** Citations for the reply that goes out first, signature included. */
function replyCitations(
  { output, policy, clock }: JobContext,
  { toolResults, passages, procedureSteps = [], verification }: TurnResult,
  { actions, replies }: Bundle,
): readonly Citation[] {
  const text = replyText({ replies });
  if (text === "") return [];
  const quoted = verification === undefined ? [] : citationsFrom(verification);
  if (quoted.length > 0) return quoted;
  return output.citations(text, {
    toolResults,
    passages,
    procedureSteps,
    proposal: actions.length === 0 ? null : { actions: actions.map(({ planned }) => planned) },
    today: calendarDay(policy, clock.now()),
  });
}

const SOURCE_MAX = 400;

/** The citation of a page that is in doubt says so, where the teammate looks for what the draft rests on. */
function withDoubts(
  citations: readonly Citation[],
  result: Pick<TurnResult, "passages">,
): readonly Citation[] {
  const doubted = doubtedPages(result);
  return citations.map((citation) => {
    const { source } = citation;
    // A long name is cut in a citation.
    const page = doubted.find((one) => pageName(one).startsWith(source));
    if (page === undefined) return citation;
    return { ...citation, source: `${source}, in doubt: ${page.doubt}`.slice(0, SOURCE_MAX) };
  });
}

/** The text of the reply that goes out first; empty for none. */
function replyText({ replies: [reply] }: Pick<Bundle, "replies">): string {
  return reply === undefined ? "" : ReplyArguments.parse(reply.action.arguments).text;
}

/** Tells a customer who waits for a card when the team is back, once per closed period. */
function tellClosed(
  known: TurnContext,
  requester: BoundRequester,
  topic: string,
): Pick<Plan, "bundles" | "closedNoticeUntil"> {
  const { context, snapshot, changes } = known;
  const closed = closedNotice(
    context.policy,
    snapshot.state.closedNoticeUntil,
    context.clock.now(),
    { language: context.guard.languageOf(known.unread), place: snapshot.state.conversation },
  );
  if (closed === null) return { bundles: [], closedNoticeUntil: null };
  const told = closedText(
    context,
    {
      conversation: conversationAfter(snapshot, changes),
      unread: statableReason(known),
      requester: { name: requester.name ?? "", greeted: requester.name },
      topic,
    },
    closed,
  );
  return told.length === 0
    ? { bundles: [], closedNoticeUntil: null }
    : { bundles: [unconditional(told)], closedNoticeUntil: closed.period };
}

const STOPPED_REMARK =
  "Stopped before planning: no tool was called, no draft was made. “Harmless” has it planned after all.";

/**
 * A blocked message is never planned on: no tool is called, the card names its author, and a person looks. The author
 * hears nothing before that, not even the closed notice.
 */
export function planBlocked(known: TurnContext, requester: BoundRequester): Plan {
  const { context, unread, guard } = known;
  const expiresAt = context.policy.expiresAt(context.clock.now());
  const needs = { count: 1, leads: 0 };
  return {
    ...EMPTY_PLAN,
    card: {
      content: {
        ...commonContent(known, { topic: "", actions: [], toolResults: [], draft: "" }),
        kind: "blocked",
        requester,
        actions: [],
        reply: null,
        passages: [],
        citations: [],
        findings: [],
        needs,
        // A message the guard has stopped is never shown to a model.
        translation: null,
        remarks: [plainFlag(STOPPED_REMARK)],
        expiresAt,
      },
      proposal: null,
      unread: null,
      rules: [],
      needs,
      short: null,
      answers: messageKeyList(unread),
      expiresAt,
    },
    trace: traceRecord(known, {
      requester,
      result: null,
      outcome: "pending",
      reason: `blocked: ${guard.reasons.join("; ")}`,
      approvalRequired: true,
      rules: [],
    }),
  };
}

// Translates request and draft into the team's language for the card.

/**
 * Translates request and draft when people have to decide and the customer's language is none of the team's. Notices
 * and automatic answers are not worth a model call.
 */
async function translateForTeam(
  { context, unread, startedAt }: TurnContext,
  turn: { readonly result: TurnResult; readonly bundle: Bundle; readonly lost: AbortSignal },
): Promise<{
  /** The turn's result with the cost of the translation. */
  readonly result: TurnResult;
  readonly translation: Card["translation"];
  /** Why a wanted translation is missing, as a sentence; null otherwise. */
  readonly untranslated: string | null;
}> {
  const { result, bundle, lost } = turn;
  const untouched = { result, translation: null, untranslated: null };
  const [own] = context.policy.teamLanguages;
  const language = context.guard.languageOf(unread);
  if (own === undefined || language === null || bundle.verdict !== "ask") return untouched;
  if (context.policy.teamLanguages.includes(language)) return untouched;
  const [reply] = bundle.replies;
  const from = languageName(language);
  const into = languageName(own);
  const words = {
    asked: unread.map(({ text }) => context.guard.mask(text)).join("\n\n"),
    draft: reply === undefined ? "" : ReplyArguments.parse(reply.action.arguments).text,
    from,
    into,
    startedAt,
    signal: lost,
  };
  const told = await context.agent.translate(words, result);
  if ("missing" in told.words)
    return {
      result: told.result,
      translation: null,
      untranslated: `Written in ${from}; ${told.words.missing}`,
    };
  const translation = { into, by: context.agent.modelName, ...told.words };
  return { result: told.result, translation, untranslated: null };
}
