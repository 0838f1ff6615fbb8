/** A backup holds everything, goes into either kind of database, and a file that is not whole changes nothing. */
import assert from "node:assert/strict";
import { randomUUID, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { appendAudit, verifyAudit } from "#store/audit/audit-log.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { KEPT_TABLES, writeBackup } from "#store/backup/backup.ts";
import { rowsOf, type Store } from "#store/db/database.ts";
import { currentKey } from "#core/connection/signing-keys.ts";
import { addGeneration, installationSecrets } from "#store/db/installation-secrets.ts";
import { storedTokenVault } from "#store/db/settings.ts";
import { listedErasures, listErasures } from "#store/privacy/erase-teammate.ts";
import { makeToken, usedToken } from "#store/identity/access-tokens.ts";
import { beginRequest, keepApiAnswer } from "#store/identity/access-tokens.ts";
import { issuePass, passHolder } from "#store/identity/sessions.ts";
import { findTicketSession, openTicketSession } from "#store/identity/sessions.ts";
import { planUpgrade } from "#store/db/migrate.ts";
import { lastHeartbeat } from "#store/effects/recovery.ts";
import { showLife } from "#jobs/recovery/resume-after-downtime.ts";
import { until } from "#test/support/waiting.ts";
import { backupAt, backupFile } from "#store/backup/backup-file.ts";
import { restoreBackup } from "#store/backup/restore.ts";
import {
  addDeliveries,
  addWebhook,
  allWebhooks,
  shownDeliveries,
} from "#store/webhooks/webhooks.ts";
import { backUpHere } from "#app/commands/backup.ts";
import { withPartsHere } from "#app/commands/here.ts";
import { runCommand } from "#cli/program.ts";
import { readConfig } from "#config/environment.ts";
import {
  emptyDatabase,
  NOW,
  type OpenedStore,
  migratedDatabase,
  silentLog,
} from "#test/store/bench.ts";
import { BOTH_DATABASES, MAIN_DATABASE } from "#test/support/deskhand.ts";
import { S3_KEY, type S3StandIn, startS3 } from "#test/support/s3.ts";

const quiet = (): void => undefined;

/** Every row of every table as PostgreSQL writes it, in an order of its own; what a restore adds is left out. */
async function everything(store: Store): Promise<Record<string, readonly string[]>> {
  const all: Record<string, readonly string[]> = {};
  for (const table of KEPT_TABLES)
    all[table] = await store.run(async (transaction) => {
      await transaction.execute(sql`set local timezone to 'UTC'`);
      const rows = await rowsOf(
        transaction,
        z.object({ row: z.string() }),
        sql`select to_jsonb(t)::text as row from ${sql.identifier(table)} t`,
      );
      return rows.map(({ row }) => row).toSorted();
    });
  const { setting = [], ...others } = all;
  return { ...others, setting: setting.filter((row) => !row.includes('"name": "return"')) };
}

/** Rows that are hard to carry: each type at its edges, a row that points at a later one, numbers that went missing. */
async function fillWithTrouble(store: Store, blob: string): Promise<void> {
  await store.run(async (transaction) => {
    for (const statement of [
      sql`insert into conversation (id, channel, subject, linked_id, fence, created_at, updated_at)
          values ('a', 'email', ${'it\'s "quoted" \\ back\nline \t tab é 漢 🎉'}, null, 9007199254740991, '2026-03-01 10:00:00.123456+00', 'infinity'),
                 ('b', 'zendesk', '', 'a', 0, '0044-03-15 00:00:00+00 BC', '2026-10-25 02:30:00+02')`,
      sql`update conversation set linked_id = 'b' where id = 'a'`,
      sql`insert into conversation_key (key, conversation_id) select 'k' || n, 'a' from generate_series(1, 450) n`,
      sql`insert into hint (channel, event_id, conversation_id, kind, payload, body_ref, received_at)
          values ('email', 'gone', 'a', 'message', '{}', null, now()),
                 ('email', 'e1', 'b', 'message', ${'{"text":"a\\n\\"b\\"","n":1.50,"big":12345678901234567890,"null":null}'}::jsonb, ${blob}, now())`,
      sql`delete from hint where event_id = 'gone'`,
      // What a customer writes opens a case and wakes it; these were closed and put to sleep afterwards.
      sql`insert into message (key, conversation_id, author_kind, author_id, visibility, text_digest, sent_at, received_at, outcome)
          values ('closed', 'a', 'requester', 'u', 'public', 'd', now(), now(), 'answered'),
                 ('asleep', 'b', 'requester', 'u', 'public', 'd', now(), now(), 'answered')`,
      sql`update conversation set solved_at = now(), solved_by_rule = true where id = 'a'`,
      sql`update conversation set snoozed_until = 'infinity' where id = 'b'`,
      sql`insert into turn (id, conversation_id, started_at, outcome, trace)
          values ('t', 'a', now(), 'answered', '{"steps": 3, "output_tokens": 12, "cost_usd": 0.1, "latency_ms": 0.30000000000000004}')`,
      sql`insert into setting (name, value) values ('json-null', 'null'), ('text', '"5"'), ('five', '5')`,
      sql`insert into help_page (slug, title, url, updated, hash) values ('p', 't', 'u', '2026-02-28', 'h')`,
      sql`insert into help_passage (id, slug, position, title, url, heading, body, embedding)
          values ('p#1', 'p', 1, 't', 'u', 'Refunds', 'within thirty days', '\\x00ff5c27'::bytea), ('p#2', 'p', 2, 't', 'u', '', '', null)`,
    ])
      await transaction.execute(statement);
    await appendAudit(transaction, { kind: "turn", data: { a: 1, b: [null, "ü"] } }, NOW);
    await appendAudit(transaction, { kind: "vote", data: { approval: "x" } }, NOW);
  });
}

/** From each kind into the other, which asks more of it than into its own. */
const WAYS = BOTH_DATABASES.map((from) => ({
  from,
  to: BOTH_DATABASES.find((kind) => kind !== from) ?? from,
}));

for (const { from, to } of WAYS)
  describe(`a backup of ${from} into ${to}`, () => {
    const opened: OpenedStore[] = [];
    let folder = "";
    let source: OpenedStore;
    let goal: OpenedStore;
    const blob = randomUUID();
    const backup = (): string => join(folder, "deskhand.backup");
    /** Gives the file. */
    const backedUp = async (file = backup()): Promise<string> => {
      const storage = diskBlobs(join(folder, "blobs"));
      await writeBackup(source.store, { target: backupFile(file), storage, progress: quiet });
      return file;
    };
    const restoring = (replace = false, file = backup()) =>
      restoreBackup(goal.store, {
        source: backupFile(file),
        storage: diskBlobs(join(folder, "restored")),
        replace,
        worker: "here",
        progress: quiet,
      });
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "deskhand-backup-"));
      source = await migratedDatabase(from);
      goal = await emptyDatabase(to);
      opened.push(source, goal);
      await fillWithTrouble(source.store, blob);
      await mkdir(join(folder, "blobs"));
      await writeFile(join(folder, "blobs", blob), Buffer.from([0, 255, 10, 13, 92]));
      await backedUp();
    });
    after(async () => {
      for (const one of opened) await one.close();
      await rm(folder, { recursive: true, force: true });
    });

    test("a file that is cut, damaged or foreign is refused and changes nothing", async () => {
      const whole = await readFile(backup());
      const lines = gunzipSync(whole).toString().trimEnd().split("\n");
      const packed = (changed: readonly string[]) => gzipSync(`${changed.join("\n")}\n`);
      const cases: readonly (readonly [name: string, bytes: Uint8Array, says: RegExp])[] = [
        ["cut", whole.subarray(0, -20), /cannot be restored/],
        ["without its end", packed(lines.slice(0, -1)), /cut off or damaged/],
        ["with a row less", packed(lines.toSpliced(-2, 1)), /cut off or damaged/],
        ["foreign", gzipSync('{"some":"thing"}\n'), /no backup of Deskhand/],
        ["not packed", Buffer.from("hello"), /cannot be restored/],
        [
          "newer",
          packed([(lines[0] ?? "").replace(/"name":"0078_/, '"name":"9999_'), ...lines.slice(1)]),
          /cut off or damaged/,
        ],
      ];
      for (const [name, bytes, says] of cases) {
        await writeFile(join(folder, "bad"), bytes);
        await assert.rejects(restoring(false, join(folder, "bad")), says, name);
      }
      const tables = await goal.store.run((transaction) =>
        rowsOf(
          transaction,
          z.object({ name: z.string() }),
          sql`select tablename as name from pg_tables where schemaname = 'public'`,
        ),
      );
      assert.deepEqual(tables, []);
    });

    test("every table is the same, the audit has the same head, and its mail is there", async () => {
      const restored = await restoring();
      assert.equal(restored.blobs, 1);
      assert.deepEqual(await everything(goal.store), await everything(source.store));
      const [one, other] = [await source.store.run(verifyAudit), await goal.store.run(verifyAudit)];
      assert.equal(one.brokenAt, null);
      assert.deepEqual(other, one);
      assert.deepEqual(
        await readFile(join(folder, "restored", blob)),
        Buffer.from([0, 255, 10, 13, 92]),
      );
      assert.equal((await stat(backup())).mode & 0o777, 0o600);
    });

    test("what is added afterwards gets new numbers, and references and triggers hold again", async () => {
      await goal.store.run((transaction) =>
        appendAudit(transaction, { kind: "turn", data: {} }, NOW),
      );
      const open = await goal.store.run(async (transaction) => {
        await transaction.execute(
          sql`insert into message (key, conversation_id, author_kind, author_id, visibility, text_digest, sent_at, received_at)
              values ('more', 'a', 'requester', 'u', 'public', 'd', now(), now())`,
        );
        const opened = sql`select id from conversation where id = 'a' and solved_at is null`;
        return rowsOf(transaction, z.unknown(), opened);
      });
      assert.equal(open.length, 1);
      assert.equal((await goal.store.run(verifyAudit)).brokenAt, null);
      await assert.rejects(
        goal.store.run((transaction) =>
          transaction.execute(
            sql`insert into conversation_key (key, conversation_id) values ('x', 'nobody')`,
          ),
        ),
        /foreign key/,
      );
    });

    test("a database with content is refused by name, and replaced when that is said", async () => {
      await assert.rejects(
        restoring(),
        (error) => error instanceof DeskhandError && error.code === "store.not_empty",
      );
      await restoring(true);
      assert.deepEqual(await everything(goal.store), await everything(source.store));
    });

    test("a database that is replaced keeps who was erased from it since the backup", async () => {
      const erased = [{ name: "ab".repeat(32), at: new Date("2026-01-02T03:04:05Z") }];
      await goal.store.run((transaction) => listErasures(transaction, erased));
      await restoring(true);
      assert.deepEqual(await goal.store.run(listedErasures), erased);
    });

    test("a database that is replaced keeps the secrets its list was made with, and none that was changed returns", async () => {
      const clock = { now: () => NOW };
      const { audit: first } = await installationSecrets(source.store, clock);
      const file = await backedUp(join(folder, "with-secrets"));
      await restoring(true, file);
      await goal.store.run(addGeneration, "audit", null);
      const changed = await installationSecrets(goal.store, clock);
      assert.notEqual(currentKey(changed.audit), currentKey(first));
      await restoring(true, file);
      assert.deepEqual(await installationSecrets(goal.store, clock), changed);
    });

    test("a vendor's token comes along, and a database that is replaced keeps one that was renewed since", async () => {
      const [from, into] = [storedTokenVault(source.store), storedTokenVault(goal.store)];
      await from.claim("zendesk writer", 0);
      await from.put("zendesk writer", 0, "first");
      const file = await backedUp(join(folder, "with-vault"));
      await restoring(true, file);
      assert.equal((await into.read("zendesk writer")).value, "first");
      await into.put("zendesk writer", 1, "second");
      await restoring(true, file);
      assert.deepEqual(await into.read("zendesk writer"), { value: "second", generation: 2 });
    });

    test("webhooks are there and off, and nothing of what waited for them", async () => {
      await source.store.run(async (transaction) => {
        const secret = "whsec_c2VjcmV0";
        const one = { id: "wh_1", url: "https://receiver.test/", events: "card.made", secret };
        await addWebhook(transaction, { ...one, withText: false, createdAt: NOW });
        const told = { webhookId: "wh_1", event: "card.made", conversationId: "a", data: {} };
        await addDeliveries(transaction, [told], NOW);
      });
      await restoring(true, await backedUp(join(folder, "with-webhooks")));
      const [one, ...others] = await goal.store.run(allWebhooks);
      assert.equal(others.length, 0);
      assert.match(one?.offReason ?? "", /restored from a backup/);
      const waiting = await goal.store.run((transaction) => shownDeliveries(transaction, 10));
      assert.deepEqual(waiting, []);
    });

    test("no token, session or kept answer holds again", async () => {
      const texts = await source.store.run(async (transaction) => {
        const request = { tokenId: "tok_1", key: "k", content: "c" };
        const holder = { email: "sam@ourshop.test", name: "Sam" };
        const wish = { label: "a script", madeBy: holder.email, days: 30 };
        const agent = { ...holder, userId: "7", origin: "https://shop.zendesk.test" };
        const token = await makeToken(
          transaction,
          { ...wish, id: "tok_1", holder, scopes: ["cases:read"] },
          NOW,
        );
        await beginRequest(transaction, request, NOW);
        await keepApiAnswer(transaction, request, { status: 200, body: "{}" });
        const session = await issuePass(transaction, "session", holder, NOW);
        return { token, session, secret: await openTicketSession(transaction, agent, "jti", NOW) };
      });
      const { token, session, secret } = texts;
      const holds = ({ store }: OpenedStore) =>
        store.run(async (transaction) => [
          (await usedToken(transaction, token, NOW)) !== null,
          (await findTicketSession(transaction, secret ?? "", NOW)) !== null,
          (await passHolder(transaction, "session", session, NOW)) !== null,
          (await rowsOf(transaction, z.unknown(), sql`select key from api_answer`)).length,
        ]);
      assert.deepEqual(await holds(source), [true, true, true, 1]);
      await restoring(true, await backedUp(join(folder, "with-tokens")));
      assert.deepEqual(await holds(goal), [false, false, false, 0]);
    });

    test("a backup of a newer schema is refused by its name, and one at work keeps its database", async () => {
      const before = await goal.store.run(lastHeartbeat);
      // One that only reads the channels or serves the console: its life is no work.
      const living = showLife({ store: goal.store, worker: "elsewhere", log: silentLog });
      const seen = async () => (await goal.store.run(planUpgrade, "file")).processes;
      await until("it to show itself", async () => (await seen()).length === 1);
      await assert.rejects(restoring(true), /works on this database/);
      assert.deepEqual(await goal.store.run(lastHeartbeat), before);
      await living.stop();
      assert.deepEqual(await seen(), []);
      await source.store.run((transaction) =>
        transaction.execute(
          sql`insert into deskhand_migration (name, hash) values ('9999_future.sql', 'x')`,
        ),
      );
      const newer = await backedUp(join(folder, "newer"));
      await assert.rejects(restoring(true, newer), /newer Deskhand \(9999_future\.sql\)/);
    });
  });

describe("a backup in a bucket", () => {
  let folder = "";
  let s3: S3StandIn;
  let opened: OpenedStore;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "deskhand-bucket-"));
    s3 = await startS3();
    opened = await migratedDatabase(MAIN_DATABASE);
  });
  after(async () => {
    await opened.close();
    await s3[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const config = () =>
    readConfig({
      DESKHAND_DATA: folder,
      S3_ENDPOINT: s3.endpoint,
      S3_ACCESS_KEY_ID: S3_KEY.id,
      S3_SECRET_ACCESS_KEY: S3_KEY.secret,
    });

  test("is written and restored, and one that is there is never overwritten", async () => {
    const place = `s3://${s3.bucket}/backups/night`;
    const work = { store: opened.store, config: config(), progress: quiet };
    assert.match((await backUpHere(work, place)).name, /^s3:/);
    await assert.rejects(backUpHere(work, place), /exists already/);
    const restored = await withPartsHere(
      { config: config(), isRestore: true, isBeside: false, progress: quiet },
      (parts) => runCommand(parts, ["restore", place]),
    );
    assert.equal(restored.exitCode, 0, restored.stderr);
    assert.match(restored.stdout, /erase --again COPY --yes\. The next start is paused/);
  });

  test("is read in parts however large it is, and a break in one is tried again", async () => {
    const bucket = {
      endpoint: s3.endpoint,
      region: "us-east-1",
      bucket: s3.bucket,
      prefix: "large/",
      accessKeyId: S3_KEY.id,
      secretAccessKey: S3_KEY.secret,
      encryption: null,
    };
    const bytes = randomBytes(9 * 1024 * 1024);
    await backupAt({ bucket }).keep(inPieces(bytes));
    s3.faults.busy = 1;
    assert.equal(Buffer.compare(await buffer(backupAt({ bucket }).open()), bytes), 0);
  });
});

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20));
}
