/** Mail: a Dovecot that is read, and a mail server that takes the answers. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { stringify } from "yaml";
import { QUESTION } from "#test/bench/fleet/chat-load.ts";
import { PASSWORD } from "#test/dovecot/server-files.ts";
import { startDovecot } from "#test/dovecot/server.ts";
import { written } from "#test/email/mails.ts";
import { faultSmtp } from "#test/email/outbound/fault-smtp.ts";
import { until } from "#test/support/waiting.ts";
import { OPEN_SOURCE_MS, type Source } from "./path.ts";

const ADDRESS = "support@ourshop.test";
const OWN_SERVER = "mx.ourshop.test";

/** Starts both servers. The mails are proven by what our own mail server wrote on top of them. */
export async function mailSource(): Promise<Source> {
  const folder = mkdtempSync(join(tmpdir(), "bench-mail-"));
  const [dovecot, smtp] = await Promise.all([startDovecot(), faultSmtp({ current: {} })]);
  const file = join(folder, "inboxes.yaml");
  const here = { host: "127.0.0.1", tls: "none" };
  const inbox = {
    address: ADDRESS,
    user: ADDRESS,
    password: { env: "BENCH_MAIL_PASSWORD" },
    imap: { ...here, port: dovecot.imapPort },
    smtp: { ...here, port: smtp.port },
  };
  writeFileSync(file, stringify({ inboxes: [inbox] }));
  const proven = [
    ["Authentication-Results", `${OWN_SERVER}; dkim=pass header.d=customer.test; dmarc=pass`],
    ["Received", `from customer.test by ${OWN_SERVER} with ESMTPS; ${new Date().toUTCString()}`],
  ] as const;
  return {
    environment: {
      MAIL_INBOXES: file,
      MAIL_AUTHSERV_ID: OWN_SERVER,
      BENCH_MAIL_PASSWORD: PASSWORD,
    },
    connect: async () => undefined,
    async ask(_fleet, count) {
      const before = smtp.taken.length;
      for (let index = 0; index < count; index += 1)
        await dovecot.deliver(
          written({
            to: ADDRESS,
            text: QUESTION,
            messageId: `<${randomBytes(8).toString("hex")}@customer.test>`,
            headers: proven,
          }),
          ADDRESS,
        );
      await until(
        `${count} answers by mail`,
        async () => smtp.taken.length >= before + count,
        OPEN_SOURCE_MS,
      );
    },
    async close() {
      await Promise.all([dovecot.close(), smtp.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
