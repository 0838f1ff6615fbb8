/** The console's pages about rehearsals: what they say, who sees them, and what leads decide. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ticketsSummary } from "#jobs/rehearsal/figures.ts";
import { keepRehearsed, setRehearsal, startRehearsal } from "#store/rehearsal/rehearsals.ts";
import type { Comparison } from "#core/values/rehearsal.ts";
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

const DIFFERS: Comparison = {
  ...SAME,
  contradicts: [
    {
      person: { kind: "amount", words: "120.00 USD" },
      draft: { kind: "amount", words: "90.00 USD" },
    },
  ],
  lacks: [{ kind: "order", words: "order 789" }],
};

describe("rehearsals in the console", () => {
  const bench = suitePages({
    sandbox: true,
    rehearsals: {
      source: "40 solved tickets",
      progress: () => state.progress,
      start: () => void (state.started += 1),
    },
  });
  const state = { started: 0, progress: "" };
  before(async () => {
    await addRehearsal(ID, 60);
  });

  /** One that is done, of tickets 0 and on: a wrong action in the first, a wrong amount in the second's text. */
  async function addRehearsal(id: string, tickets: number): Promise<void> {
    const played = Array.from({ length: tickets }, (_, place) =>
      rehearsedTicket({
        ticket: pastTicket({ id: `${place}` }),
        topic: place === 0 ? "damage" : "refund",
        ...(place === 0 ? { moneyAtRisk: [WRONG.risk] } : {}),
        comparison: [{ ...SAME, sameAction: false, wrongActions: [WRONG] }, DIFFERS][place] ?? SAME,
        draft: { text: "I have refunded 90.00 USD. <b>Thanks</b>", sources: [] },
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
    post(`${bench.url}/console/rehearsals/${what}`, body, { cookie: bench.lea });

  test("support sees neither rehearsals nor their tickets", async () => {
    for (const path of ["", `/${ID}`, `/${ID}/ticket?id=0`]) {
      const page = await bench.page(`/rehearsals${path}`, bench.sam);
      assert.match(page, /leads alone see them/);
      assert.doesNotMatch(page, /at risk|solved ticket/);
    }
    assert.doesNotMatch(await bench.page("/", bench.sam), /console\/rehearsals/);
    await bench.page("/rehearsals/none", bench.lea, 404);
  });

  test("a lead reads what it came to, topic by topic, and pages through its tickets", async () => {
    const page = await bench.page(`/rehearsals/${ID}`, bench.lea);
    assert.match(page, /See the 2 disagreements[^]*Wrong actions[^]*>1<[^]*1 of 60, 95 %/);
    assert.match(page, /Money at risk[^]*9\.00 USD[^]*Disagreements \(2\)[^]*All \(60\)/);
    assert.match(page, /topic=damage/);
    const ofTopic = await bench.page(`/rehearsals/${ID}?topic=damage&show=all`, bench.lea);
    assert.match(ofTopic, /Tickets about[^]*All \(1\)/);
    const later = await bench.page(`/rehearsals/${ID}?show=all&from=50`, bench.lea);
    assert.match(later, />Before<[^]*51 to 60 of 60/);
  });

  test("both answers stand beside each other, with what differs in sentences", async () => {
    const money = await bench.page(`/rehearsals/${ID}/ticket?id=0`, bench.lea);
    assert.match(money, /would have done: refund 9\.00 USD for order 789, but people did nothing/);
    assert.match(money, /Money at risk: 9\.00 USD/);
    const words = await bench.page(`/rehearsals/${ID}/ticket?id=1`, bench.lea);
    assert.match(words, /The teammate says “120\.00 USD”, Deskhand says “90\.00 USD”/);
    assert.doesNotMatch(words, /<b>Thanks/, "what a model wrote is text");
  });

  test("a lead says who was right and takes it back, and keeps a ticket as a case", async () => {
    const ticket = `/rehearsals/${ID}/ticket?id=0`;
    const say = async (right: string | null): Promise<string> => {
      assert.equal((await press(`${ID}/verdict`, { ticket: "0", right })).status, 200);
      return bench.page(ticket, bench.lea);
    };
    assert.match(await say("person"), /People say[^]*The teammate was right[^]*2 Mar 10:00/);
    assert.match(await say(null), /People say[^]*nothing yet/);
    assert.equal((await press(`${ID}/keep`, { ticket: "0" })).status, 200);
    assert.match(await bench.page(ticket, bench.lea), /id="kept"/);
    assert.equal((await press(`${ID}/keep`, { ticket: "99" })).status, 400);
  });

  test("a lead starts one, and sees how far it is", async () => {
    assert.match(
      await bench.page("/rehearsals", bench.lea),
      /Start a rehearsal[^]*With 40 solved tickets/,
    );
    assert.deepEqual([(await press("start", {})).status, state.started], [200, 1]);
    state.progress = "3 of 40 played";
    await addRehearsal("reh_2", 12);
    const running = { state: "running", endedAt: null, summary: null } as const;
    await bench.store.run(setRehearsal, "reh_2", running);
    const part = await bench.page("/part/rehearsals", bench.lea);
    assert.match(part, /3 of 40 played[^]*12 of 12 played[^]*still running/);
    assert.doesNotMatch(part, /60 of 60 played/);
    await bench.page("/part/rehearsals", bench.sam, 403);
  });
});
