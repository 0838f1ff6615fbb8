/** Changes of the policy as rows: one in force, one that waits, and no decision lost. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import {
  activePolicy,
  insertPolicyChange,
  newestChange,
  POLICY_CARDS,
  type PolicyChange,
  recentPolicyChanges,
  supersedeActive,
  takeStalePolicyCards,
  updatePolicyChange,
} from "#store/policy/policy-changes.ts";
import { forgetAllPosts, recordPosted, recordPostFailed } from "#store/approvals/card-posting.ts";
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

  test("one of a source is in force and one waits; each source has its own", async () => {
    const active = await inserted({ state: "active", activeSince: NOW });
    const waiting = await inserted();
    const own = await inserted({ source: "built-in", state: "active", activeSince: NOW });
    await assert.rejects(inserted({ state: "active" }), /one_active/);
    await assert.rejects(inserted(), /one_proposed/);
    assert.equal((await bench.run(activePolicy, "file"))?.id, active.id);
    assert.equal(
      (await bench.run(newestChange, { source: "file", state: "proposed" }))?.id,
      waiting.id,
    );
    assert.equal((await bench.run(activePolicy, "built-in"))?.id, own.id);
    assert.equal(await bench.run(newestChange, { source: "built-in", state: "proposed" }), null);
    await bench.run(supersedeActive, "file");
    assert.equal(await bench.run(activePolicy, "file"), null);
    assert.equal((await bench.run(activePolicy, "built-in"))?.id, own.id);
    const newest = await inserted({ state: "rejected", proposedAt: later(1) });
    assert.equal((await bench.run(newestChange, { source: "file" }))?.id, newest.id);
  });

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

  test("a card is out of date until the desk shows the row as it is, and one process's at a time", async () => {
    const change = await inserted();
    const stale = async (at: Date): Promise<readonly string[]> =>
      (await bench.run(takeStalePolicyCards, at)).map(({ id }) => id);
    const claims = await Promise.all(Array.from({ length: 5 }, () => stale(NOW)));
    assert.deepEqual(claims.flat(), [change.id]);
    assert.deepEqual(await stale(later(31_000)), [change.id], "a claim lasts for ever");
    const show = () => bench.run(recordPosted, POLICY_CARDS, postedAt(change), SHOWN);
    await show();
    assert.deepEqual(await stale(later(90_000)), []);
    await bench.run(updatePolicyChange, change, { closing: "over" });
    await show();
    assert.deepEqual(await stale(later(90_000)), [change.id], "an old picture passed");
    const failed = { id: change.id, retryAt: later(200_000), gone: false, tried: true };
    await bench.run(recordPostFailed, POLICY_CARDS, failed);
    assert.deepEqual(await stale(later(190_000)), []);
    assert.deepEqual(await stale(later(200_000)), [change.id]);
    assert.equal((await stored(bench, change.id)).deskRef, "C1:1");
    await bench.run(recordPostFailed, POLICY_CARDS, { ...failed, gone: true });
    assert.equal((await stored(bench, change.id)).deskRef, null);
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
