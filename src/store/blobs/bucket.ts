/**
 * Blobs as objects in one bucket of S3-compatible storage: signed requests by s3mini, whole objects or none, bounded
 * time. Nothing here lists or reads outside the configured prefix.
 */
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { S3mini, S3ServiceError } from "s3mini";
import { DeskhandError, invalidConfig } from "#core/values/errors.ts";
import type { BucketAccess } from "#core/contracts/ports.ts";
import {
  bucketSentence,
  type BlobStorage,
  limited,
  type PlaceIdentity,
  Reference,
} from "./storage.ts";

/** The least size of a part but the last (Amazon S3, "Multipart upload limits") is 5 MiB. */
const PART_BYTES = 8 * 1024 * 1024;

/** Further tries of a request that failed on the way or was refused for load, and the first wait, in milliseconds. */
const TRIES_MORE = 2;
const WAIT_MS = 200;

/** Objects under it name the place and hold nothing. */
const IDENTITY = "place/";

const KEYS_AT_ONCE = 1_000;

/** The blobs of one bucket. A failed write is `store.unavailable`, so that the source keeps its message. */
export function bucketBlobs(access: BucketAccess): BlobStorage {
  const bucket = openBucket(access);
  const objectKey = (ref: string): string => `${access.prefix}${Reference.parse(ref)}`;
  const place = `s3://${access.bucket}/${access.prefix}`;
  return {
    place,
    identity: bucketIdentity(bucket, access.prefix, place),
    async put(bytes) {
      const ref = randomUUID();
      await bucket.put(objectKey(ref), bytes);
      return ref;
    },
    async putStream(source, { bytesMax }) {
      const ref = randomUUID();
      await streamed(bucket, objectKey(ref), limited(source, bytesMax));
      return ref;
    },
    keep: (ref, bytes) => bucket.put(objectKey(ref), bytes),
    async get(ref) {
      const pieces: Uint8Array[] = [];
      for await (const piece of piecesOf(bucket, objectKey(ref))) pieces.push(piece);
      return Buffer.concat(pieces);
    },
    open: (ref) => piecesOf(bucket, objectKey(ref)),
    remove: (ref) => bucket.remove(objectKey(ref)),
    async *list() {
      for await (const { name, storedAt } of bucket.list(access.prefix)) {
        const ref = Reference.safeParse(name).data;
        if (ref !== undefined) yield { ref, storedAt };
      }
    },
  };
}

/** One object under a name of its own, such as a backup. */
export interface BucketObject {
  /** Whether something is there already, which is never overwritten. */
  isTaken(): Promise<boolean>;
  /** Stores the bytes to their end, in parts; throws what reading them throws, and nothing is there then. */
  keep(bytes: AsyncIterable<Uint8Array>): Promise<void>;
  /** Reads it in parts, each with further tries, however slowly they are used. */
  open(): AsyncIterable<Uint8Array>;
}

/** The object whose whole key is the prefix of this access, without its closing slash; `config.invalid` without one. */
export function bucketObject(access: BucketAccess): BucketObject {
  const bucket = openBucket(access);
  const key = access.prefix.replace(/\/$/u, "");
  if (key === "") throw invalidConfig(`s3://${access.bucket} needs a name after the bucket`);
  return {
    isTaken: () => bucket.has(key),
    keep: (bytes) => streamed(bucket, key, bytes),
    async *open() {
      for (let from = 0, size = 1; from < size;) {
        const part = await bucket.part(key, from);
        yield part.bytes;
        from += part.bytes.length;
        ({ size } = part);
        if (part.bytes.length === 0) return;
      }
    },
  };
}

type Encryption = { readonly "x-amz-server-side-encryption"?: string };

/** One request with its answer, in milliseconds; a part of 8 MB has to pass within it. */
const REQUEST_MS = 60_000;
/** Putting a large object together "could take several minutes" (Amazon S3, "CompleteMultipartUpload"). */
const PUT_TOGETHER_MS = 300_000;

function clientFor(access: BucketAccess, requestAbortTimeout: number): S3mini {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = access;
  return new S3mini({
    accessKeyId,
    secretAccessKey,
    endpoint: `${endpoint.replace(/(?<!\/)\/+$/u, "")}/${bucket}`,
    region,
    requestAbortTimeout,
    // A signature is for one address: a redirect could only lead to another one.
    fetch: (input, init) => fetch(input, { ...init, redirect: "error" }),
  });
}

type Bucket = ReturnType<typeof openBucket>;

/** What is asked of the storage, with time limits, further tries and our error. */
function openBucket(access: BucketAccess) {
  const client = clientFor(access, REQUEST_MS);
  const encryption: Encryption =
    access.encryption === null ? {} : { "x-amz-server-side-encryption": access.encryption };
  const get = (key: string) => withTries(() => client.getObjectResponse(key));
  return {
    put: async (key: string, bytes: Uint8Array) =>
      void (await withTries(() =>
        client.putObject(key, bytes, TYPE, undefined, {
          ...encryption,
          // The storage refuses bytes that changed on the way (Amazon S3, "Checking object integrity").
          "x-amz-checksum-sha256": createHash("sha256").update(bytes).digest("base64"),
        }),
      )),
    /** Null for an object that is not there. */
    get,
    async has(key: string) {
      const answer = await get(key);
      // An answer that nobody reads keeps its socket.
      await answer?.body?.cancel();
      return answer !== null;
    },
    /** The bytes from this one on, one part at most, and the size of the whole object. */
    part: (key: string, from: number) =>
      withTries(async () => {
        const answer = await client.getObjectRaw(key, false, from, from + PART_BYTES);
        const [, size] = /\/(\d+)$/.exec(answer.headers.get("content-range") ?? "") ?? [];
        const bytes = new Uint8Array(await answer.arrayBuffer());
        // A storage that does not know ranges sends the whole object.
        return { bytes, size: size === undefined ? bytes.length : Number(size) };
      }),
    remove: async (key: string) => void (await withTries(() => client.deleteObject(key))),
    /** Names below the prefix, without it. */
    list: (prefix: string) => namesBelow(client, prefix),
    begin: (key: string) =>
      begunObject(client, clientFor(access, PUT_TOGETHER_MS), key, encryption),
  };
}

