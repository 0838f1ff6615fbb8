/** An encrypted backup is whole, in order and of its key, or it is refused by name. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { backupCommand } from "#cli/storage/backup-commands.ts";
import { readConfig } from "#config/environment.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { backupKeyFrom } from "#store/backup/backup-key.ts";
import { sourceAt, targetAt } from "#store/backup/places.ts";
import { sealed, unsealed } from "#store/backup/sealed.ts";
import { migratedDatabase, NOW, type OpenedStore } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { S3_KEY, type S3StandIn, startS3 } from "#test/support/s3.ts";
import { runs } from "#test/support/tiers.ts";

const CHUNK = 16;
const STORED = CHUNK + 16;
const KEY = backupKeyFrom(randomBytes(32).toString("base64"), "a test");
const OTHER = backupKeyFrom(randomBytes(32).toString("hex"), "a test");

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const seal = (bytes: Uint8Array): Promise<Buffer> => buffer(sealed(inPieces(bytes, 7), KEY, CHUNK));
const unseal = (bytes: Uint8Array, key: typeof KEY | null = KEY): Promise<Buffer> =>
  buffer(unsealed(inPieces(bytes, 11), { name: "b", key, mayBePlain: true }));

/** The header and the stored chunks of a sealed text. */
async function partsOf(text: string): Promise<{ head: Buffer; chunks: Buffer[] }> {
  const whole = await seal(Buffer.from(text));
  const head = whole.subarray(0, whole.indexOf("\n") + 1);
  const rest = whole.subarray(head.length);
  const chunks = Array.from({ length: Math.ceil(rest.length / STORED) }, (_, at) =>
    rest.subarray(at * STORED, (at + 1) * STORED),
  );
  return { head, chunks };
}

const isRefused = (error: unknown): boolean =>
  error instanceof DeskhandError && error.code === "store.bad_backup";

describe("a sealed stream", () => {
  test("comes back as it was, whatever its length and pieces, and shows nothing of itself", () =>
    fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 5 * CHUNK }),
        fc.integer({ min: 1, max: 40 }),
        async (bytes, size) => {
          const whole = await buffer(sealed(inPieces(bytes, size), KEY, CHUNK));
          assert.deepEqual(await unseal(whole), Buffer.from(bytes));
          if (bytes.length > 8) assert.equal(whole.includes(Buffer.from(bytes)), false);
        },
      ),
      { numRuns: runs(60) },
    ));

  test("is refused when any byte of it was changed, or its end is missing at any place", async () => {
    const whole = await seal(Buffer.from("x".repeat(3 * CHUNK)));
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      // Without its mark it counts as no sealed file, and is then no backup either.
      await unseal(changed).then(
        (plain) => assert.equal(plain.includes("xxx"), false, `byte ${at}`),
        (error: unknown) => assert.ok(isRefused(error), `byte ${at}`),
      );
      if (whole.indexOf("\n") < at)
        await assert.rejects(unseal(whole.subarray(0, at)), isRefused, `cut at ${at}`);
    }
  });

  test("is refused with its chunks swapped, repeated, left out, or taken from another file of the same key", async () => {
    const { head, chunks } = await partsOf("a".repeat(CHUNK) + "b".repeat(CHUNK) + "c".repeat(5));
    const foreign = await partsOf("a".repeat(CHUNK) + "b".repeat(CHUNK) + "c".repeat(5));
    const [a, b, c] = chunks;
    assert.ok(a && b && c && foreign.chunks[1]);
    assert.equal((await unseal(Buffer.concat([head, a, b, c]))).length, 2 * CHUNK + 5);
    const orders = [
      [b, a, c],
      [a, a, b, c],
      [a, c],
      [a, b],
      [a],
      [a, foreign.chunks[1], c],
      [a, b, c, c],
    ];
    for (const order of orders)
      await assert.rejects(unseal(Buffer.concat([head, ...order])), isRefused);
    await assert.rejects(
      unseal(Buffer.concat([head, b, a, c])),
      /chunk 1 was changed, or is not in its place/,
    );
  });

  test("names the key it wants, and a form of a newer version", async () => {
    const { head, chunks } = await partsOf("secret");
    const whole = Buffer.concat([head, ...chunks]);
    await assert.rejects(unseal(whole, null), new RegExp(`encrypted with the key ${KEY.id}`));
    await assert.rejects(
      unseal(whole, OTHER),
      new RegExp(`${KEY.id}, and the key given is ${OTHER.id}`),
    );
    const newer = Buffer.from(head.toString().replace('"version":1', '"version":2'));
    await assert.rejects(unseal(Buffer.concat([newer, ...chunks])), /newer Deskhand/);
    assert.deepEqual(await unseal(Buffer.from("not sealed"), null), Buffer.from("not sealed"));
  });

  test("takes no key that a person thought up", () => {
    for (const text of ["", "correct horse battery staple", "ab".repeat(31), "=".repeat(44)])
      assert.throws(() => backupKeyFrom(text, "key.txt"), /key\.txt has to hold 32 random bytes/);
  });
});

