/** Context shown with a proposal on its card: the teammate should know it, but it is not part of the decision. */
import { z } from "zod";
import { Money } from "./money.ts";
import { ChannelName } from "./vocabulary.ts";

/** A part of the draft that has evidence, shown with a small number after the text and explained below the draft. */
export const Citation = z.strictObject({
  /** The evidence, as a person would name it: "order 789, from the shop", or a help page. */
  source: z.string().max(400),
  /** Text quoted from the draft; none for a page the draft takes no figure from. */
  words: z.array(z.string().min(1).max(200)).max(20),
  /** The passage of a help page it rests on, as the page says it; empty for a record. */
  quote: z.string().max(200).default(""),
});
export type Citation = z.infer<typeof Citation>;

/** When an answer is due by the source's own clock. */
export const Due = z.strictObject({
  at: z.iso.datetime(),
  /** What sets the time, such as "due date of the ticket". */
  by: z.string().max(100),
});
export type Due = z.infer<typeof Due>;

/**
 * What the records hold about the customer. `unproven` says that the customer is not identified, so no records were
 * looked up; then absence means nothing.
 */
export const Records = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("unproven") }),
  z.strictObject({
    kind: z.literal("known"),
    /** Their other conversations that still need an answer. */
    openCount: z.int().min(0),
    open: z.array(
      z.strictObject({
        channel: ChannelName,
        /** How to find it again. */
        called: z.string().max(100),
        /** The customer's text; empty when there is none. */
        subject: z.string().max(200),
        isWithPeople: z.boolean(),
        /** True when it names an order this card is about. */
        isSameOrder: z.boolean().default(false),
        /** What makes it delicate, such as "legal threat"; empty for any other. */
        delicate: z.string().max(60).default(""),
      }),
    ),
    refundDays: z.int().min(1),
    refundCount: z.int().min(0),
    /** One sum per currency, such as "145.00 USD". */
    refunded: z.array(z.string().max(60)),
  }),
]);
export type Records = z.infer<typeof Records>;

/** What the shop says about an order the card is about, from the look-ups of its turn. */
export const OrderOnCard = z.strictObject({
  orderId: z.string().max(100),
  item: z.string().max(200),
  paid: Money,
  /** How it was paid, as the shop calls it; empty when that was not looked up. */
  paidBy: z.string().max(60).default(""),
  refunded: Money,
  status: z.string().max(60),
  shippedOn: z.iso.date().nullable(),
  dueOn: z.iso.date().nullable(),
  deliveredOn: z.iso.date().nullable(),
  /** Since when its parcel is to come back; null when no return was started, and where it was not looked up. */
  returnSince: z.iso.date().nullable().default(null),
});
export type OrderOnCard = z.infer<typeof OrderOnCard>;

/** Another conversation that belongs to the same case: the same customer, about the same order or the same question. */
export const CaseMember = z.strictObject({
  conversationId: z.string(),
  channel: ChannelName,
  /** How to find it again. */
  called: z.string().max(100),
  /** The customer's text; empty when there is none. */
  subject: z.string().max(200),
  /** When the customer wrote there last. */
  at: z.iso.datetime(),
  /** True for one that a person has to handle with care, such as a legal threat. */
  isDelicate: z.boolean(),
  /** True while it waits for an answer, with the bot or with people. */
  isOpen: z.boolean(),
});
export type CaseMember = z.infer<typeof CaseMember>;

/**
 * Who the sender is, in the words of a team: a customer who confirmed it with a code, is signed in, or is known by an
 * address the shop has on file; a writer whose address is genuine but unknown to the shop; a sender who only claims to
 * be a customer; one nothing is known of.
 */
export const SenderStanding = z.enum([
  "confirmed",
  "signed_in",
  "known",
  "stranger",
  "claimed",
  "unknown",
]);
export type SenderStanding = z.infer<typeof SenderStanding>;

/** Everything a card shows apart from the proposal. A card of older code has none of it. */
export const CardContext = z.strictObject({
  /** When the first of the messages it answers was sent. */
  since: z.iso.datetime().nullable().default(null),
  /** By when the source wants an answer; null when it sets no time, and then the card's expiry is what counts. */
  due: Due.nullable().default(null),
  /** Null when no records were looked up. */
  records: Records.nullable().default(null),
  /** Orders the card is about, the one an action changes first. */
  orders: z.array(OrderOnCard).max(5).default([]),
  /** Where the customer's words and a record disagree, each in one sentence: "says it arrived; shop: not delivered, due 23 Nov". */
  conflicts: z.array(z.string().max(200)).max(5).default([]),
  /** The customer's tone, when it calls for care. */
  isAngry: z.boolean().default(false),
  /** The how many-th message of the customer about this case, without an answer in between; 1 is the first. */
  messageNumber: z.int().min(1).default(1),
  /** True for a customer the policy lists as important. */
  isImportant: z.boolean().default(false),
  /** What else belongs to this case; empty for a case of one conversation. Computed when a card is shown, never stored. */
  members: z.array(CaseMember).max(20).default([]),
  /** "2 photos, not seen by the bot"; empty when there are no attachments. */
  files: z.string().max(300).default(""),
  /** The console's address for this card with its files; computed when a card is shown, and empty in what is stored. */
  link: z.string().default(""),
  /** Recipients of copies of the reply, as far as the source names them. */
  copies: z.array(z.string()).default([]),
  /** True when others may read the reply, whether named in `copies` or not. */
  isShared: z.boolean().default(false),
  /** The evidence for text of the draft; when there is any, it is shown instead of the draft's sources. Stored as `footnotes`. */
  citations: z.array(Citation).default([]),
  /** The procedures the draft follows, each by name and in one line: "Late parcel (late-parcel, version 3, step 2)". */
  procedures: z
    .array(z.strictObject({ name: z.string(), line: z.string().max(300) }))
    .max(3)
    .default([]),
});
export type CardContext = z.infer<typeof CardContext>;

/** For a card that is not about a message. */
export const NO_CARD_CONTEXT: CardContext = CardContext.parse({});
