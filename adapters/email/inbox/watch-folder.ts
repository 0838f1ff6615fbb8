/**
 * Room: watches the folders of mail accounts over IMAP and fetches each new mail at least once. `watchFolder` is the
 * start.
 * In: an account, a folder (the inbox or Sent), and the position stored at the last visit.
 * Out: each mail goes to `accept`, in order; a mail that cannot be fetched is reported to the team.
 * May touch: IMAP servers, the position store, and the blob store for large mails. Nothing else.
 *
 * Work is decided by UID and our own position, never by \Seen, because people read the same mailbox. The position moves
 * in the commit that takes the mail in, so that a crash neither loses nor repeats it.
 * The first visit starts behind what is there. When the server numbers its mails anew (UIDVALIDITY), everything since
 * that first visit is offered again.
 *
 * A mail that cannot be taken in is noted as failed and passed; it is tried again with less of its content, and then
 * people are told of it. Its tries are counted in the position, also when they end the process: which mail that was is
 * noted for all that is there at a start, since the last process may have ended with one of them. Only a failing `accept`
 * that says "try again" (the database is away) stops the line.
 */

import type { ImapFlow } from "imapflow";
import type { ConnectionReport } from "#core/connection/connection-board.ts";
import type { Accept, Delivery } from "#core/contracts/channel.ts";
import { pause, unlessAborted } from "#core/values/deadline.ts";
import { SPAM_CURSOR } from "#core/contracts/ports.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { inboxName, type LoginState } from "#email/login/sign-in.ts";
import { fetchArrival, fetchMail } from "./fetch-mail.ts";
import {
  closeImap,
  connectImap,
  findFolder,
  folderPath,
  imapReason,
  isRefusal,
  isSelected,
  waitForMail,
} from "./imap-connection.ts";
import type { EmailOptions, Inbox, PollerHeaderTexts } from "#email/options.ts";
import {
  afterFailure,
  afterRestart,
  afterSuccess,
  FAILED_MAX,
  fetchTries,
  FolderPosition,
  isKnownRefused,
  positionAt,
} from "./folder-position.ts";

/** Tries for one mail before it is given up; the last one is with its headers and text only. */
const TRIES_MAX = 3;
/** How many mails with nothing to take in, usually our own copies in Sent, are looked at again after a crash. */
const PASSED_STORED = 20;
const SPAM_LOOK_MS = 60 * 60_000;
/** Of the words of an error people are shown, in characters. */
const REASON_MAX = 300;

interface WatchFolderOptions
  extends
    Pick<EmailOptions, "cursors" | "blobs" | "clock" | "log" | "startAt" | "limits">,
    Pick<Inbox, "address" | "imap"> {
  readonly folder: "inbox" | "sent";
  /** Its name on the server, or its special use. */
  readonly path: string;
  readonly account: LoginState;
  /** Waited for before the account is reached, and before anything is taken in; it may never resolve. */
  readonly after?: () => Promise<void>;
  /** Told whenever the folder was looked through, and when its connection was lost. */
  readonly report?: ConnectionReport | undefined;
}

