/** The short lines of a card: headline, name of the conversation, files, flags. */

import { type PlannedAction, RefundArguments } from "#core/values/action.ts";
import { inKinds, unseen } from "#core/values/attachments.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { Finding } from "#core/contracts/guard.ts";
import type { Conversation, Message } from "#core/values/message.ts";
import { formatMoney } from "#core/values/money.ts";

/**
 * A name for a conversation without any customer text: the source's own id where that is a number, else the beginning
 * of ours. Subjects, names and the ids that mail programs generate are customer text.
 */
export function calledBy({
  id,
  externalId,
}: Pick<Conversation, "id" | "channel" | "externalId">): string {
  return /^\d{1,15}$/.test(externalId) ? externalId : id.slice(0, ID_SHOWN);
}

/** Enough to tell it from others of the same day. */
const ID_SHOWN = 8;

/** When the first of these messages was sent, by its sender's clock. */
export function firstSent(unread: readonly Message[]): string | null {
  const times = unread.map(({ sentAt }) => Date.parse(sentAt));
  return times.length === 0 ? null : new Date(Math.min(...times)).toISOString();
}

/** The attached files, and whether the bot has read any of them. */
export function filesOf(unread: readonly Message[]): string {
  const attachments = unread.flatMap((message) => message.attachments);
  const read = inKinds(attachments.filter((attachment) => attachment.read === true));
  return [unseen(attachments), read === "" ? "" : `${read}, read by the bot`]
    .filter((words) => words !== "")
    .join("; ");
}

/** The line a phone shows: action, amount and conversation, built only from our own names and the shop's numbers. */
export function headlineOf(
  kind: Card["kind"],
  actions: readonly PlannedAction[],
  conversation: Conversation,
): string {
  const where = `${conversation.channel} ${calledBy(conversation)}`;
  if (kind === "blocked") return `Look at this: suspicious message · ${where}`;
  const [first] = actions;
  const more = actions.length > 1 ? `, and ${actions.length - 1} more` : "";
  return `${first === undefined ? "Send a reply" : `${shortly(first)}${more}`} · ${where}`;
}

/** A label may hold customer text, such as a new address; an operation with its order and amount does not. */
function shortly({ action, facts }: PlannedAction): string {
  const refund = action.operation === "refund" ? RefundArguments.parse(action.arguments) : null;
  if (refund !== null) return `Refund ${formatMoney(refund.amount)}, order ${refund.orderId}`;
  const words = action.operation.replaceAll("_", " ");
  const order = facts[0]?.orderId;
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${order === undefined ? "" : `, order ${order}`}`;
}

/** The text passages the output check objects to, where they occur literally. */
export function marksOf(text: string, findings: readonly Finding[]): string[] {
  const words = findings.map((finding) => finding.words.trim());
  return [...new Set(words)].filter((marked) => marked !== "" && text.includes(marked));
}

/**
 * The flags after an edit: the new text is checked, and doubts about the origin of an amount that a teammate typed are
 * dropped. `overruled` is the refund before its amount was typed; null when none was typed, and then all doubts about
 * an amount remain.
 */
export function flagsAfterEdit(
  { flags, actions }: Pick<Card, "flags" | "actions">,
  findings: readonly Finding[],
  { unusual, overruled }: { readonly unusual: string; readonly overruled: PlannedAction | null },
): string[] {
  const isOverruled = (flag: string): boolean =>
    overruled !== null &&
    flag.startsWith("Amount ") &&
    (actions.length === 1 || flag.includes(`(${overruled.label})`));
  return [
    ...(unusual === "" ? [] : [unusual]),
    ...flags.filter((flag) => !/^(?:Check |Unusual amount)/.test(flag) && !isOverruled(flag)),
    ...findings.map(({ words, reason }) => `Check “${words}”: ${reason}`.slice(0, 290)),
  ];
}
