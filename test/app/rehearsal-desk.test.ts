/** A lead's button plays the trial's own past, one rehearsal at a time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { withParts } from "#app/commands/here.ts";
import { rehearsalDesk } from "#app/public-routes.ts";
import { readConfig } from "#config/environment.ts";
import { listRehearsals } from "#store/rehearsal/rehearsals.ts";
import { sharedDatabase } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/waiting.ts";

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

test("the trial's solved tickets are played to their end, and none are begun beside them", async (context) => {
  const config = readConfig({ DESKHAND_DATA: temporaryFolder(context), EMBEDDINGS: "off" });
  const { opened } = await sharedDatabase(MAIN_DATABASE);
  context.after(() => opened.close());
  const { store } = opened;
  await withParts({ config, store, log: quiet }, async (parts) => {
    const desk = rehearsalDesk(config, parts);
    assert.equal(desk.source, "40 solved tickets of the sample shop");
    assert.equal(desk.progress(), "");
    desk.start();
    assert.throws(() => desk.start(), /runs already/);
    await until("the rehearsal", async () => desk.progress().startsWith("The rehearsal"));
    assert.equal(desk.progress(), "The rehearsal is done.");
    const [kept] = await store.run((transaction) => listRehearsals(transaction, 2));
    assert.deepEqual(
      [kept?.state, kept?.tickets, kept?.summary?.overall.tickets],
      ["done", 40, 40],
    );
    desk.start();
  });
});
