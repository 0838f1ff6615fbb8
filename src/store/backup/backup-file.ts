/**
 * The backup file: gzipped lines of JSON. The first line has the format and the schema, then come the tables one after
 * another and the kept mails; the last line has the counts and the digest of all lines before it. A file without that
 * line, or with another digest, is refused before any of it is used. It is
 * kept in a file or as an object in a bucket, whole or not at all.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { pipeline, Readable } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";
import { createReadStream, existsSync } from "node:fs";
import { dirname } from "node:path";
import { rm, stat } from "node:fs/promises";
import { z } from "zod";
import { DeskhandError, invalidInput, reasonOf } from "#core/values/errors.ts";
import { Migration } from "#store/db/migrate.ts";
import { jsonOrNull } from "#core/values/canonical-json.ts";
import type { BlobPlace } from "#core/contracts/ports.ts";
import { type BucketObject, bucketObject } from "#store/blobs/bucket.ts";
import { writeWholeFile } from "#store/blobs/storage.ts";

const FORMAT = 1;

/** The first line. */
export const BackupHead = z.object({
  deskhand: z.literal("backup"),
  format: z.int(),
  kind: z.enum(["pglite", "postgres"]),
  /** By the clock of the database it was taken from. */
  takenAt: z.iso.datetime({ offset: true }),
  migrations: z.array(Migration).min(1),
});
export type BackupHead = z.infer<typeof BackupHead>;

/** A row as the texts PostgreSQL returns for its columns, which any PostgreSQL can read. */
const Row = z.array(z.string().nullable());

const Body = z.union([
  z.strictObject({ table: z.string(), columns: z.array(z.string()).min(1) }),
  z.strictObject({ rows: z.array(Row) }),
  z.strictObject({ blob: z.uuid(), base64: z.base64() }),
]);
type BackupLine = z.infer<typeof Body>;

/** What the file contains, in numbers. */
export const BackupCounts = z.strictObject({
  tables: z.int(),
  rows: z.int(),
  blobs: z.int(),
  /** Kept mails named by a row but removed while the backup was taken. */
  gone: z.int(),
});
export type BackupCounts = z.infer<typeof BackupCounts>;

const End = z.strictObject({ end: BackupCounts, sha256: z.string() });

/** Writes lines; the backup exists at its place only once `finish` has resolved. */
export type BackupWriter = Awaited<ReturnType<typeof createBackup>>;

/** Begins a backup at its place, which keeps it whole or not at all. */
export async function createBackup(
  target: BackupPlace,
  head: Omit<BackupHead, "deskhand" | "format">,
) {
  const gzip = createGzip();
  const written = target.keep(gzip);
  // Reported by the next line or by `finish`; until then the promise has no listener.
  written.catch((error: Error) => gzip.destroy(error));
  const hash = createHash("sha256");
  const put = async (text: string): Promise<void> => {
    if (gzip.errored) throw gzip.errored;
    if (!gzip.write(text)) await once(gzip, "drain");
  };
  const line = async (json: string): Promise<void> => {
    hash.update(`${json}\n`);
    await put(`${json}\n`);
  };
  await line(JSON.stringify({ deskhand: "backup", format: FORMAT, ...head }));
  return {
    /** A line that is JSON already. */
    line,
    async finish(counts: BackupCounts): Promise<void> {
      await put(`${JSON.stringify({ end: counts, sha256: hash.digest("hex") })}\n`);
      gzip.end();
      await written;
    },
    async abandon(): Promise<void> {
      gzip.destroy(new Error("the backup was given up"));
      await written.catch(() => undefined);
    },
  };
}

/**
 * Reads the whole file once and returns its head and counts. Throws `store.bad_backup` for anything but a complete
 * backup of ours.
 */
export async function checkBackup(
  source: BackupPlace,
): Promise<{ readonly head: BackupHead; readonly counts: BackupCounts }> {
  const hash = createHash("sha256");
  let head: BackupHead | null = null;
  let last = "";
  for await (const line of linesOf(source)) {
    if (head === null) head = backupHead(source.name, line);
    else hash.update(`${last}\n`);
    last = line;
  }
  const end = End.safeParse(jsonOrNull(last));
  if (head === null || !end.success || end.data.sha256 !== hash.digest("hex"))
    throw bad(source.name, "it is cut off or damaged: its end is missing or does not fit the rest");
  return { head, counts: end.data.end };
}

/** The lines between head and end, one at a time. */
export async function* bodyOf(source: BackupPlace): AsyncGenerator<BackupLine> {
  let isHead = true;
  for await (const line of linesOf(source)) {
    const value = isHead ? null : jsonOrNull(line);
    isHead = false;
    if (value === null || End.safeParse(value).success) continue;
    yield Body.parse(value);
  }
}

function backupHead(path: string, line: string): BackupHead {
  const head = BackupHead.safeParse(jsonOrNull(line));
  if (!head.success) throw bad(path, "it is no backup of Deskhand");
  if (head.data.format > FORMAT)
    throw new DeskhandError(
      "store.newer_schema",
      `${path} was written by a newer Deskhand (backup format ${head.data.format}, this one reads ${FORMAT}).`,
    );
  return head.data;
}

async function* linesOf(source: BackupPlace): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const gunzip = createGunzip();
  // Errors of either end are thrown by the loop below, which reads the other.
  const bytes = pipeline(Readable.from(source.open()), gunzip, () => undefined);
  const rest: string[] = [];
  try {
    for await (const chunk of bytes) {
      const pieces = decoder.decode(chunk, { stream: true }).split("\n");
      for (const piece of pieces.slice(0, -1)) {
        rest.push(piece);
        yield rest.splice(0).join("");
      }
      rest.push(pieces.at(-1) ?? "");
    }
  } catch (error) {
    if (error instanceof DeskhandError) throw error;
    throw bad(source.name, reasonOf(error));
  } finally {
    gunzip.destroy();
  }
  if (rest.join("") !== "") throw bad(source.name, "its last line is cut off");
}

function bad(path: string, why: string): DeskhandError {
  return new DeskhandError("store.bad_backup", `${path} cannot be restored: ${why}`);
}

/** A place for one backup, which is read there as often as wanted. */
export interface BackupPlace extends BucketObject {
  /** For people. */
  readonly name: string;
}

/** Where the operator has a backup, or wants one. A bucket's prefix is the object's key. */
export function backupAt(place: BlobPlace): BackupPlace {
  if ("folder" in place) return backupFile(place.folder);
  const { bucket, prefix } = place.bucket;
  const name = `s3://${bucket}/${prefix.replace(/\/$/u, "")}`;
  return { name, ...bucketObject(place.bucket) };
}

/** A file, which is there once it is complete. */
export function backupFile(path: string): BackupPlace {
  return {
    name: path,
    isTaken: async () => (await stat(path).catch(() => null)) !== null,
    async keep(bytes) {
      if (!existsSync(dirname(path)))
        throw invalidInput(
          `${dirname(path)} is not there: make that folder first, or name another`,
        );
      // One of a run that was killed.
      await rm(`${path}.part`, { force: true });
      await writeWholeFile(path, async (file) => {
        for await (const piece of bytes) await file.writeFile(piece);
      });
    },
    async *open() {
      const bytes: AsyncIterable<Buffer> = createReadStream(path);
      yield* bytes;
    },
  };
}
