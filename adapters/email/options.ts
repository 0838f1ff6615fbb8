/** Options of the e-mail channel, and the inboxes it serves. */
import type { DNSResolver } from "mailauth";
import type { ConnectionBoard } from "#core/connection/connection-board.ts";
import type { Keys } from "#core/connection/signing-keys.ts";
import type { Blobs, Clock, Cursors, Duties, Log } from "#core/contracts/ports.ts";
import type { LoginStates } from "./login/sign-in.ts";
import type { OwnServer } from "./sender-auth/authentication-results.ts";
import type { FetchLimits } from "./inbox/fetch-mail.ts";
import type { ImapServer, ImapTimeouts } from "./inbox/imap-connection.ts";
import type { GraphMailbox, SmtpServer, SmtpTimeouts } from "#email/outbound/deliver.ts";

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
export interface EmailLimits extends FetchLimits, ImapTimeouts, SmtpTimeouts {
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
  /**
   * Whether answers to one address end with a reference line, and a signed mail that quotes the line is believed; not
   * when absent.
   */
  readonly showsReference?: () => boolean;
  /** The domain of our Message-IDs. */
  readonly messageIdDomain: string;
  /** Names this installation in a header of every reply, so that it knows its own mail. */
  readonly instance: string;
  /** Proves that header; at least 16 characters. */
  readonly secret: Keys;
  /** `now`: mails that are there at the first visit are left alone. `all`: they are taken in as well. */
  readonly startAt: "now" | "all";
  readonly limits: EmailLimits;
}
