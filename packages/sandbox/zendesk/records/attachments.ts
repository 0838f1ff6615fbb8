/** Attachments of the local Zendesk. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type Desk } from "./desk.ts";
import { recordInvalid } from "#sandbox/zendesk/http/errors.ts";
import { Attachment, type Upload } from "./ticket-model.ts";

/** A file of a mail that comes in. */
export const MailedFile = z.strictObject({
  name: z.string(),
  type: z.string().default("application/octet-stream"),
  base64: z.string(),
  inline: z.boolean().default(false),
  scan: Attachment.shape.malware_scan_result.default("malware_not_found"),
});

/** Inside a write: keeps a file under a new id. */
export function keepFile(desk: Desk, file: z.output<typeof MailedFile>): Attachment {
  const kept: Attachment = {
    id: desk.nextId("record"),
    secret: randomBytes(18).toString("base64url"),
    file_name: file.name,
    content_type: file.type,
    inline: file.inline,
    malware_scan_result: file.scan,
    base64: file.base64,
  };
  desk.attachments.put(kept);
  return kept;
}

/** A token is good for an hour and for one comment ("Attachments" in Zendesk's reference). */
const UPLOAD_MS = 60 * 60_000;

/** Inside a write: a token for a file that waits for its comment, or one more file under a token that waits. */
export function keepUpload(desk: Desk, file: Attachment, given: string | null): Upload {
  const earlier = given === null ? undefined : desk.uploads.get(given);
  if (given !== null && earlier === undefined) throw badToken();
  const upload: Upload = {
    id: earlier?.id ?? randomBytes(18).toString("base64url"),
    attachment_ids: [...(earlier?.attachment_ids ?? []), file.id],
    expires_at_ms: desk.now().getTime() + UPLOAD_MS,
  };
  desk.uploads.put(upload);
  return upload;
}

/** Inside a write: the files behind these tokens, which are used up by it. */
export function takeUploads(desk: Desk, tokens: readonly string[]): number[] {
  return tokens.flatMap((token) => {
    const upload = desk.uploads.get(token);
    if (upload === undefined || upload.expires_at_ms <= desk.now().getTime()) throw badToken();
    desk.uploads.remove(token);
    return upload.attachment_ids;
  });
}

function badToken() {
  return recordInvalid("uploads", "Uploads: token is invalid, expired or was used before");
}

/** A file as the API shows it; its bytes are behind `content_url`. */
export function attachmentJson(desk: Desk, file: Attachment): Record<string, unknown> {
  const { id, secret, base64, ...shown } = file;
  const base = desk.settings.contentUrl === "" ? desk.url() : desk.settings.contentUrl;
  const name = encodeURIComponent(file.file_name);
  const content = `${base}/attachments/token/${secret}/?name=${name}`;
  return {
    url: `${desk.url()}/api/v2/attachments/${id}.json`,
    id,
    ...shown,
    content_url: content,
    mapped_content_url: content,
    size: Buffer.byteLength(base64, "base64"),
    width: null,
    height: null,
    deleted: false,
    malware_access_override: false,
    thumbnails: [],
  };
}

/** The files of a comment. */
export function attachmentsJson(
  desk: Desk,
  ids: readonly number[],
  withInline = false,
): Record<string, unknown>[] {
  return ids.flatMap((id) => {
    const file = desk.attachments.get(id);
    return file === undefined || (file.inline && !withInline) ? [] : [attachmentJson(desk, file)];
  });
}
