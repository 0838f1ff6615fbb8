/** The sums behind docs/sizing.md, and that the page holds what the command writes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { costsOnPage } from "#test/bench/sizing/page.ts";
import { Assumptions, sizeFor } from "#test/bench/sizing/sizing.ts";

const docs = (file: string): string =>
  readFileSync(join(import.meta.dirname, "../../docs", file), "utf8");

const assumed = Assumptions.parse({ bytesPerConversation: 10_000, auditPerConversation: 3 });
const costs = costsOnPage(docs("performance.md"));

test("the costs of every channel are read from the page the benchmark wrote", () => {
  assert.deepEqual(Object.keys(costs).toSorted(), ["chat", "mail", "slack", "zendesk"]);
  for (const { workerMs, commits } of Object.values(costs)) assert.ok(workerMs > 1 && commits > 1);
  assert.throws(() => costsOnPage("# another page"), /no table/);
});

test("an installation that is asked more is never smaller, and what it keeps grows as the questions do", () => {
  const perDay = fc.integer({ min: 1, max: 20_000_000 });
  fc.assert(
    fc.property(perDay, perDay, (one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)].map((count) =>
        sizeFor(count, costs, assumed, null),
      );
      assert.ok(less !== undefined && more !== undefined);
      assert.ok(less.machines <= more.machines && less.connections <= more.connections);
      assert.ok(less.databaseCores <= more.databaseCores);
      assert.ok(Math.abs(more.gigabytesKept - (more.perDay * 10_000 * 90) / 1e9) < 1e-6);
    }),
  );
});

test("what stops being true is said, and a channel nobody measured is refused", () => {
  assert.deepEqual(sizeFor(1_000, costs, assumed, null).limits, []);
  // Whatever a machine measured, so many conversations take more connections than one database has.
  assert.match(sizeFor(100_000_000, costs, assumed, null).limits.join("\n"), /PgBouncer/);
  assert.match(
    sizeFor(10_000_000, costs, { ...assumed, sealedPerSecond: 100 }, null).limits.join("\n"),
    /seals the audit/,
  );
  assert.throws(
    () => sizeFor(1, costs, { ...assumed, shares: { fax: 1 } }, null),
    /no channel fax/,
  );
  assert.throws(() => sizeFor(1, costs, { ...assumed, shares: { chat: 0.5 } }, null), /add up/);
});
