/**
 * Room: composes replies and notices and sends each mail once.
 * In: an action with its idempotency key, and the inbox it is sent from.
 * Out: the state of the sending: sent, not sent, or unknown; a copy in Sent.
 * May touch: SMTP servers, Microsoft Graph, the Sent folder over IMAP, and the channel's cursors.
 *
 * Neither SMTP nor Graph has an idempotency key. So notes in our cursors, all under the Message-ID derived from the key,
 * record how far the sending came: `sending` is written when the server is reached and before it receives any command of
 * the mail, `not-sent` when it has refused, and `accepted` only where the provider has another name for the mail or the
 * ledger could not record it, since what was sent is there in the next moment, before the copy in Sent. No note means that
 * nothing was sent. After `sending` we search the Sent folder; if the mail is not there, the outcome is unknown. A reply
 * then waits for a person; a notice is sent again, the same mail under the same id. So a crash between the server's yes and
 * that record makes a reply unknown, and a notice may come twice. Graph keeps the copy itself, maybe under another
 * Message-ID, which is learned from it.
 */

import { setTimeout as delay } from "node:timers/promises";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { CommitResult, EffectLookup } from "#core/contracts/tool.ts";
import { inboxName, type LoginStates } from "#email/login/sign-in.ts";
import type { PreparedMail } from "./compose.ts";
import { bounceKey, providerIdKey, providerIdIn, threadKey } from "#email/threading/thread-keys.ts";
import { type EmailOptions, type Inbox, SendProgress } from "#email/options.ts";
import { submitByGraph, submitMail } from "./deliver.ts";
import { sentFolder, type SentFolder } from "#email/inbox/imap-connection.ts";

interface Options extends Pick<EmailOptions, "inboxes" | "cursors" | "clock" | "log" | "limits"> {
  readonly accounts: LoginStates;
  /** Inboxes whose provider wants the plain address as return path, as far as this process has heard. */
  readonly plainReturns: Set<Inbox>;
}

interface SendContext extends Options {
  readonly inbox: Inbox;
  readonly sent: SentFolder;
  readonly letter: PreparedMail;
}

/** The writing half of the channel; nothing is connected until a mail goes out. */
export function mailSender(given: Omit<Options, "plainReturns">) {
  const options = { ...given, plainReturns: new Set<Inbox>() };
  const { accounts, limits: timeouts } = options;
  const places = new Map(
    options.inboxes.flatMap((inbox) => {
      const account = accounts.of(inbox.address, "IMAP");
      const place = {
        inbox,
        sent: sentFolder(inbox.imap, { timeouts, account, isRenamed: inbox.graph !== undefined }),
      };
      return [inbox.address, ...inbox.aliases].map((name) => [name.toLowerCase(), place] as const);
    }),
  );
  const sendContext = (letter: PreparedMail): SendContext => {
    const place = places.get(letter.inbox);
    if (place === undefined)
      throw new DeskhandError("channel.refused", `${letter.inbox} is no inbox of ours any more`);
    return { ...options, ...place, letter };
  };
  return {
    /** `isFirst` as for a target. */
    send: async (
      letter: PreparedMail,
      signal: AbortSignal,
      isFirst: (() => boolean) | undefined,
    ): Promise<CommitResult> => {
      const context = sendContext(letter);
      // Graph may have taken what it put off, also under an effect that ended and is intended again.
      if (isFirst?.() !== true || context.inbox.graph !== undefined) {
        const before = await find(context);
        if (before.state === "done") return before.committed;
        if (before.state === "unknowable")
          throw new DeskhandError("channel.uncertain", before.reason);
      }
      return send(context, signal);
    },
    find: (letter: PreparedMail): Promise<EffectLookup> => look(sendContext(letter)),
  };
}

async function send(context: SendContext, signal: AbortSignal): Promise<CommitResult> {
  const raw = await context.letter.build(context.clock.now());
  const progress = await handOver(context, raw, signal);
  if (context.inbox.graph !== undefined)
    return commitResult(context, await withCopysId(context, progress));
  const afterwards = async (isRecorded: boolean): Promise<void> => {
    if (!isRecorded) await saveProgress(context, "accepted", progress).catch(() => undefined);
    await keepCopy(context, raw);
  };
  return { ...commitResult(context, progress), afterwards };
}

/** The copy that Exchange keeps may come a moment after its answer; answers without it are found by their marks. */
async function withCopysId(context: SendContext, progress: SendProgress): Promise<SendProgress> {
  const { limits, sent, letter } = context;
  for (const pauseMs of [0, limits.retryMs.first, limits.retryMs.first * 2]) {
    await delay(pauseMs);
    // The mail is out, whether the folder can be searched or not.
    const copy = await sent.find(letter).catch(() => null);
    if (copy !== null) return saveProgress(context, "accepted", takenAs(context, copy));
  }
  return progress;
}

/** The provider's name for the mail, where it is another than ours. */
function takenAs({ letter }: SendContext, said: string): Pick<SendProgress, "takenAs"> {
  const name = providerIdIn(said);
  return name === null || letter.messageId.startsWith(name) ? {} : { takenAs: name };
}

