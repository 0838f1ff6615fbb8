/** The sandbox's Slack, driven by its people against a small Bolt app, and what keeps strangers out of it. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { App, LogLevel, type BlockAction, type ButtonAction } from "@slack/bolt";

import { type LocalSlack, startLocalSlack } from "#sandbox/slack/index.ts";
import { buttonsOf, shownText, slackPeople, type SlackPeople } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";

type Form = NonNullable<Parameters<App["client"]["views"]["open"]>[0]>["view"];

const FORM: Form = {
  type: "modal",
  callback_id: "edit",
  title: { type: "plain_text", text: "Edit" },
  submit: { type: "plain_text", text: "Save" },
  blocks: [
    {
      type: "input",
      block_id: "amount",
      label: { type: "plain_text", text: "Amount" },
      element: { type: "plain_text_input", action_id: "value" },
    },
    {
      type: "input",
      block_id: "reason",
      label: { type: "plain_text", text: "Reason" },
      element: {
        type: "static_select",
        action_id: "value",
        options: [{ text: { type: "plain_text", text: "Late" }, value: "late" }],
      },
    },
  ],
};

const CARD = [
  { type: "section", text: { type: "plain_text", text: "<!channel> <https://evil.test|click>" } },
  {
    type: "actions",
    block_id: "card:1",
    elements: [
      {
        type: "button",
        action_id: "edit",
        value: "1:v1",
        text: { type: "plain_text", text: "Edit" },
      },
    ],
  },
];

describe("the sandbox's Slack", { skip: slackMissing() }, () => {
  const directory = mkdtempSync(join(tmpdir(), "sandbox-slack-"));
  const lines: string[] = [];
  const seen: string[] = [];
  let slack: LocalSlack;
  let people: SlackPeople;
  let app: App;

  before(async () => {
    slack = await started(directory, lines);
    app = smallApp(slack, seen);
    await app.start();
    people = await slackPeople(slack.url);
  });
  after(async () => {
    people.close();
    await app.stop();
    await slack.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test("a press on a button opens the form, errors keep it open, and saving changes the card", async () => {
    const { ts } = await app.client.chat.postMessage({
      channel: slack.approvalsChannel,
      text: "card",
      blocks: CARD,
    });
    assert.ok(ts);
    const card = await people.waitForMessage(
      slack.approvalsChannel,
      (message) => message.ts === ts,
    );
    assert.equal(shownText(card), "<!channel> <https://evil.test|click>\nEdit");
    assert.deepEqual(
      buttonsOf(card).map(({ block_id, action_id, value }) => [block_id, action_id, value]),
      [["card:1", "edit", "1:v1"]],
    );

    await people.click(slack.users.sam.id, slack.approvalsChannel, ts, "edit");
    await people.waitForView((view) => view.callback_id === "edit");
    assert.deepEqual(await people.submit(slack.users.sam.id, { amount: "-1" }), {
      errors: { amount: "Enter an amount above 0." },
    });
    assert.equal(people.view()?.callback_id, "edit");
    assert.deepEqual(await people.submit(slack.users.sam.id, { amount: "25.00", reason: "late" }), {
      accepted: true,
    });
    assert.equal(people.view(), undefined);
    const changed = await people.waitForMessage(
      slack.approvalsChannel,
      (message) => message.text === "25.00 late by U0SAMORTIZ",
    );
    assert.equal(changed.ts, ts);
    assert.ok(seen.includes("click card:1 edit 1:v1 by U0SAMORTIZ"));
    await assert.rejects(
      people.click(slack.users.sam.id, slack.approvalsChannel, ts, "edit"),
      /no button edit/,
    );
  });

  test("a forged click, an edit, a deletion, a closed form and a slash command arrive as Slack sends them", async () => {
    const ts = await people.post(slack.users.lea.id, slack.alertsChannel, "first");
    await people.edit(slack.users.lea.id, slack.alertsChannel, ts, "second");
    await people.clickAnything(slack.users.ned.id, slack.alertsChannel, ts, {
      action_id: "edit",
      block_id: "forged",
      value: "9",
    });
    await people.waitForView((view) => view.callback_id === "edit");
    await people.closeView(slack.users.ned.id);
    assert.equal(people.view(), undefined);
    await people.remove(slack.users.lea.id, slack.alertsChannel, ts);
    await people.command(slack.users.lea.id, slack.alertsChannel, "/deskhand", "pause email");
    await people.waitForMessage(
      slack.alertsChannel,
      ({ text }) => text === "/deskhand pause email by U0LEAWINTER",
    );
    assert.ok(
      ["edited", "deleted", "click forged edit 9 by U0NEDFROST"].every((line) =>
        seen.includes(line),
      ),
      seen.join(", "),
    );
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

/** Echoes messages, opens a form on a button and writes what was saved into the message. */
function smallApp(slack: LocalSlack, seen: string[]): App {
  const app = new App({
    token: slack.botToken,
    appToken: slack.appToken,
    socketMode: true,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: slack.apiUrl },
  });
  let card: { channel: string; ts: string } | undefined;
  app.event("message", async ({ event, client }) => {
    if (event.subtype === "message_changed") seen.push("edited");
    if (event.subtype === "message_deleted") seen.push("deleted");
    if (event.subtype !== undefined) return;
    await client.chat.postMessage({
      channel: event.channel,
      thread_ts: event.thread_ts ?? event.ts,
      text: `you said: ${event.text}`,
    });
  });
  app.action<BlockAction<ButtonAction>>("edit", async ({ ack, body, action, client }) => {
    await ack();
    seen.push(`click ${action.block_id} ${action.action_id} ${action.value} by ${body.user.id}`);
    if (body.channel !== undefined && body.message !== undefined)
      card = { channel: body.channel.id, ts: body.message.ts };
    await client.views.open({ trigger_id: body.trigger_id, view: FORM });
  });
  app.view("edit", async ({ ack, view, body, client }) => {
    const amount = view.state.values["amount"]?.["value"]?.value ?? "";
    if (!(Number(amount) > 0)) {
      await ack({ response_action: "errors", errors: { amount: "Enter an amount above 0." } });
      return;
    }
    await ack();
    const reason = view.state.values["reason"]?.["value"]?.selected_option?.value;
    if (card !== undefined)
      await client.chat.update({ ...card, text: `${amount} ${reason} by ${body.user.id}` });
  });
  app.command("/deskhand", async ({ ack, command, client }) => {
    await ack();
    await client.chat.postMessage({
      channel: command.channel_id,
      text: `${command.command} ${command.text} by ${command.user_id}`,
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
