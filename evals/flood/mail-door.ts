/** The e-mail channel for whole mails: the real adapter's reader on an in-memory channel. */
import { email } from "#email/index.ts";
import { EMAIL_LIMITS } from "#email/options.ts";
import type { Channel } from "#core/contracts/channel.ts";
import type { Delivery } from "#core/values/delivery.ts";
import { memoryChannel } from "#evals/harness/memory-channel.ts";
import type { Stage } from "#evals/harness/product.ts";

const SUPPORT = "care@ourshop.test";
const SOURCE = "imap";

/** Port 9 discards: nothing is fetched or sent here, so no connection is made to it. */
const SERVER = { host: "127.0.0.1", port: 9, secure: false } as const;

/**
 * The stage's e-mail channel with the real reader: a whole mail goes through the adapter's own parser, verifier and
 * classifier, everything else through the in-memory channel. No name server is asked.
 */
export function mailDoor({ parts, sent }: Pick<Stage, "parts" | "sent">): Channel {
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

/** A mail as the poller would have fetched it. */
export function mailDelivery(body: Uint8Array, receivedAt: Date): Delivery {
  return { source: SOURCE, headers: {}, body, receivedAt };
}
