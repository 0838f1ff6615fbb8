/** Rehearsals are kept ticket by ticket, go on where they stopped, and lose a person's tickets with the person. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  eraseRehearsed,
  keepRehearsed,
  setTicket,
  personTicketCount,
  startRehearsal,
  rehearsalTicket,
  rehearsalTickets,
} from "#store/rehearsal/rehearsals.ts";
import { NOW, onEveryDatabase } from "#test/store/bench.ts";
import { pastTicket, rehearsedTicket } from "./examples.ts";

onEveryDatabase("rehearsals", (bench) => {
  const started = (id: string) => ({
    id,
    source: `file ${id}.jsonl`,
    model: "rehearsal",
    isRehearsalModel: true,
    policyVersion: "p1",
    tickets: 2,
    startedAt: NOW,
  });

  test("what teammates said of a ticket stays when it is played again", async () => {
    const id = bench.id("rehearsal");
    const at = { rehearsalId: id, ticketId: "4711" };
    const verdict = { right: "draft" as const, by: "lea", note: "", at: NOW.toISOString() };
    await bench.run(async (transaction) => {
      await startRehearsal(transaction, started(id));
      await keepRehearsed(transaction, id, { played: rehearsedTicket(), customerId: null });
      assert.equal(await setTicket(transaction, at, { verdict }), true);
      assert.equal(await setTicket(transaction, at, { keptAs: "broken-lamp" }), true);
      const again = rehearsedTicket({ topic: "faq" });
      await keepRehearsed(transaction, id, { played: again, customerId: null });
      const kept = await rehearsalTicket(transaction, id, "4711");
      assert.deepEqual(kept, { played: again, verdict, keptAs: "broken-lamp" });
      assert.equal(await setTicket(transaction, { ...at, ticketId: "none" }, { verdict }), false);
      assert.equal(
        await setTicket(transaction, { ...at, ticketId: "none" }, { keptAs: "x" }),
        false,
      );
    });
  });

  test("an erasure removes a person's tickets by address and by number at the shop, and no others", async () => {
    const id = bench.id("rehearsal");
    const of = (ticket: string, customer: string) =>
      rehearsedTicket({ ticket: pastTicket({ id: ticket, customer }) });
    const names = [
      { kind: "email" as const, value: "Zoe@customer.test" },
      { kind: "customer" as const, value: "zoe-77" },
    ];
    await bench.run(async (transaction) => {
      await startRehearsal(transaction, started(id));
      await keepRehearsed(transaction, id, {
        played: of("1", "zoe@customer.test"),
        customerId: null,
      });
      await keepRehearsed(transaction, id, {
        played: of("2", "z@other.test"),
        customerId: "zoe-77",
      });
      await keepRehearsed(transaction, id, {
        played: of("3", "bob@customer.test"),
        customerId: "8",
      });
      assert.equal(await personTicketCount(transaction, names), 2);
      await eraseRehearsed(transaction, names);
      assert.equal(await personTicketCount(transaction, names), 0);
      const left = await rehearsalTickets(transaction, id);
      assert.deepEqual(
        left.map(({ played }) => played.ticket.id),
        ["3"],
      );
    });
  });
});
