import { HELPDESK } from "#core/values/channel-traits.ts";
import { replyKey, type PlannedAction, type Taker } from "#core/values/action.ts";
import type { Conversation, Message } from "#core/values/message.ts";
import { languageOr, maskOr } from "#core/values/thrown.ts";
import { handOverAction, replyAction } from "#jobs/plan/own-actions.ts";
import type { ClosedNotice } from "#jobs/plan/closed-notice.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** Whom the operator's own words go to, and where. */
export interface Addressee {
  readonly conversation: Conversation;
  readonly unread: readonly Message[];
  readonly requester: { readonly name: string; readonly greeted: string | null };
  /** What it is about, as far as that decides whether anything may be said at all; empty when nobody knows. */
  readonly topic: string;
}

/** Everything a hand-over is made from, whoever asked for it: the agent, a rule, a teammate's click, a failed effect. */
export interface HandOverRequest extends Addressee {
  readonly turnId: string;
  readonly group: "tier2" | "sensitive";
  readonly reason: string;
  readonly summary: string;
  readonly tried: readonly string[];
  /** The operator's sentence to the customer; empty says nothing. */
  readonly words: string;
  /** What the customer has to know beside it while nobody is there. */
  readonly closed: ClosedNotice | null;
  /** How far it is known who they are, in words; empty when nobody looked. */
  readonly identity: string;
  /** True for what must not wait behind the rest. */
  readonly urgent: boolean;
  /** Where people worked on this conversation before, by its external id; null the first time. */
  readonly linked: string | null;
  /** The teammate who takes it by name; left out when it is for the group. */
  readonly taker?: Taker | undefined;
}

const REASON_MAX = 200;

/** Stands for words that could not be masked. */
const WITHHELD = "[These words could not be masked, so they are shown only where they came in.]";

/** First the team, then the word to the customer that depends on it: one message, also while nobody is there. */
export function handOverPlan(
  context: JobContext,
  request: HandOverRequest,
): readonly PlannedAction[] {
  const { conversation, unread, words, closed } = request;
  const team = handOverAction({
    conversation,
    group: request.group,
    reason: request.reason,
    summary: request.summary,
    tried: request.tried,
    unread: unread.map((message) => ({
      ...message,
      text: maskOr(context.guard, message.text, WITHHELD),
    })),
    requester: { name: request.requester.name, email: mailOf(unread) },
    link: context.cardLink(request.turnId),
    identity: request.identity,
    triage: {
      intent: request.topic === "" ? null : request.topic,
      language: languageOr(context.guard, unread),
      priority: request.urgent ? "urgent" : null,
      // A reason may quote the customer, whose words are no value of a field.
      reason: request.reason.replaceAll(/\s*\(“[^”]*”\)/g, "").slice(0, REASON_MAX),
    },
    linked: request.linked,
    taker: request.taker ?? null,
  });
  const told =
    words === "" && closed !== null
      ? closedText(context, request, closed)
      : ownWords(context, request, {
          text: closed === null ? words : `${words} ${closed.text}`,
          place: "handover",
          answers: unread.map((message) => message.key),
          offersPerson: false,
        });
  return context.targets.has(HELPDESK) ? [team, ...told] : told;
}

/** True when the customer is told something by these actions. */
export function tellsCustomer(actions: readonly PlannedAction[]): boolean {
  return actions.some(({ action }) => action.operation === "reply");
}

/** That nobody is there, and until when. Its key is the closed time's, so that one conversation is told of it once. */
export function closedText(
  context: JobContext,
  addressee: Addressee,
  closed: ClosedNotice,
): readonly PlannedAction[] {
  return ownWords(context, addressee, {
    text: closed.text,
    place: `closed:${closed.period.toISOString()}`,
    answers: [],
    offersPerson: false,
  });
}

const UNAVAILABLE = "unavailable";

/** That something cannot be looked up right now. It belongs to these messages, but they stay open. */
export function unavailableText(
  context: JobContext,
  addressee: Addressee,
): readonly PlannedAction[] {
  return ownWords(context, addressee, {
    text: context.policy.texts.unavailable,
    place: UNAVAILABLE,
    answers: addressee.unread.map((message) => message.key),
    offersPerson: true,
  });
}

/** True for a word that only says that nothing can be looked up right now: what it is about still wants its answer. */
export function isUnavailableText(
  effect: { readonly key: string; readonly conversationId: string },
  answers: readonly string[],
): boolean {
  return effect.key === replyKey(effect.conversationId, answers, UNAVAILABLE);
}

/** A sentence of the operator's to the customer, where the channel may speak at all. */
function ownWords(
  { policy }: JobContext,
  { conversation, unread, requester, topic }: Addressee,
  words: {
    readonly text: string;
    readonly place: string;
    readonly answers: readonly string[];
    /** Whoever is told that a person takes over need not be offered one. It is marked as automatic all the same. */
    readonly offersPerson: boolean;
  },
): readonly PlannedAction[] {
  const { channel, brand } = conversation;
  const to = unread.at(-1)?.answerTo ?? null;
  if (to === null || words.text === "" || policy.replyAutonomy(channel, topic) === "shadow")
    return [];
  const text = policy.sign(words.text, {
    channel,
    brand,
    name: requester.greeted,
    automatic: words.offersPerson,
  });
  const { answers, place } = words;
  return [replyAction({ conversation, to, text, answers, automatic: true, place })];
}

function mailOf(unread: readonly Message[]): string | null {
  const handle = unread.at(-1)?.identity.handle;
  return handle?.kind === "email" ? handle.email : null;
}
