/** How far a folder was read: mails that cannot be taken in, or are gone before they are, and a connection that dies. */

import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { EMAIL_LIMITS } from "#email/options.ts";
import { imapOf } from "#test/email/outbound/sending-bench.ts";
import type { Accept, Delivery } from "#core/contracts/channel.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { HOUR_MS } from "#core/values/moment.ts";
import type { Blobs } from "#core/contracts/ports.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { closed, listen } from "#test/support/loopback.ts";
import { arrival, until } from "#test/support/waiting.ts";
import { bench, collector, type EmailBench, mail, subjectIn, waitFor } from "#test/email/bench.ts";
import { written } from "#test/email/mails.ts";
import { fetchMail } from "#email/inbox/fetch-mail.ts";
import { FolderPosition } from "#email/inbox/folder-position.ts";
import { loginStates } from "#email/login/sign-in.ts";
import { silentLog } from "#test/store/bench.ts";

const CURSOR = "email:support@ourshop.test:INBOX";

/** How far the inbox was read, as it is stored. */
function positionIn({ cursors }: Pick<EmailBench, "cursors">): FolderPosition {
  return FolderPosition.parse(JSON.parse(cursors.rows.get(CURSOR) ?? "{}"));
}

test("tries of a mail count on after a restart, and also when the process ended with it", async (context) => {
  const world = await bench(context, { startAt: "all" });
  world.sandbox.deliver(mail("poison"));
  const tried: (string | undefined)[] = [];
  const accept: Accept = async ({ headers }) => {
    tried.push(headers["x-cut-from-bytes"]);
    throw new Error("cannot be stored");
  };
  const position = () => positionIn(world);
  const run = async (): Promise<void> => {
    const before = tried.length;
    const channel = world.again();
    await channel.start(accept);
    await until("it", async () => tried.length === before + 1);
    await channel.stop();
  };
  await run();
  assert.deepEqual(
    position().tries.map(({ uid, count }) => [uid, count]),
    [[1, 1]],
  );
  world.cursors.rows.set(CURSOR, JSON.stringify({ ...position(), inHand: 1 }));
  await run();
  assert.deepEqual(
    tried.map((cut) => cut !== undefined),
    [false, true],
    "the second time here is its third",
  );
});

test("which mail is in hand is noted of those that were there at a start, where the last process may have ended with one", async (context) => {
  const world = await bench(context, { startAt: "all" });
  const position = () => positionIn(world);
  const noted: (number | null)[] = [];
  const left: string[] = [];
  const take: Accept = async () => {
    noted.push(position().inHand);
    left.push(JSON.stringify(position()));
  };
  world.sandbox.deliver(mail("before"));
  await world.channel.start(take);
  await until("it", async () => noted.length === 1);
  world.sandbox.deliver(mail("while it runs"));
  await until("the other", async () => noted.length === 2);
  await world.channel.stop();
  assert.deepEqual(noted, [1, null]);
  assert.deepEqual(position(), { ...position(), uid: 2, inHand: null });
  // As a process that ended with the second one leaves it.
  world.cursors.rows.set(CURSOR, left[1] ?? "");
  const again = world.again();
  await again.start(take);
  await until("it again", async () => noted.length === 3);
  await again.stop();
  assert.deepEqual(noted, [1, null, 2]);
});

test("while the store takes no writes, a mail is fetched once and not anew at each try", async (context) => {
  const store = { isFull: false, fetched: 0, refused: 0 };
  const world = await bench(context, { startAt: "all" });
  const refuse = (): void => {
    if (!store.isFull) return;
    store.refused += 1;
    throw new DeskhandError("store.unavailable", "the disk is full");
  };
  const write: typeof world.cursors.write = async (...given) => {
    refuse();
    await world.cursors.write(...given);
  };
  const channel = world.again({ cursors: { ...world.cursors, write } });
  await channel.start(async () => {
    store.fetched += 1;
    refuse();
  });
  world.sandbox.deliver(mail("before"));
  await until("the first", async () => store.fetched === 1);
  store.isFull = true;
  world.sandbox.deliver(mail("while it is full"));
  await until("some tries", async () => store.refused >= 5);
  assert.equal(store.fetched, 2);
  store.isFull = false;
  await until("the second", async () => store.fetched === 3);
  await channel.stop();
  assert.match(world.cursors.rows.get(CURSOR) ?? "", /"uid":2/);
});

