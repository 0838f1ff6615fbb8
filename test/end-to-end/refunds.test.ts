/** Money: who may say yes to how much, and what happens when the world moved on. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { decide } from "#test/support/decide.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { suiteDeskhand } from "#test/support/shared-deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { shownText, type SlackMessage } from "#test/support/slack.ts";

const ANN = "ann@customer.test";
const BOB = "bob@elsewhere.test";

describe(`refunds on ${MAIN_DATABASE}`, () => {
  const deskhand = suiteDeskhand({ undoSeconds: 1 });
  const now = async (card: SlackMessage): Promise<string> =>
    shownText((await deskhand().cards()).find(({ ts }) => ts === card.ts) ?? card);
  const refunds = async (order: string): Promise<readonly number[]> =>
    (await deskhand().order(order)).refunds.map(({ amount }) => amount);

  test("900.00 needs two different people, one of them a lead; a person without a role does not count", async () => {
    await deskhand().mail(BOB, "My laptop is broken, please refund order 1001");
    const card = await deskhand().card((text) => text.includes("Refund 900.00 USD"));
    await deskhand().press("ned", card, "Approve");
    await decide(deskhand(), "sam", card, "Approve");
    await until("1 of 2", async () => (await now(card)).includes("1 of 2"));
    await deskhand().press("sam", card, "Approve");
    await delay(1_000);
    assert.match(await now(card), /1 of 2/);
    assert.deepEqual(await refunds("1001"), []);
    await decide(deskhand(), "lea", card, "Approve");
    await until("the refund", async () => (await refunds("1001")).length === 1);
    assert.deepEqual(await refunds("1001"), [900]);
    await until("the reply", async () => (await deskhand().mailbox(BOB)).length === 1);
  });

  test("9.00 and a new password happen by policy without a click, audited as such; the next small refund asks and says why", async () => {
    await deskhand().mail(BOB, "Please refund order 1002, the cable does not work", {
      subject: "Cable",
    });
    await until("the refund", async () => (await refunds("1002")).length === 1);
    await until("the reply", async () =>
      (await deskhand().mailbox(BOB)).some((mail) => mail.subject === "Re: Cable"),
    );
    const turns = (await deskhand().command("trace")).stdout;
    const id = /(t_\w+).*reply\.inherits/.exec(turns)?.[1] ?? "";
    assert.match(
      (await deskhand().command("trace", id)).stdout,
      /Your rule refund\.\S+ lets it happen by itself/,
    );
    await deskhand().mail(BOB, "Please refund order 1003 too", { subject: "Case" });
    const card = await deskhand().card((text) => text.includes("Refund 8.00 USD"));
    assert.match(shownText(card), /used up/);
    assert.deepEqual(await refunds("1003"), []);
    await decide(deskhand(), "sam", card, "Approve");
    await until("the refund", async () => (await refunds("1003")).length === 1);
    await deskhand().mail(BOB, "Please reset my password.", { subject: "My password" });
    await until("the mail with the link", async () =>
      (await deskhand().mailbox(BOB)).some((mail) => mail.text.includes("/reset/")),
    );
  });

  test("outside the window the policy denies, the draft explains it with its source and offers a person", async () => {
    await deskhand().mail(ANN, "Please refund order 790", { subject: "Backpack" });
    const card = await deskhand().card((text) => text.includes("refund order 790"));
    const text = shownText(card);
    assert.match(text, /30 days/);
    assert.match(text, /refund policy/i);
    assert.doesNotMatch(text, /Refund 80\.00 USD/);
    assert.deepEqual(await refunds("790"), []);
  });

  test("an edit is a new version: the amount is checked at its field and against the text, which is sent byte for byte", async () => {
    await deskhand().mail(ANN, "My headphones broke, please refund order 789", {
      subject: "Headphones",
    });
    const card = await deskhand().card((text) => text.includes("Refund 120.00 USD"));
    const sam = deskhand().endpoints.slack?.users.sam ?? "";
    await deskhand().press("sam", card, "Edit");
    const form = await deskhand().slack.waitForView((view) =>
      JSON.stringify(view).includes("amount"),
    );
    const [textBlock, amountBlock] = ["text", "amount"].map(
      (name) => form.blocks.find((block) => block.block_id?.includes(name))?.block_id ?? name,
    );
    for (const bad of ["-1", "1e9", "12,50", "120.01", ""]) {
      const refused = await deskhand().slack.submit(sam, { [amountBlock ?? ""]: bad });
      assert.ok("errors" in refused, `“${bad}” must be refused`);
    }
    const save = async (text: string) => {
      const saved = await deskhand().slack.submit(sam, {
        [amountBlock ?? ""]: "100.00",
        [textBlock ?? ""]: text,
      });
      assert.ok("accepted" in saved, JSON.stringify(saved));
    };
    const less = "I refund 50.00 USD for order 789.";
    await save(less);
    await deskhand().card((shown) => shown.includes("⚠️ Check “50.00 USD”"));
    await deskhand().press("sam", card, "Edit");
    await deskhand().slack.waitForView(
      (view) =>
        JSON.stringify(view).includes(less) &&
        view.blocks.some((block) => block.block_id === amountBlock),
    );
    const text = "Hello Ann,\n\nI refund 100.00 USD for order 789.  \n\nSam\n";
    await save(text);
    const edited = await deskhand().card(
      (shown) => shown.includes("Refund 100.00 USD") && !shown.includes("50.00 USD"),
    );
    assert.equal(edited.ts, card.ts);
    await decide(deskhand(), "sam", edited, "Approve");
    await until("the refund", async () => (await refunds("789")).length === 1);
    assert.deepEqual(await refunds("789"), [100]);
    const reply = await until("the reply", async () =>
      (await deskhand().mailbox(ANN)).find((mail) => mail.subject === "Re: Headphones"),
    );
    assert.equal(reply.text, text);
  });

  test("a refund made by hand meanwhile voids the card, which says so", async () => {
    await deskhand().mail(ANN, "Please refund the rest of order 789", { subject: "Rest" });
    const card = await deskhand().card((text) => text.includes("Refund 20.00 USD"));
    await deskhand().shop(
      "/orders/789/refunds",
      { amount: 5, currency: "USD", reason: "by hand" },
      { "idempotency-key": "by-hand-1" },
    );
    await deskhand().press("sam", card, "Approve");
    const voided = await until("the void card", async () => {
      const text = await now(card);
      return /refunded meanwhile/.test(text) ? text : null;
    });
    assert.match(voided, /5\.00 USD/);
    await delay(6_000);
    assert.deepEqual(await refunds("789"), [100, 5]);
  });

  test("when the shop refuses, no reply claims it and a person is told", async () => {
    const fresh = await deskhand().card((text) => text.includes("Refund 15.00 USD"));
    await deskhand().shop("/_sandbox/faults", { fault: "refuse_refunds", times: 5 });
    await decide(deskhand(), "sam", fresh, "Approve");
    await until("the alert", async () =>
      (await deskhand().alerts()).find((message) => /refund failed/i.test(shownText(message))),
    );
    assert.deepEqual(await refunds("789"), [100, 5]);
    assert.ok(!(await deskhand().mailbox(ANN)).some((mail) => mail.subject === "Re: Rest"));
  });

  test("Reject with a reason does nothing outside, and people take over", async () => {
    const card = await deskhand().card((text) => text.includes("refund order 790"));
    const sam = deskhand().endpoints.slack?.users.sam ?? "";
    await deskhand().press("sam", card, "Reject");
    const form = await deskhand().slack.waitForView((view) =>
      JSON.stringify(view).includes("I answer"),
    );
    const choice =
      form.blocks.find((block) => JSON.stringify(block).includes("radio_buttons"))?.block_id ?? "";
    await deskhand().slack.submit(sam, { [choice]: firstOption(form) });
    await until("the closed card", async () => /Rejected/.test(await now(card)));
    const list = (await deskhand().command("trace")).stdout;
    assert.match(list, /escalated\s+Rejected/);
    assert.deepEqual(await refunds("790"), []);
  });
});

function firstOption(form: unknown): string {
  return /"value":"([^"]+)"/.exec(JSON.stringify(form))?.[1] ?? "";
}
