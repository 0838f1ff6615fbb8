/**
 * The main job from mail to mail: the shortest proof that everything fits together. On the embedded database the pages
 * do it in a browser; the long run does it here on both.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { decide } from "#test/support/decide.ts";
import { DATABASES, startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { sharedDeskhand } from "#test/support/shared-deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { isLong } from "#test/support/tiers.ts";
import { shownText } from "#test/support/slack.ts";

const ANN = "ann@customer.test";

for (const database of DATABASES)
  describe(`the main job on ${database}`, () => {
    let deskhand: Deskhand;
    before(async () => {
      deskhand = isLong
        ? await startDeskhand({ database, undoSeconds: 1 })
        : await sharedDeskhand("requests");
    });
    after(() => (isLong ? deskhand.destroy() : undefined));

    test("a mail becomes a card, the click a refund and one reply in the same thread", async () => {
      const asked = await deskhand.mail(ANN, "My headphones broke, please refund order 789", {
        subject: "Broken headphones",
      });
      const card = await deskhand.card((text) => text.includes("Refund 120.00 USD"));
      assert.match(shownText(card), /My headphones broke, please refund order 789/);
      assert.match(shownText(card), /Refund 120\.00 USD · headphones · Ann Fields/);
      assert.match(shownText(card), /✅ Known customer · Ann Fields · ann@customer\.test/);
      assert.match(shownText(card), /📦 Order 789 · headphones · paid 120\.00 USD · delivered /);
      await decide(deskhand, "sam", card, "Approve");
      const reply = await until(
        "the reply",
        async () => (await deskhand.mailbox(ANN)).at(-1),
        () => `Printed:\n${deskhand.output()}`,
      );
      assert.equal(reply.subject, "Re: Broken headphones");
      assert.equal(reply.headers["in-reply-to"], asked);
      assert.match(reply.text, /120\.00 USD/);
      const order = await deskhand.order("789");
      assert.deepEqual(
        order.refunds.map(({ amount }) => amount),
        [120],
      );
      const closed = await deskhand.card(
        (text) => text.includes("Sam Ortiz") && text.includes("reply sent"),
      );
      assert.equal(closed.ts, card.ts);
    });

    test("the trace of the turn is there for a person and for a program", async () => {
      const list = await deskhand.command("trace");
      const id = /t_\w+/.exec(list.stdout)?.[0] ?? "";
      const told = await deskhand.command("trace", id);
      assert.match(told.stdout, /^Outcome:\n {2}answered/m);
      assert.match(told.stdout, /issue_refund/);
      const [trace] = JSON.parse((await deskhand.command("trace", id, "--json")).stdout);
      assert.equal(trace.architecture, "customer-support-agent");
      assert.equal(trace.approval_granted, true);
    });
  });
