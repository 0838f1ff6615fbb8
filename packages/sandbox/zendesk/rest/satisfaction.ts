/** Endpoints of the local Zendesk for satisfaction ratings and surveys. */
import { z } from "zod";
import { invalidEndpoint } from "#sandbox/zendesk/http/errors.ts";
import type { SurveyResponse } from "#sandbox/zendesk/records/ticket-model.ts";
import { ratingJson } from "#sandbox/zendesk/records/to-json.ts";
import { rateTicket } from "#sandbox/zendesk/behaviour/satisfaction.ts";
import { asksBySurvey } from "#sandbox/zendesk/behaviour/survey-offer.ts";
import { createSurveyResponse, SURVEY_ID } from "#sandbox/zendesk/behaviour/surveys.ts";
import { type Call, listReply, parseBody, pathId, type Reply, type Route } from "./route.ts";

const CreateInput = z.object({
  survey_response: z.object({ subject_zrn: z.string().regex(/^zen:ticket:\d{1,15}$/u) }),
});

const RatingInput = z.object({
  satisfaction_rating: z.object({ score: z.enum(["good", "bad"]), comment: z.string().optional() }),
});

/** "Satisfaction ratings" and "CSAT survey responses" in Zendesk's reference; an account has one of the two. */
export const SATISFACTION_ROUTES: readonly Route[] = [
  { method: "get", path: "/guide/survey_responses", allow: "staff", run: listResponses },
  { method: "post", path: "/guide/survey_responses", allow: "staff", run: createResponse },
  { method: "post", path: "/tickets/:id/satisfaction_rating", allow: "signed-in", run: rate },
  { method: "get", path: "/satisfaction_ratings", allow: "admin", run: listRatings },
];

function listResponses(call: Call): Reply {
  const { desk, query } = call;
  if (!asksBySurvey(desk)) throw invalidEndpoint();
  const subject = query.get("filter[subject_zrns]");
  const rows = desk.surveys
    .all()
    .filter((row) => row.rating !== null)
    .filter((row) => subject === null || subject.split(",").includes(zrnOf(row)));
  return listReply(call, "survey_responses", rows, responseJson);
}

function createResponse(call: Call): Reply {
  const { subject_zrn: zrn } = parseBody(CreateInput, call.body).survey_response;
  const response = createSurveyResponse(call.desk, Number(zrn.slice("zen:ticket:".length)));
  const path = `/hc/surveys/${response.id}`;
  const rating_links = [1, 2, 3, 4, 5].map((rating) => ({
    url_path: `${path}?rating=${rating}`,
    rating,
    label: String(rating),
  }));
  return {
    status: 201,
    body: {
      survey_response: {
        id: response.id,
        links: { type: "rating_link_numeric", url_path: path, rating_links },
      },
    },
  };
}

function zrnOf({ ticket_id: id }: SurveyResponse): string {
  return `zen:ticket:${id}`;
}

function responseJson(response: SurveyResponse): Record<string, unknown> {
  const { id, ticket_id: ticketId, responder_id: responderId, rating, comment } = response;
  const dates = { created_at: response.answered_at, updated_at: response.updated_at };
  const scale = {
    type: "rating_scale",
    question: { id: "1", type: "rating_scale_numeric", sub_type: "customer_satisfaction" },
    rating,
    rating_category: rating !== null && rating >= 4 ? "good" : "bad",
    ...dates,
  };
  const words = {
    type: "open_ended",
    question: { id: "2", type: "open_ended", alias: "comment" },
    value: comment,
    ...dates,
  };
  return {
    id,
    survey_id: SURVEY_ID,
    survey_version: 1,
    responder_id: responderId,
    subjects: [{ type: "ticket", id: String(ticketId), zrn: zrnOf(response) }],
    answers: rating === null ? [] : [scale, ...(comment === "" ? [] : [words])],
    expires_at: response.expires_at,
  };
}

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
