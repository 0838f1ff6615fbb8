/** The console's pages about rehearsals and the exported file: what they say, who sees them, and what leads decide. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { runCommand } from "#cli/program.ts";
import type { RehearsedTicket } from "#core/values/rehearsal.ts";
import { markedText } from "#server/console/rehearsals/side-by-side.ts";
import { headlineOf, shareText, sourceText, timeText } from "#server/console/rehearsals/words.ts";
import { escaped } from "#server/http/html.ts";
import { summaryOf } from "#jobs/rehearsal/figures.ts";
import { ticketOf } from "#store/rehearsal/rehearsals.ts";
import { rehearsedTicket } from "#test/store/rehearsal/examples.ts";
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
  const ticketPage = (id: string): Promise<string> =>
    bench.page(`/rehearsals/${ID}/ticket?id=${encodeURIComponent(id)}`, lea);
  const press = (what: string, body: unknown, cookie = lea): Promise<Response> =>
    post(`${bench.url}/console/rehearsals/${ID}/${what}`, body, { cookie });

  test("the page says on top that rules and no AI answered, what it came to, and the money at risk", async () => {
    const page = await bench.page(`/rehearsals/${ID}`, lea);
    assert.match(page, /rehearsal rules, no AI/);
    const figures = summaryOf(played).overall;
    assert.match(page, new RegExp(`Of ${COUNT} solved tickets[^.]*${figures.alone.count} alone`));
    assert.match(page, /Money at risk: \d+\.\d\d USD/);
    assert.match(page, /By topic[^]*topics? with fewer than 10 tickets/);
    assert.ok(page.indexOf("no-ai") < page.indexOf("verdict"));
    assert.match(
      await bench.page("/rehearsals", lea),
      new RegExp(`${COUNT} tickets from zendesk[^]*no AI`),
    );
  });

  test("tickets with money at risk come first, then other disagreements; filters and topics leave out the rest", async () => {
    const page = await bench.page(`/rehearsals/${ID}`, lea);
    const badges = [
      ...page.matchAll(/class="badge(?: danger)?"\s*>\s*(wrong|differs|the same)</g),
    ].map(([, word]) => word);
    assert.equal(badges[0], "wrong");
    assert.ok(!badges.includes("the same"));
    assert.match(page, /9\.00 USD at risk/);
    const same = await bench.page(`/rehearsals/${ID}?show=same&topic=password`, lea);
    assert.match(same, /Tickets about password/);
    assert.doesNotMatch(same, /badge danger/);
  });

  test("a ticket shows both answers, what differs in sentences and marked, both sides' actions and the trace", async () => {
    const page = await ticketPage(wrong().ticket.id);
    assert.match(page, /What the teammate answered[^]*What Deskhand would have answered/);
    assert.match(page, /Deskhand would have done: refund [^<]*people did nothing of the kind/);
    assert.match(page, /people did not<\/span>/);
    assert.match(page, /id="trace"[^]*class="waterfall"/);
    assert.match(page, /&lt;b&gt;Thank you/);
    const contradicted = played.find(({ comparison }) => comparison.contradicts.length > 0);
    assert.ok(contradicted);
    assert.match(await ticketPage(contradicted.ticket.id), /<mark class="contradicted"/);
  });

  test("a lead says who was right, sees it beside the code's judgement with name and time, and takes it back", async () => {
    const { id } = wrong().ticket;
    assert.equal((await press("verdict", { ticket: id, right: "draft" })).status, 200);
    const page = await ticketPage(id);
    assert.match(page, /Code says[^]*wrong[^]*People say[^]*Deskhand was right/);
    const kept = await bench.store.run((transaction) => ticketOf(transaction, ID, id));
    assert.deepEqual(kept?.verdict, {
      right: "draft",
      by: "Somebody",
      note: "",
      at: "2026-03-02T10:00:00.000Z",
    });
    assert.match(await bench.page(`/rehearsals/${ID}`, lea), /1 ticket looked at by people/);
    await press("verdict", { ticket: id, right: null });
    assert.match(await ticketPage(id), /nothing yet/);
    assert.equal((await press("verdict", { ticket: "gone", right: "both" })).status, 400);
    assert.equal((await press("verdict", { ticket: id, right: "maybe" })).status, 400);
  });

  test("one press keeps a ticket among the candidates for cases, where it is printed without names and addresses", async () => {
    const { id } = wrong().ticket;
    assert.equal((await press("keep", { ticket: id })).status, 200);
    const name = /deskhand evals ([\w-]+)/.exec(await ticketPage(id))?.[1] ?? "";
    const command = (...argv: readonly string[]) =>
      runCommand({ store: bench.store, clock: { now: () => UNTIL } }, ["evals", ...argv]);
    assert.match((await command()).stdout, new RegExp(`${name} +email +rehearsal`));
    const printed = (await command(name)).stdout;
    assert.match(printed, /To be checked: no lead has said who was right/);
    assert.match(printed, /expected_actions: \[\]/);
    assert.doesNotMatch(printed, NAMES);
    assert.equal((await command(`${name}-other`)).exitCode, 1);
  });

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
    assert.doesNotMatch(text.replace(/<style>[^]*<\/style>/, ""), NAMES);
    assert.equal((await get(await bench.session("sam@ourshop.test"))).status, 403);
    assert.equal((await get(lea, "none")).status, 400);
  });
});

describe("words and marks of a rehearsal", () => {
  test("marking changes no text: without its marks it is the text, escaped", () => {
    const words = fc.string({
      unit: fc.constantFrom("a", "9", ".", " ", "<", "ß", "İ"),
      maxLength: 8,
    });
    fc.assert(
      fc.property(words, words, words, (before, fact, behind) => {
        const text = `${before}${fact}${behind}`;
        const marked = markedText(text, [{ words: fact, kind: "lacking" }]).toString();
        assert.equal(marked.replaceAll(/<\/?mark[^>]*>/g, ""), escaped(text));
      }),
    );
  });

  test("a mark stands at whole numbers and words only", () => {
    const marked = markedText("19.00 USD, not 9.00 USD", [
      { words: "9.00 USD", kind: "contradicted" },
    ]).toString();
    assert.match(marked, /^19\.00 USD, not <mark[^>]*>9\.00 USD<\/mark>$/);
  });

  test("a share is never rounded to none or all, and times have the unit a person would say", () => {
    const share = (count: number, of: number) => shareText({ count, of, low: 0, high: 1 });
    assert.deepEqual(
      [share(0, 0), share(0, 400), share(1, 400), share(399, 400), share(400, 400), share(1, 3)],
      ["–", "0 %", "<1 %", ">99 %", "100 %", "33 %"],
    );
    assert.deepEqual([null, 230, 4_200, 900_000, 12_600_000, 400_000_000].map(timeText), [
      "–",
      "230 ms",
      "4.2 s",
      "15 min",
      "3.5 h",
      "4.6 days",
    ]);
  });

  test("a source is told without the folders it lies in", () => {
    assert.equal(sourceText("zendesk"), "zendesk");
    assert.equal(sourceText("file /srv/lea/my files/past.jsonl"), "file past.jsonl");
    assert.equal(sourceText("mailbox support.mbox"), "mailbox support.mbox");
  });

  test("the sentence on top holds for nothing, for no wrong action, and where people's actions are not known", () => {
    assert.deepEqual(headlineOf(summaryOf([])), ["No ticket has been played yet."]);
    const [, second, third] = headlineOf(summaryOf([rehearsedTicket()]));
    assert.match(second ?? "", /it would have done nothing else/);
    assert.equal(third, "No money was at risk.");
    const { comparison } = rehearsedTicket();
    const unknown = { ...comparison, sameAction: null, sameOutcome: null };
    const [, unsure] = headlineOf(summaryOf([rehearsedTicket({ comparison: unknown })]));
    assert.match(unsure ?? "", /not known what people did/);
  });
});
