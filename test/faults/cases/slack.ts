/** Faults of Slack: it limits the rate, answers with errors, and is away for ten minutes. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { IDS } from "#sandbox/slack/index.ts";
import type { FaultCase } from "#test/faults/case.ts";
import { startCluster, type Cluster } from "#test/faults/role-processes.ts";
import type { Verdict } from "#test/faults/evidence.ts";
import { queryPostgres, untilFound } from "#test/faults/inside.ts";
import { whereIs, type Order } from "#test/faults/traffic.ts";
import { PASS, type Fate, type ProxiedRequest } from "#test/faults/vendors/proxy.ts";
import { buttonsOf, shownText, slackPeople, type SlackPeople } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";

/** How soon a customer on another channel has an answer while Slack fails. */
const OTHERS_MS = 10_000;
const RETRY_AFTER_SECONDS = 2;

/** What Ann asks in her direct messages, in this order, one before and two while Slack is away. */
const ORDERS = ["789", "456", "123"] as const;

type Mood = (request: ProxiedRequest) => Fate;

/** The first posts are refused with a limit, then with errors, each of which says that nothing was posted. */
function moody(refusals: { count: number; readonly posts: number[] }): Mood {
  return ({ path }) => {
    if (!path.startsWith("/api/chat.postMessage")) return PASS;
    refusals.posts.push(Date.now());
    refusals.count += 1;
    if (refusals.count <= 2)
      return {
        kind: "answer",
        status: 429,
        headers: { "retry-after": String(RETRY_AFTER_SECONDS) },
      };
    return refusals.count <= 4 ? { kind: "answer", status: 503 } : PASS;
  };
}

const slackInTrouble: FaultCase = {
  id: 20,
  name: "Slack answers 429 and 503, and is away for ten minutes",
  async run(context) {
    const mood: { current: Mood } = { current: () => PASS };
    const cluster = await startCluster(context, 1, {
      vendors: { slack: { fate: (request) => mood.current(request) } },
    });
    const people = await slackPeople(cluster.vendors.slack.url);
    context.after(async () => people.close());

    const refusals = { count: 0, posts: [] as number[] };
    mood.current = moody(refusals);
    const { channel } = await people.direct(IDS.ann, `Where is my order ${ORDERS[0]}?`);
    await othersGoOn(cluster, "slowed-down", "1001");
    await until("the answer after the refusals", async () =>
      (await answers(people, channel)).includes(ORDERS[0]),
    );
    const [first = 0, second = 0, third = 0] = refusals.posts;
    context.note(`posts came after ${second - first} and ${third - second} ms`);
    for (const pause of [second - first, third - second])
      assert.ok(pause >= RETRY_AFTER_SECONDS * 1_000, `asked again after ${pause} ms already`);

    mood.current = () => ({ kind: "cut" });
    await people.direct(IDS.ann, `Where is my order ${ORDERS[1]}?`);
    await othersGoOn(cluster, "away-at-first", "1002");
    await cluster.chat("u123", "card-while-away", "Please refund order 789, it is broken", {
      answer: /120\.00/,
    });
    cluster.wantRefund("789", 120);
    await people.direct(IDS.ann, `Where is my order ${ORDERS[2]}?`);
    await tenMinutesPass(cluster);
    await othersGoOn(cluster, "away-still", "1003");
    await delay(2_000);
    assert.deepEqual(await answers(people, channel), [ORDERS[0]], "nothing passed meanwhile");
    mood.current = () => PASS;
    await until(
      "every answer in Slack",
      async () => (await answers(people, channel)).length >= 3,
      60_000,
    );
    await approve(cluster, people);
    await cluster.judge();
    context.judged(await verdictOn(people, channel));
  },
};

/** Everything that waits for its time has waited ten minutes longer. */
async function tenMinutesPass({ databaseUrl }: Cluster): Promise<void> {
  await queryPostgres(databaseUrl, async (statement) => {
    await statement(`update effect set not_before = not_before - interval '10 minutes',
      away_since = away_since - interval '10 minutes' where state in ('intended', 'executing')`);
    await statement(`update approval set post_after = post_after - interval '10 minutes',
      post_locked_until = post_locked_until - interval '10 minutes' where state = 'pending'`);
    await statement(`update conversation set wake_at = wake_at - interval '10 minutes',
      retry_since = retry_since - interval '10 minutes'`);
  });
}

/** A chat is answered as usual. */
async function othersGoOn(cluster: Cluster, name: string, order: Order): Promise<void> {
  const began = Date.now();
  await whereIs(cluster, `${name}-chat`, order);
  await untilFound(
    cluster.databaseUrl,
    "the chat's answer",
    `select 1 from message where key like '%:${name}-chat:%' and outcome = 'answered'`,
  );
  const took = Date.now() - began;
  assert.ok(took < OTHERS_MS, `the chat ${name} was answered after ${took} ms`);
}

/** The orders Ann was told of, in the order she reads it, each time she was. */
async function answers(people: SlackPeople, channel: string): Promise<readonly string[]> {
  const own = (await people.messages(channel)).filter(({ user }) => user === IDS.bot);
  return own.flatMap((message) => [
    ...new Set([...textOf(message).matchAll(/Order (\d+)/g)].map(([, id]) => id ?? "")),
  ]);
}

function textOf(message: Parameters<typeof shownText>[0]): string {
  const shown = shownText(message);
  return shown === "" ? (message.text ?? "") : shown;
}

/** The card waited for Slack too, and is posted once. */
async function approve(cluster: Cluster, people: SlackPeople): Promise<void> {
  const { approvalsChannel } = cluster.vendors.slack;
  const isCard = (message: Parameters<typeof shownText>[0]): boolean =>
    shownText(message).includes("Refund 120.00 USD");
  // What failed while Slack was away is tried again at growing intervals.
  await until(
    "the card",
    async () => (await people.messages(approvalsChannel)).some(isCard),
    60_000,
  );
  const cards = (await people.messages(approvalsChannel)).filter(isCard);
  assert.equal(cards.length, 1, "one card");
  // What Ann wrote about the same order can change the card while it is read: its newest version is pressed, once each.
  const pressed = new Set<string>();
  await until("the refund", async () => {
    const card = await people.waitForMessage(approvalsChannel, isCard);
    const button = buttonsOf(card).find(({ action_id: id }) => id?.includes("approve") === true);
    if (button?.action_id !== undefined && !pressed.has(button.value ?? "")) {
      pressed.add(button.value ?? "");
      await people.click(IDS.sam, approvalsChannel, card.ts, button.action_id);
    }
    return (await cluster.vendors.shop.refunds()).length > 0;
  });
  assert.ok(pressed.size > 0, "no button to approve");
}

async function verdictOn(people: SlackPeople, channel: string): Promise<Verdict> {
  const seen = await answers(people, channel);
  const lost = ORDERS.filter((order) => !seen.includes(order));
  const twice = seen.filter((order, index) => seen.indexOf(order) !== index);
  const inOrder = ORDERS.filter((order) => seen.includes(order));
  const moved = inOrder.filter((order, index) => [...new Set(seen)][index] !== order);
  return {
    lost: lost.length,
    twice: twice.length,
    outOfOrder: moved.length,
    reasons: [
      ...lost.map((order) => `Ann never hears of order ${order} in Slack`),
      ...twice.map((order) => `Ann hears twice of order ${order} in Slack`),
      ...moved.map((order) => `order ${order} is answered out of order in Slack`),
    ],
  };
}

export const cases: readonly FaultCase[] = [slackInTrouble];
