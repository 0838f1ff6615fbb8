/** The sandbox's Slack: what keeps strangers out of it, and that it comes back. What people do in it, test/slack plays. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import os, { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { App, LogLevel } from "@slack/bolt";

import { type LocalSlack, startLocalSlack } from "#sandbox/slack/index.ts";
import { slackPeople, type SlackPeople } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";

describe("the sandbox's Slack", { skip: slackMissing() }, () => {
  const directory = mkdtempSync(join(tmpdir(), "sandbox-slack-"));
  const lines: string[] = [];
  let slack: LocalSlack;
  let people: SlackPeople;
  let app: App;

  before(async () => {
    slack = await started(directory, lines);
    app = smallApp(slack);
    await app.start();
    people = await slackPeople(slack.url);
  });
  after(async () => {
    people.close();
    await app.stop();
    await slack.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test("only this machine can reach it", async () => {
    const body = JSON.stringify({
      channel: slack.alertsChannel,
      user: slack.users.lea.id,
      text: "planted",
    });
    const send = (headers: Record<string, string>) =>
      statusOf(`${slack.url}/_control/message`, headers, body);
    assert.equal(await send({ origin: "https://evil.test" }), 403);
    assert.equal(await send({ origin: "null" }), 403);
    assert.equal(await send({ host: "evil.test" }), 403);
    assert.equal(
      (await people.messages(slack.alertsChannel)).some(({ text }) => text === "planted"),
      false,
    );
    assert.equal(await send({ origin: "http://localhost:1" }), 200);
  });

  test("one that another address of this machine leads to is ended, and says why", async (context) => {
    const own = mkdtempSync(join(tmpdir(), "sandbox-slack-"));
    context.after(() => rmSync(own, { recursive: true, force: true }));
    // As if the address it listens on were one that other machines reach.
    const [loopback] = Object.values(os.networkInterfaces()).flatMap((known = []) =>
      known.filter(({ address }) => address === "127.0.0.1"),
    );
    assert.ok(loopback);
    const outside = { ...loopback, internal: false };
    const mocked = context.mock.method(os, "networkInterfaces", () => ({ eth0: [outside] }));
    syncBuiltinESMExports();
    const ended = await startLocalSlack({ directory: own, log: () => undefined }).finally(() => {
      mocked.mock.restore();
      syncBuiltinESMExports();
    });
    if (!("unavailable" in ended)) await ended.close();
    assert.ok("unavailable" in ended, "it was started all the same");
    assert.match(
      ended.unavailable,
      /reachable at 127\.0\.0\.1 for other machines too, and was ended/,
    );
    const pid = join(own, "local-slack.pid");
    if (existsSync(pid)) assert.throws(() => process.kill(Number(readFileSync(pid, "utf8")), 0));
  });

  test("one that dies comes back at the same address, empty, and the app finds it again", async () => {
    await people.post(slack.users.ned.id, slack.helpChannel, "before");
    process.kill(Number(readFileSync(join(directory, "local-slack.pid"), "utf8")), "SIGKILL");
    await until("the app to be back", async () => {
      // What is said while no app is connected is lost, as with any Slack that is down; so it is said again.
      await people.post(slack.users.ned.id, slack.helpChannel, "after").catch(() => undefined);
      const found = await people.messages(slack.helpChannel).catch(() => []);
      return found.some(({ text }) => text === "you said: after");
    });
    assert.equal(
      (await people.messages(slack.helpChannel)).some(({ text }) => text === "before"),
      false,
    );
    assert.match(lines.join("\n"), /Slack: ended unexpectedly/);
  });
});

async function started(directory: string, lines: string[]): Promise<LocalSlack> {
  const slack = await startLocalSlack({ directory, log: (line) => lines.push(line) });
  assert.ok(!("unavailable" in slack), "unavailable" in slack ? slack.unavailable : "");
  return slack;
}

/** Echoes messages. */
function smallApp(slack: LocalSlack): App {
  const app = new App({
    token: slack.botToken,
    appToken: slack.appToken,
    socketMode: true,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: slack.apiUrl },
  });
  app.event("message", async ({ event, client }) => {
    if (event.subtype !== undefined) return;
    await client.chat.postMessage({
      channel: event.channel,
      thread_ts: event.thread_ts ?? event.ts,
      text: `you said: ${event.text}`,
    });
  });
  return app;
}

/** fetch would not send a Host of our choosing. */
async function statusOf(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method: "POST", headers: { "content-type": "text/plain", ...headers } },
      (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode);
      },
    );
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

function slackMissing(): string | false {
  return existsSync(join(import.meta.dirname, "../../..", "node_modules", "local-slack-linux-x64"))
    ? false
    : "the package local-slack-linux-x64 is not installed";
}
