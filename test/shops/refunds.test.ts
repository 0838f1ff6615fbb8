/** Refunds by the ready-made shops under faults: none twice, none lost, none of a stranger's, and the right amount. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Action } from "#core/values/action.ts";
import type { ShopFault } from "#sandbox/shops/index.ts";
import { checkDeclaration } from "#systems/check-declaration.ts";
import { systemSettings } from "#config/secret.ts";
import { askOnce } from "#systems/ask-once.ts";
import { shownRequest } from "#systems/target.ts";
import { ANN, carriedOut, connected, LATE_MS, plannedIn, portsFor, SHORT_MS } from "./connected.ts";
import { READY_MADE, refundOf } from "./shops.ts";

const FAULTS: readonly ShopFault[] = [
  { kind: "lost" },
  { kind: "late", delayMs: LATE_MS },
  { kind: "failed-after", status: 500 },
  { kind: "failed-after", status: 502 },
  { kind: "refused-early" },
  { kind: "busy" },
];

/** What happens to the change, and to the first look for its outcome. */
const CASES: readonly (readonly [ShopFault, ShopFault | null])[] = [
  ...FAULTS.map((fault) => [fault, null] as const),
  ...FAULTS.map((fault) => [{ kind: "lost" }, fault] as const),
];

for (const shop of READY_MADE)
  describe(`refunds by ${shop.name}`, () => {
    test("the declarations pass every check", () => {
      const { tools } = shop;
      assert.deepEqual(
        tools.flatMap((tool) => checkDeclaration(tool, { declarations: tools, builtInTools: [] })),
        [],
      );
    });

    test("the customer sees their own, and another customer's is the same as none", async (context) => {
      const { looked, proposed } = await connected(context, shop);
      const seen = await looked();
      assert.match(seen, /"found":true/);
      for (const shown of ["1001", "1002", "1003", "1004"]) assert.match(seen, new RegExp(shown));
      assert.doesNotMatch(seen, /2001|bob|never shown/);
      const strange = await proposed({ ...shop.input("2001"), amount: null });
      assert.equal(strange.kind, "impossible");
      assert.deepEqual(strange, await proposed({ ...shop.input("9999"), amount: null }));
    });

    test("an amount arrives in the unit of the shop, whatever the currency's digits", async (context) => {
      const { running, target, proposed } = await connected(context, shop);
      const isMinor = refundOf(shop).money?.unit === "minor";
      for (const [order, amount, minor] of [
        ["1001", "25.05", "2505"],
        ["1001", null, "9495"],
        ["1002", "1000", "1000"],
        ["1003", "2.125", "2125"],
      ] as const) {
        const planned = plannedIn(await proposed({ ...shop.input(order), amount }));
        assert.equal((await carriedOut(target, planned)).state, "done");
        const booked = running.refunds().at(-1);
        assert.equal(booked?.amount, isMinor ? minor : (amount ?? "94.95"));
      }
      const more = await proposed({ ...shop.input("1002"), amount: "2001" });
      assert.match(JSON.stringify(more), /At most 2000 JPY/);
    });

    test("amounts are shown as money, and a refusal in words is a refusal, after which nothing was sent back", async (context) => {
      const { running, target, proposed, looked } = await connected(context, shop);
      const seen = await looked();
      assert.match(seen, /"120\.00 [A-Z]{3}"/);
      if (shop.name !== "shopify") return;
      const { action, key } = plannedIn(await proposed({ ...shop.input("1001"), amount: "25.00" }));
      const other = JSON.stringify(action).replace("OrderTransaction/1001", "OrderTransaction/1");
      const tampered = Action.parse(JSON.parse(other));
      await assert.rejects(target.commit(tampered, key, ANN.signal), {
        code: "system.refused",
        message: "Shopify said no: Order does not exist",
      });
      const again = { ...tampered, arguments: { ...action.arguments } };
      await assert.rejects(target.commit(again, key, ANN.signal), {
        code: "system.uncertain",
        message: /idempotency key was used/,
      });
      assert.equal(running.refunds().length, 0);
    });

    for (const [written, looked] of CASES)
      test(`moves the money once and knows it: ${written.kind}${looked === null ? "" : `, then ${looked.kind}`}`, async (context) => {
        const isLate = [written, looked].some((fault) => fault?.kind === "late");
        const { running, target, proposed } = await connected(
          context,
          shop,
          isLate ? SHORT_MS : undefined,
        );
        const planned = plannedIn(await proposed({ ...shop.input("1001"), amount: "25.00" }));
        running.fault("write", written);
        const ended = await carriedOut(target, planned, () => {
          if (looked !== null) running.fault("read", looked);
        });
        // WooCommerce deletes its record of what its payment company may have done.
        const isUnclear = shop.name === "woocommerce" && written.kind === "refused-early";
        assert.equal(ended.state, isUnclear ? "unknowable" : "done", JSON.stringify(ended));
        assert.equal(running.refunds().length, isUnclear ? 0 : 1);
        // Booked or found, it is called what the shop calls it.
        if (ended.state === "done") assert.equal(ended.committed.ref, running.refunds()[0]?.id);
      });

    if (shop.name === "woocommerce")
      test("a refund of which WooCommerce deleted its record goes to people and is never sent again", async (context) => {
        const { running, target, proposed } = await connected(context, shop);
        const planned = plannedIn(await proposed({ ...shop.input("1001"), amount: "25.00" }));
        running.hide("refunds");
        assert.equal((await carriedOut(target, planned)).state, "unknowable");
        assert.equal(running.refunds().length, 1);
      });

    if (shop.name === "woocommerce")
      test("a refund that the payment company has not carried out is not told as done", async (context) => {
        const { running, target, proposed } = await connected(context, shop);
        const planned = plannedIn(await proposed({ ...shop.input("1001"), amount: "25.00" }));
        running.hide("payments");
        running.fault("write", { kind: "lost" });
        assert.equal((await carriedOut(target, planned)).state, "unknowable");
        running.hide("nothing");
        assert.equal((await carriedOut(target, planned)).state, "done");
        assert.equal(running.refunds().length, 1);
      });

    test("people see the request with marks for secrets, and one question shows a wrong secret", async (context) => {
      const { running, proposed } = await connected(context, shop);
      const planned = plannedIn(await proposed({ ...shop.input("1001"), amount: "25.00" }));
      const shown = shownRequest(shop.tools, systemSettings(running.settings), planned) ?? "";
      assert.match(shown, new RegExp(`^POST ${running.url}`));
      assert.match(shown, shop.name === "stripe" ? /amount=2500/ : /"amount": "25\.00"/);
      for (const [name, value] of Object.entries(running.settings))
        if (!/_(?:ADDRESS|CLIENT_ID)$/.test(name)) assert.ok(!shown.includes(value), shown);
      assert.match(shown, /\[(?:a token for )?[A-Z_:]+\]/);
      assert.equal(running.refunds().length, 0);
      const problems = async (settings: Readonly<Record<string, string>>) => {
        const asked = await askOnce(shop.tools, portsFor(settings, shop.tools), ANN.signal);
        return asked.map(({ problem }) => problem?.message ?? "");
      };
      assert.deepEqual(await problems(running.settings), [""]);
      const wrong = Object.entries(running.settings).map(([name, value]) =>
        name.endsWith("_ADDRESS") ? [name, value] : [name, "wrong"],
      );
      assert.match((await problems(Object.fromEntries(wrong))).join(), /credentials/);
      assert.match((await problems({})).join(), /is not set/);
    });

    test("a second refund under the same key is not sent, whatever its amount", async (context) => {
      const { running, target, proposed } = await connected(context, shop);
      const first = plannedIn(await proposed({ ...shop.input("1001"), amount: "25.00" }));
      const other = plannedIn(await proposed({ ...shop.input("1001"), amount: "30.00" }));
      assert.equal(first.key, other.key);
      await carriedOut(target, first);
      // What it did under this key is another amount: nothing is sent, and no customer is told that 30.00 went back.
      await assert.rejects(carriedOut(target, other), { code: "system.contradicted" });
      assert.equal(running.refunds().length, 1);
    });
  });
