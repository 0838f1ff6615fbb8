/** Cards whose channel takes none: shared with another company, archived, or one the app was removed from; and that answers to Slack go to its own address alone. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionBoard } from "#core/connection/connection-board.ts";
import { slack } from "#slack/index.ts";
import { IDS } from "#sandbox/slack/index.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { optionsFor } from "#test/slack/bench.ts";
import { refundCard } from "#test/slack/cards/card-samples.ts";
import { fakeForTests, type FakeSlack, type Instead } from "./fake-slack.ts";
import { responder } from "#slack/api/web-api.ts";
import { listen } from "#test/support/http-front.ts";

const MONEY = "C0MONEY";
const signal = new AbortController().signal;

const fake = fakeForTests();

const desk = (change: Parameters<typeof optionsFor>[1] = {}) =>
  slack(optionsFor(fake.apiUrl, { places: { money: MONEY }, ...change })).desk;

const inChannel = (channel: string) => fake.messages.filter((one) => one.channel === channel);
const card = (id: string) => refundCard({ approvalId: id, deskChannel: "money" });

/** Everything about these channels goes wrong in this way. */
const unfit =
  (channels: readonly string[], how: "shared" | "pending" | "archived" | "removed" | "gone") =>
  ({ method, parameters }: FakeSlack["asked"][number]): Instead => {
    const channel = parameters["channel"] ?? "";
    if (!channels.includes(channel)) return null;
    if (how === "gone") return { error: "channel_not_found" };
    if (method === "conversations.info") {
      const is = {
        is_shared: how === "shared",
        is_ext_shared: how === "shared",
        is_pending_ext_shared: how === "pending",
        is_archived: how === "archived",
      };
      return { body: { ok: true, channel: { id: channel, name: "money", ...is } } };
    }
    if (how === "archived" && method.startsWith("chat.")) return { error: "is_archived" };
    return how === "removed" ? { error: "not_in_channel" } : null;
  };

for (const [how, why] of [
  ["shared", "it is shared with another company"],
  ["pending", "it is shared with another company"],
  ["archived", "it is archived"],
  ["removed", "the app is not in it"],
  ["gone", "it is not there, or the app is not in it"],
] as const)
  test(`S32 a card for a channel that is ${how} stands in the approvals channel and says so; a lead hears of it once`, async () => {
    fake.instead = unfit([MONEY], how);
    const ours = desk();
    const refs = [];
    for (const id of ["apr_1", "apr_2", "apr_3"])
      refs.push(await ours.post(card(id), `card:${id}:1`, signal));
    assert.deepEqual(inChannel(MONEY), []);
    const cards = inChannel(IDS.approvals);
    assert.equal(cards.length, 3);
    for (const one of cards)
      assert.match(JSON.stringify(one.blocks), /could not be posted in the channel it belongs in/);
    const alerts = inChannel(IDS.alerts);
    assert.equal(alerts.length, 1);
    assert.ok(alerts[0]?.text.includes(`<@${IDS.lea}>`));
    assert.ok(alerts[0]?.text.includes(why), alerts[0]?.text);
    // Another process finds that it was said.
    await desk().post(card("apr_4"), "card:apr_4:1", signal);
    assert.equal(inChannel(IDS.alerts).length, 1);
    // What changes on the card later still says where it is.
    await ours.update(refs[0] ?? "", { ...card("apr_1"), changes: ["Ann wrote again"] }, signal);
    assert.match(
      JSON.stringify(inChannel(IDS.approvals)[0]?.blocks),
      /Ann wrote again.*belongs in|belongs in.*Ann wrote again/s,
    );
  });

test("S32 a channel that workspaces of one organisation share takes its cards where all their members are colleagues", async () => {
  const self = { ok: true, user_id: IDS.bot, team_id: IDS.team, enterprise_id: "E0SHOP" };
  const is = { is_shared: true, is_org_shared: true, is_ext_shared: false };
  fake.instead = ({ method, parameters: { channel } }) =>
    method === "auth.test"
      ? { body: self }
      : method === "conversations.info" && channel === MONEY
        ? { body: { ok: true, channel: { id: channel, name: "money", ...is } } }
        : null;
  await desk({ organisation: true }).post(card("apr_1"), "card:apr_1:1", signal);
  assert.equal(inChannel(MONEY).length, 1);
  assert.deepEqual(inChannel(IDS.alerts), []);
  await desk().post(card("apr_2"), "card:apr_2:1", signal);
  assert.equal(inChannel(MONEY).length, 1);
  assert.match(inChannel(IDS.alerts)[0]?.text ?? "", /another workspace, and SLACK_ORGANISATION/);
});

