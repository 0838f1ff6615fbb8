/** Changes of the policy as rows: one in force, one that waits, and no decision lost. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import {
  insertPolicyChange,
  newestChange,
  POLICY_CARDS,
  type PolicyChange,
  recentPolicyChanges,
  takeStalePolicyCards,
  updatePolicyChange,
} from "#store/policy/policy-changes.ts";
import { forgetAllPosts, recordPosted } from "#store/approvals/card-posting.ts";
import { later, NOW, onEveryDatabase, type StoreBench } from "#test/store/bench.ts";

type Row = Parameters<typeof insertPolicyChange>[1];

/** The desk shows the first revision. */
const SHOWN = { shownRevision: 1 };

const postedAt = ({ id }: PolicyChange) => ({ id, deskRef: "C1:1" });

onEveryDatabase("policy changes", (bench) => {
  beforeEach(() => bench.execute(sql`delete from policy_change`));

  function rowOf(changes: Partial<Row> = {}): Row {
    return {
      id: bench.id("policy"),
      source: "file",
      version: "v1",
      text: "currency: USD\n",
      state: "proposed",
      relaxations: ["operations.refund: more"],
      differences: ["operations.refund.rules.usual.up_to: 200 → 500"],
      needs: { count: 2, leads: 2 },
      proposedAt: NOW,
      activeSince: null,
      expiresAt: later(60_000),
      closing: "",
      ...changes,
    };
  }

  async function inserted(changes: Partial<Row> = {}, told = true): Promise<PolicyChange> {
    const row = rowOf(changes);
    await bench.run(insertPolicyChange, row, told);
    return stored(bench, row.id);
  }

  test("of twenty decisions at the same moment exactly one counts", async () => {
    const change = await inserted();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        bench.run(updatePolicyChange, change, { closing: `decision ${index}` }),
      ),
    );
    assert.equal(results.filter(Boolean).length, 1);
    assert.equal((await stored(bench, change.id)).revision, 2);
  });

  test("what was never told is not told later either; a desk that forgets gets what waits again", async () => {
    const first = await inserted({ state: "active", activeSince: NOW }, false);
    await bench.run(updatePolicyChange, first, { closing: "over" });
    assert.deepEqual(await bench.run(takeStalePolicyCards, NOW), []);
    const waiting = await inserted();
    await bench.run(recordPosted, POLICY_CARDS, postedAt(waiting), SHOWN);
    await bench.run(forgetAllPosts, POLICY_CARDS);
    const again = await bench.run(takeStalePolicyCards, NOW);
    assert.deepEqual(
      again.map(({ id, deskRef }) => [id, deskRef]),
      [[waiting.id, null]],
    );
  });

  test("the console is shown what waits and what is news, but not what was never told", async () => {
    await inserted({ state: "active", activeSince: NOW, relaxations: [], differences: [] }, false);
    const old = await inserted({ state: "rejected", proposedAt: later(-10_000) });
    const fresh = await inserted({ state: "rejected", proposedAt: later(10_000) });
    const waiting = await inserted({ proposedAt: later(-20_000) });
    const shown = await bench.run(recentPolicyChanges, NOW);
    assert.deepEqual(
      shown.map(({ id }) => id),
      [fresh.id, waiting.id],
    );
    assert.ok(!shown.some(({ id }) => id === old.id));
  });
});

async function stored(bench: StoreBench, id: string): Promise<PolicyChange> {
  const found = await bench.run(newestChange, { id });
  assert.ok(found);
  return found;
}
