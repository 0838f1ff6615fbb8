/** Where an operator wants raw mails and files to be kept. */

import type { Keys } from "#core/connection/signing-keys.ts";

/** What the operator configured. */
export type BlobPlace = { readonly folder: string } | { readonly bucket: BucketAccess };

/** A bucket, the part of it that is ours, and the key that opens it. */
export interface BucketAccess {
  /** Begins with http:// or https://, without the bucket. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Empty, or the begin of all our keys with its closing slash. */
  readonly prefix: string;
  /** Both are asked for at each request, since their files may change. */
  readonly accessKeyId: Keys;
  readonly secretAccessKey: Keys;
  /** Asked of the storage for each object; null leaves it to the bucket's own setting. */
  readonly encryption: "AES256" | "aws:kms" | null;
}
