/** People of other companies: refused at the desk, reported, and as customers trusted as the operator says. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { ALL_ENTRIES } from "#store/audit/pending-entries.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { eventually, inSlack, on, saysOfUsers } from "#test/slack/bench.ts";
import { CHANNELS, TEAM, USERS } from "#test/slack/local-slack.ts";
import { anotherProcess, type Requested } from "#test/slack/transport/requests-bench.ts";
import { click, eventBody, send, submission, typed } from "#test/slack/transport/signed.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import { publishedHomes } from "./home-tab.ts";

const side = inSlack();

const LISTED = new Map([
  ["T0CUSTOMER", new Set(["customer.test"])],
  ["E0ORG", new Set(["org.test"])],
]);
const ANN = { id: USERS.ann, team_id: "T0CUSTOMER", profile: { email: "ann@customer.test" } };

onDesk("a desk that Slack sends requests to", (bench) => {
  async function opened(context: TestContext): Promise<Requested> {
    const one = await anotherProcess(side.optionsWith({}).apiUrl ?? "");
    await one.sides.channel.start(() => Promise.resolve());
    await one.sides.desk.start(deskHandler({ ...bench.parts, desk: one.sides.desk }));
    context.after(async () => {
      await Promise.all([one.sides.channel.stop(), one.sides.desk.stop()]);
      await one.close();
    });
    return one;
  }

  const alerts = async (): Promise<readonly string[]> =>
    (await side.server.people.messages(CHANNELS.alerts)).map(({ text }) => text ?? "");

  /** Everything the bot sent for a person's Home tab. */
  const homes = async (): Promise<string> => JSON.stringify(await publishedHomes(side.server.url));

  test("S07 a person of another company decides nothing and gets no form, by either field, and the team hears of it once an hour", async (context) => {
    const { url } = await opened(context);
    bench.answer(() => replying("We refund you.", { actions: [refundOf(12_000)] }));
    const conversation = await bench.write("Please refund order 789");
    const card = await bench.pending(conversation);
    assert.ok(card);
    const value = `${card.id}:v${card.version}`;
    // Sam is listed in the policy: whose workspace it is counts, not whose id.
    const foreignUser = { user: { id: USERS.sam, name: "x", team_id: "T0OTHER" } };
    const foreignTeam = { team: { id: "T0OTHER" } };
    const edit = {
      view: {
        id: "V1",
        callback_id: "desk:edit",
        private_metadata: JSON.stringify({
          approvalId: card.id,
          version: card.version,
          channel: CHANNELS.approvals,
          joints: [],
        }),
        state: { values: { text: { value: { value: "Their words" } } } },
        blocks: [{ type: "input", block_id: "text", element: { action_id: "value" } }],
      },
    };
    const whispers = async () =>
      (await side.server.people.messages(CHANNELS.approvals)).filter(
        ({ subtype }) => subtype === "ephemeral",
      );
    let tries = 0;
    for (const [forms, foreign] of [foreignUser, foreignTeam].entries()) {
      for (const button of ["desk:approve", "desk:edit", "desk:reject", "desk:escalate"]) {
        const more = { ...foreign, trigger_id: `t.${(tries += 1)}` };
        assert.equal(
          (await send(url, "interactions", click(USERS.sam, button, value, more))).status,
          200,
        );
      }
      // A form is answered within seconds, also by a busy machine that is done with the clicks.
      await eventually(context, async () => assert.equal((await whispers()).length, tries - forms));
      const sent = submission(USERS.sam, "desk:edit", {
        ...edit,
        ...foreign,
        trigger_id: `t.${(tries += 1)}`,
      });
      const answered = await send(url, "interactions", sent);
      assert.match(answered.text, /Only support and leads can decide here/);
      // What they typed is theirs; nothing of the card is told.
      assert.doesNotMatch(answered.text, /120|789|Ann/);
    }
    assert.equal((await whispers()).length, tries - 2);
    // Each press is written down, also that for a form, which decides nothing yet.
    const refused = await bench.parts.store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ kind: z.string() }),
        sql`select kind from ${ALL_ENTRIES} where data ->> 'approval' = ${card.id} and kind = 'refused'`,
      ),
    );
    assert.equal(refused.length, tries);
    for (const { text } of await whispers())
      assert.match(text ?? "", /^Only (?:support|active members)/);
    for (const { method } of side.calls) assert.doesNotMatch(method, /^(?:views\.|users\.info$)/);
    assert.deepEqual(await bench.pending(conversation), card);
    assert.deepEqual(
      bench.left.filter(({ action }) => action.operation === "refund"),
      [],
    );
    await eventually(context, async () => assert.equal((await alerts()).length, 1));
    assert.match((await alerts())[0] ?? "", new RegExp(`outside \\(${USERS.sam}\\)`));

    bench.skip(3_600_000);
    const again = (user: string, trigger_id: string) =>
      send(url, "interactions", click(user, "desk:approve", value, { ...foreignTeam, trigger_id }));
    await again(USERS.sam, "later");
    await again(USERS.ned, "other");
    await again(USERS.ned, "other again");
    await eventually(context, async () => assert.equal((await alerts()).length, 3));
  });

  test("S07 people of other companies see nothing of the desk in Home tab and commands, whatever the policy says of them", async (context) => {
    bench.rule({ roleOf: () => "lead" });
    bench.answer(() => replying("We refund you.", { actions: [refundOf(12_000)] }));
    await bench.write("Please refund order 789");
    const opening = eventBody({ type: "app_home_opened", user: USERS.ann, tab: "home" });
    const command = typed(USERS.ann, "find headphones");
    const { url } = await opened(context);
    side.break(on("users.info", saysOfUsers({ id: USERS.ann, team_id: "T0OTHER" })));
    assert.equal((await send(url, "events", opening)).status, 200);
    assert.equal((await send(url, "commands", command)).status, 200);
    await eventually(context, async () => {
      assert.match(await homes(), /You have no role in Deskhand's policy/);
      const told = await side.server.people.messages(CHANNELS.approvals);
      assert.equal(told.filter(({ text }) => text?.startsWith("Not for you")).length, 1);
    });
    assert.doesNotMatch(await homes(), /120\.00|Waiting for a decision/);
  });
});

