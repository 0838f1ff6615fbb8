/** The contracts of what checks texts: the input guard, the output check, and the verifier that reads a draft. */

import { z } from "zod";
import type { Proposal } from "#core/values/action.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import type { Passage } from "./knowledge.ts";
import type { Citation } from "#core/values/card-context.ts";

/** Topics that get no draft of ours; the kind decides whom to page. */
export const DelicateTopic = z.enum([
  "self_harm",
  "threat",
  "injury",
  "legal",
  "press",
  "chargeback",
  "hacked_account",
  "data_request",
  "abuse",
  "vip",
]);
export type DelicateTopic = z.infer<typeof DelicateTopic>;

/** allow: as usual · caution: read-only tools · block: no planning, a person decides. */
export const GuardVerdict = z.strictObject({
  verdict: z.enum(["allow", "caution", "block"]),
  /** As text for card and trace; empty when allowed without remark. */
  reasons: z.array(z.string()),
  /** Whether a score alone doubts messages, and no phrase, mark or second opinion does: what they ask for may be proposed. */
  isOnScore: z.boolean().optional(),
  /** What messages may be about that only people answer, where a model tells whether they are. */
  mayBe: DelicateTopic.optional(),
});
export type GuardVerdict = z.infer<typeof GuardVerdict>;

/** What tells that people answer. A weak sign is one that a model which reads the message tells better. */
export interface DelicateSign {
  readonly topic: DelicateTopic;
  readonly words: string;
  readonly isWeak?: true;
}

/** Scores third-party text before a model sees it. Never throws for control flow. */
export interface InputGuard {
  /** Scores every segment of every unread message; the worst verdict counts. */
  inspect(messages: readonly Message[]): GuardVerdict;
  /** The same for text from tools and help pages; what is the shop's own is doubted less than a stranger's. */
  inspectText(text: string, origin: string, isOwn?: boolean): GuardVerdict;
  /** Finds topics that people answer, with the words that say so. */
  delicate(messages: readonly Message[]): DelicateSign | null;
  /** Replaces card numbers, passwords and codes with a mark, before model, card and trace. */
  mask(text: string): string;
  /** ISO 639-1 code of the language of these messages; null when they are too short or too mixed to tell. */
  languageOf(messages: readonly Pick<Message, "author" | "text">[]): string | null;
}

/** What the turn found out; a draft is checked against it. */
export interface Receipts {
  /** Results of the read tools, as the model saw them. */
  readonly toolResults: readonly { readonly tool: string; readonly result: unknown }[];
  readonly passages: readonly Passage[];
  readonly proposal: Proposal | null;
  /** The customer's own text may be repeated, but is never evidence for a fact about an account. */
  readonly asked: string;
  /** The subject and what the requester wrote in earlier messages of this conversation, newest first. None when left out. */
  readonly askedBefore?: readonly string[];
  /** What the shop calls itself: the brand, and the words of its voice. None when left out. */
  readonly ourNames?: readonly string[];
  readonly requester: BoundRequester;
  readonly escalates: boolean;
  /**
   * Public answers of this conversation: ours, each sent after its actions were done, and teammates'. What they state may
   * be stated again. None when left out.
   */
  readonly said?: readonly {
    readonly by: "us" | "teammate";
    readonly text: string;
    /** When it was sent: its "tomorrow" is counted from then. */
    readonly at: Date;
  }[];
  /** The team's internal notes: context, never to be quoted. None when left out. */
  readonly teamNotes?: readonly string[];
  /** The requester's language, as the input guard found it; a reply in another language is a finding. */
  readonly language: string | null;
  /** Phrases of the voice that are never sent. */
  readonly forbidden: readonly string[];
  readonly today: Date;
}

/** Receipts of somebody about whom nothing is known: for questions about a text alone. */
export const NO_RECEIPTS: Omit<Receipts, "today"> = {
  toolResults: [],
  passages: [],
  proposal: null,
  asked: "",
  requester: { level: 0, customerId: null, emailOnFile: null, name: null, reason: "" },
  escalates: false,
  language: null,
  forbidden: [],
};

/**
 * The kind of a finding that no rewording fixes: the check does not understand the language of the text. A reply in
 * another language than the customer's is `language` instead, which a rewrite does fix.
 */
export const UNREAD_LANGUAGE = "unread";

