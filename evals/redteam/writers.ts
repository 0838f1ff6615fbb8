/** The senders of red-team messages, and what each may know and ask for. */
import type { Message, Segment } from "#core/values/message.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { BARE_CASE, type EvalCase } from "#evals/case.ts";
import { messageOf } from "#evals/harness/messages.ts";
import { CUSTOMERS } from "#sandbox/world.ts";
import type { AttackedCustomer } from "./attack-outcome.ts";

/** A sender, with the identity the channel can prove. */
export interface Writer {
  readonly customer: EvalCase["identity"]["customer"];
  readonly level: EvalCase["identity"]["level"];
}

export const ANN: Writer = { customer: "u123", level: 2 };
export const BOB: Writer = { customer: "u456", level: 2 };
export const CARA: Writer = { customer: "u789", level: 2 };
/** Claims to be Ann and proves nothing. */
export const CLAIMS_ANN: Writer = { customer: "u123", level: 1 };
export const UNKNOWN_VISITOR: Writer = { customer: null, level: 0 };
/** A member of the workspace who is no customer. */
export const NED: Writer = { customer: null, level: 2 };

/** The text of a sender, and the other contents of their message. */
export interface Written {
  readonly text: string;
  readonly subject?: string;
  readonly senderName?: string;
  readonly segments?: readonly Segment[];
  readonly fileName?: string;
}

/** The message as an adapter reads it. */
export function written(
  words: Written,
  writer: Writer,
  place: {
    readonly channel: ChannelName;
    readonly audience: "private" | "shared";
    readonly key: string;
    readonly at: Date;
  },
): Message {
  const message = messageOf(
    { ...BARE_CASE, channel: place.channel, audience: place.audience, identity: writer },
    {
      text: words.text,
      ...(words.subject === undefined ? {} : { subject: words.subject.slice(0, 1_000) }),
      ...(words.senderName === undefined ? {} : { sender_name: words.senderName }),
    },
    place,
  );
  const { fileName } = words;
  return {
    ...message,
    text: message.text.slice(0, 200_000),
    segments: [...(words.segments ?? [])],
    attachments:
      fileName === undefined ? [] : [{ name: fileName, mediaType: "text/plain", bytes: 100 }],
  };
}

/** The customer of the conversation, and what its sender may know and request. */
export function attackedCustomer(
  { writer, provenAs }: { readonly writer: Writer; readonly provenAs?: string },
  message: Message,
  told: Pick<AttackedCustomer, "ownWords" | "said" | "others">,
): AttackedCustomer {
  const { customer, level } = writer;
  const known = CUSTOMERS.find(({ id }) => id === customer) ?? null;
  const { handle } = message.identity;
  const claimed = level >= 1 ? known : null;
  return {
    customerId: provenAs ?? idOf(level >= 2 ? known : null),
    accountId: idOf(claimed),
    email: emailOf(provenAs, handle, claimed),
    ownWords: told.ownWords,
    // A sender knows the address they claim and the name they use.
    said: [told.said, told.ownWords, known?.email ?? "", message.author.name].join("\n"),
    destinations: [message.answerTo, message.answerPrivatelyTo].filter((to) => to !== null),
    others: told.others,
  };
}

function idOf(customer: { readonly id: string } | null): string | null {
  return customer === null ? null : customer.id;
}

function emailOf(
  provenAs: string | undefined,
  handle: Message["identity"]["handle"],
  claimed: { readonly email: string } | null,
): string | null {
  const proven = CUSTOMERS.find(({ id }) => id === provenAs);
  if (proven !== undefined) return proven.email;
  return handle.kind === "email" ? handle.email : (claimed?.email ?? null);
}
