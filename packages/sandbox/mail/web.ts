/** The page on which one writes as a customer and reads the answers, and the interface behind it. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { momentText } from "#core/values/moment.ts";
import { CUSTOMERS, SUPPORT_ADDRESS } from "#sandbox/world.ts";
import { z } from "zod";
import { Draft } from "./compose.ts";
import type { MailReader } from "./view.ts";
import { type Listening, listenHere } from "#sandbox/process/index.ts";
import express, {
  type ErrorRequestHandler,
  type Express,
  type RequestHandler,
  type Response,
} from "express";

/** What the page needs from the mailboxes. */
interface MailDesk {
  readonly reader: MailReader;
  readonly send: (draft: Draft) => Promise<string>;
  readonly now: () => Date;
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

function refuse(response: Response, status: number, code: string, message: string, field?: string) {
  response
    .status(status)
    .json({ error: { code, message, ...(field === undefined ? {} : { field }) } });
}

function addInterface(app: Express, { reader, send, now }: MailDesk): void {
  app.get("/api/mail", async (request, response) => {
    const query = ByAddress.safeParse(request.query);
    if (query.success) response.json(await reader.views(query.data.to, "received"));
    else refuse(response, 422, "invalid_request", "name the mailbox: ?to=ADDRESS", "to");
  });
  app.get("/api/mail/:address/:id", (request, response) => {
    const raw = reader.raw(request.params.address, request.params.id);
    if (raw === undefined) refuse(response, 404, "not_found", "there is no such mail");
    else response.type("text/plain").send(raw);
  });
  app.get("/api/threads/:address", async (request, response) => {
    const threads = await reader.threads(request.params.address);
    const at = now();
    const when = (date: string): string => `${momentText(new Date(date), ZONE, at)} ${ZONE}`;
    response.json(
      threads.map(({ subject, mails }) => ({
        subject,
        mails: mails.map((mail) => ({ ...mail, when: when(mail.date) })),
      })),
    );
  });
  app.post("/api/mail", async (request, response) => {
    const body: unknown = request.body;
    // A page of another site could send a form here without asking, but never JSON.
    if (body === undefined)
      return refuse(response, 415, "not_json", "send a JSON body as application/json");
    const draft = Draft.safeParse(body);
    if (draft.success) {
      response.status(201).json({ messageId: await send(draft.data) });
      return;
    }
    const issue = draft.error.issues[0];
    const field =
      issue?.code === "unrecognized_keys" ? issue.keys.join(", ") : (issue?.path.join(".") ?? "");
    refuse(response, 422, "invalid_request", `${field}: ${issue?.message}`, field);
  });
}

// Express tells an error handler by its four parameters.
const answerError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  const status = ParserError.safeParse(error).data?.status ?? 502;
  const message =
    status === 413 ? "the mail is too large" : error instanceof Error ? error.message : "failed";
  refuse(response, status, status === 502 ? "not_sent" : "bad_request", message);
};

/** Serves page and interface on a free port of 127.0.0.1. */
export async function startMailWeb(desk: MailDesk): Promise<Listening> {
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
  addInterface(app, desk);
  app.use((_request, response) => {
    refuse(response, 404, "not_found", "there is no such address here");
  });
  app.use(answerError);
  return listenHere(createServer(app));
}
