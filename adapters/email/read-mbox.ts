/** Reads a mailbox file (mbox, RFC 4155) into conversations: who wrote, and whether it was us. */
import { createReadStream } from "node:fs";
import type { Message } from "#core/values/message.ts";
import { classifyMail } from "./classify/classify-mail.ts";
import { addressDomain, senderAddress } from "./mime/addresses.ts";
import { type Head, messageIdsIn, readHead, valueOf } from "./mime/headers.ts";
import { readMail } from "./parse/read-mail.ts";

type MailboxMessage = Pick<
  Message,
  "author" | "visibility" | "text" | "sentAt" | "identity" | "ignore"
>;

/** Mails that answer one another, oldest first. */
interface MailboxConversation {
  /** The Message-ID of its first mail. */
  readonly id: string;
  readonly subject: string;
  /** The address of the first person who is not us; null where there is none. */
  readonly customer: string | null;
  readonly messages: readonly MailboxMessage[];
}

/** A larger mail is left out: its words are few, and all of it would be held at once. */
const MAIL_BYTES_MAX = 25 * 1024 * 1024;

interface ReadMail {
  readonly ids: readonly string[];
  readonly subject: string;
  readonly from: string;
  readonly at: number;
  readonly message: MailboxMessage;
}

/**
 * The conversations of a file, and for each mail that could not be read its place with the reason. Mails from one of `ours` are the team's, every other one a customer's. `identityOf` says what counts as known of a
 * customer's address: a file does not show it any more. One mail is held at a time, besides what was written in them.
 */
export async function readMailbox(
  file: string,
  given: {
    /** Our own addresses in lower case. */
    readonly ours: readonly string[];
    readonly identityOf: (customer: string) => Message["identity"];
    readonly signal: AbortSignal;
    readonly progress: (read: number) => void;
  },
) {
  const mails: ReadMail[] = [];
  const leftOut: string[] = [];
  let number = 0;
  for await (const raw of mailsIn(file)) {
    number += 1;
    given.signal.throwIfAborted();
    const read = await mailOrReason(raw, given);
    if (typeof read === "string") leftOut.push(`mail ${number}: ${read}`);
    else mails.push(read);
    given.progress(number);
  }
  return { conversations: threaded(mails, given.ours), leftOut };
}

/** The bytes of one mail after another. A line that begins with "From " after an empty one begins the next. */
async function* mailsIn(file: string): AsyncGenerator<Uint8Array> {
  let lines: string[] = [];
  let bytes = 0;
  let isEmptyBefore = true;
  const whole = (): Uint8Array => Buffer.from(lines.join("\n"), "latin1");
  for await (const line of linesOf(file)) {
    if (isEmptyBefore && line.startsWith("From ")) {
      if (lines.length > 0) yield whole();
      [lines, bytes] = [[], 0];
    } else {
      // Some programs quote such lines in a text.
      const plain = line.replace(/^>(?=>*From )/, "");
      bytes += plain.length;
      if (bytes <= MAIL_BYTES_MAX) lines.push(plain);
    }
    isEmptyBefore = line.trim() === "";
  }
  if (lines.some((line) => line.trim() !== "")) yield whole();
}

/**
 * Each byte as the character with its number, so that nothing is decoded before the mail is parsed. Only a line feed ends
 * a line: programs that write such files quote "From " after one alone, so a lone carriage return must begin no mail.
 */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of createReadStream(file, { encoding: "latin1" })) {
    const lines = `${rest}${String(chunk)}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  yield rest;
}

async function mailOrReason(
  raw: Uint8Array,
  { ours, identityOf, signal }: Parameters<typeof readMailbox>[1],
): Promise<ReadMail | string> {
  const head = readHead(raw);
  const from = senderAddress(head);
  if (from === null) return "it names no single sender";
  const mail = await readMail(raw, signal);
  if (mail.unreadable !== null) return `it could not be read: ${mail.unreadable}`;
  if (mail.date === null) return "it has no date";
  const isOurs = ours.includes(from);
  const [first = ""] = ours;
  const told = isOurs
    ? null
    : classifyMail(raw, { inboxes: ours, messageIdDomain: addressDomain(first) });
  return {
    ids: namedMessageIds(head),
    subject: mail.subject,
    from,
    at: mail.date.getTime(),
    message: {
      author: {
        kind: isOurs ? "teammate" : "requester",
        id: `email:${from}`,
        name: mail.senderName || from,
      },
      visibility: "public",
      text: mail.text,
      sentAt: mail.date.toISOString(),
      identity: identityOf(from),
      ignore: told === null || told.class === "human" ? null : told.reasons.join("; "),
    },
  };
}

/** Its own Message-ID first, then those it answers. */
function namedMessageIds(head: Head): readonly string[] {
  return ["message-id", "in-reply-to", "references"].flatMap((name) =>
    messageIdsIn(valueOf(head, name)),
  );
}

/** Mails that share an id belong together, through however many others. */
function threaded(
  mails: readonly ReadMail[],
  ours: readonly string[],
): readonly MailboxConversation[] {
  const threads = new Map<string, ReadMail[]>();
  for (const mail of mails.toSorted((a, b) => a.at - b.at)) {
    const known = new Set(mail.ids.flatMap((id) => threads.get(id) ?? []));
    const thread = [...known, mail].toSorted((a, b) => a.at - b.at);
    for (const one of thread) for (const id of one.ids) threads.set(id, thread);
  }
  return [...new Set(threads.values())].map((thread, index) => ({
    id: thread[0]?.ids[0] ?? `mail-${index + 1}`,
    subject: thread[0]?.subject ?? "",
    customer: thread.find(({ from }) => !ours.includes(from))?.from ?? null,
    messages: thread.map(({ message }) => message),
  }));
}
