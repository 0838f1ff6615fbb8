/** Puts actions and reply of a turn into one bundle and decides who has to approve it. */
import type { PlannedAction } from "#core/values/action.ts";
import { CHANNEL_TRAITS, type ChannelName } from "#core/values/vocabulary.ts";
import { UNLISTED_CONTACT } from "#core/contracts/guard.ts";
import type { Passage } from "#core/contracts/knowledge.ts";
import type { Conversation } from "#core/values/message.ts";
import type { Approvers, Decision, Policy } from "#core/contracts/policy.ts";
import type { DecidedAction, TurnResult } from "#core/contracts/agent.ts";
import { replyAction } from "#jobs/plan/own-actions.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import { conversationAfter } from "#jobs/conversation/changes.ts";
import { isFromCustomer } from "#jobs/conversation/snapshot.ts";
import type { TurnContext } from "#jobs/conversation/turn-context.ts";
import { bundleApprovers } from "#jobs/approval/seal.ts";
import { turnWarnings } from "#jobs/approval/card-flags.ts";
import { detectedLanguage } from "#guard/languages/detect.ts";
import { codesLast } from "#jobs/identity/one-time-codes.ts";

/** The bundle a turn ends with, and who has to approve it. */
export interface Bundle {
  readonly actions: readonly DecidedAction[];
  readonly replies: readonly PlannedAction[];
  readonly verdict: "allow" | "ask" | "shadow";
  readonly needs: Approvers;
  readonly rules: readonly Decision[];
}

/**
 * Puts the turn's decided actions and the reply that depends on them into one ordered bundle and decides on the whole:
 * one asked action makes the bundle ask. A reply to policy-approved actions inherits their verdict; any other follows
 * the channel's autonomy, and only when the output check found nothing.
 */
export function bundleOfTurn(
  known: TurnContext,
  { name }: Pick<BoundRequester, "name">,
  result: TurnResult,
  text: string,
): Bundle {
  const { context, snapshot, changes, unread, covers } = known;
  const conversation = conversationAfter(snapshot, changes);
  const { verdict, rule } = verdictOn({
    conversation,
    result,
    policy: context.policy,
    byCustomer: isFromCustomer(changes.participants.customer, unread),
    hasWaited:
      unread.some(({ key }) => snapshot.waitedKeys.has(key)) ||
      covers.some(({ pending }) => pending !== null),
    warnings: turnWarnings({ unread, guard: known.guard, result, draft: text }),
    verifies: context.agent.verifies,
    alsoAnswers: covers.map(({ conversation: { channel } }) => channel),
  });
  const automatic = verdict === "allow";
  const rules = [...result.actions.map(({ decision }) => decision), rule];
  return {
    actions: result.actions,
    replies: composedReplies(known, { conversation, result, text, name, automatic }),
    verdict,
    needs: bundleApprovers(rules, automatic ? 0 : 1),
    rules,
  };
}

/** What a bundle does, in order: its replies behind its actions, and codes last. */
export function bundleActions({ actions, replies }: Bundle): readonly PlannedAction[] {
  const all = [...actions.map(({ planned }) => planned), ...replies];
  return codesLast(all, (planned) => planned);
}

interface Weighed {
  readonly conversation: Pick<Conversation, "channel">;
  readonly result: TurnResult;
  readonly policy: Pick<Policy, "replyAutonomy" | "caps" | "verifyOn">;
  /** False when the writer is not the customer of the conversation. */
  readonly byCustomer: boolean;
  /** True when an answer to one of these messages waited for people before: a change of the policy does not send it. */
  readonly hasWaited: boolean;
  /** What the team is warned of. */
  readonly warnings: readonly string[];
  /** Channels of other conversations of the case that this answers as well. */
  readonly alsoAnswers: readonly ChannelName[];
  /** True where a model is configured that reads drafts against their sources. */
  readonly verifies: boolean;
}

/** The passages the model had before it that another page contradicts, or whose source is gone. */
export function doubtedPages({ passages }: Pick<TurnResult, "passages">): readonly Passage[] {
  return passages.filter(({ doubt }) => doubt !== undefined);
}

/**
 * True when text of others stood before the model beside a customer's data. It could steer the model, so such a turn does
 * nothing outside by itself.
 */
export function readsOthers(result: Pick<TurnResult, "privateData" | "provenance">): boolean {
  return result.privateData && result.provenance.includes("third_party");
}

/** Why a person has to see the text itself, whatever the policy leaves to the bot; null where nothing speaks against it. */
function objectionTo({
  result,
  hasWaited,
  warnings: [warning],
}: Pick<Weighed, "result" | "hasWaited" | "warnings">): string | null {
  if (hasWaited) return "an answer to this waited for a person before";
  if (readsOthers(result)) return "it read what others wrote beside a customer's data";
  if (result.ending.kind === "escalate" && result.actions.length > 0)
    return "people take the rest of it over";
  if (doubtedPages(result).length > 0) return "a page it may rest on is in doubt";
  const contact = result.findings.find(({ kind }) => kind === UNLISTED_CONTACT);
  if (contact !== undefined)
    return `it names ${contact.words}, which the policy does not list under contacts`.slice(0, 290);
  if (result.findings.length > 0) return "the output check objected";
  if (warning !== undefined) return `a person looks first: ${warning}`.slice(0, 290);
  return (result.doubts ?? []).length > 0 ? "the guard doubted something it read" : null;
}

