/** What solved tickets teach: ratings of both kinds, and which conversations become candidates for eval cases. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { addCandidate, evalCandidateTable } from "#jobs/reports/candidate-cases.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { type Office, inOffice } from "#test/zendesk/office.ts";

const Ratings = z.object({
  satisfaction_ratings: z.array(z.object({ score: z.string(), comment: z.string().nullable() })),
});

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
});

/** A request by mail that the bot answered and a person approved. */
async function answered(office: Office): Promise<number> {
  office.desk.answer(() => replying("Your lamp is in the warehouse."));
  const ticketId = await office.mail("ann@customer.test", "Where is my lamp?", {
    from: { name: "Ann Fields", email: "ann@customer.test" },
  });
  await office.settle();
  const conversationId = await office.conversationOf(ticketId);
  await office.desk.press("approve", conversationId);
  await office.settle();
  return ticketId;
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
