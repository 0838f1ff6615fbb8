/** What becomes of a card without a decision, or after another event: expiry, deletion, a pause, a target away. */
import assert from "node:assert/strict";
import { beforeEach, test, type TestContext } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { shownText, buttonsOf } from "#test/support/slack.ts";
import { onFloor } from "#test/slack/approvals/desk-floor.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { connectionsWith } from "#test/connections/connections-with.ts";
import { eventually, on, refusal } from "#test/slack/bench.ts";

const HOUR = 3_600_000;

onFloor("the life of a card", (floor) => {
  const { bench } = floor;
  const onlyCard = async () => {
    const [card, ...more] = await floor.cards();
    assert.deepEqual(more, []);
    assert.ok(card);
    return card;
  };
  const textOfCard = async () => shownText(await onlyCard());
  /** Takes a message away, as a person with the right does. This Slack tells an app nothing of its own messages. */
  const remove = async (channel: string, ts: string): Promise<void> => {
    await floor.server.call("chat.delete", { channel, ts });
    await floor.handler.cardGone(`${channel}:${ts}`);
  };
  const approve = async (context: TestContext): Promise<void> => {
    const before = floor.decided.length;
    const [card] = await floor.live();
    assert.ok(card);
    await floor.click(USERS.sam, card, "approve");
    await floor.until(context, before + 1);
  };

  beforeEach(() => {
    bench.rule({ expiresAt: (from) => new Date(from.getTime() + 8 * HOUR) });
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
  });

  test("S05 a click after the expiry does nothing, says how to go on, and the card becomes expired", async (context) => {
    const id = await bench.write("Please refund order 789");
    await bench.tick();
    bench.skip(8 * HOUR);
    await approve(context);
    await floor.told(context, /expired, so nothing was done\. .*hand it back to Deskhand/);
    await bench.tick();
    assert.match(await textOfCard(), /Expired: no teammate decided in time/);
    assert.deepEqual(await floor.live(), []);
    bench.skip(HOUR);
    await bench.tick();
    assert.deepEqual([floor.refunds(), bench.replies(), await bench.pending(id)], [[], [], null]);
  });

  test("a card that is decided while Slack refuses the token is closed once it takes it again", async (context) => {
    await bench.write("Please refund order 789");
    await bench.tick();
    floor.break(on("chat.update", refusal("token_revoked")));
    await approve(context);
    await floor.settle();
    assert.equal((await floor.live()).length, 1);
    floor.break(() => null);
    bench.skip(HOUR);
    await bench.tick();
    assert.match(await textOfCard(), /Done, reply sent/);
    assert.deepEqual(await floor.live(), []);
  });

  test("S11 a card that is deleted before the decision comes back once, and is decided there with one effect", async (context) => {
    await bench.write("Please refund order 789");
    await bench.tick();
    const first = await onlyCard();
    await remove(CHANNELS.approvals, first.ts);
    await bench.tick();
    await bench.tick();
    const second = await onlyCard();
    assert.notEqual(second.ts, first.ts);
    await approve(context);
    bench.skip(60_000);
    await bench.tick();
    await bench.tick();
    assert.equal(floor.refunds().length, 1);
    assert.match(await textOfCard(), /Done, reply sent/);
  });

  test("S27 while a target is away the card says that it is tried again and never that it was sent", async (context) => {
    const id = await bench.write("Please refund order 789");
    await bench.tick();
    const seen: string[] = [];
    const failures = [
      new DeskhandError("channel.unavailable", "it answers 503"),
      new DeskhandError("channel.rate_limited", "too many", { retryAfterMs: 2_000 }),
    ];
    // At last it is taken, and the answer is lost.
    const lost = { count: 0 };
    bench.faults.commit = (left) => {
      if (left.action.operation !== "reply") return;
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      lost.count += 1;
      bench.left.push(left);
      throw new DeskhandError("channel.uncertain", "the connection was reset after the write");
    };
    const away = { finds: 2 };
    bench.faults.find = (target) => {
      if (target !== "email" || lost.count === 0 || (away.finds -= 1) < 0) return;
      throw new DeskhandError("channel.unavailable", "it cannot be asked either");
    };
    await approve(context);
    bench.skip(30_000);
    for (let round = 0; round < 12; round += 1) {
      await bench.tick();
      await bench.tick();
      seen.push(await textOfCard());
      if (/Done, reply sent/.test(seen.at(-1) ?? "")) break;
      bench.skip(5_000);
    }
    const waiting = seen.filter((text) => !/Done, reply sent/.test(text));
    assert.ok(waiting.length >= 2, seen.join("\n---\n"));
    for (const text of waiting)
      assert.match(
        text,
        /Approved by Sam Ortiz\. The reply is not done yet, email .* tried again by itself/,
      );
    assert.match(seen.at(-1) ?? "", /Done, reply sent/);
    assert.deepEqual([floor.refunds().length, bench.replies().length, lost.count], [1, 1, 1]);
    assert.match(await bench.outcome(id), /^answered/);
  });
});

