/** Faults of the shop, Zendesk and Slack: answers lost after the change was made, an hour away, rate limits. */
import assert from "node:assert/strict";
import { startCluster } from "#test/faults/role-processes.ts";
import type { CaseContext } from "#test/faults/arena.ts";
import type { FaultCase } from "#test/faults/case.ts";
import { outcomesIn } from "#test/faults/inside.ts";
import type { Installation } from "#test/faults/installation.ts";
import { policyFile } from "#test/faults/policy-file.ts";
import {
  approvalCounts,
  approve,
  askRefund,
  REFUND_CARD,
  refundInChat,
  sendToTicket,
  shopFault,
  shopWorks,
  whereIs,
  zendeskFault,
} from "#test/faults/traffic.ts";
import { PASS, type Fate, type ProxiedRequest } from "#test/faults/vendors/proxy.ts";
import { lookInChat } from "#test/support/visitor.ts";
import { until } from "#test/support/waiting.ts";

const AWAY = /cannot check this right now/;

/** Loses the first two answers to each order's refund, after the shop has made it. */
function losingRefunds(): (request: ProxiedRequest) => Fate {
  const lost = new Map<string, number>();
  return ({ method, path }) => {
    if (method !== "POST" || !path.endsWith("/refunds")) return PASS;
    const before = lost.get(path) ?? 0;
    lost.set(path, before + 1);
    return before < 2 ? { kind: "lose" } : PASS;
  };
}

/** Two refunds that the policy allows, at a shop without keys that makes them and loses the answer. */
async function refundsWithoutAnswers(context: CaseContext): Promise<void> {
  const cluster = await startCluster(context, 1, {
    vendors: {
      shop: { idempotencyKeys: false, fate: losingRefunds() },
      policy: [["days: 90, count_max: 1", "days: 90, count_max: 5"]],
    },
  });
  await Promise.all([
    refundInChat(cluster, "lost-cable"),
    refundInChat(cluster, "lost-case", "1003"),
  ]);
  await until("both refunds", async () => (await cluster.vendors.shop.refunds()).length >= 2);
  await cluster.judge();
  assert.ok(cluster.vendors.shop.counts().lose >= 2, "no answer of the shop was lost");
  // A second try would be refused, since all of it was paid back, and end with people: so that is told apart too.
  for (const chat of ["lost-cable", "lost-case"])
    assert.deepEqual(
      await outcomesIn(cluster.databaseUrl, chat),
      ["answered"],
      `how ${chat} ended`,
    );
}

/** A ticket's public answer that Zendesk takes, and whose connection it then drops, twice. */
async function replyWithoutAnswer(installation: Installation): Promise<void> {
  const ticket = await installation.ticket("Lamp", "Where is my order 456?", { answer: /456/ });
  await installation.deskhand().card((text) => text.includes("zendesk") && text.includes("456"));
  await zendeskFault(installation, "faults", {
    kind: "lost_response",
    times: 2,
    method: "PUT",
    path: `/tickets/${ticket}`,
  });
  await sendToTicket(installation, ticket);
}

const lostAnswers: FaultCase = {
  id: 39,
  name: "a provider does it and its answer never arrives",
  async run(context) {
    const installation = await context.install();
    // With keys: the shop drops the connection after it made the refund.
    await shopFault(installation, { fault: "lost_response", times: 2 });
    await refundInChat(installation, "answer-lost");
    await replyWithoutAnswer(installation);
    await installation.judge();
    assert.deepEqual(await outcomesIn(installation.databaseUrl, "answer-lost"), ["answered"]);
    await refundsWithoutAnswers(context);
  },
};

/** A short time in place of the half hour that the policy gives a shop; an hour is then twice that. */
const HALF_HOUR_SECONDS = 18;

const shopAway: FaultCase = {
  id: 45,
  name: "the shop is down for an hour",
  async run(context) {
    const installation = await context.install({
      environment: policyFile(context, {
        "shop_retry_minutes: 30": `shop_retry_minutes: ${HALF_HOUR_SECONDS / 60}`,
        "undo_seconds: 5": "undo_seconds: 2",
      }),
    });
    // Approved while the shop was there, due when it is not.
    await askRefund(installation);
    await approve(installation, REFUND_CARD);
    await approvalCounts(installation);
    await shopFault(installation, { fault: "down" });
    await refundInChat(installation, "short-outage");
    await until(
      "the word that it cannot be checked",
      async () => (await timesHeard(installation, "u456:short-outage")) > 0,
    );
    await shopWorks(installation);
    await until("what waited for the shop", () => installation.isSettled());
    // The second time it stays away for longer than Deskhand waits.
    await shopFault(installation, { fault: "down" });
    const began = Date.now();
    await whereIs(installation, "long-outage", "2001", { answer: /passed it on to our team/ });
    await until("people to have it", () => installation.isSettled(), 45_000);
    context.note(`handed to people after ${Date.now() - began} ms`);
    assert.ok(Date.now() - began >= HALF_HOUR_SECONDS * 1_000, "handed over before its time");
    await shopWorks(installation);
    await installation.judge();
    for (const place of ["u456:short-outage", "u789:long-outage"])
      assert.equal(await timesHeard(installation, place), 1, `${place} hears of it once`);
    assert.deepEqual(await outcomesIn(installation.databaseUrl, "long-outage"), ["escalated"]);
    assert.deepEqual(await outcomesIn(installation.databaseUrl, "short-outage"), ["answered"]);
  },
};

/** Read from the visitor's own chat: nothing else can be asked while the shop is away. */
async function timesHeard(installation: Installation, place: string): Promise<number> {
  const [user = "", conversation = ""] = place.split(":");
  const deskhand = installation.deskhand();
  const token = await deskhand.chatToken(user);
  const page = await lookInChat([deskhand.endpoints.chat.url], conversation, token);
  const messages = page?.messages ?? [];
  return messages.filter(({ text }) => AWAY.test(text)).length;
}

export const cases: readonly FaultCase[] = [lostAnswers, shopAway];
