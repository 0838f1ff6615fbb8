/** The console's pages about rehearsals: what they say, who sees them, and what leads decide. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { RehearsedTicket } from "#core/values/rehearsal.ts";
import { setRehearsal } from "#store/rehearsal/rehearsals.ts";
import { post, suitePages } from "#test/server/pages-bench.ts";
import { addRehearsal } from "./rehearsal-seed.ts";

const UNTIL = new Date("2026-03-02T09:00:00Z");
const ID = "reh_1";
const COUNT = 80;

describe("rehearsals in the console", () => {
  const bench = suitePages({
    sandbox: true,
    rehearsals: {
      source: "40 solved tickets",
      progress: () => state.progress,
      start: () => void (state.started += 1),
    },
  });
  let lea = "";
  let played: readonly RehearsedTicket[] = [];
  const state = { started: 0, progress: "" };
  before(async () => {
    played = await addRehearsal(bench.store, { id: ID, until: UNTIL, count: COUNT });
    lea = await bench.session("lea@ourshop.test");
  });

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

  test("a lead starts one, and sees how far it is", async () => {
    assert.match(
      await bench.page("/rehearsals", lea),
      /Start a rehearsal[^]*With 40 solved tickets/,
    );
    const start = (cookie: string): Promise<Response> =>
      post(`${bench.url}/console/rehearsals/start`, {}, { cookie });
    const sam = await bench.session("sam@ourshop.test");
    assert.deepEqual([(await start(sam)).status, state.started], [403, 0]);
    assert.deepEqual([(await start(lea)).status, state.started], [200, 1]);
    state.progress = "3 of 40 played";
    await addRehearsal(bench.store, { id: "reh_2", until: UNTIL, count: 12 });
    const running = { state: "running", endedAt: null, summary: null } as const;
    await bench.store.run(setRehearsal, "reh_2", running);
    const part = await bench.page("/part/rehearsals", lea);
    assert.match(part, /3 of 40 played[^]*12 of 12 played[^]*still running/);
    assert.doesNotMatch(part, /80 of 80 played/);
    await bench.page("/part/rehearsals", sam, 403);
  });

  test("a lead reads what it came to, topic by topic, and each disagreement with its row", async () => {
    const page = await bench.page(`/rehearsals/${ID}`, lea);
    const wrongs = played.filter(({ comparison }) => comparison.wrongActions.length > 0);
    const risk = wrongs.reduce((sum, one) => sum + (one.moneyAtRisk[0]?.minor ?? 0), 0);
    assert.match(page, /no AI: a fixed program/);
    assert.match(page, new RegExp(`Wrong actions[^]*${wrongs.length}[^]*of ${COUNT}, 95 %`));
    assert.match(page, new RegExp(`Money at risk[^]*${(risk / 100).toFixed(2)} USD`));
    assert.match(page, new RegExp(`Wrong actions \\(${wrongs.length}\\)[^]*All \\(${COUNT}\\)`));
    const { topic } = wrong();
    const ofTopic = await bench.page(`/rehearsals/${ID}?topic=${topic}&show=all`, lea);
    const count = played.filter((one) => one.topic === topic).length;
    assert.match(ofTopic, new RegExp(`Tickets about[^]*All \\(${count}\\)`));
    const later = await bench.page(`/rehearsals/${ID}?show=all&from=50`, lea);
    assert.match(later, new RegExp(`>Before<[^]*51 to ${COUNT} of ${COUNT}`));
  });

  test("both answers stand beside each other, with what differs in sentences and marked where it stands", async () => {
    const pageOf = (one: RehearsedTicket): Promise<string> =>
      bench.page(`/rehearsals/${ID}/ticket?id=${encodeURIComponent(one.ticket.id)}`, lea);
    const money = await pageOf(wrong());
    assert.match(money, /Deskhand would have done: refund[^]*people did nothing of the kind/);
    assert.match(money, /people did not<[^]*Money at risk: \d/);
    const said = played.find(({ comparison: { contradicts } }) => contradicts.length > 0);
    assert.ok(said);
    const [fact] = said.comparison.contradicts;
    const words = await pageOf(said);
    assert.match(words, /The teammate says “[^”]+”, Deskhand says “9\.00 USD”/);
    assert.ok(
      words.includes(
        `<mark class="contradicted" title="the other answer says something else">${fact?.person.words}</mark>`,
      ),
    );
    assert.match(words, /Only the teammate&#39;s answer says|Only the teammate's answer says/);
    // What a model wrote is text.
    assert.doesNotMatch(money + words, /<b>Thank you/);
  });

  test("a lead says who was right and takes it back, and keeps a ticket as a case", async () => {
    const { id } = wrong().ticket;
    const page = (): Promise<string> =>
      bench.page(`/rehearsals/${ID}/ticket?id=${encodeURIComponent(id)}`, lea);
    assert.match(await page(), /People say[^]*nothing yet/);
    assert.equal((await press("verdict", { ticket: id, right: "draft" })).status, 200);
    assert.match(await page(), /People say[^]*Deskhand was right[^]*Somebody, 2 Mar 10:00/);
    assert.match(
      await bench.page(`/rehearsals/${ID}`, lea),
      /1 ticket looked at by people: Deskhand was right in 1,/,
    );
    assert.equal((await press("verdict", { ticket: id, right: null })).status, 200);
    assert.match(await page(), /nothing yet/);
    assert.equal((await press("keep", { ticket: id })).status, 200);
    assert.match(await page(), /Kept as a candidate[^]*deskhand evals /);
    const gone = await press("verdict", { ticket: "no-such", right: "both" });
    assert.match(await gone.text(), /is not kept any more/);
  });
});
