/** What cannot be read, since a broken or a newer version wrote it, is erased without being understood, and stops nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { showCards } from "#jobs/approval/sync-cards.ts";
import { runRetention } from "#jobs/privacy/retention.ts";
import { eraseTeammate } from "#store/privacy/erase-teammate.ts";
import { lastRetentionRun } from "#store/privacy/retention.ts";
import { personNames } from "#store/people/person-names.ts";
import { sql, type SQL } from "#store/db/drizzle.ts";
import { DAY_MS } from "#core/values/moment.ts";
import { DATABASES } from "#test/support/deskhand.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { alreadyBusy, by, erasing } from "#test/jobs/privacy/erasing.ts";

const ANNS = /ann@customer|\bAnn\b|\bFields\b|zebra|chat:u123:/i;

/** The documents that hold people's text, by table and column. */
const DOCUMENTS = [
  ["hint", "payload"],
  ["message_content", "content"],
  ["turn", "trace"],
  ["approval", "card"],
  ["approval", "rules"],
  ["approval", "needs"],
  ["approval", "votes"],
  ["approval", "answers"],
  ["effect", "action"],
  ["effect", "facts"],
  ["signal", "payload"],
] as const;

/** Who wrote what cannot be read, and what a column holds then. */
const WRITERS: readonly (readonly [string, (column: SQL) => SQL])[] = [
  ["a broken version", () => sql`'{"was": "zebra of Ann Fields", "in": {"x": "zebra"}}'::jsonb`],
  ["something else", () => sql`'"zebra of Ann Fields"'::jsonb`],
  [
    "a newer version",
    (column) =>
      sql`case jsonb_typeof(${column}) when 'object' then ${column} || '{"$version": 99, "new": "zebra"}'
        else ${column} || '[{"$version": 99, "new": "zebra"}]' end`,
  ],
];

onDesk(
  "rows that cannot be read",
  (bench) => {
    const blobs = memoryBlobs();
    const { erase, leftOf, parts, rows } = erasing(bench, () => blobs);
    /** Makes all documents unreadable but those of this conversation, and of others' messages. */
    const damage = async (written: (column: SQL) => SQL, but: string): Promise<void> => {
      for (const [table, name] of DOCUMENTS) {
        const column = sql.identifier(name);
        const which =
          table === "message_content"
            ? sql`message_id in (select id from message where author_id in ('email:ann@customer.test', 'slack:U0000ANN'))`
            : sql`conversation_id <> ${but}`;
        await bench.execute(
          sql`update ${sql.identifier(table)} set ${column} = ${written(sql`${column}`)} where ${which}`,
        );
      }
    };

    for (const [who, written] of WRITERS) {
      test(`as ${who} wrote them, all of a customer's are erased, and it is said which they were`, async () => {
        const { bob } = await alreadyBusy(bench, parts());
        const bobs = async () => (await rows()).filter((row) => row.includes(`: "${bob}"`));
        const before = await bobs();
        await damage(written, bob);
        const first = await erase();
        // A message that cannot be read proves nothing, so its account is nobody's but its own.
        const second = await erase("U0000ANN");
        assert.deepEqual([...first.busy, ...second.busy], []);
        assert.deepEqual(await leftOf(ANNS), []);
        const kinds = [...first.unread, ...second.unread].map((row) => row.split(" ")[0]);
        assert.deepEqual(new Set(kinds), new Set(["card", "effect", "message", "trace"]));
        assert.deepEqual(await bobs(), before);
        // What is left of a card can be read, so that it is emptied on the desk, too.
        await showCards(bench.parts);
        const shown = [...bench.cards.values()].filter((card) => ANNS.test(JSON.stringify(card)));
        assert.deepEqual(shown, []);
      });

      test(`as ${who} wrote it, a card that waits ends, and the audit has it`, async () => {
        bench.answer(() => replying("zebra for you"));
        await bench.write("zebra", { message: by("ann") });
        assert.equal((await leftOf(/^approval .*"state": ?"pending"/)).length, 1);
        await damage(written, "none");
        await erase();
        assert.equal((await leftOf(/^approval .*"state": ?"void"/)).length, 1);
        assert.equal((await leftOf(/^audit(?:_pending)? .*"kind": ?"void"/)).length, 1);
      });

      test(`as ${who} wrote them, they go when their time is over`, async () => {
        bench.answer(() => replying("zebra for you"));
        const id = await bench.write("zebra", { message: by("ann") });
        await bench.press("approve", id);
        await bench.pass(60_000);
        await damage(written, "none");
        bench.skip(120 * DAY_MS);
        const keep = { contentDays: 90, auditMonths: 24 };
        for (let more = true; more;)
          more = (await runRetention({ ...bench.parts, blobs, keep })) === "more";
        assert.deepEqual((await bench.at(lastRetentionRun)).failed, {});
        assert.deepEqual(await leftOf(/zebra/), []);
      });

      test(`as ${who} wrote them, others' opinions and votes do not stop the erasure of a teammate`, async () => {
        bench.answer(() => replying("giraffe"));
        const id = await bench.write("giraffe", { message: by("bob") });
        await bench.press("reject", id, "sam");
        await bench.write("giraffe", { thread: "t2", message: by("bob") });
        for (const column of [sql`votes`, sql`opinions`])
          await bench.execute(
            sql`update approval set ${column} = ${written(column)} where conversation_id <> ${id}`,
          );
        await bench.execute(sql`update approval
          set votes = votes || '[{"$version": 99, "voter": "sam@ourshop.test"}]' where conversation_id = ${id}`);
        await bench.at(eraseTeammate, personNames("sam@ourshop.test"));
        assert.deepEqual(await leftOf(/^approval .*\bsam\b/i), []);
      });
    }
  },
  DATABASES,
);
