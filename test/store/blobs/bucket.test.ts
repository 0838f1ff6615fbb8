/** Raw mails in S3-compatible storage: whole or not at all, within the prefix, through faults, and shared by processes. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { bucketBlobs, bucketObject } from "#store/blobs/bucket.ts";
import { sharedBlobs, forgetPlace, sharedPlace } from "#store/blobs/shared-place.ts";
import { removeStrayBlobs } from "#store/blobs/storage.ts";
import { buffer } from "node:stream/consumers";
import { NO_FAULTS, S3_KEY, type S3StandIn, startS3 } from "#test/support/s3.ts";
import { onEveryDatabase } from "#test/store/bench.ts";

let s3: S3StandIn;
before(async () => (s3 = await startS3()));
after(() => s3[Symbol.asyncDispose]());
beforeEach(() => void Object.assign(s3.faults, NO_FAULTS));

const accessTo = (prefix: string): Parameters<typeof bucketBlobs>[0] => ({
  endpoint: s3.endpoint,
  region: "eu-central-1",
  bucket: s3.bucket,
  prefix,
  accessKeyId: S3_KEY.id,
  secretAccessKey: S3_KEY.secret,
  encryption: null,
});

const opened = (prefix: string, more: Partial<Parameters<typeof bucketBlobs>[0]> = {}) =>
  bucketBlobs({ ...accessTo(prefix), ...more });

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const isUnavailable = (error: unknown): boolean =>
  error instanceof DeskhandError && error.code === "store.unavailable" && error.retry;

async function* pieces(count: number, size: number): AsyncGenerator<Uint8Array> {
  // One piece of memory that is filled again, as some streams do.
  const piece = new Uint8Array(size);
  for (let at = 0; at < count; at += 1) {
    piece.fill(at % 251);
    yield piece;
  }
}

test("a mail comes back as it was stored, is found by no other prefix, and is gone once removed", async () => {
  const [ours, theirs] = [opened("ours/"), opened("theirs/")];
  const ref = await ours.put(bytesOf("a mail"));
  assert.ok(s3.objects.has(`ours/${ref}`));
  assert.equal(Buffer.from(await ours.get(ref)).toString(), "a mail");
  await assert.rejects(theirs.get(ref), { code: "ENOENT" });
  await ours.remove(ref);
  await ours.remove(ref);
  await assert.rejects(ours.get(ref), { code: "ENOENT" });
  await assert.rejects(ours.get("../theirs/x"));
});

test("looking whether an object is there leaves no answer open", async (context) => {
  const answers: Response[] = [];
  const real = globalThis.fetch;
  context.mock.method(globalThis, "fetch", async (...asked: Parameters<typeof fetch>) => {
    const answer = await real(...asked);
    if (asked[1]?.method === "GET") answers.push(answer);
    return answer;
  });
  const { identity } = opened("looked/");
  const id = await identity.begin();
  assert.equal(await identity.has(id), true);
  assert.equal(await bucketObject({ ...accessTo(`looked/place/${id}/`) }).isTaken(), true);
  const open = answers.filter(({ body, bodyUsed }) => body !== null && !bodyUsed);
  assert.deepEqual([answers.length >= 2, open.length], [true, 0]);
});

test("a long stream is sent in parts with a part of it in memory, and arrives whole", async () => {
  const blobs = opened("large/");
  const ref = await blobs.putStream(pieces(20, 1_000_000), { bytesMax: 30_000_000 });
  const whole = await buffer(blobs.open(ref));
  assert.equal(whole.length, 20_000_000);
  assert.deepEqual([whole[0], whole[1_000_000], whole[19_999_999]], [0, 1, 19]);
  assert.equal(s3.unfinished(), 0);
});

test("of a stream that breaks off, is too large, or meets a fault nothing is kept", async () => {
  const blobs = opened("broken/");
  const count = s3.objects.size;
  await assert.rejects(blobs.putStream(pieces(20, 1_000_000), { bytesMax: 12_000_000 }), {
    code: "input.too_large",
  });
  const cutOff = async function* () {
    yield* pieces(10, 1_000_000);
    throw new Error("the source broke off");
  };
  await assert.rejects(blobs.putStream(cutOff(), { bytesMax: 30_000_000 }), /broke off/u);
  s3.faults.badPart = 2;
  await assert.rejects(
    blobs.putStream(pieces(20, 1_000_000), { bytesMax: 30_000_000 }),
    isUnavailable,
  );
  assert.equal(s3.objects.size, count);
  assert.equal(s3.unfinished(), 0);
});

test("an end that is refused in an answer of 200 is asked for again, and what was not put together is not stored", async () => {
  const blobs = opened("ends/");
  const put = () => blobs.putStream(pieces(9, 1_000_000), { bytesMax: 30_000_000 });
  s3.faults.notPutTogether = 2;
  const ref = await put();
  assert.equal(s3.objects.get(`ends/${ref}`)?.bytes.length, 9_000_000);
  s3.faults.notPutTogether = 3;
  await assert.rejects(put(), isUnavailable);
  assert.equal(s3.unfinished(), 0);
  s3.faults.silentEnd = true;
  const lost = await put();
  assert.equal(s3.objects.get(`ends/${lost}`)?.bytes.length, 9_000_000);
});

test("a storage that is busy is asked again; one that refuses, lies or breaks off is named without the key", async () => {
  const blobs = opened("faults/");
  s3.faults.busy = 2;
  const ref = await blobs.put(bytesOf("a mail"));
  assert.equal(s3.faults.busy, 0);
  const told: string[] = [];
  const failing = async (work: () => Promise<unknown>): Promise<void> => {
    await assert.rejects(work, (error) => {
      told.push(error instanceof Error ? error.message : "");
      return isUnavailable(error);
    });
  };
  s3.faults.forbidden = true;
  await failing(() => blobs.put(bytesOf("a mail")));
  s3.faults.forbidden = false;
  s3.faults.flipped = true;
  await failing(() => blobs.put(bytesOf("a mail")));
  s3.faults.flipped = false;
  s3.faults.skewed = true;
  await assert.rejects(blobs.put(bytesOf("a mail")), /the clock of this machine is wrong/u);
  s3.faults.skewed = false;
  s3.faults.cut = true;
  await failing(() => blobs.get(ref));
  s3.faults.cut = false;
  await failing(() => opened("faults/", { secretAccessKey: "another" }).get(ref));
  await failing(() => opened("faults/", { endpoint: "http://127.0.0.1:1" }).put(bytesOf("x")));
  assert.match(told[0] ?? "", /403 AccessDenied/u);
  assert.match(told[1] ?? "", /400 BadDigest/u);
  for (const words of told) assert.doesNotMatch(words, /a secret|another|Signature/u);
});

test("encryption is asked for each mail where it is configured", async () => {
  await opened("closed/", { encryption: "aws:kms" }).put(bytesOf("a mail"));
  assert.equal(s3.lastStored()["x-amz-server-side-encryption"], "aws:kms");
  await opened("open/").put(bytesOf("a mail"));
  assert.equal(s3.lastStored()["x-amz-server-side-encryption"], undefined);
});

onEveryDatabase("a bucket", (bench) => {
  const isElsewhere = /is not the place for mails that the other processes use/u;
  beforeEach(() => bench.run(forgetPlace));

  test("is one for all processes, also when they begin at the same moment, and another is told from it", async () => {
    const prefix = `${randomUUID()}/`;
    const all = [opened(prefix), opened(prefix), opened(prefix)].map((storage) =>
      sharedPlace(bench, storage),
    );
    await Promise.all(all.map((place) => place.begin()));
    assert.deepEqual(await Promise.all(all.map((place) => place.problem())), [null, null, null]);
    const other = sharedPlace(bench, opened(`${randomUUID()}/`));
    assert.match((await other.problem()) ?? "", isElsewhere);
  });

  test("that is lost loses no mail: reading is tried again until it is back", async () => {
    const storage = opened(`${randomUUID()}/`);
    const place = sharedPlace(bench, storage);
    await place.begin();
    const ref = await storage.put(bytesOf("a mail"));
    s3.faults.lost = true;
    const read = sharedBlobs(storage, sharedPlace(bench, storage));
    await assert.rejects(read.get(ref), isUnavailable);
    s3.faults.lost = false;
    const again = sharedBlobs(storage, sharedPlace(bench, storage));
    assert.equal(Buffer.from(await again.get(ref)).toString(), "a mail");
    await storage.remove(ref);
    await assert.rejects(again.get(ref), { code: "ENOENT" });
  });

  test("is tidied of mails without a row, page by page, and keeps what names the place", async () => {
    const prefix = `${randomUUID()}/`;
    const storage = opened(prefix);
    await sharedPlace(bench, storage).begin();
    for (let at = 0; at < 5; at += 1) await storage.put(bytesOf("a stray"));
    for (const key of s3.objects.keys()) s3.age(key, new Date(Date.now() - 3 * 86_400_000));
    s3.pageSize = 2;
    assert.equal(await removeStrayBlobs(bench, storage, new Date()), 5);
    assert.equal(await removeStrayBlobs(bench, storage, new Date()), 0);
    s3.pageSize = 1_000;
    assert.equal(await sharedPlace(bench, storage).problem(), null);
  });
});
