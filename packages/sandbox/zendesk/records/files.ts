/** Files of the local Zendesk: how they are kept and shown, and the host for their bytes. */
import { createHmac, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { Router } from "express";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { Attachment, type Upload } from "#sandbox/zendesk/records/ticket-model.ts";
import { listenHere } from "#sandbox/process/index.ts";
import { z } from "zod";
import { recordInvalid } from "#sandbox/zendesk/http/errors.ts";

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
  return desk.save(desk.attachments, {
    secret: randomBytes(18).toString("base64url"),
    file_name: file.name,
    content_type: file.type,
    inline: file.inline,
    malware_scan_result: file.scan,
    base64: file.base64,
  });
}

/** Inside a write: a file without what it was, as Zendesk leaves it in its place ("Redact comment attachment"). */
export function redactFile(desk: Desk, id: number): Attachment {
  const empty = { file_name: "redacted.txt", content_type: "text/plain", base64: "IA==" };
  return desk.save(desk.attachments, empty, desk.attachments.get(id));
}

/** A token is good for an hour and for one comment ("Attachments" in Zendesk's reference). */
const UPLOAD_MS = 60 * 60_000;

/** Inside a write: a token for a file that waits for its comment, or one more file under a token that waits. */
export function keepUpload(desk: Desk, file: Attachment, given: string | null): Upload {
  const earlier = given === null ? undefined : desk.uploads.get(given);
  if (given !== null && earlier === undefined) throw badToken();
  return desk.save(desk.uploads, {
    id: earlier?.id ?? randomBytes(18).toString("base64url"),
    attachment_ids: [...(earlier?.attachment_ids ?? []), file.id],
    expires_at_ms: desk.now().getTime() + UPLOAD_MS,
  });
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

/** Where a file opens, for everyone who has the address. */
export function contentUrl(desk: Desk, { secret, file_name: name }: Attachment): string {
  const base = desk.settings.contentUrl === "" ? desk.url() : desk.settings.contentUrl;
  return `${base}/attachments/token/${secret}/?name=${encodeURIComponent(name)}`;
}

/** A file as the API shows it; its bytes are behind `content_url`. */
export function attachmentJson(desk: Desk, file: Attachment): Record<string, unknown> {
  const { id, secret: _, base64, ...shown } = file;
  const content = contentUrl(desk, file);
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

/** A signed address is good for a few minutes. */
const SIGNED_MS = 5 * 60_000;

/** The host that serves the bytes of files, separate from the account and without its tokens. */
type FileHost = Awaited<ReturnType<typeof startFileHost>>;

/** Starts the host of files on a free port. A request that brings a credential is refused, as object stores do. */
export async function startFileHost(desk: Desk) {
  const key = randomBytes(32);
  const signatureOf = (path: string, expires: string): string =>
    createHmac("sha256", key).update(`${path} ${expires}`).digest("base64url");
  const server = createServer(({ url = "", headers }, response) => {
    const { pathname, searchParams } = new URL(url, "http://files.test");
    const expires = searchParams.get("expires") ?? "";
    const file = desk.attachments.get(Number(pathname.split("/")[2]));
    if (headers.authorization !== undefined) response.writeHead(400).end("Only one auth mechanism");
    else if (
      searchParams.get("signature") !== signatureOf(pathname, expires) ||
      Number(expires) < desk.now().getTime()
    )
      response.writeHead(403).end("Request has expired");
    else if (file === undefined) response.writeHead(404).end();
    else
      response
        .writeHead(200, { "content-type": file.content_type })
        .end(Buffer.from(file.base64, "base64"));
  });
  const { port, close } = await listenHere(server);
  const host = `127.0.0.1:${port}`;
  return {
    /** Host and port. */
    host,
    /** The signed address of a file, for callers the account redirects there. */
    addressOf: ({ id }: Attachment): string => {
      const path = `/attachment/${id}`;
      const expires = String(desk.now().getTime() + SIGNED_MS);
      return `http://${host}${path}?expires=${expires}&signature=${signatureOf(path, expires)}`;
    },
    close,
  };
}

/** The account's own addresses of files: each redirects to the file host. */
export function contentRouter(desk: Desk, addressOf: FileHost["addressOf"]): Router {
  const router = Router();
  router.get("/attachments/token/:secret/", (request, response) => {
    const file = desk.attachments.all().find(({ secret }) => secret === request.params.secret);
    if (file === undefined) {
      response.status(404).end();
      return;
    }
    response.redirect(302, addressOf(file));
  });
  return router;
}
