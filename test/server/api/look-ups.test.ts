/** What the API says of a card and finds in the help pages. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { serveApi, type ApiBench } from "./bench.ts";

const LEA = "lea@ourshop.test";

onDesk("look-ups of the API", (bench) => {
  let api: ApiBench;
  beforeEach(async () => {
    api = await serveApi(bench);
  });
  afterEach(() => api.close());

  test("why a card asks, and what an answer would rest on, is read as on the console", async () => {
    bench.answer(() => replying("We refund it.", { actions: [refundOf(30_000)] }));
    const card = await bench.pending(await bench.write("Please refund order 789"));
    assert.ok(card);
    const token = await api.token(LEA);
    const why = await api.get(`/cards/${card.id}/explanation`, token);
    assert.equal(why.status, 200, why.text);
    assert.match(why.text, /What the policy says.*Your rule refund\.usual asks one person/);
    const machine = await api.token(null, ["cases:read"], "machine");
    assert.equal((await api.get(`/cards/${card.id}/explanation`, machine)).status, 404);
    const page = { title: "Refunds", body: "The money comes back in five days." };
    const own = { title: "Money", body: "The money comes back in three days.", audience: "team" };
    for (const one of [page, own])
      assert.equal((await api.post("/knowledge/pages", token, one)).status, 201);
    const found = await api.get("/knowledge/search?q=when+does+the+money+come+back", token);
    assert.match(found.text, /five days/);
    assert.doesNotMatch(found.text, /three days/, "what only the team reads");
    assert.equal((await api.get("/knowledge/search?q=x", token)).status, 400);
  });
});
