/** Endpoints of the local Zendesk that tell a client what changed: webhooks and the incremental export. */
import { randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import { type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import { ApiError, invalidAttribute } from "#sandbox/zendesk/http/errors.ts";
import type { Webhook } from "#sandbox/zendesk/records/account-model.ts";
import { type Call, parseBody, type Reply, type Route } from "./route.ts";
import type { Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { ticketJson } from "#sandbox/zendesk/records/to-json.ts";

const WebhookInput = z.object({
  name: z.string().min(1),
  endpoint: z.url(),
  http_method: z.enum(["POST", "PUT"]),
  request_format: z.literal("json"),
  status: z.enum(["active", "inactive"]),
  description: z.string().optional(),
  subscriptions: z.array(z.string()).optional(),
  custom_headers: z.record(z.string(), z.string()).optional(),
});
const NewWebhook = z.object({ webhook: WebhookInput });
const WebhookPatch = z.object({ webhook: WebhookInput.partial() });

/** The webhooks API; its errors have an envelope of their own and its ids are strings. */
export const WEBHOOK_ROUTES: readonly Route[] = [
  { method: "get", path: "/webhooks", allow: "admin", run: listWebhooks },
  { method: "post", path: "/webhooks", allow: "admin", run: createWebhook },
  { method: "put", path: "/webhooks/:id", allow: "admin", run: replaceWebhook },
  { method: "patch", path: "/webhooks/:id", allow: "admin", run: patchWebhook },
  { method: "delete", path: "/webhooks/:id", allow: "admin", run: removeWebhook },
  { method: "get", path: "/webhooks/:id/signing_secret", allow: "admin", run: showSecret },
];

/** Stores a webhook under a new id; `subscriptions` name the ticket events it gets. */
export function registerWebhook(
  desk: Desk,
  input: z.infer<typeof WebhookInput>,
  signingSecret: string,
  id: string = randomUUID(),
): Webhook {
  const unknown = (input.subscriptions ?? []).filter(
    (name) => !name.startsWith("zen:event-type:") && name !== "conditional_ticket_events",
  );
  if (unknown.length > 0)
    throw webhookError(400, "InvalidSubscription", `Unknown subscription ${unknown.join(", ")}`);
  const at = stamp(desk.now());
  const webhook: Webhook = {
    ...input,
    id,
    description: input.description ?? "",
    subscriptions: input.subscriptions ?? [],
    custom_headers: input.custom_headers ?? {},
    secret: signingSecret,
    created_at: desk.webhooks.get(id)?.created_at ?? at,
    updated_at: at,
  };
  desk.write(() => desk.webhooks.put(webhook));
  return webhook;
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
  const { secret: _secret, ...shown } = webhook;
  return { ...shown, created_by: "admin", updated_by: "admin" };
}

function listWebhooks(call: Call): Reply {
  const webhooks = call.desk.webhooks.all().map(webhookJson);
  return {
    body: {
      webhooks,
      meta: { has_more: false, after_cursor: null, before_cursor: null },
      links: { prev: null, next: null },
    },
  };
}

function createWebhook(call: Call): Reply {
  const { webhook: input } = parseBody(NewWebhook, call.body);
  const webhook = registerWebhook(call.desk, input, randomBytes(30).toString("base64"));
  return { status: 201, body: { webhook: webhookJson(webhook) } };
}

function replaceWebhook(call: Call): Reply {
  const { webhook: input } = parseBody(NewWebhook, call.body);
  const known = webhookOf(call);
  registerWebhook(call.desk, input, known.secret, known.id);
  return { status: 204 };
}

function patchWebhook(call: Call): Reply {
  const { webhook: input } = parseBody(WebhookPatch, call.body);
  const known = webhookOf(call);
  const changes = Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined),
  );
  registerWebhook(
    call.desk,
    parseBody(WebhookInput, { ...known, ...changes }),
    known.secret,
    known.id,
  );
  return { status: 204 };
}

function removeWebhook(call: Call): Reply {
  call.desk.write(() => call.desk.webhooks.remove(webhookOf(call).id));
  return { status: 204 };
}

function showSecret(call: Call): Reply {
  return { body: { signing_secret: { algorithm: "SHA256", secret: webhookOf(call).secret } } };
}

// The incremental export.

/** The incremental export, which only admins may read. */
export const EXPORT_ROUTES: readonly Route[] = [
  { method: "get", path: "/incremental/tickets/cursor", allow: "admin", run: exportTickets },
];

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

interface ExportStart {
  readonly cursor: string;
  includes(ticket: Ticket): boolean;
}

function startOf(query: URLSearchParams, until: number): ExportStart {
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
  if (start > until) {
    throw new ApiError(400, {
      errors: [
        {
          code: "StartTimeTooRecent",
          status: "400",
          title: "start_time must be more than 60 seconds ago",
        },
      ],
    });
  }
  return {
    cursor: encodeCursor(start, 0),
    includes: (ticket) => ticket.generated_timestamp >= start,
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
  if (sequence === undefined) {
    throw new ApiError(400, {
      errors: [{ code: "InvalidCursor", status: "400", title: "cursor is invalid or expired" }],
    });
  }
  return { seconds: Number(seconds), sequence: Number(sequence) };
}
