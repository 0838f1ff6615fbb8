/** Of several people who end a card at the same moment one does, and the others are told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { z } from "zod";

const PEOPLE = ["sam", "lea", "lee"] as const;

onDesk("a card", (bench) => {
  for (const buttons of [["reject"], ["escalate", "reject"], ["approve", "reject"]] as const)
    test(`on which everybody presses ${buttons.join(" or ")} at once is ended by one`, async () => {
      bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
      const card = await bench.pending(await bench.write("Please refund order 789"));
      assert.ok(card !== null);
      const answers = await Promise.all(
        PEOPLE.flatMap((name) =>
          buttons.map((button) =>
            deskHandler(bench.parts).decide({
              decisionId: bench.parts.ids.next("click"),
              approvalId: card.id,
              version: card.version,
              button,
              teammate: { id: name, name, email: `${name}@ourshop.test`, eligible: true },
              reason: "because",
              edit: null,
            }),
          ),
        ),
      );
      assert.equal(answers.filter(({ accepted }) => accepted).length, 1);
      const votes = await bench.parts.store.run((run) =>
        rowsOf(
          run,
          z.object({ kind: z.string() }),
          sql`select kind from (select kind from audit union all select kind from audit_pending) a
              where kind = 'vote'`,
        ),
      );
      assert.equal(votes.length, 1);
    });
});
