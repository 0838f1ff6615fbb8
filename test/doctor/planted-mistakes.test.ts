/** Mistakes that people make: each is planted at the wire, named by the doctor in one sentence with its mend, and gone when it is mended. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Finding } from "#core/connection/diagnosis.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { redisMissing } from "#test/support/redis.ts";
import { plantedBench, type Rows } from "./planted/bench.ts";
import { MACHINE_ROWS } from "./planted/machine-rows.ts";
import { SERVICE_ROWS } from "./planted/service-rows.ts";
import { VENDOR_ROWS } from "./planted/vendor-rows.ts";

const ROWS: Rows = { ...MACHINE_ROWS, ...VENDOR_ROWS, ...SERVICE_ROWS };

/** What is said of every installation without a mailbox or a model. */
const STANDING = /^(?:email urgent mail|model key): /;

/** What an operator has to read, as it is printed. */
function named(findings: readonly Finding[]): readonly string[] {
  return findings
    .filter(({ state }) => state === "problem" || state === "warning")
    .map(({ part, check, found, remedy }) => `${part} ${check}: ${found} → ${remedy ?? ""}`);
}

describe("a mistake of a person", { skip: postgresMissing || redisMissing }, () => {
  const bench = plantedBench();
  const count = { planted: 0, named: 0 };

  const isWell = async (): Promise<void> => {
    const parts = ["redis", "zendesk", "email", "shop", "model", "public"] as const;
    assert.deepEqual(named(await bench.look(parts)), []);
  };

  test("none is named where everything is well", isWell);

  for (const [what, row] of Object.entries(ROWS))
    test(what, { skip: row.skip ?? false }, async (context) => {
      const { says, mend, parts = [] } = row;
      const isNamed = (line: string): boolean => {
        const [found = "", remedy = ""] = line.split(" → ");
        return says.test(found) && mend.test(remedy);
      };
      count.planted += 1;
      const mistake = await row.plant(bench, context);
      const look = mistake.look ?? (() => bench.look(parts, mistake.set));
      const wrong = named(await look());
      await mistake.mend?.();
      assert.ok(wrong.some(isNamed), `named was:\n${wrong.join("\n")}`);
      for (const line of wrong) assert.doesNotMatch(line, / → $/, "it has no mend");
      // What was only set otherwise is looked at once, behind the last row.
      if (mistake.look === undefined && mistake.mend !== undefined) {
        const left = named(await bench.look(parts, mistake.set));
        assert.deepEqual(
          left.filter((line) => !STANDING.test(line)),
          [],
        );
      }
      count.named += 1;
    });

  test("leaves nothing behind that is named", isWell);

  test("is found in every row, and there are thirty at least", (context) => {
    context.diagnostic(
      `planted mistakes named with their mend: ${count.named} of ${Object.keys(ROWS).length}`,
    );
    assert.equal(count.named, count.planted);
    assert.ok(count.planted >= 30);
  });
});
