/** Effects when something goes wrong: limits, waiting, edits, and replies that are withheld. */
import { deliveredFacts } from "#test/jobs/customers.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { unknownIdentity } from "#core/values/identity.ts";
import { plainMessage } from "#core/values/message.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import { sql } from "#store/db/drizzle.ts";
import { effectByKey } from "#store/effects/ledger.ts";
import { limitUsage } from "#store/effects/usage.ts";
import { onDesk } from "#test/jobs/bench.ts";
import {
  away,
  refuse,
  refundedAlone,
  refundOf,
  replying,
  smallRefunds,
} from "#test/jobs/turn-results.ts";

const REFUND = "refund:shop:789:0";

onDesk("effects", (bench) => {
  const booked = smallRefunds("u123", 1);
  const allowed = () => bench.answer(() => refundedAlone({ decision: { reservations: [booked] } }));
  const used = async (): Promise<number> => {
    const usage = await bench.at(limitUsage, [{ ...booked, since: new Date(booked.since) }]);
    return usage[booked.limit]?.count ?? 0;
  };
  const effect = () => bench.at(effectByKey, REFUND);
  const ofRefunds = (fault: () => void) => {
    bench.faults.commit = ({ action }) => {
      if (action.operation === "refund") fault();
    };
  };

  test("a refund that failed for good uses up no limit, one in doubt does", async () => {
    allowed();
    ofRefunds(refuse);
    const id = await bench.write("Please refund order 789");
    assert.equal((await effect())?.state, "failed");
    assert.equal(await used(), 0);
    assert.match(await bench.outcome(id), /^escalated: refund failed/);
    assert.deepEqual(bench.replies(), []);
    bench.faults.find = (target) => {
      if (target === "shop") throw new Error("the answer cannot be read");
    };
    ofRefunds(() => {
      throw new DeskhandError("shop.uncertain", "the answer was lost");
    });
    await bench.write("Please refund order 789", { thread: "t2" });
    assert.equal((await effect())?.state, "unknown");
    assert.equal(await used(), 1);
  });

  test("a bundle withholds the reply when the second action fails, and tells a person what is done and what is not", async () => {
    bench.answer(() =>
      replying("We have refunded 120.00 USD and 1.00 USD.", {
        actions: [refundOf(12_000), refundOf(100, { orderId: "123" })],
      }),
    );
    bench.faults.commit = ({ key }) => {
      if (key === "refund:shop:123:0") refuse();
    };
    const id = await bench.write("Please refund order 789");
    await bench.press("approve", id);
    await bench.pass(60_000, 2);
    assert.deepEqual(bench.replies(), []);
    assert.deepEqual(
      bench.left.filter(({ target }) => target === "shop").map(({ key }) => key),
      [REFUND],
    );
    assert.match(
      bench.alerts().at(-1)?.text ?? "",
      /A refund failed \(shop\).*a person has to look/,
    );
    assert.match(await bench.outcome(id), /^escalated: refund failed/);
    const [card] = bench.cards.values();
    assert.match(card?.closing ?? "", /^Not done: /);
  });

  test("a reply that was stored as no channel could send it ends, and the customer is answered anew", async () => {
    bench.answer(() => replying("It is on its way."));
    const id = await bench.write("Where is order 789?");
    const before = await bench.pending(id);
    await bench.press("approve", id);
    await bench.execute(
      sql`update effect set action = jsonb_set(action, '{arguments,text}', '""') where operation = 'reply'`,
    );
    await bench.pass(60_000, 3);
    assert.deepEqual(
      (await bench.open(id)).filter(({ operation }) => operation === "reply"),
      [],
    );
    const after = await bench.pending(id);
    assert.ok(after !== null && after.id !== before?.id);
  });

  test("a refund whose facts changed before it began leaves a turn that came to nothing, and a new one", async () => {
    const facts = deliveredFacts("789", 12_000, { refundCount: 1, deliveredOn: null });
    bench.answer(() => {
      const action = refundOf(500, { decision: { verdict: "allow" } });
      const planned = { ...action.planned, facts: [facts] };
      return replying("We have refunded 5.00 USD.", {
        actions: [{ ...action, planned }],
        actionsAlone: true,
      });
    });
    const seen: string[] = [];
    bench.parts.spans.export = ({ request_id }) => void seen.push(request_id);
    await bench.write("Please refund order 789");
    assert.match(await bench.outcome(seen[0] ?? ""), /^ignored: Not sent: order 789 changed/);
    assert.ok(seen.length > 1, "it was not thought about again");
  });
});

