import { createHmac, timingSafeEqual } from "node:crypto";
import { digest } from "#core/canonical.ts";
import { senderOf } from "./addresses.ts";
import { messageIdsIn, valueOf, valuesOf, type Head } from "./headers.ts";

const KEY_LENGTH_MAX = 500;
const THREAD_IDS_MAX = 30;

/** The header by which we know mail of our own: `instance; proof`. The proof covers the Message-ID, so it cannot be moved. */
const INSTANCE_HEADER = "x-deskhand-instance";

/**
 * What a mail is, whichever way it came: Message-ID, From, Date, Subject and content, but nothing a server on the way
 * adds. The same mail in two inboxes, or under a new UIDVALIDITY, is one; the same Message-ID with other content is two.
 * `content` is the digest of its body, as `body-digest.ts` makes it.
 */
export function mailKey(head: Head, content: string): string {
  const names = ["message-id", "from", "date", "subject"];
  const named = names.map((name) =>
    name === "message-id" && leavesMessageIdOpen(head) ? [] : valuesOf(head, name),
  );
  return `mail:${digest([...named, content]).slice(0, 40)}`;
}

/**
 * True when a signature (RFC 6376 section 3.5, h=) leaves the Message-ID out. Whoever sends such a mail again can give it
 * another one and it still verifies, so it must not make the mail another mail.
 */
function leavesMessageIdOpen(head: Head): boolean {
  return valuesOf(head, "dkim-signature").some((signature) => {
    const [, covered] = /(?:^|;)\s*h\s*=([^;]*)/i.exec(signature) ?? [];
    const names = (covered ?? "").split(":").map((name) => name.trim().toLowerCase());
    return covered !== undefined && !names.includes("message-id");
  });
}

/**
 * The names a thread is known by: every earlier message id, newest first, then its own. Each is bound to the sender's
 * address, so that quoting somebody else's Message-ID never opens their conversation. The subject is no part of it.
 */
export function threadKeys(head: Head, key: string): readonly string[] {
  const sender = senderOf(head);
  const who = sender.kind === "single" ? sender.address : `unclear-${key.slice(-20)}`;
  const ids = [
    ...messageIdsIn(valueOf(head, "in-reply-to")).slice(0, 1),
    ...messageIdsIn(valueOf(head, "references")).slice(-THREAD_IDS_MAX).toReversed(),
    ...ownMessageId(head),
  ];
  return [...new Set([...ids.map((id) => threadKey(who, id)), threadKey(who, key)])];
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
  const ids = valuesOf(head, "message-id").flatMap(messageIdsIn);
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
  { instance, secret }: { readonly instance: string; readonly secret: string },
): string {
  const proof = createHmac("sha256", secret).update(`${instance}\n${messageId}`).digest("hex");
  return `${instance}; ${proof.slice(0, 32)}`;
}

/** True when this mail is one we sent; a header copied onto another mail does not count. */
export function isOurOwn(
  head: Head,
  identity: { readonly instance: string; readonly secret: string },
): boolean {
  const [messageId] = ownMessageId(head);
  const given = valueOf(head, INSTANCE_HEADER);
  if (messageId === undefined || given === "") return false;
  const expected = Buffer.from(instanceProof(messageId, identity));
  const actual = Buffer.from(given);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
