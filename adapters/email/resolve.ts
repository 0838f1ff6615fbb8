/** Resolves a received mail to its conversation and its content, or to what it means for a conversation that it is no part of. */

import { type Destination, type Message, plainMessage, type Signal } from "#core/values/message.ts";
import {
  addressedInbox,
  inboxAt,
  ownAddressesIn,
  plainAddresses,
  senderAddress,
} from "#email/mime/addresses.ts";
import {
  type Head,
  messageIdsIn,
  readHead,
  valueOf,
  cleanLine,
  decodeWords,
} from "#email/mime/headers.ts";
import { type MailContent, readMail } from "#email/parse/read-mail.ts";
import type { HintContext, Resolved, Hint } from "#core/contracts/channel.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { claimedIdentity, PROVEN_LEVEL, unknownIdentity } from "#core/values/identity.ts";
import { isByForm } from "#email/classify/forms.ts";
import type { Classification } from "#email/classify/classify-mail.ts";
import {
  verifySender,
  type VerifiedSender,
  type VerifyOptions,
  trustedReplyTo,
} from "#email/sender-auth/sender-identity.ts";
import { signedRecipients } from "#email/sender-auth/identity-level.ts";
import { quotesOurAnswer } from "#email/sender-auth/authentication-results.ts";
import { ownMessageId } from "#email/threading/thread-keys.ts";
import { mailAttachments } from "./attachments.ts";
import { type RawMail, openedRawMail } from "#email/mime/raw-mail.ts";
import { isFromUs, ownDeliveryReport, mailClassification, type OwnMail } from "./receive.ts";
import { HintNote, type AnswerAddress } from "./options.ts";
import type { DeliveryReport } from "#email/classify/bounces.ts";
import { PROOF_CURSOR } from "#core/contracts/ports.ts";

const OF_FORM = "a form or a service sent it for another person, who is not proven";

const NO_CUSTOMER = unknownIdentity("it identifies no customer");

/** What is known about the mail. */
interface NoteInput {
  readonly key: string;
  readonly subject: string;
  readonly head: Head;
  readonly sentAt: Date;
}

/** What one mail says, and who says it. */
function written(
  mail: MailContent,
  { key, subject, head, sentAt }: NoteInput,
  kind: Message["author"]["kind"],
  more: Pick<Message, "identity" | "attachments"> & Partial<Message>,
): Message {
  const sender = senderAddress(head);
  const address = sender ?? "unknown";
  const name = (sender === null ? "" : mail.senderName) || address;
  return plainMessage({
    key,
    author: { kind, id: `email:${address}`, name },
    subject,
    text: mail.text,
    segments: [...mail.segments],
    sentAt: sentAt.toISOString(),
    ...more,
  });
}

/** What only the team reads in a conversation. */
function teamNote(
  key: string,
  from: string,
  said: Pick<Message, "subject" | "text"> & { readonly sentAt: Date },
): Message {
  return plainMessage({
    ...said,
    key,
    author: { kind: "system", id: `email:${from}`, name: "Mail" },
    visibility: "internal",
    identity: NO_CUSTOMER,
    sentAt: said.sentAt.toISOString(),
  });
}

/** That a thread goes on here which ended long ago. What was said there stays there. */
function continuedThreadNote(before: string, { key, subject, sentAt }: NoteInput): Message {
  const text = `This thread rested for long. It goes on from conversation ${before}, which stays as it is.`;
  // Before the mail that goes on with it.
  const at = new Date(sentAt.getTime() - 1);
  return teamNote(`follows:${key}`, "mail", { subject, text, sentAt: at });
}

/** RFC 5322 lets References grow for ever; the first and the newest ids are enough to thread. */
const REFERENCES_MAX = 20;
const SUBJECT_MAX = 900;
const DAY_MS = 24 * 60 * 60_000;

const NOTHING_NEW = { signals: [], keepsConversation: true } as const satisfies Partial<Resolved>;