test("a mail that a teammate moves away before it was read is left to them, and the log says so", async (context) => {
  const world = await bench(context, { startAt: "all" });
  for (const name of ["a", "moved", "b"]) world.sandbox.deliver(mail(name));
  const subjects: string[] = [];
  const person = await imapOf(world);
  await person.mailboxOpen("INBOX");
  await world.channel.start(async (delivery) => {
    if (subjects.length === 0) await person.messageMove("2", "Sent", { uid: true });
    subjects.push(subjectIn(delivery));
  });
  await until("it", async () => subjects.length === 2);
  await person.logout();
  assert.deepEqual(subjects, ["a", "b"]);
  assert.ok(world.log.lines.some((line) => line.startsWith("mail was moved or deleted")));
});

test("a stop breaks a large mail off, which is no try of it", async (context) => {
  const begun = Promise.withResolvers<void>();
  let pieces = 0;
  const putStream: Blobs["putStream"] = async (source) => {
    for await (const _ of source) {
      pieces += 1;
      begun.resolve();
      await until("the stop", async () => stopping !== null);
    }
    return "a";
  };
  const world = await bench(context, { startAt: "all", blobs: { ...memoryBlobs(), putStream } });
  let stopping: Promise<void> | null = null;
  world.sandbox.deliver(written({ text: "words\n".repeat(250_000) }));
  const taken: Delivery[] = [];
  await world.channel.start(async (delivery) => void taken.push(delivery));
  await arrival("the look that began", begun.promise);
  stopping = world.channel.stop();
  await stopping;
  const position = positionIn(world);
  assert.deepEqual([pieces, taken.length], [1, 0]);
  assert.deepEqual([position.uid, position.tries, position.inHand], [0, [], null]);
});

test("a mail that was not accepted is not passed: a store that is away gets it later, in order", async (context) => {
  const { sandbox, channel, cursors } = await bench(context, { startAt: "all" });
  let refusals = 3;
  sandbox.deliver(mail("a"));
  sandbox.deliver(mail("b"));
  const { accept, subjects } = collector(() =>
    refusals-- > 0 ? new DeskhandError("store.unavailable", "away") : null,
  );
  await channel.start(accept);
  await waitFor(context, () => subjects.length === 2);
  assert.deepEqual(subjects, ["a", "b"]);
  await waitFor(context, () => /"uid":2/.test(cursors.rows.get(CURSOR) ?? ""));
});

test("a mail that the store did not take is not in hand any more, so that a restart meanwhile is no try of it", async (context) => {
  // It is put back at once, or with the next connection when nothing can be written then.
  for (const isAway of [false, true]) {
    const store = { isAway: false };
    const written: FolderPosition[] = [];
    const world = await bench(context, { startAt: "all" });
    const write: typeof world.cursors.write = async (name, value) => {
      if (store.isAway) {
        store.isAway = false;
        throw new DeskhandError("store.unavailable", "away");
      }
      await world.cursors.write(name, value);
      if (name === CURSOR) written.push(FolderPosition.parse(JSON.parse(value)));
    };
    const first = isAway ? 20 : HOUR_MS;
    const limits = { ...EMAIL_LIMITS, retryMs: { first, most: first } };
    const channel = world.again({ cursors: { ...world.cursors, write }, limits });
    world.sandbox.deliver(mail("a"));
    await channel.start(async () => {
      store.isAway = isAway;
      throw new DeskhandError("store.unavailable", "away");
    });
    await until("it to be put back", async () => written.length >= 3);
    await channel.stop();
    assert.deepEqual(
      written.slice(0, 3).map(({ inHand, tries }) => [inHand, tries]),
      [
        [null, []],
        [1, []],
        [null, []],
      ],
    );
  }
});

