/** The buttons beside a decision as signed requests carry them, also such as an older version of the forms sent. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { eventually, recordingJobs, type Jobs } from "#test/slack/bench.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { slackByRequest } from "./requests-bench.ts";
import { click, send, submission } from "./signed.ts";

let slack: Awaited<ReturnType<typeof slackByRequest>>;
let jobs: Jobs;

before(async () => {
  slack = await slackByRequest();
});
beforeEach(async () => {
  jobs = recordingJobs();
  await slack.sides.desk.start(jobs.handler);
});
after(() => slack.close());

const NOTE = JSON.stringify({
  approvalId: "apr_1",
  version: 3,
  channel: CHANNELS.approvals,
  joints: [],
});

/** A form as it was sent: what was chosen or typed, by block. */
const form = (callbackId: string, values: Readonly<Record<string, object>>): string =>
  submission(USERS.sam, callbackId, {
    view: {
      id: "V1",
      callback_id: callbackId,
      private_metadata: NOTE,
      state: {
        values: Object.fromEntries(
          Object.entries(values).map(([block, state]) => [block, { value: state }]),
        ),
      },
      blocks: Object.keys(values).map((block) => ({ type: "input", block_id: block })),
    },
  });
const option = (value: string) => ({ selected_option: { value } });

test("buttons that decide nothing, and the one that takes over, are decisions of their own", async (context) => {
  for (const button of ["claim", "release", "take_over"])
    await send(slack.url, "interactions", click(USERS.sam, `desk:${button}`, "apr_1:v3"));
  await eventually(context, () =>
    assert.deepEqual(
      jobs.decisions
        .map(({ button, version }) => [button, version])
        .toSorted(([one], [other]) => String(one).localeCompare(String(other))),
      [
        ["claim", 3],
        ["release", 3],
        ["take_over", 3],
      ],
    ),
  );
  assert.equal(new Set(jobs.decisions.map(({ decisionId }) => decisionId)).size, 3);
});

test("a hint comes as it was typed, and a longer one than a form takes is refused", async () => {
  const hinted = form("desk:redo", { text: { value: " shorter,\n*please* " } });
  assert.equal((await send(slack.url, "interactions", hinted)).text, "");
  assert.equal(jobs.decisions[0]?.button, "redo");
  assert.equal(jobs.decisions[0]?.hint, "shorter,\n*please*");
  const long = form("desk:redo", { text: { value: "x".repeat(501) } });
  assert.match((await send(slack.url, "interactions", long)).text, /At most 500 characters/);
  assert.equal(jobs.decisions.length, 1);
});

test("a rejection says its kind; one from an older form says it in words, or has only a reason", async () => {
  const sent: (string | undefined)[][] = [];
  for (const [kind, words] of [
    ["i_answer", ""],
    ["no_answer", "spam"],
    ["reason", "a kettle"],
    ["No answer needed", "spam"],
    ["Wrong", ""],
  ] as const) {
    const body = form("desk:reject", { reason: option(kind), note: { value: words } });
    await send(slack.url, "interactions", body.replace("trigger.2", `trigger.${kind}`));
    const { rejection, reason } = jobs.decisions.at(-1) ?? {};
    sent.push([rejection, reason]);
  }
  assert.deepEqual(sent, [
    ["i_answer", ""],
    ["no_answer", "spam"],
    ["reason", "a kettle"],
    ["no_answer", "spam"],
    [undefined, "Wrong"],
  ]);
});
