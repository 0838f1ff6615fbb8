/** The page on which one writes as a customer and reads the answers, the interface behind it, and mails as a person or a test reads them. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { momentText } from "#core/values/moment.ts";
import { CUSTOMERS, SUPPORT_ADDRESS } from "#sandbox/world.ts";
import { z } from "zod";
import { Draft } from "./compose.ts";
import type { SupportMailbox } from "./imap.ts";
import { arrivalOf, canonicalAddress, isSupport, type People } from "./people.ts";
import { simpleParser } from "mailparser";
import { type Listening, listenHere } from "#sandbox/process/index.ts";
import { assetRoutes } from "#server/pages/static.ts";
import express, { type ErrorRequestHandler, type Express, type Response } from "express";

/** What the page needs from the mailboxes. */
interface MailDesk {
  readonly reader: MailReader;
  readonly send: (draft: Draft) => Promise<string>;
  readonly now: () => Date;
}

const BODY_LIMIT = "48mb";
const ByAddress = z.object({ to: z.string().min(3).max(254) });
const ParserError = z.object({ status: z.int().min(400).max(499) });

/** The page with the sample customers in it, and the policy that lets exactly its own script and our style run. */
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
    `style-src 'self' ${hashOf("style")}`,
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
  app.get("/", (_request, response) => {
    response
      .set({ "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff" })
      .type("html")
      .send(html);
  });
  app.use("/assets", assetRoutes());
  app.use(express.json({ limit: BODY_LIMIT, strict: false }));
  addInterface(app, desk);
  app.use((_request, response) => {
    refuse(response, 404, "not_found", "there is no such address here");
  });
  app.use(answerError);
  return listenHere(createServer(app));
}

// Mails as they are read: decoded text, plain addresses, headers by name, grouped into threads.

const VIEWS_MAX = 2000;

const Addresses = z.object({ value: z.array(z.object({ address: z.string().optional() })) });
const ParsedMail = z.object({
  from: Addresses.optional().catch(undefined),
  to: z
    .union([Addresses, z.array(Addresses)])
    .optional()
    .catch(undefined),
  subject: z.string().default(""),
  date: z.date().optional().catch(undefined),
  text: z.string().default(""),
  html: z.union([z.string(), z.literal(false)]).optional(),
  messageId: z.string().default(""),
  attachments: z
    .array(z.object({ filename: z.string().default("file without a name"), size: z.number() }))
    .catch([])
    .default([]),
  headerLines: z.array(z.object({ key: z.string(), line: z.string() })),
});

/** One mail of a mailbox. */
type MailView = Awaited<ReturnType<typeof viewMail>>;

function addressList(field: z.infer<typeof ParsedMail>["to"]): string {
  const lists = field === undefined ? [] : [field].flat();
  return lists.flatMap((list) => list.value.flatMap(({ address }) => address ?? [])).join(", ");
}

/** Lower-case names; a header that stands several times is a list. */
function headersOf(
  lines: z.infer<typeof ParsedMail>["headerLines"],
): Readonly<Record<string, string | readonly string[]>> {
  const headers = new Map<string, string | string[]>();
  for (const { key, line } of lines) {
    const written = line.slice(line.indexOf(":") + 1);
    const value = written.replace(/\r?\n[ \t]+/gu, " ").trim();
    const earlier = headers.get(key);
    headers.set(key, earlier === undefined ? value : [earlier, value].flat());
  }
  return Object.fromEntries(headers);
}

const READING = {
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipTextLinks: true,
  skipImageLinks: true,
};

/**
 * Reads one mail; never rejects. HTML is passed on as it is and never turned into text, which is slow on hostile input. A
 * mail no parser can read is shown as it came, since hiding it would look like losing it.
 */
