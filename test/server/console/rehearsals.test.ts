/** The console's pages about rehearsals: what they say, who sees them, and what leads decide. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ticketsSummary } from "#jobs/rehearsal/figures.ts";
import { keepRehearsed, setRehearsal, startRehearsal } from "#store/rehearsal/rehearsals.ts";
import { post, suitePages } from "#test/server/pages-bench.ts";
import { pastTicket, rehearsedTicket, SAME } from "#test/store/rehearsal/examples.ts";

const UNTIL = new Date("2026-03-02T09:00:00Z");
const ID = "reh_1";

/** What nobody did, and the draft would have done. */
const WRONG = {
  operation: "refund",
  orderId: "789",
  amount: { minor: 900, currency: "USD" },
  why: "not_taken",
  risk: { minor: 900, currency: "USD" },
} as const;

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
  const state = { started: 0, progress: "" };
  before(async () => {
    await addRehearsal(ID, 3);
    lea = await bench.session("lea@ourshop.test");
  });

  /** One that is done, of tickets 0 and on, with something wrong about the first. */
  async function addRehearsal(id: string, tickets: number): Promise<void> {
    const played = Array.from({ length: tickets }, (_, place) =>
      rehearsedTicket({
        ticket: pastTicket({ id: `${place}` }),
        comparison: place > 0 ? SAME : { ...SAME, sameAction: false, wrongActions: [WRONG] },
      }),
    );
    await bench.store.run(async (transaction) => {
      await startRehearsal(transaction, {
        id,
        source: "zendesk",
        model: "rehearsal",
        isRehearsalModel: true,
        policyVersion: "0123456789abcdef",
        tickets,
        startedAt: UNTIL,
      });
      for (const one of played)
        await keepRehearsed(transaction, id, { played: one, customerId: null });
      const summary = ticketsSummary(played);
      await setRehearsal(transaction, id, { state: "done", endedAt: UNTIL, summary });
    });
  }

  const press = (what: string, body: unknown): Promise<Response> =>
    post(`${bench.url}/console/rehearsals/${what}`, body, { cookie: lea });

  test("support sees neither rehearsals nor their tickets", async () => {
    const sam = await bench.session("sam@ourshop.test");
    for (const path of ["", `/${ID}`, `/${ID}/ticket?id=0`]) {
      const page = await bench.page(`/rehearsals${path}`, sam);
      assert.match(page, /leads alone see them/);
      assert.doesNotMatch(page, /at risk|solved ticket/);
    }
    assert.doesNotMatch(await bench.page("/", sam), /console\/rehearsals/);
    await bench.page("/rehearsals/none", lea, 404);
  });

  test("a lead reads what it came to, looks at what differs, and says who was right", async () => {
    const page = await bench.page(`/rehearsals/${ID}`, lea);
    assert.match(page, /See the 1 disagreement[^]*Wrong actions[^]*>1<[^]*Disagreements \(1\)/);
    const ticket = `/rehearsals/${ID}/ticket?id=0`;
    const shown = await bench.page(ticket, lea);
    assert.match(shown, /would have done: refund 9\.00 USD for order 789, but people did nothing/);
    assert.equal((await press(`${ID}/verdict`, { ticket: "0", right: "person" })).status, 200);
    assert.equal((await press(`${ID}/keep`, { ticket: "0" })).status, 200);
    assert.match(await bench.page(ticket, lea), /The teammate was right[^]*id="kept"/);
    assert.equal((await press(`${ID}/keep`, { ticket: "99" })).status, 400);
  });

  test("a lead starts one, and sees how far it is", async () => {
    assert.match(
      await bench.page("/rehearsals", lea),
      /Start a rehearsal[^]*With 40 solved tickets/,
    );
    assert.deepEqual([(await press("start", {})).status, state.started], [200, 1]);
    state.progress = "3 of 40 played";
    await addRehearsal("reh_2", 12);
    const running = { state: "running", endedAt: null, summary: null } as const;
    await bench.store.run(setRehearsal, "reh_2", running);
    const part = await bench.page("/part/rehearsals", lea);
    assert.match(part, /3 of 40 played[^]*12 of 12 played[^]*still running/);
    assert.doesNotMatch(part, /3 of 3 played/);
    await bench.page("/part/rehearsals", await bench.session("sam@ourshop.test"), 403);
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
