/** `erase ADDRESS` of a customer who wrote in signed chats alone: the shop leads from the address to the id they stand under. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { runCommand } from "#cli/program.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { IdentityEvidence } from "#core/values/identity.ts";
import { sql } from "#store/db/drizzle.ts";
import { addMessages } from "#store/conversations/messages.ts";
import { customerCalled, stranger } from "#test/jobs/customers.ts";
import { letterFrom } from "#test/jobs/memory-ports.ts";
import { NOW } from "#test/store/bench.ts";
import { everyRow } from "#test/support/read-all.ts";
import { erasureDesk } from "./personal.ts";

const ANN = "ann@customer.test";

/** The shop has Ann as u123 and nobody else. */
async function bind({ handle }: IdentityEvidence) {
  return handle.kind === "email" && handle.email === ANN
    ? customerCalled("u123")
    : stranger({ reason: "the shop knows no such customer" });
}

test("the address leads to the shop's id, and both are shown and erased; the copy of the list is named last", async (context) => {
  const { store, parts } = await erasureDesk(context);
  const command = (...argv: string[]) => runCommand({ ...parts, bind }, argv);
  for (const id of ["one", "two", "three"])
    await store.run(async (transaction) => {
      await transaction.execute(
        sql`insert into conversation (id, channel, created_at, updated_at) values (${id}, 'chat', ${NOW}, ${NOW})`,
      );
      const author = { kind: "requester", id: "chat:u123", name: "Ann" } as const;
      const identity = {
        level: 2,
        method: "chat-token",
        reason: "signed by the shop",
        handle: { kind: "customer", customerId: "u123" },
      } as const;
      await addMessages(transaction, id, [letterFrom(id, "zebra", NOW, { author, identity })], NOW);
    });
  const { stdout } = await command("erase", ANN);
  assert.match(
    stdout,
    /customer:u123: 0 conversations as email:ann@customer\.test, 3 conversations as customer:u123\.\nFound as email:ann@customer\.test, customer:u123[^]*\n {2}3 conversations/,
  );
  assert.match(stdout, /Nothing was changed/);
  const erased = await command("erase", ANN, "--yes");
  assert.match(erased.stdout, /Erased: 3 conversations\./);
  assert.match(erased.stdout, /erase --again COPY --yes[^]*erase --list > COPY\n$/);
  assert.ok(!(await everyRow(store)).some((row) => row.includes("zebra")));
});

test("where the shop knows nobody, or cannot be asked, it is said where else to look", async (context) => {
  const { parts } = await erasureDesk(context);
  const said = async (more: object) =>
    (await runCommand({ ...parts, ...more }, ["erase", "bob@customer.test"])).stdout;
  const elsewhere = "chats of signed-in customers are under customer:ID.\nNothing is kept";
  assert.ok((await said({ bind })).startsWith(`The shop knows no such address; ${elsewhere}`));
  const away = async () => {
    throw new DeskhandError("shop.unavailable", "the shop answers 503");
  };
  assert.ok(
    (await said({ bind: away })).startsWith(
      `Not looked up in the shop: the shop answers 503; ${elsewhere}`,
    ),
  );
  assert.match(await said({}), /^Not looked up in the shop: none is connected here; /);
  assert.doesNotMatch(
    (await runCommand({ ...parts, bind }, ["erase", "customer:u123"])).stdout,
    /shop/i,
  );
});
