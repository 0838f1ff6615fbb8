/** Endpoints of the local Zendesk for tags. */
import { z } from "zod";
import type { Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { findTicket, updateTicket } from "#sandbox/zendesk/records/tickets.ts";
import { type Call, parseBody, pathId, type Reply, type Route } from "./route.ts";

const Tags = z.object({
  tags: z.union([
    z.array(z.string()),
    z.string().transform((tags) => tags.split(/[\s,]+/u).filter(Boolean)),
  ]),
  safe_update: z.coerce.boolean().optional(),
  updated_stamp: z.string().optional(),
});

/** PUT adds, POST replaces, DELETE removes; each is one audit and honours `updated_stamp` with `safe_update`. */
export const TAG_ROUTES: readonly Route[] = [
  {
    method: "PUT",
    path: "/tickets/:id/tags",
    allow: "staff",
    run: (call) => change(call, addTags),
  },
  { method: "POST", path: "/tickets/:id/tags", allow: "staff", run: replace },
  {
    method: "DELETE",
    path: "/tickets/:id/tags",
    allow: "staff",
    run: (call) => change(call, removeTags),
  },
];

type Combine = (ticket: Ticket, tags: readonly string[]) => string[];

function addTags(ticket: Ticket, tags: readonly string[]): string[] {
  return [...ticket.tags, ...tags];
}

function removeTags(ticket: Ticket, tags: readonly string[]): string[] {
  return ticket.tags.filter((tag) => !tags.includes(tag));
}

function replace(call: Call): Reply {
  return { ...change(call, (_ticket, tags) => [...tags]), status: 201 };
}

function change(call: Call, combine: Combine): Reply {
  const { tags, ...safety } = parseBody(Tags, call.body);
  const before = findTicket(call.desk, pathId(call));
  const named = tags.map((tag) => tag.toLowerCase());
  const { ticket } = updateTicket(call.desk, call.actor, before.id, {
    tags: combine(before, named),
    ...safety,
  });
  return { body: { tags: ticket.tags } };
}
