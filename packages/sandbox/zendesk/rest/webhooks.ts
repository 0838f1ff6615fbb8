/** Endpoints of the local Zendesk for webhooks. */
import { randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import { type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import { ApiError } from "#sandbox/zendesk/http/errors.ts";
import type { Webhook } from "#sandbox/zendesk/records/account-model.ts";
import { type Call, parseBody, type Reply, type Route } from "./route.ts";

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
const Create = z.object({ webhook: WebhookInput });
const Patch = z.object({ webhook: WebhookInput.partial() });

/** The webhooks API; its errors have an envelope of their own and its ids are strings. */
export const WEBHOOK_ROUTES: readonly Route[] = [
  { method: "get", path: "/webhooks", allow: "admin", run: list },
  { method: "post", path: "/webhooks", allow: "admin", run: create },
  { method: "put", path: "/webhooks/:id", allow: "admin", run: replace },
  { method: "patch", path: "/webhooks/:id", allow: "admin", run: patch },
  { method: "delete", path: "/webhooks/:id", allow: "admin", run: remove },
  { method: "get", path: "/webhooks/:id/signing_secret", allow: "admin", run: secret },
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

function list(call: Call): Reply {
  const webhooks = call.desk.webhooks.all().map(webhookJson);
  return {
    body: {
      webhooks,
      meta: { has_more: false, after_cursor: null, before_cursor: null },
      links: { prev: null, next: null },
    },
  };
}

function create(call: Call): Reply {
  const { webhook: input } = parseBody(Create, call.body);
  const webhook = registerWebhook(call.desk, input, randomBytes(30).toString("base64"));
  return { status: 201, body: { webhook: webhookJson(webhook) } };
}

function replace(call: Call): Reply {
  const { webhook: input } = parseBody(Create, call.body);
  const known = webhookOf(call);
  registerWebhook(call.desk, input, known.secret, known.id);
  return { status: 204 };
}

function patch(call: Call): Reply {
  const { webhook: input } = parseBody(Patch, call.body);
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

function remove(call: Call): Reply {
  call.desk.write(() => call.desk.webhooks.remove(webhookOf(call).id));
  return { status: 204 };
}

function secret(call: Call): Reply {
  return { body: { signing_secret: { algorithm: "SHA256", secret: webhookOf(call).secret } } };
}
