/** A model that its provider ends is told of in time, three times. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { modelEnd } from "#agent/model.ts";
import { modelEndsHere } from "#app/watch-process.ts";
import { readConfig } from "#config/environment.ts";
import { ROLE_TASKS } from "#config/process-roles.ts";
import { endingModels } from "#jobs/operating/model-ends.ts";
import { changesIn } from "#jobs/operating/tell-team.ts";
import { NOW, silentLog } from "#test/store/bench.ts";
import { json, provider } from "#test/support/model-provider.ts";
import { until } from "#test/support/waiting.ts";

const DAY_MS = 86_400_000;

const toldWith = (daysLeft: number) =>
  endingModels([{ model: "own", at: new Date(NOW.getTime() + daysLeft * DAY_MS) }], NOW);

test("a model that its provider ends is told of sixty, fourteen and three days ahead, each once", async (context) => {
  const { url } = await provider(context, (_body, response) => json(response, 404, {}));
  const endOf = (model: string) => modelEnd({ apiKey: "k", baseUrl: url, timeoutMs: 1_000, model });
  assert.deepEqual(await endOf("gpt-4.1-mini-of-nobody"), []);
  const [end] = await endOf("openai/gpt-4.1-mini-2025-04-14");
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

test("the end of a reader at another server is found there", async (context) => {
  const { url } = await provider(context, (_body, response) =>
    json(response, 200, { data: [{ id: "reader", shutdown_date: "2027-02-01" }] }),
  );
  const config = readConfig({
    DESKHAND_DATA: ".deskhand",
    OPENAI_API_KEY: "k",
    OPENAI_BASE_URL: (await provider(context, (_body, response) => json(response, 404, {}))).url,
    DESKHAND_MODEL: "own",
    DESKHAND_VERIFIER_MODEL: "reader",
    DESKHAND_VERIFIER_URL: url,
    DESKHAND_VERIFIER_KEY: "k2",
  });
  const ends = modelEndsHere({ config, log: silentLog }, ROLE_TASKS.all);
  context.after(() => ends.stop());
  await until("the end", async () => ends.seen().length > 0);
  assert.deepEqual(ends.seen(), [{ model: "reader", at: new Date("2027-02-01") }]);
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
