/** A mailbox as a channel of the desk, whose mails are handed in by hand and whose answers go to a server of the test. */
import { email } from "#email/index.ts";
import { EMAIL_LIMITS } from "#email/options.ts";
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { intake } from "#jobs/intake.ts";
import { faultSmtp, type FaultSmtp } from "#test/email/outbound/fault-smtp.ts";
import { resolver, signed, written, type Written } from "#test/email/mails.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { memoryCursors } from "#test/jobs/memory-ports.ts";
import { silentLog } from "#test/store/bench.ts";

/** The address of the mailbox. */
export const SUPPORT = "support@ourshop.test";

/** The server that takes what is sent, for the tests of a file. */
export function sendingServer(): () => FaultSmtp {
  const now: { server?: FaultSmtp } = {};
  before(async () => void (now.server = await faultSmtp({ current: {} })));
  after(() => now.server?.close());
  return () => now.server ?? assert.fail("the server does not run yet");
}

/**
 * A mail arrives a minute later, or lies in Sent; signed by this domain where there is one. Gives the conversations it
 * went to.
 */
export async function takeMail(
  bench: JobBench,
  mail: Written,
  { folder = "inbox", signedBy = null }: { folder?: string; signedBy?: string | null } = {},
): Promise<readonly string[]> {
  const channel = bench.channel("email");
  bench.skip(60_000);
  const date = ["Date", bench.now().toUTCString().replace("GMT", "+0000")] as const;
  const raw = written({ ...mail, headers: [date, ...(mail.headers ?? [])] });
  const { conversationIds } = await intake(bench.parts, channel, {
    source: "imap",
    headers: { "x-inbox": SUPPORT, "x-folder": folder },
    body: signedBy === null ? raw : await signed(raw, signedBy),
    receivedAt: bench.now(),
  });
  return conversationIds;
}

/** Connects the mailbox, with cursors that begin now. */
export function connectMailbox(bench: JobBench, { port }: Pick<FaultSmtp, "port">): void {
  const host = "127.0.0.1";
  bench.connect(
    email({
      inboxes: [
        {
          address: SUPPORT,
          aliases: [],
          // No server listens there: what was sent has no copy, which changes nothing.
          imap: { host, port: 1, secure: false, user: "u", pass: "p" },
          smtp: { host, port, secure: false },
        },
      ],
      cursors: memoryCursors(),
      blobs: bench.parts.blobs,
      clock: bench.parts.clock,
      log: silentLog,
      resolver,
      messageIdDomain: "ourshop.test",
      instance: "test",
      secret: "a secret of the tests, long enough",
      startAt: "now",
      limits: EMAIL_LIMITS,
    }),
  );
}
