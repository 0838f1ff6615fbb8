/** Mail: a Dovecot that is read, and a mail server that takes the answers. Customers' providers sign what they write. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { stringify } from "yaml";
import { ANN_ALONE, inTurn, questionOf } from "#test/bench/fleet/customers.ts";
import { PASSWORD } from "#test/dovecot/server-files.ts";
import { startDovecot } from "#test/dovecot/server.ts";
import { resolver, signed, written } from "#test/email/mails.ts";
import { faultSmtp } from "#test/email/outbound/fault-smtp.ts";
import { until } from "#test/support/waiting.ts";
import { OPEN_SOURCE_MS, type Source } from "./path.ts";

const ADDRESS = "support@ourshop.test";
const DOMAIN = "customer.test";
const NAME_SERVER = new URL("name-server.mjs", import.meta.url).href;

/** Starts both servers. */
export async function mailSource(askers = ANN_ALONE): Promise<Source> {
  const next = inTurn(askers.filter(({ email }) => email.endsWith(`@${DOMAIN}`)));
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
  const names: Record<string, readonly (readonly string[])[]> = {};
  for (const name of [`t._domainkey.${DOMAIN}`, `_dmarc.${DOMAIN}`])
    names[name] = await resolver(name, "TXT");
  return {
    environment: {
      MAIL_INBOXES: file,
      BENCH_NAMES: JSON.stringify(names),
      NODE_OPTIONS: `--import=${NAME_SERVER}`,
      BENCH_MAIL_PASSWORD: PASSWORD,
    },
    connect: async () => undefined,
    async ask(_fleet, count) {
      const before = smtp.taken.length;
      for (let index = 0; index < count; index += 1) {
        const asker = next();
        const mail = written({
          from: `${asker.name} <${asker.email}>`,
          to: ADDRESS,
          text: questionOf(asker),
          messageId: `<${randomBytes(8).toString("hex")}@${DOMAIN}>`,
        });
        await dovecot.deliver(await signed(mail, DOMAIN), ADDRESS);
      }
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
