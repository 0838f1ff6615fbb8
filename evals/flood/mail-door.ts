/** An e-mail channel for flood runs that parses raw mail with the real adapter. */
import { email } from "#email/index.ts";
import { EMAIL_LIMITS } from "#email/options.ts";
import type { Channel, Delivery } from "#core/contracts/channel.ts";
import { memoryChannel } from "#evals/harness/memory-channel.ts";
import type { Stage } from "#evals/harness/product.ts";

const SUPPORT = "care@ourshop.test";
const SOURCE = "imap";

/** Port 9 is the discard port: this channel fetches and sends nothing, so it never connects. */
const SERVER = { host: "127.0.0.1", port: 9, secure: false } as const;

/**
 * The e-mail channel of a stage with the real reader: a raw mail goes through the adapter's own parser, verifier and
 * classifier, everything else through the channel in memory. It makes no DNS queries.
 */
export function mailChannel({ parts, sent }: Pick<Stage, "parts" | "sent">): Channel {
  const inMemory = memoryChannel("email", sent);
  const real = email({
    inboxes: [
      {
        address: SUPPORT,
        aliases: [],
        imap: { ...SERVER, user: "flood", pass: "flood" },
        smtp: SERVER,
      },
    ],
    cursors: { read: async () => null, write: async () => undefined },
    blobs: parts.blobs,
    clock: parts.clock,
    log: parts.log,
    resolver: async () => {
      throw Object.assign(new Error("no name server is asked here"), { code: "ENOTFOUND" });
    },
    messageIdDomain: "ourshop.test",
    instance: "flood",
    secret: "not a secret: nothing leaves this process",
    startAt: "now",
    limits: EMAIL_LIMITS,
  });
  return {
    ...inMemory,
    receive: (delivery) => (delivery.source === SOURCE ? real : inMemory).receive(delivery),
    resolve: (hint, context) => (hint.keepBody ? real : inMemory).resolve(hint, context),
  };
}

/** A mail as the poller fetches it. */
export function mailDelivery(body: Uint8Array, receivedAt: Date): Delivery {
  return { source: SOURCE, headers: {}, body, receivedAt };
}
