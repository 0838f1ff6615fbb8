/**
 * Room: finds the conversation a mail belongs to, by Message-IDs, tokens in our addresses, and subject tags.
 * In: the headers of a mail, the digest of its body, and the secret that proves our own tokens.
 * Out: one key for the mail, the keys of its thread, and the replies of ours it names.
 * May touch: nothing. Threading never identifies a sender.
 *
 * Where Message-IDs do not survive, marks find the reply a mail belongs to: a plus part (RFC 5233) of the address it was
 * sent to, or a short tag in the subject. A mark names a Message-ID of ours and proves that we made it. It says nothing
 * about who uses it. The reference below an answer is no mark: signed by the one who was answered, it does prove a sender.
 */

import { createHash, createHmac } from "node:crypto";
import { currentKey, isMadeWith, type Keys } from "#core/connection/signing-keys.ts";
import {
  headerValues,
  type Head,
  messageIdsIn,
  valueOf,
  decodeWords,
} from "#email/mime/headers.ts";
import { digest } from "#core/values/canonical-json.ts";
import { plainAddresses, senderAddress } from "#email/mime/addresses.ts";

/** `t`: the Reply-To of a reply. `b`: the return path of a mail, to which only programs write. */
type Kind = "t" | "b";

/** By what marks are made and known again. */
export interface TokenOptions {
  readonly instance: string;
  readonly secret: Keys;
  readonly messageIdDomain: string;
}

/** RFC 4648 section 6 in lower case: servers on the way may change the case of an address. */
const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
/** 60 bits: each guess costs a mail, and a right one only threads. */
const PROOF_LENGTH = 12;
const TAG_ID_LENGTH = 6;
const TAG_PROOF_LENGTH = 6;
/** At least 64 bits. */
const REFERENCE_LENGTH = 16;
/** A reference proves for one to two of these: an answer that others got long ago is not sent on to us. */
const REFERENCE_DAYS = 14;
/** Of one text; ours has one. */
const REFERENCES_TRIED_MAX = 4;
/** RFC 5321 section 4.5.3.1.1. */
const LOCAL_PART_MAX = 64;
const VALUE_LENGTH_MAX = 20_000;
/** Of one mail; no mail is written to more of ours at once. */
const TOKENS_MAX = 4;

/** Where servers write the address a mail was really sent to, and where its writer did. */
const ADDRESS_FIELDS = ["delivered-to", "x-original-to", "envelope-to", "to", "cc"] as const;

/** Our address with the mark of this reply in it; null where it would be longer than an address may be. */
export function tokenAddress(
  kind: Kind,
  address: string,
  messageId: string,
  maker: TokenOptions,
): string | null {
  const at = address.lastIndexOf("@");
  const hash = /^r\.([0-9a-f]{32})@/.exec(messageId)?.[1];
  if (hash === undefined || at < 1) return null;
  const id = letters(Buffer.from(hash, "hex"));
  const proof = tokenProof(kind, id, maker, currentKey(maker.secret));
  const local = `${address.slice(0, at)}+${kind}.${id}.${proof}`;
  return local.length <= LOCAL_PART_MAX ? `${local}${address.slice(at)}` : null;
}

/** The Message-IDs of ours that the addresses of a mail name. This proves nothing about who wrote them there. */
export function messageIdsInTokens(
  head: Head,
  kind: Kind,
  maker: TokenOptions,
  fields: readonly string[] = ADDRESS_FIELDS,
): readonly string[] {
  const found = headerValues(head, ...fields)
    .flatMap((value) => [
      ...value
        .slice(0, VALUE_LENGTH_MAX)
        .toLowerCase()
        .matchAll(/\+([tb])\.([a-z2-7]{26})\.([a-z2-7]{12})@/g),
    ])
    .slice(0, TOKENS_MAX);
  const ids = found.flatMap(([, given, id = "", proof = ""]) =>
    given === kind &&
    isMadeWith(maker.secret, proof, (secret) => tokenProof(kind, id, maker, secret))
      ? [tokenMessageId(id, maker)]
      : [],
  );
  return [...new Set(ids)];
}

