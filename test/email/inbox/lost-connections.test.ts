/** Connections to a mail server that break, are pushed news, or die without a word. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EMAIL_LIMITS } from "#email/options.ts";
import { bench, collector, mail, waitFor } from "#test/email/parse/reader.ts";

test("a cut connection is made again, and nothing is lost or doubled", async (context) => {
  const world = await bench(context);
  const { accept, subjects } = collector();
  await world.channel.start(accept);
  world.sandbox.deliver(mail("a"));
  await waitFor(context, () => subjects.length === 1);
  world.imapWire.cut();
  world.sandbox.deliver(mail("b"));
  await waitFor(context, () => subjects.length === 2);
  world.imapWire.cut();
  world.sandbox.deliver(mail("c"));
  await waitFor(context, () => subjects.length === 3);
  assert.deepEqual(subjects, ["a", "b", "c"]);
});

test("a connection that dies before the server has taken up IDLE is noticed by the next poll, and does not hold up a stop", async (context) => {
  const pollMs = 200;
  const limits = { ...EMAIL_LIMITS, pollMs, retryMs: { first: 20, most: 100 } };
  const world = await bench(context, { limits: { ...limits, imapSilenceMs: 100 } });
  const { accept, subjects } = collector();
  world.imapWire.silenceAt("IDLE");
  await world.channel.start(accept);
  await waitFor(context, () => world.imapWire.said().includes("IDLE"));
  world.sandbox.deliver(mail("a"));
  await waitFor(context, () => subjects.length === 1);

  world.imapWire.silenceAt("IDLE");
  const before = world.imapWire.said().split("IDLE").length;
  await waitFor(context, () => world.imapWire.said().split("IDLE").length > before);
  await world.channel.stop();
});

test("a connection that died in silence is noticed, and the mail of that time is found", async (context) => {
  const world = await bench(context, {
    limits: { ...EMAIL_LIMITS, imapSilenceMs: 300, retryMs: { first: 20, most: 100 } },
  });
  const { accept, subjects } = collector();
  await world.channel.start(accept);
  await waitFor(context, () => world.imapWire.heard().includes("idling"));
  world.imapWire.freeze();
  world.sandbox.deliver(mail("a"));
  await waitFor(context, () => subjects.length === 1);
  assert.deepEqual(subjects, ["a"]);
});
