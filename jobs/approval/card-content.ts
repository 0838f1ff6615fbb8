/** Composes the content of a card from what a turn knows. */

import { type Message, calledBy } from "#core/values/message.ts";
import { amountMoved, type PlannedAction, ReplyArguments } from "#core/values/action.ts";
import type { Button, Card } from "#core/contracts/approval-desk.ts";
import { NO_CARD_CONTEXT, type SenderStanding } from "#core/values/card-context.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { Passage } from "#core/contracts/knowledge.ts";
import type { Money } from "#core/values/money.ts";
import type { Approvers, Decision } from "#core/contracts/policy.ts";
import { cardFlags } from "./card-flags.ts";
import { firstSent } from "./card-orders.ts";
import { attachedFilesText, cardHeadline, markedPassages } from "./card-lines.ts";
import { pageName } from "#core/values/words.ts";
import type { CardContent } from "#jobs/plan/planned-card.ts";

/** Composes the card. Pure, so the console and Slack show the same. */
export function composeCard(content: CardContent): Card {
  const newest = content.unread.at(-1);
  const { headline, withoutName } = cardHeadline({
    kind: content.kind,
    actions: content.actions.map(({ planned }) => planned),
    orders: content.case.orders,
    topic: content.topic,
    page: content.passages[0]?.title ?? "",
    who: nameIn(content.requester, newest),
  });
  return {
    approvalId: content.approvalId,
    version: content.version,
    kind: content.kind,
    deskChannel: content.deskChannel,
    state: content.kind === "notice" ? "closed" : "pending",
    headline,
    notification: content.namesInNotifications ? "" : withoutName,
    zone: content.zone,
    status: null,
    closing: content.kind === "notice" ? "Shown only: people answer this." : "",
    requester: requesterOnCard(content, newest),
    channel: content.conversation.channel,
    conversationLabel: [content.conversation.subject, calledBy(content.conversation)]
      .filter((part) => part !== "")
      .join(" · "),
    context: contextOnCard(content),
    asked: content.unread.map((message) => content.mask(message.text)).join("\n\n"),
    changes: [...content.changes],
    edits: [],
    actions: content.actions.map(({ planned, decision }) => actionOnCard(planned, decision)),
    draft: draftOnCard(content),
    translation: content.translation,
    ...(content.passesOn === undefined ? {} : { passesOn: content.passesOn }),
    flags: cardFlags(content),
    progress: approvalProgress(content.needs, 0, 0),
    expiresAt: content.expiresAt?.toISOString() ?? null,
    buttons: offeredButtons(content.kind),
    approveLabel: content.actions.length === 0 ? "Send" : "Approve",
    confirm: confirmQuestion(content, newest),
    model: draftModelName(content),
    traceId: content.turnId,
  };
}

/** An action as a card shows it, with the rule it rests on. */
export function actionOnCard(
  { label }: PlannedAction,
  { rule, reason, usedUp }: Decision,
): Card["actions"][number] {
  return { label, rule: `${rule}: ${reason}`, ...(usedUp === undefined ? {} : { usedUp }) };
}

/** The model that wrote the draft; empty where there is no draft. */
function draftModelName(content: CardContent): string {
  if (content.reply === null) return "";
  return content.isRehearsal ? `${content.model} (built-in rules, not an AI)` : content.model;
}

/** Null for a stranger; a system may know a customer without telling their name. */
function nameIn({ customerId, name }: BoundRequester, newest: Message | undefined): string | null {
  return customerId === null ? null : (name ?? newest?.author.name ?? "");
}

function requesterOnCard(
  { requester }: CardContent,
  newest: Message | undefined,
): Card["requester"] {
  return {
    name: requester.name ?? newest?.author.name ?? "unknown",
    address: answeredAddress(newest),
    verification: requester.reason,
    level: requester.level,
    standing: senderStanding(requester, newest),
  };
}

