/** What is said of a policy that came into force without asking a person. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPolicyFile, permitsInWords } from "#jobs/policy/change.ts";
import { inWords } from "#jobs/policy/watch-file.ts";
import { sharedDatabase, NOW } from "#test/store/bench.ts";
import { sandboxText } from "#test/policy/policy-files.ts";

test("of the sandbox's own file it is said truly whether it permits more, and what", async (context) => {
  const { opened: database } = await sharedDatabase("pglite");
  context.after(() => database.close());
  const ids = { count: 0 };
  const parts = {
    store: database.store,
    clock: { now: () => NOW },
    ids: { next: (prefix: string) => `${prefix}_${(ids.count += 1)}` },
  };
  const source = { kind: "built-in", name: "sandbox.yaml" } as const;
  const consider = (tier: string) =>
    checkPolicyFile(parts, source, sandboxText.replace("up_to: 10.00", `up_to: ${tier}`), "change");
  assert.doesNotMatch((await consider("10.00")).change.closing, /permits/);
  const more = await consider("20.00");
  assert.equal(more.outcome, "activated");
  assert.match(
    more.change.closing,
    /it permits more than before\. No lead was asked: the sandbox's own file is part of the program/,
  );
  assert.equal(inWords(more), null);
  const less = await consider("5.00");
  assert.match(less.change.closing, /it permits nothing more than before/);
  assert.match(
    permitsInWords({ relaxations: [], differences: ["a: 1 → 2"] }),
    /nothing more than before/,
  );
});
