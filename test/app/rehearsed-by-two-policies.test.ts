/** A rehearsal is of one policy. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { withParts } from "#app/commands/here.ts";
import { rehearse } from "#app/rehearsal/rehearse.ts";
import { readConfig } from "#config/environment.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { sharedDatabase } from "#test/store/bench.ts";
import { pastTicket } from "#test/store/rehearsal/examples.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

test("tickets played after a lead changed the policy are not told as played by the one before", async (context) => {
  const data = temporaryFolder(context);
  const { opened } = await sharedDatabase(MAIN_DATABASE);
  context.after(() => opened.close());
  const config = readConfig({ DESKHAND_DATA: join(data, "data"), EMBEDDINGS: "off" });
  const here = { config, store: opened.store, log: quiet };
  const at = new Date(Date.now() - 3_600_000).toISOString();
  const text = "My headphones from order 789 arrived broken. Please refund order 789.";
  const ticket = (id: string) => ({
    ...pastTicket({ id }),
    customer: "ann@customer.test",
    messages: [{ by: "customer" as const, name: "Ann", text, at }],
    answer: { by: "Sam", text: "I have refunded 120.00 USD for order 789.", at },
  });
  const strict = loadPolicy(sandboxText.replace("after_days: 30", "after_days: 1"), "strict");
  const result = await withParts(here, (app) => {
    let turns = 0;
    const next = (kind: string): string => {
      if (kind === "t" && (turns += 1) === 1) app.policy.replace(strict);
      return app.ids.next(kind);
    };
    return rehearse(
      { ...app, ids: { ...app.ids, next } },
      {
        source: { kind: "sample", path: "two", tickets: [ticket("1"), ticket("2")] },
        last: 2,
        concurrency: 1,
        budgetUsd: null,
        proven: true,
        anew: true,
        as: null,
      },
      { progress: () => undefined, signal: new AbortController().signal },
    );
  });
  const routes = result.tickets.map(({ route, actions }) => [
    route,
    ...actions.map(({ verdict }) => verdict),
  ]);
  assert.deepEqual(
    [result.end.state, new Set(routes.map((one) => one.join())).size],
    ["done", 1],
    JSON.stringify(routes),
  );
});
