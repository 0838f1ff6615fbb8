/**
 * Microsoft Graph's `sendMail` as its document describes it: 202 says no more than that the mail was accepted, the copy
 * appears in Sent Items a moment later and under a Message-ID of Exchange's own, a busy service answers 429 with
 * Retry-After, and any answer can get lost, or a 503 can come for what was taken.
 */
import { createServer } from "node:http";
import type { TestContext } from "node:test";
import { closed, listen } from "#test/support/loopback.ts";

/** What the next requests meet; `lost`: the mail is accepted, and the connection is cut in place of an answer. */
type Mood =
  | "good"
  | "busy"
  | "timeout"
  | "lost"
  | "broken"
  | "forbidden"
  | "not-as"
  | "late"
  | "odd";

interface GraphServer {
  readonly url: string;
  readonly state: { mood: Mood; token: string; asked: number };
  /** Mails accepted, as Exchange sends them. */
  readonly accepted: Buffer[];
}

export const MAILBOX = "support@ourshop.test";

/** Starts one; `keep` puts a copy into Sent Items. */
export async function startGraph(
  context: TestContext,
  keep: (raw: Buffer) => Promise<void>,
): Promise<GraphServer> {
  const state: GraphServer["state"] = { mood: "good", token: "token-1", asked: 0 };
  const accepted: Buffer[] = [];
  const keeping: Promise<unknown>[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      const refuse = (status: number, code: string, message: string, headers = {}): void => {
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(JSON.stringify({ error: { code, message } }));
      };
      state.asked += 1;
      const { method, url, headers } = request;
      if (method !== "POST" || url !== `/v1.0/users/${encodeURIComponent(MAILBOX)}/sendMail`)
        return refuse(404, "ErrorInvalidUser", "The requested user is invalid.");
      if (headers.authorization !== `Bearer ${state.token}`)
        return refuse(401, "InvalidAuthenticationToken", "Access token has expired.");
      if (state.mood === "forbidden")
        return refuse(
          403,
          "ErrorAccessDenied",
          "Access is denied. Check credentials and try again.",
        );
      if (state.mood === "not-as")
        return refuse(403, "ErrorSendAsDenied", "The user account cannot send as this address.");
      if (state.mood === "busy")
        return refuse(429, "ApplicationThrottled", "Too many requests.", { "retry-after": "17" });
      if (state.mood === "timeout") return refuse(408, "RequestTimeout", "The request timed out.");
      if (headers["content-type"] !== "text/plain" || !/^[A-Za-z0-9+/]+={0,2}$/.test(body))
        return refuse(
          400,
          "ErrorMimeContentInvalidBase64String",
          "Invalid base64 string for MIME content.",
        );
      const number = accepted.length + 1;
      const own = `Message-ID: <AM9PR01MB71234567890ABCDEF${number}@AM9PR01MB7123.eurprd01.prod.outlook.com>`;
      const raw = Buffer.from(body, "base64")
        .toString("latin1")
        .replace(/^Message-ID: .*$/im, own);
      const sent = Buffer.from(raw, "latin1");
      accepted.push(sent);
      keeping.push(new Promise((resolve) => setTimeout(resolve, 10)).then(() => keep(sent)));
      if (state.mood === "lost") return void request.socket.destroy();
      if (state.mood === "broken") return refuse(500, "InternalServerError", "An error occurred.");
      if (state.mood === "late")
        return refuse(503, "ServiceUnavailable", "Try again.", { "retry-after": "1" });
      response.writeHead(state.mood === "odd" ? 200 : 202);
      response.end();
    });
  });
  const port = await listen(server);
  context.after(async () => {
    server.closeAllConnections();
    await closed(server);
    await Promise.allSettled(keeping);
  });
  return { url: `http://127.0.0.1:${port}/v1.0`, state, accepted };
}
