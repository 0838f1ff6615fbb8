/** The types of the act tables: the words by which one language says that something was, is or will be done. */
import type { ReadLanguage } from "#guard/languages/language.ts";

/** What a reply may say was done with money, an order or an account. */
export type ActClass =
  | "refund"
  | "credit"
  | "replacement"
  | "cancellation"
  | "address"
  | "password"
  | "document"
  | "account"
  | "delivery"
  | "return"
  | "waiver";

/** The forms of some verbs, each as alternatives of a pattern in the spelling of spelling.ts; absent ones do not exist. */
export interface VerbForms {
  /** Participles: "refunded" after "I have" or "was". */
  readonly done?: string;
  /** Finite forms, or whole phrases, that say by themselves that it is done: "zwróciłem", "here is your voucher". */
  readonly said?: string;
  /** Phrases in the present in which rules are told too: "you get your money back". */
  readonly rule?: string;
  /** The present as a promise, with the table's `we` as subject: "erstatten", "refunding". */
  readonly now?: string;
  /** Finite forms, or whole phrases, that promise it by themselves: "rembourserons". */
  readonly shall?: string;
  /** Infinitives after a marker of the future: "refund" after "we will". */
  readonly will?: string;
}

/** The words of one class. */
export interface ActSource extends VerbForms {
  /** Nouns that name it; together with a general verb, or with what a noun may be, they say that it is done. */
  readonly nouns?: string;
  /** Phrases that grant it; "may" and "can" do not take them back. */
  readonly granted?: string;
  /** Phrases that say it with a "not" of their own: "will not be sent". */
  readonly despite?: string;
}

/** States of an order: participles after an auxiliary, and phrases that say it by themselves. */
export interface StateSource {
  readonly state: "shipped" | "delivered" | "returned" | "lost";
  readonly done?: string;
  readonly said?: string;
}

/** All words of one language. What counts as an act, and what backs it, is the same in all of them. */
export interface ActWords {
  readonly language: ReadLanguage;
  /** Conjunctions and signs between clauses. */
  readonly clauseEnd: string;
  /** How a question begins. */
  readonly question: string;
  /** "If" and the like, anywhere in a sentence. */
  readonly condition: string;
  /** How a clause begins that asserts nothing: "once", "how". */
  readonly hypothetical: string;
  /** Says how things usually go. */
  readonly general: string;
  readonly negation: string;
  /** Phrases with a negation or a modal that deny and limit nothing: "no problem", "I can confirm". */
  readonly idioms: string;
  /** Modals of possibility, wishes and offers. */
  readonly possible: string;
  /** "You wrote that …". */
  readonly reported: string;
  /** "You wrote", "I cannot find": the customer's own numbers may stand in such a sentence. */
  readonly repeats: string;
  /** Words for what was named before. */
  readonly refers: string;
  /** Auxiliaries that make a participle a statement about this case, with their subject where they need one. */
  readonly auxiliary: string;
  /** In "has been refunded": what shows that it has happened already, so that an "if" beside it does not matter. */
  readonly past: string;
  /** Words right before a participle that make it one of something else: "the", "to be". */
  readonly notBefore: string;
  /** Words right after it that do: "werden". */
  readonly notAfter: string;
  /** Auxiliaries of the passive that is to come: "will be". */
  readonly ahead: string;
  /** Auxiliaries of a passive in the present, in which rules are told too: "wird"; empty where there is none. */
  readonly becomes: string;
  /** The subject that makes a present one of ours; empty where the verb shows it. */
  readonly we: string;
  /** True where the plain present is also how rules are told. */
  readonly isPresentTimeless: boolean;
  /** Markers of the future. */
  readonly future: string;
  /** How many words may stand between an auxiliary or marker and its verb. */
  readonly reach: number;
  /** Verbs that are found in nearly every clause; a clause without one is an announcement: "Refund issued". */
  readonly finite: string;
  /** Verbs that need a noun of a class: send, issue, make. */
  readonly give: VerbForms;
  /** Verbs that need a noun of a class: change, update, extend. */
  readonly change: VerbForms;
  /** What a noun may be: "on its way". */
  readonly stands: string;
  /** "You will receive". */
  readonly gets: string;
  /** The same in the present. */
  readonly getsNow: string;
  /** People other than the writer, and what they do for a customer, in a form that says that they do it now or soon. */
  readonly people: string;
  readonly deals: string;
  /** "I have passed it on to the team." */
  readonly handed: string;
  readonly classes: Readonly<Record<ActClass, ActSource>>;
  readonly states: readonly StateSource[];
  readonly details: ActDetails;
}

/** Words around an act that say how much, which and where. */
export interface ActDetails {
  readonly inFull: string;
  readonly half: string;
  /** "Both orders". */
  readonly several: string;
  /** "Just", "another": not what a record shows as done before. */
  readonly anew: string;
  /** Places for money other than the one it came from. */
  readonly otherPlaces: string;
  /** Before and after an amount that was paid, not moved. */
  readonly priceBefore: string;
  readonly priceAfter: string;
  /** Before an address, in the original spelling. */
  readonly toPlace: RegExp;
  /** The account of the customer as the place of something: "in your account". */
  readonly account: string;
  /** "So is order 456": repeats the verb of the clause before. */
  readonly likewise: string;
}
