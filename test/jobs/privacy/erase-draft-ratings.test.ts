/** Ratings of a draft in shadow are erased with their author, and with the customer it was about. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Card } from "#core/contracts/approval-desk.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import { diskBlobs } from "#store/blobs/folder.ts";
import { DATABASES } from "#test/support/deskhand.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { by } from "./busy-desk.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { erasing } from "./erasing.ts";

onDesk(
  "erased opinions",
  (bench) => {
    const folder = { path: "" };
    before(async () => {
      folder.path = await mkdtemp(join(tmpdir(), "deskhand-erase-"));
    });
    after(() => rm(folder.path, { recursive: true, force: true }));
    const { erase, leftOf } = erasing(bench, () => diskBlobs(folder.path));

    const shadowed = async (more: Parameters<typeof bench.write>[1]): Promise<Card> => {
      bench.rule({ replyAutonomy: () => "shadow" });
      bench.answer(() => replying("giraffe"));
      await bench.write("giraffe", more);
      await showCards(bench.parts);
      const card = [...bench.cards.values()].at(-1);
      assert.ok(card?.state === "shadow");
      return card;
    };
    const opinionOf = async ({ approvalId, version }: Card, who: string): Promise<void> => {
      const email = `${who}@ourshop.test`;
      const { accepted } = await deskHandler(bench.parts).decide({
        decisionId: `opinion of ${who}`,
        approvalId,
        version,
        button: "thumbs_down",
        teammate: { id: `U${who}`, name: who, email, eligible: true },
        reason: "",
        edit: null,
        ownAnswer: `zebra, says ${who}`,
      });
      assert.equal(accepted, true);
    };

    test("a teammate's opinions go with their own answers, from rows and desk, and the others' stay", async () => {
      const card = await shadowed({ message: by("bob") });
      await opinionOf(card, "sam");
      await opinionOf(card, "lea");
      await showCards(bench.parts);
      await erase("sam@ourshop.test");
      assert.deepEqual(await leftOf(/^approval .*(\bsam\b|Usam)/i), []);
      await showCards(bench.parts);
      const after = [...bench.cards.values()].at(-1);
      assert.deepEqual(after?.opinions, [
        { name: "lea", wouldSend: false, ownAnswer: "zebra, says lea" },
      ]);
      assert.equal(after?.state, "shadow", "the card is there for the others' opinions");
    });

    test("what teammates would have written to a customer goes with the customer", async () => {
      const card = await shadowed({ message: by("ann") });
      await opinionOf(card, "lea");
      await showCards(bench.parts);
      await erase("ann@customer.test");
      assert.deepEqual(await leftOf(/zebra/), []);
      await showCards(bench.parts);
      const shown = [...bench.cards.values()].map((one) => JSON.stringify(one));
      assert.deepEqual(
        shown.filter((one) => /zebra/.test(one)),
        [],
      );
    });
  },
  DATABASES,
);
