/** Fault of the embedded database: a second process tries to open it, and must not get in. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FaultCase } from "#test/faults/case.ts";
import { judgeEmbedded } from "#test/faults/embedded.ts";
import { chats, smallRefund } from "#test/faults/traffic.ts";
import { startDeskhand } from "#test/support/deskhand.ts";

const second: FaultCase = {
  id: 17,
  name: "two processes on one data folder",
  async run(context) {
    const installation = await context.install({ databaseUrl: "" });
    await smallRefund(installation);
    const busy = chats(installation, "busy", 3);
    const { folder } = installation.deskhand();
    const [holder = ""] = readFileSync(join(folder, "deskhand.lock"), "utf8").split(" ");
    assert.ok(Number(holder) > 0);
    await assert.rejects(
      startDeskhand({ database: "pglite", folder }),
      new RegExp(`Another Deskhand \\(process ${holder}\\) uses`),
    );
    await busy;
    await chats(installation, "after", 3);
    await judgeEmbedded(context, installation);
  },
};

export const cases: readonly FaultCase[] = [second];
