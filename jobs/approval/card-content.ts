/** Composes the content of a card from what a turn knows, and the records shown next to it. */

import { calledBy, type Message } from "#core/values/message.ts";
import {
  amountMoved,
  type Origin,
  type PlannedAction,
  ReplyArguments,
} from "#core/values/action.ts";
import type { Button, Card, Flag } from "#core/contracts/approval-desk.ts";
import { DO_IT } from "#core/contracts/card-sections.ts";
import { type BoundRequester, PROVEN_LEVEL } from "#core/values/identity.ts";
import type { Passage } from "#core/contracts/knowledge.ts";
import { formatMoney, formattedSums, type Money } from "#core/values/money.ts";
import type { Approvers, Decision } from "#core/contracts/policy.ts";
import { excerpt, pageName } from "#core/values/words.ts";
import { delicateText, OPEN_SHOWN_MAX } from "#core/values/card-text.ts";
import type { CardContent, PlannedCard } from "#jobs/plan/plan.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import {
  isAboutCustomer,
  type OpenConversation,
  openElsewhere,
  refundsDone,
  usualRefund,
} from "#store/approvals/card-context.ts";
import type { Transaction } from "#store/db/database.ts";
import type { PersonName } from "#store/people/person-names.ts";
import { daysBefore } from "#core/values/moment.ts";
import { cardFlags } from "./card-flags.ts";
import { firstSent } from "./card-orders.ts";
import { attachedFilesText, cardHeadline, markedPassages } from "./card-lines.ts";
import { NO_CARD_CONTEXT, type Records, type SenderStanding } from "#core/values/card-context.ts";

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
    closing: content.kind === "notice" ? "For information: people answer this." : "",
    requester: requesterOnCard(content, newest),
    channel: content.conversation.channel,
    conversationLabel: [content.conversation.subject, calledBy(content.conversation)]
      .filter((part) => part !== "")
      .join(" · "),
    context: contextOnCard(content),
    asked: content.unread.map((message) => content.mask(message.text)).join("\n\n"),
    changes: [...content.changes],
    edits: [],
    actions: content.actions.map(({ planned, decision, origin }) =>
      actionOnCard(planned, decision, origin),
    ),
    draft: draftOnCard(content),
    translation: content.translation,
    ...(content.passesOn === undefined ? {} : { passesOn: content.passesOn }),
    ...(content.seenElsewhere === undefined ? {} : { seenElsewhere: [...content.seenElsewhere] }),
    flags: cardFlags(content),
    progress: approvalProgress(content.needs, 0, 0),
    expiresAt: content.expiresAt?.toISOString() ?? null,
    buttons: offeredButtons(content.kind),
    approveLabel: content.actions.length === 0 ? "Send" : "Approve",
    // Taps on a phone go astray.
    confirm: content.actions.length === 0 ? "" : DO_IT,
    model: draftModelName(content),
    traceId: content.turnId,
  };
}

/** A line is cut that is longer than this, and with it the mark that ends the customer's words. */
const WISH_MAX = 150;

/**
 * An action as a card shows it, with the rule it rests on and the customer's words that were quoted for it. That these
 * ask for it is said where a second reading found so: the quote alone may stand in "please do not …".
 */
