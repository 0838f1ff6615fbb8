import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { slack } from "#adapters/slack/index.ts";
import type { Delivery } from "#core/delivery.ts";
import { eventually, optionsFor, recordingJobs, recordingLog } from "./bench.ts";
import { refundCard } from "./cards.ts";
import { CHANNELS, startLocalSlack, USERS, type LocalSlack } from "./local-slack.ts";

const signal = AbortSignal.timeout(120_000);

async function started(context: TestContext): Promise<LocalSlack> {
  const server = await startLocalSlack();
  context.after(() => server.close());
  return server;
}

test("channel and desk share one connection: each event and each click comes once", async (context) => {
  const server = await started(context);
  const { channel, desk } = slack(optionsFor(server.apiUrl));
  const deliveries: Delivery[] = [];
  const jobs = recordingJobs();
  await Promise.all([
    channel.start((delivery) => Promise.resolve(void deliveries.push(delivery))),
    desk.start(jobs.handler),
  ]);
  context.after(() => Promise.all([channel.stop(), desk.stop()]));
  await server.say(USERS.ann, CHANNELS.help, "Hello");
  const ref = await desk.post(refundCard(), "key", signal);
  await server.click(USERS.sam, CHANNELS.approvals, ref.split(":")[1] ?? "", "desk:approve");
  await eventually(context, () => assert.equal(jobs.decisions.length, 1));
  assert.equal(deliveries.length, 1);
  assert.equal((await server.log()).filter((kind) => kind === "socket").length, 1);
});

test("stopping one side leaves the other working; stopping both ends the connection", async (context) => {
  const server = await started(context);
  const { channel, desk } = slack(optionsFor(server.apiUrl));
  const jobs = recordingJobs();
  await channel.start(() => Promise.resolve());
  await desk.start(jobs.handler);
  await channel.stop();
  assert.ok(server.connected());
  const ref = await desk.post(refundCard(), "key", signal);
  await server.click(USERS.sam, CHANNELS.approvals, ref.split(":")[1] ?? "", "desk:approve");
  await eventually(context, () => assert.equal(jobs.decisions.length, 1));
  await desk.stop();
  await eventually(context, () => assert.equal(server.connected(), false));
});

test("an event is acknowledged only after it was taken in", async (context) => {
  const server = await started(context);
  const { channel } = slack(optionsFor(server.apiUrl));
  let commit = (): void => {};
  await channel.start(
    () =>
      new Promise((resolve) => {
        commit = resolve;
      }),
  );
  context.after(() => channel.stop());
  const said = server.say(USERS.ann, CHANNELS.help, "Hello");
  await eventually(context, async () => assert.ok((await server.log()).includes("events_api")));
  assert.ok(!(await server.log()).includes("ack"));
  commit();
  await said;
  assert.ok((await server.log()).includes("ack"));
});

test("an event that could not be taken in stays unacknowledged, so that it comes again", async (context) => {
  const server = await started(context);
  const { log, messages } = recordingLog();
  const { channel } = slack(optionsFor(server.apiUrl, { log }));
  await channel.start(() => Promise.reject(new Error("the store is down")));
  context.after(() => channel.stop());
  void server.say(USERS.ann, CHANNELS.help, "Hello").catch(() => {});
  await eventually(context, () => assert.deepEqual(messages, ["slack delivery failed"]));
  assert.ok(!(await server.log()).includes("ack"));
});

test("stop waits for decisions in hand", async (context) => {
  const server = await started(context);
  const { desk } = slack(optionsFor(server.apiUrl));
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
  await server.click(USERS.sam, CHANNELS.approvals, ref.split(":")[1] ?? "", "desk:approve");
  await eventually(context, () => assert.equal(jobs.decisions.length, 1));
  const stopped = desk.stop().then(() => done.push("stopped"));
  finish();
  await stopped;
  assert.deepEqual(done, ["decided", "stopped"]);
});

test("after Slack was away it connects again by itself, and a lost card is posted anew", async (context) => {
  const server = await started(context);
  const { channel, desk } = slack(optionsFor(server.apiUrl));
  const jobs = recordingJobs();
  const deliveries: Delivery[] = [];
  await channel.start((delivery) => Promise.resolve(void deliveries.push(delivery)));
  await desk.start(jobs.handler);
  context.after(() => Promise.all([channel.stop(), desk.stop()]));
  await desk.post(refundCard(), "key", signal);
  await server.restart();
  const ref = await desk.post(refundCard(), "key", signal);
  await eventually(context, () => assert.ok(server.connected()));
  await server.click(USERS.sam, CHANNELS.approvals, ref.split(":")[1] ?? "", "desk:approve");
  await server.say(USERS.ann, CHANNELS.help, "Hello again");
  await eventually(context, () => {
    assert.equal(jobs.decisions.length, 1);
    assert.equal(deliveries.length, 1);
  });
});

test("it can be stopped while Slack is away, and started again later", async (context) => {
  const server = await started(context);
  const { desk } = slack(optionsFor(server.apiUrl));
  await desk.start(recordingJobs().handler);
  await server.kill();
  await desk.stop();
  await server.restart();
  const jobs = recordingJobs();
  await desk.start(jobs.handler);
  context.after(() => desk.stop());
  const ref = await desk.post(refundCard(), "key", signal);
  await server.click(USERS.sam, CHANNELS.approvals, ref.split(":")[1] ?? "", "desk:approve");
  await eventually(context, () => assert.equal(jobs.decisions.length, 1));
});