function slackWith(variables: Readonly<Record<string, string>>, policyText?: string) {
  return connectionsWith(variables, policyText).slack;
}

function placesWith(list: string): Readonly<Record<string, string>> | undefined {
  return slackWith({ SLACK_PLACES: list })?.places;
}

test("a list of another form is refused by name", () => {
  for (const list of ["C0123", "money=", "money=C1;german=C2", "=C0123", "money=C1,,"])
    assert.throws(
      () => placesWith(list),
      (error) => error instanceof DeskhandError && /SLACK_PLACES: must be/.test(error.message),
      list,
    );
});

test("each trusted workspace has its mail domains, several where it is named more than once", () => {
  const list = "T0123=customer.example, T0123=b.example,E0456 = org.test";
  assert.deepEqual(
    slackWith({ SLACK_CONNECT_TRUSTED: list })?.trusted,
    new Map([
      ["T0123", new Set(["customer.example", "b.example"])],
      ["E0456", new Set(["org.test"])],
    ]),
  );
  assert.deepEqual(slackWith({})?.trusted, new Map());
});

test("a list of trusted workspaces that cannot be read stops the start and says how it is written", () => {
  for (const wrong of [
    "customer.example",
    "T0123",
    "T0123=",
    "T0123=@customer.example",
    "T0123=customer",
    "C0123=customer.example",
    "T0123=a.example T0456=b.example",
    "T0123=*.example",
  ])
    assert.throws(
      () => slackWith({ SLACK_CONNECT_TRUSTED: wrong }),
      /SLACK_CONNECT_TRUSTED: must be workspace id=mail domain/,
      wrong,
    );
});

const SIX_MINUTES_MS = 6 * 60_000;

onFloor("cards that are gone from Slack", (floor) => {
  const { bench } = floor;

  test("S21 Slack is killed and started again with three cards waiting: it is connected again, each card stands there once, and clicks on them count", async (context) => {
    const orders = ["5001", "5002", "5003"];
    const asked = [];
    for (const orderId of orders) asked.push(await floor.ask({ thread: orderId, orderId }));
    await bench.tick();
    await floor.server.stop();
    await floor.server.start();
    assert.deepEqual(await floor.cards(), []);

    // While nothing was heard of it the reconciler finds out by itself, and tries again what failed meanwhile.
    for (const ms of [SIX_MINUTES_MS, 60_000, SIX_MINUTES_MS, 60_000]) {
      bench.skip(ms);
      await bench.tick();
    }
    const posted = await floor.cards();
    assert.equal(posted.length, 3);
    const before = new Set(asked.map(({ ts }) => ts));
    assert.ok(posted.every(({ ts }) => !before.has(ts)));
    const isApprove = ({ action_id }: { action_id?: string | undefined }) =>
      action_id === "desk:approve";
    assert.ok(posted.every((card) => buttonsOf(card).some(isApprove)));

    await eventually(context, async () =>
      assert.ok((await floor.server.log()).some(({ kind }) => kind === "socket")),
    );
    for (const card of posted) await floor.click(USERS.sam, card, "approve");
    await floor.until(context, 3);
    await floor.settle();
    assert.equal(bench.left.filter(({ action }) => action.operation === "refund").length, 3);
    const closed = await floor.cards();
    assert.deepEqual(
      closed.map((card) => buttonsOf(card).length),
      [0, 0, 0],
    );
    assert.deepEqual(await floor.whispers(), []);
  });

  test("a teammate who opens the Home tab reads how much waits, and finds the inbox", async (context) => {
    await floor.ask();
    await bench.tick();
    await floor.openHome(USERS.sam);
    await eventually(context, async () => {
      const home = await floor.home(USERS.sam);
      assert.match(home, /decision: 1\\nWith people, not taken yet: 0".*desk\.test\/console/);
      // Stars would be shown as stars, and a plain text object on one line by some clients.
      assert.match(home, /\{"type":"mrkdwn","text":"Waiting for a decision/);
    });
  });
});
