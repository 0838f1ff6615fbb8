/** Environment variables of the place for raw mails and files and of Redis, and what they mean together. */
import { secret, text, url } from "./secret.ts";
import { join } from "node:path";
import { z } from "zod";
import { invalidConfig } from "#core/values/errors.ts";
import type { BlobPlace, BucketAccess, RedisPlace } from "#core/contracts/ports.ts";

/** Where raw mails and files are kept, and the key of a bucket. */
export const STORAGE_VARIABLES = {
  DESKHAND_BLOBS: text
    .optional()
    .describe(
      "folder or `s3://bucket/prefix` for raw mails, shared by all processes; in the data unless set",
    ),
  S3_ENDPOINT: url.optional().describe("address of S3-compatible storage; Amazon's unless set"),
  S3_REGION: text.default("us-east-1").describe("region of the storage"),
  S3_ACCESS_KEY_ID: secret.optional().describe("name of the bucket's key"),
  S3_SECRET_ACCESS_KEY: secret
    .optional()
    .describe("that key: may read, write, list and delete below the prefix"),
  S3_ENCRYPTION: z
    .enum(["AES256", "aws:kms"])
    .optional()
    .describe("encryption asked of the storage; the bucket's own unless set"),
};

/** The values that matter here, as the environment gives them. */
export type StorageSettings = Readonly<z.infer<z.ZodObject<typeof STORAGE_VARIABLES>>>;

/** `s3://` and the rules for names of buckets (Amazon S3, "General purpose bucket naming rules"), then a prefix. */
const BUCKET = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w!.*'()/-]{0,500}))?$/u;

const KEY_NAMES = ["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"] as const;

/** Problems of the variables together, each with its name. */
export function storageProblems(set: Readonly<Record<string, string | undefined>>): string[] {
  const named = set["DESKHAND_BLOBS"]?.trim();
  if (named?.startsWith("s3:") !== true) return [];
  if (!BUCKET.test(named))
    return ["DESKHAND_BLOBS: is no address of a bucket; it has the form s3://bucket/prefix"];
  return KEY_NAMES.flatMap((name) =>
    set[name] === undefined
      ? [`${name}: is missing, and DESKHAND_BLOBS needs it for ${named}`]
      : [],
  );
}

/** The place a path or an `s3://` address names; throws `config.invalid` where it names none. */
export function placeNamed(
  name: string,
  settings: Omit<StorageSettings, "DESKHAND_BLOBS">,
): BlobPlace {
  if (!name.startsWith("s3:")) return { folder: name };
  const [, bucket, prefix = ""] = BUCKET.exec(name) ?? [];
  const { S3_ACCESS_KEY_ID: id, S3_SECRET_ACCESS_KEY: key, S3_REGION: region } = settings;
  if (bucket === undefined) throw invalidConfig(`${name} has to have the form s3://bucket/prefix`);
  if (id === undefined || key === undefined)
    throw invalidConfig(`${name} needs ${KEY_NAMES.join(" and ")}`);
  const access: BucketAccess = {
    endpoint: settings.S3_ENDPOINT ?? `https://s3.${region}.amazonaws.com`,
    region,
    bucket,
    prefix: prefix === "" ? "" : prefix.replace(/(?<!\/)\/*$/u, "/"),
    accessKeyId: id.reveal(),
    secretAccessKey: key.reveal(),
    encryption: settings.S3_ENCRYPTION ?? null,
  };
  return { bucket: access };
}

/** Where raw mails are kept: shared by all processes when there are several. */
export function configuredBlobPlace(config: {
  readonly environment: StorageSettings;
  readonly dataFolder: string;
}): BlobPlace {
  const { environment, dataFolder } = config;
  return placeNamed(environment.DESKHAND_BLOBS ?? join(dataFolder, "blobs"), environment);
}

/** Where the database is: at the address that is set, or embedded in the data folder. */
export function configuredDatabase(config: {
  readonly environment: { readonly DATABASE_URL?: string | undefined };
  readonly dataFolder: string;
}): { readonly databaseUrl: string | null; readonly folder: string } {
  const { environment, dataFolder } = config;
  return { databaseUrl: environment.DATABASE_URL ?? null, folder: dataFolder };
}

/** Where the queue of wakes is. */
export const REDIS_VARIABLES = {
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe("Redis with `maxmemory-policy noeviction`; one is started here unless set"),
};

/** The place the setting names, or the Redis started on this machine. */
export function configuredRedisPlace(
  { REDIS_URL }: { readonly REDIS_URL?: string | undefined },
  startedHere: string | null,
): RedisPlace {
  return { url: REDIS_URL ?? startedHere ?? "" };
}