/** Starts watching; never rejects, since a mail server that is away comes back. */
export function watchFolder(options: WatchFolderOptions, accept: Accept) {
  const stopping = new AbortController();
  const ready = Promise.withResolvers<void>();
  const watcher = new Watcher(options, accept, stopping.signal);
  const running = watcher.run(ready.resolve).finally(ready.resolve);
  return {
    /** Resolves when the inbox was reached and its position is known, or when the first attempt failed. */
    ready: ready.promise,
    /** Resolves when everything that is there at this moment has been taken in; waits for a server that is away. */
    caughtUp: () => watcher.caughtUp(),
    /** Takes nothing new and waits for the mail in hand. */
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

class Watcher {
  readonly #options: WatchFolderOptions;
  readonly #accept: Accept;
  readonly #stopping: AbortSignal;
  readonly #cursor: string;
  /** True until the position was read: what it says is in hand then is from another process. */
  #isFresh = true;
  /** True until all that was there at the start, or when the store failed, was looked at. */
  #isCautious = true;
  /** By UID, why a mail failed last, for the people who are told of it in the end. */
  readonly #reasons = new Map<number, string>();
  #spamDueMs = 0;
  /** Who waits for all that is there to be taken in. */
  readonly #waiting: (() => void)[] = [];
  /** Aborted by what ends the wait for new mail. */
  #news = new AbortController();
  readonly #wake = (): void => this.#news.abort();

  constructor(options: WatchFolderOptions, accept: Accept, stopping: AbortSignal) {
    this.#options = options;
    this.#accept = accept;
    this.#stopping = stopping;
    stopping.addEventListener("abort", this.#wake);
    const { address, folder, path } = options;
    this.#cursor = `email:${address}:${folder === "sent" ? "Sent" : path}`;
  }

  caughtUp(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.#wake();
    return promise;
  }

  async run(attempted: () => void): Promise<void> {
    const { limits, log, address } = this.#options;
    const { retryMs } = limits;
    let waitMs = retryMs.first;
    while (!this.#stopping.aborted) {
      let restMs = 0;
      try {
        await this.#session(attempted, () => {
          waitMs = retryMs.first;
          this.#options.report?.up();
        });
        this.#options.report?.down("the connection ended");
      } catch (error) {
        if (this.#stopping.aborted) break;
        // A refused login says when it may be tried again; hammering locks accounts.
        if (error instanceof DeskhandError) restMs = error.retryAfterMs ?? 0;
        this.#options.report?.down(imapReason(error));
        log.warn("inbox lost, trying again", {
          inbox: inboxName(address),
          reason: imapReason(error),
          waitMs: Math.max(waitMs, restMs),
        });
      }
      attempted();
      // Not all at the same moment, when a provider comes back with a thousand mailboxes.
      await this.#pause(Math.max(waitMs * (0.5 + Math.random() / 2), restMs));
      waitMs = Math.min(waitMs * 2, retryMs.most);
    }
  }

  /** One connection, until it breaks or the watcher stops. It counts as working once its mail was looked through. */
  async #session(reached: () => void, working: () => void): Promise<void> {
    await this.#afterOthers();
    if (this.#stopping.aborted) return;
    const { imap, limits, account, path } = this.#options;
    const open = (client: ImapFlow): Promise<string> => folderPath(client, path);
    const client = await connectImap(imap, { timeouts: limits, account, open });
    client.on("exists", this.#wake);
    client.on("close", this.#wake);
    try {
      let position = await this.#position(client);
      reached();
      while (!this.#isOver(client)) {
        // From here on, what comes ends the next wait.
        this.#news = new AbortController();
        const waiting = this.#waiting.length;
        position = await this.#drain(client, position);
        if (!this.#isOver(client)) this.#isCautious = false;
        if (isSelected(client)) working();
        await this.#countSpam(client);
        if (!this.#isOver(client))
          for (const caughtUp of this.#waiting.splice(0, waiting)) caughtUp();
        if (!this.#isOver(client)) await waitForMail(client, this.#news, limits);
      }
    } finally {
      await closeImap(client, this.#stopping.aborted);
    }
  }

  /** Where to go on: the stored position, or a new one at the first visit and after new numbering. */
  async #position(client: ImapFlow): Promise<FolderPosition> {
    const { cursors, clock, startAt, log, address, folder } = this.#options;
    const mailbox = client.mailbox;
    if (mailbox === false) throw new Error("no mailbox is open");
    const uidValidity = String(mailbox.uidValidity);
    const isFresh = this.#isFresh;
    this.#isFresh = false;
    const stored = await cursors.read(this.#cursor);
    if (stored === null) {
      // Another folder of a mailbox that was read before: what moved there meanwhile would be lost.
      const former = folder === "inbox" ? await cursors.read(`email:${address}:INBOX`) : null;
      if (former !== null) {
        const { since } = FolderPosition.parse(JSON.parse(former));
        return this.#store(positionAt({ uidValidity, uid: 0, since }));
      }
      const isAll = startAt === "all";
      const since = isAll ? new Date(0) : clock.now();
      const uid = isAll ? 0 : mailbox.uidNext - 1;
      if (!isAll && mailbox.exists > 0)
        log.warn("first look at a mailbox: what is there already is left alone", {
          inbox: inboxName(address),
          folder,
          mails: mailbox.exists,
        });
      return this.#store(positionAt({ uidValidity, uid, since: since.toISOString() }));
    }
    const known = FolderPosition.parse(JSON.parse(stored));
    if (known.uidValidity === uidValidity)
      return known.inHand === null
        ? known
        : this.#store(isFresh ? afterRestart(known) : { ...known, inHand: null });
    log.warn("mailbox was numbered anew, looking through it again", { inbox: inboxName(address) });
    return this.#store(positionAt({ uidValidity, uid: 0, since: known.since }));
  }

  async #store(position: FolderPosition): Promise<FolderPosition> {
    await this.#options.cursors.write(this.#cursor, JSON.stringify(position));
    return position;
  }

  /** Takes in everything behind the position, oldest first, then what failed before. */
  async #drain(client: ImapFlow, from: FolderPosition): Promise<FolderPosition> {
    let position = from;
    const found = await client.search({ uid: `${from.uid + 1}:*` }, { uid: true });
    // `n:*` always names the newest mail, also when its UID is below n (RFC 3501 section 6.4.8).
    if (!Array.isArray(found))
      throw new DeskhandError("channel.unavailable", "the folder cannot be searched");
    const fresh = found.filter((uid) => uid > from.uid);
    if (fresh.length > 0) await this.#afterOthers();
    for (const uid of fresh.toSorted((a, b) => a - b)) {
      if (this.#isOver(client)) return position;
      position = await this.#offer(client, uid, position);
      // When too many mails have failed, this one is not set aside for later: it gets all its tries at once.
      while (
        position.failed.length >= FAILED_MAX &&
        fetchTries(position, uid) > 0 &&
        !this.#isOver(client)
      ) {
        const before = fetchTries(position, uid);
        position = await this.#offer(client, uid, position);
        if (before > TRIES_MAX) break;
      }
    }
    // What failed just now gets some time to go better.
    for (const uid of from.failed) {
      if (this.#isOver(client)) return position;
      position = await this.#offer(client, uid, position);
    }
    return position;
  }

  /** Once an hour, for the team: what the provider takes for spam never comes to the folder that is read. */
  async #countSpam(client: ImapFlow): Promise<void> {
    const { clock, cursors, address, folder } = this.#options;
    const at = clock.now();
    if (folder === "sent" || at.getTime() < this.#spamDueMs || this.#isOver(client)) return;
    this.#spamDueMs = at.getTime() + SPAM_LOOK_MS;
    const path = await findFolder(client, "\\Junk");
    const status = path === null ? false : await client.status(path, { messages: true });
    if (status !== false && status.messages !== undefined)
      await cursors.write(`${SPAM_CURSOR}${address}`, `${at.toISOString()} ${status.messages}`);
  }

  #isOver(client: ImapFlow): boolean {
    return this.#stopping.aborted || !isSelected(client);
  }

  /** One try of one mail, and how far that leads. Throws what stops the line. */
  async #offer(client: ImapFlow, uid: number, from: FolderPosition): Promise<FolderPosition> {
    // Should this mail end the process, the next one knows which it was.
    const position = this.#isCautious ? await this.#store({ ...from, inHand: uid }) : from;
    const after = afterSuccess(position, uid);
    try {
      const delivery = await this.#deliveryOf(client, uid, position);
      if (delivery === null) {
        if (position !== from || uid % PASSED_STORED === 0) await this.#store(after);
      } else {
        const kept = { name: this.#cursor, value: JSON.stringify(after) };
        await this.#accept({ ...delivery, position: kept });
      }
      this.#reasons.delete(uid);
      return after;
    } catch (error) {
      if (this.#stopping.aborted) {
        // We stopped this try, so the next start must not count it as a mail that ended the process.
        await this.#store(from);
        throw error;
      }
      if (error instanceof DeskhandError && error.retry) {
        // The mail is not to blame, so this was no try of it. While nothing can be written, it is not fetched again.
        this.#isCautious = true;
        if (position !== from) await this.#store(from).catch(() => undefined);
        throw error;
      }
      return this.#afterFailedTry(client, uid, { from, position, error });
    }
  }

  /** Counts a try that failed. Throws where the connection ended with it. */
  async #afterFailedTry(
    client: ImapFlow,
    uid: number,
    {
      from,
      position,
      error,
    }: {
      readonly from: FolderPosition;
      readonly position: FolderPosition;
      readonly error: unknown;
    },
  ): Promise<FolderPosition> {
    const { log, address, clock } = this.#options;
    const at = clock.now().toISOString();
    if (isSelected(client) && isRefusal(error) && isKnownRefused(position, uid, at)) {
      if (position !== from) await this.#store(from);
      return from;
    }
    const reason = imapReason(error);
    const tries = fetchTries(position, uid) + 1;
    log.warn("mail could not be taken in, going on behind it", {
      inbox: inboxName(address),
      uid,
      tries,
      reason,
    });
    this.#reasons.set(uid, reason.slice(0, REASON_MAX));
    const next = afterFailure(position, uid, { isPassed: isSelected(client), at });
    await this.#store(next);
    if (!isSelected(client)) throw error;
    return next;
  }

  /** A mail as a delivery, or null when there is nothing to take; the last resort is to tell people of it. */
  async #deliveryOf(
    client: ImapFlow,
    uid: number,
    position: FolderPosition,
  ): Promise<Delivery | null> {
    const { log, address, folder, path, limits, clock, blobs } = this.#options;
    const tries = fetchTries(position, uid) + 1;
    if (tries > TRIES_MAX) {
      // A mail program shows no UID; when the mail came, it does.
      const arrived = await fetchArrival(client, uid).catch(() => null);
      return this.#lostDelivery({ uid, arrived }, position);
    }
    const fetched = await fetchMail(client, uid, {
      address,
      folder,
      isArchive: folder === "inbox" && path !== "INBOX",
      since: new Date(position.since),
      receivedAt: clock.now(),
      cut: tries === TRIES_MAX,
      limits,
      blobs,
      signal: this.#stopping,
    });
    if (fetched === "gone")
      log.info("mail was moved or deleted before it was read", { inbox: inboxName(address), uid });
    return typeof fetched === "string" ? null : fetched;
  }

  /** A delivery like any other, so that it is neither lost nor told twice; the mail itself stays in the inbox. */
  #lostDelivery(
    { uid, arrived }: { readonly uid: number; readonly arrived: Date | null },
    { uidValidity }: FolderPosition,
  ): Delivery {
    const { log, address, folder, clock } = this.#options;
    const reason = this.#reasons.get(uid) ?? "each try of it ended the process or the connection";
    log.error("mail could not be taken in and stays in the inbox", {
      inbox: inboxName(address),
      uid,
      reason,
    });
    return {
      source: "imap",
      headers: {
        "x-inbox": address,
        "x-folder": folder,
        "x-uid-validity": uidValidity,
        "x-uid": String(uid),
        "x-lost-because": `${reason}; it is still in ${address}, as number ${uid} there, arrived ${arrived?.toISOString() ?? "at a time the server does not say"}`,
      } satisfies PollerHeaderTexts,
      body: new Uint8Array(),
      receivedAt: clock.now(),
    };
  }

  /** As long as it takes, or until the watcher stops. */
  async #afterOthers(): Promise<void> {
    const { after } = this.#options;
    if (after === undefined || this.#stopping.aborted) return;
    await unlessAborted(after(), this.#stopping).catch((error: unknown) => {
      if (!this.#stopping.aborted) throw error;
    });
  }

  /** Waits until the time is over, the watcher is stopped, or another caller (such as the doctor) signed in. */
  async #pause(waitMs: number): Promise<void> {
    const mended = new AbortController();
    const off = this.#options.account.onAccepted(() => mended.abort());
    // When it ends early, the loop looks at what for.
    await pause(waitMs, AbortSignal.any([this.#stopping, mended.signal])).catch(() => undefined);
    off();
  }
}