export function actionOnCard(
  { label }: PlannedAction,
  { rule, reason, usedUp }: Decision,
  { wish, read }: Partial<Origin> = {},
): Card["actions"][number] {
  const how = read === true ? "Asked for with" : "Quoted as the request:";
  const quoted = wish === undefined ? "" : ` ${how} “${excerpt(wish, WISH_MAX)}”.`;
  return {
    label,
    rule: `${rule}: ${reason}${quoted}`,
    ...(usedUp === undefined ? {} : { usedUp }),
  };
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
    ...(requester.actingLevel === undefined ? {} : { actingLevel: requester.actingLevel }),
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

function draftOnCard({
  reply,
  passages,
  findings,
  reach,
  requester,
  conversation,
}: CardContent): Card["draft"] {
  if (reply === null) return null;
  const { text, to } = ReplyArguments.parse(reply.action.arguments);
  return {
    text,
    to:
      reach !== null && reach.to !== ""
        ? `${to.label}, to ${reach.to}`
        : // A mail's address says who it is; the id of a chat's user does not.
          conversation.channel === "chat" && requester.name !== null
          ? `${requester.name} (${to.label})`
          : to.label,
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
  }
}

/** "1 of 2 approved, a lead is still missing"; empty when any one person is enough. */
export function approvalProgress(needs: Approvers, votes: number, leads: number): string {
  const fourEyes = needs.fourEyes === true ? "; not by the person who asked or edited" : "";
  if (needs.count <= 1 && needs.leads === 0 && fourEyes === "") return "";
  const lead = needs.leads > leads ? ", a lead is still missing" : "";
  return `${votes} of ${needs.count} approved${lead}${fourEyes}`;
}

// The records shown next to a proposal: open conversations, past refunds, unusual amounts.

/** The refunds that matter for a decision, and about as long as texts are kept. */
const LOOK_BACK_DAYS = 90;

/** With fewer refunds it cannot be said what is usual. */
const USUAL_FROM = 10;

/** What the lookup starts from. */
type Asked = Pick<
  PlannedCard["content"],
  "case" | "conversation" | "requester" | "unread" | "actions"
>;

/**
 * Loads the context of a proposal. Nothing is looked up about a person who has not proven to be that person: records
 * next to a forged mail would vouch for it, and their text ends up in answers.
 */
export async function loadCardRecords(transaction: Transaction, asked: Asked, now: Date) {
  const amount = largestAmount(asked.actions.map(({ planned }) => planned));
  return {
    ...(await requesterRecords(transaction, asked, now)),
    /** The flag that the amount is unusual; null when it is not, or when there are too few refunds to tell. */
    unusual: await unusualFlag(transaction, amount, now),
  };
}

async function requesterRecords(
  transaction: Transaction,
  { conversation, requester, unread, case: { orders } }: Asked,
  now: Date,
): Promise<{ readonly records: Records; readonly waitingElsewhere: number }> {
  if (requester.level < PROVEN_LEVEL) return { records: { kind: "unproven" }, waitingElsewhere: 0 };
  const since = daysBefore(now, LOOK_BACK_DAYS);
  const elsewhere = await openElsewhere(transaction, provenNames(requester, unread), {
    except: conversation.id,
    since,
    orderIds: orders.map(({ orderId }) => orderId),
  });
  const open = elsewhere
    .map(openLine)
    .toSorted((one, other) => openLineRank(one) - openLineRank(other));
  const { customerId } = requester;
  const done =
    customerId === null ? [] : await refundsDone(transaction, since, isAboutCustomer(customerId));
  const refunds = done.flatMap((amount) => amount ?? []);
  return {
    records: {
      kind: "known",
      openCount: open.length,
      open: open.slice(0, OPEN_SHOWN_MAX),
      refundDays: LOOK_BACK_DAYS,
      refundCount: refunds.length,
      refunded: [...formattedSums(refunds)],
    },
    // Messages about the same orders that wait in other conversations.
    waitingElsewhere: elsewhere.reduce((sum, { waiting }) => sum + waiting, 0),
  };
}

/** Delicate ones about the same order first, then the others about it, then other delicate ones; newest first in each. */
function openLineRank({ isSameOrder, delicate }: ReturnType<typeof openLine>): number {
  return (isSameOrder ? 0 : 2) + (delicate === "" ? 1 : 0);
}

/** The handle this message proved, the customer it is bound to, and their address on file in the shop. */
function provenNames(
  { customerId, emailOnFile }: BoundRequester,
  unread: readonly Message[],
): readonly PersonName[] {
  const handle = unread.at(-1)?.identity.handle ?? { kind: "none" };
  const emails = [emailOnFile, handle.kind === "email" ? handle.email : null];
  const customers = [customerId, handle.kind === "customer" ? handle.customerId : null];
  const named = (kind: PersonName["kind"], values: readonly (string | null)[]): PersonName[] =>
    [...new Set(values)].flatMap((value) => (value === null ? [] : [{ kind, value }]));
  return [
    ...named(
      "email",
      emails.map((email) => email?.toLowerCase() ?? null),
    ),
    ...named("customer", customers),
  ];
}

function openLine(found: OpenConversation) {
  const { id, channel, externalId, subject, owner, delicate, naming } = found;
  const named = { id, channel: ChannelName.parse(channel), externalId };
  return {
    channel: named.channel,
    called: calledBy(named),
    subject: subject.slice(0, 200).toWellFormed(),
    isWithPeople: owner === "human",
    isSameOrder: naming > 0,
    delicate: delicate === null ? "" : delicateText(delicate),
  };
}

/**
 * The flag that a refund is larger than nine in ten of the recently approved ones, with the amount it is compared with;
 * null when it is not, or when there are too few to tell.
 */
export async function unusualFlag(
  transaction: Transaction,
  amount: Money | null,
  now: Date,
): Promise<Flag | null> {
  if (amount === null) return null;
  const { count, minor } = await usualRefund(
    transaction,
    amount.currency,
    daysBefore(now, LOOK_BACK_DAYS),
  );
  if (count < USUAL_FROM || amount.minor <= minor) return null;
  const usual = formatMoney({ minor, currency: amount.currency });
  return {
    text: `Unusual amount: people usually approve up to ${usual} (9 of 10 in ${LOOK_BACK_DAYS} days)`,
    about: "unusual",
  };
}