test("S32 a card in a channel that becomes shared holds no customer's words any more, and gets its end alone", async () => {
  let now = Date.now();
  const ours = desk({ clock: { now: () => new Date(now) } });
  const ref = await ours.post(card("apr_1"), "card:apr_1:1", signal);
  now += 61_000;
  const shared = unfit([MONEY], "shared");
  const files = [
    { id: "F1", name: "apr_1-v1.txt" },
    { id: "F2", name: "of-a-teammate.txt" },
  ];
  fake.instead = (asked) =>
    asked.method === "conversations.replies"
      ? { body: { ok: true, messages: [{ ts: ref.split(":")[1], files }] } }
      : shared(asked);
  assert.match(JSON.stringify(inChannel(MONEY)), /Ann Fields/);
  await assert.rejects(
    ours.update(ref, { ...card("apr_1"), asked: "My number is 5" }, signal),
    (error) => error instanceof DeskhandError && error.code === "channel.refused",
  );
  assert.match(JSON.stringify(inChannel(MONEY)), /this card is elsewhere now/);
  assert.doesNotMatch(JSON.stringify(inChannel(MONEY)), /Ann Fields|apr_1/);
  const deleted = fake.asked.filter(({ method }) => method === "files.delete");
  assert.deepEqual(
    deleted.map(({ parameters }) => parameters["file"]),
    ["F1"],
  );
  await ours.update(ref, { ...card("apr_1"), state: "closed", closing: "Expired." }, signal);
  assert.equal(fake.countOf("chat.update"), 2);
  assert.doesNotMatch(JSON.stringify(inChannel(MONEY)), /My number/);
});

for (const state of ["shadow", "undoable"] as const)
  test(`S32 what is written later on a card that is ${state} is not shown in a channel that became shared`, async () => {
    const open = { ...card("apr_1"), state };
    const ref = await desk().post(open, "card:apr_1:1", signal);
    assert.match(JSON.stringify(inChannel(MONEY)), /Ann Fields/);
    fake.instead = unfit([MONEY], "shared");
    await assert.rejects(
      desk().update(ref, { ...open, asked: "My number is 5" }, signal),
      (error) => error instanceof DeskhandError && error.code === "channel.refused",
    );
    assert.match(JSON.stringify(inChannel(MONEY)), /this card is elsewhere now/);
    assert.doesNotMatch(JSON.stringify(inChannel(MONEY)), /Ann Fields|My number/);
  });

for (const [word, code] of [
  ["missing_scope", "channel.unsupported"],
  ["channel_not_found", "channel.refused"],
] as const)
  test(`S32 a card stays as it is where Slack does not say whether its channel is shared: ${word}`, async () => {
    const ref = await desk().post(card("apr_1"), "card:apr_1:1", signal);
    const before = JSON.stringify(inChannel(MONEY));
    fake.instead = ({ method }) => (method === "conversations.info" ? { error: word } : null);
    await assert.rejects(
      desk().update(ref, { ...card("apr_1"), asked: "My number is 5" }, signal),
      (error) => error instanceof DeskhandError && error.code === code,
    );
    assert.equal(JSON.stringify(inChannel(MONEY)), before);
  });

test("a permission that cards lack is told with the connections until Slack takes the call again", async () => {
  const board = connectionBoard({ now: () => new Date() });
  let now = Date.now();
  const ours = desk({ board, clock: { now: () => new Date(now) } });
  const ref = await ours.post(card("apr_1"), "card:apr_1:1", signal);
  assert.deepEqual(board.states(), []);
  for (const refused of ["conversations.info", "chat.update"]) {
    now += 61_000;
    fake.instead = ({ method }) => (method === refused ? { error: "missing_scope" } : null);
    const changed = { ...card("apr_1"), asked: `My number is ${now}` };
    await assert.rejects(ours.update(ref, changed, signal));
    const [state, ...others] = board.states();
    assert.deepEqual(others, []);
    assert.match(state?.reason ?? "", new RegExp(`permission for .*${refused}.*deskhand doctor`));
    assert.deepEqual([state?.name, state?.channel, state?.connected], CARDS_AWAY);
    fake.instead = () => null;
    now += 61_000;
    await ours.update(ref, { ...changed, asked: "again" }, signal);
    assert.deepEqual(board.states(), []);
  }
});

const CARDS_AWAY = ["Slack's cards", "slack", false];

test("an answer goes to Slack's own address alone, and follows no redirect away from it", async (context) => {
  const asked: string[] = [];
  const serve = async (status: number, location?: string): Promise<string> => {
    const { url, close } = await listen((request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(status, location === undefined ? {} : { location }).end();
    });
    context.after(close);
    return url;
  };
  const [foreign, slack] = [await serve(200), await serve(200)];
  const leading = await serve(307, `${foreign}/led`);
  const answer = { text: "words" };
  await responder(slack)(`${slack}/own`, answer);
  for (const address of [`${foreign}/other`, "no address", slack.replace("http:", "https:")])
    await assert.rejects(responder(slack)(address, answer));
  await assert.rejects(responder(undefined)(`${slack}/real`, answer));
  await assert.rejects(responder(leading)(`${leading}/away`, answer));
  assert.deepEqual(asked, ["/own", "/away"]);
});
