/** Reads and opens the attachments of a ticket. */
import type { FileLimits, OpenedFile } from "#core/contracts/channel.ts";
import type { Message } from "#core/values/message.ts";
import type { ZendeskClient } from "#zendesk/api/client.ts";
import { download, refusedFile, tooLargeFile } from "#zendesk/api/download.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";
import { AttachmentAnswer, type Comment } from "#zendesk/api/schema.ts";

const ATTACHMENTS_MAX = 100;

/** The host to which accounts redirect for the bytes of files. */
const FILE_HOST = "zdusercontent.com";
const DOWNLOAD_MS = 30_000;

/**
 * The files of a comment. What stands in its lines (logos of signatures, pasted pictures) is named and not opened; an
 * attached file is opened by its id, so that no address that opens it without a login is kept.
 */
export function attachmentsOf({ attachments }: Comment): Message["attachments"] {
  return (attachments ?? []).slice(0, ATTACHMENTS_MAX).map((attachment) => ({
    name: attachment.file_name ?? "",
    mediaType: attachment.content_type ?? "application/octet-stream",
    bytes: attachment.size ?? 0,
    ...(attachment.id && attachment.inline !== true ? { ref: String(attachment.id) } : {}),
  }));
}

/** Opens a file after asking the account for its current malware scan and address. */
export async function openAttachment(
  client: ZendeskClient,
  options: ZendeskOptions,
  ref: string,
  limits: FileLimits,
): Promise<OpenedFile> {
  const id = /^[1-9]\d{0,18}$/.test(ref) ? ref : null;
  if (id === null) return refusedFile("it has no number of this channel");
  const answer = await client.longWait.find(["attachments", id], AttachmentAnswer, limits.signal);
  if (answer === null || answer.attachment.deleted === true) return refusedFile("it is gone");
  const { malware_scan_result: scan, size, content_url: address } = answer.attachment;
  if (scan === "malware_found") return refusedFile("malware was found in it");
  if (scan === "failed_to_scan") return refusedFile("it could not be scanned for malware");
  if (scan !== "malware_not_found")
    return { state: "waiting", reason: "it has not been scanned for malware yet" };
  if ((size ?? 0) > limits.bytesMax) return tooLargeFile(limits.bytesMax);
  const from = {
    account: options.url,
    hosts: options.attachmentHosts ?? [FILE_HOST],
    token: options.writerToken,
    timeoutMs: options.timeoutMs ?? DOWNLOAD_MS,
  };
  return await download(from, address, limits);
}
