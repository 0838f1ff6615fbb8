/** A rehearsal is of one policy, and of the pages and procedures it began with. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { ComposedApp } from "#app/composed-app.ts";
import { withParts } from "#app/commands/here.ts";
import { rehearse } from "#app/rehearsal/rehearse.ts";
import { readConfig } from "#config/environment.ts";
import { putOff } from "#store/knowledge/page-notes.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { sharedDatabase } from "#test/store/bench.ts";
import { pastTicket } from "#test/store/rehearsal/examples.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

type Change = (app: ComposedApp) => Promise<unknown>;

/** A lead changes something while the first of two tickets is played. */
async function rehearsedWhile(context: TestContext, change: Change) {
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
  const result = await withParts(here, (app) => {
    const changed: Promise<unknown>[] = [];
    const next = (kind: string): string => {
      if (kind === "t" && changed.length === 0) changed.push(change(app));
      return app.ids.next(kind);
    };
    const run: ComposedApp["store"]["run"] = async (work, ...given) => {
      await Promise.all(changed);
      return app.store.run(work, ...given);
    };
    return rehearse(
      { ...app, store: { ...app.store, run }, ids: { ...app.ids, next } },
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
  assert.deepEqual(routes, [["with_person", "ask"]], "the one under way is of what it began with");
  assert.equal(result.end.state, "stopped");
  return result.end.reason;
}

const strict = loadPolicy(sandboxText.replace("after_days: 30", "after_days: 1"), "strict");

test("a rehearsal stops once a lead changed the policy, and says so", async (context) => {
  const change: Change = async ({ policy }) => policy.replace(strict);
  assert.equal(await rehearsedWhile(context, change), "the policy was changed meanwhile");
});

test("a rehearsal stops once a lead switched a page off, and says so", async (context) => {
  const change: Change = ({ store, clock, ids }) =>
    store.run(putOff, { slug: ids.next("page"), reason: "old", by: "lea", at: clock.now() });
  assert.equal(
    await rehearsedWhile(context, change),
    "help pages or procedures were changed meanwhile",
  );
});
