/** The contract of a channel: how messages come in as deliveries and hints, are looked up, and are answered. */

import type { Conversation, Message, Signal } from "#core/values/message.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import type { Target } from "./tool.ts";
import { Json } from "#core/values/canonical-json.ts";
import type { Due } from "#core/values/card-context.ts";
import { z } from "zod";
import { invalidInput } from "#core/values/errors.ts";

/**
 * One raw delivery. When the source signs its bytes (webhooks, mail), `body` is exactly what arrived, because the
 * signature is computed over it. When a library passes a parsed object (a Slack socket, a chat request), `body` is that
 * object as JSON.
 */
export interface Delivery {
  /** How it arrived, such as `webhook`, `poll`, `imap`, `socket`, `http`. */
  readonly source: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /**
   * The blob reference of the whole delivery when it is too large to pass around: `body` is only its start then. Set by
   * our own pollers alone.
   */
  readonly kept?: string;
  /**
   * The lease it was read under, set by our own readers alone: it is taken in only while no other process has taken that
   * duty. Left out for what arrives by itself.
   */
  readonly lease?: { readonly name: string; readonly generation: number } | null;
  /** Where its reader goes on after it: kept with what is taken in, in the same commit. Set by our own readers alone. */
  readonly position?: { readonly name: string; readonly value: string };
  readonly receivedAt: Date;
}

/** The JSON of a body. Throws `input.invalid` for bytes that are none. */
export function bodyJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw invalidInput("the body is no JSON", { cause });
  }
}

/**
 * What a delivery says happened, before any look-up. Small, because it is committed to the database before the source
 * is acknowledged; the worker `resolve`s it into messages later.
 */
export const Hint = z.strictObject({
  channel: ChannelName,
  /** The source's own id of this event: the same delivery twice is one hint. */
  eventId: z.string().min(1).max(500),
  /**
   * Keys under which the conversation may be known, best first. The first known one decides; when none is known, a
   * conversation is opened. All of them are stored, so the next message of the thread finds it.
   */
  conversationKeys: z.array(z.string().min(1).max(500)).min(1).max(60),
  /**
   * `false`: it never opens a conversation. It goes to a known conversation that no other hint of the same delivery
   * went to, or it is dropped.
   */
  opens: z.boolean().optional(),
  /** After so many days without news, the known conversation is over: a new one opens that follows it. */
  restDaysMax: z.int().min(1).optional(),
  /** Set at intake: the id of the conversation this one follows or, when it opens none, of the related one. */
  related: z.string().min(1).max(200).optional(),
  /** Signals move ownership and close cards without waiting for further messages. */
  kind: z.enum(["message", "signal"]),
  /** The adapter's own data for its `resolve`, which parses it again. */
  data: Json,
  /** The raw message is kept in the blob store when the adapter cannot fetch it again. */
  keepBody: z.boolean(),
});
export type Hint = z.infer<typeof Hint>;

/** Why a conversation must not be written to at present: it was deleted, belongs to another company, or similar. */
export interface Barrier {
  /** As text for people. */
  readonly reason: string;
  /** The alert for the team, sent once and not for each conversation; null when `reason` is enough. */
  readonly alert: string | null;
}

/** The customer, and every recipient of a copy, including teammates. */
export interface Reach {
  readonly to: string;
  readonly copies: readonly string[];
}

/** The participants of a conversation at its source, where people can change them at any time. */
export interface ConversationParticipants {
  /** Author id of the current customer; null when the source shows nothing of the conversation at present. */
  readonly customer: string | null;
  /** Author ids of other recipients outside the team, sorted. */
  readonly readers: readonly string[];
  /** Who receives an answer, as a teammate would name them; left out when the answer's address says it. */
  readonly reach?: Reach;
  /** Null when it may be written to. */
  readonly barred: Barrier | null;
  /**
   * Why people must handle the conversation although notes may be written to it: the channel does not carry the
   * customer's messages, or takes no answer. Told to people once; left out when the bot can answer.
   */
  readonly unserved?: string;
}

/** What the adapter found for a hint: messages of any author, and signals. */
export interface Resolved {
  readonly subject: string;
  readonly brand: string;
  readonly externalId: string;
  /** All messages it can see, oldest first; those already stored are recognised by their key and skipped. */
  readonly messages: readonly Message[];
  readonly signals: readonly Signal[];
  /** Left out by channels where the participants never change. */
  readonly participants?: ConversationParticipants;
  /** By when the source wants an answer; left out when it sets no such time. */
  readonly due?: Due;
  /** True when it says nothing about the conversation itself: subject, brand and id stay as they are. */
  readonly keepsConversation?: true;
}

/**
 * Accepts one delivery. When it resolves, everything is committed, the delivery's `position` with it, and the source may
 * be acknowledged.
 */
export type Accept = (delivery: Delivery) => Promise<void>;

/** A raw body in the blob store, which may be too large to hold in memory. */
export interface KeptBody {
  /** Identifies it while it is kept: an adapter may write it into the references of the files in it. */
  readonly ref: string;
  /** Its bytes in chunks, from the start each time. */
  open(): AsyncIterable<Uint8Array>;
}

