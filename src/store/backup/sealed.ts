/**
 * Encryption of a backup as it is written: chunks of AES-256-GCM whose order and end are part of what is authenticated
 * (the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its
 * Nonce-Reuse Misuse-Resistance", 2015). The file is a header of one line, then the chunks, each as long as the header
 * says but for the last, each followed by its tag.
 *
 * The key of the operator never encrypts a chunk: each file has a key of its own, derived with its salt, so that a
 * chunk's nonce may be its number.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import type { BackupKey } from "./backup-key.ts";

const MAGIC = "deskhand-sealed-backup";
const VERSION = 1;

/** Plain bytes of every chunk but the last. */
const CHUNK_BYTES = 1024 * 1024;
const TAG_BYTES = 16;
const SALT_BYTES = 32;

/** More than this is no header of ours. */
const HEADER_MAX = 512;

const NEWLINE = 0x0a;

/** The line before the chunks. It is authenticated with each of them. */
const Header = z.strictObject({
  format: z.literal(MAGIC),
  version: z.int().positive(),
  key: z.string(),
  salt: z.base64(),
  chunk: z
    .int()
    .positive()
    .max(16 * CHUNK_BYTES),
});

/** A stream to read, by the name people know it by. */
interface Unsealing {
  readonly name: string;
  readonly key: BackupKey | null;
  readonly mayBePlain: boolean;
}

/** Encrypts a stream in chunks of so many bytes; memory holds two of them. */
export async function* sealed(
  bytes: AsyncIterable<Uint8Array>,
  key: BackupKey,
  chunkBytes = CHUNK_BYTES,
): AsyncGenerator<Uint8Array> {
  const salt = randomBytes(SALT_BYTES);
  const header = Buffer.from(
    `${JSON.stringify({ format: MAGIC, version: VERSION, key: key.id, salt: salt.toString("base64"), chunk: chunkBytes })}\n`,
  );
  const own = fileKey(key, salt);
  const sealOne = (plain: Buffer, number: number, isLast: boolean): Buffer => {
    const cipher = createCipheriv("aes-256-gcm", own, nonceOf(number, isLast));
    cipher.setAAD(header);
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  };
  yield header;
  let number = 0;
  // One whole chunk is held back, since only the end of the stream tells which one is the last.
  let held: Buffer | null = null;
  for await (const chunk of chunksOf(bytes, chunkBytes)) {
    if (held !== null) {
      yield sealOne(held, number, false);
      number += 1;
    }
    held = chunk;
  }
  yield sealOne(held ?? Buffer.alloc(0), number, true);
}

/**
 * Decrypts what `sealed` wrote, and yields the bytes of each chunk once its tag was found right. What does not begin as
 * a sealed backup is passed on as it is if `mayBePlain`: otherwise an attacker who can write to the bucket could
 * put a backup of their own, which needs no key, in the place of an encrypted one. Throws `store.bad_backup` for that, for a missing or
 * wrong key, and for a file that was cut off, lengthened, changed, or put in another order.
 */
export async function* unsealed(
  bytes: AsyncIterable<Uint8Array>,
  { name, key, mayBePlain }: Unsealing,
): AsyncGenerator<Uint8Array> {
  const { head, rest } = await split(bytes);
  if (head === null) {
    if (!mayBePlain)
      throw bad(
        name,
        "it is not encrypted, so nothing shows that this installation wrote it: say --unencrypted if you know that it did",
      );
    return yield* rest;
  }
  const header = headerOf(head, name);
  if (key === null)
    throw bad(name, `it is encrypted with the key ${header.key}: name its file with --key-file`);
  if (key.id !== header.key)
    throw bad(name, `it is encrypted with the key ${header.key}, and the key given is ${key.id}`);
  const own = fileKey(key, Buffer.from(header.salt, "base64"));
  const openOne = (chunk: Buffer, number: number, isLast: boolean): Buffer => {
    if (chunk.length < TAG_BYTES) throw bad(name, "it is cut off within a chunk");
    const decipher = createDecipheriv("aes-256-gcm", own, nonceOf(number, isLast), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(head);
    decipher.setAuthTag(chunk.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(chunk.subarray(0, -TAG_BYTES)), decipher.final()]);
    } catch (cause) {
      const what = isLast
        ? "its last chunk is not the one it was written with: it is cut off, lengthened or changed"
        : `its chunk ${number + 1} was changed, or is not in its place`;
      throw bad(name, what, cause);
    }
  };
  let number = 0;
  let held: Buffer | null = null;
  for await (const chunk of chunksOf(rest, header.chunk + TAG_BYTES)) {
    if (held !== null) {
      yield openOne(held, number, false);
      number += 1;
    }
    held = chunk;
  }
  if (held === null) throw bad(name, "it is cut off after its header");
  yield openOne(held, number, true);
}

function headerOf(head: Buffer, name: string): z.infer<typeof Header> {
  const parsed = Header.safeParse(jsonIn(head));
  if (!parsed.success) throw bad(name, "its header cannot be read");
  if (parsed.data.version > VERSION)
    throw new DeskhandError(
      "store.newer_schema",
      `${name} was encrypted by a newer Deskhand (version ${parsed.data.version} of the form, this one reads ${VERSION}).`,
    );
  return parsed.data;
}

function jsonIn(head: Buffer): unknown {
  try {
    return JSON.parse(head.toString("utf8"));
  } catch {
    return null;
  }
}

function fileKey(key: BackupKey, salt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync("sha256", key.reveal(), salt, MAGIC, 32));
}

/** Twelve bytes: the chunk's number in eleven, and whether it is the last. */
function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 5, 6);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
}

/** Pieces of exactly this size but for the last; an empty stream has none. */
async function* chunksOf(bytes: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  for await (const piece of bytes) {
    let rest = piece;
    while (held + rest.length >= size) {
      pieces.push(rest.subarray(0, size - held));
      rest = rest.subarray(size - held);
      yield Buffer.concat(pieces);
      pieces = [];
      held = 0;
    }
    if (rest.length > 0) {
      pieces.push(Uint8Array.from(rest));
      held += rest.length;
    }
  }
  if (held > 0) yield Buffer.concat(pieces);
}

/** The header line with its end, or null for a stream that does not begin as ours, and what follows. */
async function split(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: Buffer | null; readonly rest: AsyncGenerator<Uint8Array> }> {
  const source = bytes[Symbol.asyncIterator]();
  let seen = Buffer.alloc(0);
  while (seen.length < HEADER_MAX && !seen.includes(NEWLINE)) {
    const next = await source.next();
    if (next.done === true) break;
    seen = Buffer.concat([seen, next.value]);
  }
  const isOurs = seen.subarray(0, HEADER_MAX).includes(`"${MAGIC}"`);
  const end = isOurs ? seen.indexOf(NEWLINE) + 1 : 0;
  return { head: isOurs ? seen.subarray(0, end) : null, rest: after(seen.subarray(end), source) };
}

async function* after(
  first: Buffer,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    for (;;) {
      const next = await source.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await source.return?.();
  }
}

function bad(name: string, why: string, cause?: unknown): DeskhandError {
  return new DeskhandError("store.bad_backup", `${name} cannot be restored: ${why}`, { cause });
}
