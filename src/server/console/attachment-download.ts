/** The routes of customers' files: a download of each, and a view of pictures. */

import { Router, type Request } from "express";
import { findFile } from "#store/inbox/attachments.ts";
import { pictureTypeOf } from "#store/inbox/picture-type.ts";
import type { ConsoleSession } from "./session.ts";
import type { PageOptions } from "#server/pages/options.ts";

/** Whatever a file claims to be, a browser only saves it. */
const AS_DOWNLOAD = {
  "Content-Type": "application/octet-stream",
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'; sandbox",
  "Cross-Origin-Resource-Policy": "same-origin",
} as const;

/** A larger picture is offered as a download only. */
const PICTURE_BYTES_MAX = 20_000_000;

/**
 * Files that customers sent, for signed-in teammates. They are third-party data, so they are never shown as a page of
 * ours. What is a picture by its bytes can also be put into a page, where a browser shows pixels and runs nothing.
 */
export function attachedFileRoutes(
  { parts }: { readonly parts: Pick<PageOptions["parts"], "store" | "blobs"> },
  session: Pick<ConsoleSession, "teammate">,
): Router {
  const router = Router();
  const opened = async (request: Request<{ id: string }>) => {
    await session.teammate(request);
    const file = await parts.store.run((transaction) => findFile(transaction, request.params.id));
    return file === null || file.blobRef === null
      ? null
      : { name: file.name, bytes: await parts.blobs.get(file.blobRef) };
  };
  router.get("/files/:id/picture", async (request, response) => {
    const file = await opened(request);
    const type =
      file === null || file.bytes.length > PICTURE_BYTES_MAX ? null : pictureTypeOf(file.bytes);
    if (file === null || type === null) {
      response.status(404).json({ error: "not_found", message: "this is no picture kept here" });
      return;
    }
    response.set(AS_DOWNLOAD).set("Content-Type", type).send(Buffer.from(file.bytes));
  });
  router.get("/files/:id", async (request, response) => {
    const file = await opened(request);
    if (file === null) {
      response.status(404).json({ error: "not_found", message: "this file is not kept here" });
      return;
    }
    const { bytes } = file;
    response
      .set(AS_DOWNLOAD)
      // Express writes the name as RFC 6266 requires: nothing in it can end the header.
      .attachment(savedName(file.name))
      .set("Content-Type", AS_DOWNLOAD["Content-Type"])
      .send(Buffer.from(bytes));
  });
  return router;
}

/** A file name is third-party text: no path, and no characters that reverse the rest of it. */
function savedName(name: string): string {
  const plain = name
    .split(/[/\\]/)
    .at(-1)
    ?.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "")
    .replace(/^\.+/, "")
    .slice(0, 150)
    .toWellFormed();
  return plain === undefined || plain === "" ? "file" : plain;
}
