/** Large bytes: whole or not there, and reachable by the references that were handed out and by nothing else. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { runs } from "#test/support/tiers.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const ROOT = join(import.meta.dirname, "../../..");

test("bytes come back as they were, each under a reference of its own", async (context) => {
  const blobs = diskBlobs(join(temporaryFolder(context), "blobs"));
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
      const [first, second] = [await blobs.put(bytes), await blobs.put(bytes)];
      assert.notEqual(first, second);
      assert.deepEqual(new Uint8Array(await blobs.get(first)), bytes);
      for (const _again of [1, 2]) await blobs.remove(first);
      await assert.rejects(blobs.get(first), /ENOENT/);
      assert.deepEqual(new Uint8Array(await blobs.get(second)), bytes);
    }),
    { numRuns: runs(20) },
  );
});

test("only the owner can look into the folder and the files", async (context) => {
  const folder = join(temporaryFolder(context), "blobs");
  const ref = await diskBlobs(folder).put(new Uint8Array([1]));
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(folder, ref)).mode & 0o777, 0o600);
});

test("a reference that was never handed out, such as a path, reaches nothing", async (context) => {
  const root = temporaryFolder(context);
  const blobs = diskBlobs(join(root, "blobs"));
  await blobs.put(new Uint8Array([1]));
  const outside = join(root, "secret");
  writeFileSync(outside, "secret");
  const uuid = randomUUID();
  for (const ref of [
    "../secret",
    outside,
    `../blobs/${uuid}`,
    `${uuid}/../../secret`,
    `${uuid}\0`,
    `${uuid}\n`,
    `${uuid}.part`,
    ".",
    "",
  ]) {
    await assert.rejects(blobs.get(ref), JSON.stringify(ref));
    await assert.rejects(blobs.remove(ref), JSON.stringify(ref));
  }
  assert.equal(readFileSync(outside, "utf8"), "secret");
  assert.equal(readdirSync(join(root, "blobs")).length, 1);
});

test("what a killed process had half written is under no reference", async (context) => {
  const folder = join(temporaryFolder(context), "blobs");
  const size = 8_000_000;
  const code = `
    import { diskBlobs } from "#store/blobs/shared-place.ts";
    const blobs = diskBlobs(process.argv[1]);
    for (;;) await blobs.put(new Uint8Array(${size}));`;
  for (let round = 0; round < 4; round += 1) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", code, folder], {
      cwd: ROOT,
      stdio: "inherit",
    });
    const ended = once(child, "exit");
    try {
      while (!existsSync(folder) || readdirSync(folder).length <= round * 2) await delay(1);
      await delay(5 * round);
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
    const visible = readdirSync(folder).filter((name) => /^[0-9a-f-]{36}$/.test(name));
    for (const name of visible) assert.equal(statSync(join(folder, name)).size, size, name);
  }
});

test("bytes that cannot be written leave nothing behind", async (context) => {
  const folder = temporaryFolder(context);
  const blobs = diskBlobs(folder);
  const bytes = new Uint8Array(1_000);
  // Bytes that were given to another process meanwhile are the one failure that needs no full disk.
  structuredClone(bytes, { transfer: [bytes.buffer] });
  await assert.rejects(blobs.put(bytes));
  assert.deepEqual(readdirSync(folder), []);
});

test("what cannot be written now is a reason to come again, and leaves nothing behind", async (context) => {
  const folder = temporaryFolder(context);
  const inTheWay = join(folder, "blobs");
  writeFileSync(inTheWay, "");
  await assert.rejects(diskBlobs(inTheWay).put(new Uint8Array([1])), {
    code: "store.unavailable",
    retry: true,
  });
  assert.deepEqual(readdirSync(folder), ["blobs"]);
});

test("what comes in pieces is kept whole and given in pieces, or not kept at all", async (context) => {
  const folder = temporaryFolder(context);
  const blobs = diskBlobs(folder);
  async function* pieces(count: number, broken = false): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < count; index += 1) yield new Uint8Array(100_000).fill(index);
    if (broken) throw new Error("the line is cut");
  }
  const ref = await blobs.putStream(pieces(5), { bytesMax: 500_000 });
  const read: Uint8Array[] = [];
  for await (const piece of blobs.open(ref)) read.push(piece);
  assert.deepEqual(Buffer.concat(read), Buffer.from(await blobs.get(ref)));
  assert.equal(Buffer.concat(read).length, 500_000);
  assert.ok(read.length > 1);
  await assert.rejects(blobs.putStream(pieces(6), { bytesMax: 500_000 }), {
    code: "input.too_large",
  });
  await assert.rejects(blobs.putStream(pieces(2, true), { bytesMax: 500_000 }), /the line is cut/);
  assert.deepEqual(readdirSync(folder), [ref]);
});