onDesk("a target that stays away", (bench) => {
  const lookups = { count: 0 };
  beforeEach(async () => {
    lookups.count = 0;
    bench.answer(() => refundedAlone());
    bench.faults.commit = ({ action }) => {
      if (action.operation === "refund")
        throw new DeskhandError("shop.uncertain", "the answer was lost");
    };
    bench.faults.find = (target) => {
      if (target !== "shop") return;
      lookups.count += 1;
      away();
    };
    await bench.write("Please refund order 789");
  });

  const told = () => bench.alerts(/could not be checked/);

  test("is asked after 1, 2, 4 … seconds and then every minute, no matter what wakes the conversation meanwhile", async () => {
    assert.equal(lookups.count, 1);
    await bench.pass(1_000);
    assert.equal(lookups.count, 2);
    await bench.pass(1_000);
    assert.equal(lookups.count, 2);
    await bench.pass(1_000);
    assert.equal(lookups.count, 3);
    // 1 + 2 + 4 + 8 + 16 + 32 + 60 seconds after the first.
    await bench.passes(120, 1_000);
    assert.equal(lookups.count, 8);
  });

  test("or that its target refuses for now ends with people after twenty tries", async () => {
    bench.faults.find = () => undefined;
    bench.faults.commit = ({ action }) => {
      if (action.operation === "refund") away();
    };
    const { caps } = bench.parts.policy;
    bench.rule({ caps: { ...caps, shopRetryMs: 24 * 3_600_000 } });
    await bench.passes(40, 61_000);
    const { state, error } = (await bench.at(effectByKey, REFUND)) ?? {};
    assert.equal(state, "failed");
    assert.match(error ?? "", /gave up after 20 tries/);
  });

  test("is told to the team once after five minutes, and the refund is found when it is back", async () => {
    await bench.passes(4, 61_000);
    assert.deepEqual(told(), []);
    await bench.passes(6, 61_000);
    assert.equal(told().length, 1);
    assert.match(told()[0]?.text ?? "", /A refund waits: for [56] minutes.*shop answers 503/);
    assert.equal((await bench.at(effectByKey, REFUND))?.state, "executing");
    bench.faults.find = () => undefined;
    bench.faults.commit = () => undefined;
    await bench.pass(61_000);
    await bench.pass(2_000);
    assert.deepEqual(bench.replies().length, 1);
    assert.equal(bench.made("refund").length, 1);
  });
});

onDesk("a reply of ours", (bench) => {
  test("is stored at once as its source shows it, so that the next look there brings no news", async () => {
    const chat = bench.channel("chat");
    const shown = plainMessage({
      key: "chat:shown:1",
      author: { kind: "bot", id: "bot", name: "Deskhand" },
      text: "As it is shown",
      sentAt: bench.now().toISOString(),
      identity: unknownIdentity("ours"),
    });
    bench.connect({
      ...chat,
      keepsHistory: true,
      commit: async (...asked) => ({ ...(await chat.commit(...asked)), shown }),
    });
    const id = await bench.write("Hello", { channel: "chat" });
    await bench.tick();
    const stored = await bench.at(conversationMessages, id);
    assert.deepEqual(
      stored.map(({ message }) => message.text),
      ["Hello", "As it is shown"],
    );
    bench.connect(chat);
  });
});

onDesk("a message that is edited at its source", (bench) => {
  test("voids what was approved for its old text, and is read in its new form", async () => {
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const id = await bench.write("Please refund order 789", { key: "m:edited" });
    const card = await bench.pending(id);
    await bench.press("approve", id);
    const stored = await bench.at(conversationMessages, id);
    const asked = stored.map(({ message }) => message);
    bench.histories.set(
      id,
      asked.map((message) => ({ ...message, text: "Please do NOT refund order 789" })),
    );
    const read: string[] = [];
    bench.answer((input) => {
      read.push(...input.unread.map(({ text }) => text));
      return replying("As you wish.");
    });
    await bench.pass(60_000);
    assert.deepEqual(bench.replies(), []);
    assert.deepEqual(bench.made("refund"), []);
    assert.deepEqual(read, ["Please do NOT refund order 789"]);
    assert.notEqual((await bench.pending(id))?.id, card?.id);
  });
});
