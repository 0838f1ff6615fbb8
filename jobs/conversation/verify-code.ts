/** Checks one-time codes in messages and masks them. */

import {
  CODE_MARK,
  CODE_METHOD,
  REFUSED_CODE_METHOD,
  type IdentityEvidence,
} from "#core/values/identity.ts";
import type { Conversation, Message } from "#core/values/message.ts";
import {
  checkCode,
  isOpen,
  knownCodes,
  type Challenge,
  type Checked,
  type KnownCodes,
} from "#store/identity/one-time-codes.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { literally } from "#core/values/words.ts";
import { withPlainDigits } from "#jobs/masks/by-form.ts";
import { isToAnswer, type ConversationSnapshot } from "./snapshot.ts";

/** What checking a code needs of the job context. */
type CodeContext = Pick<JobContext, "store" | "codes" | "clock" | "channels">;

/** How long a confirmed author stays confirmed, on channels that keep the sender. */
const CONFIRMED_MS = 30 * 60_000;

/** An author who entered the right code, and the address on file it was sent to. */
interface Confirmed {
  readonly authorId: string;
  readonly email: string;
  readonly at: Date;
}

/**
 * Reads one-time codes out of messages that are not stored yet, before guard, agent and trace see them. A right code
 * raises only its own message to level 3; on a channel that keeps its senders, also the same author's messages of the
 * next half hour. Codes are masked in the result. A message that was stored without its code is returned as stored, so
 * that reading its source again does not make it a different message.
 */
export async function verifyCodes(
  context: CodeContext,
  conversation: Pick<Conversation, "id" | "channel">,
  messages: readonly Message[],
  /** What is known of the conversation: without a code requested there, and nothing stored with one, nothing is looked up. */
  snapshot?: CodeSnapshot,
): Promise<readonly Message[]> {
  if (!messages.some(isToAnswer)) return messages;
  if (snapshot !== undefined && !mayHoldCodes(snapshot, messages)) return messages;
  const now = context.clock.now();
  const keys = messages.map(({ key }) => key);
  const known = await knownCodes(context.store, conversation.id, keys, now);
  const confirmed = known.challenges.flatMap(confirmedBy);
  const read: Message[] = [];
  for (const message of messages) {
    const found = await readOne(context, known, message, now);
    if (found.confirmed !== null) confirmed.push(found.confirmed);
    read.push(found.message);
  }
  if (context.channels.get(conversation.channel)?.keepsSender !== true) return read;
  return read.map((message) =>
    isToAnswer(message) && !known.stored.has(message.key)
      ? stillConfirmed(message, confirmed, now)
      : message,
  );
}

/** What a conversation's snapshot tells of codes. */
type CodeSnapshot = Pick<ConversationSnapshot, "hasCodes" | "messageKeys" | "stored">;

/** False where no code was requested, and each of these messages is new or known to be stored without one. */
function mayHoldCodes(
  { hasCodes, messageKeys, stored }: CodeSnapshot,
  messages: readonly Message[],
): boolean {
  if (hasCodes) return true;
  const bare = new Set(
    stored.flatMap(({ message: { key, text } }) => (text.includes(CODE_MARK) ? [] : [key])),
  );
  return messages.some(({ key }) => messageKeys.has(key) && !bare.has(key));
}

function confirmedBy({ authorId, emailOnFile, usedAt }: Challenge): readonly Confirmed[] {
  return usedAt === null || emailOnFile === null
    ? []
    : [{ authorId, email: emailOnFile, at: usedAt }];
}

interface VerifiedMessages {
  readonly message: Message;
  readonly confirmed: Confirmed | null;
}

async function readOne(
  context: CodeContext,
  known: KnownCodes,
  message: Message,
  now: Date,
): Promise<VerifiedMessages> {
  const before = known.masked.get(message.key);
  if (before !== undefined && isSameButForCode(before.text, message.text))
    return { message: before, confirmed: null };
  const isNew = isToAnswer(message) && !known.stored.has(message.key);
  const found = isNew ? await readNew(context, known, message, now) : { message, confirmed: null };
  return { ...found, message: masked(context, known.challenges, found.message) };
}

async function readNew(
  context: CodeContext,
  known: KnownCodes,
  message: Message,
  now: Date,
): Promise<VerifiedMessages> {
  const entered = codeIn(message.text);
  const own = known.challenges.filter(({ authorId }) => authorId === message.author.id);
  const asked = own.findLast((challenge) => isOpen(challenge, now)) ?? own.at(-1);
  const before = known.checked.get(message.key) ?? null;
  // Once a code was used, six digits after it are an order number or the like.
  if (entered === null || asked === undefined || (before === null && asked.state === "used"))
    return { message, confirmed: null };
  const checked = before ?? (await check(context, asked, { message, digits: entered.digits, now }));
  const { text } = entered;
  const email = checked === null ? null : confirmedAddressIn(own, checked);
  if (checked === null || email === null)
    return {
      message: { ...message, text, identity: refusedEvidence(message.identity) },
      confirmed: null,
    };
  return {
    message: { ...message, text, identity: confirmedEvidence(email, checked.at) },
    confirmed: { authorId: message.author.id, email, at: checked.at },
  };
}

