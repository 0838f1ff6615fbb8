/** Certificates of servers with which TLS begins within their own protocol: real mail servers and databases. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { test, type TestContext } from "node:test";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { z } from "zod";
import { certificateEnd } from "#connections/expiries/look-at-server.ts";
import { dovecotMissing, startDovecot } from "#test/dovecot/server.ts";
import { mariadbMissing, startMariaDb } from "#test/support/mariadb.ts";
import { certified, inDays, NEEDS_OPENSSL, portOf } from "./certified.ts";

const host = "127.0.0.1";

const skip = NEEDS_OPENSSL.skip;

test(
  "Dovecot shows its certificate after STARTTLS, and without it nothing is seen",
  { skip: skip || dovecotMissing },
  async (context) => {
    const { key, cert } = await certified(context, 12);
    const [secured, plain] = await Promise.all([startDovecot({ key, cert }), startDovecot()]);
    context.after(() => Promise.all([secured.close(), plain.close()]));
    const end = (port: number) => certificateEnd({ host, port, begin: "imap" });
    assert.equal(inDays(await end(secured.imapPort)), 12);
    assert.equal(await end(plain.imapPort), null);
  },
);

async function smtp(context: TestContext, options: SMTPServerOptions): Promise<number> {
  const server = new SMTPServer({ ...options, banner: "of the tests", logger: false });
  server.on("error", () => undefined);
  server.listen(0, host);
  await once(server.server, "listening");
  context.after(() => server.close());
  return z.object({ port: z.int() }).parse(server.server.address()).port;
}

test(
  "a server for outgoing mail shows its certificate after STARTTLS, and without it nothing is seen",
  NEEDS_OPENSSL,
  async (context) => {
    const { key, cert } = await certified(context, 13);
    const end = (port: number) => certificateEnd({ host, port, begin: "smtp" });
    assert.equal(inDays(await end(await smtp(context, { key, cert }))), 13);
    assert.equal(await end(await smtp(context, { hideSTARTTLS: true })), null);
    assert.equal(await end(await smtp(context, { disabledCommands: ["STARTTLS"] })), null);
  },
);

test(
  "answers of several lines that arrive in pieces are read to their end before TLS begins",
  NEEDS_OPENSSL,
  async (context) => {
    const pem = await certified(context, 14);
    const real = await smtp(context, pem);
    // Passes everything on, the bytes of the server one by one.
    const between = createServer((near) => {
      const far = connect(real, host);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.on("error", () => to.destroy());
        from.on("close", () => to.destroy());
      }
      near.setNoDelay(true).on("data", (bytes) => far.write(bytes));
      far.on("data", (bytes) => {
        for (const byte of bytes) near.write(Buffer.of(byte));
      });
    });
    const port = await portOf(context, between);
    assert.equal(inDays(await certificateEnd({ host, port, begin: "smtp" })), 14);
  },
);

test(
  "MariaDB shows its certificate after its own greeting, and without TLS nothing is seen",
  { skip: skip || mariadbMissing },
  async (context) => {
    const { key, cert } = await certified(context, 15);
    const [secured, plain] = await Promise.all([startMariaDb([], { key, cert }), startMariaDb()]);
    context.after(() => Promise.all([secured.stop(), plain.stop()]));
    const end = (port: number) => certificateEnd({ host, port, begin: "mysql" });
    assert.equal(inDays(await end(secured.port)), 15);
    assert.equal(await end(plain.port), null);
  },
);

test(
  "a server that wants a certificate of ours shows its own before it refuses us",
  NEEDS_OPENSSL,
  async (context) => {
    const pem = await certified(context, 16);
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const strict = { requestCert: true, rejectUnauthorized: true };
      const server = createTlsServer({
        ...pem,
        ...strict,
        minVersion: version,
        maxVersion: version,
      });
      const port = await portOf(context, server);
      assert.equal(inDays(await certificateEnd({ host, port, begin: "tls" })), 16, version);
    }
  },
);

test("a server that says too much, something else or nothing is left alone", async (context) => {
  const says = async (words: string): Promise<number> =>
    portOf(
      context,
      createServer((socket) => {
        socket.on("error", () => undefined);
        socket.end(words);
      }),
    );
  for (const words of ["* BYE not now\r\n", "* PREAUTH you are known\r\n", "x".repeat(200_000), ""])
    assert.equal(await certificateEnd({ host, port: await says(words), begin: "imap" }), null);
  for (const words of ["554 no service here\r\n", "220-and on", ""])
    assert.equal(await certificateEnd({ host, port: await says(words), begin: "smtp" }), null);
});
