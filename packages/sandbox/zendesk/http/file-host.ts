/** The local Zendesk's host for the bytes of files. */
import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Router } from "express";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import type { Attachment } from "#sandbox/zendesk/records/ticket-model.ts";
import { listenHere } from "#sandbox/process/index.ts";

/** A signed address is good for a few minutes. */
const SIGNED_MS = 5 * 60_000;

/** The host that serves the bytes of files, separate from the account and without its tokens. */
export interface FileHost {
  /** Host and port. */
  readonly host: string;
  /** The signed address of a file, for callers the account redirects there. */
  readonly addressOf: (file: Attachment) => string;
  close(): Promise<void>;
}

/** Starts the host of files on a free port. A request that brings a credential is refused, as object stores do. */
export async function startFileHost(desk: Desk): Promise<FileHost> {
  const key = randomBytes(32);
  const signatureOf = (path: string, expires: string): string =>
    createHmac("sha256", key).update(`${path} ${expires}`).digest("base64url");
  const server = createServer((request, response) => {
    answer({ desk, signatureOf }, request, response);
  });
  const { port, close } = await listenHere(server);
  const host = `127.0.0.1:${port}`;
  return {
    host,
    addressOf({ id }) {
      const path = `/attachment/${id}`;
      const expires = String(desk.now().getTime() + SIGNED_MS);
      return `http://${host}${path}?expires=${expires}&signature=${signatureOf(path, expires)}`;
    },
    close,
  };
}

interface Signing {
  readonly desk: Desk;
  readonly signatureOf: (path: string, expires: string) => string;
}

function answer(
  { desk, signatureOf }: Signing,
  { url = "", headers }: IncomingMessage,
  response: ServerResponse,
): void {
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
