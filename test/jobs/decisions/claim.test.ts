/** A claim tells teammates who looks at a card; it binds no teammate and ends by itself. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { renderHome } from "#slack/approvals/home-tab.ts";
import { overviewFor } from "#jobs/decisions/home-overview.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { eraseTeammate } from "#store/privacy/erase-teammate.ts";
import { DATABASES } from "#test/support/deskhand.ts";
import { z } from "zod";
import { onDesk } from "#test/jobs/bench.ts";
import { customerCalled } from "#test/jobs/customers.ts";
import { replying } from "#test/jobs/turn-results.ts";

const MINUTE = 60_000;
const LEA = "lea@ourshop.test";

onDesk(
  "claims",
  (bench) => {
    let id = "";

    beforeEach(async () => {
      bench.answer(() => replying("It is on its way."));
      id = await bench.write("Where is my order?");
    });

    const card = () => [...bench.cards.values()][0];
    const audited = async (): Promise<readonly string[]> => {
      const rows = await bench.parts.store.run((transaction) =>
        rowsOf(
          transaction,
          z.object({ kind: z.string() }),
          sql`select kind from audit order by seq`,
        ),
      );
      return rows.map(({ kind }) => kind).filter((kind) => /claim|release/.test(kind));
    };

    test("a claimed card names who has it, and keeps its version and its approvals", async () => {
      const before = await bench.pending(id);
      assert.equal((await bench.press("claim", id)).accepted, true);
      assert.deepEqual(card()?.claim, { name: "sam", until: "2026-11-20T10:10:00.000Z" });
      assert.deepEqual(card()?.buttons.slice(-3), ["release", "redo", "take_over"]);
      const after = await bench.pending(id);
      assert.equal(after?.version, before?.version);
      assert.deepEqual(await audited(), ["claimed"]);
    });

    test("ten minutes later the name is gone within a tick", async () => {
      await bench.press("claim", id);
      bench.skip(10 * MINUTE - 1_000);
      await bench.tick();
      assert.equal(card()?.claim?.name, "sam");
      bench.skip(1_000);
      await bench.tick();
      assert.equal(card()?.claim, undefined);
      assert.ok(card()?.buttons.includes("claim"));
      assert.deepEqual(await audited(), ["claimed", "claim_lapsed"]);
    });

    test("once its time is over another teammate claims it, whether or not a tick came", async () => {
      await bench.press("claim", id);
      bench.skip(10 * MINUTE);
      assert.equal((await bench.press("claim", id, LEA)).accepted, true);
      assert.equal(card()?.claim?.name, "lea");
    });

    test("a claim ends with its maker's duty hours", async () => {
      bench.rule({ claimUntil: (_teammate, at) => new Date(at.getTime() + 3 * MINUTE) });
      await bench.press("claim", id);
      bench.skip(3 * MINUTE);
      await bench.tick();
      assert.equal(card()?.claim, undefined);
    });

    test("a teammate who claims it second is told who has it, and may decide all the same", async () => {
      await bench.press("claim", id);
      assert.deepEqual(await bench.press("claim", id, LEA), {
        accepted: false,
        message: "sam has this until 10:10:00 UTC. You may decide it all the same.",
        fieldErrors: {},
      });
      assert.equal((await bench.press("approve", id, LEA)).accepted, true);
      assert.equal(card()?.claim, undefined);
    });

    test("of two who claim at the same moment one has it", async () => {
      for (let round = 0; round < 5; round += 1) {
        const answers = await Promise.all([
          bench.press("claim", id),
          bench.press("claim", id, LEA),
        ]);
        assert.equal(answers.filter(({ accepted }) => accepted).length, 1);
        await Promise.all([bench.press("release", id), bench.press("release", id, LEA)]);
        assert.equal(card()?.claim, undefined);
      }
    });

    test("only the teammate who has it can give it back", async () => {
      await bench.press("claim", id);
      assert.match((await bench.press("release", id, LEA)).message, /^sam has this until/);
      assert.equal((await bench.press("release", id)).accepted, true);
      assert.equal(card()?.claim, undefined);
      assert.equal((await bench.press("claim", id, LEA)).accepted, true);
      assert.equal(card()?.claim?.name, "lea");
    });

    test("the Home tab's list names who has a card", async () => {
      const lea = { id: "U2", name: "Lea", email: LEA, eligible: true };
      const home = async (): Promise<string> => {
        const overview = await overviewFor(bench.parts, lea);
        assert.ok(overview);
        return JSON.stringify(renderHome(overview, () => null));
      };
      assert.doesNotMatch(await home(), /has this/);
      await bench.press("claim", id);
      assert.match(await home(), /0 min · 🙋 sam has this/);
    });

    test("the Home tab marks an angry customer and lists them before calm ones", async () => {
      bench.skip(MINUTE);
      bench.bindTo(customerCalled("u789"));
      const author = { kind: "requester", id: "email:u789@customer.test", name: "Cara" } as const;
      await bench.write("This is ridiculous, it is still not here!", {
        thread: "two",
        message: { author },
      });
      const lea = { id: "U2", name: "Lea", email: LEA, eligible: true };
      const overview = await overviewFor(bench.parts, lea);
      assert.deepEqual(
        overview?.waiting.map(({ urgency }) => urgency),
        ["😠 Angry", ""],
      );
    });

    test("a person without a role claims nothing", async () => {
      assert.match((await bench.press("claim", id, "ned@ourshop.test")).message, /Only support/);
      assert.equal(card()?.claim, undefined);
    });

    test("a message that comes meanwhile leaves the claim where it is", async () => {
      await bench.press("claim", id);
      await bench.write("And may I change the address?");
      assert.equal((await bench.pending(id))?.version, 2);
      assert.equal(card()?.claim?.name, "sam");
    });

    test("the name of a teammate who is erased goes at once", async () => {
      await bench.press("claim", id);
      await bench.parts.store.run((transaction) =>
        eraseTeammate(transaction, [{ kind: "email", value: "sam@ourshop.test" }]),
      );
      await bench.tick();
      assert.equal(card()?.claim, undefined);
      assert.doesNotMatch(JSON.stringify(await bench.pending(id)), /sam/);
    });
  },
  DATABASES,
);