describe("an encrypted backup in a bucket", () => {
  let folder = "";
  let s3: S3StandIn;
  let opened: OpenedStore;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "deskhand-sealed-"));
    s3 = await startS3();
    opened = await migratedDatabase(MAIN_DATABASE);
    await writeFile(join(folder, "key"), randomBytes(32).toString("base64"));
    await writeFile(join(folder, "other"), randomBytes(32).toString("base64"));
  });
  after(async () => {
    await opened.close();
    await s3[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const deskhand = (...argv: string[]) => {
    const config = readConfig({
      DESKHAND_DATA: folder,
      ...(opened.databaseUrl === null ? {} : { DATABASE_URL: opened.databaseUrl }),
      S3_ENDPOINT: s3.endpoint,
      S3_ACCESS_KEY_ID: S3_KEY.id,
      S3_SECRET_ACCESS_KEY: S3_KEY.secret,
    });
    const clock = { now: () => NOW };
    return backupCommand({ store: opened.store, config, clock, progress: () => undefined }, argv);
  };

  test("is written, rehearsed without naming it, and refused without a key or with another", async () => {
    const place = `s3://${s3.bucket}/backups/night`;
    const bare = await deskhand("backup", place);
    assert.match(bare.stderr, /a backup in a bucket is encrypted: give it a key/);
    assert.equal(s3.objects.size, 0);
    const key = join(folder, "key");
    const { stdout, stderr, exitCode } = await deskhand("backup", place, "--key-file", key);
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /encrypted with the key [0-9a-f]{16}/);
    assert.equal(s3.objects.get("backups/night")?.bytes.includes("conversation"), false);
    assert.match((await deskhand("backup", place, "--key-file", key)).stderr, /exists already/);
    const rehearsed = await deskhand("restore", "--rehearse", "--key-file", key);
    assert.equal(rehearsed.exitCode, 0, rehearsed.stderr);
    assert.match(rehearsed.stdout, /Rehearsed s3:\/\/mails\/backups\/night/);
    for (const [more, says] of [
      [[], /name its file with --key-file/],
      [["--key-file", join(folder, "other")], /and the key given is/],
    ] as const) {
      const refused = await deskhand("restore", "--rehearse", ...more);
      assert.equal(refused.exitCode, 1);
      assert.match(refused.stderr, says);
    }
  });

  test("is not replaced by one without encryption, which needs no key to write, unless that is said", async () => {
    const key = ["--key-file", join(folder, "key")];
    const inBucket = `s3://${s3.bucket}/backups/plain`;
    const inFile = join(folder, "plain");
    for (const place of [inBucket, inFile])
      assert.equal((await deskhand("backup", place, "--unencrypted")).exitCode, 0);
    for (const argv of [[inBucket], [inBucket, ...key], [inFile, ...key]]) {
      const refused = await deskhand("restore", "--rehearse", ...argv);
      assert.equal(refused.exitCode, 1, refused.stdout);
      assert.match(
        refused.stderr,
        /it is not encrypted.*say --unencrypted if you know that it did/,
      );
    }
    for (const argv of [[inBucket, "--unencrypted"], [inFile]]) {
      const read = await deskhand("restore", "--rehearse", ...argv);
      assert.equal(read.exitCode, 0, read.stderr);
    }
    const both = await deskhand("restore", "--rehearse", inFile, "--unencrypted", ...key);
    assert.match(both.stderr, /--unencrypted and --key-file contradict each other/);
  });

  test("is read in parts however large it is, and a break in one is tried again", async () => {
    const access = {
      endpoint: s3.endpoint,
      region: "us-east-1",
      bucket: s3.bucket,
      prefix: "large/",
      accessKeyId: S3_KEY.id,
      secretAccessKey: S3_KEY.secret,
      encryption: null,
    };
    const bytes = randomBytes(9 * 1024 * 1024);
    const place = { bucket: access };
    await targetAt(place, KEY).keep(inPieces(bytes, 1 << 20));
    s3.faults.busy = 1;
    assert.equal(Buffer.compare(await buffer(sourceAt(place, { key: KEY }).open()), bytes), 0);
  });

  test("a key of the settings encrypts a file as well", async () => {
    const file = join(folder, "backup");
    const config = readConfig({
      DESKHAND_DATA: folder,
      DESKHAND_BACKUP_KEY_FILE: join(folder, "key"),
    });
    const work = {
      store: opened.store,
      config,
      clock: { now: () => NOW },
      progress: () => undefined,
    };
    assert.equal((await backupCommand(work, ["backup", file])).exitCode, 0);
    assert.match(
      (await readFile(file)).subarray(0, 60).toString("latin1"),
      /deskhand-sealed-backup/,
    );
  });
});
