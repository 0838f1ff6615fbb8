/** The download route for customers' files. */

import { Router } from "express";
import { findFile } from "#store/inbox/attachments.ts";
import type { ConsoleSession } from "./session.ts";
import type { PageOptions } from "#server/pages/options.ts";

/** Whatever a file claims to be, a browser only saves it. */
const AS_DOWNLOAD = {
  "Content-Type": "application/octet-stream",
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'; sandbox",
  "Cross-Origin-Resource-Policy": "same-origin",
} as const;

/**
 * Files that customers sent, for signed-in teammates. They are third-party data, so they are never shown as a page of
 * ours.
 */
export function attachedFileRoutes(
  { parts }: { readonly parts: Pick<PageOptions["parts"], "store" | "blobs"> },
  session: Pick<ConsoleSession, "teammate">,
): Router {
  const router = Router();
  router.get("/files/:id", async (request, response) => {
    await session.teammate(request);
    const file = await parts.store.run((transaction) => findFile(transaction, request.params.id));
    if (file === null || file.blobRef === null) {
      response.status(404).json({ error: "not_found", message: "this file is not kept here" });
      return;
    }
    const bytes = await parts.blobs.get(file.blobRef);
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
