/** What stands beside a ticket's own comments: the text of tickets that were merged into it, and customers' answers to surveys. */

import type { Segment, Signal } from "#core/values/message.ts";
import { z } from "zod";
import { currentTicket, readUsers, ticketComments, type TicketReading } from "./ticket-reader.ts";
import type { Audit, Comment } from "#zendesk/api/schema.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { readCommentHtml, type MergeQuotes } from "./comment-message.ts";

/** At most this many merges are read, since an API caller can make any number; the rest keep Zendesk's text. */
const MERGES_MAX = 5;
/** At most this many of the merged ticket's newest public comments are shown. */
const COMMENTS_MAX = 10;
const COMMENT_CHARACTERS_MAX = 4_000;

type OtherReading = Pick<TicketReading, "client" | "users">;

/**
 * The text of tickets that were merged into this one, each comment with its author: Zendesk quotes it in a comment by
 * the person who merged, as if that person had written it. For a ticket that cannot be read, Zendesk's text stays.
 */
export async function quoteMergedTickets(
  reading: OtherReading,
  comments: readonly Comment[],
  signal: AbortSignal,
): Promise<MergeQuotes> {
  const merges = comments.flatMap((comment) => {
    const from = comment.via?.source?.rel === "merge" ? comment.via.source.from?.ticket_id : null;
    return from ? [{ comment, from }] : [];
  });
  const quotes = new Map<number, { text: string; segments: Segment[] }>();
  for (const { comment, from } of merges.slice(-MERGES_MAX)) {
    const quoted = await publicTicketText(reading, from, signal);
    if (quoted === null) continue;
    quotes.set(comment.id, {
      text: `Request ${from} (“${quoted.subject}”) was merged with this one. What was said there is quoted with its author.\n\n${quoted.text}`,
      segments: [{ kind: "quoted", text: quoted.text }],
    });
  }
  return quotes;
}

/** What was said in public on another ticket, each comment under its author's name; null when it cannot be read. */
export async function publicTicketText(
  reading: OtherReading,
  ticketId: number,
  signal: AbortSignal,
): Promise<{
  readonly subject: string;
  readonly requesterId: number | null;
  readonly text: string;
} | null> {
  const { client } = reading;
  const other = await currentTicket(client.longWait, ticketId, signal);
  if (other === null) return null;
  const all = await ticketComments(client, ticketId, signal);
  // Internal notes are left out: they were written about another conversation.
  const said = all.filter((comment) => comment.public && comment.via?.source?.rel !== "merge");
  const shown = said.slice(-COMMENTS_MAX);
  const ids = [...new Set(shown.map(({ author_id: id }) => id))].filter((id) => id > 0);
  const authors = await readUsers(reading, ids, signal);
  const left = said.length - shown.length;
  return {
    subject: other.subject ?? "",
    requesterId: other.requester_id,
    text: [
      ...(left === 0 ? [] : [`(${left} older comments are left out.)`]),
      ...shown.map(
        (comment) =>
          `${authors.get(comment.author_id)?.name ?? "Zendesk"}: ${visibleComment(comment)}`,
      ),
    ].join("\n\n"),
  };
}

function visibleComment(comment: Comment): string {
  const text = comment.html_body ? readCommentHtml(comment.html_body).text : (comment.body ?? "");
  return text.slice(0, COMMENT_CHARACTERS_MAX).toWellFormed();
}

/**
 * Answers to satisfaction surveys, which an account has instead of the older ratings, never both ("CSAT survey
 * responses" in Zendesk's reference). Audits say only that one was given, so the answers are fetched.
 */
const SurveyResponse = z.object({
  id: z.union([z.string(), z.int()]).transform(String),
  subjects: z
    .array(
      z.object({
        zrn: z.string().nullish(),
        id: z.union([z.string(), z.int()]).transform(String).nullish(),
      }),
    )
    .nullish(),
  answers: z.array(
    z.object({
      type: z.string(),
      question: z.object({ sub_type: z.string().nullish() }).nullish(),
      rating: z.int().nullish(),
      rating_category: z.string().nullish(),
      value: z.unknown().optional(),
      created_at: z.string().nullish(),
      updated_at: z.string().nullish(),
    }),
  ),
});
type SurveyResponse = z.infer<typeof SurveyResponse>;
const SurveyResponses = z.object({ survey_responses: z.array(SurveyResponse) });

const PER_PAGE = 100;
const COMMENT_MAX = 10_000;

/** "Survey response submitted event" in Zendesk's list of audit events; the spelling in the data is not documented. */
const SUBMITTED_EVENT = /^survey[ _]?response[ _]?submitted$/i;

/**
 * A signal for each survey response about a ticket, in its current form: a changed response is a new signal. An account
 * whose plan or role does not show responses is read without them, since the text of a ticket matters more.
 */
export async function surveyRatings(
  { client, options }: Pick<TicketReading, "client" | "options">,
  ticketId: number,
  audits: readonly Audit[],
  signal: AbortSignal,
): Promise<readonly Signal[]> {
  if (!audits.some(({ events }) => events.some(({ type }) => SUBMITTED_EVENT.test(type))))
    return [];
  const query = { "filter[subject_zrns]": `zen:ticket:${ticketId}`, "page[size]": PER_PAGE };
  try {
    // The audits say that there is a response, so an account that answers 404 hides it.
    const answer = await client.longWait.get(
      // The library knows the older ratings only, and no surveys.
      ({ satisfactionratings }) => satisfactionratings.get(["guide", "survey_responses"]),
      SurveyResponses,
      signal,
      query,
    );
    return answer.survey_responses
      .filter((response) => isAbout(response, ticketId))
      .flatMap((response) => surveyRating(response) ?? [])
      .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  } catch (error) {
    if (!(error instanceof DeskhandError) || error.code !== "channel.refused") throw error;
    options.log.warn("Zendesk does not show survey responses", {
      ticketId,
      reason: reasonOf(error),
    });
    return [];
  }
}

/** Zendesk ignores a filter it does not know and returns every response of the account, so check again. */
function isAbout({ subjects }: SurveyResponse, ticketId: number): boolean {
  return (subjects ?? []).some(
    ({ zrn, id }) => zrn === `zen:ticket:${ticketId}` || id === String(ticketId),
  );
}

function surveyRating({ id, answers }: SurveyResponse): Signal | null {
  const scale = answers.find(
    ({ type, question }) =>
      type === "rating_scale" &&
      (question?.sub_type ?? "customer_satisfaction") === "customer_satisfaction",
  );
  const at = Date.parse(scale?.updated_at ?? scale?.created_at ?? "");
  if (scale === undefined || Number.isNaN(at)) return null;
  const stars = z.int().min(1).max(5).safeParse(scale.rating);
  const words = answers
    .filter(({ type }) => type === "open_ended")
    .flatMap(({ value }) => (typeof value === "string" ? [value] : []));
  return {
    kind: "rated",
    key: `zendesk:survey:${id}:${new Date(at).toISOString()}`,
    at: new Date(at).toISOString(),
    score: ratingScore(scale.rating_category, stars.success ? stars.data : null),
    comment: words.join("\n").slice(0, COMMENT_MAX),
    source: "survey",
    ...(stars.success ? { stars: stars.data } : {}),
  };
}

/** As Zendesk counts: four and five are satisfied, and every other score is not. */
function ratingScore(category: string | null | undefined, stars: number | null): "good" | "bad" {
  if (category === "good" || category === "bad") return category;
  return stars !== null && stars >= 4 ? "good" : "bad";
}
