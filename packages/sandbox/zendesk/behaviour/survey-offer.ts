/** When a survey is offered to a customer, and how long it stays open. */
import { randomUUID } from "node:crypto";
import { type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import type { AuditEvent, SurveyResponse, Ticket } from "#sandbox/zendesk/records/ticket-model.ts";

const DAYS_OPEN = 28;

/** True when the account asks by survey; it asks by the older rating otherwise, and never by both. */
export function asksBySurvey(desk: Desk): boolean {
  return desk.settings.satisfaction === "surveys";
}

/** The response of a ticket's survey, given or not; undefined where none was offered. */
export function surveyOf(desk: Desk, ticketId: number): SurveyResponse | undefined {
  return desk.surveys.all().findLast((response) => response.ticket_id === ticketId);
}

/** The older rating after a change: offered once the ticket is solved, where the account asks that way. */
export function offeredRating(
  desk: Desk,
  { satisfaction }: Ticket,
  status: Ticket["status"],
): Ticket["satisfaction"] {
  const offered = status === "solved" && satisfaction.score === "unoffered";
  return offered && !asksBySurvey(desk) ? { ...satisfaction, score: "offered" } : satisfaction;
}

/** Inside a write: offers the survey about a ticket that was just solved, unless it was offered before. */
export function offerSurvey(desk: Desk, before: Ticket, status: Ticket["status"]): AuditEvent[] {
  const solved = status === "solved" && before.status !== "solved";
  if (!asksBySurvey(desk) || !solved || surveyOf(desk, before.id) !== undefined) return [];
  const response = newResponse(desk, before);
  desk.surveys.put(response);
  return [{ id: desk.nextId("record"), type: "SurveyOffered", survey_response_id: response.id }];
}

/** A response that is still to be given. */
export function newResponse(desk: Desk, ticket: Ticket): SurveyResponse {
  const now = desk.now();
  return {
    id: randomUUID(),
    ticket_id: ticket.id,
    responder_id: ticket.requester_id,
    rating: null,
    comment: "",
    expires_at: stamp(new Date(now.getTime() + DAYS_OPEN * 86_400_000)),
    created_at: stamp(now),
    answered_at: null,
    updated_at: null,
  };
}
