/** Endpoints of the local Zendesk for brands, spam and deleted tickets, and changes to users. */
import { z } from "zod";
import { BRANDS, brandById, brandJson } from "#sandbox/zendesk/records/brands.ts";
import { recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import { pageOf } from "#sandbox/zendesk/http/paging.ts";
import { updateUser } from "#sandbox/zendesk/records/people.ts";
import { userJson } from "#sandbox/zendesk/records/to-json.ts";
import { deleteTicket, findTicket, restoreTicket } from "#sandbox/zendesk/records/tickets.ts";
import { type Call, parseBody, pathId, type Reply, type Route } from "./route.ts";

const UserChange = z.object({
  user: z.object({
    name: z.string().optional(),
    suspended: z.boolean().optional(),
    verified: z.boolean().optional(),
    external_id: z.string().nullable().optional(),
    only_private_comments: z.boolean().optional(),
  }),
});

/** What staff do about people and tickets besides working on them, and how the account is set up. */
export const ACCOUNT_ROUTES: readonly Route[] = [
  { method: "GET", path: "/brands", allow: "staff", run: listBrands },
  { method: "GET", path: "/brands/:id", allow: "staff", run: showBrand },
  { method: "PUT", path: "/users/:id", allow: "staff", run: changeUser },
  { method: "PUT", path: "/tickets/:id/mark_as_spam", allow: "staff", run: markAsSpam },
  { method: "GET", path: "/deleted_tickets", allow: "staff", run: listDeleted },
  { method: "PUT", path: "/deleted_tickets/:id/restore", allow: "staff", run: restore },
];

function listBrands(call: Call): Reply {
  return {
    body: pageOf("brands", [...BRANDS], (one) => brandJson(call.desk, one), call.page).body,
  };
}

function showBrand(call: Call): Reply {
  const brand = brandById(pathId(call));
  if (!brand) throw recordNotFound();
  return { body: { brand: brandJson(call.desk, brand) } };
}

function changeUser(call: Call): Reply {
  const user = updateUser(call.desk, pathId(call), parseBody(UserChange, call.body).user);
  if (!user) throw recordNotFound();
  return { body: { user: userJson(call.desk, user) } };
}

/** Deletes the ticket and suspends its requester. */
function markAsSpam(call: Call): Reply {
  call.desk.write(() => {
    const ticket = findTicket(call.desk, pathId(call));
    updateUser(call.desk, ticket.requester_id, { suspended: true });
    deleteTicket(call.desk, call.actor, ticket.id, "spam");
  });
  return { body: "" };
}

function listDeleted(call: Call): Reply {
  const rows = call.desk.tickets.all().filter(({ deleted }) => deleted);
  const show = ({ id, subject, description }: (typeof rows)[number]): unknown => ({
    id,
    subject,
    description,
    actor: { id: call.actor.user.id, name: call.actor.user.name },
    previous_state: "open",
    deleted_at: call.desk.tickets.get(id)?.updated_at,
  });
  return { body: pageOf("deleted_tickets", rows, show, call.page).body };
}

function restore(call: Call): Reply {
  if (!restoreTicket(call.desk, call.actor, pathId(call))) throw recordNotFound();
  return { body: "" };
}
