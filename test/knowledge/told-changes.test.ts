/** What the team is told about help pages: each change of a text once, in one message for all that changed together. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SourcePage } from "#core/contracts/knowledge.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { tellPageChanges } from "#jobs/operating/watch-process.ts";
import { openPages } from "#knowledge/index.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { listeningLog } from "./bench.ts";

const FEE: SourcePage = { id: "fee", title: "Customs fee", text: "No fee.", updated: "2026-11-01" };

function others(count: number): readonly SourcePage[] {
  return Array.from({ length: count }, (_, at) => ({ ...FEE, id: `p${at}`, title: `Page ${at}` }));
}

onDesk("a change of a help page", (bench) => {
  const told: string[] = [];
  const away = { is: false };
  const context = {
    store: bench.parts.store,
    desk: {
      ...bench.parts.desk,
      notify: async (text: string) => {
        if (away.is) throw new DeskhandError("channel.unavailable", "Slack is away");
        told.push(text);
      },
    },
  };
  const readIn = async (pages: readonly SourcePage[]): Promise<readonly string[]> => {
    const { store } = context;
    const knowledge = await openPages({ store, pages: [], embedder: null, log: listeningLog() });
    await knowledge.take("help", pages);
    await knowledge.close();
    told.length = 0;
    if (!away.is) await tellPageChanges(context);
    return [...told];
  };

  test("is told with names and number, new, changed and removed, and once", async () => {
    assert.deepEqual(await readIn([FEE, ...others(6)]), [
      "Help pages that answers rest on have changed: 7 new (Customs fee, Page 0, Page 1, Page 2, Page 3 and 2 more).",
    ]);
    assert.deepEqual(await readIn([FEE, ...others(6)]), []);
    const account = { ...FEE, text: "Pay it to DE89 3704 0044 0532 0130 00." };
    assert.deepEqual(await readIn([account, ...others(5)]), [
      "Help pages that answers rest on have changed: 1 changed (Customs fee), 1 removed (Page 5).",
    ]);
    // The day of a page is no text of it.
    assert.deepEqual(await readIn([{ ...account, updated: "2026-11-20" }, ...others(5)]), []);
  });

  test("waits for a desk that is away", async () => {
    await readIn([FEE]);
    away.is = true;
    await readIn([{ ...FEE, text: "A fee of 9.00 EUR." }]);
    await assert.rejects(tellPageChanges(context), /Slack is away/);
    away.is = false;
    await tellPageChanges(context);
    await tellPageChanges(context);
    assert.deepEqual(told, [
      "Help pages that answers rest on have changed: 1 changed (Customs fee).",
    ]);
  });
});
