/**
 * Watches one folder of an account, its inbox or Sent, and hands every mail to `accept`, in order, each at least once.
 *
 * Work is decided by UID and our own position, never by \Seen, because people read the same mailbox. The position moves
 * only after `accept` resolved, so a crash repeats a mail instead of losing it; the event id makes the repeat harmless.
 * The first visit starts behind what is there. When the server numbers its mails anew (UIDVALIDITY), everything since
 * that first visit is offered again.
 *
 * A mail that cannot be taken in is noted as failed and passed; it is tried again with less of its content, and given
 * up loudly. Only a failing `accept` that says "try again" (the database is away) stops the line.
 */

import { setTimeout as delay } from "node:timers/promises";
import type { ImapFlow } from "imapflow";
import type { Accept } from "#core/channel.ts";
import { DeskhandError, reasonOf } from "#core/errors.ts";
import type { Clock, Cursors, Log } from "#core/ports.ts";
import { fetchMail, type FetchLimits } from "./fetch.ts";
import { imapClient, type ImapServer, type ImapTimeouts } from "./imap.ts";
import { MailboxPosition } from "./schema.ts";
import { sentPath } from "./sent.ts";
import { within } from "./within.ts";

/** What a watcher needs. */
export interface MailboxOptions {
  readonly address: string;
  readonly folder: "inbox" | "sent";
  /** Waited for before the account is reached, and before anything is taken in; it may never resolve. */
  readonly after?: () => Promise<void>;
  readonly imap: ImapServer;
  readonly cursors: Cursors;
  readonly clock: Clock;
  readonly log: Log;
  /** `now`: mails that are there at the first visit are left alone. `all`: they are taken in as well. */
  readonly startAt: "now" | "all";
  readonly timeouts: ImapTimeouts;
  /** New mail is looked for this often even when the server pushes, in milliseconds. */
  readonly pollMs: number;
  readonly retryMs: { readonly first: number; readonly most: number };
  readonly fetchLimits: FetchLimits;
}

/** A running watcher. */
export interface MailboxWatch {
  /** Resolves when the inbox was reached and its position is known, or when the first attempt failed. */
  readonly ready: Promise<void>;
  /** Resolves when everything that is there at this moment has been taken in; waits for a server that is away. */
  caughtUp(): Promise<void>;
  /** Takes nothing new and waits for the mail in hand. */
  stop(): Promise<void>;
}

/** Tries for one mail before it is given up; the last one is with its headers and text only. */
const TRIES_MAX = 3;
/** After a refused login; hammering locks accounts. */
const LOGIN_RETRY_MS = 60_000;

