/** Faults of approvals: decided twice, decided too late, and changed between card and effect. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { FaultCase } from "#test/faults/case.ts";
import { queryPostgres, untilFound } from "#test/faults/inside.ts";
import type { Installation } from "#test/faults/installation.ts";
import { ANN, askRefund, BOB, CARA, REFUND_CARD } from "#test/faults/traffic.ts";
import { labelsOf } from "#test/support/card-buttons.ts";
import { buttonsOf, shownText, type SlackMessage } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";

/** Long enough for a click to take effect, if it did. */
const CLICK_MS = 2_500;

const twiceOrLate: FaultCase = {
  id: 33,
  name: "a card answered twice, and one answered after its time",
  async run(context) {
    const installation = await context.install();
    const deskhand = installation.deskhand();
    await askRefund(installation);
    const card = await deskhand.card((text) => text.includes(REFUND_CARD));
    // One person twice and another one at the same time, each with the button as their screen showed it.
    await Promise.allSettled(
      (["sam", "lea", "sam"] as const).map((who) => press(installation, who, card)),
    );
    await until("the refund", async () => (await deskhand.order("789")).refunds.length > 0);
    await press(installation, "lea", card);

    await installation.mail(CARA, "Phone", "Please refund order 2001, it is broken");
    const late = await deskhand.card((text) => text.includes("Refund 640.00 USD"));
    // The card expires in the database, where its time is stored.
    await queryPostgres(installation.databaseUrl, (ask) =>
      ask("update approval set expires_at = now() - interval '1 second' where state = 'pending'"),
    );
    await until("the expiry", async () =>
      /Expired/.test(shownText((await deskhand.cards()).find(({ ts }) => ts === late.ts) ?? late)),
    );
    await press(installation, "sam", late);
    await press(installation, "lea", late);
    await delay(CLICK_MS);
    await installation.judge();
  },
};

const changedArguments: FaultCase = {
  id: 35,
  name: "what was approved is changed before it is carried out",
  async run(context) {
    const installation = await context.install({ undoSeconds: 3 });
    const deskhand = installation.deskhand();
    await installation.mail(ANN, "Broken", "My headphones broke, please refund order 789");
    const card = await deskhand.card((text) => text.includes(REFUND_CARD));
    // An attacker lowers the amount behind the card: what is on the screen is not what would happen.
    await queryPostgres(installation.databaseUrl, async (ask) => {
      await ask(`update approval set proposal =
        replace(proposal::text, '"minor": 12000', '"minor": 11900')::jsonb where state = 'pending'`);
      const changed = await ask("select 1 from approval where proposal::text like '%11900%'");
      assert.equal(changed.length, 1, "the proposal holds the amount in another form");
    });
    await press(installation, "sam", card);
    await delay(3_000 + CLICK_MS);
    assert.deepEqual((await deskhand.order("789")).refunds, [], "it was not what sam approved");
    // The other way round: approved, and changed while it can still be taken back.
    await installation.mail(BOB, "Laptop", "Please refund order 1001, it broke");
    const second = await deskhand.card((text) => text.includes("Refund 900.00 USD"));
    await press(installation, "sam", second);
    await until("1 of 2", async () =>
      shownText((await deskhand.cards()).find(({ ts }) => ts === second.ts) ?? second).includes(
        "1 of 2",
      ),
    );
    await press(installation, "lea", second);
    const { databaseUrl } = installation;
    const intended = "select 1 from effect where operation = 'refund'";
    await untilFound(databaseUrl, "the intention", intended);
    await queryPostgres(databaseUrl, async (ask) => {
      assert.equal((await ask(intended)).length, 1);
      await ask(`update effect set action =
        replace(action::text, '"minor": 90000', '"minor": 90001')::jsonb where operation = 'refund'`);
    });
    await delay(3_000 + CLICK_MS);
    assert.deepEqual((await deskhand.order("1001")).refunds, [], "it was not what they approved");
    await installation.judge();
  },
};

/** A click with the button of the card's first version, no matter what it shows now. */
async function press(
  installation: Installation,
  who: "sam" | "lea",
  card: SlackMessage,
): Promise<void> {
  const { slack, endpoints } = installation.deskhand();
  const button = buttonsOf(card)[labelsOf(card).indexOf("Approve")];
  assert.ok(button?.action_id, "the card has no such button");
  await slack.clickAnything(
    endpoints.slack?.users[who] ?? "",
    endpoints.slack?.approvalsChannel ?? "",
    card.ts,
    {
      action_id: button.action_id,
      block_id: button.block_id,
      value: button.value,
    },
  );
}

export const cases: readonly FaultCase[] = [twiceOrLate, changedArguments];
