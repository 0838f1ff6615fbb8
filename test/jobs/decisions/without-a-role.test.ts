/** Who has no role decides nothing, by any button on anything a button can be about. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DecisionButton } from "#core/contracts/approval-desk.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { z } from "zod";

/** A person outside the team, and a guest who bears the address of one. */
const STRANGERS = [
  { id: "ned", name: "Ned", email: "ned@ourshop.test", eligible: true },
  { id: "guest", name: "Sam", email: "sam@ourshop.test", eligible: false },
];

onDesk("a person without a role", (bench) => {
  const { store } = bench.parts;
  const standing = () =>
    store.run((run) =>
      rowsOf(
        run,
        z.object({ row: z.string() }),
        sql`select a::text as row from approval a union all select e::text from effect e
            union all select concat(c.id, c.owner, c.owner_reason) from conversation c order by 1`,
      ),
    );
  const pressAll = async (approvalId: string, version: number) => {
    const before = await standing();
    for (const teammate of STRANGERS)
      for (const button of DecisionButton.options) {
        const answer = await deskHandler(bench.parts).decide({
          decisionId: bench.parts.ids.next("click"),
          approvalId,
          version,
          button,
          teammate,
          reason: "because",
          edit: { text: "Their own words", amount: "1.00" },
        });
        assert.equal(answer.accepted, false, `${teammate.id} pressed ${button}`);
      }
    assert.deepEqual(await standing(), before);
  };
  const card = async (id: string): Promise<Approval> => {
    const waiting = await bench.pending(id);
    assert.ok(waiting !== null);
    return waiting;
  };

  test("changes nothing on a card, on one that was approved, and on a conversation", async () => {
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const id = await bench.write("Please refund order 789");
    const waiting = await card(id);
    await pressAll(waiting.id, waiting.version);
    await pressAll(id, 1);
    await bench.press("approve", id);
    const approved = await store.run((run) => loadApproval(run, waiting.id));
    assert.equal(approved?.state, "approved");
    await pressAll(waiting.id, approved.version);
  });
});
