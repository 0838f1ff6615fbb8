/** Responses to satisfaction surveys. */
import type { Actor } from "./actor.ts";
import { type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import {
  forbidden,
  invalidEndpoint,
  recordInvalid,
  recordNotFound,
} from "#sandbox/zendesk/http/errors.ts";
import type { SurveyResponse } from "#sandbox/zendesk/records/ticket-model.ts";
import { asksBySurvey, newResponse, surveyOf } from "./survey-offer.ts";
import { findTicket, keepChange } from "#sandbox/zendesk/records/tickets.ts";

/** The account's one survey: five stars and a comment. */
export const SURVEY_ID = "01JD0SANDBOXSURVEY00000001";

/** As `POST /guide/survey_responses`: a response without answers, for the customer to fill in. */
export function createSurveyResponse(desk: Desk, ticketId: number): SurveyResponse {
  return desk.write(() => {
    if (!asksBySurvey(desk)) throw invalidEndpoint();
    const ticket = findTicket(desk, ticketId);
    const known = surveyOf(desk, ticketId);
    if (known !== undefined) return known;
    const response = newResponse(desk, ticket);
    desk.surveys.put(response);
    return response;
  });
}

/** Stores what the requester answers; answering again replaces it, as long as the survey is open. */
export function answerSurvey(
  desk: Desk,
  actor: Actor,
  responseId: string,
  said: { readonly rating: number; readonly comment: string },
): SurveyResponse {
  return desk.write(() => {
    const before = desk.surveys.get(responseId);
    if (before === undefined) throw recordNotFound();
    if (!asksBySurvey(desk)) throw invalidEndpoint();
    if (before.responder_id !== actor.user.id) throw forbidden();
    if (Date.parse(before.expires_at) < desk.now().getTime())
      throw recordInvalid("base", "Survey: it can no longer be answered");
    const at = stamp(desk.now());
    const response: SurveyResponse = {
      ...before,
      rating: said.rating,
      comment: said.comment,
      answered_at: before.answered_at ?? at,
      // A stamp has whole seconds; a second answer within one is a change all the same.
      updated_at: laterStamp(before.updated_at, at),
    };
    desk.surveys.put(response);
    const ticket = findTicket(desk, before.ticket_id);
    keepChange(desk, actor, {
      before: ticket,
      extraEvents: [
        {
          id: desk.nextId("record"),
          type: "SurveyResponseSubmitted",
          survey_response_id: before.id,
        },
      ],
    });
    return response;
  });
}

function laterStamp(before: string | null, at: string): string {
  if (before === null || before < at) return at;
  return stamp(new Date(Date.parse(before) + 1_000));
}
