/** Languages in which the check understands what a reply says was done. Others it calls unread. */
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

/** How one language talks about one topic. All patterns are for spelled text. */
export interface TopicWords {
  readonly name: TopicName;
  /** How a clause names it. */
  readonly subject: RegExp;
  /** Verbs that name it by themselves: "I refunded you". */
  readonly itself: RegExp | null;
  /** What is done with it, as a participle; global. */
  readonly verbs: RegExp;
  /** The thing itself at a given place; sticky. */
  readonly nouns: RegExp;
  /** Wordings for "done" beside those that verbs and nouns give. */
  readonly done: RegExp | null;
  readonly underway: RegExp;
  readonly future: RegExp;
  /** Speaks of it as of something that is there: "your refund". */
  readonly definite: RegExp | null;
  /** Says it in a way that no "not" in the same clause takes back: "order 456 will not be sent". */
  readonly outright: RegExp | null;
  /** A statement about how things usually go, which claims nothing about this case. */
  readonly generally: RegExp | null;
  /** Names it in passing only, so that the "it" of the next clause is something else. */
  readonly aside: RegExp | null;
}

/** How a language says that something is done, whatever it is. */
export interface Frames {
  /** Who did it or to what it was done, up to where the verb may begin; global. */
  readonly before: RegExp;
  /** How many characters may stand between that and the verb. */
  readonly reach: number;
  /** What may stand behind the verb instead: "erstattet wurde"; sticky. Null where nothing may. */
  readonly behind: RegExp | null;
  /** True where a verb at the end of a clause shares the "have" of the clause before: "und die Bestellung storniert". */
  readonly sharesAuxiliary: boolean;
  /** What makes a verb another one: "erstattet werden"; sticky. */
  readonly notBehind: RegExp;
  /** The beginning of an announcement, "Just …", "Your full …", at the beginning of the clause. */
  readonly opening: RegExp;
  /** All that may stand between the noun and the verb of an announcement. */
  readonly gap: RegExp;
  /** The beginning of a clause whose subject is the thing itself: "Your …". */
  readonly subject: RegExp;
  /** Its predicate, with what stands before it: "of 120.00 USD is …"; sticky. */
  readonly predicate: RegExp;
  /** Stands before the thing and says that it is there: "here is your"; global. */
  readonly present: RegExp;
  /** Says that it is done, whatever the verb: "I was able to". */
  readonly anyhow: RegExp;
}

/** A state of an order as a reply words it, and the word a record uses for it. */
interface StateWords {
  readonly pattern: RegExp;
  readonly state: "shipped" | "delivered" | "returned" | "lost";
}

/**
 * Everything the check looks for in one language. One table a language: what a claim is, and what it takes to back one,
 * is the same in all of them.
 */
export interface Wording {
  readonly language: ReadLanguage;
  /** Parts a sentence into pieces that say one thing each; global. */
  readonly clauseEnd: RegExp;
  /** How a sentence begins that asks and states nothing. */
  readonly question: RegExp;
  /** An "if" or the like somewhere in the sentence, on which what "will" happen depends. */
  readonly condition: RegExp;
  /** A condition of ours only: "as soon as I know more". A promise under it is one all the same; global. */
  readonly news: RegExp;
  /** Begins a clause about things in general: "Orders are shipped". */
  readonly inGeneral: RegExp;
  /** The clause itself stands under an "if": "once your refund has been approved". */
  readonly hypothetical: RegExp;
  /** Repeats the customer or says that something was not found, so their own numbers may stand in the sentence. */
  readonly repeats: RegExp;
  /** Says that something is not so. */
  readonly denial: RegExp;
  /** Tells of somebody else's words, up to the end of the clause: "you wrote that it was cancelled". */
  readonly reports: RegExp;
  /** Verbs in a time that tells of this case; with "your refund" they say that there is one. */
  readonly happens: RegExp;
  /** Words with which "your refund" is only talked about. */
  readonly harmless: RegExp;
  /** "So is order 456": goes on with the verb of the clause before. */
  readonly likewise: RegExp;
  /** In what says "is refunded": a time that has passed, so that it is no general rule. */
  readonly past: RegExp;
  /** Tells whether the words up to and with "has been refunded" take it back. */
  readonly undone: (upTo: string, matched: string) => boolean;
  /** Words for what was named before: "it", "this", "the money". */
  readonly refers: RegExp;
  readonly inFull: RegExp;
  readonly half: RegExp;
  /** "Both orders": more than one has to be done. */
  readonly several: RegExp;
  /** "Just", "another": something new, so that what a record shows as done before is not meant. */
  readonly anew: RegExp;
  /** Places for money other than the one it came from; a record has to name them. */
  readonly otherPlaces: RegExp;
  /** A price, not what was moved: "of the 120.00 USD you paid". Judged on the words before and after an amount. */
  readonly priceBefore: RegExp;
  readonly priceAfter: RegExp;
  /** Stands in nearly every clause that has a verb of its own. */
  readonly verb: RegExp;
  /** Before an address: "to 12 Mill Lane". */
  readonly toPlace: RegExp;
  readonly frames: Frames;
  readonly topics: readonly TopicWords[];
  /** Promises that people will take it up. */
  readonly handOverPromised: RegExp;
  /** Says that people have it already. */
  readonly handOverDone: RegExp;
  /** Any promise in the first person. */
  readonly promised: RegExp;
  /** Promises that bind nobody: "I will be happy to help". */
  readonly promisedLightly: RegExp;
  /** Claims that name no topic: "all done", "I have taken care of it". */
  readonly doneUnnamed: RegExp;
  /** Claims in the first person with any verb: "I have notified your bank". */
  readonly didSomething: RegExp;
  /** What anybody who writes a reply has done: "I have checked", "we received your message". */
  readonly didLittle: RegExp;
  readonly states: readonly StateWords[];
}
