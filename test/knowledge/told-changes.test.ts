/** What the team is told about help pages: each change of a text once, in one message for all that changed together. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import type { SourcePage } from "#core/contracts/knowledge.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { tellPageChanges } from "#jobs/operating/watch-process.ts";
import { openPages } from "#knowledge/index.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { addCase } from "#test/server/console/seed.ts";
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
    clock: bench.parts.clock,
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

  test("gives each waiting card that cites the page another version, which says so", async () => {
    await readIn([FEE, ...others(1)]);
    const cited = [FEE.title, "Page 0, as of 1 Nov 2026", "Page 1"];
    for (const [at, source] of cited.entries()) {
      const draft = { text: "No fee.", to: "ann", sources: [source], marks: [] };
      await addCase(context.store, { id: `c${at}c${at}`, at: new Date(), card: { draft } });
    }
    await readIn([{ ...FEE, text: "A fee of 9.00 EUR." }]);
    const card = z.object({ version: z.int(), changes: z.array(z.string()) });
    const cards = await context.store.run((transaction) =>
      rowsOf(
        transaction,
        card,
        sql`select version, card -> 'changes' as changes from approval where id like 'a_c_c_' order by id`,
      ),
    );
    const line = (what: string) =>
      `A help page that the draft cites was ${what}. Read the draft again before you send it.`;
    assert.deepEqual(cards, [
      { version: 2, changes: [line("changed (help/fee)")] },
      { version: 2, changes: [line("removed (help/p0)")] },
      { version: 1, changes: [] },
    ]);
  });

  test("is marked on cards that cite the page by the title it had, also where it is renamed twice before it is told", async () => {
    await readIn([FEE]);
    const cite = async (id: string, source: string): Promise<void> => {
      const draft = { text: "No fee.", to: "ann", sources: [source], marks: [] };
      await addCase(context.store, { id, at: new Date(), card: { draft } });
    };
    await cite("renamed1", FEE.title);
    away.is = true;
    await readIn([{ ...FEE, title: "Duties" }]);
    await cite("renamed2", "Duties");
    await readIn([{ ...FEE, title: "Duties abroad" }]);
    away.is = false;
    await readIn([{ ...FEE, title: "Duties abroad" }]);
    const versions = sql`select version from approval where card -> 'draft' ->> 'to' = 'ann'
      and conversation_id like '%renamed%'`;
    const read = await bench.rows(z.object({ version: z.int() }), versions);
    assert.deepEqual(read, [{ version: 2 }, { version: 2 }]);
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

  test("is marked on a waiting card also while the desk is away", async () => {
    await readIn([FEE]);
    const draft = { text: "No fee.", to: "ann", sources: [FEE.title], marks: [] };
    await addCase(context.store, { id: "while0away", at: new Date(), card: { draft } });
    away.is = true;
    await readIn([{ ...FEE, text: "A fee of 19.00 EUR." }]);
    await assert.rejects(tellPageChanges(context), /Slack is away/);
    const version = async () => {
      const query = sql`select version from approval where id = 'a_while0away'`;
      return bench.rows(z.object({ version: z.int() }), query);
    };
    assert.deepEqual(await version(), [{ version: 2 }]);
    await assert.rejects(tellPageChanges(context), /Slack is away/);
    assert.deepEqual(await version(), [{ version: 2 }]);
    away.is = false;
    await tellPageChanges(context);
    assert.deepEqual(await version(), [{ version: 2 }]);
    assert.equal(told.length, 1);
  });

  test("of a page that is told as new is marked on what cited it meanwhile", async () => {
    away.is = true;
    await readIn([{ ...FEE, id: "duty", title: "Duty" }]);
    await assert.rejects(tellPageChanges(context), /Slack is away/);
    const draft = { text: "No fee.", to: "ann", sources: ["Duty"], marks: [] };
    await addCase(context.store, { id: "new0page", at: new Date(), card: { draft } });
    await readIn([{ ...FEE, id: "duty", title: "Duty", text: "A fee of 3.00 EUR." }]);
    await assert.rejects(tellPageChanges(context), /Slack is away/);
    away.is = false;
    const query = sql`select version from approval where id = 'a_new0page'`;
    assert.deepEqual(await bench.rows(z.object({ version: z.int() }), query), [{ version: 2 }]);
  });
});
