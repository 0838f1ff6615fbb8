import type { PlannedAction } from "#core/action.ts";
import type { Message } from "#core/message.ts";
import type { Approvers, Decision, Policy } from "#core/policy.ts";
import type { DecidedAction, TurnResult } from "#core/turn.ts";
import { replyAction } from "./actions.ts";
import type { Conversation } from "#core/message.ts";

/** The bundle a turn ends with, and who has to say yes to it. */
export interface Bundle {
  readonly actions: readonly DecidedAction[];
  readonly replies: readonly PlannedAction[];
  readonly verdict: "allow" | "ask" | "shadow";
  readonly needs: Approvers;
  readonly rules: readonly Decision[];
}

/**
 * Puts the decided actions and the reply that depends on them into one ordered bundle and decides on it as a whole:
 * one asked action makes the bundle ask. A reply to actions that policy approved inherits their verdict; any other
 * goes by the channel's autonomy, and only when nothing was found to object to.
 */
export function composeBundle(options: {
  readonly conversation: Conversation;
  readonly unread: readonly Message[];
  readonly result: TurnResult;
  readonly text: string;
  readonly name: string | null;
  readonly policy: Policy;
}): Bundle {
  const { conversation, result, policy } = options;
  const autonomy = policy.replyAutonomy(conversation.channel, result.topic);
  const asked = result.actions.filter(({ decision }) => decision.verdict === "ask");
  const clean = result.findings.length === 0;
  const inherits = result.actions.length > 0 && asked.length === 0 && clean;
  const mayGoAlone = autonomy === "auto" && clean && result.confidence >= policy.caps.confidenceMin;
  const verdict =
    autonomy === "shadow"
      ? "shadow"
      : asked.length === 0 && (inherits || (mayGoAlone && result.actions.length === 0))
        ? "allow"
        : "ask";
  const replyRule: Decision = {
    verdict: verdict === "allow" ? "allow" : "ask",
    rule: inherits ? "reply.inherits" : `reply.${conversation.channel}.${autonomy}`,
    reason: inherits
      ? "the reply says only what policy-approved actions did"
      : clean
        ? `replies on ${conversation.channel} are ${autonomy}`
        : "the output check objected",
    approvers: verdict === "allow" ? { count: 0, leads: 0 } : { count: 1, leads: 0 },
    reservations: [],
  };
  const rules = [...result.actions.map(({ decision }) => decision), replyRule];
  return {
    actions: result.actions,
    replies: repliesOf(options, verdict === "allow"),
    verdict,
    needs: {
      count: Math.max(...rules.map((rule) => rule.approvers.count), verdict === "allow" ? 0 : 1),
      leads: Math.max(...rules.map((rule) => rule.approvers.leads)),
    },
    rules,
  };
}

/**
 * One reply, or in a shared place two when the answer holds account data: the answer to the asker alone, and a word in
 * the shared place that it is there.
 */
function repliesOf(
  options: Parameters<typeof composeBundle>[0],
  automatic: boolean,
): readonly PlannedAction[] {
  const { conversation, unread, result, text, name, policy } = options;
  const newest = unread.at(-1);
  if (newest?.answerTo === null || newest === undefined) return [];
  const answers = unread.map((message) => message.key);
  const sign = (words: string): string =>
    policy.sign(words, { channel: conversation.channel, name, automatic });
  const common = { conversation, answers, automatic };
  if (
    newest.answerTo.audience === "shared" &&
    result.accountData &&
    newest.answerPrivatelyTo !== null
  )
    return [
      replyAction({ ...common, to: newest.answerPrivatelyTo, text: sign(text), place: "private" }),
      replyAction({ ...common, to: newest.answerTo, text: sign(policy.texts.answeredPrivately) }),
    ];
  return [replyAction({ ...common, to: newest.answerTo, text: sign(text) })];
}
