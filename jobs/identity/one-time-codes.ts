/**
 * Room: proves identity by one-time codes that are mailed to the address on file.
 * In: the effect `send_code`, planned by a tool.
 * Out: a mail with the code, or nothing that the requester could tell apart from it; alerts at limits.
 * May touch: the database, the shop's customer lookup, the e-mail channel.
 * This file: all of it: how codes are computed and hashed, their order in a bundle, and how they are sent.
 */
import {
  type PlannedAction,
  SendCodeArguments,
  type Action,
  type NoticeArguments,
} from "#core/values/action.ts";
import { keyedDigest } from "#core/values/canonical-json.ts";
import { acceptedKeys, currentKey, type Keys } from "#core/connection/signing-keys.ts";
import type { OneTimeCodes } from "#core/contracts/ports.ts";
import { MAIL, type ChannelName } from "#core/values/vocabulary.ts";
import { randomInt } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { InputGuard } from "#core/contracts/guard.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Shop } from "#core/contracts/shop.ts";
import type { CommitResult, EffectLookup, Target } from "#core/contracts/tool.ts";
import {
  type Booked,
  challengeById,
  codeAskedBy,
  CODE_LIVES_MS,
  isOpen,
  openChallenge,
  type Challenge,
  CODE_LIMITS,
  type CodeLimit,
} from "#store/identity/one-time-codes.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { messagesUnder } from "#store/conversations/messages.ts";
import type { Transaction } from "#store/db/database.ts";
import { codeMailIn, codeWordsIn } from "#text/code-words.ts";
import { intend } from "#store/effects/intend.ts";
import { alertAction } from "#jobs/plan/own-actions.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

const CODES = 1_000_000;
/** 48 bits: over a million codes the first ones are likelier by less than one in a hundred million. */
const HEX_DIGITS = 12;

/**
 * Codes under secrets of their own, made from these; a change of them voids no code. What is counted by hashes of addresses and networks is counted anew after a change.
 */
export function oneTimeCodes(keys: Keys): OneTimeCodes {
  const secrets = acceptedKeys(keys).map(secretFrom);
  const secretNow = secretFrom(currentKey(keys));
  const codeUnder = (secret: string, id: string): string => {
    const number = Number.parseInt(keyedDigest(secret, ["code", id]).slice(0, HEX_DIGITS), 16);
    return String(number % CODES).padStart(6, "0");
  };
  const hashUnder = (secret: string, id: string, code: string): string =>
    keyedDigest(secret, ["hash", id, code]);
  return {
    codeOf: (id) => codeUnder(secretNow, id),
    codesOf: (id) => secrets.map((secret) => codeUnder(secret, id)),
    hashOf: (id, code) => hashUnder(secretNow, id, code),
    hashesOf: (id, code) => secrets.map((secret) => hashUnder(secret, id, code)),
    networkHashOf: (network) => keyedDigest(secretNow, ["network", network]),
    addressHashOf: (address) => keyedDigest(secretNow, ["address", address.toLowerCase()]),
  };
}

function secretFrom(key: string): string {
  return keyedDigest(key, "one-time codes");
}

/**
 * The order of a bundle with a code. The reply only says that there may be a mail, so it does not wait for one: neither
 * the reply nor its time reveals whether the address has an account.
 */
export function codesLast<Item>(
  items: readonly Item[],
  plannedIn: (item: Item) => PlannedAction,
): readonly Item[] {
  const isCode = (item: Item): boolean => plannedIn(item).action.target === "identity";
  return [...items.filter((item) => !isCode(item)), ...items.filter(isCode)];
}

// Sends codes.

/** What the log and the team are told about a code that was not sent. None of it is visible to the requester. */
const WHY: Readonly<Record<CodeLimit, string>> = {
  address: "one address was asked for too often",
  conversation: `one conversation asked more than ${CODE_LIMITS.conversationPerHour} times in an hour`,
  network: `one network asked more than ${CODE_LIMITS.networkPerHour} times in an hour`,
  overall: `${CODE_LIMITS.overallPerHour} codes were mailed within an hour, the most this installation sends`,
};

/** The number of code mails within an hour at which the team is warned: four in five of those allowed. */
const CODES_WARNED_AT = Math.ceil(CODE_LIMITS.overallPerHour * 0.8);

