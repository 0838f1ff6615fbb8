/** Tells whether a mail answers one of ours by what it quotes, not only by headers that anyone may have written. */
import { addressesIn, senderAddress } from "#email/mime/addresses.ts";
import type { Head } from "#email/mime/headers.ts";
import type { MailContent } from "#email/parse/read-mail.ts";
import { holdsReference, namedReplies, type TokenOptions } from "#email/threading/thread-keys.ts";

/** What the addresses that answers come from are, and whether answers hold references at all. */
type Ours = TokenOptions & {
  readonly inboxes: readonly string[];
  readonly showsReference: () => boolean;
};

/** What programs put before the subject of a reply, and people before none. "VS" marks a forward in some countries. */
const REPLY = /^(?:re|aw|sv|antw|odp|ynt|回复|答复|回覆|答覆)(?:\[\d{1,3}\])?\s{0,3}[:：]/iu;
/** An address, as programs show it beside a name: a name alone may be anybody's. */
const SHOWN_ADDRESS = /[<[(](?:mailto:)?([^\s<>[\]()@]{1,64}@[^\s<>[\]()@]{1,255})[>\])<]/gi;
/** One with a part in letters that `addressesIn` does not read is not overlooked. */
const AT_SIGN = /[@＠﹫]/gu;

/**
 * Whether the subject is that of a reply, and the topmost quote an answer of ours with the reference that only its
 * recipient was sent. A mail that was forwarded, or one of a conversation with others, may hold a reference of ours as
 * well, and its recipients could send it on to us; so down to the quoted words no address may stand but the sender's and
 * ours. Null where our answers show no references.
 */
export function quotesOurAnswer(
  { subject, answered }: Pick<MailContent, "subject" | "answered">,
  { head, receivedAt }: { readonly head: Head; readonly receivedAt: Date },
  ours: Ours,
): boolean | null {
  if (!ours.showsReference()) return null;
  const to = senderAddress(head);
  if (to === null || answered === null || !REPLY.test(subject)) return false;
  const { by, above, text } = answered;
  const isOurs = (address: string): boolean => ours.inboxes.includes(address.toLowerCase());
  const named = addressesIn(above);
  return (
    named.length === [...above.matchAll(AT_SIGN)].length &&
    named.every((address) => isOurs(address) || address === to) &&
    [...by.matchAll(SHOWN_ADDRESS)].some(([, address = ""]) => isOurs(address)) &&
    namedReplies(head, ours).some((messageId) =>
      holdsReference(text, { messageId, to, at: receivedAt }, ours),
    )
  );
}
