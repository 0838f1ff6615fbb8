/** Tells whether a mail answers one of ours by what it quotes, not only by headers that anyone may have written. */
import { REPLY_MARKS, type Head } from "#email/mime/headers.ts";
import { addressesIn, senderAddress } from "#email/mime/addresses.ts";
import type { MailContent } from "#email/parse/read-mail.ts";
import { holdsReference, namedReplies, type TokenOptions } from "#email/threading/thread-keys.ts";

/**
 * Whether its subject is that of a reply, and its topmost quote a mail of ours with the reference that only the answer to
 * this sender holds which the mail is a reply to. A mail that was forwarded, or one of a conversation with others, holds
 * a reference of ours as well, and its recipients could send it on to us. Null where our answers show no references.
 */
export function quotesOurAnswer(
  { subject, answered }: Pick<MailContent, "subject" | "answered">,
  head: Head,
  ours: TokenOptions & {
    readonly inboxes: readonly string[];
    readonly showsReference: () => boolean;
  },
): boolean | null {
  if (!ours.showsReference()) return null;
  const from = senderAddress(head);
  if (from === null || answered === null || !REPLY_MARKS.test(subject)) return false;
  const senders = addressesIn(answered.by);
  const isOurs = senders.length > 0 && senders.every((address) => ours.inboxes.includes(address));
  return (
    isOurs &&
    namedReplies(head, ours).some((messageId) =>
      holdsReference(answered.text, { messageId, to: from }, ours),
    )
  );
}
