/** Faults of people: a refund by hand, the same request twice, a pause while effects are under way. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { FaultCase } from "#test/faults/case.ts";
import { queryPostgres, rowsIn, untilFound } from "#test/faults/inside.ts";
import type { Installation } from "#test/faults/installation.ts";
import {
  ANN,
  askRefund,
  BOB,
  CARA,
  REFUND_CARD,
  shopFault,
  shopWorks,
  whereIs,
} from "#test/faults/traffic.ts";
import { labelsOf } from "#test/support/card-buttons.ts";
import { shownText, type SlackMessage } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";

/** Long enough for a click to be worked on and its card to be redrawn. */
const CLICK_MS = 1_500;

/** Long enough to look into the shop between the click and what it starts. */
const UNDO_SECONDS = 3;

const byHand: FaultCase = {
  id: 42,
  name: "a refund is done by hand between the click and the commit",
  async run(context) {
    const installation = await context.install({ undoSeconds: UNDO_SECONDS });
    const deskhand = installation.deskhand();
    await installation.mail(ANN, "Broken", "My headphones broke, please refund order 789");
    const card = await deskhand.card((text) => text.includes(REFUND_CARD));
    await deskhand.press("sam", card, "Approve");
    await isIntended(installation, "789");
    await refundByHand(installation, "789", 25);
    // The order has changed since the approval: the card is void, and a new one asks about the rest.
    const fresh = await deskhand.card((text) => text.includes("Refund 95.00 USD"));
    await until("the first card to say so", async () =>
      /25\.00 USD of order 789 was refunded meanwhile/.test(
        shownText(await asItStands(installation, card)),
      ),
    );
    installation.wantRefund("789", 95);
    await deskhand.press("sam", fresh, "Approve");
    await until("the rest", async () => (await deskhand.order("789")).refunds.length === 2);

    // All of it: there is nothing left to pay, no matter which card was approved.
    await installation.mail(BOB, "Cable", "Please refund order 1002, it is broken");
    installation.wantRefund("1002", 9);
    await until("the allowed one", async () => (await deskhand.order("1002")).refunds.length > 0);
    await installation.mail(BOB, "Case", "Please refund order 1003, it is broken");
    const second = await deskhand.card((text) => text.includes("Refund 8.00 USD"));
    await deskhand.press("lea", second, "Approve");
    await isIntended(installation, "1003");
    await refundByHand(installation, "1003", 8);
    await until("the second card to say so", async () =>
      /8\.00 USD of order 1003 was refunded meanwhile/.test(
        shownText(await asItStands(installation, second)),
      ),
    );
    await installation.judge();
  },
};

const twoChannels: FaultCase = {
  id: 43,
  name: "two channels ask for the same refund at once",
  async run(context) {
    const installation = await context.install();
    const deskhand = installation.deskhand();
    // The one is allowed by policy. Of the other there may be two cards for a moment, until it is one case, and two
    // people say yes at the same moment; it is only a part of what was paid, so that the shop would take a second one.
    installation.wantRefund("1002", 9);
    installation.wantRefund("789", 50);
    const broken = "My headphones are scratched, please refund 50.00 USD of order 789";
    const cable = "Please refund order 1002, it is broken";
    await Promise.all([
      installation.mail(BOB, "Cable", cable),
      installation.chat("u456", "cable-chat", cable),
      installation.mail(ANN, "Broken", broken),
      installation.chat("u123", "broken-chat", broken),
    ]);
    const open = await until("cards that cover both", async () => {
      const about = (await deskhand.cards()).filter((card) =>
        shownText(card).includes("Refund 50.00 USD"),
      );
      const waiting = about.filter((card) => labelsOf(card).includes("Approve"));
      return about.length >= 2 && waiting.length > 0 ? waiting : null;
    });
    const [first] = open;
    const last = open.at(-1);
    assert.ok(first && last);
    // Both would look into the shop before either has paid.
    await shopFault(installation, { fault: "slow", delay_ms: 1_000 });
    await Promise.all([
      deskhand.press("sam", first, "Approve"),
      deskhand.press("lea", last, "Approve"),
    ]);
    await until("the refund", async () => (await deskhand.order("789")).refunds.length > 0);
    await shopWorks(installation);
    await until("everything to end or to wait", () => installation.isSettled());
    await endWhatIsOpen(installation);
    await installation.judge();
    const left = await queryPostgres(installation.databaseUrl, (ask) =>
      ask("select 1 from message where author_kind = 'requester' and outcome is null"),
    );
    assert.deepEqual(left, [], "not every conversation ended");
  },
};

