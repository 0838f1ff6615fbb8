/** Options of the e-mail channel with the inboxes it serves, and schemas of the data it stores and reads back. */

import type { DNSResolver } from "mailauth";
import type { ConnectionBoard } from "#core/connection/connection-board.ts";
import type { Keys } from "#core/connection/signing-keys.ts";
import type { Blobs, Clock, Cursors, Duties, Log } from "#core/contracts/ports.ts";
import type { LoginStates } from "#email/login/sign-in.ts";
import type { OwnServer } from "#email/sender-auth/authentication-results.ts";
import type { ImapServer, ImapTimeouts } from "#email/inbox/imap-connection.ts";
import type { GraphMailbox, SmtpServer, SmtpTimeouts } from "#email/outbound/deliver.ts";
import { z } from "zod";

/** One address people write to, with where its mail is read and sent. */
export interface Inbox {
  readonly address: string;
  /** Further addresses that reach this inbox; an answer comes from the one that was written to. */
  readonly aliases: readonly string[];
  /** False where the provider does not deliver mail to `name+anything@`; true when absent. */
  readonly plusAddressing?: boolean;
  /** The name its answers are shown under; the address alone when absent. */
  readonly name?: string | undefined;
  /** The folder that is read, or its special use (RFC 6154) after a backslash; INBOX when absent. */
  readonly folder?: string | undefined;
  /** The brand its mail belongs to; "default" when absent. */
  readonly brand?: string;
  readonly imap: ImapServer;
  readonly smtp: SmtpServer;
  /** Sends in place of SMTP where it is set. */
  readonly graph?: GraphMailbox | undefined;
}

/** Sizes in bytes, times in milliseconds. */
export interface EmailLimits extends ImapTimeouts, SmtpTimeouts {
  /** A larger mail is taken in with its headers and its text part only. */
  readonly mailBytesMax: number;
  /** Of a text part that is fetched alone. */
  readonly textBytesMax: number;
  /** New mail is looked for this often even when the server pushes. */
  readonly pollMs: number;
  readonly retryMs: { readonly first: number; readonly most: number };
}

/** What fits most providers. */
export const EMAIL_LIMITS: EmailLimits = {
  mailBytesMax: 25 * 1024 * 1024,
  textBytesMax: 1024 * 1024,
  imapSilenceMs: 45_000,
  connectMs: 20_000,
  smtpAnswerMs: 60_000,
  pollMs: 60_000,
  retryMs: { first: 1_000, most: 120_000 },
};

/** What the e-mail channel is made of. */
export interface EmailOptions {
  readonly inboxes: readonly Inbox[];
  readonly cursors: Cursors;
  /** Where large mails go as they come, and where files in kept mails are read from. */
  readonly blobs: Pick<Blobs, "putStream" | "open">;
  readonly clock: Clock;
  readonly log: Log;
  /** The state of the logins, for the health check; of its own when absent. */
  readonly accounts?: LoginStates;
  /** Where each inbox reports whether it is read. */
  readonly board?: ConnectionBoard | undefined;
  /** Which process reads which inbox; this one reads all when absent. */
  readonly duties?: Duties | undefined;
  /** How DNS is asked about signatures; the system's resolver when absent. */
  readonly resolver?: DNSResolver;
  /** Whose Authentication-Results are read; without it none are. */
  readonly ownServer?: OwnServer | null;
  /** Whether an answer goes to all whom a proven mail names; to its sender alone when absent. */
  readonly keepsCc?: () => boolean;
  /** Whether the policy gives this address, in lower case, a role; none has one when absent. */
  readonly isTeammate?: (address: string) => boolean;
  /**
   * Whether answers to one address end with a reference line, and a signed mail that quotes the line is believed; not
   * when absent.
   */
  readonly showsReference?: () => boolean;
  readonly messageIdDomain: string;
  /** Names this installation in a header of every reply, so that it knows its own mail. */
  readonly instance: string;
  /** Proves that header; at least 16 characters. */
  readonly secret: Keys;
  /** `now`: mails that are there at the first visit are left alone. `all`: they are taken in as well. */
  readonly startAt: "now" | "all";
  readonly limits: EmailLimits;
}

