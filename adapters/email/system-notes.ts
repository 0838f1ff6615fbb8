/** What a mail means for a conversation that it is no part of, or that a teammate wrote in: no question, never answered. */

import type { Message } from "#core/values/message.ts";
import { senderOf } from "./mime/addresses.ts";
import type { Head } from "./mime/headers.ts";
import type { MailContent } from "./parse/read-mail.ts";

const NAME_MAX = 200;

const UNANSWERED = {
  identity: {
    level: 0,
    method: "none",
    reason: "it identifies no customer",
    handle: { kind: "none" },
  },
  answerTo: null,
  answerPrivatelyTo: null,
  ignore: null,
} as const satisfies Partial<Message>;

/** What is known about the mail. */
interface NoteInput {
  readonly key: string;
  readonly subject: string;
  readonly head: Head;
  readonly sentAt: Date;
}

/**
 * A teammate's answer from the mailbox: what lies in Sent was put there with the account's login, and is public because
 * it was sent to whom the conversation is with.
 */
export function teammateAnswer(
  mail: MailContent,
  { key, subject, head, sentAt }: NoteInput,
): Message {
  const sender = senderOf(head);
  const address = sender.kind === "single" ? sender.address : "unknown";
  return {
    ...UNANSWERED,
    key,
    author: {
      kind: "teammate",
      id: `email:${address}`,
      name: (mail.names.get(address) ?? "").slice(0, NAME_MAX) || address,
    },
    visibility: "public",
    subject,
    text: mail.text,
    segments: [...mail.segments],
    attachments: [...mail.attachments],
    sentAt: sentAt.toISOString(),
  };
}

/**
 * Tells the team that another person answered in this thread. It does not quote the answer: that stands in a
 * conversation of its own, with its own access rights.
 */
export function otherSenderNote({
  key,
  from,
  receivedAt,
  elsewhere,
}: {
  readonly key: string;
  /** Null when the mail does not say it in a usable form. */
  readonly from: string | null;
  readonly receivedAt: Date;
  /** The id of the conversation the mail is in. */
  readonly elsewhere: string | undefined;
}): Message {
  const who = from ?? "a sender whose address is unclear";
  const where = elsewhere === undefined ? "a conversation of its own" : `conversation ${elsewhere}`;
  return {
    ...UNANSWERED,
    key,
    author: { kind: "system", id: `email:${from ?? "unknown"}`, name: "Mail" },
    visibility: "internal",
    subject: "",
    text: `${who} answered in this thread. That mail is in ${where}, with that sender's own rights: nothing said here is shown or sent there.`,
    segments: [],
    attachments: [],
    sentAt: receivedAt.toISOString(),
  };
}

/** That a thread goes on here which ended long ago. What was said there stays there. */
export function continuedThreadNote(before: string, { key, subject, sentAt }: NoteInput): Message {
  return {
    ...UNANSWERED,
    key: `follows:${key}`,
    author: { kind: "system", id: "email:mail", name: "Mail" },
    visibility: "internal",
    subject,
    text: `This thread rested for long. It goes on from conversation ${before}, which stays as it is.`,
    segments: [],
    attachments: [],
    // Before the mail that goes on with it.
    sentAt: new Date(sentAt.getTime() - 1).toISOString(),
  };
}
