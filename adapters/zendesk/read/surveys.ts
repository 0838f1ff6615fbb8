/** Reads the answers to satisfaction surveys of a ticket. */
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Signal } from "#core/values/message.ts";
import type { Log } from "#core/contracts/ports.ts";
import { z } from "zod";
import type { Calls } from "#zendesk/api/client.ts";
import type { Audit } from "#zendesk/api/schema.ts";

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
  { client, log }: { readonly client: Calls; readonly log: Log },
  ticketId: number,
  audits: readonly Audit[],
  signal: AbortSignal,
): Promise<readonly Signal[]> {
  if (!audits.some(({ events }) => events.some(({ type }) => SUBMITTED_EVENT.test(type))))
    return [];
  const zrn = `zen:ticket:${ticketId}`;
  const query = { filter: { subject_zrns: zrn }, page: { size: PER_PAGE } };
  const path = ["guide", "survey_responses", query];
  try {
    // The audits say that there is a response, so an account that answers 404 hides it.
    const answer = await client.get(path, SurveyResponses, signal);
    return answer.survey_responses
      .filter((response) => isAbout(response, ticketId))
      .flatMap((response) => ratingOf(response) ?? [])
      .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  } catch (error) {
    if (!(error instanceof DeskhandError) || error.code !== "channel.refused") throw error;
    log.warn("Zendesk does not show survey responses", { ticketId, reason: reasonOf(error) });
    return [];
  }
}

/** Zendesk ignores a filter it does not know and returns every response of the account, so check again. */
function isAbout({ subjects }: SurveyResponse, ticketId: number): boolean {
  return (subjects ?? []).some(
    ({ zrn, id }) => zrn === `zen:ticket:${ticketId}` || id === String(ticketId),
  );
}

function ratingOf({ id, answers }: SurveyResponse): Signal | null {
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
    score: scoreOf(scale.rating_category, stars.success ? stars.data : null),
    comment: words.join("\n").slice(0, COMMENT_MAX),
    source: "survey",
    ...(stars.success ? { stars: stars.data } : {}),
  };
}

/** As Zendesk counts: four and five are satisfied, and every other score is not. */
function scoreOf(category: string | null | undefined, stars: number | null): "good" | "bad" {
  if (category === "good" || category === "bad") return category;
  return stars !== null && stars >= 4 ? "good" : "bad";
}