/** A file of a mail that was taken in without it, as its server describes it. */
const SkippedAttachment = z.object({
  name: z.string(),
  mediaType: z.string(),
  bytes: z.int().min(0),
});
export type SkippedAttachment = z.infer<typeof SkippedAttachment>;

/** At most so many of one mail are named. */
export const SKIPPED_MAX = 20;

const SkippedAttachments = z.array(SkippedAttachment).max(SKIPPED_MAX);

/** What our own poller, never a mail, says of a mail it hands in: as headers of the delivery. */
export const PollerHeaders = z.object({
  /** Which inbox it was found in. */
  "x-inbox": z.string().default(""),
  /** `sent` for what lies in the folder that only people with the account's login write to. */
  "x-folder": z.enum(["inbox", "sent"]).default("inbox"),
  "x-uid": z.string().default(""),
  "x-uid-validity": z.string().default(""),
  /** When the server got it, which may be long before it is read. */
  "x-arrived": z.iso.datetime().optional(),
  /** Its real size, where it was cut for that. */
  "x-cut-from-bytes": z.coerce.number().int().positive().optional(),
  /** The files that cutting left out. */
  "x-left-out": z
    .string()
    .default("[]")
    .transform((list): unknown => JSON.parse(list))
    .pipe(SkippedAttachments),
  /** The digest of its body, when `body` is only its start. */
  "x-body-digest": z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** Why it could not be taken in. */
  "x-lost-because": z.string().optional(),
});
export type PollerHeaders = z.infer<typeof PollerHeaders>;
/** The same as they are written. */
export type PollerHeaderTexts = Partial<Record<keyof PollerHeaders, string>>;

/** What `receive` tells `resolve` about a mail besides its bytes. */
export const HintNote = z.object({
  /** The address of ours it was found under. */
  inbox: z.string(),
  /** Set when the mail was over the size limit: its real size, while the kept body has only headers and text. */
  cutFromBytes: z.int().nullable(),
  /** The files that cutting left out. */
  leftOut: SkippedAttachments.default([]),
  /** Set when there is no mail behind this: it could not be taken in, and why. */
  lost: z.string().nullable().default(null),
  /** When its server got it, where the server says so; the age of its signature counts as of then. */
  arrivedAt: z.iso.datetime().nullable().default(null),
  /** True for a teammate's, which lies in the Sent folder. */
  sent: z.boolean().default(false),
  /** True for what claims to be a teammate's answer to another person, of which an inbox got a copy. */
  copied: z.boolean().default(false),
  /** Set when this tells a conversation that another person answered in its thread; there is no kept body then. */
  aside: z.object({ from: z.string().nullable() }).optional(),
});
export type HintNote = z.infer<typeof HintNote>;

/** Where an answer goes and how it is threaded; part of what a teammate approves. */
export const AnswerAddress = z.strictObject({
  /** Our address the customer wrote to, and the answer's sender. */
  inbox: z.string(),
  to: z.string(),
  /** Who gets it as well; left out where it goes to the customer alone. */
  cc: z.array(z.string()).max(20).exactOptional(),
  /** Without brackets; null when the mail had no usable Message-ID. */
  inReplyTo: z.string().nullable(),
  references: z.array(z.string()).max(40),
  subject: z.string(),
});
export type AnswerAddress = z.infer<typeof AnswerAddress>;

/**
 * How far the sending of one reply has come, written before and after the server is given the mail. `sending` with no
 * copy in Sent is the only unknown state.
 */
export const SendProgress = z.object({
  state: z.enum(["sending", "accepted", "not-sent"]),
  messageId: z.string(),
  /** The name the provider gave it when it took it, if it said one. */
  takenAs: z.string().max(200).optional(),
});
export type SendProgress = z.infer<typeof SendProgress>;
