import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { annAsks, commentsOf, type Trial, ticketOf, trial, update } from "./client.ts";

const Export = z.object({
  tickets: z.array(z.looseObject({ id: z.number(), status: z.string() })),
  after_cursor: z.string(),
  after_url: z.string(),
  before_cursor: z.null(),
  before_url: z.null(),
  end_of_stream: z.boolean(),
});

async function exported(desk: Trial, query: string): Promise<z.infer<typeof Export>> {
  return Export.parse(
    (await desk.call("admin", "GET", `/incremental/tickets/cursor?${query}`)).body,
  );
}

test("a restart finds tickets, tokens and ids again, and a torn last line is dropped", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "zendesk-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const before = await trial(context, { directory });
  const id = await annAsks(before);
  await update(before, "bot", id, {
    comment: { body: "note", public: false },
    metadata: { key: "k" },
  });
  const { tokens, webhookSecret, oauth } = before.zendesk;
  await before.zendesk.close();
  appendFileSync(join(directory, "zendesk.jsonl"), '[{"table":"tickets","id":99,"row":{"id":9');
  const after = await trial(context, { directory });
  assert.deepEqual(after.zendesk.tokens, tokens);
  assert.deepEqual([after.zendesk.webhookSecret, after.zendesk.oauth], [webhookSecret, oauth]);
  assert.deepEqual(
    (await commentsOf(after, id)).map((comment) => comment.body),
    ["Where is order 456?", "note"],
  );
  assert.equal(await annAsks(after), id + 1);
  assert.equal(statSync(join(directory, "zendesk.jsonl")).mode & 0o777, 0o600);
});

test("a write is in the file before it is answered", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  // A second reader of the same file stands for a process that was killed right after the answer.
  const again = await trial(context, { directory: desk.directory });
  assert.equal((await ticketOf(again, id)).id, id);
});

test("the export leaves the last minute out and goes on from its cursor", async (context) => {
  const desk = await trial(context);
  const start = Math.floor(desk.clock.ms / 1000);
  desk.clock.ms += 61_000;
  const first = await annAsks(desk, "one");
  assert.deepEqual((await exported(desk, `start_time=${start}`)).tickets, []);
  desk.clock.ms += 61_000;
  const second = await annAsks(desk, "two");
  const page = await exported(desk, `start_time=${start}`);
  assert.deepEqual([page.tickets.map((ticket) => ticket.id), page.end_of_stream], [[first], true]);
  assert.deepEqual((await exported(desk, `cursor=${page.after_cursor}`)).tickets, []);
  desk.clock.ms += 61_000;
  await update(desk, "bot", first, { tags: ["seen"] });
  const next = await exported(desk, `cursor=${page.after_cursor}`);
  assert.deepEqual(
    next.tickets.map((ticket) => ticket.id),
    [second],
  );
  desk.clock.ms += 61_000;
  const last = await exported(desk, `cursor=${next.after_cursor}`);
  assert.deepEqual(
    last.tickets.map((ticket) => ticket.id),
    [first],
  );
});

test("limits are counted with headers, and what is over them gets 429 with Retry-After", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  await desk.control("PUT", "/settings", {
    accountPerMinute: 100,
    updatesPerTicketTenMinutes: 2,
    exportsPerMinute: 1,
  });
  const list = await desk.call("bot", "GET", "/tickets");
  assert.equal(list.headers.get("x-rate-limit"), "100");
  assert.equal(list.headers.get("ratelimit-remaining"), "99");
  assert.equal(
    list.headers.get("zendesk-ratelimit-tickets-index"),
    "total=100; remaining=99; resets=60",
  );
  const statuses = [];
  for (const tag of ["a", "b", "c"])
    statuses.push(
      (await desk.call("bot", "PUT", `/tickets/${id}`, { ticket: { tags: [tag] } })).status,
    );
  assert.deepEqual(statuses, [200, 200, 429]);
  assert.equal(
    (await desk.call("dana", "PUT", `/tickets/${id}`, { ticket: { tags: ["d"] } })).status,
    200,
  );
  await desk.call("admin", "GET", "/incremental/tickets/cursor?start_time=0");
  const limited = await desk.call("admin", "GET", "/incremental/tickets/cursor?start_time=0");
  assert.deepEqual([limited.status, limited.headers.get("retry-after")], [429, "60"]);
  desk.clock.ms += 60_000;
  assert.equal(
    (await desk.call("admin", "GET", "/incremental/tickets/cursor?start_time=0")).status,
    200,
  );
});

test("a lost response is carried out all the same", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  await desk.control("POST", "/faults", { kind: "lost_response", path: `/tickets/${id}` });
  await assert.rejects(
    desk.call("bot", "PUT", `/tickets/${id}`, {
      ticket: { comment: { body: "once", public: true } },
    }),
  );
  assert.deepEqual(
    (await commentsOf(desk, id)).map((comment) => comment.body),
    ["Where is order 456?", "once"],
  );
});

test("client credentials give a token of that client's user, with its scopes and its end", async (context) => {
  const desk = await trial(context);
  const { reader, writer } = desk.zendesk.oauth;
  const grant = async (body: Record<string, unknown>) => {
    const response = await fetch(`${desk.zendesk.url}/oauth/tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const Granted = z.looseObject({
    access_token: z.string(),
    refresh_token: z.string(),
    token_type: z.literal("bearer"),
    expires_in: z.number(),
  });
  const client = { client_id: reader.id, client_secret: reader.secret };
  const read = Granted.parse(
    (await grant({ grant_type: "client_credentials", ...client, scope: "read", expires_in: 600 }))
      .body,
  );
  const as = (token: string) => ({ authorization: `Bearer ${token}` });
  assert.equal(
    (await desk.call(undefined, "GET", "/satisfaction_ratings", undefined, as(read.access_token)))
      .status,
    200,
  );
  assert.equal(
    (await desk.call(undefined, "POST", "/tickets", { ticket: {} }, as(read.access_token))).status,
    403,
  );
  desk.clock.ms += 600_000;
  assert.equal(
    (await desk.call(undefined, "GET", "/tickets", undefined, as(read.access_token))).status,
    401,
  );
  const renewed = Granted.parse(
    (await grant({ grant_type: "refresh_token", ...client, refresh_token: read.refresh_token }))
      .body,
  );
  assert.equal(
    (await desk.call(undefined, "GET", "/tickets", undefined, as(renewed.access_token))).status,
    200,
  );
  assert.equal(
    (await grant({ grant_type: "refresh_token", ...client, refresh_token: read.refresh_token }))
      .status,
    400,
  );
  assert.equal(
    (
      await grant({
        grant_type: "client_credentials",
        ...client,
        client_secret: "wrong",
        scope: "read",
      })
    ).status,
    401,
  );
  const odd = {
    grant_type: "client_credentials",
    client_id: writer.id,
    client_secret: writer.secret,
    scope: "raed",
  };
  const misspelled = Granted.parse((await grant(odd)).body);
  assert.equal(
    (await desk.call(undefined, "GET", "/users/me", undefined, as(misspelled.access_token))).status,
    403,
  );
});
