import type { FileLimits, OpenedFile } from "#core/channel.ts";
import type { Message } from "#core/message.ts";
import type { ZendeskClient } from "./client.ts";
import { download, type DownloadOptions, refused, tooLarge } from "./download.ts";
import { AttachmentAnswer, type Comment } from "./schema.ts";

const ATTACHMENTS_MAX = 100;

/**
 * The files of a comment. What stands in its lines (logos of signatures, pasted pictures) is named and not opened; an
 * attached file is opened by its id, so that no address that opens it for anybody is kept.
 */
export function attachmentsOf({ attachments }: Comment): Message["attachments"] {
  return (attachments ?? []).slice(0, ATTACHMENTS_MAX).map((attachment) => ({
    name: attachment.file_name ?? "",
    mediaType: attachment.content_type ?? "application/octet-stream",
    bytes: attachment.size ?? 0,
    ...(attachment.id && attachment.inline !== true ? { ref: String(attachment.id) } : {}),
  }));
}

/** Asks the account about a file first: what its scan says now, and where it is now. */
export async function openAttachment(
  { client, options }: { readonly client: ZendeskClient; readonly options: DownloadOptions },
  ref: string,
  limits: FileLimits,
): Promise<OpenedFile> {
  const id = /^[1-9]\d{0,18}$/.test(ref) ? ref : null;
  if (id === null) return refused("it has no number of this channel");
  const answer = await client.find(["attachments", id], AttachmentAnswer, limits.signal);
  if (answer === null || answer.attachment.deleted === true) return refused("it is gone");
  const { malware_scan_result: scan, size, content_url: address } = answer.attachment;
  switch (scan) {
    case "malware_not_found":
      break;
    case "malware_found":
      return refused("malware was found in it");
    case "failed_to_scan":
      return refused("it could not be scanned for malware");
    default:
      return { state: "waiting", reason: "it has not been scanned for malware yet" };
  }
  if ((size ?? 0) > limits.bytesMax) return tooLarge(limits.bytesMax);
  return await download(options, address, limits);
}
