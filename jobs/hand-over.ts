import type { PlannedAction } from "#core/action.ts";
import type { Conversation, Message } from "#core/message.ts";
import { handOverAction, replyAction } from "./actions.ts";
import type { Parts } from "./parts.ts";

/** Everything a hand-over is made from, whoever asked for it: the agent, a rule, a teammate's click, a failed effect. */
export interface HandOverRequest {
  readonly conversation: Conversation;
  readonly unread: readonly Message[];
  readonly requester: { readonly name: string; readonly greeted: string | null };
  readonly turnId: string;
  readonly group: "tier2" | "sensitive";
  readonly reason: string;
  readonly summary: string;
  readonly tried: readonly string[];
  /** The operator's sentence to the customer; empty says nothing. */
  readonly words: string;
}

/** First the team, then the word to the customer that depends on it. */
export function handOverPlan(parts: Parts, request: HandOverRequest): readonly PlannedAction[] {
  const { conversation, unread } = request;
  const team = handOverAction({
    conversation,
    group: request.group,
    reason: request.reason,
    summary: request.summary,
    tried: request.tried,
    unread: unread.map((message) => ({ ...message, text: parts.guard.mask(message.text) })),
    requester: { name: request.requester.name, email: mailOf(unread) },
    link: parts.cardLink(request.turnId),
  });
  const told = ownWords(parts, request, request.words, "handover");
  return parts.targets.has("zendesk") ? [team, ...told] : told;
}

/** A sentence of the operator's to the customer, where the channel may speak at all. */
export function ownWords(
  parts: Parts,
  request: Pick<HandOverRequest, "conversation" | "unread" | "requester">,
  words: string,
  place: string,
): readonly PlannedAction[] {
  const { conversation, unread } = request;
  const to = unread.at(-1)?.answerTo ?? null;
  if (to === null || words === "") return [];
  if (parts.policy.replyAutonomy(conversation.channel, "") === "shadow") return [];
  const text = parts.policy.sign(words, {
    channel: conversation.channel,
    name: request.requester.greeted,
    automatic: true,
  });
  const answers = unread.map((message) => message.key);
  return [replyAction({ conversation, to, text, answers, automatic: true, place })];
}

function mailOf(unread: readonly Message[]): string | null {
  const handle = unread.at(-1)?.identity.handle;
  return handle?.kind === "email" ? handle.email : null;
}
