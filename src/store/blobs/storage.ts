/**
 * Where raw mails and files are kept: one folder, or one bucket of S3-compatible storage, which all processes use.
 */
import type { BlobPlace, Blobs } from "#core/contracts/ports.ts";
import { bucketBlobs } from "./bucket.ts";
import { diskBlobs } from "./folder.ts";

/** One place with what keeping, copying and tidying need beyond reading and writing. */
export interface BlobStorage extends Blobs {
  /** For people: a path, or an address beginning with s3://. */
  readonly place: string;
  /** Stores bytes under a reference that exists already, as after a restore; again is the same. */
  keep(ref: string, bytes: Uint8Array): Promise<void>;
  /** Every blob with the time it was stored; empty for a place that was never used. */
  list(): AsyncIterable<{ readonly ref: string; readonly storedAt: Date }>;
  /** What tells this place from every other. */
  readonly identity: PlaceIdentity;
}

/** An id that lies in a place beside its blobs; the database knows the id of the one in use. */
export interface PlaceIdentity {
  /** Gives the place an id unless it has one. Processes that do so at the same moment get the same one. */
  begin(): Promise<string>;
  /** Whether the place has this id; throws `store.unavailable` when that cannot be seen now. */
  has(id: string): Promise<boolean>;
  /** Says how a person gives the place this id by hand. */
  byHand(id: string): string;
}

/** The storage at a configured place; opens no connection before the first blob. */
export function storageAt(place: BlobPlace): BlobStorage {
  return "folder" in place ? diskBlobs(place.folder) : bucketBlobs(place.bucket);
}
