import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { slack } from "#slack/index.ts";
import type { DeskOverview } from "#core/values/desk-overview.ts";
import {
  eventually,
  faultySlackProxy,
  optionsFor,
  recordingJobs,
  recordingLog,
  type Fault,
} from "#test/slack/bench.ts";
import { refundCard } from "#test/slack/cards/card-samples.ts";
import { openHome, publishedHomes } from "./home-tab.ts";
import { CHANNELS, startTestSlack, USERS, type TestSlack } from "#test/slack/local-slack.ts";

const signal = new AbortController().signal;
const AT = new Date("2026-11-20T12:00:00Z");

const waiting = (headline: string, flags: readonly string[] = []) => ({
  headline,
  flags,
  since: new Date(AT.getTime() - 5 * 60_000),
  expiresAt: new Date(AT.getTime() + 3 * 3_600_000),
  ref: "C1:1700000000.000100",
  link: "https://desk.test/console#apr_1",
});

const overviewOf = (change: Partial<DeskOverview> = {}): DeskOverview => ({
  at: AT,
  zone: "Europe/Berlin",
  paused: "",
  waiting: [waiting("Refund 120.00 USD and reply · Ann Fields, order 789")],
  waitingCount: 1,
  untaken: [],
  untakenCount: 0,
  today: { received: 7, answered: 5, escalated: 1, refunds: 2, refunded: ["25.00 USD"] },
  ...change,
});

let server: TestSlack;
let fault: Fault;
let proxy: Awaited<ReturnType<typeof faultySlackProxy>>;
const jobs = recordingJobs();

before(async () => {
  server = await startTestSlack();
  proxy = await faultySlackProxy(server.url, (method) => fault(method));
});
beforeEach(() => {
  fault = () => null;
  jobs.overview = overviewOf();
});
after(async () => {
  await proxy.close();
  await server.close();
});

const published = () => publishedHomes(server.url);
const open = (user: string) => openHome(server.url, user);

test("it is shown when it is opened and after one's own decision; without a role there is no data; a failure breaks nothing", async (context) => {
  const { log, messages } = recordingLog();
  const { desk } = slack(optionsFor(proxy.apiUrl, { log }));
  await desk.start(jobs.handler);
  context.after(() => desk.stop());

  await open(USERS.sam);
  await eventually(context, async () => assert.equal((await published()).length, 1));
  assert.match((await published())[0]?.[1] ?? "", /Refund 120\.00 USD/);
  assert.match((await published())[0]?.[1] ?? "", /archives\/C1\/p1700000000000100/);

  jobs.overview = null;
  await open(USERS.ned);
  await eventually(context, async () => assert.equal((await published()).length, 2));
  assert.match((await published())[1]?.[1] ?? "", /no role/);
  assert.doesNotMatch((await published())[1]?.[1] ?? "", /Refund/);

  jobs.overview = overviewOf({ waiting: [], waitingCount: 0 });
  const ref = await desk.post(refundCard(), "key", signal);
  const ts = ref.split(":")[1] ?? "";
  await server.people.click(USERS.lea, CHANNELS.approvals, ts, "desk:approve");
  await eventually(context, async () => assert.equal((await published()).length, 3));
  assert.equal((await published())[2]?.[0], USERS.lea);
  // A button that only leads somewhere is told to us as well.
  await server.people.clickAnything(USERS.lea, CHANNELS.approvals, ts, { action_id: "link:0" });

  fault = (method) =>
    method === "views.publish" ? { status: 200, body: { ok: false, error: "not_enabled" } } : null;
  await open(USERS.sam);
  await eventually(context, () => assert.ok(messages.includes("slack refused to show a home tab")));
  await server.people.click(USERS.sam, CHANNELS.approvals, ts, "desk:approve");
  await eventually(context, () => assert.equal(jobs.decisions.length, 2));
  const whispers = await server.people.messages(CHANNELS.approvals);
  assert.deepEqual(
    whispers.filter(({ subtype }) => subtype === "ephemeral"),
    [],
  );
});