/** Begins an object that is sent in parts. */
async function begunObject(client: S3mini, patient: S3mini, key: string, encryption: Encryption) {
  const id = await withTries(() =>
    client.getMultipartUploadId(key, TYPE, undefined, { ...encryption }),
  );
  const parts: { partNumber: number; etag: string }[] = [];
  return {
    part: async (number: number, bytes: Uint8Array) =>
      void parts.push(await withTries(() => client.uploadPart(key, id, bytes, number))),
    /** The object of this many bytes exists from here on. */
    async finish(bytes: number) {
      try {
        await withTries(async () => {
          // An answer of 200 may hold an error, since it was begun before the work (the same document).
          const { etag } = await patient.completeMultipartUpload(key, id, parts);
          if (typeof etag !== "string") throw new Error("the storage did not put it together");
        });
      } catch (error) {
        // Where the answer alone was lost, the upload is not known any more and the object is there.
        const stored = await withTries(() => client.getContentLength(key)).catch(() => null);
        if (stored !== bytes) throw error;
      }
    },
    /** Never throws: what is left of it is removed by the bucket's own rule for unfinished uploads. */
    abandon: () =>
      client.abortMultipartUpload(key, id).then(
        () => undefined,
        () => undefined,
      ),
  };
}

const TYPE = "application/octet-stream";

/** Another try for what failed on the way or was refused for load; every request here may be repeated. */
async function withTries<T>(request: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1)
    try {
      return await request();
    } catch (error) {
      if (tries === TRIES_MORE || !isPassing(error))
        throw new DeskhandError("store.unavailable", bucketSentence(error), { cause: error });
      await delay(WAIT_MS * 2 ** tries);
    }
}

function isPassing(error: unknown): boolean {
  return !(error instanceof S3ServiceError) || error.status >= 500 || error.status === 429;
}

async function* namesBelow(
  client: S3mini,
  prefix: string,
): AsyncGenerator<{ name: string; storedAt: Date }> {
  for (let next: string | undefined; ;) {
    const token = next;
    const page = await withTries(() => client.listObjectsPaged("/", prefix, KEYS_AT_ONCE, token));
    for (const { Key, LastModified } of page?.objects ?? [])
      yield { name: Key.slice(prefix.length), storedAt: new Date(LastModified) };
    next = page?.nextContinuationToken;
    if (next === undefined || next === "") return;
  }
}

/** Throws what a missing file does where there is no such object. */
async function* piecesOf(bucket: Bucket, key: string): AsyncGenerator<Uint8Array> {
  const answer = await bucket.get(key);
  if (answer === null) throw Object.assign(new Error(`${key} is not kept`), { code: "ENOENT" });
  try {
    if (answer.body !== null) yield* answer.body;
  } catch (cause) {
    throw new DeskhandError("store.unavailable", "the storage for raw mails broke off an answer", {
      cause,
    });
  }
}

/**
 * Stores a stream: at once when it is no larger than one part, otherwise in parts. Memory holds one
 * part; nothing exists under the key unless every part arrived.
 */
async function streamed(
  bucket: Bucket,
  key: string,
  source: AsyncIterable<Uint8Array>,
): Promise<void> {
  type Parted = Awaited<ReturnType<typeof begunObject>>;
  const state = { parted: null as Parted | null, number: 0, bytes: 0 };
  try {
    let held: Uint8Array[] = [];
    let size = 0;
    const send = async (): Promise<void> => {
      state.parted ??= await bucket.begin(key);
      state.number += 1;
      await state.parted.part(state.number, Buffer.concat(held));
      held = [];
      size = 0;
    };
    for await (const piece of source) {
      // Copied, because a source may fill the same memory again.
      held.push(Uint8Array.from(piece));
      size += piece.length;
      state.bytes += piece.length;
      if (size >= PART_BYTES) await send();
    }
    if (state.parted === null) await bucket.put(key, Buffer.concat(held));
    else {
      if (size > 0) await send();
      await state.parted.finish(state.bytes);
    }
  } catch (error) {
    await state.parted?.abandon();
    throw error;
  }
}

function bucketIdentity(bucket: Bucket, prefix: string, place: string): PlaceIdentity {
  const objectKey = (id: string): string => `${prefix}${IDENTITY}${id}`;
  const ids = async (): Promise<readonly string[]> => {
    const names: string[] = [];
    for await (const { name } of bucket.list(`${prefix}${IDENTITY}`)) names.push(name);
    return names.filter((name) => Reference.safeParse(name).success).toSorted();
  };
  return {
    async begin() {
      const [known] = await ids();
      if (known !== undefined) return known;
      const own = randomUUID();
      await bucket.put(objectKey(own), new TextEncoder().encode(own));
      // Of two processes that start at the same moment both take the first id, whichever of them wrote it.
      return (await ids())[0] ?? own;
    },
    has: (id) => bucket.has(objectKey(id)),
    byHand: (id) => `store an object named ${IDENTITY}${id} below ${place}`,
  };
}
