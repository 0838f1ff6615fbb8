/** Slack gets its answer within three seconds despite slow look-ups, models, limits and old buttons. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { IDS } from "#sandbox/slack/index.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { eventually, recordingJobs } from "#test/slack/bench.ts";
import { fakeForTests } from "#test/slack/api/fake-slack.ts";
import { anotherProcess, type Requested } from "./requests-bench.ts";
import { click, send, typed } from "./signed.ts";

const signal = new AbortController().signal;
const APPROVE = ["desk:approve", "apr_1:v1"] as const;

const fake = fakeForTests();
let web: Requested;
beforeEach(async (context) => {
  web = await anotherProcess(fake.apiUrl);
  if ("after" in context)
    context.after(async () => {
      await Promise.all([web.sides.desk.stop(), web.sides.channel.stop()]);
      await web.close();
    });
});

const whispers = (): readonly string[] =>
  fake.asked
    .filter(({ method }) => method === "chat.postEphemeral")
    .map(({ parameters }) => parameters["text"] ?? "");

onDesk("while a model thinks and Slack is slow to look people up", (bench) => {
  test("S31 clicks and forms are acknowledged while Slack does not answer, and nothing is decided unchecked", async (context) => {
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const conversation = await bench.write("Please refund order 789");
    const card = await bench.pending(conversation);
    assert.ok(card);
    const value = `${card.id}:v${card.version}`;
    await web.sides.desk.start(deskHandler(bench.parts));
    const thought = Promise.withResolvers<ReturnType<typeof replying>>();
    const thinking = Promise.withResolvers<void>();
    context.after(() => thought.resolve(replying("It is in the warehouse.")));
    bench.answer(() => {
      thinking.resolve();
      return thought.promise;
    });
    const other = bench.write("Where is order 456?", { thread: "t2" });
    await thinking.promise;
    fake.instead = ({ method }) => (method === "users.info" ? { afterMs: 900_000 } : null);
    // A patient look-up of the same person is under way: a message of theirs is being read.
    fake.messages.push({ channel: IDS.help, ts: "1.000001", text: "Hello", blocks: [] });
    const conversationInSlack = {
      id: "c",
      channel: "slack" as const,
      externalId: `${IDS.team}:${IDS.help}:1.000001`,
      subject: "",
      brand: "",
    };
    Object.assign(fake.messages[0] ?? {}, { user: IDS.sam });
    void web.sides.channel.fetch(conversationInSlack, signal).catch(() => undefined);
    await eventually(context, () => assert.equal(fake.countOf("users.info"), 1));

    const answers = await Promise.all([
      send(web.url, "interactions", click(IDS.sam, "desk:approve", value)),
      send(web.url, "interactions", click(IDS.sam, "desk:edit", value)),
      send(web.url, "interactions", click(IDS.sam, "desk:reject", value)),
      send(web.url, "commands", typed(IDS.sam, "find 789")),
    ]);
    for (const { status } of answers) assert.equal(status, 200);
    // Both forms are open before any person was looked up; those who clicked hear why nothing happened.
    await eventually(context, () => assert.equal(fake.countOf("views.open"), 2));
    await eventually(context, () =>
      assert.equal(
        whispers().filter((text) => text.includes("could not check your role")).length,
        2,
      ),
    );
    assert.ok(await bench.pending(conversation));
    thought.resolve(replying("It is in the warehouse."));
    await other;
  });
});

test("S34 a person who left is told nothing, and the next one is served", async (context) => {
  const jobs = recordingJobs();
  jobs.answer = () => ({ accepted: false, message: "Expired." });
  await web.sides.desk.start(jobs.handler);
  fake.instead = ({ method, parameters }) => {
    const isAbout = [parameters["user"], parameters["users"], parameters["channel"]].some((one) =>
      (one ?? "").includes(IDS.ned),
    );
    if (method.startsWith("respond/")) return { status: 410 };
    if (!isAbout) return null;
    if (method === "chat.postEphemeral") return { error: "user_not_in_channel" };
    return method === "users.info" ? null : { error: "account_inactive" };
  };
  const command = typed(IDS.ned, "help me", { response_url: `${fake.url}/respond/2` });
  await send(web.url, "commands", command);
  await send(web.url, "interactions", click(IDS.ned, ...APPROVE));
  await eventually(context, () =>
    assert.equal(
      web.log.filter((line) => line === "slack could not show a teammate the result of a click")
        .length,
      2,
    ),
  );
  const { status } = await send(web.url, "interactions", click(IDS.sam, ...APPROVE));
  assert.equal(status, 200);
  await eventually(context, () => assert.equal(whispers().at(-1), "Expired."));
  assert.equal(jobs.decisions.length, 2);
});