/** Starts watching; never rejects, since a mail server that is away comes back. */
export function watchMailbox(options: MailboxOptions, accept: Accept): MailboxWatch {
  const stopping = new AbortController();
  const ready = Promise.withResolvers<void>();
  const watcher = new Watcher(options, accept, stopping.signal);
  const running = watcher.run(ready.resolve).finally(ready.resolve);
  return {
    ready: ready.promise,
    caughtUp: () => watcher.caughtUp(),
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

class Watcher {
  readonly #options: MailboxOptions;
  readonly #accept: Accept;
  readonly #stopping: AbortSignal;
  readonly #cursor: string;
  /** By UID, of this process only: after a restart a bad mail gets its tries again. */
  readonly #tries = new Map<number, number>();
  /** Who waits for all that is there to be taken in. */
  readonly #waiting: (() => void)[] = [];
  #events: Wake | null = null;

  constructor(options: MailboxOptions, accept: Accept, stopping: AbortSignal) {
    this.#options = options;
    this.#accept = accept;
    this.#stopping = stopping;
    this.#cursor = `email:${options.address}:${options.folder === "sent" ? "Sent" : "INBOX"}`;
  }

  caughtUp(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.#events?.wake();
    return promise;
  }

  async run(attempted: () => void): Promise<void> {
    const { retryMs, log, address } = this.#options;
    let waitMs = retryMs.first;
    while (!this.#stopping.aborted) {
      try {
        await this.#session(() => {
          waitMs = retryMs.first;
          attempted();
        });
      } catch (error) {
        if (this.#stopping.aborted) break;
        log.warn("inbox lost, trying again", { inbox: address, reason: reasonOf(error), waitMs });
        if (isLoginFailure(error)) waitMs = Math.max(waitMs, LOGIN_RETRY_MS);
      }
      attempted();
      await this.#pause(waitMs);
      waitMs = Math.min(waitMs * 2, retryMs.most);
    }
  }

  /** One connection, until it breaks or the watcher stops. */
  async #session(reached: () => void): Promise<void> {
    await this.#afterOthers();
    if (this.#stopping.aborted) return;
    const client = imapClient(this.#options.imap, this.#options.timeouts);
    const events = new Wake(client, this.#stopping);
    this.#events = events;
    try {
      await client.connect();
      const path = this.#options.folder === "sent" ? await sentPath(client) : "INBOX";
      await client.mailboxOpen(path, { readOnly: true });
      let position = await this.#position(client);
      reached();
      while (!this.#stopping.aborted && client.usable) {
        events.reset();
        const waiting = this.#waiting.length;
        position = await this.#drain(client, position);
        if (client.usable && !this.#stopping.aborted)
          for (const caughtUp of this.#waiting.splice(0, waiting)) caughtUp();
        // IDLE ends by itself as soon as the next command is sent.
        if (!this.#stopping.aborted && client.usable) {
          const idling = client.idle().catch(() => false);
          await events.wait(this.#options.pollMs);
          // The NOOP ends IDLE and proves that the connection is alive.
          if (client.usable) await within(client.noop(), this.#options.timeouts.socketMs);
          await idling;
        }
      }
    } finally {
      this.#events = null;
      events.dispose();
      await farewell(client, this.#stopping.aborted);
    }
  }

  /** Where to go on: the stored position, or a new one at the first visit and after new numbering. */
  async #position(client: ImapFlow): Promise<MailboxPosition> {
    const { cursors, clock, startAt, log, address } = this.#options;
    const mailbox = client.mailbox;
    if (mailbox === false) throw new Error("no mailbox is open");
    const uidValidity = String(mailbox.uidValidity);
    const stored = await cursors.read(this.#cursor);
    if (stored === null) {
      const isAll = startAt === "all";
      const since = isAll ? new Date(0) : clock.now();
      const uid = isAll ? 0 : mailbox.uidNext - 1;
      return this.#store({ uidValidity, uid, since: since.toISOString(), failed: [] });
    }
    const known = MailboxPosition.parse(JSON.parse(stored));
    if (known.uidValidity === uidValidity) return known;
    log.warn("mailbox was numbered anew, looking through it again", { inbox: address });
    this.#tries.clear();
    return this.#store({ ...known, uidValidity, uid: 0, failed: [] });
  }

  async #store(position: MailboxPosition): Promise<MailboxPosition> {
    await this.#options.cursors.write(this.#cursor, JSON.stringify(position));
    return position;
  }

  /** Takes in everything behind the position, oldest first, then what failed before. */
  async #drain(client: ImapFlow, from: MailboxPosition): Promise<MailboxPosition> {
    let position = from;
    const found = await client.search({ uid: `${from.uid + 1}:*` }, { uid: true });
    // `n:*` always names the newest mail, also when its UID is below n (RFC 3501 section 6.4.8).
    const fresh = (Array.isArray(found) ? found : []).filter((uid) => uid > from.uid);
    if (fresh.length > 0) await this.#afterOthers();
    for (const uid of fresh.toSorted((a, b) => a - b)) {
      if (this.#stopping.aborted || !client.usable) return position;
      const taken = await this.#take(client, uid, position);
      const failed = taken ? position.failed : [...position.failed, uid].slice(-1_000);
      position = await this.#store({ ...position, uid, failed });
    }
    for (const uid of position.failed) {
      if (this.#stopping.aborted || !client.usable) return position;
      if (!(await this.#take(client, uid, position))) continue;
      const failed = position.failed.filter((other) => other !== uid);
      position = await this.#store({ ...position, failed });
    }
    return position;
  }

  /** True when this mail needs no further look: taken in, too old, gone, or given up. */
  async #take(client: ImapFlow, uid: number, { since }: MailboxPosition): Promise<boolean> {
    const { log, address, folder, fetchLimits, clock } = this.#options;
    const tries = (this.#tries.get(uid) ?? 0) + 1;
    this.#tries.set(uid, tries);
    if (tries > TRIES_MAX) {
      log.error("mail could not be taken in and stays in the inbox", { inbox: address, uid });
      return true;
    }
    try {
      const delivery = await fetchMail(client, uid, {
        address,
        folder,
        since: new Date(since),
        receivedAt: clock.now(),
        cut: tries === TRIES_MAX,
        limits: fetchLimits,
      });
      if (delivery !== null) await this.#accept(delivery);
      this.#tries.delete(uid);
      return true;
    } catch (error) {
      if (error instanceof DeskhandError && error.retry) {
        // The mail is not to blame, so this was no try of it.
        this.#tries.set(uid, tries - 1);
        throw error;
      }
      log.warn("mail could not be taken in, going on behind it", {
        inbox: address,
        uid,
        tries,
        reason: reasonOf(error),
      });
      if (!client.usable) throw error;
      return false;
    }
  }

  /** As long as it takes, or until the watcher stops. */
  async #afterOthers(): Promise<void> {
    const { after } = this.#options;
    if (after === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = (): void => resolve();
    this.#stopping.addEventListener("abort", stop, { once: true });
    if (!this.#stopping.aborted) await Promise.race([after(), promise]);
    this.#stopping.removeEventListener("abort", stop);
  }

  async #pause(waitMs: number): Promise<void> {
    try {
      await delay(waitMs, undefined, { signal: this.#stopping });
    } catch {
      // Stopped while waiting, which is what the loop looks at next.
    }
  }
}

/** Waits for whatever comes first: new mail, a broken connection, the poll time, or the end. */
class Wake {
  readonly #client: ImapFlow;
  readonly #stopping: AbortSignal;
  #woken = Promise.withResolvers<void>();
  readonly wake = (): void => this.#woken.resolve();

  constructor(client: ImapFlow, stopping: AbortSignal) {
    this.#client = client;
    this.#stopping = stopping;
    client.on("exists", this.wake);
    client.on("close", this.wake);
    stopping.addEventListener("abort", this.wake);
  }

  /** Before looking for mail: what comes from here on wakes the next wait. */
  reset(): void {
    this.#woken = Promise.withResolvers<void>();
  }

  async wait(pollMs: number): Promise<void> {
    if (this.#stopping.aborted) return;
    const timer = setTimeout(this.wake, pollMs);
    await this.#woken.promise;
    clearTimeout(timer);
  }

  dispose(): void {
    this.#client.off("exists", this.wake);
    this.#client.off("close", this.wake);
    this.#stopping.removeEventListener("abort", this.wake);
  }
}

function isLoginFailure(error: unknown): boolean {
  return (
    error instanceof Error && "authenticationFailed" in error && error.authenticationFailed === true
  );
}

async function farewell(client: ImapFlow, polite: boolean): Promise<void> {
  try {
    if (polite && client.usable) await client.logout();
  } catch {
    // The connection is given up either way.
  }
  client.close();
}
