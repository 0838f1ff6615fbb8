/** A place where raw mails and files are kept: one folder, or one bucket of S3-compatible storage. */
import type { Blobs } from "#core/contracts/ports.ts";

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
