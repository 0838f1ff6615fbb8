/** What solved tickets teach: ratings of both kinds, and which conversations become candidates for eval cases. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { addCandidate, evalCandidateTable } from "#jobs/reports/eval-candidates.ts";
import { intake } from "#jobs/intake.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { type Office, inOffice } from "#test/zendesk/office.ts";

const Ratings = z.object({
  satisfaction_ratings: z.array(z.object({ score: z.string(), comment: z.string().nullable() })),
});
const Responses = z.object({ survey_responses: z.array(z.object({ id: z.string() })) });

inOffice("ratings and solved tickets", (office) => {
  /** The list without its head: reason, rating and who answered, of each candidate. */
  const candidates = async (): Promise<readonly (readonly string[])[]> => {
    const table = await evalCandidateTable(office.desk.parts.store);
    const [head = "", ...rows] = table.split("\n");
    if (!head.startsWith("conversation")) return [];
    return rows.map((row) => row.split(/\s{2,}/).slice(2, 5));
  };

  test("a solved ticket is a candidate with the bot's own words, and each later rating replaces the one before", async () => {
    const ticketId = await answered(office);
    assert.deepEqual(await candidates(), []);
    await solve(office, ticketId);
    assert.deepEqual(await candidates(), [["solved", "-", "bot, as drafted"]]);
    await rate(office, ticketId, "good", "Quick, thanks! Ann Fields, ann@customer.test");
    assert.deepEqual(await candidates(), [["good", "good (rating)", "bot, as drafted"]]);
    const { text: written } = await addCandidate(
      office.desk.parts.store,
      await office.conversationOf(ticketId),
      office.desk.now(),
    );
    assert.match(written, /rated as good \(rating\)[\s\S]*Answered by: bot, as drafted/);
    assert.match(written, /They wrote: Quick, thanks! \[name\]/);
    assert.doesNotMatch(written.replace(/candidate-\S+/, ""), /ann\b|customer\.test/i);
    await rate(office, ticketId, "bad", "It never came");
    assert.deepEqual(await candidates(), [["bad", "bad (rating)", "bot, as drafted"]]);
    const { satisfaction_ratings: stored } = Ratings.parse(
      await office.as("admin", "GET", "/satisfaction_ratings"),
    );
    assert.deepEqual(stored, [{ score: "bad", comment: "It never came" }]);
  });

  test("a survey is read where the account asks by one, is labelled, and answering it again overwrites", async () => {
    await office.control("PUT", "settings", { satisfaction: "surveys" });
    const ticketId = await answered(office);
    await solve(office, ticketId);
    const refused = await fetch(
      `${office.sandbox.url}/api/v2/tickets/${ticketId}/satisfaction_rating`,
      {
        method: "POST",
        headers: {
          authorization: `Bearer ${office.sandbox.tokens.ann}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ satisfaction_rating: { score: "good" } }),
      },
    );
    assert.equal(refused.status, 422);
    await survey(office, ticketId, 5, "Lovely");
    await polled(office, ticketId);
    assert.deepEqual(await candidates(), [["good", "good (survey, 5 of 5)", "bot, as drafted"]]);
    await survey(office, ticketId, 3, "Second thoughts");
    await polled(office, ticketId);
    assert.deepEqual(await candidates(), [["bad", "bad (survey, 3 of 5)", "bot, as drafted"]]);
    const asked = office.calls().filter(({ path }) => path.includes("survey_responses"));
    assert.ok(asked.length > 0);
    for (const { path } of asked)
      assert.match(decodeURIComponent(path), new RegExp(`zen:ticket:${ticketId}(&|$)`));
    const listed = await office.as("admin", "GET", "/guide/survey_responses");
    assert.equal(Responses.parse(listed).survey_responses.length, 1);
  });
});

/** A request by mail that the bot answered and a person approved, after editing it when there is an `edit`. */
async function answered(office: Office, edit?: string): Promise<number> {
  office.desk.answer(() => replying("Your lamp is in the warehouse."));
  const ticketId = await office.mail("ann@customer.test", "Where is my lamp?", {
    from: { name: "Ann Fields", email: "ann@customer.test" },
  });
  await office.settle();
  const conversationId = await office.conversationOf(ticketId);
  if (edit !== undefined) await edited(office, conversationId, edit);
  await office.desk.press("approve", conversationId);
  await office.settle();
  return ticketId;
}

async function edited({ desk }: Office, conversationId: string, text: string): Promise<void> {
  const card = await desk.pending(conversationId);
  assert.ok(card !== null);
  const sam = "sam@ourshop.test";
  const answer = await deskHandler(desk.parts).decide({
    decisionId: `edit:${card.id}`,
    approvalId: card.id,
    version: card.version,
    button: "edit",
    teammate: { id: sam, name: "Sam", email: sam, eligible: true },
    reason: "",
    edit: { text, amount: null },
  });
  assert.ok(answer.accepted, answer.message);
}

async function solve(office: Office, ticketId: number): Promise<void> {
  const ticket = { status: "solved", assignee_id: office.sandbox.users.dana };
  await office.as("dana", "PUT", `/tickets/${ticketId}`, { ticket });
  await office.settle();
}

async function rate(
  office: Office,
  ticketId: number,
  score: "good" | "bad",
  comment = "",
): Promise<void> {
  const rating = { satisfaction_rating: { score, comment } };
  await office.as("ann", "POST", `/tickets/${ticketId}/satisfaction_rating`, rating);
  await office.settle();
}

const Made = z.object({ survey_response: z.object({ id: z.string() }) });

/** Answers the survey on its page, as the customer who got the link. */
async function survey(
  office: Office,
  ticketId: number,
  rating: number,
  comment: string,
): Promise<void> {
  const made = await office.as("admin", "POST", "/guide/survey_responses", {
    survey_response: { subject_zrn: `zen:ticket:${ticketId}` },
  });
  const { id } = Made.parse(made).survey_response;
  const response = await fetch(`${office.sandbox.url}/hc/surveys/${id}`, {
    method: "POST",
    body: new URLSearchParams({ rating: String(rating), comment }),
    headers: { cookie: "customer=ann" },
    redirect: "manual",
  });
  assert.equal(response.headers.get("location"), `/hc/surveys/${id}`);
}

/** No event tells of surveys: what the export says does. */
async function polled(office: Office, id: number): Promise<void> {
  const { desk, channel } = office;
  const at = desk.now();
  const seconds = Math.floor(at.getTime() / 1_000);
  const line = { ticket_id: id, updated_at: at.toISOString(), generated_timestamp: seconds };
  const body = new TextEncoder().encode(JSON.stringify(line));
  await intake(desk.parts, channel, { source: "poll", headers: {}, body, receivedAt: at });
  await office.settle();
}
