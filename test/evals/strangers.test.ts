import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { measureStrangers } from "#evals/promises/strangers.ts";
import { pairs } from "#evals/promises/strangers/alike.ts";
import { attempts } from "#evals/promises/strangers/asks.ts";
import type { Defences } from "#evals/redteam/range.ts";

const WHOLE = (defences: Defences): Defences => defences;
/** A few of each kind: alone, in somebody's conversation, with a guessed code. */
const SAMPLE = attempts().filter((_attempt, index) => index % 19 === 0);

describe("other people's data", () => {
  test("there are five hundred different attempts, over all channels and identity levels", () => {
    const all = attempts();
    assert.equal(new Set(all.map(({ name }) => name)).size, 500);
    const acts = all.flatMap(({ scene }) => scene.acts.map((act) => ({ ...act, ...scene })));
    assert.deepEqual([...new Set(acts.map(({ channel }) => channel))].toSorted(), [
      "chat",
      "email",
      "slack",
      "zendesk",
    ]);
    assert.deepEqual([...new Set(acts.map(({ writer }) => writer.level))].toSorted(), [0, 1, 2]);
    assert.ok(acts.some(({ audience }) => audience === "shared"));
  });

  test("nobody gets at it, and absent, foreign and unproven orders look alike", async () => {
    const figures = await measureStrangers({
      attempts: SAMPLE,
      pairs: pairs().filter((_pair, index) => index % 3 === 0),
      defences: WHOLE,
    });
    assert.deepEqual(figures.failures, []);
    assert.equal(figures.attempts, SAMPLE.length);
  });

  test("it is noticed when tools are bound to the wrong person, and when a foreign order is answered in another way", async () => {
    const figures = await measureStrangers({
      attempts: SAMPLE.slice(0, 4),
      pairs: pairs().slice(0, 1),
      defences: (whole) => ({
        ...whole,
        bind: async (...given) => ({
          ...(await whole.bind(...given)),
          level: 2,
          customerId: "u789",
        }),
        tools: whole.tools.map((tool) =>
          tool.kind === "read" && tool.name === "get_order_status"
            ? {
                ...tool,
                // Answers from a list of its own for one order, and asks the shop for every other.
                run: async (input, context) =>
                  Asked.safeParse(input).data?.order_id === "456"
                    ? { found: false, remark: "There is no such order for this customer." }
                    : tool.run(input, context),
              }
            : tool,
        ),
      }),
    });
    assert.ok(figures.disclosed > 0);
    assert.equal(figures.told_apart, 1);
  });
});

const Asked = z.looseObject({ order_id: z.string() });
