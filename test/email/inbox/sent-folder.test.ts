/** What people send from the mailbox themselves, read from its Sent folder. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Delivery } from "#core/values/delivery.ts";
import { written } from "#test/email/mails.ts";
import { answer, keepInSent } from "#test/email/outbound/sending-bench.ts";
import { bench, waitFor } from "#test/email/bench.ts";

const SENT = "email:support@ourshop.test:Sent";

function byHand(name: string): Buffer {
  return written({
    from: "Dana <support@ourshop.test>",
    to: "ann@customer.test",
    subject: name,
    messageId: `<${name}@laptop.local>`,
    headers: [["In-Reply-To", "<m1@customer.test>"]],
  });
}

function subjectOf({ headers, body }: Delivery): string {
  const subject = /^Subject: (.*)\r$/m.exec(Buffer.from(body).toString("latin1"))?.[1] ?? "";
  return `${headers["x-folder"]}: ${subject}`;
}

test("what lay in Sent before is left alone; what comes is read once, across restarts and behind the inbox", async (context) => {
  const world = await bench(context);
  const position = (): string => world.cursors.rows.get(SENT) ?? "";
  const seen: string[] = [];
  const accept = async (delivery: Delivery): Promise<void> => void seen.push(subjectOf(delivery));
  await answer(world, written({}), "Makes the folder.", "first");
  await keepInSent(world, byHand("before"));
  await world.channel.start(accept);
  await waitFor(context, () => position() !== "");
  assert.deepEqual(seen, []);
  await keepInSent(world, byHand("by hand"));
  await waitFor(context, () => seen.length > 0 && position().includes('"uid":3'));
  assert.deepEqual(seen, ["sent: by hand"]);
  await world.channel.stop();
  // While no process ran a customer wrote and was answered.
  await keepInSent(world, byHand("meanwhile"));
  world.sandbox.deliver(written({ subject: "question", messageId: "<q@customer.test>" }));
  seen.splice(0);
  const inbox = Promise.withResolvers<void>();
  const restarted = world.again();
  context.after(() => restarted.stop());
  await restarted.start(async (delivery) => {
    if (delivery.headers["x-folder"] === "inbox") await inbox.promise;
    await accept(delivery);
  });
  // The inbox takes its time, and what was sent still waits for it.
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.deepEqual(seen, []);
  inbox.resolve();
  await waitFor(context, () => seen.length === 2);
  assert.deepEqual(seen, ["inbox: question", "sent: meanwhile"]);
});

test("an inbox that is behind holds up what was sent at any time", async (context) => {
  const world = await bench(context);
  const seen: string[] = [];
  const inbox = Promise.withResolvers<void>();
  const reading = Promise.withResolvers<void>();
  await answer(world, written({}), "Makes the folder.", "first");
  await world.channel.start(async (delivery) => {
    reading.resolve();
    if (delivery.headers["x-folder"] === "inbox") await inbox.promise;
    seen.push(subjectOf(delivery));
  });
  await waitFor(context, () => world.cursors.rows.has(SENT));
  world.sandbox.deliver(written({ subject: "question", messageId: "<q@customer.test>" }));
  await reading.promise;
  await keepInSent(world, byHand("at once"));
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.deepEqual(seen, []);
  inbox.resolve();
  await waitFor(context, () => seen.length === 2);
  assert.deepEqual(seen, ["inbox: question", "sent: at once"]);
});

test("our own copy in Sent is no teammate's answer", async (context) => {
  const world = await bench(context);
  const seen: Delivery[] = [];
  await world.channel.start(async (delivery) => void seen.push(delivery));
  await waitFor(context, () => world.cursors.rows.has(SENT));
  await answer(world, written({}), "Ours.", "ours");
  await waitFor(context, () => seen.length > 0);
  assert.deepEqual(
    seen.flatMap((delivery) => [...world.channel.receive(delivery)]),
    [],
  );
});
