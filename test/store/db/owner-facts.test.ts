/** Who has a conversation, and why, is found in the reasons that earlier versions wrote. */
import assert from "node:assert/strict";
import { z } from "zod";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { pendingFor } from "#store/db/migrate.ts";
import { onEveryDatabase } from "#test/store/bench.ts";
import { test } from "node:test";

const MIGRATION = pendingFor([]).find(({ name }) => name === "0077_owner_facts.sql");

onEveryDatabase("the owners of earlier versions", (bench) => {
  test("have their name and their topic where people still have the case", async () => {
    const { text = "" } = MIGRATION ?? {};
    const update = text.slice(text.indexOf("update conversation"));
    const undone = new Error("taken back");
    const found: unknown[] = [];
    await assert.rejects(
      bench.run(async (transaction) => {
        for (const [id, owner, solved, reason] of [
          ["a", "human", false, "Taken over by Sam O. Li"],
          ["b", "human", false, "Rejected, Sam answers: Rejected, Ben answers"],
          ["c", "human", false, "handed to people: delicate: self harm (“words”)"],
          ["d", "human", false, "handed to people: delicate: legal; more"],
          ["e", "human", true, "Taken over by Sam"],
          ["f", "human", false, "handed to people: indelicate: legal"],
          ["g", "bot", false, "Taken over by Sam"],
        ] as const)
          await transaction.execute(sql`insert into conversation
            (id, channel, owner, owner_reason, solved_at, created_at, updated_at)
            values (${`owner-${id}`}, 'email', ${owner}, ${reason}, ${solved ? "2026-01-01" : null}::timestamptz, now(), now())`);
        await transaction.execute(sql.raw(update.replace(/;\s*$/, "")));
        found.push(
          ...(await rowsOf(
            transaction,
            z.object({
              id: z.string(),
              holder: z.string().nullable(),
              topic: z.string().nullable(),
            }),
            sql`select id, owner_holder as holder, owner_delicate as topic from conversation
                where id like 'owner-%' order by id`,
          )),
        );
        throw undone;
      }),
    );
    assert.deepEqual(found, [
      { id: "owner-a", holder: "Sam O. Li", topic: null },
      { id: "owner-b", holder: "Sam", topic: null },
      { id: "owner-c", holder: null, topic: "self_harm" },
      { id: "owner-d", holder: null, topic: "legal" },
      { id: "owner-e", holder: null, topic: null },
      { id: "owner-f", holder: null, topic: null },
      { id: "owner-g", holder: null, topic: null },
    ]);
  });
});
