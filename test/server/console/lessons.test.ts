/** The console's pages about lessons: what leads see, the draft in the editor, and their yes and no. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { DraftDifference } from "#core/lessons/draft-difference.ts";
import { compareTexts } from "#jobs/notes/compare-texts.ts";
import { recordDifference } from "#store/reports/draft-differences.ts";
import { writtenVersions } from "#store/knowledge/page-notes.ts";
import { addCase } from "#test/server/console/seed.ts";
import { post, suitePages } from "#test/server/pages-bench.ts";

const AT = new Date("2026-03-01T10:00:00Z");
const DRAFT = "You can return an item within 30 days after delivery.";
const REFUNDS = {
  slug: "refund-policy",
  title: "Refund policy",
  url: "https://help.ourshop.test/refund-policy",
  updated: "2026-02-01",
  text: `${DRAFT}\n\nGift cards are not refunded.\n`,
};

describe("the console's pages about lessons", () => {
  const bench = suitePages({ sandbox: true, helpPages: [REFUNDS] });
  before(async () => {
    for (const id of ["l1", "l2", "l3"]) await addCase(bench.store, { id, at: AT });
    await add("<b>14</b>", "l1", "14 days");
    await add("How long?", "l2", "14 days");
    await add("How long?", "l3", "14 days");
    for (const id of ["l1", "l2", "l3"])
      await add("The hinge broke", id, null, `${DRAFT} Please send us a photo of the hinge.`);
  });

  async function add(question: string, id: string, fact: string | null, text?: string) {
    const teammate = text ?? DRAFT.replace("30 days", fact ?? "");
    const content: DraftDifference = {
      channel: "email",
      question,
      draft: DRAFT,
      teammate,
      action: null,
      pages: fact === null ? [] : ["Refund policy (https://help.ourshop.test/refund-policy)"],
      procedures: [],
      ...compareTexts(DRAFT, teammate, AT),
    };
    await bench.store.run(recordDifference, {
      conversationId: `c_${id}`,
      event: `${id}:${teammate}`,
      kind: "edit",
      turnId: `t_${id}`,
      topic: "returns",
      content,
      who: "a pseudonym",
      at: AT,
    });
  }

  const press = (path: string, body: unknown): Promise<Response> =>
    post(`${bench.url}/console/lessons${path}`, body, { cookie: bench.lea });

  test("are for leads, and list each proposal with how many conversations show it", async () => {
    const list = await bench.page("/lessons", bench.lea);
    assert.match(list, /“30 days” becomes “14 days” \(Refund policy\)/);
    assert.match(list, /3 conversations/);
    assert.match(await bench.page("/lessons", bench.sam), /Only a lead sees/);
    assert.match(await bench.page("/lessons/1", bench.sam), /Only a lead sees/);
    await bench.page("/lessons/999", bench.lea, 404);
  });

  test("lead from a yes to the editor, whose page is saved under the lead's name", async () => {
    const accepted = await press("/2/accept", {});
    assert.deepEqual(await accepted.json(), { address: "/console/lessons/1/write" });
    const editor = await bench.page("/lessons/1/write", bench.lea);
    assert.match(editor, /data-form="\/console\/knowledge\/new"/);
    assert.match(editor, /name="replaces" value="refund-policy"/);
    assert.match(editor, /within 14 days after delivery/);
    assert.deepEqual(
      await bench.store.run(writtenVersions, "refund-policy"),
      [],
      "accepting alone writes no page",
    );
    assert.match(await bench.page("/lessons/1", bench.lea), /accepted/);
    assert.equal((await press("/1/accept", {})).status, 400);
  });

  test("take a no only with its reason, and list it among what was decided", async () => {
    const id =
      /\/console\/lessons\/(\d+)"/.exec(await bench.page("/lessons", bench.lea))?.[1] ?? "";
    assert.match(await bench.page(`/lessons/${id}/write`, bench.lea), /Please send us a photo/);
    assert.equal((await press(`/${id}/decline`, { reason: " " })).status, 400);
    assert.equal((await press(`/${id}/decline`, { reason: "Photos are not needed" })).status, 200);
    const list = await bench.page("/lessons", bench.lea);
    assert.match(list, /Nothing that three conversations show/);
    assert.match(list, /declined .* · Photos are not needed/);
  });
});
