/** What a teammate did otherwise than a draft, as it is kept to learn from. */
import { z } from "zod";
import { Money } from "#core/values/money.ts";
import { ChannelName } from "#core/values/vocabulary.ts";

/** Where a difference was shown. `sent_by_hand` and `own_answer` happen where the team works, the others by a click. */
export const DifferenceKind = z.enum([
  "edit",
  "sent_by_hand",
  "rejection",
  "instruction",
  "rating",
  "own_answer",
]);
export type DifferenceKind = z.infer<typeof DifferenceKind>;

/**
 * What differed, computed by code: the amount of an action; an action that a person refused; figures and dates; what
 * the customer is asked to do; sentences that say something else; other words for the same; nothing, where a teammate
 * would have sent the draft; or unknown, where they only said no.
 */
export const Differed = z.enum([
  "amount",
  "refused",
  "facts",
  "steps",
  "content",
  "tone",
  "nothing",
  "unknown",
]);
export type Differed = z.infer<typeof Differed>;

/** The longest text that is kept of a draft or of a teammate's words. */
export const DIFFERENCE_TEXT_MAX = 4_000;

const Sentence = z.string().max(DIFFERENCE_TEXT_MAX);

/** A figure or a date with the sentence it is in. */
const StatedFact = z.strictObject({ fact: z.string().max(200), sentence: Sentence });

/** Facts that only one of two texts states; `changed` pairs those that replaced each other. */
export const FactChanges = z.strictObject({
  added: z.array(StatedFact).max(40),
  removed: z.array(StatedFact).max(40),
  changed: z.array(z.strictObject({ from: StatedFact, to: StatedFact })).max(40),
});
export type FactChanges = z.infer<typeof FactChanges>;

/** One difference, with all words masked: it is kept apart from the messages it comes from. */
export const DraftDifference = z.strictObject({
  channel: ChannelName,
  differs: Differed,
  /** What the customer asked, in one line. */
  question: z.string().max(400),
  draft: z.string().max(DIFFERENCE_TEXT_MAX),
  /** What the teammate wrote: the text as they changed it, their reason, their instruction, or their own answer. */
  teammate: z.string().max(DIFFERENCE_TEXT_MAX),
  facts: FactChanges,
  /** Whole sentences that one text has and the other has nothing like. */
  sentences: z.strictObject({
    added: z.array(Sentence).max(40),
    removed: z.array(Sentence).max(40),
  }),
  /** The action that was refused or changed; null where the difference is in words alone. */
  action: z
    .strictObject({
      operation: z.string().max(100),
      change: z.enum(["refused", "lower", "higher"]),
      from: Money.nullable(),
      to: Money.nullable(),
      /** The name of the policy's rule that decided on it. */
      rule: z.string().max(200),
    })
    .nullable(),
  /** Titles of the help pages that the draft cited and of which the teammate's text no longer says something. */
  pages: z.array(z.string().max(400)).max(20),
  /** Names of the procedures that the draft followed. */
  procedures: z.array(z.string().max(100)).max(3),
});
export type DraftDifference = z.infer<typeof DraftDifference>;