test("a Slack Connect member is verified by workspace and domain together, and by nothing less", async () => {
  const ts = await side.server.people.post(USERS.ann, CHANNELS.help, "Where is my order?");
  const externalId = `${TEAM}:${CHANNELS.help}:${ts}`;
  const conversation = { id: "c", channel: "slack" as const, externalId, subject: "", brand: "" };
  for (const [who, user, level] of [
    ["both are listed", ANN, 2],
    ["written in capitals", { ...ANN, profile: { email: "Ann@Customer.TEST" } }, 2],
    [
      "an organisation that is listed",
      {
        ...ANN,
        team_id: "T0PART",
        enterprise_user: { enterprise_id: "E0ORG" },
        profile: { email: "ann@org.test" },
      },
      2,
    ],
    ["another workspace", { ...ANN, team_id: "T0OTHER" }, 1],
    ["another domain", { ...ANN, profile: { email: "ann@elsewhere.test" } }, 1],
    ["the domain of another entry", { ...ANN, profile: { email: "ann@org.test" } }, 1],
    ["a domain below it", { ...ANN, profile: { email: "ann@mail.customer.test" } }, 1],
    ["two addresses in one", { ...ANN, profile: { email: "a@evil.test@customer.test" } }, 1],
    ["no address", { ...ANN, profile: {} }, 1],
    ["a stranger", { ...ANN, is_stranger: true }, 1],
    ["a bot", { ...ANN, is_bot: true }, 1],
    ["no workspace at all", { ...ANN, team_id: null }, 1],
  ] as const) {
    side.break(on("users.info", saysOfUsers(user)));
    // Each with a directory of its own, since people are remembered for a minute.
    const { channel } = side.open({ trusted: LISTED });
    const { messages } = await channel.fetch(conversation, AbortSignal.timeout(PATIENCE_MS));
    assert.equal(messages[0]?.identity.level, level, who);
    if (level === 2) assert.match(messages[0]?.identity.reason ?? "", /on the operator's list/);
    const { channel: without } = side.open();
    const unlisted = await without.fetch(conversation, AbortSignal.timeout(PATIENCE_MS));
    assert.equal(unlisted.messages[0]?.identity.level, 1, who);
  }
});
