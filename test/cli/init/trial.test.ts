/** What a trial advises where a server does not answer or two secrets are wrong. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import pg from "pg";
import { tryPart } from "#cli/init/checks.ts";
import { openTrial, arrangeAccount } from "#doctor/trial.ts";
import { examineSlack } from "#slack/setup/check-workspace.ts";
import { createLog } from "#telemetry/log.ts";
import { startSandboxZendesk } from "#sandbox/zendesk/index.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { openRecorder } from "#test/zendesk/servers.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";

const clock = { now: () => new Date() };

test("two wrong secrets of Zendesk are both named", async () => {
  const refused = async (): Promise<string> => Promise.reject(new Error("invalid_client"));
  const account = { url: "http://127.0.0.1:9", writerToken: refused, readerToken: refused, clock };
  const { findings } = await arrangeAccount(account, null, null);
  assert.deepEqual(
    findings.map(({ check }) => check),
    ["writer", "reader"],
  );
});

test("a writer who is an admin is refused before anything is made, and put into no group", async (context) => {
  const directory = temporaryFolder(context);
  const zendesk = await startSandboxZendesk({ directory, now: clock.now });
  context.after(() => zendesk.close());
  const before = await openRecorder(zendesk.url);
  context.after(() => before.close());
  const admin = async (): Promise<string> => zendesk.tokens.admin;
  const account = { url: before.url, writerToken: admin, readerToken: admin, clock };
  const { findings, variables } = await arrangeAccount(account, null, zendesk.tokens.admin);
  assert.deepEqual(
    findings.map(({ check }) => check),
    ["writer"],
  );
  assert.match(findings[0]?.found ?? "", /the writer is an admin/);
  assert.deepEqual(variables, {});
  assert.ok(before.calls.every(({ method }) => method === "GET"));
});

test("a Slack that is not reached is no matter of the token", async () => {
  const channels = { approvals: "C1", alerts: "C2", help: [] };
  const options = { botToken: "xoxb-1", apiUrl: "http://127.0.0.1:9/api/", places: {}, clock };
  const log = createLog("silent");
  const [finding] = await examineSlack({ ...options, channels, log }, []);
  assert.equal(finding?.state, "problem");
  assert.match(finding.remedy ?? "", /network, a proxy in between, and SLACK_API_URL/);
});

test("a part is tried without what the shell has set for a part that is named later", async (context) => {
  const trial = openTrial("");
  context.after(() => trial.close({ isKept: false }));
  const database = "postgresql://deskhand@127.0.0.1:9/deskhand";
  const set = {
    DESKHAND_DATA: mkdtempSync(join(tmpdir(), "deskhand-trial-")),
    SLACK_API_URL: "https://slack.example/api/",
    ZENDESK_PROGRAMS: "4711",
  };
  context.after(() => rmSync(set.DESKHAND_DATA, { recursive: true, force: true }));
  const answers = { hosting: { database } };
  const { findings } = await tryPart(trial, "hosting", { answers, set });
  assert.deepEqual(
    findings.map(({ part, state }) => [part, state]),
    [["database", "problem"]],
  );
  assert.doesNotMatch(findings[0]?.found ?? "", /SLACK_|ZENDESK_/);
});

test(
  "a database address that was mistyped is tried anew once it is corrected, and so is another one",
  { skip: postgresMissing },
  async (context) => {
    const [first, second] = [await freshDatabase(), await freshDatabase()];
    const owner = new pg.Client({ connectionString: first.url });
    const powerless = new URL(first.url);
    powerless.username = `powerless_${process.pid}`;
    await owner.connect();
    await owner.query(`create role ${powerless.username} login`);
    context.after(async () => {
      await owner.query(`drop role ${powerless.username}`);
      await owner.end();
      await Promise.all([first.drop(), second.drop()]);
    });
    const trial = openTrial("");
    context.after(() => trial.close({ isKept: false }));
    const set = { DESKHAND_DATA: mkdtempSync(join(tmpdir(), "deskhand-trial-")) };
    context.after(() => rmSync(set.DESKHAND_DATA, { recursive: true, force: true }));
    const mistyped = new URL(first.url);
    mistyped.username = "nobody_of_this_name";
    const stateOf = async (database: string) => {
      const { findings } = await tryPart(trial, "hosting", {
        answers: { hosting: { database } },
        set,
      });
      return findings.map(({ state }) => state);
    };
    assert.deepEqual(await stateOf(mistyped.href), ["problem"]);
    assert.deepEqual(await stateOf(powerless.href), ["problem"]);
    assert.deepEqual(await stateOf(first.url), ["ok"]);
    assert.deepEqual(await stateOf(second.url), ["ok"]);
    // Each was opened: what a trial leaves there is the schema.
    for (const { url } of [first, second]) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query(
        "select count(*) > 0 as found from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
      );
      await client.end();
      assert.deepEqual(rows, [{ found: true }], url);
    }
  },
);
