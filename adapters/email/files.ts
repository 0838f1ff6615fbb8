/** The files of a mail: they stay in the kept mail, and are read from it when somebody wants one. */

import { z } from "zod";
import type { FileLimits, OpenedFile } from "#core/channel.ts";
import { DeskhandError } from "#core/errors.ts";
import type { Attachment } from "#core/message.ts";
import type { Blobs } from "#core/ports.ts";
import { withLineFeedsIn } from "./line-feeds.ts";
import { partOfMail, type ReadMail } from "./parse.ts";

/** `<where the mail is kept>:<number of the part in it>`. */
const FileReference = z
  .string()
  .regex(/^[\w-]{1,100}:\d{1,4}$/)
  .transform((ref) => {
    const [mail = "", part = ""] = ref.split(":");
    return { mail, part: Number(part) };
  });

/** The attachments of a mail; without a kept mail there is nothing to open them from. */
export function attachmentsOf(
  { attachments, attachedParts }: ReadMail,
  mail: string | null,
): Attachment[] {
  return attachments.map((attachment, index) =>
    mail === null ? attachment : { ...attachment, ref: `${mail}:${attachedParts[index] ?? 0}` },
  );
}

/** Reads the part a reference names out of the kept mail. One whose mail is gone is refused: it does not come back. */
export async function openPart(
  blobs: Pick<Blobs, "open">,
  ref: string,
  { bytesMax, signal }: FileLimits,
): Promise<OpenedFile> {
  const named = FileReference.safeParse(ref);
  if (!named.success) return { state: "refused", reason: "it is no file of a mail" };
  const { mail, part } = named.data;
  try {
    const source = withLineFeedsIn(blobs.open(mail));
    const found = await partOfMail(source, part, { bytesMax, signal });
    return "bytes" in found
      ? { state: "open", bytes: found.bytes }
      : { state: "refused", reason: found.refused };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      return { state: "refused", reason: "the mail it came with is not kept any more" };
    if (error instanceof DeskhandError || signal.aborted) throw error;
    throw new DeskhandError("store.unavailable", "the kept mail cannot be read now", {
      cause: error,
    });
  }
}
