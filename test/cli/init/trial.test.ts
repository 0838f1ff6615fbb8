/** What a trial advises where a server does not answer or two secrets are wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
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
