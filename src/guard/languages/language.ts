/** The types of the language tables: what the output check needs to know of one language. */

/** Languages in which the check understands what a reply says was done. It reports others as unread. */
export const READ_LANGUAGES = ["en", "de", "fr", "es"] as const;
type ReadLanguage = (typeof READ_LANGUAGES)[number];

/** Something a reply may say was done. */
export type TopicName =
  | "refund"
  | "password reset"
  | "cancellation"
  | "change of address"
  | "replacement"
  | "compensation"
  | "change of the account"
  | "change of the delivery"
  | "longer term"
  | "document";

/** How one language talks about one topic. All patterns are for spelled text (see spelling.ts). */
export interface TopicWords {
  readonly name: TopicName;
  /** How a clause names the topic. */
  readonly subject: RegExp;
  /** Verbs that name the topic by themselves: "I refunded you". */
  readonly itself: RegExp | null;
  /** What is done with it, as a participle; global. */
  readonly verbs: RegExp;
  /** The noun itself at a given position; sticky. */
  readonly nouns: RegExp;
  /** Phrases for "done" other than those the verbs and nouns form. */
  readonly done: RegExp | null;
  readonly underway: RegExp;
  readonly future: RegExp;
  /** Treats it as existing: "your refund". */
  readonly definite: RegExp | null;
  /** States it in a way that no "not" in the same clause takes back: "order 456 will not be sent". */
  readonly outright: RegExp | null;
  /** A statement about how things usually go, which claims nothing about this case. */
  readonly generally: RegExp | null;
  /** Names it only in passing, so that the "it" of the next clause refers to something else. */
  readonly aside: RegExp | null;
}

/** How a language says that something is done, whatever the topic. */
export interface Frames {
  /** Who did it or to what it was done, up to where the verb may begin; global. */
  readonly before: RegExp;
  /** Maximum number of characters between that and the verb. */
  readonly reach: number;
  /** What may follow the verb instead: "erstattet wurde"; sticky. Null where nothing may. */
  readonly behind: RegExp | null;
  /**
   * True where a verb at the end of a clause shares the auxiliary of the clause before: "und die Bestellung storniert".
   */
  readonly sharesAuxiliary: boolean;
  /** What turns the verb into another one: "erstattet werden"; sticky. */
  readonly notBehind: RegExp;
  /** The beginning of an announcement, "Just …", "Your full …", at the start of the clause. */
  readonly opening: RegExp;
  /** All that may stand between the noun and the verb of an announcement. */
  readonly gap: RegExp;
  /** The beginning of a clause whose subject is the noun itself: "Your …". */
  readonly subject: RegExp;
  /** Its predicate, with the text before it: "of 120.00 USD is …"; sticky. */
  readonly predicate: RegExp;
  /** Stands before the noun and says that it exists: "here is your"; global. */
  readonly present: RegExp;
  /** Says that it is done, whatever the verb: "I was able to". */
  readonly anyhow: RegExp;
}

/** A state of an order as a reply words it, and the word records use for it. */
interface StateWords {
  readonly pattern: RegExp;
  readonly state: "shipped" | "delivered" | "returned" | "lost";
}

/**
 * Everything the check looks for in one language. One table per language: what counts as a claim, and what evidence it
 * needs, is the same in all of them.
 */
export interface Wording {
  readonly language: ReadLanguage;
  /** Splits a sentence into clauses that say one thing each; global. */
  readonly clauseEnd: RegExp;
  /** How a sentence begins that asks and states nothing. */
  readonly question: RegExp;
  /** An "if" or the like anywhere in the sentence, on which what "will" happen depends. */
  readonly condition: RegExp;
  /** A condition on our side only: "as soon as I know more". A promise under it is still a promise; global. */
  readonly news: RegExp;
  /** Begins a clause about things in general: "Orders are shipped". */
  readonly inGeneral: RegExp;
  /** The clause itself stands under an "if": "once your refund has been approved". */
  readonly hypothetical: RegExp;
  /**
   * Repeats the customer or says that something was not found, so the customer's own numbers may stand in the sentence.
   */
  readonly repeats: RegExp;
  /** Says that something is not so. */
  readonly denial: RegExp;
  /** Reports what another person said, up to the end of the clause: "you wrote that it was cancelled". */
  readonly reports: RegExp;
  /** Verbs in a tense that refers to this case; with "your refund" they say that there is one. */
  readonly happens: RegExp;
  /** Words that only mention "your refund". */
  readonly harmless: RegExp;
  /** "So is order 456": repeats the verb of the clause before. */
  readonly likewise: RegExp;
  /** In what says "is refunded": a past tense, so that it is not a general rule. */
  readonly past: RegExp;
  /** Decides whether the text up to and with "has been refunded" takes it back. */
  readonly undone: (upTo: string, matched: string) => boolean;
  /** Words for what was named before: "it", "this", "the money". */
  readonly refers: RegExp;
  readonly inFull: RegExp;
  readonly half: RegExp;
  /** "Both orders": more than one has to be done. */
  readonly several: RegExp;
  /** "Just", "another": something new, so what a record shows as done before is not meant. */
  readonly anew: RegExp;
  /** Destinations for money other than the one it came from; a record has to name them. */
  readonly otherPlaces: RegExp;
  /** A price, not the amount moved: "of the 120.00 USD you paid". Tested on the text before and after an amount. */
  readonly priceBefore: RegExp;
  readonly priceAfter: RegExp;
  /** Occurs in nearly every clause that has a verb of its own. */
  readonly verb: RegExp;
  /** Before an address: "to 12 Mill Lane". */
  readonly toPlace: RegExp;
  readonly frames: Frames;
  readonly topics: readonly TopicWords[];
  /** Promises that people will deal with it. */
  readonly handOverPromised: RegExp;
  /** Says that people already have it. */
  readonly handOverDone: RegExp;
  /** Any promise in the first person. */
  readonly promised: RegExp;
  /** Promises that commit to nothing: "I will be happy to help". */
  readonly promisedLightly: RegExp;
  /** Claims that name no topic: "all done", "I have taken care of it". */
  readonly doneUnnamed: RegExp;
  /** Claims in the first person with any verb: "I have notified your bank". */
  readonly didSomething: RegExp;
  /** What every author of a reply has done: "I have checked", "we received your message". */
  readonly didLittle: RegExp;
  readonly states: readonly StateWords[];
}
