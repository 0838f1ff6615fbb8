import assert from "node:assert/strict";
import { z } from "zod";
import type { SandboxZendesk } from "#sandbox/zendesk/index.ts";
import { answerInHelpCenter, askInHelpCenter } from "#test/support/help-center.ts";

type Person = keyof SandboxZendesk["tokens"];
type Customer = Extract<Person, "ann" | "bob" | "cara">;

const Edited = z.object({ id: z.number() });
const Mailed = z.object({ ticket_id: z.number() });
const Ticket = z.looseObject({
  status: z.string(),
  assignee_id: z.number().nullable(),
  group_id: z.number().nullable(),
  requester_id: z.number(),
  tags: z.array(z.string()),
  updated_at: z.string(),
});
const Comment = z.looseObject({
  id: z.number(),
  author_id: z.number(),
  body: z.string(),
  public: z.boolean(),
});
const Audit = z.looseObject({
  id: z.number(),
  author_id: z.number(),
  events: z.array(z.looseObject({ type: z.string() })),
});

/** What people do in the sandbox, and what is stored there. Anything but a success fails the test. */
export interface Desk {
  /** Calls the API as one of the people, `path` below `/api/v2`. */
  readonly as: (person: Person, method: string, path: string, body?: unknown) => Promise<unknown>;
  /** Turns a switch of the sandbox, `path` below `/_sandbox`. */
  readonly control: (method: string, path: string, body?: unknown) => Promise<unknown>;
  /** Makes or changes a record as an admin does; without `fields` it is deleted. Gives its number. */
  readonly edit: (
    table: "users" | "groups" | "macros" | "articles" | "attachments",
    id: number | undefined,
    fields?: object,
  ) => Promise<number>;
  /** Opens a ticket as a customer who is signed in to the help centre. */
  readonly ask: (text: string, more?: { subject?: string; person?: Customer }) => Promise<number>;
  /** A mail as the account got it; without `ticketId` it opens a ticket. */
  readonly mail: (
    email: string,
    text: string,
    more?: Readonly<Record<string, unknown>>,
  ) => Promise<number>;
  /** A comment of a customer (on their request) or of an agent (public unless told). */
  readonly comment: (
    person: Person,
    ticketId: number,
    body: string,
    isPublic?: boolean,
  ) => Promise<void>;
  readonly ticket: (ticketId: number) => Promise<z.infer<typeof Ticket>>;
  readonly comments: (ticketId: number) => Promise<readonly z.infer<typeof Comment>[]>;
  /** The comments of the bot. */
  readonly ours: (ticketId: number) => Promise<readonly z.infer<typeof Comment>[]>;
  /** What the bot has said where customers see it. */
  readonly said: (ticketId: number) => Promise<readonly string[]>;
  readonly audits: (ticketId: number) => Promise<readonly z.infer<typeof Audit>[]>;
}

function isCustomer(person: Person): person is Customer {
  return ["ann", "bob", "cara"].includes(person);
}

export function deskOf(sandbox: SandboxZendesk): Desk {
  const call = async (token: string, method: string, path: string, body?: unknown) => {
    const response = await fetch(`${sandbox.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  };
  const as: Desk["as"] = (person, method, path, body) =>
    call(sandbox.tokens[person], method, `/api/v2${path}`, body);
  const comments: Desk["comments"] = async (ticketId) =>
    z
      .object({ comments: z.array(Comment) })
      .parse(await as("admin", "GET", `/tickets/${ticketId}/comments`)).comments;
  const ours: Desk["ours"] = async (ticketId) =>
    (await comments(ticketId)).filter(({ author_id: author }) => author === sandbox.users.bot);
  return {
    as,
    control: (method, path, body) => call(sandbox.tokens.admin, method, `/_sandbox/${path}`, body),
    edit: async (table, id, fields) =>
      Edited.parse(
        await call(sandbox.tokens.admin, "POST", "/_sandbox/record", { table, id, fields }),
      ).id,
    ask: (body, { subject = "A question", person = "ann" } = {}) =>
      askInHelpCenter(sandbox.url, person, { subject, body }),
    async mail(email, text, more = {}) {
      const mail = { from: { name: "", email }, subject: "A mail", text, ...more };
      const made = await call(sandbox.tokens.admin, "POST", "/_sandbox/mail", mail);
      return Mailed.parse(made).ticket_id;
    },
    async comment(person, ticketId, body, isPublic = true) {
      if (isCustomer(person)) await answerInHelpCenter(sandbox.url, person, ticketId, body);
      else
        await as(person, "PUT", `/tickets/${ticketId}`, {
          ticket: { comment: { body, public: isPublic } },
        });
    },
    ticket: async (ticketId) =>
      z.object({ ticket: Ticket }).parse(await as("admin", "GET", `/tickets/${ticketId}`)).ticket,
    comments,
    ours,
    said: async (ticketId) =>
      (await ours(ticketId)).filter((one) => one.public).map(({ body }) => body),
    audits: async (ticketId) =>
      z
        .object({ audits: z.array(Audit) })
        .parse(await as("admin", "GET", `/tickets/${ticketId}/audits`)).audits,
  };
}
