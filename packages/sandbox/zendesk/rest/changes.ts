/** Endpoints of the local Zendesk that tell a client what changed: webhooks and the incremental export. */
import { randomBytes, randomUUID } from "node:crypto";
import type { z } from "zod";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { ApiError, invalidAttribute } from "#sandbox/zendesk/http/errors.ts";
import { type Webhook, WebhookInput } from "#sandbox/zendesk/records/account-model.ts";
import { type Call, DONE, get, patch, post, put, remove, type Reply, type Route } from "./route.ts";
import type { Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { ticketJson } from "#sandbox/zendesk/records/to-json.ts";

/** The webhooks API, whose errors have an envelope of their own and whose ids are strings; and the export. */
export const CHANGE_ROUTES: readonly Route[] = [
  get("/webhooks", "admin", ({ desk }) => ({
    body: {
      webhooks: desk.webhooks.all().map(webhookJson),
      meta: { has_more: false, after_cursor: null, before_cursor: null },
      links: { prev: null, next: null },
    },
  })),
  post("/webhooks", "admin", (call) => {
    const made = { id: randomUUID(), secret: randomBytes(30).toString("base64") };
    const webhook = registerWebhook(call.desk, call.input("webhook", WebhookInput), made);
    return { status: 201, body: { webhook: webhookJson(webhook) } };
  }),
  put("/webhooks/:id", "admin", (call) => {
    registerWebhook(call.desk, call.input("webhook", WebhookInput), webhookOf(call));
    return DONE;
  }),
  patch("/webhooks/:id", "admin", (call) => {
    const known = webhookOf(call);
    registerWebhook(call.desk, call.input("webhook", WebhookInput, known), known);
    return DONE;
  }),
  remove("/webhooks/:id", "admin", (call) => {
    const { id } = webhookOf(call);
    call.desk.write(() => call.desk.webhooks.remove(id));
    return DONE;
  }),
  get("/webhooks/:id/signing_secret", "admin", (call) => ({
    body: { signing_secret: { algorithm: "SHA256", secret: webhookOf(call).secret } },
  })),
  get("/incremental/tickets/cursor", "admin", exportTickets),
];

/** Keeps a webhook under this id and secret; `subscriptions` name the ticket events it gets. */
export function registerWebhook(
  desk: Desk,
  input: z.output<typeof WebhookInput>,
  { id, secret }: Pick<Webhook, "id" | "secret">,
): Webhook {
  const unknown = input.subscriptions.filter(
    (name) => !name.startsWith("zen:event-type:") && name !== "conditional_ticket_events",
  );
  if (unknown.length > 0)
    throw webhookError(400, "InvalidSubscription", `Unknown subscription ${unknown.join(", ")}`);
  return desk.save(desk.webhooks, { ...input, id, secret }, desk.webhooks.get(id));
}

function webhookError(status: number, code: string, title: string): ApiError {
  return new ApiError(status, { errors: [{ code, title, id: randomUUID() }] });
}

function webhookOf(call: Call): Webhook {
  const webhook = call.desk.webhooks.get(call.params["id"] ?? "");
  if (!webhook) throw webhookError(404, "WebhookNotFound", "Webhook not found");
  return webhook;
}

function webhookJson(webhook: Webhook): Record<string, unknown> {
  const { secret: _secret, ...fields } = webhook;
  return { ...fields, created_by: "admin", updated_by: "admin" };
}

// The incremental export, which only admins may read.

const PER_PAGE_MAX = 1000;

/**
 * The cursor-based export of every ticket that changed, in the order of the changes. What changed within the last
 * `exportDelaySeconds` is left out, and a start time inside that span is refused, as Zendesk does with its last
 * minute. Deleted tickets are included.
 */
function exportTickets(call: Call): Reply {
  const { desk, query } = call;
  const until = Math.floor(desk.now().getTime() / 1000) - desk.settings.exportDelaySeconds;
  const from = startOf(query, until);
  const perPage = Math.min(
    PER_PAGE_MAX,
    Math.max(1, Number(query.get("per_page") ?? PER_PAGE_MAX) || PER_PAGE_MAX),
  );
  const changed = desk.tickets
    .all()
    .filter((ticket) => ticket.generated_timestamp <= until && from.includes(ticket))
    .toSorted((left, right) => left.sequence - right.sequence);
  const page = changed.slice(0, perPage);
  const last = page.at(-1);
  const after = last ? encodeCursor(last.generated_timestamp, last.sequence) : from.cursor;
  const url = new URLSearchParams({ cursor: after });
  return {
    body: {
      tickets: page.map((ticket) => ticketJson(desk, ticket)),
      after_cursor: after,
      after_url: `${desk.url()}/api/v2/incremental/tickets/cursor.json?${url.toString()}`,
      before_cursor: null,
      before_url: null,
      end_of_stream: changed.length <= perPage,
    },
  };
}

function startOf(query: URLSearchParams, until: number) {
  const cursor = query.get("cursor");
  if (cursor !== null) {
    const { seconds, sequence } = decodeCursor(cursor);
    const includes = (ticket: Ticket): boolean =>
      sequence === 0 ? ticket.generated_timestamp >= seconds : ticket.sequence > sequence;
    return { cursor, includes };
  }
  const asked = query.get("start_time");
  const start = Number(asked);
  if (asked === null || !Number.isInteger(start) || start < 0) {
    throw invalidAttribute("start_time must be a number of seconds since 1970");
  }
  if (start > until)
    throw exportError("StartTimeTooRecent", "start_time must be more than 60 seconds ago");
  return {
    cursor: encodeCursor(start, 0),
    includes: (ticket: Ticket): boolean => ticket.generated_timestamp >= start,
  };
}

/** Time and position, as opaque as Zendesk's. */
function encodeCursor(seconds: number, sequence: number): string {
  return Buffer.from(`${seconds}.0||${sequence}`).toString("base64");
}

/** A cursor with position 0 comes from an empty first page and starts over at its time. */
function decodeCursor(cursor: string): { readonly seconds: number; readonly sequence: number } {
  const [, seconds, sequence] =
    /^(\d+)\.0\|\|(\d+)$/u.exec(Buffer.from(cursor, "base64").toString("utf8")) ?? [];
  if (sequence === undefined) throw exportError("InvalidCursor", "cursor is invalid or expired");
  return { seconds: Number(seconds), sequence: Number(sequence) };
}

function exportError(code: string, title: string): ApiError {
  return new ApiError(400, { errors: [{ code, status: "400", title }] });
}
