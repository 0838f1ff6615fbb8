import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { PersonalData } from "#cli/erase-commands.ts";
import { diskBlobs } from "#store/blobs.ts";
import type { Config } from "./config.ts";

/** What erasure and retention work on beside the database. `secret` is the one pseudonyms are made with. */
export function personalData({ environment, dataFolder }: Config, secret: string): PersonalData {
  const blobFolder = environment.DESKHAND_BLOBS ?? join(dataFolder, "blobs");
  return {
    blobs: diskBlobs(blobFolder),
    blobFolder,
    ids: { next: (prefix) => `${prefix}_${randomUUID().replaceAll("-", "").slice(0, 20)}` },
    secret,
    listFile: join(dataFolder, "erasures.jsonl"),
    spansFile: environment.DESKHAND_SPANS_FILE ?? null,
    keep: {
      contentDays: environment.DESKHAND_KEEP_CONTENT_DAYS,
      auditMonths: environment.DESKHAND_KEEP_AUDIT_MONTHS,
    },
  };
}
