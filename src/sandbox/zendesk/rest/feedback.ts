/** Endpoints of the local Zendesk for satisfaction ratings, suspended tickets and job statuses. */
import { z } from "zod";
import { recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import { discardSuspended, recoverMail } from "#sandbox/zendesk/behaviour/incoming-mail.ts";
import type { Suspended } from "#sandbox/zendesk/records/model.ts";
import { pageOf } from "#sandbox/zendesk/http/paging.ts";
import { ratingJson, suspendedJson, ticketJson } from "#sandbox/zendesk/records/to-json.ts";
import { rateTicket } from "#sandbox/zendesk/behaviour/satisfaction.ts";
import { type Call, parseBody, pathId, type Reply, type Route } from "./route.ts";

const RatingInput = z.object({
  satisfaction_rating: z.object({ score: z.enum(["good", "bad"]), comment: z.string().optional() }),
});

/** Ratings, mails that were held back, and jobs. */
export const FEEDBACK_ROUTES: readonly Route[] = [
  { method: "POST", path: "/tickets/:id/satisfaction_rating", allow: "signed-in", run: rate },
  { method: "GET", path: "/satisfaction_ratings", allow: "admin", run: listRatings },
  { method: "GET", path: "/satisfaction_ratings/:id", allow: "admin", run: showRating },
  { method: "GET", path: "/suspended_tickets", allow: "staff", run: listSuspended },
  { method: "GET", path: "/suspended_tickets/:id", allow: "staff", run: showSuspended },
  { method: "PUT", path: "/suspended_tickets/:id/recover", allow: "staff", run: recover },
  { method: "DELETE", path: "/suspended_tickets/:id", allow: "staff", run: discard },
  { method: "GET", path: "/job_statuses/:id", allow: "staff", run: showJob },
];

/** The answer is a list of one, as the reference shows it. */
function rate(call: Call): Reply {
  const said = parseBody(RatingInput, call.body).satisfaction_rating;
  const rating = rateTicket(call.desk, call.actor, pathId(call), said);
  return { body: { satisfaction_rating: [ratingJson(call.desk, rating)] } };
}

function listRatings(call: Call): Reply {
  const { desk, query } = call;
  const since = Number(query.get("start_time") ?? 0) * 1000;
  const score = query.get("score");
  const rows = desk.ratings
    .all()
    .filter(
      (row) => Date.parse(row.updated_at) >= since && (score === null || row.score === score),
    );
  return {
    body: pageOf("satisfaction_ratings", rows, (row) => ratingJson(desk, row), call.page).body,
  };
}

function showRating(call: Call): Reply {
  const rating = call.desk.ratings.get(pathId(call));
  if (!rating) throw recordNotFound();
  return { body: { satisfaction_rating: [ratingJson(call.desk, rating)] } };
}

function listSuspended(call: Call): Reply {
  const rows = call.desk.suspended.all();
  return {
    body: pageOf("suspended_tickets", rows, (row) => suspendedJson(call.desk, row), call.page).body,
  };
}

function suspendedOf(call: Call): Suspended {
  const found = call.desk.suspended.get(pathId(call));
  if (!found) throw recordNotFound();
  return found;
}

function showSuspended(call: Call): Reply {
  return { body: { suspended_ticket: suspendedJson(call.desk, suspendedOf(call)) } };
}

function recover(call: Call): Reply {
  return { body: { ticket: [ticketJson(call.desk, recoverMail(call.desk, pathId(call)))] } };
}

function discard(call: Call): Reply {
  discardSuspended(call.desk, pathId(call));
  return { status: 204 };
}

function showJob(call: Call): Reply {
  const job = call.desk.jobs.get(call.params["id"] ?? "");
  if (!job) throw recordNotFound();
  const url = `${call.desk.url()}/api/v2/job_statuses/${job.id}.json`;
  const count = job.results.length;
  return {
    body: { job_status: { ...job, url, total: count, progress: count, status: "completed" } },
  };
}
