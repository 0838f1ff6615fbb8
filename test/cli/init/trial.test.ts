/** What a trial advises where a server does not answer or two secrets are wrong. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { tryPart } from "#cli/init/checks.ts";
import { openTrial } from "#doctor/trial.ts";
import { arrangeAccount } from "#doctor/zendesk-account.ts";
import { examineSlack } from "#slack/check-workspace.ts";
import { createLog } from "#telemetry/log.ts";

const clock = { now: () => new Date() };

test("two wrong secrets of Zendesk are both named", async () => {
  const refused = async (): Promise<string> => Promise.reject(new Error("invalid_client"));
  const account = { url: "http://127.0.0.1:9", writerToken: refused, readerToken: refused, clock };
  const given = { publicUrl: null, adminToken: null, apply: false };
  const { findings } = await arrangeAccount(account, given);
  assert.deepEqual(
    findings.map(({ check }) => check),
    ["writer", "reader"],
  );
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
    ZENDESK_RESUME_TAG: "back_to_bot",
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
