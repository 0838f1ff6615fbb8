/** A model that its provider ends is told of in time, three times. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { modelEnds, PRICES } from "#agent/prices.ts";
import { endingModels } from "#jobs/operating/model-ends.ts";
import { changesIn } from "#jobs/operating/tell-team.ts";
import { NOW } from "#test/store/bench.ts";

const DAY_MS = 86_400_000;

const toldWith = (daysLeft: number) =>
  endingModels([{ model: "own", at: new Date(NOW.getTime() + daysLeft * DAY_MS) }], NOW);

test("a model that its provider ends is told of sixty, fourteen and three days ahead, each once", () => {
  const [end] = modelEnds(PRICES, ["openai/gpt-4.1-mini-2025-04-14", "gpt-4.1-mini-of-nobody"]);
  assert.equal(end?.model, "openai/gpt-4.1-mini-2025-04-14");
  const names = (daysLeft: number) =>
    endingModels([end], new Date(end.at.getTime() - daysLeft * DAY_MS)).map(({ name }) => name);
  assert.deepEqual(
    [61, 60, 59, 20, 13, 4, 2, -1].flatMap((days) => names(days).join()),
    [
      "",
      "",
      "model-end-60",
      "model-end-60",
      "model-end-14",
      "model-end-14",
      "model-end-3",
      "model-end-3",
    ],
  );
});

test("what is told names the model, the day, the days that are left, and a page that exists", () => {
  assert.equal(toldWith(7)[0]?.sentence, "The model own ends on 2026-03-08, in 7 days.");
  assert.equal(toldWith(-1)[0]?.sentence, "The model own ended on 2026-02-28.");
  for (const days of [59, 13, 2]) {
    const told = { [`model-end-${[3, 14, 60].find((most) => days < most)}`]: known(false) };
    const [telling] = changesIn(told, toldWith(days), NOW).tellings;
    assert.match(telling?.text ?? "", /What to do: docs\/runbooks\/model-end\.md$/);
  }
  assert.match(
    changesIn({ "model-end-3": known(true) }, [], NOW).tellings[0]?.text ?? "",
    /\(docs\/runbooks\/model-end\.md\)$/,
  );
});

const known = (told: boolean) => ({ since: new Date(NOW.getTime() - DAY_MS).toISOString(), told });

test("the rule for Prometheus has the second of these thresholds", () => {
  const file = new URL("../../../docs/prometheus/alerts.yml", import.meta.url);
  const text = JSON.stringify(parse(readFileSync(file, "utf8")));
  assert.ok(text.includes(`min(deskhand_model_ends_in_seconds) < ${14 * 86_400}"`), text);
});
