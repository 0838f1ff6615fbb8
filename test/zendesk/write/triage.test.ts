/** What a team sorts its tickets by comes with the hand-over itself, and nothing is made up for it. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { z } from "zod";
import type { Action } from "#core/values/action.ts";
import type { Channel } from "#core/contracts/channel.ts";
import { type Bench, onTicket, openBench, openingTicket, signal } from "#test/zendesk/bench.ts";
import { openFront } from "#test/support/http-front.ts";

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
    if (method !== "GET") writes.push({ method, ticket: Body.parse(JSON.parse(body)).ticket });
    return forward();
  });
  channel = anotherChannel();
});
beforeEach(() => void [asked.splice(0), writes.splice(0)]);
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

test("a field or priority that a teammate set before stays", async () => {
  const ticketId = await bench.ask("Wo ist meine Lampe?");
  const ticket = { priority: "low", custom_fields: [{ id: 3, value: "known to Dana" }] };
  await bench.as("dana", "PUT", `/tickets/${ticketId}`, { ticket });
  await channel.commit(assigning(ticketId), "handover:2", signal);
  assert.deepEqual(writes[0]?.ticket["custom_fields"], [{ id: 1, value: "intent_order_status" }]);
  assert.ok(!("priority" in (writes[0]?.ticket ?? {})));
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
