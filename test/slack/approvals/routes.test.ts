/** A card is posted in the channel of its topic, brand, language or amount, by the policy's own routes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import type { Message } from "#core/values/message.ts";
import { languageOf } from "#guard/languages/detect.ts";
import { loadPolicy, openPolicyFile } from "#policy/load-policy.ts";
import { explain } from "#policy/explain/explain.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { shownText } from "#test/support/slack.ts";
import { onSlackDesk } from "./desk-jobs.ts";
import { CHANNELS } from "#test/slack/local-slack.ts";
import { customerCalled } from "#test/jobs/customers.ts";

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

  test("a language goes to those who read it", async () => {
    Object.assign(bench.parts.guard, {
      languageOf: (messages: readonly Message[]) => languageOf(messages[0]?.text ?? ""),
    });
    await bench.write("Guten Tag, ich möchte bitte wissen, wann meine Bestellung ankommt. Danke!");
    assert.deepEqual(await standsIn(), [GERMAN]);
  });

  test("a brand goes to its own people, and another one does not", async () => {
    await bench.write("Where is it?");
    assert.deepEqual(await standsIn(), [CHANNELS.approvals]);
    const ours = loadPolicy(TEXT.replace("othershop", "ourshop"), "routes.yaml");
    bench.rule({ deskChannelOf: (topic) => ours.deskChannelOf(topic) });
    bench.bindTo(customerCalled("bob"));
    await bench.write("Where is it?", { thread: "t2" });
    assert.deepEqual(await standsIn(), [CHANNELS.approvals, MONEY]);
  });

  test("a topic whose place has no channel goes to the usual one and says so", async () => {
    bench.answer(() => replying("We change it.", { topic: "address" }));
    await bench.write("Please change my address");
    assert.deepEqual(await standsIn(), [CHANNELS.approvals]);
    const [card] = await side.live();
    assert.ok(card && shownText(card).includes("There is no place “nowhere” here"));
  });

  test("explain names the place before anything happens", () => {
    const file = openPolicyFile(TEXT, "routes.yaml");
    const question = {
      operation: "reply",
      channel: "email",
      brand: "ourshop",
      topic: "other",
      level: 2,
      customerId: null,
      amount: null,
      order: null,
      origin: null,
      at: bench.now(),
      usage: {},
    } as const;
    const place = (change: object, language: string | null = null) =>
      explain(file, { ...question, ...change }, language).place;
    assert.equal(place({}), null);
    assert.equal(place({ topic: "address" }), "nowhere");
    assert.equal(place({ brand: "othershop" }), "second");
    assert.equal(place({}, "de"), "german");
    assert.equal(place({ amount: { minor: 50_001, currency: "USD" } }), "money");
  });
});
