/** Opening a ticket for people: what is in it, with which fields, and while an earlier request is still opening it. */
import assert from "node:assert/strict";
import { test, describe, type TestContext, after, before, beforeEach } from "node:test";
import { z } from "zod";
import { SUBSCRIPTIONS } from "#zendesk/setup/account.ts";
import { createRejections, webhookRoutes } from "#server/http/webhook-routes.ts";
import { createApp, listen } from "#server/http/app.ts";
import type { Action } from "#core/values/action.ts";
import type { Channel } from "#core/contracts/channel.ts";
import { silentLog } from "#test/store/bench.ts";
import {
  signed,
  type Bench,
  benchFor,
  failsWith,
  openingTicket,
  signal,
  onTicket,
  openBench,
} from "#test/zendesk/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";
import { openFront } from "#test/support/http-front.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

inOffice("a new ticket by mail", (office) => {
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

const handOver = openingTicket();

/**
 * Stands before the sandbox as the account does while a request with the same key is carried out: so many requests to
 * open a ticket are answered with 409. `finish` carries out the first of them, whose sender has its answer already.
 */
async function openBusyAccount(
  target: string,
  conflicts: number,
): Promise<{
  url: string;
  posts: () => number;
  finish: () => Promise<unknown>;
  close: () => Promise<void>;
}> {
  let [posts, first] = [0, async (): Promise<unknown> => undefined];
  const front = await openFront(target, async ({ method, forward }) => {
    if (method === "POST") {
      posts += 1;
      if (posts === 1) first = forward;
      if (posts <= conflicts)
        return Response.json({ error: "Conflict", description: "in progress" }, { status: 409 });
    }
    return forward();
  });
  return { ...front, posts: () => posts, finish: () => first() };
}

async function tickets(bench: Bench): Promise<number[]> {
  const all = (await bench.as("admin", "GET", "/tickets")) as { tickets: { id: number }[] };
  return all.tickets.map(({ id }) => id);
}

async function busy(context: TestContext, conflicts: number) {
  const bench = await benchFor(context);
  const account = await openBusyAccount(bench.sandbox.url, conflicts);
  context.after(account.close);
  return { bench, account };
}

describe("a key whose first request is still under way", () => {
  test("is waited for: the ticket it opens is the one", async (context) => {
    const { bench, account } = await busy(context, 100);
    const committing = bench.another({ url: account.url }).commit(handOver, "t", signal);
    await context.waitFor(() => assert.ok(account.posts() > 0), { timeout: PATIENCE_MS });
    await account.finish();
    const { ref } = await committing;
    assert.deepEqual(await tickets(bench), [Number(ref)]);
  });

  test("is asked for again when the first request came to nothing", async (context) => {
    const { bench, account } = await busy(context, 1);
    const { ref } = await bench.another({ url: account.url }).commit(handOver, "t", signal);
    assert.deepEqual(await tickets(bench), [Number(ref)]);
  });

  test("is in doubt when that takes too long, which is no person's change", async (context) => {
    const { bench, account } = await busy(context, 100);
    const channel = bench.another({ url: account.url });
    await assert.rejects(channel.commit(handOver, "t", signal), failsWith("channel.uncertain"));
    assert.ok(account.posts() < 10, `${account.posts()} requests`);
    await account.finish();
    assert.equal((await channel.find(handOver, "t", signal)).state, "done");
  });
});

const Body = z.object({ ticket: z.looseObject({}) });
const TRIAGE = {
  intent: "order_status",
  language: "de",
  priority: "urgent",
  reason: "no tool for it",
} as const;
const FIELDS: Readonly<Record<string, unknown>> = {
  1: {
    type: "tagger",
    active: true,
    custom_field_options: [
      { name: "Order status", value: "intent_order_status" },
      { name: "Refund", value: "intent_refund" },
    ],
  },
  2: { type: "tagger", active: true, custom_field_options: [{ name: "English", value: "en" }] },
  3: { type: "text", active: true },
};

let bench: Bench;
let front: Awaited<ReturnType<typeof openFront>>;
let channel: Channel;
const asked: string[] = [];
/** True while a rule of the account's refuses every value of the fields. */
const rule = { refuses: false };
const writes: { readonly method: string; readonly ticket: Readonly<Record<string, unknown>> }[] =
  [];

before(async () => {
  bench = await openBench();
  // Stands before the sandbox with the fields of an account, and remembers what is written.
  front = await openFront(bench.sandbox.url, async ({ method, path, body, forward }) => {
    const field = /\/ticket_fields\/(\d+)/.exec(path)?.[1];
    if (field !== undefined) {
      asked.push(field);
      const found = FIELDS[field];
      return found === undefined
        ? Response.json({ error: "RecordNotFound" }, { status: 404 })
        : Response.json({ ticket_field: found });
    }
    if (method === "GET") return forward();
    const { ticket } = Body.parse(JSON.parse(body));
    writes.push({ method, ticket });
    const error = { error: "RecordInvalid", description: "Deskhand reason: is invalid" };
    return rule.refuses && "custom_fields" in ticket
      ? Response.json(error, { status: 422 })
      : forward();
  });
  channel = anotherChannel();
});
beforeEach(() => void [asked.splice(0), writes.splice(0), Object.assign(rule, { refuses: false })]);
after(async () => {
  await front.close();
  await bench.close();
});

const anotherChannel = (): Channel =>
  bench.another({ url: front.url, fields: { intent: 1, language: 2, reason: 3 } });

const assigning = (ticketId: number): Action =>
  onTicket("assign", ticketId, {
    group: "tier2",
    note: "Needs a person: no tool for it",
    triage: { ...TRIAGE },
  });

test("a hand-over of a ticket is one update with group, note and fields; a value no list has is left out", async () => {
  const ticketId = await bench.ask("Wo ist meine Lampe?");
  await channel.commit(assigning(ticketId), "handover:1", signal);
  assert.equal(writes.length, 1);
  assert.deepEqual(writes[0]?.ticket["custom_fields"], [
    { id: 1, value: "intent_order_status" },
    { id: 3, value: "no tool for it" },
  ]);
  assert.equal(writes[0]?.ticket["priority"], "urgent");
  assert.equal(writes[0]?.ticket["group_id"], bench.sandbox.groups.tier2);
});

test("the account's own field is read and filled", async () => {
  const title = "Deskhand reason for escalation";
  const made = await bench.as("admin", "POST", "/ticket_fields", {
    ticket_field: { type: "text", title },
  });
  const { id } = z.object({ ticket_field: z.object({ id: z.number() }) }).parse(made).ticket_field;
  const ticketId = await bench.ask("Wo ist meine Lampe?");
  await bench.another({ fields: { reason: id } }).commit(assigning(ticketId), "own:1", signal);
  const { custom_fields: filled } = await bench.ticket(ticketId);
  assert.deepEqual(filled, [{ id, value: "no tool for it" }]);
});

test("a field or priority that a teammate set before stays", async () => {
  const ticketId = await bench.ask("Wo ist meine Lampe?");
  const ticket = { priority: "low", custom_fields: [{ id: 3, value: "known to Dana" }] };
  await bench.as("dana", "PUT", `/tickets/${ticketId}`, { ticket });
  await channel.commit(assigning(ticketId), "handover:2", signal);
  assert.deepEqual(writes[0]?.ticket["custom_fields"], [{ id: 1, value: "intent_order_status" }]);
  assert.ok(!("priority" in (writes[0]?.ticket ?? {})));
});

test("a value that a rule of its field refuses is left out, and the note stays", async () => {
  const ticketId = await bench.ask("Wo ist meine Lampe?");
  rule.refuses = true;
  const { remark } = await channel.commit(assigning(ticketId), "handover:5", signal);
  assert.match(remark ?? "", /refused the fields .* stay empty: .*Deskhand reason: is invalid/);
  const [note] = await bench.ours(ticketId);
  assert.match(note?.body ?? "", /Needs a person: no tool for it/);
  assert.equal((await bench.ticket(ticketId)).group_id, bench.sandbox.groups.tier2);
});

test("a ticket opened for people is opened without values that a rule refuses", async () => {
  rule.refuses = true;
  const action = openingTicket({ triage: { ...TRIAGE } });
  const opened = await channel.commit(action, "handover:6", signal);
  assert.match(opened.remark ?? "", /refused the fields/);
  assert.deepEqual(
    writes.map(({ method, ticket }) => [method, "custom_fields" in ticket]),
    [
      ["POST", true],
      ["POST", false],
    ],
  );
  assert.equal((await channel.commit(action, "handover:6", signal)).ref, opened.ref);
});

test("a ticket opened for people has them from its first moment", async () => {
  const action = openingTicket({ triage: { ...TRIAGE } });
  const opened = await channel.commit(action, "handover:3", signal);
  assert.deepEqual(
    writes.map(({ method, ticket }) => [method, ticket["custom_fields"], ticket["priority"]]),
    [
      [
        "POST",
        [
          { id: 1, value: "intent_order_status" },
          { id: 3, value: "no tool for it" },
        ],
        "urgent",
      ],
    ],
  );
  // Where it is there already, another process looks for it first, and needs no fields.
  asked.splice(0);
  assert.equal((await anotherChannel().commit(action, "handover:3", signal)).ref, opened.ref);
  assert.deepEqual([asked, writes.length], [[], 1]);
});