async function viewMail(id: string, raw: Buffer, arrived: Date) {
  // The parser may also throw before it gives a promise.
  const parsed = await (async () =>
    ParsedMail.safeParse(await simpleParser(raw, READING)).data)().catch(() => undefined);
  const text = raw.subarray(0, 20_000).toString("latin1");
  const mail = parsed ?? ParsedMail.parse({ subject: "(unreadable)", text, headerLines: [] });
  return {
    /** The file name, unique in its mailbox. */
    id,
    /** Bare addresses, comma-separated when there are several; display names are in `headers`. */
    from: addressList(mail.from),
    to: addressList(mail.to),
    subject: mail.subject,
    /** When the mail says it was written, else when it came (ISO 8601). */
    date: (mail.date ?? arrived).toISOString(),
    text: mail.text,
    ...(typeof mail.html === "string" ? { html: mail.html } : {}),
    /** Attached files; their content is in the source only. */
    files: mail.attachments.map(({ filename: name, size: bytes }) => ({ name, bytes })),
    headers: headersOf(mail.headerLines),
    /** With its angle brackets; empty when the mail has none. */
    messageId: mail.messageId,
  };
}

// Threads, by the ids mails name each other with.

/** A mail in a thread, and whether the mailbox's owner wrote or received it. */
type ThreadMail = MailView & { readonly direction: Side };

function idsOf(mail: MailView): string[] {
  const named = [mail.headers["in-reply-to"], mail.headers["references"]].flat().join(" ");
  return [mail.messageId, ...(named.match(/<[^<>\s]+>/gu) ?? [])].filter((id) => id !== "");
}

// By arrival, since a Date header is whatever its writer says and knows whole seconds only.
function byArrival(left: ThreadMail | undefined, right: ThreadMail | undefined): number {
  return arrivalOf(left?.id ?? "").getTime() - arrivalOf(right?.id ?? "").getTime();
}

/** Threads with the newest mail first, each with the oldest first; a mail that joins two threads makes them one. */
function groupThreads(mails: readonly ThreadMail[]) {
  let groups: { ids: Set<string>; mails: ThreadMail[] }[] = [];
  for (const mail of mails.toSorted(byArrival)) {
    const ids = idsOf(mail);
    const joined = groups.filter((group) => ids.some((id) => group.ids.has(id)));
    const merged = {
      ids: new Set([...joined.flatMap((group) => [...group.ids]), ...ids]),
      mails: [...joined.flatMap((group) => group.mails), mail].toSorted(byArrival),
    };
    groups = [...groups.filter((group) => !joined.includes(group)), merged];
  }
  return groups
    .map((group) => ({ subject: group.mails[0]?.subject ?? "", mails: group.mails }))
    .toSorted((left, right) => byArrival(right.mails.at(-1), left.mails.at(-1)));
}

// Mailboxes by address: the people's, and the support inbox.

type Side = "received" | "sent";

type MailReader = ReturnType<typeof createMailReader>;

/**
 * Reads both kinds of mailbox by address; one without a mailbox has no mail. The page asks for the same mails every other
 * second, so what was read is remembered.
 */
export function createMailReader(support: SupportMailbox, people: People) {
  const known = new Map<string, Promise<MailView>>();
  const folder = (address: string, side: Side) =>
    side === "received" && isSupport(address) ? support : people.find(address)?.[side];
  const views = (address: string, side: Side): Promise<MailView[]> => {
    const files = folder(address, side);
    if (files === undefined) return Promise.resolve([]);
    const shown = files.list().map((file) => {
      const key = `${side} ${canonicalAddress(address)} ${file}`;
      const read = known.get(key);
      if (read !== undefined) return read;
      const [oldest] = known.keys();
      if (known.size >= VIEWS_MAX && oldest !== undefined) known.delete(oldest);
      const view = viewMail(file, files.read(file), arrivalOf(file));
      known.set(key, view);
      return view;
    });
    return Promise.all(shown);
  };
  return {
    /** In order of arrival, newest last. */
    views,
    /** What this address wrote and received, the newest thread first. */
    async threads(address: string) {
      const sides = ["sent", "received"] as const;
      const mails = sides.map(async (direction) =>
        (await views(address, direction)).map((mail) => ({ ...mail, direction })),
      );
      return groupThreads((await Promise.all(mails)).flat());
    },
    /** The bytes of a received mail. */
    raw(address: string, id: string): Buffer | undefined {
      const files = folder(address, "received");
      return files?.list().includes(id) ? files.read(id) : undefined;
    },
  };
}
