/** Another folder than INBOX, such as Gmail's archive, which also holds what was sent. And what people send themselves, read from the Sent folder. */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type { Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { examineInboxes } from "#email/check-inboxes.ts";
import { FolderPosition } from "#email/inbox/folder-position.ts";
import type { Inbox } from "#email/options.ts";
import type { Accept } from "#core/contracts/channel.ts";
import { createHoodiecrow, type Hoodiecrow } from "#sandbox/mail/imap.ts";
import { closed, listen } from "#test/support/loopback.ts";
import { bench, mail, subjectIn, waitFor } from "#test/email/bench.ts";
import { silentLog } from "#test/store/bench.ts";
import { arrival, until } from "#test/support/waiting.ts";
import type { Delivery } from "#core/contracts/channel.ts";
import { written } from "#test/email/mails.ts";
import { answer, keepInSent } from "#test/email/outbound/sending-bench.ts";

const ARCHIVE = "Alle Nachrichten";
const require = createRequire(import.meta.url);
/** Gmail's labels; see createHoodiecrow for why it is loaded this way. */
const addLabels: (server: Hoodiecrow) => void = require("hoodiecrow-imap/lib/plugins/x-gm-ext-1");

/** A mailbox as Gmail shows it, with its archive under the name of the account's language. */
async function gmail(context: TestContext) {
  const folder = { uidvalidity: 7, messages: [] };
  const server = createHoodiecrow({
    user: "support@ourshop.test",
    pass: "right",
    inbox: folder,
    folders: {
      [ARCHIVE]: { ...folder, messages: [], "special-use": "\\All" },
      Customers: { ...folder, messages: [] },
      Sent: { ...folder, messages: [], "special-use": "\\Sent" },
      Junk: { ...folder, messages: [], "special-use": "\\Junk" },
    },
    after: () => undefined,
  });
  const handlers = {
    fetchHandlers: {},
    searchHandlers: {},
    storeHandlers: {},
    messageHandlers: [],
  };
  for (const [name, none] of Object.entries(handlers))
    if (!(name in server)) Object.assign(server, { [name]: none });
  addLabels(Object.assign(server, { options: {} }));
  server.registerCapability("X-GM-EXT-1");
  const sockets = new Set<Socket>();
  server.server.on("connection", (socket: Socket) => void sockets.add(socket));
  const port = await listen(server.server);
  context.after(async () => {
    for (const socket of sockets) socket.destroy();
    await closed(server.server);
  });
  return {
    imap: { host: "127.0.0.1", port, secure: false, user: "support@ourshop.test", pass: "right" },
    put: (path: string, name: string, ...labels: readonly string[]): void => {
      const { message } = server.appendMessage(path, [], undefined, mail(name).toString("latin1"));
      Object.assign(message, { "X-GM-LABELS": labels });
    },
  };
}

async function inboxReading(context: TestContext, folder: string) {
  const { imap, put } = await gmail(context);
  put("Junk", "taken for spam");
  put("Junk", "taken for spam as well");
  const inbox: Inbox = {
    address: "support@ourshop.test",
    aliases: [],
    folder,
    imap,
    smtp: { host: "127.0.0.1", port: 1, secure: false },
  };
  const world = await bench(context, { inboxes: [inbox] });
  const read: string[] = [];
  const accept: Accept = async (delivery) => {
    read.push(subjectOf(delivery));
  };
  await world.channel.start(accept);
  const readInstead = async (other: string): Promise<void> => {
    await world.channel.stop();
    const channel = world.again({ inboxes: [{ ...inbox, folder: other }] });
    context.after(() => channel.stop());
    await channel.start(accept);
  };
  return { put, read, readInstead, inbox, cursors: world.cursors.rows };
}

test("Gmail's archive is read by its special use, without what was sent or is a draft", async (context) => {
  const { put, read } = await inboxReading(context, "\\All");
  put(ARCHIVE, "sent", "\\Sent");
  put(ARCHIVE, "draft", "\\Draft");
  put(ARCHIVE, "archived by a filter", "Orders");
  put(ARCHIVE, "to ourselves", "\\Sent", "\\Inbox");
  put("INBOX", "only in the inbox");
  put(ARCHIVE, "last");
  await until("the last one", async () => read.includes("inbox: last"));
  assert.deepEqual(read, ["inbox: archived by a filter", "inbox: to ourselves", "inbox: last"]);
});

test("how many mails lie in Spam is noted for the team, and none of them is read", async (context) => {
  const { put, read, cursors } = await inboxReading(context, "INBOX");
  put("INBOX", "a question");
  const note = (): string => cursors.get("email-spam:support@ourshop.test") ?? "";
  await until("the note", async () => note() !== "" && read.length > 0);
  assert.match(note(), /^\d{4}-\d\d-\d\dT[\d:.]+Z 2$/);
  assert.deepEqual(read, ["inbox: a question"]);
});

test("after a change of the folder, what came to the new one since the first login is read", async (context) => {
  const { put, read, readInstead, cursors } = await inboxReading(context, "INBOX");
  put("INBOX", "a question");
  put("Customers", "moved before it was read");
  await until("the question", async () => read.length > 0);
  await readInstead("Customers");
  await until("the moved one", async () => read.length > 1);
  assert.deepEqual(read, ["inbox: a question", "inbox: moved before it was read"]);
  const [since, before] = ["Customers", "INBOX"].map(
    (path) =>
      FolderPosition.parse(JSON.parse(cursors.get(`email:support@ourshop.test:${path}`) ?? ""))
        .since,
  );
  assert.equal(since, before);
});

test("a folder of another name is read in place of INBOX, and one that is not there is found by the doctor", async (context) => {
  const { put, read, inbox } = await inboxReading(context, "Customers");
  put("INBOX", "not here");
  put("Customers", "here");
  await until("the mail", async () => read.length > 0);
  assert.deepEqual(read, ["inbox: here"]);
  const folderFinding = async (folder: string) => {
    const clock = { now: () => new Date() };
    const found = await examineInboxes({ inboxes: [{ ...inbox, folder }], clock, log: silentLog });
    return found.find(({ check }) => check === folder);
  };
  assert.equal((await folderFinding("Customers"))?.state, "ok");
  for (const wrong of ["Custommers", "\\Archive"]) {
    const finding = await folderFinding(wrong);
    assert.equal(finding?.state, "problem");
    assert.match(finding?.remedy ?? "", /name a folder of this mailbox/);
  }
});

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

/** With the folder it came from. */
function subjectOf(delivery: Delivery): string {
  return `${delivery.headers["x-folder"]}: ${subjectIn(delivery)}`;
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
  await arrival("the delivery that is read", reading.promise);
  await keepInSent(world, byHand("at once"));
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.deepEqual(seen, []);
  inbox.resolve();
  await waitFor(context, () => seen.length === 2);
  assert.deepEqual(seen, ["inbox: question", "sent: at once"]);
});

test("our own copies in Sent are no teammate's answers, and where they end is stored with what comes behind them", async (context) => {
  const world = await bench(context);
  const seen: Delivery[] = [];
  const stored: string[] = [];
  const write: typeof world.cursors.write = async (name, value) => {
    if (name === SENT) stored.push(value);
    await world.cursors.write(name, value);
  };
  const channel = world.again({ cursors: { ...world.cursors, write } });
  context.after(() => channel.stop());
  await channel.start(async (delivery) => void seen.push(delivery));
  await waitFor(context, () => world.cursors.rows.has(SENT));
  for (const key of ["first", "second"]) await answer(world, written({}), "Ours.", key);
  const before = stored.length;
  await keepInSent(world, byHand("by hand"));
  await waitFor(context, () => seen.length > 0);
  assert.deepEqual(seen.map(subjectOf), ["sent: by hand"]);
  await waitFor(context, () => stored.length > before);
  assert.deepEqual(
    stored.slice(before).map((value) => FolderPosition.parse(JSON.parse(value)).uid),
    [3],
  );
});
