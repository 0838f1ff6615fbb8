import type { Due } from "#core/values/card-context.ts";
import type { Delivery, Hint } from "#core/values/delivery.ts";
import type { Conversation, Message, Signal } from "#core/values/message.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Target } from "./target.ts";

/** Why nothing may be written to a conversation at present: it was deleted, it is another company's, or the like. */
export interface Barrier {
  /** In words for people. */
  readonly reason: string;
  /** What the team hears about it, once and not for each conversation; null when the reason beside it is enough. */
  readonly alert: string | null;
}

/** The customer, and everybody who gets a copy, the team's own people too. */
export interface Reach {
  readonly to: string;
  readonly copies: readonly string[];
}

/** Between whom a conversation is where it lives, which people there can change at any time. */
export interface ConversationTerms {
  /** Author id of the one whose conversation it is now; null when the source shows nothing of it at present. */
  readonly customer: string | null;
  /** Author ids of the others outside the team who get every answer too, sorted. */
  readonly readers: readonly string[];
  /** Whom an answer reaches, as a teammate would name them; left out where the answer's own address says it. */
  readonly reach?: Reach;
  /** Null when it may be written to. */
  readonly barred: Barrier | null;
  /**
   * Why a conversation is for people although notes may be written to it: the channel does not carry what its customer
   * says, or takes no answer to it. In words for people, who are told once; left out where the bot can answer.
   */
  readonly unserved?: string;
}

/** What a hint turned out to mean once the adapter looked: messages of any author, and signals. */
export interface Resolved {
  readonly subject: string;
  readonly brand: string;
  readonly externalId: string;
  /** All messages it can see, oldest first; those already stored are recognised by their key and skipped. */
  readonly messages: readonly Message[];
  readonly signals: readonly Signal[];
  /** Left out by channels where a conversation is with the same people for good. */
  readonly terms?: ConversationTerms;
  /** By when the source itself wants an answer; left out where it says nothing of the kind. */
  readonly due?: Due;
  /** True for what says nothing of the conversation itself: its subject, brand and id stay as they are. */
  readonly aside?: true;
}

/** Takes one delivery in. When it resolves, everything is committed and the source may be acknowledged. */
export type Accept = (delivery: Delivery) => Promise<void>;

/** A raw body in the blob store, which may be too large to be held as a whole. */
export interface KeptBody {
  /** Names it for as long as it is kept: an adapter may write it into the references of the files in it. */
  readonly ref: string;
  /** Its bytes in pieces, from the start each time. */
  open(): AsyncIterable<Uint8Array>;
}

/** The raw body of a hint that was kept at intake; null when the hint asked for none. */
export interface HintContext {
  readonly body: Uint8Array | KeptBody | null;
  readonly receivedAt: Date;
  readonly signal: AbortSignal;
}

/**
 * What came of opening a file. `waiting`: its source has not looked it over yet, so it is asked for again later.
 * `refused`: nobody opens it here, for the reason a person reads.
 */
export type OpenedFile =
  | { readonly state: "open"; readonly bytes: Uint8Array }
  | { readonly state: "waiting" | "refused"; readonly reason: string };

/** How much of a file is wanted at most, and until when. */
export interface FileLimits {
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

/** For a channel whose messages carry no reference by which a file could be opened. */
export const OPENS_NO_FILES: Pick<Channel, "openFile"> = {
  openFile: async () => ({ state: "refused", reason: "files of this channel are not opened" }),
};

/** For a channel that cannot show that an answer is being worked on, or does so by itself. */
export const SHOWS_NO_WORK: Pick<Channel, "showWork"> = { showWork: async () => undefined };

/** The whole channel contract. `test/contract/channel.ts` is its meaning, and every adapter runs it. */
export interface Channel extends Target {
  readonly name: ChannelName;
  /** True when the channel itself holds the history, so it is asked again right before anything is written there. */
  readonly keepsHistory: boolean;
  /**
   * True when nobody else can write under an author's id here: a session or a workspace, not a From line. Only then
   * does a confirmed code speak for later messages of the same author.
   */
  readonly keepsSender: boolean;
  /**
   * Verifies and translates one delivery. Pure: bytes in, hints out. Our own messages and events of no interest give
   * `[]`. Throws `input.unverified` or `input.invalid`, never anything else, whatever the bytes are.
   */
  receive(delivery: Delivery): readonly Hint[];
  /** Looks up what a hint announced, with evidence of who wrote it. Runs in the worker and may be repeated. */
  resolve(hint: Hint, context: HintContext): Promise<Resolved>;
  /** The conversation as it stands at the source now; a channel without history gives empty lists. */
  fetch(conversation: Conversation, signal: AbortSignal): Promise<Resolved>;
  /**
   * The bytes of an attachment, by the `ref` its message carries. Throws `*.unavailable` and `*.rate_limited` for what
   * may go well later; everything else is an answer.
   */
  openFile(ref: string, limits: FileLimits): Promise<OpenedFile>;
  /**
   * Shows whoever wrote this message that an answer is being worked on, or no longer is, where the channel has a way to.
   * Never throws, and tells nothing else.
   */
  showWork(message: Message, isWorking: boolean): Promise<void>;
  /** Starts pollers and sockets, if there are any; each delivery they bring goes through `accept`. */
  start(accept: Accept): Promise<void>;
  /** Stops taking deliveries and waits for those in hand. */
  stop(): Promise<void>;
}
