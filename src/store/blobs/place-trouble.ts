/** Says what is wrong with the place for raw mails: what happened, what was kept, what to do. */
import { S3ServiceError } from "s3mini";
import { errorCode, reasonOf } from "#core/values/errors.ts";

const KEPT = "Mail stays at its source and is read again.";

/** By the code of the operating system (errno(3)). */
const OF_FOLDERS: Readonly<Record<string, readonly [happened: string, remedy: string]>> = {
  ENOSPC: ["its disk is full", "Make room on it."],
  EDQUOT: ["its quota is used up", "Raise it, or make room."],
  EROFS: ["its disk is read-only", "Mount it for writing; look for disk errors first."],
  EACCES: ["it may not be read or written", "Give its user both rights."],
  EPERM: ["it may not be read or written", "Give its user both rights."],
  EIO: ["its disk fails", "Replace the disk; a backup holds the mails."],
};

/** For a folder that took nothing. */
export function folderSentence(error: unknown): string {
  const code = errorCode(error);
  const [happened, remedy] = OF_FOLDERS[code] ?? [
    "it takes nothing now",
    "Look at DESKHAND_BLOBS and the disk below it.",
  ];
  const told = code === "" ? "" : ` (${code})`;
  return `the folder for raw mails cannot be used: ${happened}${told}. ${KEPT} ${remedy}`;
}

/** By the code of Amazon S3 ("List of error codes"), which compatible storage uses too. */
const OF_BUCKETS: Readonly<Record<string, readonly [happened: string, remedy: string]>> = {
  RequestTimeTooSkewed: [
    "the clock of this machine is wrong",
    "Set it: chronyc makestep, or timedatectl set-ntp true.",
  ],
  AccessDenied: ["it refuses our access", "Allow the key to get, put, delete and list objects."],
  InvalidAccessKeyId: ["it does not know our key", "Renew the key in the settings."],
  SignatureDoesNotMatch: ["it refuses our secret", "Renew the secret in the settings."],
  ExpiredToken: ["our key has expired", "Renew the key in the settings."],
  NoSuchBucket: ["the bucket is gone", "Restore the bucket, or correct its name."],
  SlowDown: ["it asks for fewer requests", "Wait; raise its limits when it lasts."],
};

/** For a bucket, from the last try. The answer's body is left out: it may repeat the request with its signature. */
export function bucketSentence(error: unknown): string {
  const told =
    error instanceof S3ServiceError
      ? `${error.status} ${error.serviceCode ?? ""}`.trim()
      : reasonOf(error);
  const [happened, remedy] =
    OF_BUCKETS[(error instanceof S3ServiceError && error.serviceCode) || ""] ??
    (error instanceof S3ServiceError && error.status < 500
      ? ["it refuses a request", "Look at its settings and at its own log."]
      : ["it does not answer as it should", "Check its address, the network and its own state."]);
  return `the storage for raw mails cannot be used: ${happened} (${told}). ${KEPT} ${remedy}`;
}
