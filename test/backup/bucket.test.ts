/** A backup in a bucket: written once, read in parts, and an encrypted one of an earlier version is told as such. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { backUpHere, restoreHere } from "#app/commands/backup.ts";
import { withPartsHere } from "#app/commands/here.ts";
import { runCommand } from "#cli/program.ts";
import { readConfig } from "#config/environment.ts";
import { sourceAt, targetAt } from "#store/backup/backup-file.ts";
import { migratedDatabase, type OpenedStore } from "#test/store/bench.ts";
import { S3_KEY, type S3StandIn, startS3 } from "#test/support/s3.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";

const quiet = (): void => undefined;

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
      { config: config(), isRestore: true, progress: quiet },
      (parts) => runCommand(parts, ["restore", place]),
    );
    assert.equal(restored.exitCode, 0, restored.stderr);
    assert.match(restored.stdout, /The next start is paused/);
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
    await targetAt({ bucket }).keep(inPieces(bytes));
    s3.faults.busy = 1;
    assert.equal(Buffer.compare(await buffer(sourceAt({ bucket }).open()), bytes), 0);
  });

  test("that an earlier version encrypted is named, with what can open it", async () => {
    const file = join(folder, "sealed");
    const header =
      '{"format":"deskhand-sealed-backup","version":1,"key":"0011","salt":"AA==","chunk":9}\n';
    await writeFile(file, Buffer.concat([Buffer.from(header), randomBytes(100)]));
    const work = { store: opened.store, config: config(), progress: quiet };
    await assert.rejects(
      restoreHere(work, file, { replace: false }),
      /only the version that wrote it can open it/,
    );
  });
});

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20));
}
