/** The contract between the Bolt app and the two ways payloads arrive. */

import { z } from "zod";
import type { Delivery } from "#core/values/delivery.ts";

/** One payload from Slack, and the function that acknowledges it, with an answer where Slack waits for one. */
export const Envelope = z.object({
  body: z.record(z.string(), z.unknown()),
  ack: z.custom<(answer?: unknown) => Promise<void>>((value) => typeof value === "function"),
});
/** The lease is that of the socket it came by; left out for a request. */
export type Envelope = z.infer<typeof Envelope> & Pick<Delivery, "lease">;

/** Resolves when a payload is fully handled, which may be long after its acknowledgement. Rejects on failure. */
export type Deliver = (envelope: Envelope) => Promise<void>;

/** How payloads reach us: by our socket, or by requests from Slack. */
export interface SlackTransport {
  /** Hands every payload to `deliver` until it is closed; resolves once payloads can arrive. */
  open(deliver: Deliver): Promise<{ close(): Promise<void> }>;
}