/** The raw body of a hint that was kept at intake; null when the hint asked for none. */
export interface HintContext {
  readonly body: Uint8Array | KeptBody | null;
  readonly receivedAt: Date;
  /** By name, the mail for which the turn believes a proof that holds once. Its commit claims them, or is taken back. */
  readonly proofs: Map<string, string>;
  readonly signal: AbortSignal;
}

/**
 * The result of opening a file. `waiting`: its source has not scanned it yet, so it is requested again later.
 * `refused`: it is not opened here, for the reason given to people.
 */
export type OpenedFile =
  | { readonly state: "open"; readonly bytes: Uint8Array }
  | { readonly state: "waiting" | "refused"; readonly reason: string };

/** How large a file may be, and when to stop. */
export interface FileLimits {
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

/** For a channel whose messages carry no reference for opening a file. */
export const OPENS_NO_FILES: Pick<Channel, "openFile"> = {
  openFile: async () => ({ state: "refused", reason: "files of this channel are not opened" }),
};

/** For a channel that holds no history, whose conversations are as they were stored. */
export const KEEPS_NO_HISTORY: Pick<Channel, "keepsHistory" | "fetch"> = {
  keepsHistory: false,
  fetch: async ({ subject, brand, externalId }) => ({
    subject,
    brand,
    externalId,
    messages: [],
    signals: [],
  }),
};

/** The whole channel contract. `test/contract/channel.ts` specifies it, and every adapter runs it. */
export interface Channel extends Target {
  readonly name: ChannelName;
  /** True when the channel holds the history itself, so it is fetched again right before a write. */
  readonly keepsHistory: boolean;
  /**
   * True when only the author can write under an author's id: a session or a workspace, not a From line. Only then does
   * a confirmed code count for later messages of the same author.
   */
  readonly keepsSender: boolean;
  /**
   * Verifies and translates one delivery. Bytes in, hints out, waiting for nothing. Our own messages, as far as it knows
   * them by then, and irrelevant events give `[]`. Throws `input.unverified` or `input.invalid`, never anything else, whatever the bytes are.
   */
  receive(delivery: Delivery): readonly Hint[];
  /** Looks up what a hint announced, with evidence of the author. Runs in the worker and may be repeated. */
  resolve(hint: Hint, context: HintContext): Promise<Resolved>;
  /** The conversation as the source has it now; a channel without history returns empty lists. */
  fetch(conversation: Conversation, signal: AbortSignal): Promise<Resolved>;
  /**
   * The bytes of an attachment, by the `ref` of its message. Throws `*.unavailable` and `*.rate_limited` when a retry
   * may succeed; everything else is returned.
   */
  openFile(ref: string, limits: FileLimits): Promise<OpenedFile>;
  /**
   * Shows the author of this message that an answer is in progress, or no longer is; null where the channel
   * cannot, or does so by itself. Never throws, and reveals nothing else.
   */
  readonly showWork: ((message: Message, isWorking: boolean) => Promise<void>) | null;
  /** Starts pollers and sockets, if any; each delivery they bring goes through `accept`. */
  start(accept: Accept): Promise<void>;
  /** Stops accepting deliveries and waits for those in progress. */
  stop(): Promise<void>;
}

/** An HTTP route where the vendor waits for the answer to its delivery, such as the errors of a form. */
export interface InboundHandler {
  /**
   * Verifies one delivery, passes it on, and returns the response body as soon as there is one; null is an empty body.
   * Work may continue after that; the component that owns the other side waits for it when it stops. Throws
   * `input.unverified` or `input.invalid` for a delivery that is not the vendor's, and a retryable error for one that
   * cannot be accepted at the moment.
   */
  receive(delivery: Delivery): Promise<Json | null>;
}

// A page of ours that a helpdesk shows beside its tickets, and whom the helpdesk says it shows it to.

/** An agent of the helpdesk, as it knows them now. */
export interface HelpdeskAgent {
  readonly name: string;
  readonly email: string;
}

/** What the helpdesk signed when it opened the page. */
export interface SidebarOpening {
  /** The agent's id in the helpdesk. */
  readonly userId: string;
  /** Names what was signed; the caller takes each one once. */
  readonly id: string;
}

/** How a helpdesk shows our page beside a ticket. */
export interface TicketSidebar {
  /** The channel whose conversations are its tickets. */
  readonly channel: ChannelName;
  /** The origin of the helpdesk's own pages, which alone may frame ours. */
  readonly origin: string;
  /** The address of the script by which our page talks to the helpdesk's page around it. */
  readonly script: string;
  /** Who opened the page. Throws `input.unverified` for what the helpdesk did not sign, for us and just now. */
  opened(token: string): Promise<SidebarOpening>;
  /**
   * The agent with this id; null for one who is no active agent of the account with a proven address. Asked for at most
   * once a minute. Throws `channel.unavailable` and the like while the helpdesk does not say.
   */
  agent(userId: string): Promise<HelpdeskAgent | null>;
}
