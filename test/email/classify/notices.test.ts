import assert from "node:assert/strict";
import { bench } from "#test/email/bench.ts";
import { test } from "node:test";
import type { Faults } from "#test/email/outbound/fault-smtp.ts";
import {
  ANN,
  commitFails,
  failsWith,
  faulty,
  only,
  opened,
  sentIds,
  signal,
} from "#test/email/outbound/sending-bench.ts";

const NOTICE = {
  target: "email",
  operation: "notice",
  arguments: { to: ANN, subject: "Your one-time code", text: "Hello,\n\n123456\n" },
} as const;

test("a notice goes to its one address, says it is automatic and answers nothing", async (context) => {
  const world = await bench(context);
  const { ref, conversationKeys } = await world.channel.commit(NOTICE, "notice-1", signal());
  const { headers, plain } = opened(await only(world));
  assert.equal(headers.get("to"), ANN);
  assert.equal(headers.get("from"), "support@ourshop.test");
  assert.equal(headers.get("subject"), "Your one-time code");
  assert.equal(headers.get("auto-submitted"), "auto-generated");
  assert.equal(headers.get("x-auto-response-suppress"), "RN, NRN, OOF, AutoReply");
  assert.equal(headers.get("message-id"), `<${ref}>`);
  assert.equal(headers.has("in-reply-to"), false);
  assert.equal(headers.has("references"), false);
  assert.equal(plain.toString("utf8"), NOTICE.arguments.text);
  assert.ok(conversationKeys.length > 0);
  assert.deepEqual(await sentIds(world), [ref]);
});

test("a notice is sent once for its key, and found again", async (context) => {
  const world = await bench(context);
  assert.equal((await world.channel.find(NOTICE, "notice-2", signal())).state, "absent");
  const first = await world.channel.commit(NOTICE, "notice-2", signal());
  assert.deepEqual(await world.channel.commit(NOTICE, "notice-2", signal()), first);
  await only(world);
  const found = await world.again().find(NOTICE, "notice-2", signal());
  assert.deepEqual(found, { state: "done", committed: first });
});

test("a notice in doubt is sent again under its id, as no reply ever is", async (context) => {
  const faults: { current: Faults } = { current: { content: "cut" } };
  const world = await faulty(context, faults);
  await commitFails(world.channel, [NOTICE, "notice-3"], "channel.uncertain");
  assert.equal((await world.channel.find(NOTICE, "notice-3", signal())).state, "absent");
  faults.current = {};
  await world.channel.commit(NOTICE, "notice-3", signal());
  const ids = world.server.taken.map((raw) => opened(Buffer.from(raw)).headers.get("message-id"));
  assert.equal(ids.length, 2);
  assert.equal(ids[0], ids[1]);
  assert.equal((await world.channel.find(NOTICE, "notice-3", signal())).state, "done");
});

test("a notice to what is no single address is refused before anything is sent", async (context) => {
  const world = await bench(context);
  for (const to of [
    "nobody",
    "a@customer.test, b@customer.test",
    "a@customer.test\r\nBcc: b@x.test",
  ])
    await assert.rejects(
      world.channel.commit(
        { ...NOTICE, arguments: { ...NOTICE.arguments, to } },
        "notice-4",
        signal(),
      ),
      failsWith("channel.refused"),
      to,
    );
  assert.equal(world.smtpWire.connections(), 0);
});
