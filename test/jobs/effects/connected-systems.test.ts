/** A declared change from its proposal over policy, card and approval to a system over HTTP, with a lost answer. */
import { confirmText } from "#core/contracts/card-sections.ts";
import assert from "node:assert/strict";
import { sandboxText } from "#test/policy/policy-files.ts";
import { after, before, beforeEach, test } from "node:test";
import type { DecidedAction, TurnInput, TurnResult } from "#core/contracts/agent.ts";
import { createBreakers } from "#connections/circuit-breakers.ts";
import { systemPorts } from "#connections/system-tools.ts";
import { systemSettings } from "#config/secret.ts";
import { openPolicyFile } from "#policy/load-policy.ts";
import { effectByKey } from "#store/effects/ledger.ts";
import { DOWNTIME } from "#store/effects/recovery.ts";
import { silentLog } from "#test/store/bench.ts";
import { order, refundThere } from "#test/systems/declared-shop.ts";
import { connectionTo } from "#test/systems/memory-system.ts";
import { startStandIn, type StandIn } from "#test/systems/stand-in.ts";
import { contextOf } from "#test/tools/tool-bench.ts";
import { SystemArguments } from "#core/values/action.ts";
import { sql } from "#store/db/drizzle.ts";
import { cardsUnderRule, undecidedDifferences } from "#store/reports/draft-differences.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { ANN_IN_CHAT } from "#test/jobs/customers.ts";
import { decidedByMail, replying } from "#test/jobs/turn-results.ts";
import { verified } from "#test/support/fixtures/turns.ts";
import { systemTarget } from "#systems/target.ts";
import type { MoneyDeclaration } from "#systems/contract.ts";
import { declaredWriteTool } from "#systems/declared-tools.ts";

/** The sandbox's policy, with a rule for the connected refund: small ones at once, all others by a person. */
const POLICY = openPolicyFile(
  sandboxText.replace(
    "\noperations:\n",
    `
operations:
  refund_there:
    level: 2
    rules:
      - name: small
        verdict: allow
        up_to: 10.00
        within_days: 30
        delivered: true
        reason: Small ones are made at once.
      - name: usual
        verdict: ask
        reason: A teammate approves it.
`,
  ),
  "policy.yaml",
).policy;

