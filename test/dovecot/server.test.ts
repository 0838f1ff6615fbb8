/** The mail server of the other tests: what is said of it holds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dovecotMissing, startDovecot } from "./server.ts";
import { written } from "#test/email/mails.ts";

test(
  "a server killed hard comes back with its mail, and numbered anew it says so",
  { skip: dovecotMissing },
  async () => {
    const server = await startDovecot();
    try {
      const user = "one@ourshop.test";
      await server.deliver(written({ messageId: "<1@customer.test>", text: ".a dot first" }), user);
      const reply = { headers: [["References", "<1@customer.test>"]] as const };
      await server.append(user, "INBOX", written({ ...reply, messageId: "<2@customer.test>" }));
      const before = await server.numbering(user);
      await server.restart();
      assert.deepEqual(await server.numbering(user), before);
      await server.renumber(user);
      const after = await server.numbering(user);
      assert.notEqual(after.uidValidity, before.uidValidity);
      assert.deepEqual(await server.threads(user), [["1@customer.test", "2@customer.test"]]);
      const [first, ...more] = await server.mails(user);
      assert.equal(more.length, 1);
      assert.match(String(first?.raw), /\n\.a dot first/);
      await server.takePassword(user, false);
      await assert.rejects(server.numbering(user));
      await server.takePassword(user, true);
      assert.deepEqual(await server.numbering(user), after);
    } finally {
      await server.close();
    }
  },
);