/** What the sender is to the team; only a customer of the shop is known. */
function senderStanding(
  { level, customerId }: BoundRequester,
  newest: Message | undefined,
): SenderStanding {
  if (level <= 0) return "unknown";
  if (level === 1) return "claimed";
  if (customerId === null) return "stranger";
  if (level === 3) return "confirmed";
  return SIGNED_IN.has(newest?.identity.method ?? "") ? "signed_in" : "known";
}

/** Evidence by which a channel knows its user, where a mail only proves an address. */
const SIGNED_IN: ReadonlySet<string> = new Set([
  "chat-token",
  "zendesk-session",
  "slack-workspace",
  "slack-connect",
]);

function draftOnCard({ reply, passages, findings, reach }: CardContent): Card["draft"] {
  if (reply === null) return null;
  const { text, to } = ReplyArguments.parse(reply.action.arguments);
  return {
    text,
    to: reach === null || reach.to === "" ? to.label : `${to.label}, to ${reach.to}`,
    sources: namedSources(text, passages),
    marks: markedPassages(text, findings),
  };
}

function contextOnCard({
  reply,
  reach,
  unread,
  due,
  records,
  citations,
  procedures = [],
  case: known,
  waitingElsewhere,
  messageNumber,
}: CardContent): Card["context"] {
  const to = reply === null ? null : ReplyArguments.parse(reply.action.arguments).to;
  return {
    ...NO_CARD_CONTEXT,
    ...known,
    since: firstSent(unread),
    due,
    messageNumber: messageNumber + waitingElsewhere,
    records,
    files: attachedFilesText(unread),
    link: "",
    copies: to === null ? [] : [...(reach?.copies ?? [])],
    isShared: to?.audience === "shared",
    citations: [...citations],
    procedures: procedures.map(({ name, version, title, step }) => ({
      name,
      line: `${title} (${name}, version ${version}${step === null ? "" : `, step ${step}`})`,
    })),
  };
}

/** Each page the draft names, once; one that was only read is no source of it. */
function namedSources(text: string, passages: readonly Passage[]): string[] {
  const named = passages.filter(({ title }) => text.includes(title));
  return [...new Set(named.map(pageName))];
}

/** The largest amount these actions move; null when they move no money. Of two currencies the first counts. */
export function largestAmount(actions: readonly PlannedAction[]): Money | null {
  const amounts = actions.flatMap(({ action }) => amountMoved(action) ?? []);
  const [first] = amounts;
  if (first === undefined) return null;
  const comparable = amounts.filter(({ currency }) => currency === first.currency);
  return comparable.reduce((most, amount) => (amount.minor > most.minor ? amount : most), first);
}

/** What Slack's confirm dialog holds; a question cut off within its actions would hide some of them. */
const CONFIRM_MAX = 300;

/** Asks for confirmation before anything but a reply happens: taps on a phone go astray. */
function confirmQuestion({ actions, requester }: CardContent, newest: Message | undefined): string {
  if (actions.length === 0) return "";
  const labels = actions.map(({ planned }) => planned.label);
  const who = `Customer: ${requester.name ?? answeredAddress(newest)}. Do it?`;
  const whole = `${labels.join(". ")}. ${who}`;
  return whole.length <= CONFIRM_MAX
    ? whole
    : `${labels.length} actions, as the card lists them. ${who}`;
}

function answeredAddress(message: Message | undefined): string {
  return message?.answerTo?.label ?? message?.author.id ?? "";
}

function offeredButtons(kind: CardContent["kind"]): Button[] {
  switch (kind) {
    case "proposal":
      return ["approve", "edit", "reject", "escalate"];
    case "blocked":
      return ["escalate", "dismiss"];
    case "notice":
      return [];
    default:
      throw new Error(`unknown kind ${String(kind satisfies never)}`);
  }
}

/** "1 of 2 approved, a lead is still missing"; empty when any one person is enough. */
export function approvalProgress(needs: Approvers, votes: number, leads: number): string {
  const fourEyes = needs.fourEyes === true ? "; not by the person who asked or edited" : "";
  if (needs.count <= 1 && needs.leads === 0 && fourEyes === "") return "";
  const lead = needs.leads > leads ? ", a lead is still missing" : "";
  return `${votes} of ${needs.count} approved${lead}${fourEyes}`;
}
