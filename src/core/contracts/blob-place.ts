/** Where an operator wants raw mails and files to be kept. */

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
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Asked of the storage for each object; null leaves it to the bucket's own setting. */
  readonly encryption: "AES256" | "aws:kms" | null;
}
