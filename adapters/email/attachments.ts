/** The files of a mail: named when it is read, opened when somebody asks for one. */

import { z } from "zod";
import type { FileLimits, OpenedFile } from "#core/contracts/channel.ts";
import type { Blobs } from "#core/contracts/ports.ts";
import { DeskhandError, errorCode } from "#core/values/errors.ts";
import type { Attachment } from "#core/values/message.ts";
import { normalizeLineEndsIn } from "#email/mime/raw-mail.ts";
import { type MailContent, readPart } from "#email/parse/read-mail.ts";
import type { SkippedAttachment } from "./options.ts";

/** `<where the mail is kept>:<number of the part in it>`. */
const FileReference = z
  .string()
  .regex(/^[\w-]{1,100}:\d{1,4}$/)
  .transform((ref) => {
    const [mail = "", part = ""] = ref.split(":");
    return { mail, part: Number(part) };
  });

/** Refers to a file that is not here, so that people hear where it is. */
const LEFT_OUT = "left-out";

/** As many as a message takes. */
const FILES_MAX = 100;

/** The attachments of a mail; without a kept mail there is nothing to open them from. */
export function mailAttachments(
  { attachments, attachedParts }: MailContent,
  { ref, leftOut }: { readonly ref: string | null; readonly leftOut: readonly SkippedAttachment[] },
): Attachment[] {
  const kept = attachments.map((attachment, index) =>
    ref === null ? attachment : { ...attachment, ref: `${ref}:${attachedParts[index] ?? 0}` },
  );
  return [...kept, ...leftOut.map((file) => ({ ...file, ref: LEFT_OUT }))].slice(0, FILES_MAX);
}

/** Reads the part a reference names out of the kept mail. One whose mail is gone is refused: it does not come back. */
export async function openPart(
  blobs: Pick<Blobs, "open">,
  ref: string,
  { bytesMax, signal }: FileLimits,
): Promise<OpenedFile> {
  if (ref === LEFT_OUT)
    return { state: "refused", reason: "its mail was too large; the file is in the inbox" };
  const named = FileReference.safeParse(ref);
  if (!named.success) return { state: "refused", reason: "it is no file of a mail" };
  const { mail, part } = named.data;
  try {
    const source = normalizeLineEndsIn(blobs.open(mail));
    const found = await readPart(source, part, { bytesMax, signal });
    return "bytes" in found
      ? { state: "open", bytes: found.bytes }
      : { state: "refused", reason: found.refused };
  } catch (error) {
    if (errorCode(error) === "ENOENT")
      return { state: "refused", reason: "the mail it came with is not kept any more" };
    if (error instanceof DeskhandError || signal.aborted) throw error;
    throw new DeskhandError("store.unavailable", "the kept mail cannot be read now", {
      cause: error,
    });
  }
}
