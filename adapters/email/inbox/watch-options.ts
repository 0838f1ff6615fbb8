/** What a watcher of one mail folder needs, and what it gives to its account. */
import type { ConnectionReport } from "#core/connection/connection-board.ts";
import type { Blobs, Clock, Cursors, Log } from "#core/contracts/ports.ts";
import { type FetchLimits } from "./fetch-mail.ts";
import { type ImapServer, type ImapTimeouts } from "./imap-connection.ts";
import type { LoginState } from "#email/login/sign-in.ts";

/** What a watcher needs. */
export interface WatchFolderOptions {
  readonly address: string;
  readonly folder: "inbox" | "sent";
  /** Waited for before the account is reached, and before anything is taken in; it may never resolve. */
  readonly after?: () => Promise<void>;
  readonly imap: ImapServer;
  readonly account: LoginState;
  readonly cursors: Cursors;
  readonly blobs: Pick<Blobs, "putStream">;
  readonly clock: Clock;
  readonly log: Log;
  /** `now`: mails that are there at the first visit are left alone. `all`: they are taken in as well. */
  readonly startAt: "now" | "all";
  readonly timeouts: ImapTimeouts;
  /** New mail is looked for this often even when the server pushes, in milliseconds. */
  readonly pollMs: number;
  readonly retryMs: { readonly first: number; readonly most: number };
  readonly fetchLimits: FetchLimits;
  /** Told whenever the folder was looked through, and when its connection was lost. */
  readonly report?: ConnectionReport | undefined;
}

/** A running watcher. */
export interface FolderWatch {
  /** Resolves when the inbox was reached and its position is known, or when the first attempt failed. */
  readonly ready: Promise<void>;
  /** Resolves when everything that is there at this moment has been taken in; waits for a server that is away. */
  caughtUp(): Promise<void>;
  /** Takes nothing new and waits for the mail in hand. */
  stop(): Promise<void>;
}
