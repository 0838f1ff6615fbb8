import { z } from "zod";
import { Json } from "./canonical-json.ts";
import { ChannelName } from "./vocabulary.ts";

/**
 * One raw delivery. Where the source signs its bytes (webhooks, mail), `body` is exactly what arrived, because a signature
 * is computed over it. Where a library hands over a parsed object (a Slack socket, a chat request), `body` is that object
 * as JSON.
 */
export interface Delivery {
  /** Which door it came through, such as `webhook`, `poll`, `imap`, `socket`, `http`. */
  readonly source: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /**
   * Where the whole of it is in the blob store already, because it is too large to be handed around: `body` is only its
   * start then. Set by our own pollers alone.
   */
  readonly kept?: string;
  readonly receivedAt: Date;
}

/**
 * What a delivery says happened, before anything was looked up. Small, because it is committed to the database before
 * the source is acknowledged; the worker `resolve`s it into messages later.
 */
export const Hint = z.strictObject({
  channel: ChannelName,
  /** The source's own id of this event: the same delivery twice is one hint. */
  eventId: z.string().min(1).max(500),
  /**
   * Names under which the conversation may be known already, best first. The first known one decides; when none is
   * known a conversation is opened. All of them are remembered, so the next message of the thread finds it.
   */
  conversationKeys: z.array(z.string().min(1).max(500)).min(1).max(60),
  /**
   * `false`: it belongs to a conversation that is known under one of these names and that no hint of the same delivery
   * went to, or it is nothing and left out.
   */
  opens: z.boolean().optional(),
  /** After so many days without anything new, the known conversation is over: another is opened that follows it. */
  restDaysMax: z.int().min(1).optional(),
  /** Set at intake: the id of the conversation this one follows, or, where it opens none, of the one beside it. */
  related: z.string().min(1).max(200).optional(),
  /** Signals move ownership and close cards without waiting for further messages. */
  kind: z.enum(["message", "signal"]),
  /** The adapter's own note to its `resolve`; it parses it again there. */
  data: Json,
  /** The raw message is kept in the blob store when the adapter cannot fetch it again. */
  keepBody: z.boolean(),
});
export type Hint = z.infer<typeof Hint>;
