import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import { slack, type SlackOptions } from "#slack/index.ts";
import { memoryCursors } from "#test/jobs/memory-ports.ts";
import type { Delivery } from "#core/contracts/channel.ts";
import { eventually, optionsFor, recordingJobs, recordingLog } from "#test/slack/bench.ts";
import { refundCard } from "#test/slack/cards/card-samples.ts";
import { CHANNELS, startTestSlack, USERS, type TestSlack } from "#test/slack/local-slack.ts";

const { signal } = new AbortController();

const Told = z.object({ event: z.object({ text: z.string() }) });

/** A server that ends after everything that is connected to it, as in a clean stop. */
async function started(context: TestContext): Promise<
  TestSlack & {
    readonly connect: (
      change?: Partial<SlackOptions>,
    ) => ReturnType<typeof slack> & { log: string[] };
  }
> {
  const server = await startTestSlack();
  const sides: { stop(): Promise<void> }[] = [];
  context.after(async () => {
    await Promise.all(sides.map((side) => side.stop()));
    await server.close();
  });
  return {
    ...server,
    connect: (change = {}) => {
      const { log, messages } = recordingLog();
      const both = slack(optionsFor(server.apiUrl, { log, ...change }));
      sides.push(both.channel, both.desk);
      return { ...both, log: messages };
    },
  };
}

async function has(server: TestSlack, kind: string): Promise<boolean> {
  return (await server.log()).some((entry) => entry.kind === kind);
}

test("channel and desk share one connection: each event and each click comes once", async (context) => {
  const server = await started(context);
  const { channel, desk } = server.connect();
  const deliveries: Delivery[] = [];
  const jobs = recordingJobs();
  await Promise.all([
    channel.start((delivery) => Promise.resolve(void deliveries.push(delivery))),
    desk.start(jobs.handler),
  ]);
  await server.people.post(USERS.ann, CHANNELS.help, "Hello");
  const ref = await desk.post(refundCard(), "key", signal);
  await server.people.click(USERS.sam, CHANNELS.approvals, ref.split(":")[1] ?? "", "desk:approve");
  await eventually(context, () => assert.equal(jobs.decisions.length, 1));
  assert.equal(deliveries.length, 1);
  assert.equal((await server.log()).filter(({ kind }) => kind === "socket").length, 1);
});

test("an event is acknowledged only after it was taken in", async (context) => {
  const server = await started(context);
  const { channel } = server.connect();
  let commit = (): void => {};
  await channel.start(
    () =>
      new Promise((resolve) => {
        commit = resolve;
      }),
  );
  const said = server.people.post(USERS.ann, CHANNELS.help, "Hello");
  await eventually(context, async () => assert.ok(await has(server, "events_api")));
  assert.ok(!(await has(server, "ack")));
  commit();
  await said;
  assert.ok(await has(server, "ack"));
});

test("an event that could not be taken in stays unacknowledged, so that it comes again", async (context) => {
  const server = await started(context);
  const { channel, log } = server.connect();
  await channel.start(() => Promise.reject(new Error("the store is down")));
  void server.people.post(USERS.ann, CHANNELS.help, "Hello").catch(() => {});
  await eventually(context, () => assert.deepEqual(log, ["slack delivery failed"]));
  assert.ok(!(await has(server, "ack")));
});

test("what was asked while nobody listened is read back at the next start, and nothing from before the first", async (context) => {
  const server = await started(context);
  const cursors = memoryCursors();
  const listen = async () => {
    const { channel, log } = server.connect({ cursors });
    const texts = new Set<string>();
    await channel.start(async (delivery) => {
      if (channel.receive(delivery).length === 0) return;
      const { event } = Told.parse(JSON.parse(new TextDecoder().decode(delivery.body)));
      texts.add(event.text);
    });
    return { channel, texts, log };
  };
  const { ann } = USERS;
  // No process takes these in, so that posting them does not end: that they are stored is asked instead.
  const asked = async (text: string, channel: string, thread?: string): Promise<string> => {
    const failed: unknown[] = [];
    const post = (): void =>
      void server.people
        .post(ann, channel, text, thread)
        .catch((error: unknown) => failed.push(error));
    post();
    let ts = "";
    await eventually(context, async () => {
      const stored = (await server.people.messages(channel)).find((one) => one.text === text);
      if (stored === undefined && failed.splice(0).length > 0) post();
      ts = stored?.ts ?? assert.fail(`"${text}" is not stored`);
    });
    return ts;
  };
  const old = await asked("Asked before the installation", CHANNELS.help);
  const first = await listen();
  await eventually(context, () => assert.ok(cursors.rows.has("slack:heard")));
  assert.deepEqual([...first.texts], []);
  await first.channel.stop();
  // Read back is what was said after the first message, by some overlap before the note: often within its second.
  cursors.rows.set("slack:heard", (Number(old) + 180).toFixed(6));
  await asked("Where is my parcel?", CHANNELS.help);
  await asked("And my money?", CHANNELS.help, old);
  await asked("Only between us", await server.direct(ann));
  await asked("Nothing for the bot", CHANNELS.alerts);
  const second = await listen();
  const missed = ["And my money?", "Only between us", "Where is my parcel?"];
  await eventually(context, () =>
    assert.deepEqual([...second.texts].toSorted(), missed, second.log.join("\n")),
  );
});

test("S33 stop waits for decisions in hand", async (context) => {
  const server = await started(context);
  const { desk } = server.connect();
  const jobs = recordingJobs();
  let finish = (): void => {};
  const done: string[] = [];
  jobs.answer = () =>
    new Promise((resolve) => {
      finish = () => {
        done.push("decided");
        resolve({});
      };
    });
  await desk.start(jobs.handler);
  const ref = await desk.post(refundCard(), "key", signal);
  await server.people.click(USERS.sam, CHANNELS.approvals, ref.split(":")[1] ?? "", "desk:approve");
  await eventually(context, () => assert.equal(jobs.decisions.length, 1));
  const stopped = desk.stop().then(() => done.push("stopped"));
  // One that began later, with nothing in hand, is over meanwhile.
  const beside = server.connect().desk;
  await beside.start(recordingJobs().handler);
  await beside.stop();
  assert.deepEqual(done, []);
  finish();
  await stopped;
  assert.deepEqual(done, ["decided", "stopped"]);
});