test("the position is written only after the mail was accepted", async (context) => {
  const { sandbox, channel, cursors } = await bench(context);
  const release = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  await channel.start(async () => {
    entered.resolve();
    await release.promise;
  });
  const uid = (): number => positionIn({ cursors }).uid;
  sandbox.deliver(mail("a"));
  await entered.promise;
  const before = uid();
  const stopped = channel.stop();
  release.resolve();
  await stopped;
  assert.deepEqual([before, uid()], [0, 1]);
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

test("only a login that was refused before wakes those who wait for it", () => {
  const clock = { now: () => new Date(0) };
  const watch = loginStates([{ address: "support@shop.test" }], { clock, log: silentLog }).of(
    "support@shop.test",
    "IMAP",
  );
  let woken = 0;
  watch.onAccepted(() => (woken += 1));
  watch.accepted();
  // Two who fail for another reason than the login would otherwise wake each other without a pause.
  assert.equal(woken, 0);
  watch.refused("wrong password", new Error("no"));
  watch.accepted();
  assert.equal(woken, 1);
});

test("a server that fetches nothing for minutes loses no mail, and one that never does again is told of", async (context) => {
  const state = { isRefusing: true, refused: 0, at: Date.now() };
  const world = await bench(context);
  const refusing = createServer((near) => {
    const far = connect(world.imapWire.port, "127.0.0.1");
    far.pipe(near);
    for (const socket of [near, far])
      socket.on("error", () => {}).on("close", () => near.destroy());
    near.on("close", () => far.destroy());
    near.on("data", (chunk) => {
      const [, tag] = /^(\w+) UID FETCH /.exec(chunk.toString()) ?? [];
      if (tag === undefined || !state.isRefusing) return void far.write(chunk);
      state.refused += 1;
      near.write(`${tag} NO [UNAVAILABLE] Server Unavailable. 15\r\n`);
    });
  });
  const port = await listen(refusing);
  context.after(() => closed(refusing));
  const { host, user, pass } = world.sandbox.imap;
  const { accept, deliveries } = collector();
  const channel = world.again({
    startAt: "all",
    clock: { now: () => new Date(state.at) },
    limits: { ...EMAIL_LIMITS, pollMs: 10 },
    inboxes: [
      {
        address: "support@ourshop.test",
        aliases: [],
        imap: { host, port, secure: false, user, pass },
        smtp: { host, port: 1, secure: false },
      },
    ],
  });
  for (const name of ["a", "b"]) world.sandbox.deliver(mail(name));
  await channel.start(accept);
  await until("many looks", async () => state.refused >= 12 || deliveries.length > 0);
  assert.equal(deliveries.length, 0);
  state.isRefusing = false;
  await until("both", async () => deliveries.length === 2);
  state.isRefusing = true;
  world.sandbox.deliver(mail("c"));
  for (let minute = 0; deliveries.length < 3; minute += 10) {
    assert.ok(minute <= 40, "people are told within the hour");
    const { refused } = state;
    await until("two looks", async () => state.refused > refused + 1 || deliveries.length === 3);
    state.at += 10 * 60_000;
  }
  await channel.stop();
  assert.match(
    deliveries[2]?.headers["x-lost-because"] ?? "",
    /Server Unavailable\. 15; it is still/,
  );
});

test("a session that has ended says of no mail that it is gone", async (context) => {
  const world = await bench(context, { startAt: "all" });
  world.sandbox.deliver(mail("a"));
  const client = await imapOf(world);
  await client.mailboxOpen("INBOX");
  const fetch = (uid: number) =>
    fetchMail(client, uid, {
      address: "support@ourshop.test",
      since: new Date(0),
      receivedAt: new Date(),
      cut: false,
      folder: "inbox",
      isArchive: false,
      limits: EMAIL_LIMITS,
      blobs: memoryBlobs(),
      signal: new AbortController().signal,
    });
  assert.equal(await fetch(99), "gone");
  client.close();
  await assert.rejects(fetch(1), /the session ended/);
});
