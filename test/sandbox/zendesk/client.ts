import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { z } from "zod";
import { askInHelpCenter } from "#test/support/help-center.ts";
import { type SandboxZendesk, startSandboxZendesk } from "#sandbox/zendesk/index.ts";

/** What came back: the body is parsed JSON, or text where it was none. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/** A running sandbox with a clock that tests move by hand. */
export interface Trial {
  readonly zendesk: SandboxZendesk;
  readonly directory: string;
  readonly clock: { ms: number };
  /** Calls the API as one of the seeded people, or without a login. */
  call(
    who: keyof SandboxZendesk["tokens"] | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Throws a switch below `/_sandbox`. */
  control(method: string, path: string, body?: unknown): Promise<Answer>;
}

/** Starts a sandbox for one test, which also ends it. `directory` is kept when the caller brings it. */
export async function trial(
  context: TestContext,
  options: { readonly directory?: string; readonly clock?: { ms: number } } = {},
): Promise<Trial> {
  const clock = options.clock ?? { ms: Date.parse("2026-11-20T08:00:00Z") };
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "zendesk-"));
  const zendesk = await startSandboxZendesk({
    directory,
    now: () => new Date(clock.ms),
    webhookRetryMs: 5,
  });
  context.after(async () => {
    await zendesk.close();
    if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
  });
  const send = async (
    url: string,
    method: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Answer> => {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = { "content-type": "application/json" };
    const response = await fetch(url, { method, headers: { ...type, ...headers }, ...content });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    const parsed: unknown = isJson ? JSON.parse(text) : text;
    return { status: response.status, body: parsed, headers: response.headers };
  };
  return {
    zendesk,
    directory,
    clock,
    call(who, method, path, body, headers = {}) {
      const authorization = who && { authorization: `Bearer ${zendesk.tokens[who]}` };
      return send(`${zendesk.url}/api/v2${path}`, method, body, { ...authorization, ...headers });
    },
    control: (method, path, body) => send(`${zendesk.url}/_sandbox${path}`, method, body, {}),
  };
}

/** The parts of the answers that tests look at; parsing them checks their shape on the way. */
export const Ticket = z.looseObject({
  id: z.number(),
  status: z.string(),
  subject: z.string(),
  assignee_id: z.number().nullable(),
  group_id: z.number().nullable(),
  requester_id: z.number(),
  tags: z.array(z.string()),
  updated_at: z.string(),
  is_public: z.boolean(),
  via: z.looseObject({
    channel: z.string(),
    source: z.looseObject({ rel: z.string().nullable() }),
  }),
  satisfaction_rating: z.looseObject({ score: z.string() }),
  followup_ids: z.array(z.number()),
});
const Event = z.looseObject({ id: z.number(), type: z.string() });
const Audit = z.looseObject({
  id: z.number(),
  author_id: z.number(),
  events: z.array(Event),
  metadata: z.looseObject({ custom: z.unknown() }),
});
export const Written = z.object({ ticket: Ticket, audit: Audit });
export const Comment = z.looseObject({
  id: z.number(),
  author_id: z.number(),
  body: z.string(),
  html_body: z.string(),
  public: z.boolean(),
});

/** Ann asks in the help centre; the number of her new request. */
export function annAsks({ zendesk }: Trial, text = "Where is order 456?"): Promise<number> {
  return askInHelpCenter(zendesk.url, "ann", { subject: text, body: text });
}

/** The ticket as the admin sees it. */
export async function ticketOf(desk: Trial, id: number): Promise<z.infer<typeof Ticket>> {
  const answer = await desk.call("admin", "GET", `/tickets/${id}`);
  return z.object({ ticket: Ticket }).parse(answer.body).ticket;
}

/** All comments of a ticket, oldest first. */
export async function commentsOf(desk: Trial, id: number): Promise<z.infer<typeof Comment>[]> {
  const answer = await desk.call("admin", "GET", `/tickets/${id}/comments`);
  return z.looseObject({ comments: z.array(Comment) }).parse(answer.body).comments;
}

/** Updates as this person; throws unless the answer is an updated ticket. */
export async function update(
  desk: Trial,
  who: keyof SandboxZendesk["tokens"],
  id: number,
  ticket: Record<string, unknown>,
): Promise<z.infer<typeof Written>> {
  return Written.parse((await desk.call(who, "PUT", `/tickets/${id}`, { ticket })).body);
}
