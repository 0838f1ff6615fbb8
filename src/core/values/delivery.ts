/** Raw deliveries from a source, and the hints made of them. */
import { z } from "zod";
import { Json } from "./canonical-json.ts";
import { invalidInput } from "./errors.ts";
import { ChannelName } from "./vocabulary.ts";

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
