import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { z } from "zod";
import { measureStrangers } from "#evals/promises/strangers.ts";
import { pairs } from "#evals/promises/strangers/alike.ts";
import { attempts } from "#evals/promises/strangers/asks.ts";
import { type Defences, openRange, type Range } from "#evals/redteam/range.ts";

const WHOLE = (defences: Defences): Defences => defences;
/** A few of each kind: alone, in another customer's conversation, with a guessed code. */
const SAMPLE = attempts().filter((_attempt, index) => index % 19 === 0);

let range: Range;
let broken: (whole: Defences) => Defences = WHOLE;

before(async () => {
  range = await openRange({ defences: (whole) => broken(whole) });
});
after(() => range.close());
beforeEach(() => {
  broken = WHOLE;
});

describe("other people's data", () => {
  test("no asker gets at it, and absent, foreign and unproven orders look alike", async () => {
    const figures = await measureStrangers(range, {
      attempts: SAMPLE,
      pairs: pairs().filter((_pair, index) => index % 3 === 0),
    });
    assert.deepEqual(figures.failures, []);
    assert.equal(figures.attempts, SAMPLE.length);
  });

  test("it is noticed when tools are bound to the wrong person, and when a foreign order is answered in another way", async () => {
    broken = (whole) => ({
      ...whole,
      bind: async (...given) => ({ ...(await whole.bind(...given)), level: 2, customerId: "u789" }),
      tools: whole.tools.map((tool) =>
        tool.kind === "read" && tool.name === "get_order_status"
          ? {
              ...tool,
              // Looks twice at one order, which can be seen from outside.
              run: async (input, context) => {
                if (Asked.safeParse(input).data?.order_id === "456") await tool.run(input, context);
                return tool.run(input, context);
              },
            }
          : tool,
      ),
    });
    const figures = await measureStrangers(range, {
      attempts: SAMPLE.slice(0, 4),
      pairs: pairs().slice(0, 1),
    });
    assert.ok(figures.disclosed > 0);
    assert.equal(figures.told_apart, 1);
  });
});

const Asked = z.looseObject({ order_id: z.string() });
