/** Context shown with a proposal on its card: the teammate should know it, but it is not part of the decision. */
import { z } from "zod";
import { ChannelName } from "./vocabulary.ts";

/** A part of the draft that has evidence, shown with a small number after the text and explained below the draft. */
export const Citation = z.strictObject({
  /** The evidence, as a person would name it: "order 789, from the shop", or a help page. */
  source: z.string().max(400),
  /** Text quoted from the draft; none for a page the draft takes no figure from. */
  words: z.array(z.string().min(1).max(200)).max(20),
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
      }),
    ),
    refundDays: z.int().min(1),
    refundCount: z.int().min(0),
    /** One sum per currency, such as "145.00 USD". */
    refunded: z.array(z.string().max(60)),
  }),
]);
export type Records = z.infer<typeof Records>;

/** Everything a card shows apart from the proposal. A card of older code has none of it. */
export const CardContext = z.strictObject({
  /** When the first of the messages it answers was sent. */
  since: z.iso.datetime().nullable().default(null),
  /** By when the source wants an answer; null when it sets no time, and then the card's expiry is what counts. */
  due: Due.nullable().default(null),
  /** Null when no records were looked up. */
  records: Records.nullable().default(null),
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
});
export type CardContext = z.infer<typeof CardContext>;

/** For a card that is not about a message. */
export const NO_CARD_CONTEXT: CardContext = CardContext.parse({});
