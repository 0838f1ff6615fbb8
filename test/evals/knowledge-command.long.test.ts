/** `npm run evals -- knowledge measure` measures the search on a file of questions, and names mistakes of the file by field. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { knowledgeCommand } from "#evals/knowledge/command.ts";
import { ranOn } from "./ran-on.ts";

test("the search is measured on a file of questions", async (context) => {
  const docs = ["return", "invoice", "lamp"].map((cat) => ({ cat, text: `All about the ${cat}.` }));
  const queries = [
    { q: "where is my invoice", cat: "invoice" },
    { q: "the lamp is broken", cat: "return" },
  ];
  const { code, printed } = await ranOn(
    context,
    ["set.json", JSON.stringify({ docs, queries })],
    (file, output) => knowledgeCommand(["measure", "--words", "--file", file], output),
  );
  assert.equal(code, 0);
  const { ms_per_query_p50, ms_per_query_p95, index_seconds, ...figures } = z
    .record(z.string(), z.number().min(0))
    .parse(JSON.parse(printed));
  assert.deepEqual(figures, {
    recall_at_1: 0.5,
    recall_at_3: 0.5,
    mrr_at_10: 0.5,
    docs: 3,
    queries: 2,
  });
  assert.ok(
    [ms_per_query_p50, ms_per_query_p95, index_seconds].every((time) => time !== undefined),
  );
});
