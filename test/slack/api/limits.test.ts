/** Slack's limits: many cards at once, two processes that share a Redis, and people who click meanwhile. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { slack } from "#slack/index.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { IDS } from "#sandbox/slack/index.ts";
import { sharedRateLimits } from "#connections/shared-rate-limits.ts";
import { APPROVAL_CARDS, forgetAllPosts } from "#store/approvals/card-posting.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { silentLog } from "#test/store/bench.ts";
import { freshRedis, redisMissing, type FreshRedis } from "#test/support/redis.ts";
import { until } from "#test/support/waiting.ts";
import { optionsFor } from "#test/slack/bench.ts";
import { refundCard } from "#test/slack/cards/card-samples.ts";
import { fakeForTests, slowDown } from "./fake-slack.ts";
import { anotherProcess, type Requested } from "#test/slack/transport/requests-bench.ts";
import { click, send } from "#test/slack/transport/signed.ts";
import { customerCalled } from "#test/jobs/customers.ts";

/** Twenty times as fast as Slack allows, so that half a minute of cards takes a second and a half. */
const PER_MINUTE = 1_200;
const APART_MS = 60_000 / PER_MINUTE;
const CARDS = 30;
const signal = new AbortController().signal;

const fake = fakeForTests();
let redis: FreshRedis;
const opened: { close(): void }[] = [];
before(async () => {
  redis = await freshRedis();
});
after(async () => {
  for (const one of opened) one.close();
  await redis.drop();
});

/** What each process has of its own: a connection to the Redis they share. */
function allowances() {
  const shared = sharedRateLimits({ url: redis.url, log: silentLog });
  opened.push(shared);
  return shared;
}

const processOf = () =>
  anotherProcess(fake.apiUrl, undefined, {
    allowances: allowances(),
    messagesPerMinute: PER_MINUTE,
  });

/**
 * Each message has had its turn: as many turns after the start as messages went before it, and after a refusal the time
 * that Slack named on top. Nothing is said of the time between two, since one that a busy machine holds up goes late and
 * the next does not.
 */
function assertPaced(
  times: readonly number[],
  { from, refused }: { readonly from: number; readonly refused: number },
): void {
  for (const [index, at] of times.toSorted((one, other) => one - other).entries()) {
    const heldMs = index > refused + UNDER_WAY ? HELD_MS : 0;
    const after = at - from;
    assert.ok(after >= index * APART_MS + heldMs - 5, `message ${index} within ${after} ms`);
  }
}

/** What Slack names when it refuses, and how many messages may be on their way to it by then. */
const HELD_MS = 1_000;
const UNDER_WAY = 5;

