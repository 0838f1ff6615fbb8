/** Signed requests at several processes of the operating system: the same one at each of them, and one that ends. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { SAMPLE_PAGES } from "#knowledge/index.ts";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import {
  chat,
  startSharedServices,
  startRole,
  type SharedServices,
  type RoleProcess,
} from "#test/support/processes.ts";
import { redisMissing } from "#test/support/redis.ts";
import { buttonsOf, shownText } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";
import { CREDENTIALS, IDS } from "#sandbox/slack/workspace.ts";
import { click, eventBody, saidInHelp, send } from "./signed.ts";

describe(
  "processes that Slack sends requests to",
  { skip: postgresMissing || redisMissing },
  () => {
    let shared: SharedServices;
    let database: pg.Client;
    let webs: readonly RoleProcess[] = [];
    let worker: RoleProcess;
    before(async () => {
      shared = await startSharedServices();
      const { SLACK_APP_TOKEN: _token, ...environment } = {
        SLACK_APP_TOKEN: "",
        ...shared.environment,
      };
      const signed = {
        ...BARE_ENVIRONMENT,
        ...environment,
        SLACK_SIGNING_SECRET: CREDENTIALS.signingSecret,
        SLACK_HELP_CHANNELS: IDS.help,
      };
      const started = await Promise.all([
        startRole(signed, "web"),
        startRole(signed, "web"),
        startRole(signed, "worker"),
      ]);
      webs = started.slice(0, 2);
      [, , worker] = started;
      // With a shop of one's own there are no help pages but those that a lead adds.
      await worker.command("knowledge", "add", SAMPLE_PAGES, "--name", "help");
      database = new pg.Client({ connectionString: shared.databaseUrl });
      database.on("error", () => undefined);
      await database.connect();
    });
    after(async () => {
      await Promise.all([...webs, worker].map((one) => one.end("SIGKILL")));
      await database.end();
      await shared.close();
    });

    test("S23 an event that comes three times to each of two processes is one question with one answer", async () => {
      const { people } = shared.slack;
      const text = "When are you open?";
      const ts = await people.post(IDS.ann, IDS.help, text);
      const body = eventBody(saidInHelp(IDS.ann, text, ts));
      const again = {
        headers: { "x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout" },
      };
      const answers = await Promise.all(
        webs.flatMap(({ url }) => [
          send(url, "events", body),
          send(url, "events", body, again),
          send(url, "events", body),
        ]),
      );
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      const answered = async () =>
        (await people.messages(IDS.help)).filter(({ user }) => user === IDS.bot);
      await until("the answer", async () => (await answered()).length > 0);
      const { rows } = await database.query("select state from hint where event_id like $1", [
        `slack:%:${ts}`,
      ]);
      assert.equal(rows.length, 1);
      await until("the end of the work", async () => {
        const open = await database.query(
          "select 1 from conversation where lease_owner is not null",
        );
        return open.rows.length === 0;
      });
      assert.equal((await answered()).length, 1);
    });

    test("S33 a click that is under way when its process is told to end is decided and acted on, and the process ends with 0", async () => {
      const asked = await chat(
        webs[1]?.url ?? "",
        "u123",
        "My headphones broke, please refund order 789",
      );
      assert.equal(asked.status, "pending", JSON.stringify(asked));
      const card = await shared.slack.people.waitForMessage(IDS.approvals, (message) =>
        shownText(message).includes("Refund 120.00 USD"),
      );
      const value =
        buttonsOf(card).find(({ action_id }) => action_id === "desk:approve")?.value ?? "";
      const [approvalId = ""] = value.split(":");
      const [first] = webs;
      assert.ok(first);
      // A decision has to wait for this row.
      await database.query("begin");
      await database.query("select 1 from approval where id = $1 for update", [approvalId]);
      const { status } = await send(
        first.url,
        "interactions",
        click(IDS.sam, "desk:approve", value),
      );
      assert.equal(status, 200);
      await until(
        "the decision to be under way",
        async () => (await waitingStatements(shared.databaseUrl)) > 0,
      );
      const ending = first.end("SIGTERM");
      const ended = { is: false };
      void ending.then(() => (ended.is = true));
      await until("further clicks to be refused", async () => {
        const again = click(IDS.sam, "desk:approve", value);
        const refused = await send(first.url, "interactions", again).catch(() => null);
        return refused === null || refused.status === 503;
      });
      assert.equal(ended.is, false, first.output());
      assert.ok((await waitingStatements(shared.databaseUrl)) > 0, "the decision still waits");
      await database.query("commit");
      const { code } = await ending;
      assert.equal(code, 0, first.output());
      const votes = await database.query("select votes from approval where id = $1", [approvalId]);
      assert.equal(votes.rows[0].votes.length, 1);
      // To its end: the answer by which the same click would be known again is there as well.
      const answered = await database.query("select 1 from desk_decision where approval_id = $1", [
        approvalId,
      ]);
      assert.equal(answered.rows.length, 1);
      await until("the refund", async () => (await shared.refunds("789")).length === 1);
    });
  },
);

/** How many statements wait for a locked row; asked on a connection other than the one that holds it. */
async function waitingStatements(connectionString: string): Promise<number> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    return rows.length;
  } finally {
    await client.end();
  }
}