/** How long each answer of the shop takes, so that a pause meets calls that are under way. */
const SLOW_MS = 3_000;

/** How long after a pause an effect may still begin. */
const STOP_MS = 2_000;

const paused: FaultCase = {
  id: 44,
  name: "a pause with effects in flight",
  async run(context) {
    const installation = await context.install();
    const deskhand = installation.deskhand();
    await askRefund(installation);
    await installation.mail(CARA, "Phone", "Please refund order 2001, it is broken");
    installation.wantRefund("2001", 640);
    const first = await deskhand.card((text) => text.includes(REFUND_CARD));
    const second = await deskhand.card((text) => text.includes("Refund 640.00 USD"));
    await shopFault(installation, { fault: "slow", delay_ms: SLOW_MS });
    await deskhand.press("sam", first, "Approve");
    await isIntended(installation, "789");
    // At the pause the second effect is being checked, and the model works on these.
    await deskhand.press("sam", second, "Approve");
    await until("1 of 2", async () =>
      shownText(await asItStands(installation, second)).includes("1 of 2"),
    );
    await deskhand.press("lea", second, "Approve");
    await until("the first to begin", async () => (await begun(installation)).length > 0);
    const asking = [
      whereIs(installation, "meanwhile-1", "1001"),
      whereIs(installation, "meanwhile-2", "456"),
    ];
    const said = (await deskhand.command("pause")).stdout;
    assert.match(said, /Paused: everything, by .+\.\nBegun before, and not stopped by this:\n/);
    assert.match(said, /refund of 120\.00 USD on order 789 \(shop\)/);
    assert.doesNotMatch(said, /2001/, "what has not begun counts as begun");
    await delay(STOP_MS);
    const atStop = await begun(installation);
    await until("the one in flight to end", async () =>
      (await begun(installation)).some(({ state }) => state === "done"),
    );
    await shopWorks(installation);
    await delay(context.quick ? 3_000 : 6_000);
    assert.deepEqual(
      (await begun(installation)).map(({ key }) => key),
      atStop.map(({ key }) => key),
      "something began after the stop",
    );
    assert.deepEqual((await deskhand.order("2001")).refunds, []);
    assert.deepEqual((await installation.outside()).shown, [], "a customer was answered");
    assert.match((await deskhand.command("resume", "--as", "lea@ourshop.test")).stdout, /Running/);
    await Promise.all(asking);
    await until("the other", async () => (await deskhand.order("2001")).refunds.length > 0);
    await installation.judge();
  },
};

/** What goes to customers and the shop and has begun or is done, in the order it was made. */
async function begun(
  installation: Installation,
): Promise<readonly { readonly key: string; readonly state: string }[]> {
  return rowsIn(
    installation.databaseUrl,
    z.object({ key: z.string(), state: z.string() }),
    `select key, state from effect
     where target <> 'desk' and state in ('executing', 'done') order by created_at, position`,
  );
}

/** A clerk of the shop pays. */
async function refundByHand(
  installation: Installation,
  order: string,
  amount: number,
): Promise<void> {
  installation.wantRefund(order, amount);
  await installation
    .deskhand()
    .shop(
      `/orders/${order}/refunds`,
      { amount, currency: "USD", reason: "by hand" },
      { "idempotency-key": `by-hand-${order}` },
    );
}

/** Waits until a click has led to the intention to pay for the order, which a moment lies before the payment itself. */
function isIntended({ databaseUrl }: Installation, order: string): Promise<void> {
  const intended = `select 1 from effect where operation = 'refund' and key like 'refund:shop:${order}:%'`;
  return untilFound(databaseUrl, "the click to count", intended);
}

async function asItStands(installation: Installation, card: SlackMessage): Promise<SlackMessage> {
  const cards = await installation.deskhand().cards();
  return cards.find(({ ts }) => ts === card.ts) ?? card;
}

/** A person sends every draft that waits and takes over what would pay once more, until no card is open. */
async function endWhatIsOpen(installation: Installation): Promise<void> {
  const deskhand = installation.deskhand();
  await until("every card to be closed", async () => {
    const open = (await deskhand.cards()).filter((card) => labelsOf(card).includes("Escalate"));
    for (const card of open)
      await deskhand.press("sam", card, labelsOf(card).includes("Send") ? "Send" : "Escalate");
    await delay(CLICK_MS);
    return open.length === 0 && (await installation.isSettled());
  });
}

export const cases: readonly FaultCase[] = [byHand, twoChannels, paused];
