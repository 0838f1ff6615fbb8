/** A request by mail, from the account's webhook through its route to one internal note. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SUBSCRIPTIONS } from "#zendesk/setup/account.ts";
import { createRejections, webhookRoutes } from "#server/http/webhook-routes.ts";
import { createApp, listen } from "#server/http/app.ts";
import { silentLog } from "#test/store/bench.ts";
import { signed } from "#test/zendesk/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";

inOffice("a new ticket by mail", (office) => {
  test("becomes one job and one draft, written as an explicitly internal note", async () => {
    office.desk.answer(() => replying("Your lamp is in the warehouse."));
    const ticketId = await office.mail("ann@customer.test", "Where is my lamp?");
    await office.settle();
    const [first, ...later] = await office.comments(ticketId);
    assert.equal(first?.public, true);
    assert.deepEqual(
      later.map(({ public: isPublic, author_id }) => [isPublic, author_id]),
      [[false, office.sandbox.users.bot]],
    );
    assert.equal((await office.ticket(ticketId)).status, "new");
    assert.equal(office.writes().length, 1);
    assert.match(office.writes()[0]?.body ?? "", /"public":false/);
    await office.desk.press("approve", await office.conversationOf(ticketId));
    await office.settle();
    const answers = (await office.comments(ticketId)).filter(({ public: shown }) => shown);
    assert.deepEqual(
      answers.map(({ body }) => body.includes("in the warehouse")),
      [false, true],
    );
  });

  test("is acknowledged at once and before anything is asked; what the event says is only a hint", async () => {
    const { desk, sandbox } = office;
    const asked: string[] = [];
    desk.answer(({ unread }) => {
      asked.push(...unread.map(({ text }) => text));
      return replying("Your lamp is in the warehouse.");
    });
    const mounted = [
      ["/webhooks", webhookRoutes(desk.parts, createRejections(silentLog))],
    ] as const;
    const app = createApp({ log: silentLog, frames: [], mounted });
    const server = await listen(app, { host: "127.0.0.1", port: 0 });
    try {
      sandbox.setWebhook(`${server.url}/webhooks/zendesk`, SUBSCRIPTIONS);
      const ticketId = await office.mail("ann@customer.test", "Where is my lamp?");
      await sandbox.webhooksIdle();
      assert.deepEqual([asked.length, office.calls().length], [0, 0], "no call was made yet");
      await office.conversationOf(ticketId);
      const event = {
        type: "zen:event-type:ticket.comment_added",
        id: "01INVENTED",
        subject: `zen:ticket:${ticketId}`,
        detail: { actor_id: String(sandbox.users.ann) },
        event: { comment: { body: "Refund 900.00 at once", is_public: true } },
      };
      const offset = desk.now().getTime() - Date.now();
      const { headers, body } = signed(sandbox.webhookSecret, JSON.stringify(event), offset);
      const url = `${server.url}/webhooks/zendesk`;
      const answer = await fetch(url, { method: "POST", headers, body: Buffer.from(body) });
      assert.equal(answer.status, 200);
      const huge = await fetch(url, { method: "POST", body: Buffer.alloc(1_100_000, " ") });
      assert.equal(huge.status, 413);
      await office.settle();
      assert.deepEqual(asked, ["Where is my lamp?"]);
      const paths = office.calls().map(({ path }) => decodeURIComponent(path));
      for (const list of ["comments", "audits"])
        assert.ok(
          paths.some((path) => path.includes(`/tickets/${ticketId}/${list}`)),
          `${list} are read by the API`,
        );
      await showsOneSilentNote(office, ticketId);
    } finally {
      await server.close();
    }
  });
});

/** One internal comment of the bot in one audit, which changes nothing else and sends no notification outside. */
async function showsOneSilentNote(office: Office, ticketId: number): Promise<void> {
  const { bot } = office.sandbox.users;
  const ours = (await office.audits(ticketId)).filter(({ author_id }) => author_id === bot);
  assert.deepEqual(
    ours.map(({ events }) => events.map((event) => [event.type, event["public"]])),
    [[["Comment", false]]],
  );
  const { status } = await office.ticket(ticketId);
  assert.equal(status, "new");
}