/** Before the first mail, the time a mail takes is unknown. */
const FIRST_GUESS_MS = 300;
const REMEMBERED_MAILS = 20;

interface Sender extends Pick<JobContext, "store" | "shop" | "codes" | "clock" | "log"> {
  /** The language of those who ask; null where it is not clear. */
  readonly languageOf: (messages: Parameters<InputGuard["languageOf"]>[0]) => string | null;
  /** The channel that mails notices; null where there is none, and then no code can be sent. */
  readonly mail: Target | null;
}

/**
 * The target for one-time codes. The mail goes to the address the shop has on file, never to one from a message. An
 * address without an account, one with too many requests and one that refuses mail all end as done, so the requester
 * cannot tell which it was. A mail whose result is unknown is sent again: it is the same mail with the same code.
 */
export function codeSender(sender: Sender): Target {
  const { mail } = sender;
  const pace = paceOfMails();
  return {
    name: "identity",
    supports: mail?.supports.includes("notice") === true ? ["send_code"] : [],
    commit: async (action, key, signal) =>
      send(sender, pace, { asked: sendCodeArguments(action), key, signal }),
    find: async (action, key, signal) => find(sender, sendCodeArguments(action), key, signal),
  };
}

function sendCodeArguments(action: Action): SendCodeArguments {
  if (action.operation !== "send_code")
    throw new DeskhandError("channel.unsupported", `identity cannot ${action.operation}`);
  const asked = SendCodeArguments.safeParse(action.arguments);
  if (!asked.success)
    throw new DeskhandError("channel.refused", "not a request for a code", { cause: asked.error });
  return asked.data;
}

async function send(
  sender: Sender,
  pace: Pace,
  {
    asked,
    key,
    signal,
  }: { readonly asked: SendCodeArguments; readonly key: string; readonly signal: AbortSignal },
): Promise<CommitResult> {
  // Always looked up, and once: the number of shop lookups must not depend on the result.
  const emailOnFile = await addressOnFile(sender.shop, asked.address, signal);
  const now = sender.clock.now();
  const { booked, asking } = await book(sender, asked, emailOnFile, now);
  const { challenge } = booked;
  if (booked.limitedBy !== null)
    sender.log.warn("a one-time code was not sent", {
      reason: WHY[booked.limitedBy],
      conversation: asked.conversationId,
    });
  const notice = isOpen(challenge, now) ? noticeFor(sender, challenge, asking) : null;
  if (notice === null) {
    await pace.keep(signal);
    return unsent(challenge);
  }
  const began = performance.now();
  try {
    const committed = await mailTarget(sender).commit(notice, key, signal);
    pace.note(performance.now() - began);
    return inConversation(asking.channel, committed);
  } catch (error) {
    if (!(error instanceof DeskhandError && error.code === "channel.refused")) throw error;
    sender.log.warn("a one-time code could not be delivered", { reason: reasonOf(error) });
    return { ref: `undelivered:${challenge.id}`, conversationKeys: [] };
  }
}

/** How long mails take. */
type Pace = ReturnType<typeof paceOfMails>;

function paceOfMails() {
  const recent: number[] = [];
  return {
    /** Records that a mail took this many milliseconds. */
    note(ms: number): void {
      recent.push(ms);
      if (recent.length > REMEMBERED_MAILS) recent.shift();
    },
    /**
     * Waits as long as one of the latest mails took, so the time of the next reply does not reveal whether a mail was
     * sent.
     */
    async keep(signal: AbortSignal): Promise<void> {
      const ms = recent.length === 0 ? FIRST_GUESS_MS : recent[randomInt(recent.length)];
      await wait(ms, undefined, { signal });
    },
  };
}

async function find(
  sender: Sender,
  asked: SendCodeArguments,
  key: string,
  signal: AbortSignal,
): Promise<EffectLookup> {
  const { challenge, asking } = await sender.store.run(async (transaction) => ({
    challenge: await challengeById(transaction, asked.challengeId),
    asking: await askingIn(sender, transaction, asked),
  }));
  if (challenge === null) return { state: "absent" };
  const notice = isOpen(challenge, sender.clock.now())
    ? noticeFor(sender, challenge, asking)
    : null;
  if (notice === null) return { state: "done", committed: unsent(challenge) };
  const found = await mailTarget(sender).find(notice, key, signal);
  return found.state === "done"
    ? { state: "done", committed: inConversation(asking.channel, found.committed) }
    : found;
}

