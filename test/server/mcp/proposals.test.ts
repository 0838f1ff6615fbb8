/** What an assistant proposes waits on a card for people: it is no vote, and its teammate is the author. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { recheckCards } from "#jobs/policy/recheck-cards.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import { effectsOfApproval } from "#store/effects/ledger.ts";
import { newWebhookSecret } from "#jobs/webhooks/signature.ts";
import { shownDeliveries } from "#store/webhooks/deliveries.ts";
import { addWebhook, followWebhooks } from "#store/webhooks/webhooks.ts";
import { silentLog } from "#test/store/bench.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { escalating, refundOf, replying } from "#test/jobs/turn-results.ts";
import { type AssistantBench, startAssistants } from "./bench.ts";

const SAM = "sam@ourshop.test";
const LEA = "lea@ourshop.test";

onDesk("what an assistant proposes", (bench) => {
  let assistants: AssistantBench;
  let token = "";
  beforeEach(async () => {
    assistants = await startAssistants(bench);
    token = await assistants.token();
  });
  afterEach(() => assistants.close());

  const call = (name: string, given: object) => assistants.call(token, name, given);
  const waiting = async (id: string): Promise<Approval> =>
    (await bench.pending(id)) ?? assert.fail("no card waits");
  const asked = (minor = 12_000, needs = { count: 1, leads: 0 }) => {
    bench.answer(() =>
      replying("We refund your headphones.", { actions: [refundOf(minor, { needs })] }),
    );
    return bench.write("My headphones broke. Please refund order 789.");
  };
  const withPeople = () => {
    bench.answer(() => replying("", { ending: escalating("no page says it") }));
    return bench.write("Do you have a shop in Rome? Or give me 20.00 USD back.");
  };

  test("a draft takes the place of the one that waits, votes end, and only a person sends it", async () => {
    const id = await asked(12_000, { count: 2, leads: 0 });
    await bench.press("approve", id, LEA);
    assert.equal((await waiting(id)).votes.length, 1);
    const told = await call("draft_reply", {
      case: id,
      version: 1,
      text: "Your^money comes back.",
    });
    assert.equal(told.isError, false, told.text);
    assert.match(told.text, /^It waits for a person on card a_\d+, version 2: http/);
    const card = await waiting(id);
    assert.deepEqual([card.version, card.votes], [2, []]);
    assert.equal(card.card.draft?.text, "Your money comes back.");
    assert.deepEqual(card.card.changes, [
      "Edited by an assistant for sam. Approvals before the edit do not count.",
    ]);
    assert.ok(card.card.flags.some(({ text }) => text === "Proposed by an assistant for sam"));
    assert.deepEqual(card.card.edits.at(-1)?.by, "an assistant for sam");
    assert.equal(bench.replies().length, 0);
    // Sam let a program write it, so Sam is none of the two.
    const own = await bench.press("approve", id, SAM);
    assert.equal(own.accepted, false);
    assert.match(own.message, /another|wrote|author|edit/i);
    assert.equal((await bench.press("approve", id, LEA)).accepted, true);
    assert.equal((await bench.press("approve", id, "dana@ourshop.test")).accepted, true);
    await bench.pass(6_000, 3);
    assert.deepEqual(bench.replies(), ["Your money comes back."]);
  });

  test("webhooks are told of a card that an assistant makes, as of any other", async () => {
    const id = await withPeople();
    const { store } = bench.parts;
    await bench.at(addWebhook, {
      id: "wh_1",
      url: "https://receiver.test/hooks",
      events: "card.made",
      withText: false,
      secret: newWebhookSecret(),
      createdAt: bench.now(),
    });
    const unfollow = await followWebhooks(store, silentLog);
    await call("draft_reply", { case: id, text: "We have none in Rome." });
    unfollow();
    const [made, ...others] = await bench.at((transaction) => shownDeliveries(transaction, 9));
    assert.deepEqual(others, []);
    const card = await waiting(id);
    assert.match(made?.body ?? "", new RegExp(`"card":"${card.id}","version":1,`));
  });

  test("where one person decides, the teammate's own click counts, since it is the first of them", async () => {
    const id = await asked();
    await call("draft_reply", { case: id, version: 1, text: "Your money comes back." });
    assert.equal((await bench.press("approve", id, SAM)).accepted, true);
    const late = await call("draft_reply", { case: id, version: 2, text: "Something else." });
    assert.match(late.text, /^Under way in this case: /);
  });

  test("while the bot drafts an answer itself, nothing is proposed beside it", async () => {
    const away = { kind: "unavailable", part: "model", reason: "it does not answer" } as const;
    bench.answer(() => replying("", { ending: away }));
    const id = await bench.write("Where is my parcel?");
    const told = await call("draft_reply", { case: id, text: "On its way." });
    assert.match(told.text, /Deskhand is drafting an answer to this now/);
  });

  test("no version, an old one, a claim of another and a card that is over are refused, and nothing changes", async () => {
    const id = await asked();
    for (const version of [undefined, 2, 7]) {
      const told = await call("draft_reply", { case: id, version, text: "Hello." });
      assert.equal(told.isError, true);
      assert.match(told.text, /as version 1\. Read it/);
    }
    await bench.press("claim", id, LEA);
    const claimed = await call("draft_reply", { case: id, version: 1, text: "Hello." });
    assert.match(claimed.text, /lea is at this card/);
    await bench.press("release", id, LEA);
    assert.equal((await waiting(id)).version, 1);
    await bench.press("reject", id, LEA, { rejection: "no_answer" });
    const over = await call("draft_reply", { case: id, version: 1, text: "Hello." });
    assert.match(over.text, /No card waits in this case any more|Under way/);
  });

  test("the mark and the warnings stay when a person edits what an assistant wrote", async () => {
    const id = await asked();
    const lie = "We have sent 77.00 USD to your bank.";
    await call("draft_reply", { case: id, version: 1, text: lie });
    const warned = (await waiting(id)).card.flags.length;
    assert.ok(warned > 1, "the lie has no warning");
    // What it wrote a moment ago is no evidence for what it writes now.
    await call("draft_reply", { case: id, version: 2, text: `${lie} Bye.` });
    assert.equal((await waiting(id)).card.flags.length, warned);
    await bench.press("edit", id, LEA, { edit: { text: `${lie} Bye bye.`, amount: null } });
    const { card } = await waiting(id);
    assert.equal(card.flags.length, warned);
    assert.equal(card.flags[0]?.text, "Proposed by an assistant for sam");
  });

  test("in a case that people have, a draft becomes a card, and goes out as a teammate's words", async () => {
    const id = await withPeople();
    const before = bench.replies().length;
    const told = await call("draft_reply", { case: id, text: "We have one near the station." });
    assert.equal(told.isError, false, told.text);
    const card = await waiting(id);
    assert.deepEqual(
      [card.version, card.state, card.votes, card.kind],
      [1, "pending", [], "proposal"],
    );
    assert.deepEqual(card.card.buttons, ["approve", "edit", "reject"]);
    assert.match(card.card.draft?.text ?? "", /We have one near the station\./);
    await bench.pass(60_000, 3);
    assert.equal(bench.replies().length, before);
    assert.equal((await bench.press("approve", id, SAM)).accepted, true);
    await bench.pass(6_000, 3);
    assert.match(bench.replies().at(-1) ?? "", /We have one near the station\./);
    const [said] = (await bench.at(conversationMessages, id)).slice(-1);
    assert.deepEqual(said?.message.author, { kind: "teammate", id: SAM, name: "sam" });
    const [effect] = await bench.at(effectsOfApproval, card.id);
    assert.equal(effect?.approvedBy, "teammate");
  });

  test("a pause holds what an assistant proposed beside the bot, as it holds the bot's own", async () => {
    bench.answer(() => replying("We look at it."));
    const id = await bench.write("Where is my parcel?");
    await bench.press("approve", id, LEA);
    await bench.pass(6_000, 3);
    const before = bench.replies().length;
    const told = await call("draft_reply", { case: id, text: "It arrives tomorrow." });
    assert.equal(told.isError, false, told.text);
    await bench.pause("all");
    await bench.press("approve", id, LEA);
    await bench.pass(6_000, 3);
    assert.equal(bench.replies().length, before);
    await bench.pause("all", false);
    await bench.pass(6_000, 3);
    assert.match(bench.replies().at(-1) ?? "", /It arrives tomorrow\./);
  });

  for (const end of ["rejected", "expired"] as const)
    test(`a proposal that is ${end} leaves the case with whoever has it`, async () => {
      const handedOver = await withPeople();
      bench.answer(() => replying("We look at it."));
      const emailOnFile = "bob@elsewhere.test";
      bench.bindTo({ level: 2, customerId: "u456", emailOnFile, name: "Bob", reason: "signed" });
      const withBot = await bench.write("Where is my parcel?", {
        channel: "zendesk",
        thread: "t2",
        message: { author: { kind: "requester", id: `email:${emailOnFile}`, name: "Bob" } },
      });
      await bench.press("approve", withBot, LEA);
      await bench.pass(6_000, 3);
      const ids = [handedOver, withBot];
      const reasons = async () =>
        Promise.all(ids.map(async (id) => (await bench.at(loadConversation, id))?.reason.words));
      const before = await reasons();
      for (const id of ids) {
        const told = await call("draft_reply", { case: id, text: "Hello again." });
        assert.equal(told.isError, false, told.text);
        if (end === "rejected") await bench.press("reject", id, LEA);
      }
      await bench.pass(end === "rejected" ? 6_000 : 86_400_000, 3);
      assert.deepEqual(await Promise.all(ids.map((id) => bench.pending(id))), [null, null]);
      assert.deepEqual(await reasons(), before);
      assert.equal((await bench.at(loadConversation, withBot))?.owner, "bot");
    });

  test("an action is read from the records, decided on by the policy, and added before the reply", async () => {
    bench.answer(() => replying("We look at it."));
    const id = await bench.write("My headphones broke. Please refund 20.00 USD of order 789.");
    const given = {
      operation: "refund",
      input: { order_id: "789", amount: "20.00", reason: "broken" },
    };
    const told = await call("propose_action", { case: id, version: 1, ...given });
    assert.equal(told.isError, false, told.text);
    const { card, proposal, rules } = await waiting(id);
    assert.deepEqual(
      proposal?.actions.map(({ action }) => action.operation),
      ["refund", "reply"],
    );
    assert.match(card.actions[0]?.label ?? "", /20\.00 USD/);
    assert.match(card.confirm, /^Refund 20\.00 USD .* Do it\?$/);
    assert.ok(rules.every(({ verdict }) => verdict === "ask"));
    const again = await call("propose_action", { case: id, version: 2, ...given });
    assert.match(again.text, /proposes that already/);
    // A refund changes what a return of the same order rests on, so one of them would stop the other.
    const other = { operation: "start_return", input: { order_id: "789" } };
    const both = await call("propose_action", { case: id, version: 2, ...other });
    assert.match(both.text, /changes order 789 already/);
    assert.equal((await bench.press("approve", id, LEA)).accepted, true);
    await bench.pass(6_000, 3);
    assert.deepEqual(
      bench.left.map(({ action }) => action.operation).filter((one) => one !== "alert"),
      ["refund", "reply"],
    );
  });

  test("what no record holds, no policy allows, and no tool knows is refused with the reason", async () => {
    bench.answer(() => replying("We look at it."));
    const id = await bench.write("My headphones broke. I want 20.00 USD or 9999.00 USD.");
    const refused = async (operation: string, input: object): Promise<string> => {
      const told = await call("propose_action", { case: id, version: 1, operation, input });
      assert.equal(told.isError, true, told.text);
      return told.text;
    };
    const refund = { order_id: "789", amount: "20.00", reason: "broken" };
    assert.match(await refused("pay_out", {}), /no such operation\. There are: refund/);
    assert.match(await refused("send_code", {}), /no such operation/);
    assert.match(await refused("refund", { ...refund, order_id: "1001" }), /no such order/);
    assert.match(await refused("refund", { ...refund, amount: "9999.00" }), /At most|more than/);
    assert.match(await refused("refund", { ...refund, to: "my bank" }), /does not fit/);
    bench.shop.goDown();
    assert.match(await refused("refund", refund), /cannot be read now/);
    bench.shop.comeBack();
    bench.bindTo({ level: 1, customerId: null, emailOnFile: null, name: null, reason: "claimed" });
    assert.match(await refused("refund", refund), /not proven/);
    assert.equal((await waiting(id)).version, 1);
  });

  test("in a case that people have, no action is put on a card, since none would be carried out", async () => {
    const id = await withPeople();
    const input = { order_id: "789", amount: "20.00", reason: "broken" };
    const told = await call("propose_action", { case: id, operation: "refund", input });
    assert.match(told.text, /People have this case/);
    assert.equal(await bench.pending(id), null);
  });

  test("a note stands on the card whole, and in the ticket once a person approved it", async () => {
    bench.answer(() => replying("We look at it."));
    const id = await bench.write("Where is my parcel?", { channel: "zendesk" });
    const told = await call("add_note", {
      case: id,
      version: 1,
      text: "The carrier lost it.\nCall them.",
    });
    assert.equal(told.isError, false, told.text);
    const { card } = await waiting(id);
    assert.match(card.actions[0]?.label ?? "", /The carrier lost it\.\nCall them\./);
    const isOurs = ({ action }: (typeof bench.left)[number]): boolean =>
      action.operation === "note" && JSON.stringify(action).includes("The carrier lost it");
    assert.equal(bench.left.filter(isOurs).length, 0);
    await bench.press("approve", id, LEA);
    await bench.pass(6_000, 3);
    const notes = bench.left.filter(isOurs);
    assert.match(
      JSON.stringify(notes),
      /Proposed by an assistant for sam, and approved on its card/,
    );
    const mail = await bench.write("Where is my parcel?", { thread: "t2" });
    const refused = await call("add_note", { case: mail, version: 1, text: "Lost." });
    assert.match(refused.text, /has no ticket/);
  });

  test("a stricter policy ends what an assistant proposed, as it ends what the bot did", async () => {
    const id = await withPeople();
    await call("draft_reply", { case: id, text: "We have one near the station." });
    bench.skip(1_000);
    const since = bench.now();
    await recheckCards(bench.parts, { id: "p_1", since }, new Set());
    assert.equal((await waiting(id)).state, "pending");
    const { policy } = bench.parts;
    bench.rule({
      decide: (question) => ({ ...policy.decide(question), verdict: "deny", rule: "reply.no" }),
    });
    const told = await call("draft_reply", { case: id, version: 1, text: "Hello." });
    assert.equal(told.isError, false);
    await recheckCards(bench.parts, { id: "p_2", since }, new Set());
    assert.equal(await bench.pending(id), null);
    assert.equal((await call("draft_reply", { case: id, text: "Hello." })).isError, true);
  });

  test("a case of another teammate's rights: who has no role proposes nothing, and reads nothing", async () => {
    const id = await asked();
    const stranger = await assistants.token({ email: "eve@elsewhere.test" });
    for (const [name, given] of [
      ["draft_reply", { case: id, version: 1, text: "Hello." }],
      ["read_case", { case: id }],
      ["list_waiting", {}],
    ] as const)
      assert.match((await assistants.call(stranger, name, given)).text, /^403 /);
    assert.equal((await waiting(id)).version, 1);
  });
});