onDesk("thirty cards at once", (bench) => {
  test(
    "S28 are posted once each at Slack's pace by two processes, while clicks are acknowledged before all of them are there",
    { skip: redisMissing },
    async (context) => {
      bench.answer(() => replying("We looked into it.", { accountData: true }));
      const ids: string[] = [];
      for (let count = 0; count < CARDS; count += 1) {
        bench.bindTo(customerCalled(`u${count}`));
        ids.push(await bench.write(`Question ${count}`, { thread: `t${count}` }));
      }
      await bench.parts.store.run((transaction) => forgetAllPosts(transaction, APPROVAL_CARDS));
      const both: Requested[] = [await processOf(), await processOf()];
      const [first] = both;
      assert.ok(first);
      await first.sides.desk.start(deskHandler({ ...bench.parts, desk: first.sides.desk }));
      const ticking = { on: true };
      const from = performance.now();
      const shows = both.map(async ({ sides }) => {
        const parts: JobContext = { ...bench.parts, desk: sides.desk };
        while (ticking.on) await showCards(parts);
      });
      context.after(async () => {
        ticking.on = false;
        await Promise.all(shows);
        await first.sides.desk.stop();
        await Promise.all(both.map((one) => one.close()));
      });
      const limited = { posts: 1, refused: 0 };
      const clicks = { toCome: 6 };
      fake.instead = ({ method }) => {
        // Every change of a card is refused for as long as the cards are posted, and some of the posts as well.
        if (method === "chat.update" && fake.messages.length < CARDS) return slowDown(1);
        if (method !== "chat.postMessage") return null;
        if (clicks.toCome > 0 && fake.messages.length === CARDS - 1) return slowDown(1);
        if (fake.messages.length < 3 || limited.posts === 0) return null;
        limited.posts -= 1;
        limited.refused = fake.countOf("chat.postMessage");
        return slowDown(HELD_MS / 1_000);
      };

      for (const id of ids.slice(0, clicks.toCome)) {
        const card = await bench.pending(id);
        assert.ok(card);
        const { status } = await send(
          first.url,
          "interactions",
          click(IDS.sam, "desk:approve", `${card.id}:v${card.version}`, {
            trigger_id: `trigger.${id}`,
          }),
        );
        assert.equal(status, 200);
        clicks.toCome -= 1;
        bench.skip(1_000);
      }
      await until("the decisions", async () => {
        const cards = await Promise.all(ids.slice(0, 6).map((id) => bench.pending(id)));
        return cards.every((one) => one === null);
      });
      await until("all cards", async () => {
        bench.skip(1_000);
        return fake.messages.length >= CARDS;
      });
      const posted = fake.messages.map(({ blocks }) => blocks.map(({ block_id }) => block_id));
      assert.equal(posted.length, CARDS);
      assert.equal(new Set(posted.map((one) => JSON.stringify(one))).size, CARDS);
      assertPaced(fake.timesOf("chat.postMessage"), { from, refused: limited.refused });
      // What was decided meanwhile is shown in the end.
      await until("the decided cards", async () => {
        bench.skip(1_000);
        return (
          fake.messages.filter(({ blocks }) => !JSON.stringify(blocks).includes("desk:approve"))
            .length === 6
        );
      });
    },
  );
});

describe("a limit of Slack's", () => {
  const isTooSoon = (error: unknown): boolean =>
    error instanceof DeskhandError && error.code === "channel.rate_limited" && error.notTried;

  test(
    "one process is told of holds the others back, and other channels go on",
    { skip: redisMissing },
    async () => {
      const options = { messagesPerMinute: PER_MINUTE, places: { money: "C0MONEY" } };
      const [one, other] = [allowances(), allowances()].map(
        (shared) => slack(optionsFor(fake.apiUrl, { ...options, allowances: shared })).desk,
      );
      assert.ok(one && other);
      await until("the connections to Redis", async () => {
        await one.post(refundCard({ approvalId: `apr_${fake.messages.length}` }), "k", signal);
        return fake.messages.length > 2;
      });
      fake.instead = ({ method, parameters }) =>
        method === "chat.postMessage" && parameters["channel"] === IDS.approvals
          ? slowDown(30)
          : null;
      await assert.rejects(
        one.post(refundCard({ approvalId: "apr_x" }), "x", signal),
        (error) =>
          error instanceof DeskhandError &&
          error.code === "channel.rate_limited" &&
          !error.notTried,
      );
      const before = fake.countOf("chat.postMessage");
      await assert.rejects(other.post(refundCard({ approvalId: "apr_y" }), "y", signal), isTooSoon);
      assert.equal(fake.countOf("chat.postMessage"), before);
      await other.post(refundCard({ approvalId: "apr_z", deskChannel: "money" }), "z", signal);
      assert.equal(fake.countOf("chat.postMessage"), before + 1);
    },
  );

  test("lets the next message of a channel wait where it is, and puts off the one after it", async () => {
    const { channel } = slack(optionsFor(fake.apiUrl, { messagesPerMinute: 48 }));
    const to = {
      label: "a thread",
      audience: "shared",
      address: { channel: "C0PACE", thread_ts: "1.1" },
    } as const;
    const said = fake.countOf("chat.postMessage");
    const answer = (key: string) =>
      channel.commit(
        {
          target: "slack",
          operation: "reply",
          arguments: {
            conversationId: "c1",
            to,
            subject: "",
            text: key,
            answers: ["m1"],
            automatic: true,
          },
        },
        key,
        signal,
        () => true,
      );
    await answer("first");
    const next = answer("next");
    await assert.rejects(answer("one more"), isTooSoon);
    await next;
    assert.equal(fake.countOf("chat.postMessage"), said + 2);
  });
});
