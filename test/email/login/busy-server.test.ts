/** A mail server that takes no login now is not told as a wrong password. */

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { connectImap } from "#email/inbox/imap-connection.ts";
import { loginStates } from "#email/login/sign-in.ts";
import { closed, listen } from "#test/support/loopback.ts";
import { silentLog } from "#test/store/bench.ts";
import { errorCode } from "#core/values/errors.ts";

test("what a server says of too many connections at a login is for later, as by Gmail without a code", async (context) => {
  let words = "";
  const server = createServer((socket) => {
    socket.on("error", () => {}).write("* OK [CAPABILITY IMAP4rev1] ready\r\n");
    socket.on("data", (chunk) => {
      const [, tag = "", command] = /^(\S+) (\w+)/.exec(chunk.toString()) ?? [];
      socket.write(command === "LOGIN" ? `${tag} NO ${words}\r\n` : `${tag} OK done\r\n`);
    });
  });
  const port = await listen(server);
  context.after(() => closed(server));
  const imap = { host: "127.0.0.1", port, secure: false, user: "support", pass: "secret" };
  const clock = { now: () => new Date() };
  const refusal = async (said: string): Promise<unknown> => {
    words = said;
    const account = loginStates([{ address: "support@ourshop.test" }], {
      clock,
      log: silentLog,
    }).of("support@ourshop.test", "IMAP");
    const timeouts = { imapSilenceMs: 5_000, connectMs: 5_000 };
    return connectImap(imap, { timeouts, account }).then(() => null, errorCode);
  };
  for (const later of [
    "[ALERT] Too many simultaneous connections. (Failure)",
    "[THROTTLED] Slow down",
    "[UNAVAILABLE] Try again later",
  ])
    assert.notEqual(await refusal(later), "channel.unauthorized", later);
  for (const wrong of [
    "[AUTHENTICATIONFAILED] Invalid credentials (Failure), try again",
    "LOGIN failed.",
  ])
    assert.equal(await refusal(wrong), "channel.unauthorized", wrong);
});
