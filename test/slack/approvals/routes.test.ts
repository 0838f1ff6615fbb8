/** A card is posted in the channel of its topic, brand, language or amount, by the policy's own routes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { loadPolicy } from "#policy/load-policy.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { shownText } from "#test/support/slack.ts";
import { onSlackDesk } from "./desk-jobs.ts";
import { CHANNELS } from "#test/slack/local-slack.ts";

const FILE = new URL("../../../src/policy/files/sandbox.yaml", import.meta.url);
const ROUTES = `
routing:
  - { name: large, place: money, above: 500 }
  - { name: german, place: german, languages: [de] }
  - { name: second, place: second, brands: [othershop] }
  - { name: addresses, place: nowhere, topics: [address] }
`;
const TEXT = readFileSync(FILE, "utf8").replace(/^routing:.*$/m, "") + ROUTES;
const POLICY = loadPolicy(TEXT, "routes.yaml");

onSlackDesk("routes of cards", (bench, side) => {
  const MONEY = CHANNELS.help;
  const GERMAN = CHANNELS.alerts;

  beforeEach(async () => {
    bench.rule({ deskChannelOf: (topic) => POLICY.deskChannelOf(topic) });
    await side.restart({ places: { money: MONEY, german: GERMAN, second: MONEY } });
    bench.answer(() => replying("Thank you.", { topic: "other" }));
  });

  const standsIn = async (): Promise<readonly string[]> => {
    await bench.tick();
    const channels = [CHANNELS.approvals, MONEY, GERMAN];
    const shown = await Promise.all(channels.map((channel) => side.live(channel)));
    return channels.filter((_channel, index) => (shown[index]?.length ?? 0) > 0);
  };

  test("a large amount goes where large amounts go, a small one to the usual place", async () => {
    bench.answer(() => replying("We refund it.", { actions: [refundOf(64_000)] }));
    await bench.write("Please refund order 789");
    assert.deepEqual(await standsIn(), [MONEY]);
    await side.server.people.reset();
    bench.answer(() => replying("We refund it.", { actions: [refundOf(50_000)] }));
    await bench.write("Please refund order 790", { thread: "t2" });
    assert.deepEqual(await standsIn(), [CHANNELS.approvals]);
  });

  test("a topic whose place has no channel goes to the usual one and says so", async () => {
    bench.answer(() => replying("We change it.", { topic: "address" }));
    await bench.write("Please change my address");
    assert.deepEqual(await standsIn(), [CHANNELS.approvals]);
    const [card] = await side.live();
    assert.ok(card && shownText(card).includes("There is no place “nowhere” here"));
  });
});
