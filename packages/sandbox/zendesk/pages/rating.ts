/** Rating and survey forms for customers, and what they store. */
import { z } from "zod";
import type { Actor } from "#sandbox/zendesk/behaviour/actor.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import type { SurveyResponse, Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { rateTicket } from "#sandbox/zendesk/behaviour/satisfaction.ts";
import { asksBySurvey, surveyOf } from "#sandbox/zendesk/behaviour/survey-offer.ts";
import { answerSurvey } from "#sandbox/zendesk/behaviour/surveys.ts";
import { html, type Markup } from "./html.ts";

const CHOOSE_RATING = "Choose a rating first.";

/** What a rating form sends, whichever way the account asks. */
const RatingForm = z.object({
  score: z.enum(["good", "bad"], { error: CHOOSE_RATING }),
  comment: z.string().optional(),
});
const SurveyForm = z.object({
  rating: z.coerce
    .number({ error: CHOOSE_RATING })
    .int(CHOOSE_RATING)
    .min(1, CHOOSE_RATING)
    .max(5, CHOOSE_RATING),
  comment: z.string().default(""),
});

const STARS = ["Very bad", "Bad", "Neither", "Good", "Very good"];

/** The form for what a customer thinks of a solved ticket, by stars or by good and bad as the account asks. */
export function ratingForm(desk: Desk, ticket: Ticket, action: string): Markup {
  const survey = surveyOf(desk, ticket.id);
  if (asksBySurvey(desk)) return survey === undefined ? html`` : surveyForm(survey, action);
  const { score, comment } = ticket.satisfaction;
  const rated = score === "good" || score === "bad";
  return html`<form class="card" method="post" action="${action}">
    <h2>How did we do?</h2>
    ${rated && html`<p class="soft" role="status">You said: <b>${score}</b>. You can change it.</p>`}
    <label for="rating-comment">Comment (not required)</label>
    <input
      id="rating-comment"
      type="text"
      name="comment"
      value="${comment}"
      maxlength="500"
      autocomplete="off"
    />
    <div class="row end">
      <button name="score" value="good" ${score === "good" && html`aria-pressed="true"`}>
        Good</button
      ><button name="score" value="bad" ${score === "bad" && html`aria-pressed="true"`}>Bad</button>
    </div>
  </form>`;
}

/** The survey: one to five and a comment. */
export function surveyForm(survey: SurveyResponse, action: string): Markup {
  const choices = STARS.map(
    (title, index) =>
      html`<label
        ><input
          type="radio"
          name="rating"
          value="${index + 1}"
          required
          ${survey.rating === index + 1 && html`checked`}
        /><b aria-hidden="true">${index + 1}</b><span>${title}</span></label
      >`,
  );
  return html`<form class="card" method="post" action="${action}">
    <fieldset class="stars">
      <legend>How satisfied are you with our help?</legend>
      ${choices}
    </fieldset>
    ${survey.rating !== null && html`<p class="soft" role="status">Thank you, we have your answer. You can change it.</p>`}
    <label for="survey-comment">Anything to add? (not required)</label
    ><textarea id="survey-comment" name="comment" maxlength="2000">${survey.comment}</textarea>
    <div class="row end"><button class="main">Send rating</button></div>
  </form>`;
}

/** Stores what a rating form says, as the person who filled it in. */
export function rateBy(desk: Desk, actor: Actor, ticketId: number, fields: unknown): void {
  if (!asksBySurvey(desk)) {
    rateTicket(desk, actor, ticketId, RatingForm.parse(fields));
    return;
  }
  const survey = surveyOf(desk, ticketId);
  if (survey === undefined) throw recordNotFound();
  answerSurvey(desk, actor, survey.id, SurveyForm.parse(fields));
}

/** True once the customer has rated. */
export function isRated(desk: Desk, ticket: Ticket): boolean {
  const { score } = ticket.satisfaction;
  return (
    (surveyOf(desk, ticket.id)?.rating ?? null) !== null || score === "good" || score === "bad"
  );
}

/** The customer's rating in a few words; empty when no rating was offered. */
export function ratingWords(desk: Desk, ticket: Ticket): string {
  const survey = surveyOf(desk, ticket.id);
  if (survey !== undefined)
    return survey.rating === null
      ? "survey offered"
      : withComment(`${survey.rating} of 5`, survey.comment);
  const { score, comment } = ticket.satisfaction;
  return score === "unoffered" ? "" : withComment(score, comment ?? "");
}

function withComment(said: string, comment: string): string {
  return comment === "" ? said : `${said} “${comment}”`;
}
