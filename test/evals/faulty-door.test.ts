import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { ToolFault } from "#evals/harness/faulty-door.ts";
import { caseClock } from "#evals/harness/clock.ts";
import { openResettableShop, type ResettableShop } from "#evals/harness/shop.ts";

let shop: ResettableShop;
const folder = mkdtempSync(join(tmpdir(), "deskhand-door-"));
before(async () => {
  shop = await openResettableShop(folder, caseClock());
});
after(async () => {
  await shop.close();
  rmSync(folder, { recursive: true });
});

/** The answer's status and text; null where the line was cut. */
async function ask(path: string, body?: object): Promise<readonly [number, string] | null> {
  try {
    const response = await fetch(`${shop.url}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { Authorization: `Bearer ${shop.key}`, "Idempotency-Key": "key-1" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return [response.status, await response.text()];
  } catch {
    return null;
  }
}

const refund = () => ask("/orders/789/refunds", { amount: 20, currency: "USD", reason: "broken" });

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe("the door of the sample shop", () => {
  const paid = () => shop.journal().filter(({ effect }) => effect === "refund_created").length;

  for (const [fault, status, effects] of [
    ["timeout", null, 0],
    ["lost_answer", null, 1],
    ["error", 500, 0],
    ["error_after", 500, 1],
    ["slow", 201, 1],
    ["broken_json", 201, 1],
    ["not_found", 404, 0],
    ["rate_limited", 429, 0],
  ] as const)
    test(`${fault}: a refund is made ${effects} time(s)`, async () => {
      const faults: readonly ToolFault[] = [{ tool: "issue_refund", fault }];
      shop.restart({ faults });
      const answer = await refund();
      assert.equal(answer?.[0] ?? null, status);
      assert.equal(paid(), effects);
      if (answer !== null) assert.equal(isJson(answer[1]), fault !== "broken_json");
    });

  test("a restart forgets faults and what a case wrote into the records", async () => {
    shop.restart({
      faults: [{ tool: "any", fault: "error" }],
      records: [{ order: "456", item: "lamp of the case" }],
    });
    assert.equal((await ask("/orders/456"))?.[0], 500);
    shop.restart({ records: [{ order: "456", item: "lamp of the case" }] });
    assert.match((await ask("/orders/456"))?.[1] ?? "", /lamp of the case/);
    shop.restart({});
    assert.match((await ask("/orders/456"))?.[1] ?? "", /desk lamp/);
  });
});
