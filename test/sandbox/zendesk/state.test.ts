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
