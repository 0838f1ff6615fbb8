/** What an edit of a card may change: only the edited action, and never the policy's decision on the others. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { RefundArguments, ReplyArguments, type PlannedAction } from "#core/values/action.ts";
import { IdentityLevel } from "#core/values/identity.ts";
import { DAY_MS } from "#core/values/moment.ts";
import { confirmText } from "#core/contracts/card-sections.ts";
import type { Approvers } from "#core/contracts/policy.ts";
import type { DecidedAction } from "#core/contracts/agent.ts";
import { bundleApprovers, rulesOfActions, sealFor } from "#jobs/approval/seal.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { loadPolicy, type LoadedPolicy } from "#policy/load-policy.ts";
import { changeApproval, loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { LEA } from "#test/jobs/customers.ts";
import { decidedByMail, refundOfOrder, replying } from "#test/jobs/turn-results.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import { runs } from "#test/support/tiers.ts";

const SANDBOX = readFileSync(SANDBOX_POLICY, "utf8");
const CAREFUL: Approvers = { count: 2, leads: 1, fourEyes: true };
const EASY: Approvers = { count: 1, leads: 0 };

/** The policy of the sandbox, with other people asked for each operation. */
function policyAsking(asked: { readonly address: Approvers; readonly refund: Approvers }) {
  const inYaml = ({ count, leads, fourEyes }: Approvers): string =>
    `approvers: { count: ${count}, leads: ${leads}, four_eyes: ${fourEyes === true} }`;
  const { count, leads } = asked.refund;
  // A larger refund may not be easier than a smaller one.
  const large = { ...asked.refund, count: Math.max(2, count), leads: Math.max(1, leads) };
  const text = SANDBOX.replace("approvers: { count: 2, leads: 1 }", inYaml(large))
    .replace("approvers: { count: 1, leads: 0 }", inYaml(asked.refund))
    .replace(
      "before_shipping: true\n        reason",
      `before_shipping: true\n        ${inYaml(asked.address)}\n        reason`,
    );
  return loadPolicy(text, "test.yaml");
}