/** Reads the kept mail behind a hint. The same bytes always give the same keys. */
export async function resolveMail(
  hint: Hint,
  context: HintContext,
  options: OwnMail & {
    /** What senders are verified with, whichever mail it is. */
    readonly checks: Pick<VerifyOptions, "resolver" | "ownServer" | "bytesMax">;
    readonly keepsCc: () => boolean;
    readonly showsReference: () => boolean;
    readonly brandOf: (inbox: string) => string;
  },
): Promise<Resolved> {
  const note = HintNote.parse(hint.data);
  if (note.aside !== undefined) return resolvedAside(note.aside, hint, context);
  const { start, whole, ref } = await keptMail(note, context);
  const head = readHead(start);
  // The name intake gave it, for which a large mail need not be read a second time.
  const key = hint.eventId;
  const mail = await readMail(whole(), context.signal);
  const subject = mailSubject(mail, head);
  const { receivedAt, signal } = context;
  const files = { ref, leftOut: note.leftOut };
  const known = { key, subject, head, files, sentAt: sentAt(mail.date, receivedAt) };
  const brand = options.brandOf(note.inbox);
  const common = { subject, brand, externalId: ownMessageId(head)[0] ?? key };
  // What lies in Sent was put there with the account's login.
  if (note.sent) return { ...common, ...NOTHING_NEW, messages: [teammatesAnswer(mail, known)] };
  const told = mailClassification(start, head, options);
  const automatic = told.class === "human" ? null : told;
  // Tried again, since a machine under load is slow as well, and then a person looks at the kept mail.
  if (mail.unreadable !== null && automatic === null)
    throw new DeskhandError("input.invalid", `the mail could not be read: ${mail.unreadable}`);
  const verified = await verifySender(whole(), head, {
    ...options.checks,
    ours: options.accounts.flatMap(({ names }) => names),
    receivedAt: earlier(receivedAt, note.arrivedAt),
    cutFromBytes: note.cutFromBytes,
    answered: quotesOurAnswer(mail, { head, receivedAt }, options),
    isFirst: (proofs) => isFirstBy(proofs, key, context),
    signal,
  });
  if (note.copied)
    return { ...common, ...NOTHING_NEW, messages: [copiedAnswer(mail, known, verified)] };
  const inbox = receivingAddress(head, note, options);
  const cc = others(head, verified, options);
  const { isForm, identity } = writer(head, verified, { ...options, inbox });
  const isAnswered = automatic === null && !isFromUs(head, options);
  const to = isAnswered ? answerPlaces({ head, verified, inbox, subject, cc, isForm }) : NO_ANSWER;
  const seen = { ...known, mail, automatic, identity, to };
  const before = hint.related === undefined ? [] : [continuedThreadNote(hint.related, known)];
  return {
    ...common,
    messages: [...before, incomingMessage(seen)],
    signals:
      told.class === "bounce"
        ? bounceSignals(key, ownDeliveryReport(start, head, options), receivedAt)
        : [],
  };
}

/** Public because it was sent to whom the conversation is with. */
function teammatesAnswer(mail: MailContent, known: NoteInput): Message {
  const more = { identity: NO_CUSTOMER, attachments: [...mail.attachments] };
  return written(mail, known, "teammate", more);
}

/** What a teammate wrote from their own address, or a note that nothing proves it was them. */
function copiedAnswer(mail: MailContent, known: NoteInput, { evidence }: VerifiedSender): Message {
  if (evidence.level >= PROVEN_LEVEL) return teammatesAnswer(mail, known);
  const { key, head, subject, sentAt } = known;
  const from = senderAddress(head) ?? "unknown";
  const text = `An answer to the customer arrived under the address of a teammate, ${from}, but nothing proves that it is theirs: ${evidence.reason}. It is in the inbox and changes nothing here.`;
  return teamNote(key, from, { subject, text, sentAt });
}