onDesk("a change in a connected system", (bench) => {
  const shop: {
    standIn?: StandIn;
    booked: { amount: string; note: string }[];
    status: string;
    /** What it answers instead of booking. */
    instead: object | null;
  } = { booked: [], status: "delivered", instead: null };
  const standIn = (): StandIn => {
    assert.ok(shop.standIn);
    return shop.standIn;
  };
  before(async () => {
    shop.standIn = await startStandIn();
    standIn().answerWith(({ method, path, text }) => {
      if (path === "/orders/1") {
        const refunded = shop.booked.reduce((sum, { amount }) => sum + Number(amount), 0);
        const now = { currency: "USD", refunded: refunded.toFixed(2), status: shop.status };
        return { status: 200, body: order("1", "u123", now) };
      }
      if (path !== "/orders/1/refunds") return { status: 404, body: {} };
      if (method === "POST" && shop.instead !== null) return { status: 200, body: shop.instead };
      if (method === "POST") shop.booked.push(JSON.parse(text));
      const refunds = shop.booked.map((one, place) => ({ id: `r${place}`, order: "1", ...one }));
      return { status: 200, body: method === "POST" ? refunds.at(-1) : { refunds } };
    });
  });
  beforeEach(() => {
    shop.booked.splice(0);
    shop.status = "delivered";
    shop.instead = null;
    bench.rule(POLICY);
  });
  after(() => standIn().close());

  /** The tool proposes with what the customer wrote, and the real policy decides. */
  async function answer(
    tool: MoneyDeclaration,
    amount: string | null,
    ports: ReturnType<typeof systemPorts>,
    input: TurnInput,
  ): Promise<TurnResult> {
    const ownWords = input.unread.map(({ text }) => text).join("\n");
    const context = contextOf(verified("u123"), { ownWords });
    const proposed = await declaredWriteTool(tool, ports).propose(
      { order_id: "1", amount },
      context,
    );
    if (proposed.kind === "impossible") return replying(proposed.reason);
    const { planned, unproven } = proposed;
    const origin = { asked: true, unproven: [...unproven] };
    const decision = await decidedByMail(bench.parts, planned, { origin });
    const action: DecidedAction = { planned, decision, origin };
    return replying("Your money is on its way.", { actions: [action], actionsAlone: true });
  }

  function connect(changes: Partial<MoneyDeclaration> = {}, amount: string | null = null): void {
    const { log } = bench.parts;
    const clock = bench.parts.clock;
    const tool = { ...refundThere(connectionTo({ address: standIn().url })), ...changes };
    const ports = systemPorts([tool], {
      settings: systemSettings({}),
      breakers: createBreakers({ clock, log: silentLog }),
      allowances: undefined,
      clock,
      log,
    });
    bench.replace(systemTarget([tool], ports));
    bench.answer((input) => answer(tool, amount, ports, input));
  }

  async function state(key: string): Promise<string | undefined> {
    const found = await bench.at(effectByKey, key);
    return found?.state;
  }

  const isChange = { only: ({ method }: { method: string }) => method === "POST" };

  test("a person approves it on a card that names amount and system, and a lost answer is found: once, not twice", async () => {
    connect();
    const id = await bench.write("Please refund order 1, all of it");
    const card = await bench.pending(id);
    assert.deepEqual(
      card?.card.actions.map(({ label }) => label),
      ["Refund 120.00 USD of order 1, in Test shop"],
    );
    assert.match(card?.card.headline ?? "", /^Refund there 120\.00 USD · order 1 · /);
    assert.deepEqual(
      card?.card.context.orders.map(({ orderId, status, paid }) => [orderId, status, paid.minor]),
      [["1", "delivered", 12_000]],
    );
    assert.match(card === null ? "" : confirmText(card.card), /Do it\?$/);
    assert.equal(shop.booked.length, 0);
    standIn().fail({ kind: "lost" }, isChange);
    await bench.press("approve", id);
    await bench.passes(6, 10_000);
    assert.deepEqual(
      shop.booked.map(({ amount }) => amount),
      ["120.00"],
    );
    assert.equal(await state(card?.proposal?.actions[0]?.key ?? ""), "done");
    assert.equal(bench.replies().length, 1);
  });

  for (const [sent, goes] of [
    ["before", "goes to people"],
    ["after", "is on a card"],
  ] as const)
    test(`another refund of an order that has had one, asked for ${sent} a restore, ${goes}`, async () => {
      connect({}, "15.00");
      shop.booked.push({ amount: "5.00", note: "" });
      const now = bench.parts.clock.now().getTime();
      const at = (ms: number) => new Date(now + ms).toISOString();
      const beganAt = at(sent === "before" ? 0 : -120_000);
      const back = { since: at(-180_000), beganAt, resumedAt: null };
      await bench.at(DOWNTIME.write, { reason: "restored", ...back });
      const id = await bench.write("Please refund $15 of order 1");
      assert.equal((await bench.pending(id)) !== null, sent === "after");
      const said = /escalated.*5\.00 USD of order 1 went back already/;
      assert.equal(said.test(await bench.outcome(id)), sent === "before");
    });

  test("an edit may name its order as the system has it, and a lead learns from its amount", async () => {
    connect({}, "15.00");
    const id = await bench.write("Please refund $15 of order 1");
    const amount = { minor: 1_500, currency: "USD" };
    for (const money of ["some", "none"] as const)
      assert.equal((await bench.listed("open", { money })).length, money === "some" ? 1 : 0);
    const [planned] = (await bench.card(id)).proposal?.actions ?? [];
    const arrived = SystemArguments.parse(planned?.action.arguments).money?.order.deliveredOn;
    const text = `It arrived on ${arrived ?? "?"}, and not on 2020-01-01.`;
    await bench.press("edit", id, undefined, { edit: { text, amount: null } });
    const { card } = await bench.card(id);
    assert.equal(card.draft?.text, text);
    assert.deepEqual(card.draft?.marks, ["2020-01-01"]);
    await bench.press("reject", id);
    const found = await bench.at(undecidedDifferences, new Date(0));
    assert.deepEqual(
      found.map(({ content: { action } }) => [action?.operation, action?.from]).at(0),
      ["refund_there", amount],
    );
    const cards = await bench.at(cardsUnderRule, "refund_there.usual");
    assert.deepEqual(
      cards.map((one) => one.amount),
      [amount],
    );
  });

  test("its order makes one case of two conversations, of which only one names it in words", async () => {
    bench.rule({ replyAutonomy: () => "draft" });
    connect({}, "15.00");
    const first = await bench.write("It came broken. I want my money back", { thread: "m1" });
    const named = sql`select jsonb_array_elements_text(orders) from case_member where conversation_id = ${first}`;
    assert.deepEqual(await bench.column(named), ["1"]);
    bench.answer(() => replying("We look into it."));
    const second = await bench.write("Where is the money for order 1?", {
      channel: "chat",
      thread: "c1",
      message: ANN_IN_CHAT,
    });
    assert.equal(await bench.pending(first), null);
    assert.notEqual(await bench.pending(second), null);
  });

  test("the policy's amounts hold for it: a small one is made at once", async () => {
    connect({}, "5.00");
    const id = await bench.write("Please refund $5 of order 1");
    await bench.passes(2, 10_000);
    assert.equal(await bench.pending(id), null);
    assert.deepEqual(
      shop.booked.map(({ amount }) => amount),
      ["5.00"],
    );
  });

  test("an answer of success that proves nothing is told to no customer: a person looks", async () => {
    shop.instead = { id: null, order: "1", amount: "120.00" };
    connect();
    const id = await bench.write("Please refund order 1, all of it");
    const key = (await bench.pending(id))?.proposal?.actions[0]?.key ?? "";
    await bench.press("approve", id);
    await bench.passes(6, 10_000);
    assert.equal(await state(key), "unknown");
    assert.deepEqual(
      bench.replies().filter((text) => /on its way/.test(text)),
      [],
    );
  });

  test("where nothing can tell what happened, a person decides even what a rule allows, and a doubt is told", async () => {
    connect({ find: { by: "nothing", because: "it keeps no list" } }, "5.00");
    const id = await bench.write("Please refund $5 of order 1");
    const card = await bench.pending(id);
    assert.match(JSON.stringify(card?.card.actions), /refund_there\.unfindable/);
    standIn().fail({ kind: "lost" }, isChange);
    await bench.press("approve", id);
    await bench.passes(6, 10_000);
    assert.equal(shop.booked.length, 1);
    assert.equal(await state(card?.proposal?.actions[0]?.key ?? ""), "unknown");
    assert.deepEqual(
      bench.replies().filter((text) => /on its way/.test(text)),
      [],
    );
  });
});