/** Who may approve the reply, and the rule that card and trace give as the reason. */
export function verdictOn(weighed: Weighed): {
  readonly verdict: Bundle["verdict"];
  readonly rule: Decision;
} {
  const { conversation, result, policy } = weighed;
  const { channel } = conversation;
  const autonomy = policy.replyAutonomy(channel, result.topic);
  const name = `reply.${channel}.${autonomy}`;
  if (autonomy === "shadow")
    return { verdict: "shadow", rule: replyRule("ask", name, `${channel} only shadows`) };
  const asked = whyAsked(weighed);
  if (asked !== null) return { verdict: "ask", rule: replyRule("ask", name, asked) };
  if (result.actionsAlone) {
    const reason = "it says only what policy-approved actions did";
    return { verdict: "allow", rule: replyRule("allow", "reply.inherits", reason) };
  }
  const isFree = autonomy === "auto" && result.confidence >= policy.caps.confidenceMin;
  const verdict = isFree ? "allow" : "ask";
  return { verdict, rule: replyRule(verdict, name, `replies on ${channel} are ${autonomy}`) };
}

function replyRule(verdict: "allow" | "ask", rule: string, reason: string): Decision {
  const approvers = { count: verdict === "allow" ? 0 : 1, leads: 0 };
  return { verdict, rule, reason, approvers, reservations: [] };
}

/** Why people decide on a reply, however freely its channel answers; null where nothing asks for them. */
function whyAsked(weighed: Weighed): string | null {
  const { conversation, result, policy, byCustomer, alsoAnswers, verifies } = weighed;
  if (!byCustomer) return "a person other than the customer wrote";
  const stricter = alsoAnswers.find((each) => policy.replyAutonomy(each, result.topic) !== "auto");
  if (stricter !== undefined) return `it also answers on ${stricter}, where people decide`;
  const objection = objectionTo(weighed);
  if (objection !== null) return objection;
  if (result.actions.some(({ decision }) => decision.verdict === "ask"))
    return "it goes out with what is asked here";
  return verifies ? whyUnread(result, policy, [conversation.channel, ...alsoAnswers]) : null;
}

/**
 * Why a reply may not go out without a person: policy wants it read against its sources, and it was not. Null when it was
 * read, or when every channel it answers on does without.
 */
function whyUnread(
  { verification }: TurnResult,
  policy: Pick<Policy, "verifyOn">,
  channels: readonly ChannelName[],
): string | null {
  if (verification?.state === "read") return null;
  if (channels.every((each) => policy.verifyOn(each) === "never")) return null;
  return `it was not read against its sources${verification === undefined ? "" : `: ${verification.reason}`}`;
}

/**
 * One reply; in a shared channel two when the answer holds account data: the answer to the asker alone, and a notice in
 * the shared channel that it is there.
 */
function composedReplies(
  { context: { policy, guard }, changes: { history }, unread }: TurnContext,
  drafted: {
    readonly conversation: Conversation;
    readonly result: TurnResult;
    readonly text: string;
    readonly name: string | null;
    readonly automatic: boolean;
  },
): readonly PlannedAction[] {
  const { conversation, result, text, name, automatic } = drafted;
  // Null when it is not known.
  const theirs = guard.languageOf(unread);
  const newest = unread.at(-1);
  if (newest?.answerTo === null || newest === undefined) return [];
  const answers = unread.map((message) => message.key);
  const { channel, brand } = conversation;
  const above = CHANNEL_TRAITS[channel].isOneThread
    ? history.filter(({ author }) => author.kind === "bot").map((message) => message.text)
    : [];
  // Greeting and signature are in the language of what stands between them.
  const answered = detectedLanguage(text) ?? theirs;
  const sign = (words: string, language: string | null): string =>
    policy.sign(words, { channel, brand, name, automatic, above, language });
  const common = { conversation, answers, automatic };
  const linked = withAddresses(text, result);
  if (
    newest.answerTo.audience === "shared" &&
    result.accountData &&
    newest.answerPrivatelyTo !== null
  )
    return [
      replyAction({
        ...common,
        to: newest.answerPrivatelyTo,
        text: sign(linked, answered),
        place: "private",
      }),
      replyAction({
        ...common,
        to: newest.answerTo,
        text: sign(policy.textsIn(theirs, conversation).answeredPrivately, theirs),
      }),
    ];
  return [replyAction({ ...common, to: newest.answerTo, text: sign(linked, answered) })];
}

/** A text names pages as models do, "(see Returns)"; below it stands where they are, for those that have an address. */
function withAddresses(text: string, { passages }: Pick<TurnResult, "passages">): string {
  // Of "International delivery" and "delivery" the longer title is the one meant.
  const byLength = passages.toSorted((a, b) => b.title.length - a.title.length);
  const named = [...text.matchAll(/\(([^()\n]{1,300})\)/g)].flatMap(
    ([, words = ""]) => byLength.find(({ title }) => title !== "" && words.endsWith(title)) ?? [],
  );
  const pages = named.filter(({ url }) => /^https?:/.test(url) && !text.includes(url));
  const lines = [...new Set(pages.map(({ title, url }) => `${title}: ${url}`))];
  return lines.length === 0 ? text : `${text}\n\n${lines.join("\n")}`;
}