async function handOver(
  context: SendContext,
  raw: Buffer,
  signal: AbortSignal,
): Promise<SendProgress> {
  let response: string;
  try {
    response = await submitted(context, raw, signal);
  } catch (error) {
    const isUncertain = error instanceof DeskhandError && error.code === "channel.uncertain";
    if (!isUncertain) await saveProgress(context, "not-sent");
    throw error;
  }
  const { inbox, letter } = context;
  const named = takenAs(context, response);
  return inbox.graph === undefined && named.takenAs === undefined
    ? { state: "accepted", messageId: letter.messageId }
    : saveProgress(context, "accepted", named);
}

/**
 * Gives the server's answer. A return path of our own making is a courtesy: a provider that knows only its user's
 * address gets that one.
 */
async function submitted(context: SendContext, raw: Buffer, signal: AbortSignal): Promise<string> {
  const { inbox, plainReturns, letter, clock, limits } = context;
  const account = context.accounts.of(inbox.address, "SMTP");
  const beforeSending = () => saveProgress(context, "sending");
  const how = { timeouts: limits, clock, account, signal, beforeSending };
  if (inbox.graph !== undefined) {
    await submitByGraph(inbox.graph, raw, how);
    return "";
  }
  const from = async (returnPath: string): Promise<string> => {
    const mail = { raw, returnPath, to: letter.to, cc: letter.cc };
    const { response, rejected } = await submitMail(inbox.smtp, mail, how);
    const told = {
      inbox: inboxName(inbox.address),
      mail: letter.messageId,
      refused: rejected.length,
    };
    if (rejected.length > 0) context.log.warn("mail was sent, but not to all in copy", told);
    return response;
  };
  if (plainReturns.has(inbox) || letter.returnPath === letter.inbox) return from(letter.inbox);
  try {
    return await from(letter.returnPath);
  } catch (error) {
    if (!isAboutSender(error)) throw error;
    const answer = await from(letter.inbox);
    plainReturns.add(inbox);
    context.log.info("the mail server takes no return path but the plain address", {
      inbox: inboxName(inbox.address),
      reason: reasonOf(error),
    });
    return answer;
  }
}

/** How Postfix, Exim and Exchange Online refuse a user who may not send under the given address. */
const ABOUT_SENDER =
  /send(?:er)? ?as|sender (?:address|verify|rejected)|not owned by user|mail from|\b5\.1\.[78]\b|\b5\.7\.60\b|\b5\.2\.252\b/i;

/** Only after a final no: then nothing was sent, and asking again with another sender sends nothing twice. */
function isAboutSender(error: unknown): boolean {
  return (
    error instanceof DeskhandError &&
    error.code === "channel.refused" &&
    ABOUT_SENDER.test(error.message)
  );
}

/** The mail is out, so a Sent folder that cannot be written is told and nothing more. */
async function keepCopy({ log, inbox, sent, letter }: SendContext, raw: Buffer): Promise<void> {
  try {
    await sent.keep(raw, letter);
  } catch (error) {
    log.warn("mail was sent, its copy in Sent is missing", {
      inbox: inboxName(inbox.address),
      reason: reasonOf(error),
    });
  }
}

/**
 * For a caller whose notes may be older than the mail, as after a restore: without a note, a copy in Sent still proves
 * that the mail was sent.
 */
async function look(context: SendContext): Promise<EffectLookup> {
  const found = await find(context);
  if (found.state !== "absent") return found;
  const copy = await context.sent.find(context.letter);
  return copy === null
    ? found
    : { state: "done", committed: commitResult(context, takenAs(context, copy)) };
}

async function find(context: SendContext): Promise<EffectLookup> {
  const { inbox, letter } = context;
  const { messageId, whenInDoubt } = letter;
  const stored = await context.cursors.read(sendingCursor(messageId));
  const progress = stored === null ? null : SendProgress.parse(JSON.parse(stored));
  // Graph may have taken what it put off, so its word is no end of the matter.
  const isOff = progress?.state === "not-sent";
  if (progress === null || (isOff && inbox.graph === undefined)) return { state: "absent" };
  if (progress.state === "accepted")
    return { state: "done", committed: commitResult(context, progress) };
  const copy = await context.sent.find(context.letter);
  if (copy !== null)
    return { state: "done", committed: commitResult(context, takenAs(context, copy)) };
  if (isOff || whenInDoubt === "again") return { state: "absent" };
  return {
    state: "unknowable",
    reason:
      "the mail server got the mail, what it answered is not known, and Sent has no copy of it",
  };
}

/** Under which names an answer to it, or a report about it, is known. */
function commitResult(
  { letter: { to, messageId, tag } }: SendContext,
  { takenAs: name }: Pick<SendProgress, "takenAs">,
): CommitResult {
  const names = [messageId, ...(name === undefined ? [] : [providerIdKey(name)])];
  return {
    ref: messageId,
    conversationKeys: [
      ...names.map((name) => threadKey(to, name)),
      ...names.map(bounceKey),
      ...(tag === null ? [] : [threadKey(to, tag)]),
    ],
  };
}

async function saveProgress(
  { cursors, letter: { messageId } }: SendContext,
  state: SendProgress["state"],
  more: Pick<SendProgress, "takenAs"> = {},
): Promise<SendProgress> {
  const progress: SendProgress = { state, messageId, ...more };
  await cursors.write(sendingCursor(messageId), JSON.stringify(progress));
  return progress;
}

function sendingCursor(messageId: string): string {
  return `email:sending:${messageId}`;
}
