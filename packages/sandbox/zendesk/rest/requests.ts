/** Endpoints of the local Zendesk for what end users do: requests and satisfaction ratings. */
import { z } from "zod";
import { recordInvalid, recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import { Priority, type Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import {
  publicUserJson,
  requestCommentJson,
  requestJson,
  ratingJson,
} from "#sandbox/zendesk/records/to-json.ts";
import { createTicket, findTicket, updateTicket } from "#sandbox/zendesk/records/tickets.ts";
import {
  type Call,
  parseBody,
  pathId,
  type Reply,
  type Route,
  pageOf,
  listReply,
} from "./route.ts";
import { rateTicket } from "#sandbox/zendesk/behaviour/ticket-acts.ts";

const CommentInput = z.object({
  body: z.string().optional(),
  html_body: z.string().optional(),
  /** Tokens of files uploaded before. */
  uploads: z.array(z.string()).optional(),
});

const Create = z.object({
  request: z.object({
    subject: z.string().min(1),
    comment: CommentInput,
    priority: Priority.optional(),
    via_followup_source_id: z.number().int().optional(),
  }),
});
const Update = z.object({
  request: z.object({ comment: CommentInput.optional(), solved: z.boolean().optional() }),
});

/** A ticket from its requester's side: own tickets only, public comments only. */
export const REQUEST_ROUTES: readonly Route[] = [
  { method: "post", path: "/requests", allow: "signed-in", run: create },
  { method: "get", path: "/requests/:id", allow: "signed-in", run: show },
  { method: "put", path: "/requests/:id", allow: "signed-in", run: update },
  { method: "get", path: "/requests/:id/comments", allow: "signed-in", run: comments },
];

/** 404 for another person's request, as for one that does not exist. A private ticket is not shown at all. */
function ownRequest(call: Call): Ticket {
  const ticket = findTicket(call.desk, pathId(call));
  if (ticket.requester_id !== call.actor.user.id || !ticket.is_public) throw recordNotFound();
  return ticket;
}

function create(call: Call): Reply {
  const { request } = parseBody(Create, call.body);
  const { ticket } = createTicket(call.desk, call.actor, {
    subject: request.subject,
    comment: request.comment,
    priority: request.priority,
    requester_id: call.actor.user.id,
    followup_source_id: request.via_followup_source_id,
  });
  const location = `${call.desk.url()}/api/v2/requests/${ticket.id}.json`;
  return { status: 201, body: { request: requestJson(call.desk, ticket) }, headers: { location } };
}

function show(call: Call): Reply {
  return { body: { request: requestJson(call.desk, ownRequest(call)) } };
}

function update(call: Call): Reply {
  const { request } = parseBody(Update, call.body);
  const before = ownRequest(call);
  if (request.solved && before.assignee_id === null) {
    throw recordInvalid("base", "Request: cannot be solved by you yet");
  }
  const { ticket } = updateTicket(call.desk, call.actor, before.id, {
    comment: request.comment,
    status: request.solved ? "solved" : undefined,
  });
  return { body: { request: requestJson(call.desk, ticket) } };
}

function comments(call: Call): Reply {
  const { desk } = call;
  const rows = desk.comments.of(ownRequest(call).id).filter((row) => row.public);
  const page = pageOf("comments", rows, (row) => requestCommentJson(desk, row), call.page);
  const people = [...new Set(rows.map((row) => row.author_id))].flatMap(
    (id) => desk.users.get(id) ?? [],
  );
  return {
    body: {
      ...page.body,
      users: people.map((person) => publicUserJson(desk, person)),
      organizations: [],
    },
  };
}

const RatingInput = z.object({
  satisfaction_rating: z.object({ score: z.enum(["good", "bad"]), comment: z.string().optional() }),
});

/** "Satisfaction ratings" in Zendesk's reference. */
export const SATISFACTION_ROUTES: readonly Route[] = [
  { method: "post", path: "/tickets/:id/satisfaction_rating", allow: "signed-in", run: rate },
  { method: "get", path: "/satisfaction_ratings", allow: "admin", run: listRatings },
];

/** The answer is a list of one, as the reference shows it. */
function rate(call: Call): Reply {
  const said = parseBody(RatingInput, call.body).satisfaction_rating;
  const rating = rateTicket(call.desk, call.actor, pathId(call), said);
  return { body: { satisfaction_rating: [ratingJson(call.desk, rating)] } };
}

function listRatings(call: Call): Reply {
  return listReply(call, "satisfaction_ratings", call.desk.ratings.all(), (row) =>
    ratingJson(call.desk, row),
  );
}
