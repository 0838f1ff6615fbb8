/** The console's pages about rehearsals and the exported file: what they say, who sees them, and what leads decide. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { RehearsedTicket } from "#core/values/rehearsal.ts";
import { post, startPages, type PagesBench } from "#test/server/pages-bench.ts";
import { addRehearsal } from "./rehearsal-seed.ts";

const UNTIL = new Date("2026-03-02T09:00:00Z");
const ID = "reh_1";
const COUNT = 80;
const NAMES =
  /Ann|Fields|Bob|Marsh|Cara|Lind|Dana|Cole|Sam Ortiz|Lee|@customer|@elsewhere|Mill Road|Ash Street/;

describe("rehearsals in the console", () => {
  let bench: PagesBench;
  let lea = "";
  let played: readonly RehearsedTicket[] = [];
  before(async () => {
    bench = await startPages({ sandbox: true });
    played = await addRehearsal(bench.store, { id: ID, until: UNTIL, count: COUNT });
    lea = await bench.session("lea@ourshop.test");
  });
  after(() => bench.close());

  const wrong = (): RehearsedTicket => {
    const found = played.find(({ comparison }) => comparison.wrongActions.length > 0);
    assert.ok(found);
    return found;
  };
  const press = (what: string, body: unknown, cookie = lea): Promise<Response> =>
    post(`${bench.url}/console/rehearsals/${ID}/${what}`, body, { cookie });

  test("support sees neither rehearsals nor their tickets, and can judge none", async () => {
    const sam = await bench.session("sam@ourshop.test");
    const { id } = wrong().ticket;
    for (const path of ["", `/${ID}`, `/${ID}/ticket?id=${id}`]) {
      const page = await bench.page(`/rehearsals${path}`, sam);
      assert.match(page, /leads alone see them/);
      assert.doesNotMatch(page, /at risk|solved ticket/);
    }
    assert.doesNotMatch(await bench.page("/", sam), /console\/rehearsals/);
    assert.equal((await press("verdict", { ticket: id, right: "draft" }, sam)).status, 403);
    assert.equal((await press("keep", { ticket: id }, sam)).status, 403);
    await bench.page("/rehearsals/none", lea, 404);
  });

  test("a lead downloads it as one file, without a script or a name; nobody else does", async () => {
    const get = (cookie: string, id = ID) =>
      fetch(`${bench.url}/console/rehearsals/${id}/file`, { headers: { cookie } });
    assert.match(await bench.page(`/rehearsals/${ID}`, lea), new RegExp(`rehearsals/${ID}/file"`));
    const answer = await get(lea);
    assert.match(
      answer.headers.get("content-disposition") ?? "",
      /^attachment; filename=rehearsal-reh_1\.html/,
    );
    const text = await answer.text();
    assert.match(text, /default-src &#39;none&#39;; style-src &#39;sha256-/);
    assert.doesNotMatch(text, /<script|<link|<img|src=|href="(?!#)/);
    assert.match(text, /rehearsal rules, no AI[^]*Money at risk[^]*By topic[^]*disagreements/);
    assert.match(text, /What Deskhand would have answered/);
    // Its line breaks are shown, and each answer begins with its first word.
    assert.match(text, /class="words" dir="auto">\S/);
    assert.doesNotMatch(text, /class="words" dir="auto">\n/);
    assert.doesNotMatch(text.replace(/<style>[^]*<\/style>/, ""), NAMES);
    assert.equal((await get(await bench.session("sam@ourshop.test"))).status, 403);
    assert.equal((await get(lea, "none")).status, 400);
  });
});
