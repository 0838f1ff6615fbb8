/**
 * `DESKHAND_ZENDESK_RECORDING=FOLDER node --import ./test/zendesk/spec/record.ts …`: every call a sandbox Zendesk in
 * this process or its children answers becomes a line of JSON in FOLDER, one file a process.
 */
import { appendFileSync, mkdirSync } from "node:fs";
import { ServerResponse } from "node:http";
import { join } from "node:path";
import type { Request } from "express";

const folder = process.env["DESKHAND_ZENDESK_RECORDING"];
if (folder !== undefined && folder !== "") {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${process.pid}.jsonl`);
  const end: unknown = Reflect.get(ServerResponse.prototype, "end");
  if (typeof end !== "function") throw new Error("an answer has no end");
  const recorded = new Proxy(end, {
    apply(_end, response: ServerResponse<Request>, given: readonly unknown[]) {
      // A dropped connection has no answer. Written at once: a test that kills its process must not take the last calls with it.
      response.on("finish", () => {
        const line = exchangeOf(response, given[0]);
        if (line !== null) appendFileSync(file, `${JSON.stringify(line)}\n`);
      });
      return Reflect.apply(end, response, given);
    },
  });
  Reflect.set(ServerResponse.prototype, "end", recorded);
}

/** A call of the API with its answer, as `recording.ts` reads it; credentials are left out. Null for any other request. */
function exchangeOf(response: ServerResponse<Request>, sent: unknown): object | null {
  const { method, originalUrl: target, headers, body: requestBody } = response.req;
  if (!/^\/(?:api\/v2|oauth\/tokens)\b/u.test(target ?? "")) return null;
  const isText = typeof sent === "string" || Buffer.isBuffer(sent);
  return {
    method,
    target,
    requestType: headers["content-type"] ?? null,
    requestBody: Buffer.isBuffer(requestBody) ? undefined : requestBody,
    status: response.statusCode,
    headers: response.getHeaders(),
    body: isText ? String(sent) : null,
  };
}