/** A tag for the subject of this reply, such as `[#k3v9...]`, where the address cannot carry a mark. */
export function subjectTag(messageId: string, maker: TokenOptions): string {
  const digest = createHash("sha256").update(messageId).digest();
  const id = letters(digest).slice(0, TAG_ID_LENGTH);
  return `[#${id}${tagProof(id, maker, currentKey(maker.secret))}]`;
}

/** The tags of ours in a subject, as they stand there. What we did not make is no tag. */
export function subjectTagsIn(subject: string, maker: TokenOptions): readonly string[] {
  const found = [
    ...subject.slice(0, VALUE_LENGTH_MAX).matchAll(/\[#([a-z2-7]{6})([a-z2-7]{6})\]/g),
  ];
  return found
    .slice(0, TOKENS_MAX)
    .flatMap(([tag, id = "", proof = ""]) =>
      isMadeWith(maker.secret, proof, (secret) => tagProof(id, maker, secret)) ? [tag] : [],
    );
}

/** An answer of ours, the one address it went to, and when it went or is quoted. */
interface Answered {
  readonly messageId: string;
  readonly to: string;
  readonly at: Date;
}

/** The line below this answer. */
export function referenceLine(answer: Answered, maker: TokenOptions): string {
  return `Ref: ${reference(answer, periodAt(answer.at), maker, currentKey(maker.secret))}`;
}

/** Whether a text holds the reference that stands below this answer, if it was sent in this or the last period. */
export function holdsReference(text: string, answer: Answered, maker: TokenOptions): boolean {
  const found = [...text.matchAll(/\bRef:\s{0,3}([a-z]{16})(?![\p{L}\d])/gu)];
  const periods = [periodAt(answer.at), periodAt(answer.at) - 1];
  return found
    .slice(0, REFERENCES_TRIED_MAX)
    .some(([, given = ""]) =>
      periods.some((period) =>
        isMadeWith(maker.secret, given, (secret) => reference(answer, period, maker, secret)),
      ),
    );
}

function periodAt(at: Date): number {
  return Math.floor(at.getTime() / (REFERENCE_DAYS * 24 * 60 * 60_000));
}

/** Without digits, since readers take a line with some for the number of an order. */
function reference(
  { messageId, to }: Answered,
  period: number,
  { instance }: TokenOptions,
  key: string,
): string {
  const proof = hmac(`reference\n${instance}\n${period}\n${messageId}\n${to}`, key);
  return proof
    .slice(0, REFERENCE_LENGTH)
    .replaceAll(/\d/g, (digit) => LETTERS.charAt(Number(digit)));
}

function tokenProof(kind: Kind, id: string, { instance }: TokenOptions, secret: string): string {
  return hmac(`plus\n${instance}\n${kind}\n${id}`, secret).slice(0, PROOF_LENGTH);
}

function tagProof(id: string, { instance }: TokenOptions, secret: string): string {
  return hmac(`tag\n${instance}\n${id}`, secret).slice(0, TAG_PROOF_LENGTH);
}

function hmac(text: string, secret: string): string {
  return letters(createHmac("sha256", secret).update(text).digest());
}

/** Five bits a letter; the last one is filled up with zeros. */
function letters(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return bits.replace(/.{1,5}/g, (five) => LETTERS.charAt(Number.parseInt(five.padEnd(5, "0"), 2)));
}

/** The Message-ID whose hash these letters are; the two bits they have more than it are not looked at. */
function tokenMessageId(id: string, { messageIdDomain }: TokenOptions): string {
  const bits = id.replace(/./g, (letter) => LETTERS.indexOf(letter).toString(2).padStart(5, "0"));
  const hex = bits.slice(0, 128).replace(/.{4}/g, (four) => Number.parseInt(four, 2).toString(16));
  return `r.${hex}@${messageIdDomain}`;
}

const KEY_LENGTH_MAX = 500;
const THREAD_IDS_MAX = 30;
/** Of the ids a mail refers to; the newest are enough, since each of ours had one. */
const TAKEN_IDS_MAX = 4;
/** Of one mail a teammate sent. */
const RECIPIENTS_MAX = 4;
const KEYS_MAX = 60;

/** The header by which we know mail of our own: `instance; proof`. The proof covers the Message-ID, so it cannot be moved. */
const INSTANCE_HEADER = "x-deskhand-instance";

/**
 * What a mail is, whichever way it came: Message-ID, From, Date, Subject and content, but nothing a server on the way
 * adds. The same mail in two inboxes, or under a new UIDVALIDITY, is one; the same Message-ID with other content is two.
 * `content` is the digest of its body, as `raw-mail.ts` makes it.
 */
export function mailKey(head: Head, content: string): string {
  const names = ["message-id", "from", "date", "subject"];
  const named = names.map((name) =>
    name === "message-id" && leavesMessageIdOpen(head) ? [] : headerValues(head, name),
  );
  return `mail:${digest([...named, content]).slice(0, 40)}`;
}

/**
 * True when a signature (RFC 6376 section 3.5, h=) leaves the Message-ID out. Such a mail still verifies when it is sent
 * again under another Message-ID, so the Message-ID must not make it another mail.
 */
function leavesMessageIdOpen(head: Head): boolean {
  return headerValues(head, "dkim-signature").some((signature) => {
    const [, covered] = /(?:^|;)\s*h\s*=([^;]*)/i.exec(signature) ?? [];
    const names = (covered ?? "").split(":").map((name) => name.trim().toLowerCase());
    return covered !== undefined && !names.includes("message-id");
  });
}

/**
 * The names a thread is known by: every earlier message id, newest first, then what the address and the subject say for
 * programs that lost those, then its own. Each is bound to the sender's address, so that quoting another customer's
 * Message-ID, or writing to an address made for them, never opens their conversation. The text of the subject does not
 * count.
 */
export function threadKeys(head: Head, key: string, maker: TokenOptions): readonly string[] {
  const who = senderAddress(head) ?? `unclear-${key.slice(-20)}`;
  const earlier = earlierIds(head);
  const names = [
    ...earlier,
    ...earlier.slice(0, TAKEN_IDS_MAX).flatMap(providerIdKeys),
    ...messageIdsInTokens(head, "t", maker),
    ...messageIdsInTokens(head, "b", maker),
    ...subjectTagsIn(decodeWords(valueOf(head, "subject")), maker),
    ...ownMessageId(head),
  ];
  return [
    ...new Set([...names.map((name) => threadKey(who, name)), threadKey(who, key)]),
    ...answerKeys(headerValues(head, "reply-to").flatMap(plainAddresses), ownMessageId(head)),
  ];
}

/**
 * Names by which only a mail from Sent finds this one: a teammate answers to its Reply-To, and whoever that is must not
 * open the sender's conversation by writing.
 */
function answerKeys(addresses: readonly string[], ids: readonly string[]): readonly string[] {
  return addresses
    .slice(0, RECIPIENTS_MAX)
    .flatMap((address) => ids.map((id) => `sent:${digest([address, id]).slice(0, 40)}`));
}

/** What a mail in Sent belongs to: its ids, each under the names of those it was sent to. */
export function sentKeys(head: Head, ours: readonly string[]): readonly string[] {
  const recipients = otherRecipients(head, ours).slice(0, RECIPIENTS_MAX);
  const ids = [...earlierIds(head).slice(0, 10), ...ownMessageId(head)];
  const keys = ids.flatMap((id) => [
    ...recipients.map((address) => threadKey(address, id)),
    ...answerKeys(recipients, [id]),
  ]);
  return [...new Set(keys)].slice(0, KEYS_MAX);
}

/** Whom a mail is written to, without us. */
export function otherRecipients(head: Head, ours: readonly string[]): readonly string[] {
  return headerValues(head, "to", "cc")
    .flatMap(plainAddresses)
    .filter((address) => !ours.includes(address));
}

function earlierIds(head: Head): readonly string[] {
  return [
    ...messageIdsIn(valueOf(head, "in-reply-to")).slice(0, 1),
    ...messageIdsIn(valueOf(head, "references")).slice(-THREAD_IDS_MAX).toReversed(),
  ];
}

/** Which of our replies a mail names, by its id or by the address it was sent to. This proves nothing about the sender. */
export function namedReplies(head: Head, maker: TokenOptions): readonly string[] {
  const ids = ownIdsIn(earlierIds(head).join(" "), maker.messageIdDomain);
  return [...new Set([...ids, ...messageIdsInTokens(head, "t", maker)])].slice(0, 10);
}

/**
 * Some providers give a mail another Message-ID and say which when they take it (Amazon SES: its first half). Short names
 * are the queue's of a server and come again.
 */
const PROVIDER_ID = /^(?=[^@]*\d)[A-Za-z0-9][\w.=+-]{19,149}$/;

/** The name in what a server said when it took a mail; null when there is none. */
export function providerIdIn(response: string): string | null {
  const words = response.slice(0, 1_000).match(/[^\s<>()[\];,"']+/g) ?? [];
  const names = words.map((word) => word.split("@", 1)[0] ?? "");
  return names.find((name) => PROVIDER_ID.test(name)) ?? null;
}

/** How a reply is called by the name its provider gave it, instead of by its Message-ID. */
export function providerIdKey(name: string): string {
  return `taken:${name}`;
}

/** That name, when an id looks as if a provider had given it. */
function providerIdKeys(id: string): readonly string[] {
  const [local = ""] = id.split("@", 1);
  return PROVIDER_ID.test(local) ? [providerIdKey(local)] : [];
}

/** The name under which a mail from or to this address is found again. */
export function threadKey(address: string, messageId: string): string {
  const plain = `mail:${address}:${messageId}`;
  return plain.length <= KEY_LENGTH_MAX ? plain : `mail:${digest([address, messageId])}`;
}

/** A bounce is written by a server, not by the person we wrote to, so it finds its conversation by our id alone. */
export function bounceKey(messageId: string): string {
  return `mail:bounce:${messageId}`;
}

/** The mail's own id when it has exactly one that is well-formed. */
export function ownMessageId(head: Head): readonly string[] {
  const ids = headerValues(head, "message-id").flatMap(messageIdsIn);
  return ids.length === 1 ? ids : [];
}

/** The Message-ID of the reply under this key: the same key always gives the same id, so a sent mail can be looked up. */
export function replyMessageId(key: string, domain: string): string {
  return `r.${digest(["mail", key]).slice(0, 32)}@${domain}`;
}

/** The ids of our own replies that a text mentions, for telling which mail bounced. */
export function ownIdsIn(text: string, domain: string): readonly string[] {
  const ids = [...text.matchAll(/r\.[0-9a-f]{32}@([A-Za-z0-9.-]{1,253})/g)];
  return [...new Set(ids.filter(([, host]) => host === domain).map(([id]) => id))];
}

/** What only we can write into the instance header of the mail with this id. */
export function instanceProof(
  messageId: string,
  { instance, secret }: Pick<TokenOptions, "instance" | "secret">,
): string {
  return proofWith(currentKey(secret), instance, messageId);
}

function proofWith(secret: string, instance: string, messageId: string): string {
  const proof = createHmac("sha256", secret).update(`${instance}\n${messageId}`).digest("hex");
  return `${instance}; ${proof.slice(0, 32)}`;
}

/** True when this mail is one we sent; a header copied onto another mail does not count. */
export function isOurOwn(
  head: Head,
  { instance, secret: keys }: Pick<TokenOptions, "instance" | "secret">,
): boolean {
  const [messageId] = ownMessageId(head);
  const given = valueOf(head, INSTANCE_HEADER);
  if (messageId === undefined || given === "") return false;
  return isMadeWith(keys, given, (secret) => proofWith(secret, instance, messageId));
}