/** Who writes. Where a form sent it for the customer its Reply-To names, that customer is not proven, though the form may be. */
function writer(
  head: Head,
  verified: VerifiedSender,
  own: Parameters<typeof isByForm>[1],
): { readonly isForm: boolean; readonly identity: Message["identity"] } {
  const from = senderAddress(head);
  const isForm = isByForm(head, own) && trustedReplyTo(head, from, verified).ignored !== null;
  return { isForm, identity: isForm ? claimedIdentity(OF_FORM, from) : verified.evidence };
}

/** A mail may be read long after its server got it, and a signature is as old as it was then. */
function earlier(receivedAt: Date, arrivedAt: string | null): Date {
  return arrivedAt === null || receivedAt < new Date(arrivedAt) ? receivedAt : new Date(arrivedAt);
}

/** Whether the turn knows of no other mail that was believed by one of these proofs; its commit is refused if there was one. */
function isFirstBy(
  proofs: readonly string[],
  key: string,
  { proofs: held, receivedAt }: HintContext,
): boolean {
  const names = proofs.map((proof) => `${PROOF_CURSOR}${proof}`);
  for (const name of names)
    if (!held.has(name)) held.set(name, `${receivedAt.toISOString()} ${key}`);
  return names.every((name) => held.get(name)?.split(" ")[1] === key);
}

/** Throws `input.invalid`, which a person hears of, when there is no mail behind a hint that should have one. */
async function keptMail({ lost }: HintNote, { body }: HintContext): Promise<RawMail> {
  if (lost !== null)
    throw new DeskhandError("input.invalid", `a mail could not be taken in: ${lost}`);
  if (body === null) throw new DeskhandError("input.invalid", "the kept mail of this hint is gone");
  return openedRawMail(body);
}

/**
 * Tells the team that another person answered in this thread; `from` is null when the mail does not say it in a usable
 * form. It does not quote the answer: that stands in a conversation of its own, with its own access rights.
 */
function resolvedAside(
  { from }: NonNullable<HintNote["aside"]>,
  { eventId, related }: Hint,
  { receivedAt }: HintContext,
): Resolved {
  const who = from ?? "a sender whose address is unclear";
  const where = related === undefined ? "a conversation of its own" : `conversation ${related}`;
  const text = `${who} answered in this thread. That mail is in ${where}, with that sender's own rights: nothing said here is shown or sent there.`;
  const said = { subject: "", text, sentAt: receivedAt };
  const messages = [teamNote(eventId, from ?? "unknown", said)];
  return { subject: "", brand: "default", externalId: eventId, ...NOTHING_NEW, messages };
}

/** The address of ours that the answer comes from. */
function receivingAddress(head: Head, { inbox }: HintNote, { accounts }: OwnMail): string {
  const account = inboxAt(inbox, accounts);
  return account === undefined ? inbox : addressedInbox(head, account);
}

interface ReadResult extends NoteInput {
  readonly mail: MailContent;
  readonly automatic: Classification | null;
  readonly identity: Message["identity"];
  readonly to: AnswerPlaces;
  readonly files: Parameters<typeof mailAttachments>[1];
}

function incomingMessage(seen: ReadResult): Message {
  const { mail, automatic, identity, to, files } = seen;
  const isServers = automatic?.class === "bounce" || automatic?.class === "loop";
  return written(mail, seen, isServers ? "system" : "requester", {
    attachments: mailAttachments(mail, files),
    identity,
    ...to,
    ignore: automatic === null ? null : `${automatic.class}: ${automatic.reasons.join("; ")}`,
  });
}

type AnswerPlaces = Pick<Message, "answerTo" | "answerPrivatelyTo">;

const NO_ANSWER: AnswerPlaces = { answerTo: null, answerPrivatelyTo: null };

/**
 * The From address, and where the policy says so those in `cc`. A Reply-To is followed only when the signature that proves the sender covers it and
 * it stays inside the sender's organisation, since adding one to a signed mail is easy; and then only with answers that
 * hold no account data, since only the From address was proven. Others in To and Cc see no account data either.
 */