/** The kind of a finding about the whole draft: where its first sentence in another language stands helps no teammate. */
export const OTHER_LANGUAGE = "language";

/** The kind of a contact that a source has and the policy does not list: a person decides whether it goes out. */
export const UNLISTED_CONTACT = "contact";

/** The kind of a finding that guesses at what is meant: nothing is sent back for it, and a reader or a person decides. */
const UNSURE = "unsure";

/** A finding about words whose value stands somewhere, or is counted from today, and may be meant otherwise. */
export function unsure(words: string, reason: string): Finding {
  return { kind: UNSURE, words, reason };
}

export const Finding = z.strictObject({
  /**
   * `amount`, `date`, `order`, `link`, `claim`, `canary`, `stranger`, `contact`, `empty`, `image`, `language`, `note`, `phrase`,
   * `secret`, `unsure` or `unread`.
   */
  kind: z.string(),
  words: z.string(),
  reason: z.string(),
  /** What to do about it; left out where the reason says it. */
  remedy: z.string().optional(),
});
export type Finding = z.infer<typeof Finding>;

/** True for what the model can mend by writing its draft once more. */
export function isMendable(finding: Finding): boolean {
  return !isForReader(finding) && finding.kind !== UNLISTED_CONTACT;
}

/** True for what the check cannot tell: a second model that finds a quote for all of the draft settles it, else a person. */
export function isForReader({ kind }: Finding): boolean {
  return kind === UNREAD_LANGUAGE || kind === UNSURE;
}

/** Checks a draft against known facts. Blocks model text; warns about text a person wrote. */
export interface OutputCheck {
  check(
    text: string,
    receipts: Receipts,
  ): { readonly findings: readonly Finding[]; readonly receiptsFound: number };
  /** Which evidence supports which text of a draft, for the teammate who decides; in the order of the draft. */
  citations(
    text: string,
    receipts: Pick<Receipts, "toolResults" | "passages" | "proposal" | "today"> & {
      /** Steps of the team's procedures: named where a statement rests on one, and never beside the pages. */
      readonly procedureSteps?: readonly Passage[];
    },
  ): readonly Citation[];
}

// The verifier: a second model reads a reply against numbered sources, and code checks its answer.

/** The kind of a finding that the verifier makes: a sentence that no quote from a source backs. */
export const UNBACKED = "unbacked";

/**
 * What a source is. Of `customer` nothing follows but that they wrote it, and of a `request` but that our team is asked
 * it; a `refusal` is something that was proposed and not permitted, or never begun, and so backs only that it is not done.
 * A step of a `procedure` says how the team works, like a page, and never that it was done.
 */
type SourceKind =
  | "record"
  | "page"
  | "procedure"
  | "customer"
  | "sent"
  | "teammate"
  | "action"
  | "request"
  | "refusal";

/** Something a reply may rest on, as text of which parts can be quoted. */
export interface Source {
  readonly kind: SourceKind;
  /** As a person would name it: "order 2001, from the shop". Never the name of a tool. */
  readonly name: string;
  /** A record is one field a line, "order 2001: status shipped". */
  readonly text: string;
  /** The order a record is about; null for everything else. */
  readonly orderId: string | null;
}

/** A stretch of a reply with the quote that backs it. */
export interface BackedStatement {
  readonly words: string;
  /** The name of the source, and what it is. */
  readonly source: string;
  readonly kind: SourceKind;
  readonly quote: string;
}

/** What came of reading one reply against its sources. */
export interface Verification {
  /** `unverified`: the model gave no answer that can be used, so a person has to read every sentence. */
  readonly state: "read" | "unverified";
  /** Why it is unverified; empty when it was read. */
  readonly reason: string;
  /** Sentences without backing, of the kind `unbacked`. */
  readonly findings: readonly Finding[];
  readonly backed: readonly BackedStatement[];
  /** How many sentences of the reply there are, and how many of them state nothing; left out where nobody read. */
  readonly sentences?: { readonly all: number; readonly courtesies: number };
}

/** A reply that nobody has read, and why. */
export function unverified(reason: string): Verification {
  return { state: "unverified", reason, findings: [], backed: [] };
}

/** True when the reply was read to its end and every sentence that needs it has its quote. */
export function isBacked({ state, findings }: Verification): boolean {
  return state === "read" && findings.length === 0;
}