/** The address on file, only when it equals the claimed one, whatever the shop's search returns. */
async function addressOnFile(
  shop: Shop,
  address: string,
  signal: AbortSignal,
): Promise<string | null> {
  const customer = await shop.customerByEmail(address, signal);
  return customer?.email.toLowerCase() === address.toLowerCase() ? customer.email : null;
}

async function book(
  sender: Sender,
  asked: SendCodeArguments,
  emailOnFile: string | null,
  now: Date,
): Promise<{ readonly booked: Booked; readonly asking: Asking }> {
  const { store, codes } = sender;
  const { challengeId: id, conversationId, address, answers } = asked;
  return store.run(async (transaction) => {
    const { authorId, network } = await codeAskedBy(transaction, conversationId, answers);
    if (authorId === null)
      throw new DeskhandError("channel.refused", "those who asked for the code are not one writer");
    const booked = await openChallenge(
      transaction,
      {
        id,
        conversationId,
        authorId,
        addressHash: codes.addressHashOf(address),
        emailOnFile,
        codeHash: codes.hashOf(id, codes.codeOf(id)),
        networkHash: network,
      },
      now,
    );
    const alert = emailOnFile === null ? null : codesAlert(booked, now);
    if (alert !== null)
      await intend(transaction, [alert], {
        conversationId,
        bundle: `codes:${id}`,
        now,
      });
    return { booked, asking: await askingIn(sender, transaction, asked) };
  });
}

/**
 * Alerts the team of each cause once an hour: in time to act, and always when a customer waits for a code that was not
 * sent.
 */
function codesAlert({ limitedBy, mailed }: Booked, now: Date): PlannedAction | null {
  const hour = now.toISOString().slice(0, 13);
  if (limitedBy !== null)
    return alertAction(
      `A customer was told that a one-time code is on its way, and none was sent: ${WHY[limitedBy]}. ` +
        "More of them within this hour are in the log only.",
      [],
      `codes:${limitedBy}:${hour}`,
    );
  if (mailed < CODES_WARNED_AT) return null;
  return alertAction(
    `${mailed} one-time codes were mailed within an hour; after ${CODE_LIMITS.overallPerHour} none is sent until the oldest is an hour old. ` +
      "If this is more than your customers ask for, one visitor may be trying other people's addresses: pause the chat, or limit it at your proxy.",
    [],
    `codes:soon:${hour}`,
  );
}

/** Where a code was asked for, and in which language; null for one that is not known. */
interface Asking {
  readonly channel: ChannelName;
  readonly language: string | null;
}

async function askingIn(
  { languageOf }: Pick<Sender, "languageOf">,
  transaction: Transaction,
  { conversationId, answers }: SendCodeArguments,
): Promise<Asking> {
  const state = await loadConversation(transaction, conversationId);
  if (state === null) throw new DeskhandError("channel.refused", "the conversation is gone");
  const language = languageOf(
    (await messagesUnder(transaction, answers)).map(({ message }) => message),
  );
  return { channel: state.conversation.channel, language };
}

/** The mail in the language of those who asked, or null when there is no address to send it to. */
function noticeFor(
  { codes }: Sender,
  { id, emailOnFile, createdAt }: Challenge,
  { channel, language }: Asking,
): Action | null {
  if (emailOnFile === null) return null;
  const words = codeWordsIn(language);
  const notice: NoticeArguments = {
    to: emailOnFile,
    subject: words.subject,
    text: codeMailIn(words, {
      digits: codes.codeOf(id),
      channel,
      askedAt: createdAt,
      minutes: CODE_LIVES_MS / 60_000,
    }),
  };
  return { target: MAIL, operation: "notice", arguments: notice };
}

function unsent({ id }: Challenge): CommitResult {
  return { ref: `unsent:${id}`, conversationKeys: [] };
}

/** An answer to the mail continues the conversation only when that one is by mail itself. */
function inConversation(channel: ChannelName, committed: CommitResult): CommitResult {
  return channel === MAIL ? committed : { ...committed, conversationKeys: [] };
}

function mailTarget({ mail }: Sender): Target {
  if (mail === null) throw new DeskhandError("channel.unsupported", "there is no channel for mail");
  return mail;
}
