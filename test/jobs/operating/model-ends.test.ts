/** A model that its provider ends is told of in time, three times. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { modelEnd } from "#agent/model.ts";
import { endingModels } from "#jobs/operating/model-ends.ts";
import { json, provider } from "#test/support/model-provider.ts";

const DAY_MS = 86_400_000;

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
