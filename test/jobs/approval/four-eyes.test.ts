/** Four eyes and limits of roles: who asked, who wrote, and whose limit it is may not approve. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";
import type { Message } from "#core/values/message.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { proof, stranger, teammate } from "#test/jobs/customers.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

const SAM = "sam@ourshop.test";
const LEA = "lea@ourshop.test";

onDesk("under four eyes", (bench) => {
  /** A refund that a person other than the one who asked or edited has to approve. */
  const asked = (message: Partial<Message> = {}): Promise<string> => {
    const approvers = { count: 1, leads: 0, fourEyes: true } as const;
    bench.answer(() =>
      replying("We refund you.", { actions: [refundOf(12_000, { decision: { approvers } })] }),
    );
    return bench.write("Please refund order 789", { message });
  };
  const writer = (id: string, email: string | null = null): Partial<Message> => ({
    author: { kind: "requester", id, name: "Sam" },
    identity: proof(email === null ? 1 : 2, "a way", "as it came in", email),
  });
  const approve = async (id: string, who: string, more: Partial<DeskTeammate> = {}) => {
    const { accepted, message } = await bench.press("approve", id, who, {
      teammate: teammate(who, more),
    });
    return accepted ? "approved" : message;
  };

  for (const [how, message] of [
    ["at the desk's own service", writer("slack:U0SAM")],
    ["by mail", writer("email:Sam@OurShop.test", "Sam@OurShop.test")],
    ["in a chat, proven by a code", writer("chat:visitor:v1", "Sam@OurShop.test")],
    // The shop knows whose it is.
    ["from another address of theirs", writer("email:sam@home.test", "sam@home.test")],
  ] as const)
    test(`the person who asked ${how} may not approve it; another person may`, async () => {
      const isHome = how === "from another address of theirs";
      bench.bindTo(stranger({ reason: "", ...(isHome && { emailOnFile: SAM }) }));
      const id = await asked(message);
      assert.match(await approve(id, SAM, { id: "U0SAM" }), /You asked for this yourself/);
      assert.match(await approve(id, LEA, { email: null }), /that cannot be told/);
      assert.equal((await bench.card(id)).votes.length, 0);
      assert.equal(await approve(id, LEA), "approved");
    });

  test("the person who edited may not approve their own text until the card is drafted anew", async () => {
    const id = await asked();
    const edit = (text: string, who: string) =>
      bench.press("edit", id, who, { edit: { text, amount: null } });
    await edit("My own words", SAM);
    assert.match(await approve(id, SAM), /your own words by now/);
    // An edit by Lea does not make Sam's words hers alone.
    await edit("My own words, and Lea's", LEA);
    for (const who of [SAM, LEA]) assert.match(await approve(id, who), /your own words by now/);
    await bench.write("And please be quick");
    assert.equal(await approve(id, SAM), "approved");
  });

  test("the person who asked for another draft with an instruction may not approve that draft", async () => {
    const id = await asked();
    await bench.press("redo", id, SAM, { hint: "be kinder" });
    await bench.wake(id);
    assert.match(await approve(id, SAM), /your own words by now/);
    assert.equal(await approve(id, LEA), "approved");
  });

  test("a limit is not kept by two refunds on one card, and a vote above a new limit lapses", async () => {
    const needs = { count: 2, leads: 0 };
    const actions = ["789", "123"].map((orderId) => refundOf(6_000, { needs, orderId }));
    bench.answer(() => replying("We refund you.", { actions }));
    const id = await bench.write("Please refund orders 789 and 123");
    assert.equal(await approve(id, SAM), "approved");
    bench.rule({
      approvalLimit: (role, operation) =>
        role === "support" && operation === "refund" ? { minor: 10_000, currency: "USD" } : null,
    });
    assert.match(await approve(id, SAM), /this one is of 120\.00 USD/);
    assert.equal(await approve(id, LEA), "approved");
    const { state, votes } = await bench.card(id);
    assert.deepEqual([state, votes.map(({ voter }) => voter)], ["pending", [LEA]]);
  });
});
