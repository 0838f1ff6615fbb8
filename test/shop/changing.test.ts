import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { refundKey, type Action } from "#core/values/action.ts";
import type { DeskhandError } from "#core/values/errors.ts";
import {
  deadUrl,
  failsWith,
  foundAfterLostAnswers,
  open,
  signal,
  withAnswers,
  withShop,
} from "./shop-under-test.ts";

/** So much of what order 789 cost, in cents. */
function refundOf(minor: number): Action {
  const amount = { minor, currency: "USD" };
  const given = { orderId: "789", amount, reason: "broken headphones" };
  return { target: "shop", operation: "refund", arguments: given };
}
const refund789 = refundOf(12_000);
const moveOrder456: Action = {
  target: "shop",
  operation: "change_address",
  arguments: { orderId: "456", address: "1 New Street, Springfield, OR 97477, US" },
};
const resetAnn: Action = {
  target: "shop",
  operation: "reset_password",
  arguments: { customerId: "u123" },
};

describe("changing the shop", () => {
  test("the same refund committed again and again is one refund", async () => {
    await withShop(async ({ target, effects, reads }) => {
      const first = await target.commit(refund789, "refund:789:0", signal);
      const again = await Promise.all(
        Array.from(
          { length: 5 },
          async () => await target.commit(refund789, "refund:789:0", signal),
        ),
      );
      for (const committed of again) assert.deepEqual(committed, first);
      assert.deepEqual(await effects(), ["refund_created"]);
      const order = await reads.order("789", signal);
      assert.deepEqual(
        order?.refunds.map(({ id, amount, key }) => ({ id, amount, key })),
        [{ id: first.ref, amount: { minor: 12_000, currency: "USD" }, key: "refund:789:0" }],
      );
    });
  });

  test("every operation is found by its key when its answer was lost, and absent before", async () => {
    await foundAfterLostAnswers(
      [refund789, moveOrder456, resetAnn],
      ["refund_created", "address_changed", "password_reset_sent"],
    );
  });

  test("a refund that the shop took too long to answer is uncertain, and repeating it is still one refund", async () => {
    await withShop(
      async ({ target, fault, clearFaults, effects }) => {
        await fault({ fault: "slow", delay_ms: 6_000 });
        await assert.rejects(target.commit(refund789, "k", signal), failsWith("shop.uncertain"));
        await clearFaults();
        await target.commit(refund789, "k", signal);
        assert.deepEqual(await effects(), ["refund_created"]);
      },
      { timeoutMs: 2_000 },
    );
  });

  test("what the shop refuses is final and carries its reason; nothing was done", async () => {
    await withShop(async ({ target, fault, effects }) => {
      await assert.rejects(
        target.commit(refundOf(12_001), "k1", signal),
        failsWith("shop.refused", /at most 120\.00/),
      );
      await fault({ fault: "refuse_refunds", times: 1 });
      await assert.rejects(
        target.commit(refund789, "k2", signal),
        failsWith("shop.refused", /provider refused/),
      );
      const shipped = { ...moveOrder456, arguments: { ...moveOrder456.arguments, orderId: "123" } };
      await assert.rejects(
        target.commit(shipped, "k3", signal),
        failsWith("shop.refused", /left the warehouse/),
      );
      assert.deepEqual(await target.find(refund789, "k2", signal), { state: "absent" });
      assert.deepEqual(await effects(), []);
    });
  });

  test("a key used for another amount is refused, and finding it does not call it done", async () => {
    await withShop(async ({ target, effects }) => {
      await target.commit(refundOf(6_000), "k", signal);
      await assert.rejects(target.commit(refund789, "k", signal), failsWith("shop.refused"));
      assert.equal((await target.find(refund789, "k", signal)).state, "unknowable");
      assert.deepEqual(await effects(), ["refund_created"]);
    });
  });

  test("a shop that is down or unreachable before the call has done nothing, and cannot tell of earlier ones", async () => {
    await withShop(async ({ target, fault, effects, clearFaults }) => {
      await fault({ fault: "down" });
      await assert.rejects(target.commit(refund789, "k", signal), failsWith("shop.unavailable"));
      await assert.rejects(target.find(refund789, "k", signal), failsWith("shop.unavailable"));
      await assert.rejects(target.find(resetAnn, "k", signal), failsWith("shop.unavailable"));
      await clearFaults();
      assert.deepEqual(await effects(), []);
      const gone = open(await deadUrl());
      await assert.rejects(
        gone.target.commit(refund789, "k", signal),
        failsWith("shop.unavailable"),
      );
      await assert.rejects(gone.target.find(refund789, "k", signal), failsWith("shop.unavailable"));
    });
  });

  test("a gateway's error page says nothing about the effect behind it", async () => {
    for (const status of [500, 502, 503, 504]) {
      await withAnswers(
        () => ({ status, body: "<html>" }),
        async (url) => {
          await assert.rejects(
            open(url).target.commit(refund789, "k", signal),
            failsWith("shop.uncertain"),
          );
        },
      );
    }
    await withAnswers(
      () => ({ status: 404, body: "<html>" }),
      async (url) => {
        const { target } = open(url);
        assert.equal((await target.find(resetAnn, "k", signal)).state, "unknowable");
        assert.equal((await target.find(refund789, "k", signal)).state, "unknowable");
      },
    );
    await withAnswers(
      () => ({ status: 302, body: "", headers: { Location: "/elsewhere" } }),
      async (url, calls) => {
        await assert.rejects(
          open(url).target.commit(refund789, "k", signal),
          failsWith("shop.refused"),
        );
        assert.equal(calls.length, 1);
      },
    );
    await withAnswers(
      () => ({ status: 429, body: "", headers: { "Retry-After": "7" } }),
      async (url) => {
        await assert.rejects(
          open(url).target.commit(refund789, "k", signal),
          (error: DeskhandError) => {
            assert.equal(error.retryAfterMs, 7_000);
            return failsWith("shop.unavailable")(error);
          },
        );
      },
    );
  });

  test("a request that meets its own first attempt may still be done", async () => {
    // A shop that is still at the first request under a key answers the second so (the IETF's draft, section 2.6).
    const error = { code: "in_progress", message: "a request with this key is under way" };
    await withAnswers(
      () => ({ status: 409, body: JSON.stringify({ error }) }),
      async (url) => {
        await assert.rejects(
          open(url).target.commit(refund789, "k", signal),
          failsWith("shop.uncertain"),
        );
      },
    );
  });

  test("another refund of the order, or another 404, is not taken for the answer", async () => {
    const other = { id: "re_1", currency: "USD", idempotency_key: "other" };
    for (const amount of [5, 120])
      await withAnswers(
        () => ({
          status: 200,
          body: JSON.stringify([{ ...other, amount, created_at: "2026-11-01" }]),
        }),
        async (url) => {
          const found = await open(url).target.find(refund789, refundKey("789", 0), signal);
          assert.deepEqual(found, { state: "absent" });
        },
      );
    await withAnswers(
      () => ({ status: 404, body: '{"error":{"code":"not_found","message":"no such address"}}' }),
      async (url) => {
        const { target } = open(url);
        assert.equal((await target.find(resetAnn, "k", signal)).state, "unknowable");
      },
    );
  });

  test("a receipt about another order or amount contradicts what was asked, one that cannot be read leaves it open", async () => {
    const receipt = { id: "re_1", order_id: "789", amount: 120, currency: "USD" };
    const other = [{ order_id: "790" }, { amount: 12 }, { currency: "EUR" }];
    const cases = [
      ...other.map((part) => ({
        body: { ...receipt, ...part },
        code: "shop.contradicted" as const,
      })),
      ...[{ ...receipt, amount: 120.001 }, {}, "ok"].map((body) => ({
        body,
        code: "shop.uncertain" as const,
      })),
    ];
    for (const { body, code } of cases) {
      await withAnswers(
        () => ({ status: 201, body: JSON.stringify(body) }),
        async (url) => {
          await assert.rejects(open(url).target.commit(refund789, "k", signal), failsWith(code));
        },
      );
    }
  });

  test("in a shop that minds no keys a refund whose answer was lost is found by its amount, and counted from when it was proposed", async () => {
    await withShop(async ({ target, fault, effects }) => {
      await fault({ fault: "ignores_keys" });
      for (const count of [0, 1]) {
        const key = refundKey("789", count);
        assert.deepEqual(await target.find(refundOf(500), key, signal), { state: "absent" });
        await fault({ fault: "lost_response", times: 1 });
        await assert.rejects(
          target.commit(refundOf(500), key, signal),
          failsWith("shop.uncertain"),
        );
        assert.equal((await target.find(refundOf(500), key, signal)).state, "done");
      }
      // The two of 5.00 came after the first was proposed, so it cannot be said which of them is whose.
      assert.equal(
        (await target.find(refundOf(500), refundKey("789", 0), signal)).state,
        "unknowable",
      );
      assert.equal((await target.find(refundOf(700), refundKey("789", 0), signal)).state, "absent");
      assert.equal((await target.find(refundOf(500), "a key of ours", signal)).state, "unknowable");
      assert.deepEqual(await effects(), ["refund_created", "refund_created"]);
    });
  });

  test("in a shop that ignores keys a new address is found on the order", async () => {
    await withShop(async ({ target, fault, effects }) => {
      await fault({ fault: "ignores_keys" });
      assert.deepEqual(await target.find(moveOrder456, "k", signal), { state: "absent" });
      await fault({ fault: "lost_response", times: 1 });
      await assert.rejects(target.commit(moveOrder456, "k", signal), failsWith("shop.uncertain"));
      assert.equal((await target.find(moveOrder456, "k", signal)).state, "done");
      assert.deepEqual(await effects(), ["address_changed"]);
    });
  });

  test("keys of any length and script work, and different keys stay different", async () => {
    await withShop(async ({ target, effects }) => {
      const keys = ["refund ünïcode with spaces", "x".repeat(400), `${"x".repeat(400)}y`];
      for (const [index, key] of keys.entries()) {
        const action = refundOf(100 + index);
        const committed = await target.commit(action, key, signal);
        assert.deepEqual(await target.find(action, key, signal), { state: "done", committed });
      }
      assert.equal((await effects()).length, 3);
    });
  });

  test("the reset link is in no answer, only in the shop's own mail to the address on file", async () => {
    await withShop(async ({ target, mails }) => {
      const committed = await target.commit(resetAnn, "k", signal);
      assert.doesNotMatch(JSON.stringify(committed), /http|token|customer\.test/);
      const deadline = Date.now() + 2_000;
      while (mails.length === 0 && Date.now() < deadline) await new Promise(setImmediate);
      assert.deepEqual(
        mails.map(({ to }) => to),
        ["ann@customer.test"],
      );
    });
  });

  test("an operation the shop does not have, or arguments of another shape, never leave the process", async () => {
    await withAnswers(
      () => ({ status: 201, body: "{}" }),
      async (url, calls) => {
        const { target } = open(url);
        assert.deepEqual(target.supports.slice(0, 3), [
          "refund",
          "change_address",
          "reset_password",
        ]);
        for (const operation of ["close_account", "constructor", "__proto__"])
          await assert.rejects(
            target.commit({ target: "shop", operation, arguments: {} }, "k", signal),
            failsWith("channel.unsupported"),
          );
        const odd = { ...refund789, arguments: { ...refund789.arguments, account: "u456" } };
        await assert.rejects(target.commit(odd, "k", signal), failsWith("shop.refused"));
        const dots = { ...refund789, arguments: { ...refund789.arguments, orderId: ".." } };
        await assert.rejects(target.commit(dots, "k", signal), failsWith("shop.refused"));
        assert.deepEqual(calls, []);
      },
    );
  });

  test("a commit whose turn was stopped before it began has done nothing", async () => {
    await withShop(async ({ target, effects }) => {
      await assert.rejects(
        target.commit(refund789, "k", AbortSignal.abort()),
        failsWith("shop.unavailable"),
      );
      assert.deepEqual(await effects(), []);
    });
  });
});
