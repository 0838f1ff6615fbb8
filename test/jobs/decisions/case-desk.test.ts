/** What a teammate does in a case itself: answers it, gives it to a colleague, snoozes it, closes it. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { DecisionButton, DeskDecision } from "#core/contracts/approval-desk.ts";
import { setPause } from "#store/effects/pause.ts";
import { snoozeEnd } from "#jobs/decisions/case-state.ts";
import { cardsOfConversations } from "#store/console/case.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { conversationMessages, conversationSignals } from "#store/conversations/messages.ts";
import { effectsOfApproval } from "#store/effects/ledger.ts";
import { approval } from "#store/db/schema.ts";
import { eq } from "#store/db/drizzle.ts";
import { figureCounts } from "#store/reports/counted-rows.ts";
import { outputCheck } from "#test/guard/output/evidence-world.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { peopleCases } from "./people-cases.ts";
import { teammate } from "#test/jobs/customers.ts";
import { replying } from "#test/jobs/turn-results.ts";

const SAM = "sam@ourshop.test";

onDesk("a case people finish here", (bench) => {
  beforeEach(() => bench.disconnect("zendesk"));

  const { state, handedOver } = peopleCases(bench);
  let clicks = 0;
  /** By a teammate who saw all that came; what presses of one moment leave behind is in their order. */
  const press = (button: DecisionButton, about: string, more: Partial<DeskDecision> = {}) =>
    bench.decide(about, button, {
      decisionId: `desk${(clicks += 1)}`,
      seen: Number.MAX_SAFE_INTEGER,
      ...more,
    });
  const reply = (id: string, text: string, more: Partial<DeskDecision> = {}) =>
    press("reply", id, { edit: { text, amount: null }, ...more });
  const replyCard = async (id: string) =>
    (await bench.at(cardsOfConversations, [id], 9)).find(({ kind }) => kind === "notice") ??
    assert.fail("no card of a reply");

  test("what a teammate writes goes out after the undo time, signed, in the customer's thread, as the version before reads it, and counts as no draft of ours", async () => {
    const id = await handedOver();
    assert.deepEqual(await state(id), { kind: "untaken", since: bench.now() });
    const before = bench.replies().length;
    const answer = await reply(id, "We have one near the station.");
    assert.match(answer.message, /^Will be sent at 10:00:05/);
    assert.equal(bench.replies().length, before);
    await bench.pass(6_000, 2);
    const text = bench.replies().at(-1) ?? "";
    assert.match(text, /We have one near the station\.\n\n/);
    assert.match(text, /^Hello Ann,|^Hi Ann,|^Hello,/);
    assert.deepEqual((await state(id)).kind, "held");
    const [said] = (await bench.at(conversationMessages, id)).slice(-1);
    assert.deepEqual(
      [said?.message.author, said?.message.text],
      [{ kind: "teammate", id: "lea@ourshop.test", name: "Lea" }, text],
    );
    const card = await replyCard(id);
    assert.match(card.closing, /^Reply sent · Lea · /);
    const [effect] = await bench.at(effectsOfApproval, card.id);
    assert.deepEqual([effect?.state, effect?.approvedBy], ["done", "teammate"]);
    const known = ["answers", "automatic", "conversationId", "subject", "text", "to"];
    const sent = bench.made("reply").at(-1)?.action.arguments ?? {};
    assert.deepEqual(Object.keys(sent).toSorted(), known);
    const span = { from: new Date(0), to: new Date(bench.now().getTime() + 1) };
    const names = ["unchanged", "edited", "rejected", "actions"] as const;
    const counts = await bench.at(figureCounts, names, span);
    assert.deepEqual(
      counts.filter(({ count }) => count > 0),
      [],
    );
  });

  test("a reply whose card was changed behind its back is not sent", async () => {
    const id = await handedOver();
    const before = bench.replies().length;
    await reply(id, "We have one near the station.");
    await bench.at((transaction) =>
      transaction.update(approval).set({ seal: "another" }).where(eq(approval.conversationId, id)),
    );
    await bench.pass(6_000, 2);
    assert.equal(bench.replies().length, before);
  });

  test("what the checks find is told first, and goes out once it is asked for again", async () => {
    const id = await handedOver();
    const before = bench.replies().length;
    const asked = await reply(id, "Your 77.00 USD arrive on 3 December.", { decisionId: "same" });
    assert.equal(asked.accepted, false);
    assert.match(asked.warnings?.join(" ") ?? "", /77\.00 USD/);
    const sent = await reply(id, "Your 77.00 USD arrive on 3 December.", {
      decisionId: "same",
      despite: true,
    });
    assert.equal(sent.accepted, true);
    await bench.pass(6_000, 2);
    assert.equal(bench.replies().length, before + 1);
    assert.equal((await reply(id, "  ")).fieldErrors.text, "The reply must not be empty.");
  });

  test("names of the team and a few plain words need no source; a strange name and another language are told", async () => {
    const id = await handedOver();
    const warned = async (text: string) => {
      const more = { edit: { text, amount: null }, seen: Number.MAX_SAFE_INTEGER };
      const by = { teammate: teammate(SAM, { name: "Samuel" }), ...more };
      const answer = await bench.decide(id, "reply", by, { ...bench.parts, output: outputCheck });
      return answer.warnings?.join(" ") ?? answer.accepted;
    };
    assert.match(String(await warned("Hello, this is Brunhilde.")), /Brunhilde/);
    assert.match(String(await warned("Die Lampe ist heute bei Ihnen angekommen.")), /language/);
    assert.match(String(await warned("Ja, gern. Ihre Erstattung ist veranlasst.")), /language/);
    assert.equal(await warned("Yes, gladly. This is Samuel, Lea is at lunch."), true);
  });

  test("a reply beside a waiting card ends the card, and what stood on it is not done", async () => {
    bench.answer(() => replying("It is on its way."));
    const id = await bench.write("Where is it?");
    const text = "I will look after it myself.";
    const [card, seen] = [await bench.pending(id), { cards: [] as readonly string[] }];
    const say = () => reply(id, text, { cards: [...seen.cards] });
    // What the page did not show is told once: a card, its edited draft, that a colleague is at it.
    for (const [change, told] of [
      [async () => card, /^Your answer ends what waits here: “Reply · .*Your text stays here/],
      [() => bench.press("edit", id, SAM, { edit: { text: "Soon.", amount: null } }), /“Reply · /],
      [() => bench.press("claim", id, SAM), /“Reply · .*” \(sam.* is at it\)/],
    ] as const) {
      await change();
      const refused = await say();
      assert.equal(refused.accepted, false);
      assert.match(refused.message, told);
      seen.cards = refused.cards ?? [];
    }
    assert.equal((await bench.pending(id))?.version, (card?.version ?? 0) + 1);
    assert.equal((await say()).accepted, true);
    assert.equal(await bench.pending(id), null);
    await bench.pass(6_000, 2);
    assert.match(bench.replies().join(), /I will look after it myself/);
    assert.doesNotMatch(bench.replies().join(), /It is on its way/);
    const [asked] = await bench.at(conversationMessages, id);
    assert.equal(asked?.outcome, "answered");
    const [, ended] = await bench.at(cardsOfConversations, [id], 9);
    assert.match(ended?.closing ?? "", /^Lea answered in their own words/);
  });

  test("it can be taken back within the undo time, and its text stays on its card", async () => {
    const id = await handedOver();
    const before = bench.replies().length;
    const sent = await reply(id, "We have one near the station.");
    const card = await replyCard(id);
    assert.deepEqual([sent.card, sent.undoMs], [card.id, 5_000]);
    await press("undo", sent.card ?? "");
    await bench.pass(6_000, 2);
    assert.equal(bench.replies().length, before);
    const after = await replyCard(id);
    assert.equal(after.state, "void");
    assert.equal(after.closing, "Not sent: Lea took it back.");
    assert.match(after.card.draft?.text ?? "", /near the station/);
    assert.equal(await bench.pending(id), null, "it is no draft that waits for others");
  });

  test("a pause holds the bot back, and no teammate", async () => {
    const id = await handedOver();
    const pause = { scope: "all", paused: true, by: "Lea", auditedAs: "p" } as const;
    await bench.at(setPause, pause, bench.now());
    await reply(id, "We have one.");
    await bench.pass(6_000, 2);
    assert.match(bench.replies().at(-1) ?? "", /We have one\./);
  });

  test("a case with a ticket is answered where the customer wrote; its people read so there, and close it there", async () => {
    bench.connect(bench.channel("zendesk"));
    const id = await handedOver();
    const ticket = (await bench.at(loadConversation, id))?.linkedId ?? "";
    assert.match((await press("close", ticket)).message, /has a ticket/);
    await reply(ticket, "We have one near the station.");
    const card = await replyCard(id);
    await press("undo", card.id);
    await bench.pass(6_000, 2);
    const notes = () =>
      bench
        .made("note")
        .map(({ target, action }) => `${target}: ${JSON.stringify(action.arguments["text"])}`);
    assert.deepEqual(notes(), [], "no agent is told what was taken back");
    const mail = bench.parts.targets.get("email");
    assert.ok(mail);
    const away = new DeskhandError("channel.unavailable", "the mail server is away");
    bench.replace({ ...mail, commit: () => Promise.reject(away) });
    await reply(ticket, "We have two.");
    await bench.pass(6_000, 2);
    assert.deepEqual(notes(), [], "nor what has not gone out");
    bench.replace(mail);
    await bench.pass(60_000, 3);
    assert.match(bench.replies().at(-1) ?? "", /We have two\./);
    assert.match(notes().join(), /^zendesk: "Lea answered the customer from the console:/);
    assert.equal(bench.made("assign").length, 1);
  });

  test("is given to a colleague by name, and on to another one", async () => {
    const id = await handedOver();
    const given = await press("assign", id, { to: "Sam@ourshop.test" });
    assert.equal(given.message, "Assigned to Sam by Lea");
    const sam = { name: "Sam", voter: "sam@ourshop.test" };
    assert.deepEqual(await state(id), { kind: "held", holder: sam, since: bench.now() });
    await press("assign", id, { to: "dana@ourshop.test" });
    assert.equal((await bench.at(loadConversation, id))?.reason.holder?.name, "Dana");
    const told = await bench.at(conversationSignals, id);
    assert.deepEqual(
      told.map((signal) => signal.kind === "assigned" && [signal.assignee, signal.actor]),
      [
        ["Sam", "Lea"],
        ["Dana", "Lea"],
      ],
    );
    const none = await press("assign", id, { to: "stranger@ourshop.test" });
    assert.match(none.message, /gives this address no role/);
    assert.match((await press("take_over", id)).message, /Dana has this already/);
  });

  test("a card that waits stays when its case is given to a colleague", async () => {
    bench.answer(() => replying("It is on its way."));
    const id = await bench.write("Where is it?");
    await press("assign", id, { to: "sam@ourshop.test" });
    assert.notEqual(await bench.pending(id), null);
    assert.equal((await bench.at(loadConversation, id))?.owner, "bot");
    const now = await state(id);
    assert.deepEqual([now.kind, now.kind === "bot" && now.holder?.name], ["bot", "Sam"]);
    await bench.press("escalate", id);
    assert.equal((await bench.at(loadConversation, id))?.reason.holder?.name, "Sam");
    await bench.pass(24 * 3_600_000, 2);
    const reminders = bench.alerts(/^No teammate has/);
    assert.equal(reminders.length, 1, "that it was given to Sam is no sign that Sam took it");
  });

  test("a failed reply leaves the case with who has it", async () => {
    const id = await handedOver();
    await reply(id, "We have one.");
    bench.faults.commit = ({ action }) => {
      if (action.operation === "reply") throw new Error("the server said no");
    };
    bench.faults.find = () => {
      throw new Error("and does not tell");
    };
    await bench.pass(6_000, 3);
    const now = await state(id);
    assert.equal(now.kind === "held" && now.holder.name, "Lea");
    assert.match((await replyCard(id)).closing, /^Not done/);
  });

  test("a snoozed case is back by itself, its holder is told once, and a message brings it back at once", async () => {
    const id = await handedOver();
    await press("take_over", id);
    assert.match(
      (await press("snooze", id, { until: "day" })).message,
      /^Snoozed until 21 Nov 10:00, or until the customer writes/,
    );
    assert.equal((await state(id)).kind, "snoozed");
    await bench.pass(25 * 3_600_000, 2);
    assert.equal((await state(id)).kind, "held");
    const told = bench.alerts(/^Snoozed until now/);
    assert.deepEqual(
      told.map(({ people }) => people),
      [["lea@ourshop.test"]],
    );
    await press("snooze", id, { until: "monday" });
    await bench.write("Are you still there?");
    assert.equal((await state(id)).kind, "held");
    await press("snooze", id, { until: "monday" });
    await press("snooze", id, { until: "over" });
    assert.equal((await state(id)).kind, "held");
  });

  test("is closed and open again, by a press or by the customer", async () => {
    const id = await handedOver();
    await press("take_over", id);
    assert.equal((await press("close", id)).accepted, true);
    assert.equal((await state(id)).kind, "closed");
    assert.equal((await press("close", id)).message, "This case is closed already.");
    assert.equal((await press("snooze", id, { until: "day" })).accepted, false);
    assert.equal((await press("reopen", id)).accepted, true);
    assert.equal((await state(id)).kind, "held");
    await press("close", id);
    await bench.write("thanks");
    assert.equal((await state(id)).kind, "closed", "thanks ask for nothing");
    await bench.write("And is it open on Sunday?");
    const now = await state(id);
    assert.equal(now.kind === "held" && now.holder.name, "Lea");
    const history = (await bench.at(conversationSignals, id)).map(({ kind }) => kind);
    assert.deepEqual(history, ["assigned", "solved", "reopened", "solved"]);
  });

  test("that the bot has answered is the presser's once it is open again", async () => {
    bench.rule({ replyAutonomy: () => "auto" as const });
    bench.answer(() => replying("It is on its way."));
    const id = await bench.write("Where is it?");
    await bench.pass(6_000, 2);
    assert.equal((await press("close", id)).accepted, true);
    assert.equal((await press("reopen", id)).message, "Open again.");
    const lea = { name: "Lea", voter: "lea@ourshop.test" };
    assert.deepEqual(await state(id), { kind: "held", holder: lea, since: bench.now() });
  });
});

describe("when a snoozed case is back", () => {
  const back = (choice: Parameters<typeof snoozeEnd>[0], now: string, zone = "Europe/Berlin") =>
    snoozeEnd(choice, new Date(now), zone)?.toISOString();

  test("in the afternoon of the team's zone, or three hours later in the evening", () => {
    assert.equal(back("afternoon", "2026-11-27T08:00:00Z"), "2026-11-27T14:00:00.000Z");
    assert.equal(back("afternoon", "2026-11-27T16:00:00Z"), "2026-11-27T19:00:00.000Z");
  });

  test("tomorrow and on Monday at nine, also over a change of the clocks", () => {
    assert.equal(back("tomorrow", "2026-10-24T20:00:00Z"), "2026-10-25T08:00:00.000Z");
    assert.equal(back("monday", "2026-11-27T08:00:00Z"), "2026-11-30T08:00:00.000Z");
    assert.equal(back("monday", "2026-11-30T06:00:00Z"), "2026-12-07T08:00:00.000Z");
    assert.equal(back("over", "2026-11-30T06:00:00Z"), undefined);
  });
});
