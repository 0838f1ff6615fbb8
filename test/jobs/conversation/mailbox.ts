/** A mailbox as a channel of the desk, whose mails are handed in by hand and whose answers go to a server of the test. */
import { email } from "#email/index.ts";
import { EMAIL_LIMITS } from "#email/options.ts";
import type { FaultSmtp } from "#test/email/outbound/fault-smtp.ts";
import { resolver } from "#test/email/mails.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { memoryCursors } from "#test/jobs/memory-ports.ts";
import { silentLog } from "#test/store/bench.ts";

/** The address of the mailbox. */
export const SUPPORT = "support@ourshop.test";

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
