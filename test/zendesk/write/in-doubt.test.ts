/** An answer, or a new ticket, that may or may not have been made; and one that meets a change, or waits for a ticket to settle. */

import assert from "node:assert/strict";
import { test, describe } from "node:test";
import { z } from "zod";
import type { Action } from "#core/values/action.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { failsWith, openingTicket, signal } from "#test/zendesk/bench.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";
import { zendeskClient } from "#zendesk/api/client.ts";
import { zendeskLimiter } from "#zendesk/api/rate-limit.ts";
import { settledTicket } from "#zendesk/read/ticket-reader.ts";
import { listen } from "#test/support/http-front.ts";

const Tickets = z.object({ tickets: z.array(z.object({ id: z.number(), subject: z.string() })) });

async function allTickets(office: Office): Promise<z.infer<typeof Tickets>["tickets"]> {
  return Tickets.parse(await office.as("admin", "GET", "/tickets")).tickets;
}

inOffice("an answer that was carried out and never confirmed", (office) => {
  test("and of a process that died in between: the next one finds it as well", async () => {
    const { ticketId, id } = await office.drafted();
    await office.desk.press("approve", id);
    const { channel } = office;
    const dying: typeof channel = {
      ...channel,
      async commit(action, key, aborted) {
        await channel.commit(action, key, aborted);
        throw new Error("the process is gone");
      },
    };
    office.desk.connect(dying);
    await office.settle().catch(() => undefined);
    office.reopen({});
    office.desk.skip(60_000);
    await office.settle();
    assert.equal((await office.said(ticketId)).length, 1);
    assert.equal(office.writes().length, 2, "the note and one answer");
    assert.deepEqual(await office.desk.open(id), []);
  });

  test("a key that Zendesk knows with another body leads to the ticket that is there", async () => {
    const open = (subject: string): Action => openingTicket({ subject });
    const first = await office.channel.commit(open("As it was worded"), "k", signal);
    // The list of tickets lags behind, so only the key tells; then it is there.
    const { channel } = office;
    assert.deepEqual(await channel.commit(open("As it is worded now"), "k", signal), first);
    await office.as("dana", "PUT", `/tickets/${first.ref}`, { ticket: { external_id: "moved" } });
    await assert.rejects(
      channel.commit(open("As it is worded now"), "k", signal),
      failsWith("channel.uncertain", /knows the key/),
    );
    assert.equal((await allTickets(office)).length, 1);
    assert.equal(office.writes().at(-1)?.status, 400);
  });
});

inOffice("an answer that meets a change of the ticket", (office) => {
  test("the customer writes meanwhile: it is refused by its stamp, thought again, and answered once", async () => {
    office.desk.answer(() => replying("It is on its way."));
    office.desk.rule({ replyAutonomy: () => "auto" });
    const ticketId = await office.mail("ann@customer.test", "Where is my lamp?");
    office.desk.answer(({ unread }) => replying(`Answer to ${unread.length}.`));
    await office.settleWhile(() => office.mail("ann@customer.test", "And my desk?", { ticketId }));
    await office.settle();
    const statuses = office.writes().map(({ status }) => status);
    assert.deepEqual(statuses, [409, 200]);
    const answers = await office.said(ticketId);
    assert.equal(answers.length, 1);
    assert.match(answers[0] ?? "", /Answer to 2\./);
  });
});

const SECOND_MS = 1_000;

/** Looks at a ticket whose stamp is so many milliseconds away from the account's clock at each look. */
async function looksAt(
  stampAt: () => Date,
  during: AbortSignal = signal,
): Promise<{ readonly looks: readonly Date[]; readonly stamp: string }> {
  const looks: Date[] = [];
  const account = await listen((_request, response) => {
    looks.push(new Date());
    const updated_at = `${stampAt().toISOString().slice(0, 19)}Z`;
    response.writeHead(200, { "content-type": "application/json" });
    const ticket = { id: 5, status: "open", requester_id: 7, tags: [], updated_at };
    response.end(JSON.stringify({ ticket }));
  });
  try {
    const client = zendeskClient({
      url: account.url,
      token: async () => await Promise.resolve("t"),
      timeoutMs: 5_000,
      clock: { now: () => new Date() },
      limiter: zendeskLimiter({ url: account.url, callsPerMinute: 6_000 }),
    });
    const ticket = await settledTicket(client, 5, during);
    return { looks, stamp: ticket?.updated_at ?? "" };
  } finally {
    await account.close();
  }
}

describe("a ticket about to be written", () => {
  test("one that changed in this second is looked at again when the second is over", async () => {
    const changed = new Date();
    const { looks, stamp } = await looksAt(() => changed);
    assert.ok(looks.length > 1);
    const last = looks.at(-1)?.getTime() ?? 0;
    assert.ok(last >= Date.parse(stamp) + SECOND_MS, "the second was over at the last look");
  });

  test("one that changes all the time is looked at a few times only", async () => {
    const { looks } = await looksAt(() => new Date());
    assert.ok(looks.length > 1 && looks.length < 6, `${looks.length} looks`);
  });

  test("the wait ends with its signal", async () => {
    await assert.rejects(
      looksAt(() => new Date(), AbortSignal.timeout(200)),
      failsWith("channel.unavailable"),
    );
  });
});
