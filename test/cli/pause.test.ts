/** `pause` and `resume` at the command line: any operator at the machine pauses, a lead of the policy resumes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { runCommand } from "#cli/program.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { sql } from "#store/db/drizzle.ts";
import { currentPause } from "#store/effects/pause.ts";
import { personPseudonym } from "#store/people/person-names.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { migratedDatabase, NOW, type OpenedStore } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";

const LEA = ["--as", "Lea@OurShop.test"];

describe("the switches", () => {
  const opened: { database?: OpenedStore } = {};
  const database = (): OpenedStore => {
    assert.ok(opened.database);
    return opened.database;
  };
  before(async () => {
    opened.database = await migratedDatabase(MAIN_DATABASE);
  });
  after(() => opened.database?.close());

  const called = (...argv: string[]) => {
    const { store, folder } = database();
    const personal = {
      blobs: diskBlobs(join(folder, "blobs")),
      ids: { next: (prefix: string) => `${prefix}_1` },
      secret: "a secret of the test",
      listFile: join(folder, "erasures.jsonl"),
      spansFile: null,
      keep: { contentDays: 90, auditMonths: 24 },
    };
    return runCommand(
      {
        store,
        clock: { now: () => NOW },
        status: null,
        appUrl: null,
        personal,
        policy: { kind: "file", name: SANDBOX_POLICY },
      },
      argv,
    );
  };

  test("pause and resume keep what is paused, say so, and record it in the audit", async () => {
    const paused = () => database().store.run(currentPause);
    assert.equal((await called("pause", "email")).stdout, "Paused: email, by command line.\n");
    assert.equal((await called("pause", "chat")).stdout, "Paused: email, chat, by command line.\n");
    assert.equal(
      (await called("resume", "email", ...LEA)).stdout,
      "Paused: chat, by command line.\n",
    );
    assert.equal(
      (await called("pause", "refunds", "odd", "words")).stdout,
      "Paused: chat, by command line; refund, by command line: odd words.\n",
    );
    assert.match((await called("pause")).stdout, /; everything, by|, everything, by/);
    const { all, channels, topics } = await paused();
    assert.deepEqual([all, channels, topics], [true, ["chat"], ["refund"]]);
    assert.equal((await called("resume", ...LEA)).stdout, "Running.\n");
    assert.deepEqual((await paused()).holds, []);
    for (const channel of ChannelName.options)
      assert.equal((await called("pause", channel)).exitCode, 0);
    await called("resume", "all", ...LEA);
    const kinds = await database().store.run((transaction) =>
      transaction.execute(sql`select 1 from audit where kind in ('paused', 'resumed')`),
    );
    assert.equal(z.object({ rows: z.array(z.unknown()) }).parse(kinds).rows.length, 11);
    assert.match((await called("audit", "verify")).stdout, /entries/);
  });

  test("only a lead of the policy resumes, and the audit knows which one", async () => {
    await called("pause", "chat");
    const held = () => database().store.run(currentPause);
    for (const [argv, told] of [
      [["resume"], /Only a lead can do this\. Say who you are: --as/],
      [["resume", "--as", "sam@ourshop.test"], /sam@ourshop.test is no lead in the policy/],
      [["resume", "chat", "--as", "mallory@evil.test"], /mallory@evil.test is no lead/],
      [["resume", "--as", " "], /./],
    ] as const) {
      const { exitCode, stderr } = await called(...argv);
      assert.equal(exitCode, 1);
      assert.match(stderr, told);
      assert.equal((await held()).holds.length, 1);
    }
    assert.equal((await called("resume", "chat", ...LEA)).exitCode, 0);
    const { by, name } = await database().store.run(async (transaction) => {
      const { rows } = z
        .object({ rows: z.array(z.object({ by: z.string() })) })
        .parse(
          await transaction.execute(
            sql`select data->>'by' as by from audit where kind = 'resumed' order by seq desc limit 1`,
          ),
        );
      const secret = "a secret of the test";
      return {
        by: rows[0]?.by,
        name: await personPseudonym(transaction, "lea@ourshop.test", secret),
      };
    });
    assert.equal(by, name);
  });
});
