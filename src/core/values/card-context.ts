import { z } from "zod";
import { ChannelName } from "./vocabulary.ts";

/** What stands around a proposal on its card: whoever decides has to know it, and nothing of it is decided on. */

/** A part of the draft that something backs, shown as a small number behind its words and explained below the draft. */
export const Citation = z.strictObject({
  /** What backs it, as a person would name it: "order 789, from the shop", or a help page. */
  source: z.string().max(400),
  /** Words of the draft as they stand there; none for a page that was read and not quoted by a figure. */
  words: z.array(z.string().min(1).max(200)).max(20),
});
export type Citation = z.infer<typeof Citation>;

/** When an answer is due by the source's own clock. */
export const Due = z.strictObject({
  at: z.iso.datetime(),
  /** Whose word that is, such as "due date of the ticket". */
  by: z.string().max(100),
});
export type Due = z.infer<typeof Due>;

/**
 * What the records hold about whoever asks. `unproven` says that nobody looked, since nobody knows who it is; then there
 * is nothing to be read into its absence.
 */
export const Records = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("unproven") }),
  z.strictObject({
    kind: z.literal("known"),
    /** Their other conversations in which somebody is still owed something. */
    openCount: z.int().min(0),
    open: z.array(
      z.strictObject({
        channel: ChannelName,
        /** By which it is found again. */
        called: z.string().max(100),
        /** The customer's words; empty where there is none. */
        subject: z.string().max(200),
        isWithPeople: z.boolean(),
      }),
    ),
    refundDays: z.int().min(1),
    refundCount: z.int().min(0),
    /** One sum for each currency, such as "145.00 USD". */
    refunded: z.array(z.string().max(60)),
  }),
]);
export type Records = z.infer<typeof Records>;

/** Everything of a card that is told beside what is proposed. A card of older code has none of it. */
export const CardContext = z.strictObject({
  /** When the first of the messages it answers was sent. */
  since: z.iso.datetime().nullable().default(null),
  /** By when the source wants an answer; null where it has no such time, and then the card's expiry is what counts. */
  due: Due.nullable().default(null),
  /** Null where nobody looked. */
  records: Records.nullable().default(null),
  /** "2 photos, not seen by the bot"; empty when nothing came with the words. */
  files: z.string().max(300).default(""),
  /** Where the console shows this card with its files; made when a card is shown, and empty in what is stored. */
  link: z.string().default(""),
  /** Whom the reply reaches beside its address, as far as the source names them. */
  copies: z.array(z.string()).default([]),
  /** True when others may read the reply there, named in `copies` or not. */
  isShared: z.boolean().default(false),
  /** What backs which words of the draft; where there are any they stand in the place of its sources. */
  footnotes: z.array(Citation).default([]),
});
export type CardContext = z.infer<typeof CardContext>;

/** For a card about nobody's words. */
export const NO_CARD_CONTEXT: CardContext = CardContext.parse({});
