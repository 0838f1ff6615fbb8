/** The page on which one writes as a customer and reads the answers, and the interface behind it. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { momentText } from "#core/values/moment.ts";
import { CUSTOMERS, SUPPORT_ADDRESS } from "#sandbox/world.ts";
import { z } from "zod";
import { Draft } from "./compose.ts";
import type { MailReader } from "./view.ts";
import { listenHere } from "#sandbox/process/index.ts";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";

/** What the page needs from the mailboxes. */
export interface MailDesk {
  readonly reader: MailReader;
  send(draft: Draft): Promise<string>;
}

/** The running page. */
export interface MailWeb {
  readonly url: string;
  close(): Promise<void>;
}

const BODY_LIMIT = "48mb";
const ByAddress = z.object({ to: z.string().min(3).max(254) });
const ParserError = z.object({ status: z.int().min(400).max(499) });

/** The start page lives on another port of this machine and may call and frame this one; no other site may. */
const allowNeighbours: RequestHandler = (request, response, next) => {
  const origin = request.get("origin") ?? "";
  if (/^http:\/\/(?:127\.0\.0\.1|localhost)(?::\d{1,5})?$/u.test(origin)) {
    response.set({
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Allow-Headers": "content-type",
      "Access-Control-Allow-Methods": "GET, POST",
      Vary: "Origin",
    });
  }
  if (request.method === "OPTIONS") response.status(204).end();
  else next();
};

/** The page with the sample customers in it, and the policy that lets exactly its own script and style run. */
function loadPage(): { html: string; policy: string } {
  const source = readFileSync(new URL("page.html", import.meta.url), "utf8");
  const data = JSON.stringify({ customers: CUSTOMERS, support: SUPPORT_ADDRESS }).replaceAll(
    "<",
    "\\u003c",
  );
  const html = source.replace("{{data}}", () => data);
  const hashOf = (tag: string) => {
    const body = new RegExp(`<${tag}>([^]*?)</${tag}>`, "u").exec(html)?.[1] ?? "";
    return `'sha256-${createHash("sha256").update(body).digest("base64")}'`;
  };
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf("script")}`,
    `style-src ${hashOf("style")}`,
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors http://127.0.0.1:* http://localhost:*",
  ].join("; ");
  return { html, policy };
}

/** The page writes times as the team's pages do, in the sandbox's zone. */
const ZONE = "UTC";

function addInterface(app: Express, desk: MailDesk, now: () => Date): void {
  app.get("/api/mail", async (request, response) => {
    const query = ByAddress.safeParse(request.query);
    if (query.success) response.json(await desk.reader.views(query.data.to, "received"));
    else
      response.status(422).json({
        error: { code: "invalid_request", message: "name the mailbox: ?to=ADDRESS", field: "to" },
      });
  });
  app.get("/api/mail/:address/:id", (request, response) => {
    const raw = desk.reader.raw(request.params.address, request.params.id);
    if (raw === undefined)
      response.status(404).json({ error: { code: "not_found", message: "there is no such mail" } });
    else response.type("text/plain").send(raw);
  });
  app.get("/api/threads/:address", async (request, response) => {
    const { address } = request.params;
    const threads = await desk.reader.threads(address);
    const at = now();
    response.json(
      threads.map((thread) => ({
        ...thread,
        mails: thread.mails.map((mail) => ({
          ...mail,
          when: `${momentText(new Date(mail.date), ZONE, at)} ${ZONE}`,
        })),
      })),
    );
  });
  app.post("/api/mail", async (request, response) => {
    const body: unknown = request.body;
    // A page of another site could send a form here without asking, but never JSON.
    if (body === undefined) {
      response
        .status(415)
        .json({ error: { code: "not_json", message: "send a JSON body as application/json" } });
      return;
    }
    const draft = Draft.safeParse(body);
    if (!draft.success) {
      const issue = draft.error.issues[0];
      const field =
        issue?.code === "unrecognized_keys" ? issue.keys.join(", ") : (issue?.path.join(".") ?? "");
      response.status(422).json({
        error: { code: "invalid_request", message: `${field}: ${issue?.message}`, field },
      });
      return;
    }
    response.status(201).json({ messageId: await desk.send(draft.data) });
  });
}

// Express tells an error handler by its four parameters.
const answerError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  const parsed = ParserError.safeParse(error);
  const status = parsed.success ? parsed.data.status : 502;
  const message =
    status === 413 ? "the mail is too large" : error instanceof Error ? error.message : "failed";
  response
    .status(status)
    .json({ error: { code: status === 502 ? "not_sent" : "bad_request", message } });
};

/** Serves page and interface on a free port of 127.0.0.1. */
export async function startMailWeb(options: { desk: MailDesk; now: () => Date }): Promise<MailWeb> {
  const { html, policy } = loadPage();
  const app = express();
  app.disable("x-powered-by");
  app.use(allowNeighbours);
  app.get("/", (_request, response) => {
    response
      .set({ "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff" })
      .type("html")
      .send(html);
  });
  app.use(express.json({ limit: BODY_LIMIT, strict: false }));
  addInterface(app, options.desk, options.now);
  app.use((_request, response) => {
    response
      .status(404)
      .json({ error: { code: "not_found", message: "there is no such address here" } });
  });
  app.use(answerError);
  const { port, close } = await listenHere(createServer(app));
  return { url: `http://127.0.0.1:${port}`, close };
}
