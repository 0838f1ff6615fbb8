/** Names the files of a mail that was taken in without them, so that the team knows they exist. */

import type { MessageStructureObject } from "imapflow";
import { z } from "zod";
import { safeFileName, decodeWords } from "#email/mime/header-values.ts";

const FILES_MAX = 20;

/** A file as the server describes it. */
const SkippedAttachment = z.object({
  name: z.string(),
  mediaType: z.string(),
  bytes: z.int().min(0),
});
export type SkippedAttachment = z.infer<typeof SkippedAttachment>;

/** As a header of a delivery holds them. */
export const SkippedAttachments = z.array(SkippedAttachment).max(FILES_MAX);

const TYPE = /^[a-z0-9.+-]{1,80}\/[a-z0-9.+-]{1,80}$/;

/** The files a mail's structure names, less the part that was taken. */
export function skippedAttachmentsOf(
  structure: MessageStructureObject | undefined,
  taken: MessageStructureObject | null,
): readonly SkippedAttachment[] {
  const found: SkippedAttachment[] = [];
  const waiting = structure === undefined ? [] : [structure];
  for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
    if (found.length >= FILES_MAX) break;
    if (node !== taken && isFile(node)) found.push(fileOf(node, found.length));
    waiting.push(...(node.childNodes ?? []));
  }
  return found;
}

function isFile({ type, disposition, childNodes }: MessageStructureObject): boolean {
  if (childNodes !== undefined && type !== "message/rfc822") return false;
  return disposition === "attachment" || !/^text\/(?:plain|html)$/.test(type);
}

function fileOf(
  { type, dispositionParameters, parameters, size, encoding }: MessageStructureObject,
  index: number,
): SkippedAttachment {
  const mediaType = TYPE.test(type) ? type : "application/octet-stream";
  const given = dispositionParameters?.["filename"] ?? parameters?.["name"] ?? "";
  const bytes = Math.max(0, Math.floor(size ?? 0));
  return {
    name: safeFileName(decodeWords(given.slice(0, 1_000)), mediaType, index),
    mediaType,
    bytes: encoding === "base64" ? Math.floor((bytes * 3) / 4) : bytes,
  };
}
