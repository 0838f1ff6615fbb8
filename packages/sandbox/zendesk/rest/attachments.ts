/** Endpoints of the local Zendesk for uploads and attachments. */
import { attachmentJson, keepFile, keepUpload } from "#sandbox/zendesk/records/attachments.ts";
import { invalidAttribute, recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import { type Call, pathId, type Reply, type Route } from "./route.ts";

/** Files: uploaded for a comment that comes later, and looked up by their id. */
export const ATTACHMENT_ROUTES: readonly Route[] = [
  { method: "POST", path: "/uploads", allow: "signed-in", run: upload },
  { method: "GET", path: "/attachments/:id", allow: "staff", run: show },
];

/** The body is the file, its name is in the query, and its type is the request's. */
function upload(call: Call): Reply {
  const name = call.query.get("filename") ?? "";
  if (name === "") throw invalidAttribute("You must pass a filename");
  const bytes = Buffer.isBuffer(call.body) ? call.body : Buffer.alloc(0);
  const { desk } = call;
  return desk.write(() => {
    const attachment = keepFile(desk, {
      name,
      type: call.header("content-type") ?? "application/octet-stream",
      base64: bytes.toString("base64"),
      inline: false,
      scan: "malware_not_found",
    });
    const token = keepUpload(desk, attachment, call.query.get("token"));
    const expires = desk.uploads.get(token)?.expires_at_ms ?? 0;
    const shown = attachmentJson(desk, attachment);
    const expires_at = new Date(expires).toISOString();
    return {
      status: 201,
      body: { upload: { token, expires_at, attachment: shown, attachments: [shown] } },
    };
  });
}

function show(call: Call): Reply {
  const found = call.desk.attachments.get(pathId(call));
  if (found === undefined) throw recordNotFound();
  return { body: { attachment: attachmentJson(call.desk, found) } };
}
