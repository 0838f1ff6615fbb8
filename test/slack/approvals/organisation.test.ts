/** An Enterprise organisation: whose colleagues decide and are known as customers, and who is still from outside. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { eventually, inSlack, recordingJobs, saysOfUsers, type Fault } from "#test/slack/bench.ts";
import { BOT, CHANNELS, TEAM, USERS } from "#test/slack/local-slack.ts";
import { anotherProcess } from "#test/slack/transport/requests-bench.ts";
import { click, eventBody, send } from "#test/slack/transport/signed.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const side = inSlack();

const SHOP = "E0SHOP";
/** A lead whose workspace is another one of the organisation, as `users.info` shows people of a Grid. */
const LEA = {
  id: USERS.lea,
  team_id: "T0EMEA",
  profile: { email: "lea@ourshop.test" },
  enterprise_user: { enterprise_id: SHOP, teams: ["T0EMEA", "T0APAC"] },
};
/** What a click in that workspace says. */
const IN_EMEA = {
  user: { id: USERS.lea, name: "lea", team_id: "T0EMEA" },
  team: { id: "T0EMEA", enterprise_id: SHOP },
  enterprise: { id: SHOP, name: "Shop" },
  is_enterprise_install: false,
};

/** Slack as it answers a workspace of this organisation about this person. */
function grid(person: object, organisation: string | null = SHOP): Fault {
  const self = { user_id: BOT, team_id: TEAM, bot_id: "B1", enterprise_id: organisation };
  return (method) =>
    method === "auth.test"
      ? { status: 200, body: { ok: true, ...self } }
      : method === "users.info"
        ? saysOfUsers({ ...person })
        : null;
}

/** Presses a button of a card in a process of its own, since people are remembered for a while. */
async function pressed(
  context: TestContext,
  payload: object,
  { organisation, button = "desk:approve" }: { organisation: boolean; button?: string },
) {
  const url = side.optionsWith({}).apiUrl ?? "";
  const one = await anotherProcess(url, undefined, { organisation });
  const jobs = recordingJobs();
  await one.sides.desk.start(jobs.handler);
  context.after(async () => {
    await one.sides.desk.stop();
    await one.close();
  });
  const body = click(USERS.lea, button, "apr_1:v1", payload);
  assert.equal((await send(one.url, "interactions", body)).status, 200);
  return jobs;
}

for (const [who, person, payload, { organisation = SHOP, isOn = true, eligible = false }] of [
  ["a colleague of another workspace", LEA, IN_EMEA, { eligible: true }],
  ["a colleague, where this workspace alone counts", LEA, IN_EMEA, { isOn: false }],
  ["a colleague of no organisation", LEA, IN_EMEA, { organisation: null }],
  ["a guest of another workspace", { ...LEA, is_restricted: true }, IN_EMEA, {}],
  [
    "a member of another organisation",
    { ...LEA, enterprise_user: { enterprise_id: "E0OTHER", teams: ["T0EMEA"] } },
    IN_EMEA,
    {},
  ],
  [
    "a person whose workspace Slack's directory does not know of them",
    LEA,
    { ...IN_EMEA, user: { ...IN_EMEA.user, team_id: "T0OTHER" } },
    {},
  ],
] as readonly (readonly [
  string,
  object,
  object,
  { organisation?: string | null; isOn?: boolean; eligible?: boolean },
])[])
  test(`${who} ${eligible ? "may" : "may not"} decide`, async (context) => {
    side.break(grid(person, organisation));
    const jobs = await pressed(context, payload, { organisation: isOn });
    await eventually(context, () => assert.equal(jobs.decisions.length, 1));
    assert.equal(jobs.decisions[0]?.teammate.eligible, eligible);
    assert.deepEqual(jobs.decisions[0]?.teammate.groups ?? [], []);
  });

test("a form opens for a colleague of another workspace, and not for a person from outside", async (context) => {
  const opened = () => side.calls.filter(({ method }) => method === "views.open").length;
  side.break(grid(LEA));
  await pressed(
    context,
    { ...IN_EMEA, trigger_id: "t.1" },
    { organisation: true, button: "desk:reject" },
  );
  await eventually(context, () => assert.equal(opened(), 1));
  side.break(grid({ ...LEA, enterprise_user: { enterprise_id: "E0OTHER", teams: ["T0EMEA"] } }));
  const options = { organisation: true, button: "desk:reject" };
  const jobs = await pressed(context, { ...IN_EMEA, trigger_id: "t.2" }, options);
  await eventually(context, () => assert.equal(jobs.decisions[0]?.teammate.outside, true));
  assert.equal(opened(), 1);
});

test("while Slack cannot say whose workspace it is, no form opens and the person is told", async (context) => {
  const unknown = grid(LEA);
  side.break((method) => (method === "users.info" ? { status: 500, body: {} } : unknown(method)));
  const jobs = await pressed(context, IN_EMEA, { organisation: true, button: "desk:reject" });
  await eventually(context, () =>
    assert.ok(
      side.calls.some(
        ({ method, parameters }) =>
          method === "chat.postEphemeral" && /could not check/.test(parameters["text"] ?? ""),
      ),
    ),
  );
  assert.ok(!side.calls.some(({ method }) => method === "views.open"));
  assert.deepEqual(jobs.decisions, []);
});

test("what a colleague of another workspace writes is theirs at level 2 where the organisation counts", async () => {
  const ts = "7.000001";
  const externalId = `${TEAM}:${CHANNELS.help}:${ts}`;
  const conversation = { id: "c", channel: "slack" as const, externalId, subject: "", brand: "" };
  const ann = { ...LEA, id: USERS.ann, profile: { email: "ann@ourshop.example" } };
  for (const [who, person, userTeam, organisation, level] of [
    ["a colleague", ann, "T0EMEA", true, 2],
    ["a colleague, where this workspace alone counts", ann, "T0EMEA", false, 1],
    ["a message of another workspace", ann, "T0OTHER", true, 1],
    [
      "another organisation",
      { ...ann, enterprise_user: { enterprise_id: "E0X" } },
      "T0EMEA",
      true,
      1,
    ],
  ] as const) {
    const answers = grid(person);
    const messages = [{ ts, user: USERS.ann, user_team: userTeam, text: "Where is my order?" }];
    side.break((method) =>
      method === "conversations.replies"
        ? { status: 200, body: { ok: true, messages } }
        : answers(method),
    );
    const { channel } = side.open({ organisation });
    const found = await channel.fetch(conversation, AbortSignal.timeout(PATIENCE_MS));
    assert.equal(found.messages[0]?.identity.level, level, who);
  }
});

test("an event that another workspace of the organisation is named in is taken in when it is for our installation", async (context) => {
  side.break(grid(LEA));
  const one = await anotherProcess(side.optionsWith({}).apiUrl ?? "", undefined, {
    organisation: true,
  });
  context.after(() => one.close());
  const taken: unknown[] = [];
  await one.sides.channel.start(async (delivery) => void taken.push(delivery));
  const event = { type: "message", channel: CHANNELS.help, user: USERS.lea, text: "x", ts: "8.1" };
  const authorizations = [{ team_id: TEAM, enterprise_id: SHOP, user_id: BOT, is_bot: true }];
  await send(one.url, "events", eventBody(event, { team_id: "T0EMEA", authorizations }));
  assert.equal(taken.length, 1);
  await one.sides.channel.stop();
});
