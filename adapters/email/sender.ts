/**
 * Sends a mail once. Mail servers know no idempotency key, so three notes in our own cursors do the work, all under
 * the Message-ID that the key always gives: `sending` is written when the server is reached and before it is told
 * anything, `accepted` or `not-sent` when it has answered. Whoever finds no note knows that nothing was sent; whoever
 * finds `sending` looks into Sent, and if the mail is not there, nobody can know. A reply then waits for a person; a
 * notice is sent again, the same mail under the same id.
 */

import { DeskhandError, reasonOf } from "#core/errors.ts";
import type { Clock, Cursors, Log } from "#core/ports.ts";
import type { Committed, Found } from "#core/target.ts";
import type { MailAccounts } from "./accounts.ts";
import type { Letter, Outgoing } from "./compose.ts";
import { bounceKey, threadKey } from "./keys.ts";
import type { EmailLimits, Inbox } from "./options.ts";
import { SendProgress } from "./schema.ts";
import { sentFolder, type SentFolder } from "./sent.ts";
import { submit } from "./smtp.ts";

/** The writing half of the channel. */
export interface MailSender {
  send(letter: Letter, signal: AbortSignal): Promise<Committed>;
  find(letter: Letter): Promise<Found>;
}

interface Options {
  readonly inboxes: readonly Inbox[];
  readonly cursors: Cursors;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: EmailLimits;
  readonly accounts: MailAccounts;
}

interface Place {
  readonly inbox: Inbox;
  readonly sent: SentFolder;
  readonly letter: Letter;
}

/** Makes the sender; nothing is connected until a mail goes out. */
export function mailSender(options: Options): MailSender {
  const { accounts } = options;
  const timeouts = { socketMs: options.limits.imapSilenceMs, connectMs: options.limits.connectMs };
  const places = new Map(
    options.inboxes.map((inbox) => [
      inbox.address.toLowerCase(),
      {
        inbox,
        sent: sentFolder(inbox.imap, { timeouts, account: accounts.of(inbox.address, "IMAP") }),
      },
    ]),
  );
  const placeOf = (letter: Letter): Place => {
    const place = places.get(letter.inbox);
    if (place === undefined)
      throw new DeskhandError("channel.refused", `${letter.inbox} is no inbox of ours any more`);
    return { ...place, letter };
  };
  return {
    send: (letter, signal) => send(options, placeOf(letter), signal),
    find: (letter) => look(options, placeOf(letter)),
  };
}

async function send(options: Options, place: Place, signal: AbortSignal): Promise<Committed> {
  const before = await find(options, place);
  if (before.state === "done") return before.committed;
  if (before.state === "unknowable") throw new DeskhandError("channel.uncertain", before.reason);
  const mail = await place.letter.build(options.clock.now());
  await handOver(options, place, mail, signal);
  await keepCopy(options, place, mail);
  return committedOf(place);
}

async function handOver(
  options: Options,
  { inbox, letter: { messageId } }: Place,
  mail: Outgoing,
  signal: AbortSignal,
): Promise<void> {
  const { connectMs, smtpAnswerMs } = options.limits;
  try {
    await submit(inbox.smtp, mail, {
      timeouts: { connectMs, answerMs: smtpAnswerMs },
      account: options.accounts.of(inbox.address, "SMTP"),
      signal,
      beforeEnvelope: () => note(options, { state: "sending", messageId }),
    });
  } catch (error) {
    const isUncertain = error instanceof DeskhandError && error.code === "channel.uncertain";
    if (!isUncertain) await note(options, { state: "not-sent", messageId });
    throw error;
  }
  await note(options, { state: "accepted", messageId });
}

/** The mail is out, so a Sent folder that cannot be written is told and nothing more. */
async function keepCopy(
  { log }: Options,
  { inbox, sent, letter: { messageId } }: Place,
  mail: Outgoing,
): Promise<void> {
  try {
    await sent.keep(mail.raw, messageId);
  } catch (error) {
    log.warn("mail was sent, its copy in Sent is missing", {
      inbox: inbox.address,
      reason: reasonOf(error),
    });
  }
}

/**
 * As somebody asks who cannot be sure of our notes, because they may be older than the mail: without one, a copy in
 * Sent still tells that it was sent.
 */
async function look(options: Options, place: Place): Promise<Found> {
  const found = await find(options, place);
  if (found.state !== "absent" || !(await place.sent.has(place.letter.messageId))) return found;
  return { state: "done", committed: committedOf(place) };
}

async function find(options: Options, place: Place): Promise<Found> {
  const { messageId, whenInDoubt } = place.letter;
  const stored = await options.cursors.read(cursorOf(messageId));
  const progress = stored === null ? null : SendProgress.parse(JSON.parse(stored));
  if (progress === null || progress.state === "not-sent") return { state: "absent" };
  if (progress.state === "accepted" || (await place.sent.has(messageId)))
    return { state: "done", committed: committedOf(place) };
  if (whenInDoubt === "again") return { state: "absent" };
  return {
    state: "unknowable",
    reason: "the mail server got the mail but never answered, and Sent has no copy of it",
  };
}

function committedOf({ letter: { to, messageId } }: Place): Committed {
  return { ref: messageId, conversationKeys: [threadKey(to, messageId), bounceKey(messageId)] };
}

async function note({ cursors }: Options, progress: SendProgress): Promise<void> {
  await cursors.write(cursorOf(progress.messageId), JSON.stringify(progress));
}

function cursorOf(messageId: string): string {
  return `email:sending:${messageId}`;
}
