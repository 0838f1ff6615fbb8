/** What mail programs put into Sent by themselves. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { benchForTests, deliveryOf } from "#test/email/bench.ts";
import { written } from "#test/email/mails.ts";
import { ANN } from "#test/email/outbound/sending-bench.ts";

const SUPPORT = "support@ourshop.test";
const world = benchForTests();

test("a receipt or an answer to an invitation in Sent is no answer of a teammate's", () => {
  const thread = ["In-Reply-To", "<m1@customer.test>"] as const;
  const sent = (type: string, text: string): number => {
    const headers = [thread, ["Content-Type", type] as const];
    const body = written({ from: SUPPORT, to: ANN, messageId: "<7@ourshop.test>", headers, text });
    const inSent = { "x-inbox": SUPPORT, "x-folder": "sent" };
    return world.channel.receive({ ...deliveryOf(body), headers: inSent }).length;
  };
  assert.equal(sent("text/plain; charset=utf-8", "I refunded it."), 1);
  const receipt = "multipart/report; boundary=b; report-type=disposition-notification";
  assert.equal(sent(receipt, "--b\n\nSeen.\n--b--"), 0);
  const invitation = "--b\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\n--b--";
  assert.equal(sent("multipart/alternative; boundary=b", invitation), 0);
});
