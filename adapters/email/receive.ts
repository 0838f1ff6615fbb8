/** Receives one mail: turns it into what the core accepts. */
import { digest } from "#core/values/canonical-json.ts";
import type { Delivery, Hint } from "#core/contracts/channel.ts";
import { DeskhandError, invalidInput } from "#core/values/errors.ts";
import { inboxAt, plainAddresses, senderAddress, type OwnInbox } from "#email/mime/addresses.ts";
import { classifyMail, type Classification } from "#email/classify/classify-mail.ts";
import { bodyDigest, normalizeLineEnds } from "#email/mime/raw-mail.ts";
import { headerValues, readHead, valueOf, type Head } from "#email/mime/headers.ts";
import {
  bounceKey,
  isOurOwn,
  mailKey,
  otherRecipients,
  namedReplies,
  sentKeys,
  threadKeys,
  messageIdsInTokens,
  type TokenOptions,
} from "#email/threading/thread-keys.ts";
import { type HintNote, PollerHeaders } from "./options.ts";
import { bounceReport, type DeliveryReport } from "#email/classify/bounces.ts";

/** A thread without mail for this long is over; by default its text is not kept longer either. */
const REST_DAYS_MAX = 90;

/** What `receive` needs to know about ourselves. */
export interface OwnMail extends TokenOptions {
  /** All addresses of ours, in lower case. */
  readonly inboxes: readonly string[];
  /** The same, by the mailbox they arrive in. */
  readonly accounts: readonly [OwnInbox, ...(readonly OwnInbox[])];
  readonly isTeammate: (address: string) => boolean;
}

/**
 * One mail is one hint, however broken it is: what cannot be read is still shown to a person. A mail that names a reply
 * of ours is noted as well in the conversation of that reply's recipient, if it is another one.
 */
export function mailHints(delivery: Delivery, own: OwnMail): readonly Hint[] {
  // What the headers of a delivery say, such as the folder, is written by our poller: deliveries have no other source.
  if (delivery.source !== "imap")
    throw new DeskhandError("input.unverified", "mail comes from its mailbox alone");
  const headers = PollerHeaders.parse(delivery.headers);
  const note = deliveryNote(headers, own);
  if (note.lost !== null) return [fetchFailureHint(headers, note)];
  if (delivery.body.length === 0) throw invalidInput("an empty mail");
  const bytes = normalizeLineEnds(delivery.body);
  const head = readHead(bytes);
  // What was kept on its way has its digest from there: the body here is only the start.
  const isWhole = delivery.kept === undefined;
  const content = isWhole ? bodyDigest(bytes.subarray(head.bodyStart)) : keptDigest(headers);
  const key = mailKey(head, content);
  if (headers["x-folder"] === "sent") return sentHints({ bytes, head, key }, note, own);
  if (isOurOwn(head, own)) return [];
  return arrivedHints({ bytes, head, key }, note, own);
}

/** What came into an inbox. */
function arrivedHints(
  { bytes, head, key }: NamedMail,
  note: DeliveryNote,
  own: OwnMail,
): readonly Hint[] {
  const told = mailClassification(bytes, head, own);
  if (told.class === "human" && isCopyOfAnswer(head, own))
    return [teammateHint(key, sentKeys(head, own.inboxes), { ...note, sent: false, copied: true })];
  const reported = told.class === "bounce" ? ownDeliveryReport(bytes, head, own).about : [];
  const hint: Hint = {
    channel: "email",
    eventId: key,
    conversationKeys: [...reported.map(bounceKey), ...threadKeys(head, key, own)],
    kind: reported.length > 0 ? "signal" : "message",
    data: { ...note, sent: false, copied: false } satisfies HintNote,
    keepBody: true,
    ...(reported.length > 0 ? {} : { restDaysMax: REST_DAYS_MAX }),
  };
  const aside = told.class === "human" ? namedReplyHint(head, key, note, own) : null;
  return aside === null ? [hint] : [hint, aside];
}

function keptDigest({ "x-body-digest": digestOnTheWay }: PollerHeaders): string {
  if (digestOnTheWay !== undefined) return digestOnTheWay;
  throw invalidInput("a kept mail came without its digest");
}

interface NamedMail {
  readonly bytes: Uint8Array;
  readonly head: Head;
  /** What the mail is, whichever way it came. */
  readonly key: string;
}