async function check(
  context: CodeContext,
  asked: Challenge,
  entered: { readonly message: Message; readonly digits: string; readonly now: Date },
): Promise<Checked | null> {
  const { message, digits, now } = entered;
  if (!isOpen(asked, now)) return null;
  const codeHashes = context.codes.hashesOf(asked.id, digits);
  return context.store.run(
    checkCode,
    { messageKey: message.key, challengeId: asked.id, codeHashes },
    now,
  );
}

function confirmedAddressIn(
  own: readonly Challenge[],
  { challengeId, accepted }: Checked,
): string | null {
  return accepted ? (own.find(({ id }) => id === challengeId)?.emailOnFile ?? null) : null;
}

function confirmedEvidence(email: string, at: Date): IdentityEvidence {
  return {
    level: 3,
    method: CODE_METHOD,
    reason: `one-time code sent to the address on file, entered at ${at.toISOString().slice(11, 16)} UTC`,
    handle: { kind: "email", email },
  };
}

/** Does not say why, nor how many tries are left. */
function refusedEvidence(before: IdentityEvidence): IdentityEvidence {
  return {
    ...before,
    method: REFUSED_CODE_METHOD,
    reason: `${before.reason}; the code entered is not right or no longer valid`,
  };
}

function stillConfirmed(message: Message, confirmed: readonly Confirmed[], now: Date): Message {
  const own = confirmed.findLast(
    ({ authorId, at }) =>
      authorId === message.author.id && now.getTime() - at.getTime() <= CONFIRMED_MS,
  );
  if (own === undefined || message.identity.level === 3) return message;
  return { ...message, identity: confirmedEvidence(own.email, own.at) };
}

/** Words after which six digits name an order or the like. */
const NAMES_SOMETHING =
  /\b(?:orders?|invoices?|tracking|parcel|ticket|phone|tel|fax|zip|postcode)\b(?: ?(?:number|no\.?|nr\.?|id|code|is|was|:|#))* ?$/i;

/** Six digits, in one group or in two of three as mail programs show them, and not part of a longer number or word. */
const SIX_DIGITS = /(?<![\w#+.,/-])(?<!\d[ ()/-])(?:\d{6}|\d{3}[ -]\d{3})(?![\w/-])(?![ .,-]\d)/g;

/** The only six-digit code in a text, and the text without it; null when there is none, or more than one. */
export function codeIn(text: string): { readonly text: string; readonly digits: string } | null {
  const found = [...withPlainDigits(text).matchAll(SIX_DIGITS)].filter(
    ({ index }) => !NAMES_SOMETHING.test(text.slice(Math.max(0, index - 60), index)),
  );
  const [only] = found;
  if (only === undefined || found.length > 1) return null;
  return { text: withMarks(text, found), digits: only[0].replaceAll(/\D/g, "") };
}

/** The text with a mark for each code that was found in it with plain digits, in which every place is the same. */
function withMarks(text: string, found: readonly RegExpExecArray[]): string {
  return found.reduceRight(
    (rest, { 0: words, index }) =>
      `${rest.slice(0, index)}${CODE_MARK}${rest.slice(index + words.length)}`,
    text,
  );
}

/** True when a text equals a stored one apart from its masked codes, with six digits in the place of each. */
function isSameButForCode(stored: string, text: string): boolean {
  const pattern = stored
    .split(CODE_MARK)
    .map(literally)
    .join(String.raw`(?:\p{Nd}{3}[ -]?\p{Nd}{3}|\[code\])`);
  return new RegExp(`^${pattern}$`, "u").test(text);
}

/** Masks the codes of this conversation in every part of a message, quoted mails included, by any author. */
function masked(context: CodeContext, challenges: readonly Challenge[], message: Message): Message {
  const codes = challenges.flatMap(({ id }) => context.codes.codesOf(id));
  const shapes = codes.map(
    (code) => new RegExp(`(?<!\\d)${code.slice(0, 3)}[ -]?${code.slice(3)}(?!\\d)`, "g"),
  );
  const mask = (text: string): string =>
    shapes.reduce(
      (rest, shape) => withMarks(rest, [...withPlainDigits(rest).matchAll(shape)]),
      text,
    );
  return {
    ...message,
    subject: mask(message.subject),
    text: mask(message.text),
    ...(message.written === undefined ? {} : { written: mask(message.written) }),
    segments: message.segments.map((segment) => ({ ...segment, text: mask(segment.text) })),
  };
}