function answerPlaces(
  seen: Pick<ReadResult, "head" | "subject"> & {
    readonly verified: VerifiedSender;
    readonly inbox: string;
    readonly cc: readonly string[];
    readonly isForm: boolean;
  },
): AnswerPlaces {
  const { head, verified, inbox, subject, cc, isForm } = seen;
  const from = senderAddress(head);
  if (from === null) return NO_ANSWER;
  const [ownId] = ownMessageId(head);
  const earlier = [
    ...messageIdsIn(valueOf(head, "references")),
    ...messageIdsIn(valueOf(head, "in-reply-to")).slice(0, 1),
  ];
  const threading: Omit<AnswerAddress, "to"> = {
    inbox,
    inReplyTo: ownId ?? null,
    references: shortened([...new Set(ownId === undefined ? earlier : [...earlier, ownId])]),
    subject,
  };
  const at = (
    to: string,
    cc: readonly string[],
    audience: Destination["audience"],
  ): Destination => {
    const address: AnswerAddress = {
      ...threading,
      to,
      ...(cc.length === 0 ? {} : { cc: [...cc] }),
    };
    return { label: [to, ...cc].join(", "), audience, address };
  };
  const alone = at(from, [], "private");
  const replyTo = trustedReplyTo(head, from, verified);
  // Teammates answer the customer a form names, and the form gets no answer.
  if (isForm) return NO_ANSWER;
  const to = replyTo.address ?? from;
  const more = cc.filter((address) => address !== to);
  return to === from && more.length === 0
    ? { answerTo: alone, answerPrivatelyTo: null }
    : { answerTo: at(to, more, "shared"), answerPrivatelyTo: alone };
}

const CC_MAX = 20;

/**
 * To whom a proven sender wrote besides us, where the policy says that they get answers too. Where the signature leaves To or Cc open, any server on the way may have
 * added them, and strangers would have our answers sent to anyone.
 */
function others(
  head: Head,
  { signedHeaders }: VerifiedSender,
  { inboxes, keepsCc }: OwnMail & { readonly keepsCc: () => boolean },
): readonly string[] {
  if (!keepsCc()) return [];
  const named = signedRecipients(head, signedHeaders).flatMap(plainAddresses);
  const from = senderAddress(head);
  const strangers = named.filter(
    (address) => address !== from && ownAddressesIn([address], inboxes).length === 0,
  );
  return [...new Set(strangers)].slice(0, CC_MAX);
}

function shortened(ids: readonly string[]): string[] {
  const [first = ""] = ids;
  return ids.length <= REFERENCES_MAX ? [...ids] : [first, ...ids.slice(1 - REFERENCES_MAX)];
}

/** An unreadable mail may still be told to be a bounce by the subject in its header section. */
function mailSubject(mail: MailContent, head: Head): string {
  const raw = mail.unreadable === null ? "" : valueOf(head, "subject").slice(0, SUBJECT_MAX);
  return mail.subject || cleanLine(decodeWords(raw)) || "(no subject)";
}

/** The Date header is the sender's claim; one far from the arrival is a broken clock. */
function sentAt(date: Date | null, receivedAt: Date): Date {
  const isUsable =
    date !== null &&
    date.getTime() <= receivedAt.getTime() + DAY_MS &&
    date.getUTCFullYear() >= 1990;
  return isUsable ? date : receivedAt;
}

/** Only what a server has given up on: that a mail is late, or arrived, changes nothing. */
function bounceSignals(
  key: string,
  { about, action, status, isCopy, permanent }: DeliveryReport,
  at: Date,
): readonly Signal[] {
  if (action !== "failed") return [];
  // No address and none of the server's words, which often quote one: the reason outlives the customer's erasure.
  const code = status === null ? "" : ` (${status})`;
  return about.map((ref) => ({
    kind: "bounced",
    key: `${key}:${ref}`,
    at: at.toISOString(),
    ref,
    reason: `a mail server says our reply was not delivered${isCopy ? " to a person in Cc" : ""}${code}`,
    permanent,
  }));
}