/** For the conversation whose reply a mail names. It has no share in the kept mail, which is its sender's. */
function namedReplyHint(head: Head, key: string, note: DeliveryNote, own: OwnMail): Hint | null {
  const named = namedReplies(head, own);
  if (named.length === 0) return null;
  const from = senderAddress(head);
  return {
    channel: "email",
    // Once for each of them and each reply of ours, however much they write.
    eventId: `aside:${digest([from ?? key, named[0] ?? ""]).slice(0, 40)}`,
    conversationKeys: named.map(bounceKey),
    kind: "signal",
    data: { ...note, sent: false, copied: false, aside: { from } } satisfies HintNote,
    keepBody: false,
    opens: false,
  };
}

/** A mail from Sent is a teammate's unless a program of ours or another one wrote it. Unknown threads are not ours. */
function sentHints(
  { bytes, head, key }: NamedMail,
  note: DeliveryNote,
  own: OwnMail,
): readonly Hint[] {
  // Providers may give our own mail another Message-ID, so the proof in its header does not hold there any more.
  const isOurs =
    valueOf(head, "x-deskhand-instance") !== "" ||
    messageIdsInTokens(head, "t", own, ["reply-to"]).length > 0;
  const keys = sentKeys(head, own.inboxes);
  // Receipts and answers to invitations lie there as well; that a mail is from our own address says nothing there.
  const told = classifyMail(bytes, { ...own, inboxes: [] });
  if (isOurs || keys.length === 0 || told.class === "auto-reply") return [];
  return [teammateHint(key, keys, { ...note, sent: true, copied: false })];
}

function teammateHint(key: string, keys: readonly string[], note: Omit<HintNote, "aside">): Hint {
  return {
    channel: "email",
    eventId: `sent:${key}`,
    conversationKeys: [...keys],
    kind: "signal",
    data: note,
    keepBody: true,
    opens: false,
  };
}

/**
 * Whether a teammate, as far as From says, answers another person and sends an inbox a copy. It asks us nothing, whoever
 * wrote it; `resolve` says whether it was the teammate.
 */
function isCopyOfAnswer(head: Head, { inboxes, isTeammate }: OwnMail): boolean {
  const others = headerValues(head, "to").flatMap(plainAddresses);
  return (
    isTeammate(senderAddress(head) ?? "") &&
    valueOf(head, "in-reply-to") !== "" &&
    others.some((address) => !isTeammate(address) && !inboxes.includes(address))
  );
}

/** A mail that cannot be taken in goes to people like an unreadable one; it stays where it is. */
function fetchFailureHint(headers: PollerHeaders, note: DeliveryNote): Hint {
  const names = (["x-inbox", "x-folder", "x-uid-validity", "x-uid"] as const).map(
    (name) => headers[name],
  );
  const name = `mail:lost:${digest(names).slice(0, 40)}`;
  return {
    channel: "email",
    eventId: name,
    conversationKeys: [name],
    kind: "message",
    data: { ...note, sent: false, copied: false } satisfies HintNote,
    keepBody: false,
  };
}

/**
 * The class of a mail, including what only we know: only programs write to the return path of our mails, and a mail in
 * the inbox from our own address to another person asks us nothing, even if its sender is forged.
 */
export function mailClassification(bytes: Uint8Array, head: Head, own: OwnMail): Classification {
  const told = classifyMail(bytes, own);
  if (told.class !== "human") return told;
  if (isFromUs(head, own) && otherRecipients(head, own.inboxes).length > 0)
    return { class: "loop", reasons: ["it is from our own address to another person"] };
  return messageIdsInTokens(head, "b", own).length > 0
    ? { class: "auto-reply", reasons: ["it was sent to the return path of a mail of ours"] }
    : told;
}

/** Whether one of our addresses is its sender, which proves nothing: any sender can write that. */
export function isFromUs(head: Head, { inboxes }: OwnMail): boolean {
  return inboxes.includes(senderAddress(head) ?? "");
}

/** What a bounce reports. The return path names the mail it is about; what else the bounce holds is only read without. */
export function ownDeliveryReport(bytes: Uint8Array, head: Head, own: OwnMail): DeliveryReport {
  const report = bounceReport(bytes, own.messageIdDomain);
  const returned = messageIdsInTokens(head, "b", own);
  return returned.length === 0 ? report : { ...report, about: returned };
}

type DeliveryNote = Omit<HintNote, "sent" | "copied" | "aside">;

function deliveryNote(headers: PollerHeaders, { accounts }: OwnMail): DeliveryNote {
  return {
    inbox: (inboxAt(headers["x-inbox"], accounts) ?? accounts[0]).names[0],
    cutFromBytes: headers["x-cut-from-bytes"] ?? null,
    leftOut: headers["x-left-out"],
    lost: headers["x-lost-because"] ?? null,
    arrivedAt: headers["x-arrived"] ?? null,
  };
}
