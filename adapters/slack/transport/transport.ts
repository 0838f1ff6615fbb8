import { z } from "zod";

/** One payload of Slack's, and the way to acknowledge it, with an answer where one is waited for. */
export const Envelope = z.object({
  body: z.record(z.string(), z.unknown()),
  ack: z.custom<(answer?: unknown) => Promise<void>>((value) => typeof value === "function"),
});
export type Envelope = z.infer<typeof Envelope>;

/** Resolves when everything about a payload is done, which may be long after it was acknowledged. Rejects when it failed. */
export type Deliver = (envelope: Envelope) => Promise<void>;

/** By which way payloads come to us: a socket of ours, or requests of Slack's. */
export interface SlackTransport {
  /** Hands every payload to `deliver` until it is closed; resolves once payloads can come. */
  open(deliver: Deliver): Promise<{ close(): Promise<void> }>;
}
