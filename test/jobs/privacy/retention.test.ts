/** What is too old goes by itself; what a person still needs, and what makes a repetition harmless, stays. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Store } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { lastRetentionRun } from "#store/privacy/retention.ts";
import { type RetentionPlan, runRetention, retentionLines } from "#jobs/privacy/retention.ts";
import { storedCursors } from "#store/db/settings.ts";
import { appendAudit, placeInAudit, trimAudit, verifyAudit } from "#store/audit/audit-log.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { TurnTrace } from "#core/values/trace.ts";
import { findTurns } from "#store/conversations/traces.ts";
import { DATABASES } from "#test/support/deskhand.ts";
import { everyFile, everyRow } from "#test/support/read-all.ts";
import { issuePass } from "#store/identity/sessions.ts";
import { openTicketSession } from "#store/identity/sessions.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { escalating, refundOf, replying } from "#test/jobs/turn-results.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";

const DAY = 86_400_000;

onDesk(
  "retention",
  (bench) => {
    const folder = { path: "" };
    before(async () => {
      folder.path = await mkdtemp(join(tmpdir(), "deskhand-keep-"));
    });
    after(() => rm(folder.path, { recursive: true, force: true }));
    const { store } = bench.parts;
    const parts = () =>
      ({
        store,
        blobs: diskBlobs(folder.path),
        clock: bench.parts.clock,
        log: bench.parts.log,
        desk: bench.parts.desk,
        keep: { contentDays: 90, auditMonths: 24 },
      }) satisfies RetentionPlan;
    const leftOf = async (pattern: RegExp) =>
      (await everyRow(store)).filter((row) => pattern.test(row));
    const execute = (query: ReturnType<typeof sql>) => bench.execute(query);
    const run = async () => {
      let end = await runRetention(parts());
      for (let round = 0; end === "more" && round < 50; round += 1)
        end = await runRetention(parts());
      return end;
    };

    const lookedUp = () => ({
      name: "x",
      startedAt: bench.now().toISOString(),
      durationMs: 5,
      attributes: { "deskhand.result": "zebra" },
    });

    test("texts go after their days, and keys, outcomes, counts and costs stay", async () => {
      bench.answer((input) =>
        replying(`zebra for you: ${input.unread.length}`, {
          actions: [refundOf(12_000)],
          costUsd: 0.25,
          outputTokens: 77,
          spans: [lookedUp()],
        }),
      );
      const id = await bench.write("zebra, please refund", { message: { subject: "zebra" } });
      await bench.press("approve", id);
      await bench.pass(60_000);
      const body = await parts().blobs.put(new TextEncoder().encode("zebra by mail"));
      await execute(sql`update hint set body_ref = ${body}`);
      await execute(sql`insert into dead_letter (id, conversation_id, kind, reason, hints, effects, messages, at)
        values ('dl_1', ${id}, 'effect', 'reply failed: 550 zebra', '[]', '[]', '[]', ${bench.now()})`);
      const keys = await leftOf(/^effect /);
      assert.ok(keys.length >= 2);

      bench.skip(89 * DAY);
      assert.equal(await run(), "done");
      assert.ok((await leftOf(/zebra/)).length > 5, "young enough");

      bench.skip(2 * DAY);
      assert.equal(await run(), "done");
      assert.deepEqual(await leftOf(/zebra/), []);
      assert.deepEqual(await everyFile(folder.path), []);
      assert.deepEqual(
        (await leftOf(/^effect /)).map((row) => /"key": "([^"]+)"/.exec(row)?.[1]),
        keys.map((row) => /"key": "([^"]+)"/.exec(row)?.[1]),
      );
      const [turn] = await store.run(findTurns, id);
      assert.deepEqual(
        [turn?.cost_usd, turn?.output_tokens, turn?.outcome, turn?.spans.length],
        [0.25, 77, "answered", 1],
      );
      assert.ok(TurnTrace.safeParse(turn).success);
      assert.equal((await leftOf(/^message .*"outcome": "answered"/)).length, 1);
      // The same once more is known, and the desk is not written to for a card that was only old.
      const cards = [...bench.cards.values()];
      await bench.pass(60_000);
      assert.deepEqual([...bench.cards.values()], cards);
    });

    test("sign-ins and pages beside a ticket go once they are over, though no other begins", async () => {
      const holder = { name: "Zed Zebra", email: "zed@ourshop.test" };
      const agent = { ...holder, userId: "7", origin: "https://zebra.example" };
      await store.run(async (transaction) => {
        await issuePass(transaction, "code", holder, bench.now());
        assert.ok(await openTicketSession(transaction, agent, "opening", bench.now()));
      });
      const kept = () => leftOf(/^(console_pass|ticket_session) .*zed@ourshop/);
      assert.equal(await run(), "done");
      assert.equal((await kept()).length, 2, "young enough");
      bench.skip(DAY);
      assert.equal(await run(), "done");
      assert.deepEqual(await kept(), []);
    });

    test("what people still wait for keeps its text, however old it is", async () => {
      bench.answer(() => replying("zebra answer", { spans: [lookedUp()] }));
      const waiting = await bench.write("zebra waits");
      bench.rule({ expiresAt: () => new Date(bench.now().getTime() + 1_000 * DAY) });
      bench.skip(200 * DAY);
      await execute(sql`insert into hint (channel, event_id, conversation_id, kind, payload, received_at)
        values ('email', 'unread', ${waiting}, 'message', '{"text": "zebra unread"}', now() - interval '1 year')`);
      assert.equal(await run(), "done");
      const card = await bench.pending(waiting);
      assert.match(JSON.stringify(card?.proposal), /zebra answer/);
      assert.equal((await leftOf(/^message_content .*zebra waits/)).length, 1);
      assert.equal((await leftOf(/^turn.*"deskhand.result": "zebra"/)).length, 1, "its trace");
      assert.equal((await leftOf(/^hint .*zebra unread/)).length, 1);
    });

    test("after a hand-over the newest text stays while a person still touches the conversation, for the way back", async () => {
      bench.answer(() => ({
        ...replying(""),
        ending: escalating("hard", { summary: "zebra" }),
      }));
      await bench.write("zebra first", { key: "one" });
      const id = await bench.write("zebra second", { key: "two" });
      bench.skip(100 * DAY);
      await execute(
        sql`update conversation set updated_at = ${bench.now()} where linked_id = ${id} or id = ${id}`,
      );
      await run();
      assert.equal((await leftOf(/^message_content .*zebra first/)).length, 0);
      assert.equal((await leftOf(/^message_content .*zebra second/)).length, 1);
      bench.skip(91 * DAY);
      await run();
      assert.equal((await leftOf(/^message_content .*zebra second/)).length, 0);
    });

    test("who assigned a case goes; that it went to a group stays, so that nobody seems to have it", async () => {
      const id = await bench.write("zebra");
      const assigned = {
        kind: "assigned",
        key: "s1",
        at: "2025-01-01T00:00:00.000Z",
        to: "human",
        assignee: "zebras",
        holder: null,
        actor: "zebra",
        automatic: false,
      };
      await execute(sql`insert into signal (key, conversation_id, payload, at)
        values ('s1', ${id}, ${JSON.stringify(assigned)}::jsonb, '2025-01-01')`);
      await run();
      const [row = ""] = await leftOf(/^signal /);
      assert.match(row, /"holder": ?null/);
      assert.match(row, /"automatic": ?false/);
      assert.doesNotMatch(row, /zebra/);
    });

    test("many rows go in batches, and only one process is at it", async () => {
      const id = await bench.write("zebra");
      await execute(sql`insert into signal (key, conversation_id, payload, at)
        select 's' || n, ${id}, jsonb_build_object('kind', 'solved', 'key', 's' || n, 'at', '2025-01-01T00:00:00.000Z', 'actor', 'zebra'), '2025-01-01' from generate_series(1, 250) n`);
      assert.equal(await runRetention(parts()), "more");
      assert.equal((await leftOf(/^signal .*zebra/)).length, 150);
      // Another process asks while the first one is in the midst of it.
      const told: string[] = [];
      const asked: Store = {
        ...store,
        run: async (work, ...given) => {
          const answer = await store.run(work, ...given);
          if (told.length === 0) told.push(await runRetention(parts()));
          return answer;
        },
      };
      assert.equal(await runRetention({ ...parts(), store: asked }), "more");
      assert.deepEqual(told, ["idle"]);
      assert.equal(await run(), "done");
      assert.equal((await leftOf(/^signal .*zebra/)).length, 0);
      assert.equal(await runRetention(parts()), "idle");
      const last = await bench.parts.store.run(lastRetentionRun);
      const lines = retentionLines(last, parts().keep, bench.now()).join("\n");
      assert.match(lines, /kept 90 days/);
      assert.match(lines, /removed 250 signals/);
      assert.match(lines, /Last run: \d+ \w+ \d\d:\d\d, .* not before \d+ \w+ \d\d:\d\d UTC\./);
    });

    test("files no row refers to go after a day; younger ones and those in use stay", async () => {
      await bench.write("hello");
      const { blobs } = parts();
      const put = (text: string) => blobs.put(new TextEncoder().encode(text));
      const [stray, young, used] = [await put("stray"), await put("young"), await put("used")];
      await execute(sql`update hint set body_ref = ${used}`);
      const old = new Date(bench.now().getTime() - 2 * DAY);
      await utimes(join(folder.path, stray), old, old);
      await utimes(join(folder.path, used), old, old);
      await utimes(join(folder.path, young), bench.now(), bench.now());
      await run();
      assert.deepEqual((await everyFile(folder.path)).toSorted(), ["used", "young"]);
      await blobs.remove(young);
      await blobs.remove(used);
    });

    test("what names the place of files stays, however old it is; a half-written file goes", async () => {
      const { identity } = parts().blobs;
      const id = await identity.begin();
      const half = join(folder.path, `${randomUUID()}.part`);
      await writeFile(half, "half a mail");
      const old = new Date(bench.now().getTime() - 30 * DAY);
      for (const name of await readdir(folder.path))
        await utimes(join(folder.path, name), old, old);
      bench.skip(2 * DAY);
      await run();
      assert.equal(
        await identity.has(id),
        true,
        "every process would take its place for a wrong one",
      );
      assert.equal(existsSync(half), false);
    });

    test("old entries of the audit go, the rest verifies with its head, and a beginning cut off by a third party is found", async () => {
      const add = (key: string, at: Date) =>
        store.run(appendAudit, { kind: "done", data: { key } }, at);
      const ago = (days: number) => new Date(bench.now().getTime() - days * DAY);
      for (let index = 0; index < 5; index += 1) await add(`old ${index}`, ago(800 - index));
      const noted = (await store.run(verifyAudit)).head;
      await add("young", ago(10));
      const before = await store.run(verifyAudit);
      await run();
      const trimmed = await store.run(verifyAudit);
      // The young one, and the entry that says what went.
      assert.deepEqual([trimmed.entries, trimmed.brokenAt], [2, null]);
      assert.equal(await store.run(placeInAudit, noted), 5);
      assert.equal(await store.run(placeInAudit, before.head), 6);
      assert.equal((await leftOf(/old \d/)).length, 0);
      await add("after", ago(0));
      assert.equal((await store.run(verifyAudit)).brokenAt, null);

      await execute(sql`delete from audit where seq = 6`);
      await execute(
        sql`update setting set value = jsonb_build_object('seq', 6, 'hash', ${before.head}::text) where name = 'audit.start'`,
      );
      assert.equal((await store.run(verifyAudit)).brokenAt, 7);
    });

    test("what mails were believed by goes after 60 days, however long text is kept", async () => {
      const at = (days: number) => new Date(bench.now().getTime() - days * DAY).toISOString();
      const cursors = storedCursors(store);
      await cursors.write("email-proof:old", `${at(61)} mail:1`);
      await cursors.write("email-proof:young", `${at(59)} mail:2`);
      await cursors.write("email:a@x.test:INBOX", at(100));
      await runRetention({ ...parts(), keep: { contentDays: 1, auditMonths: 24 } });
      const kept = ["email-proof:old", "email-proof:young", "email:a@x.test:INBOX"];
      const left = await Promise.all(kept.map(async (name) => (await cursors.read(name)) !== null));
      assert.deepEqual(left, [false, true, true]);
    });

    test("the audit is cut at the first entry that is young, and again later", async () => {
      const at = (days: number) => new Date(bench.now().getTime() - days * DAY);
      const add = (days: number) =>
        store.run(appendAudit, { kind: "done", data: { days } }, at(days));
      const trim = (days: number) =>
        store.run(trimAudit, { before: at(days), limit: 3, now: bench.now() });
      for (const days of [50, 40, 30, 60, 20, 10]) await add(days);
      assert.deepEqual([await trim(35), await trim(35)], [2, 0]);
      assert.equal(await trim(5), 3);
      assert.deepEqual(
        await store.run(async (transaction) => {
          const { entries, brokenAt } = await verifyAudit(transaction);
          return [entries, brokenAt];
        }),
        [3, null],
      );
    });
  },
  DATABASES,
);

onDesk("retention beside a bucket that refuses to delete", (bench) => {
  test("messages, cards and chats go all the same", async () => {
    bench.answer(() => replying("zebra"));
    const id = await bench.write("zebra");
    await bench.execute(
      sql`update hint set body_ref = '00000000-0000-4000-8000-000000000001' where conversation_id = ${id}`,
    );
    await bench.execute(
      sql`insert into transcript (key, conversation_id, text, at) values ('k', 'chat:u1:abcdefgh', 'zebra in a chat', ${bench.now()})`,
    );
    bench.skip(400 * 86_400_000);
    const blobs = {
      ...memoryBlobs(),
      async *list() {},
      remove: async (): Promise<undefined> => {
        throw new Error("403 AccessDenied: s3:DeleteObject");
      },
    };
    const { store, clock, log } = bench.parts;
    const told: string[] = [];
    const desk = { notify: async (text: string) => void told.push(text) };
    const keep = { contentDays: 90, auditMonths: 24 };
    const rounds = async (count: number) => {
      for (let round = 0; round < count; round += 1) {
        await runRetention({ store, blobs, clock, log, desk, keep }).catch(() => null);
        bench.skip(3_600_000);
      }
    };
    await rounds(10);
    assert.deepEqual(await bench.column(sql`select text from transcript`), []);

    const lines = async () =>
      retentionLines(await store.run(lastRetentionRun), keep, bench.now()).join("\n");
    assert.match(
      await lines(),
      /Not removed since .*: raw mails left behind \(1 file.*AccessDenied/,
    );
    assert.deepEqual(told, []);
    await rounds(40);
    assert.equal(told.length, 2, "after a day, and a day later");
    assert.match(told[0] ?? "", /raw mails left behind/);
    blobs.remove = async () => undefined;
    await rounds(30);
    assert.equal(told.length, 2);
    assert.doesNotMatch(await lines(), /Not removed/);
  });
});