onDesk("an edit of a card", (bench) => {
  const planned = async (
    operation: "refund" | "change_address",
    orderId: string,
    minor: number,
  ): Promise<PlannedAction> => {
    const { planned: refund } = await refundOfOrder(bench.shop, minor, { orderId });
    if (operation === "refund") return refund;
    const given = { orderId, address: "7 Elm Street, 12345 Town" };
    return {
      ...refund,
      key: `${operation}:shop:${orderId}:0`,
      action: { target: "shop", operation, arguments: given },
      label: `Change the address of order ${orderId}`,
    };
  };

  const decide = (one: PlannedAction, level: IdentityLevel) =>
    decidedByMail(bench.parts, one, { level });

  const decided = async (one: PlannedAction): Promise<DecidedAction> => ({
    planned: one,
    origin: { asked: true, unproven: [] },
    decision: await decide(one, 2),
  });

  /** A card about these actions; gives its conversation. */
  const asks = async (policy: LoadedPolicy, actions: readonly PlannedAction[], thread = "t1") => {
    bench.rule(policy);
    const all: DecidedAction[] = [];
    for (const one of actions) all.push(await decided(one));
    bench.answer(() => replying("We do as you asked.", { actions: all }));
    return bench.write("Please do all of this", { thread });
  };

  const save = (conversation: string, text: string, amount: string | null, who?: string) =>
    bench.press("edit", conversation, who, { edit: { text, amount } });

  test("of a refund's amount leaves an address change in front of it as careful as it was", async () => {
    const conversation = await asks(policyAsking({ address: CAREFUL, refund: EASY }), [
      await planned("change_address", "456", 0),
      await planned("refund", "789", 12_000),
    ]);
    assert.equal((await save(conversation, "119.00 it is.", "119.00")).accepted, true);
    const edited = await bench.card(conversation);
    assert.deepEqual(bundleApprovers(edited.rules, 1), CAREFUL);
    assert.deepEqual(
      edited.rules.map(({ rule }) => rule),
      ["change_address.before_shipping", "refund.usual", "reply.email.draft"],
    );
    assert.match(edited.card.progress, /^0 of 2 approved, a lead is still missing; not by /);
    await bench.press("approve", conversation);
    await bench.pass(60_000);
    assert.deepEqual([...bench.made("change_address"), ...bench.made("refund")], []);

    await bench.press("approve", conversation, "dana@ourshop.test");
    await bench.press("approve", conversation, "lea@ourshop.test");
    await bench.pass(60_000, 4);
    const [moved, refunded] = [...bench.made("change_address"), ...bench.made("refund")];
    assert.equal(moved?.action.arguments["orderId"], "456");
    assert.deepEqual(refunded?.action.arguments["amount"], { minor: 11_900, currency: "USD" });
    assert.deepEqual(bench.replies(), ["119.00 it is."]);
  });

  test("of a refund's amount goes neither past what is left of the order nor past what the editor may approve", async () => {
    const asking = policyAsking({ address: CAREFUL, refund: EASY });
    const wide = await asks(asking, [await planned("refund", "789", 3_000)]);
    const refused = async (id: string, amount: string): Promise<string> =>
      (await save(id, "It is yours.", amount)).fieldErrors["amount"] ?? "";
    assert.match(await refused(wide, "120.01"), /At most 120\.00 USD .* can still be refunded/);
    bench.shop.goDown();
    assert.match((await save(wide, "Half of it.", "15.00")).message, /could not be .*Try again/);
    bench.shop.comeBack();
    assert.equal((await bench.card(wide)).version, 1);

    const limited = `${SANDBOX}\nrole_limits: { support: { refund: { up_to: 50.00 } } }\n`;
    const small = await planned("refund", "1001", 3_000);
    const conversation = await asks(loadPolicy(limited, "test.yaml"), [small], "t2");
    assert.match(await refused(conversation, "80.00"), /50\.00 USD/);
    assert.equal(
      (await bench.card(conversation)).card.actions[0]?.label,
      "Refund 30.00 USD, order 1001",
    );
    bench.shop.refund("1001", 500);
    const lead = await save(conversation, "80.00 are yours.", "80.00", "lea@ourshop.test");
    assert.equal(lead.accepted, true);
    // It is the second refund of the order by now.
    assert.equal((await bench.card(conversation)).proposal?.actions[0]?.key, "refund:shop:1001:1");
  });

  test("of a refund's amount counts days as of the request, as an approval does", async () => {
    const order = await bench.shop.order("789", AbortSignal.timeout(PATIENCE_MS));
    const since = bench.now().getTime() - Date.parse(order?.deliveredOn ?? "");
    const days = `after_days: ${Math.floor(since / DAY_MS)}`;
    const lastDay = loadPolicy(SANDBOX.replace("after_days: 30", days), "test.yaml");
    const waits = { expiresAt: (at: Date) => new Date(at.getTime() + 2 * DAY_MS) };
    const id = await asks({ ...lastDay, ...waits }, [await planned("refund", "789", 3_000)]);
    bench.skip(DAY_MS);
    const saved = await save(id, "20.00 are yours.", "20.00");
    assert.deepEqual([saved.accepted, saved.fieldErrors], [true, {}]);
  });

  test("keeps the question before an address is changed, and asks one before a text with warnings is sent", async () => {
    const address = await asks(policyAsking({ address: EASY, refund: EASY }), [
      await planned("change_address", "456", 0),
    ]);
    const asked = async (id: string) => confirmText((await bench.card(id)).card);
    const confirm = await asked(address);
    assert.match(confirm, /^Change the address of order 456\. Customer: .* Do it\?$/);
    await save(address, "It goes there now.", null);
    assert.equal(await asked(address), confirm);

    const reply = await asks(policyAsking({ address: CAREFUL, refund: CAREFUL }), [], "t2");
    assert.equal(await asked(reply), "");
    await save(reply, "You get 77.00 USD on 1 March.", null);
    assert.match(await asked(reply), /has warnings/);
    await save(reply, "We do as you asked.", null);
    assert.equal(await asked(reply), "");
  });

  test("with more than a question can hold, says how many actions there are", async () => {
    const long = await Promise.all(
      ["123", "456", "789", "790"].map(async (order) => {
        const one = await planned("change_address", order, 0);
        return { ...one, label: `${one.label}, ${"as written. ".repeat(9)}` };
      }),
    );
    const conversation = await asks(policyAsking({ address: EASY, refund: CAREFUL }), long);
    const confirm = confirmText((await bench.card(conversation)).card);
    assert.match(confirm, /^4 actions, as the card lists them\. Customer: .* Do it\?$/);
  });

  test("of the text alone leaves both refunds of a card as they were, and each is booked once", async () => {
    const conversation = await asks(policyAsking({ address: CAREFUL, refund: EASY }), [
      await planned("refund", "1003", 800),
      await planned("refund", "1001", 90_000),
    ]);
    const before = await bench.card(conversation);
    const form = await deskHandler(bench.parts).editForm(before.id, before.version, LEA);
    assert.ok("amount" in form);
    assert.deepEqual([form.amount, form.order], ["8.00", "1003"]);
    await save(conversation, "8.00 and 900.00 are on their way.", form.amount);
    const edited = await bench.card(conversation);
    assert.deepEqual(edited.rules, before.rules);
    assert.deepEqual(
      edited.card.actions.map(({ label }) => label),
      before.card.actions.map(({ label }) => label),
    );
    await bench.press("approve", conversation);
    await bench.press("approve", conversation, "lea@ourshop.test");
    await bench.pass(60_000, 4);
    assert.deepEqual(
      bench
        .made("refund")
        .map(({ action }) => RefundArguments.parse(action.arguments).amount.minor),
      [800, 90_000],
    );
  });

  const approvers = fc
    .record({ count: fc.integer({ min: 1, max: 3 }), leads: fc.integer({ min: 0, max: 2 }) })
    .map(({ count, leads }) => ({ count, leads: Math.min(count, leads) }));
  const asked = fc
    .tuple(approvers, fc.boolean())
    .map(([of, four]): Approvers => (four ? { ...of, fourEyes: true } : of));
  const ORDERS = { "789": 12_000, "1001": 90_000, "1002": 900, "1003": 800 } as const;
  const kinds = fc.shuffledSubarray(
    ["456", ...(["789", "1001", "1002", "1003"] as const)] as const,
    { minLength: 1 },
  );
  const typed = fc.array(
    fc.record({
      text: fc.constantFrom("One.", "Two.", "Three."),
      percent: fc.option(fc.integer({ min: 1, max: 110 })),
      who: fc.constantFrom("sam@ourshop.test", "lea@ourshop.test"),
    }),
    { minLength: 1, maxLength: 4 },
  );

  test("one after another: each action is there once, only what was edited is another one, and the most careful rule holds", async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(asked, asked, kinds, typed, async (address, refund, orders, edits) => {
        const actions: PlannedAction[] = [];
        for (const order of orders)
          actions.push(
            order === "456"
              ? await planned("change_address", order, 0)
              : await planned("refund", order, ORDERS[order]),
          );
        const policy = policyAsking({ address, refund });
        const conversation = await asks(policy, actions, `t${(count += 1)}`);
        // What policy alone allows never asks a person.
        const first = await bench.pending(conversation);
        if (first === null) return;
        let before = first;
        for (const { text, percent, who } of edits) {
          const offered = orders.find((order) => order !== "456");
          const amount =
            percent === null || offered === undefined
              ? null
              : ((ORDERS[offered] * percent) / 10_000).toFixed(2);
          const { accepted } = await save(conversation, text, amount, who);
          const after = await bench.card(conversation);
          assert.equal(after.version, before.version + (accepted ? 1 : 0));
          assertOnlyEdited(before, after, { text, amount, accepted });
          await assertCareful(after);
          before = after;
        }
      }),
      { numRuns: runs(25) },
    );
  });

  function assertOnlyEdited(
    before: Approval,
    after: Approval,
    edit: { readonly text: string; readonly amount: string | null; readonly accepted: boolean },
  ): void {
    const old: readonly PlannedAction[] = before.proposal?.actions ?? [];
    const now: readonly PlannedAction[] = after.proposal?.actions ?? [];
    assert.deepEqual(
      now.map(({ key }) => key),
      old.map(({ key }) => key),
    );
    const offered = old.find(({ action }) => action.operation === "refund");
    for (const [index, one] of now.entries()) {
      const was = old[index];
      if (edit.accepted && one.action.operation === "reply")
        assert.equal(ReplyArguments.parse(one.action.arguments).text, edit.text);
      else if (edit.accepted && edit.amount !== null && was === offered)
        assert.equal(
          (RefundArguments.parse(one.action.arguments).amount.minor / 100).toFixed(2),
          edit.amount,
        );
      else {
        assert.deepEqual(one, was);
        assert.deepEqual(after.rules[index], before.rules[index]);
      }
    }
  }

  async function assertCareful(approval: Approval): Promise<void> {
    assert.ok(
      approval.proposal !== null && rulesOfActions(approval.proposal, approval.rules) !== null,
    );
    const needs = bundleApprovers(approval.rules, 1);
    assert.deepEqual(approval.needs, needs);
    for (const one of approval.proposal.actions) {
      if (one.action.operation === "reply") continue;
      const level = IdentityLevel.parse(approval.card.requester.level);
      const { approvers: wanted } = await decide(one, level);
      assert.ok(needs.count >= wanted.count && needs.leads >= wanted.leads, one.label);
      assert.ok(wanted.fourEyes !== true || needs.fourEyes === true, one.label);
    }
  }

  test("that was stored by an older version under the rule of another action is neither approved nor carried out", async () => {
    const policy = policyAsking({ address: CAREFUL, refund: EASY });
    for (const when of ["before the click", "after it"] as const) {
      const conversation = await asks(
        policy,
        [await planned("change_address", "456", 0), await planned("refund", "789", 12_000)],
        when,
      );
      const { id } = await bench.card(conversation);
      const misplace = () =>
        bench.parts.store.run(async (transaction) => {
          const approval = await loadApproval(transaction, id);
          const [, refund, reply] = approval?.rules ?? [];
          assert.ok(approval !== null && refund !== undefined && reply !== undefined);
          const rules = [refund, refund, reply];
          const seal = sealFor(approval.proposal, approval.revision, rules);
          assert.equal(
            await changeApproval(transaction, approval, { rules, seal }, bench.now()),
            true,
          );
        });
      bench.answer(() => replying("A fresh draft."));
      if (when === "before the click") {
        await misplace();
        const { message } = await bench.press("approve", conversation);
        assert.match(message, /its rules are not about what it would do/);
      } else {
        await bench.press("approve", conversation, "dana@ourshop.test");
        await bench.press("approve", conversation, "lea@ourshop.test");
        await misplace();
      }
      await bench.pass(60_000, 4);
      assert.deepEqual([...bench.made("change_address"), ...bench.made("refund")], [], when);
    }
  });

  test("to what a reader does not see and nothing else is an empty reply", async () => {
    const conversation = await asks(policyAsking({ address: CAREFUL, refund: CAREFUL }), []);
    for (const [name, text] of [
      ["a space without width", "\u200B\u2060"],
      ["a soft hyphen", "\u00AD\n"],
      ["tags", "\u{E0041}\u{E0042}"],
      ["a letter that is drawn as nothing", "\u3164"],
      ["an empty pattern of Braille", "\u2800 \u2800"],
      ["marks without a letter", "\u0301\uFE0F"],
    ] as const) {
      const answer = await save(conversation, text, null);
      assert.deepEqual(answer.fieldErrors, { text: "The reply must not be empty." }, name);
    }
    assert.equal((await bench.card(conversation)).version, 1);
  });
});
