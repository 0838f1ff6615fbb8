/** Answers to satisfaction surveys, which Zendesk has beside the older ratings: the sandbox has none, so a front gives them. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import type { Signal } from "#core/values/message.ts";
import { benchFor, signal, type Bench } from "#test/zendesk/bench.ts";
import { openFront } from "#test/support/http-front.ts";

const Audits = z.looseObject({ audits: z.array(z.looseObject({ events: z.array(z.unknown()) })) });

/** One response in the form of Zendesk's reference ("CSAT Survey Responses"). */
function response(ticketId: number, rating: number, updatedAt: string, category?: string) {
  return {
    id: "01HX",
    subjects: [{ id: String(ticketId), zrn: `zen:ticket:${ticketId}`, type: "ticket" }],
    answers: [
      {
        type: "rating_scale",
        question: { sub_type: "customer_satisfaction" },
        rating,
        ...(category === undefined ? {} : { rating_category: category }),
        created_at: "2026-11-20T12:00:00Z",
        updated_at: updatedAt,
      },
      { type: "open_ended", value: "Quick and kind." },
    ],
  };
}

/** What is read of a ticket whose audits say that a survey was answered, where the account answers so about surveys. */
async function ratings(
  context: TestContext,
  answer: (ticketId: number) => { readonly status?: number; readonly body: unknown },
): Promise<{ readonly found: readonly Signal[]; readonly bench: Bench }> {
  const bench = await benchFor(context);
  const ticketId = await bench.ask("Where is my lamp?");
  const front = await openFront(bench.sandbox.url, async ({ path, forward }) => {
    if (path.startsWith("/api/v2/guide/survey_responses")) {
      const { status = 200, body } = answer(ticketId);
      return Response.json(body, { status });
    }
    const given = await forward();
    if (!path.includes("/audits")) return given;
    const body = Audits.parse(await given.json());
    body.audits.at(-1)?.events.push({ id: 1, type: "SurveyResponseSubmitted" });
    return Response.json(body);
  });
  context.after(front.close);
  const channel = bench.another({ url: front.url });
  context.after(() => channel.stop());
  const { signals } = await channel.fetch(
    { id: "c1", channel: "zendesk", externalId: String(ticketId), subject: "", brand: "" },
    signal,
  );
  return { found: signals.filter(({ kind }) => kind === "rated"), bench };
}

test("a survey's stars and words are a rating; another ticket's are none, though the account names them all", async (context) => {
  const { found } = await ratings(context, (id) => ({
    body: {
      survey_responses: [
        response(id, 3, "2026-11-20T13:00:00Z"),
        response(id + 1, 5, "2026-11-20T13:00:00Z"),
      ],
    },
  }));
  assert.deepEqual(found, [
    {
      kind: "rated",
      key: "zendesk:survey:01HX:2026-11-20T13:00:00.000Z",
      at: "2026-11-20T13:00:00.000Z",
      score: "bad",
      comment: "Quick and kind.",
      source: "survey",
      stars: 3,
    },
  ]);
});

test("the account's own category counts before the stars, and a changed response is another rating", async (context) => {
  const { found } = await ratings(context, (id) => ({
    body: { survey_responses: [response(id, 3, "2026-11-20T14:00:00Z", "good")] },
  }));
  assert.deepEqual(
    found.map((one) => one.kind === "rated" && [one.score, one.key]),
    [["good", "zendesk:survey:01HX:2026-11-20T14:00:00.000Z"]],
  );
});

test("an account that hides its surveys is read without them, and that is told", async (context) => {
  const { found, bench } = await ratings(context, () => ({
    status: 404,
    body: { error: "RecordNotFound", description: "Not found" },
  }));
  assert.deepEqual(found, []);
  assert.ok(bench.warnings.some((line) => line.includes("survey responses")));
});
