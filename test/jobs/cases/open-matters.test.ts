/** What an answer may be told of its customer's orders: what waits elsewhere, from our own records of that customer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TurnInput, TurnResult } from "#core/contracts/agent.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Message } from "#core/values/message.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import { type OpenMatter, shownMatter } from "#core/cases/open-matter.ts";
import { sealedOrderFacts } from "#core/contracts/shop.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { ANN_IN_CHAT } from "#test/jobs/customers.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const ANN: BoundRequester = {
  level: 2,
  customerId: "u123",
  emailOnFile: "ann@customer.test",
  name: "Ann Fields",
  reason: "signed in",
};
const BOB: BoundRequester = { ...ANN, customerId: "u456", name: "Bob", emailOnFile: null };

const line = (matter: OpenMatter): string => Object.values(shownMatter(matter)).join(", ");

onDesk("what is open about an order", (bench) => {
  const refundOf789 = async (verdict: "ask" | "allow" = "ask") => {
    const order = await bench.shop.order("789", AbortSignal.timeout(PATIENCE_MS));
    assert.ok(order);
    const action = refundOf(1_990, verdict === "allow" ? { decision: { verdict } } : {});
    return { ...action, planned: { ...action.planned, facts: [sealedOrderFacts(order)] } };
  };
  /** What a question in the chat is told of these orders. The case is another one, so nothing is answered together. */
  const told = async (
    orders: readonly string[] = ["789"],
    more: { readonly requester?: BoundRequester; readonly message?: Partial<Message> } = {},
  ): Promise<readonly string[] | null> => {
    let lines: readonly string[] | null = null;
    bench.bindTo(more.requester ?? ANN);
    bench.answer(async (input: TurnInput): Promise<TurnResult> => {
      lines = ((await input.openMatters?.(orders)) ?? null)?.map(line) ?? null;
      return replying("It is 20 cm wide.", { topic: "faq" });
    });
    await bench.write("How wide is the box?", {
      channel: "chat",
      thread: `chat${bench.now().getTime()}`,
      message: more.message ?? ANN_IN_CHAT,
    });
    return lines;
  };
  const askedByMail = async (verdict: "ask" | "allow" = "ask"): Promise<string> => {
    const refund = await refundOf789(verdict);
    bench.bindTo(ANN);
    bench.answer(() =>
      replying("We refund 19.90 USD.", { actions: [refund], actionsAlone: verdict === "allow" }),
    );
    const id = await bench.write("Please refund 19.90 of order 789", { channel: "email" });
    bench.skip(60_000);
    return id;
  };

  test("nothing is looked for while nothing is open, not even with one statement", async () => {
    assert.equal(await told(), null);
  });

  test("a refund that waits for a teammate is told to its customer about its order", async () => {
    await askedByMail();
    assert.deepEqual(await told(), ["waiting for a teammate, refund, 19.90 USD, 2026-11-20"]);
    assert.deepEqual(await told(["456"]), []);
  });

  test("it is told to no other customer, and to nobody where others read along", async () => {
    await askedByMail();
    assert.deepEqual(await told(["789"], { requester: BOB }), []);
    const answerTo = { label: "chat", audience: "shared" as const, address: {} };
    assert.equal(await told(["789"], { message: { ...ANN_IN_CHAT, answerTo } }), null);
    assert.equal(await told(["789"], { requester: { ...ANN, level: 1 } }), null);
  });

  test("a refund that may or may not have happened is told as that", async () => {
    bench.faults.commit = ({ action: { operation } }) => {
      if (operation === "refund") throw new DeskhandError("shop.uncertain", "the answer was lost");
    };
    bench.faults.find = (target) => {
      if (target === "shop") throw new Error("the answer cannot be read");
    };
    const id = await askedByMail("allow");
    for (let minute = 0; minute < 10; minute += 1) {
      bench.skip(60_000);
      await bench.tick();
    }
    const [effect] = (await bench.open(id)).filter(({ operation }) => operation === "refund");
    assert.equal(effect, undefined);
    assert.deepEqual(await told(), [
      "not known whether it was done, a teammate finds out, refund, 19.90 USD, 2026-11-20",
    ]);
  });

  test("a case that a teammate has is told without its words, and not once it is solved", async () => {
    bench.bindTo(ANN);
    const result = { found: true, order: { order_id: "789", item: "headphones" } };
    bench.answer(() =>
      replying("", {
        topic: "refund",
        toolResults: [{ tool: "get_order_status", result }],
        ending: {
          kind: "escalate",
          reason: "asked for a person",
          summary: "s",
          tried: [],
          delicate: null,
        },
      }),
    );
    const id = await bench.write("I want a person about order 789", { channel: "email" });
    bench.skip(60_000);
    assert.deepEqual(await told(), ["with a teammate, case, mail, 2026-11-20"]);
    await bench.parts.store.run((transaction) =>
      updateConversation(transaction, id, { solvedAt: bench.now() }, bench.now()),
    );
    bench.skip(60_000);
    assert.deepEqual((await told()) ?? [], []);
  });

  test("what this very answer decides again is not told", async () => {
    bench.bindTo(BOB);
    bench.answer(() => replying("A draft."));
    await bench.write("Hello", { channel: "email", thread: "elsewhere" });
    const id = await askedByMail();
    let lines: readonly string[] | null = null;
    bench.answer(async (input) => {
      lines = (await input.openMatters?.(["789"]))?.map(line) ?? null;
      return replying("We look into it.");
    });
    await bench.write("Any news on order 789?", { channel: "email" });
    assert.deepEqual(lines, []);
    assert.notEqual(await bench.pending(id), null);
  });
});
