/** The API as programs use it: what it answers, what counts once, and what its limits say. */
import assert from "node:assert/strict";
import { beforeEach, afterEach, test } from "node:test";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import { newestEntries } from "#store/audit/audit-log.ts";
import { addNote } from "#store/console/case.ts";
import { writtenVersions } from "#store/knowledge/page-notes.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { escalating, refundOf, replying } from "#test/jobs/turn-results.ts";
import { customerToken, serveApi, type ApiBench } from "./bench.ts";

const SAM = "sam@ourshop.test";
const LEA = "lea@ourshop.test";
const List = z.looseObject({
  cases: z.array(
    z.looseObject({
      id: z.string(),
      title: z.string(),
      card: z.looseObject({ id: z.string(), version: z.int() }).nullable(),
    }),
  ),
  nextCursor: z.string().nullable(),
});
const Taken = z.strictObject({
  id: z.string(),
  caseId: z.string(),
  messageId: z.string(),
  status: z.string(),
});

onDesk("the API", (bench) => {
  let api: ApiBench;
  beforeEach(async () => {
    api = await serveApi(bench);
  });
  afterEach(() => api.close());

  /** Ann's refund, which a teammate has to approve. */
  async function refundCard(needs = { count: 1, leads: 0 }) {
    bench.answer(() => replying("We refund it.", { actions: [refundOf(30_000, { needs })] }));
    const id = await bench.write("Please refund order 789");
    const card = await bench.pending(id);
    assert.ok(card);
    return { id, card };
  }
  const decide = (id: string, token: string, body: object, headers = {}) =>
    api.post(`/cards/${id}/decisions`, token, body, headers);

  test("a case is listed, read and decided on by the one way of decisions", async () => {
    const { id, card } = await refundCard();
    const token = await api.token(SAM);
    const listed = await api.get("/cases?state=waiting", token);
    const [row] = listed.as(List).cases;
    assert.deepEqual([row?.id, row?.card?.id], [id, card.id]);
    const read = await api.get(`/cases/${id}`, token);
    assert.equal(read.status, 200, read.text);
    assert.match(read.text, /Please refund order 789/);
    const shown = await api.get(`/cards/${card.id}`, token);
    assert.match(shown.text, /"state":"pending"/);
    const answer = await decide(card.id, token, { version: 1, button: "approve" });
    assert.equal(answer.status, 200, answer.text);
    const [vote] = await bench.rows(
      z.object({ votes: z.array(z.looseObject({ voter: z.string() })) }),
      sql`select votes from approval where id = ${card.id}`,
    );
    assert.equal(vote?.votes[0]?.voter, SAM);
    const votes = await bench.rows(
      z.object({ n: z.coerce.number() }),
      sql`select count(*) as n from audit where kind = 'vote' and data ->> 'approval' = ${card.id}`,
    );
    assert.equal(votes[0]?.n, 1, "the vote is in the audit");
  });

  test("a rejection says why, an edit counts for the version it was seen at", async () => {
    const { card } = await refundCard();
    const token = await api.token(SAM);
    const mute = await decide(card.id, token, { version: 1, button: "reject" });
    assert.deepEqual([mute.status, mute.body["code"]], [400, "input.invalid"]);
    const edit = { text: "We refund 20.00 USD of order 789.", amount: "20.00" };
    const old = await decide(card.id, token, { version: 9, button: "edit", edit });
    assert.equal(old.status, 409, old.text);
    const edited = await decide(card.id, token, { version: 1, button: "edit", edit });
    assert.equal(edited.status, 200, edited.text);
    const shown = await api.get(`/cards/${card.id}`, token);
    assert.match(shown.text, /20\.00/);
    const why = { version: 2, button: "reject", reason: "Not today" };
    assert.equal((await decide(card.id, token, why)).status, 200);
  });

  test("the same key and content is one request; other content is refused", async () => {
    const { card } = await refundCard();
    const token = await api.token(SAM);
    const key = { "idempotency-key": "once" };
    const body = { version: 1, button: "approve" };
    const [first, second] = [
      await decide(card.id, token, body, key),
      await decide(card.id, token, body, key),
    ];
    assert.equal(first.status, 200, first.text);
    assert.equal(second.text, first.text);
    assert.equal(second.headers.get("idempotency-replayed"), "true");
    const other = await decide(card.id, token, { version: 1, button: "undo" }, key);
    assert.deepEqual([other.status, other.body["code"]], [422, "key.reused"]);
    const elsewhere = await api.post("/conversations", token, { message: "Hi" }, key);
    assert.equal(elsewhere.status, 422, "nor for another address");
    bench.skip(25 * 3_600_000);
    const later = await decide(card.id, token, body, key);
    assert.equal(later.status, 409, "a new request, on a card that was decided");
  });

  test("a key of one token, or of another day, answers for no other press", async () => {
    const { id, card } = await refundCard();
    const press = async (token: string, version: number, button: string, key: string) => {
      const sent = { version, button };
      const answer = await decide(card.id, token, sent, { "idempotency-key": key });
      assert.equal(answer.status, 200, answer.text);
    };
    const tokens = [await api.token(SAM), await api.token(SAM)];
    for (const [index, token] of tokens.entries()) {
      const version = (await bench.pending(id))?.version ?? 0;
      await press(token, version, "approve", "approve-it");
      assert.equal(await bench.pending(id), null, "the press was done");
      await press(token, version, "undo", `undo-${index}`);
    }
    const named = await bench.rows(
      z.object({ id: z.string() }),
      sql`select id from desk_decision where id like ${"%@%"}`,
    );
    assert.deepEqual(named, [], "no address is in a name that is kept");
  });

  test("a press that was cut off after it counted has its answer", async () => {
    const { card } = await refundCard();
    const token = await api.token(SAM);
    const key = { "idempotency-key": "claim-it" };
    const claim = () => decide(card.id, token, { version: 1, button: "claim" }, key);
    const first = await claim();
    assert.equal(first.status, 200, first.text);
    await bench.execute(sql`update api_answer set status = null, body = null`);
    bench.skip(3 * 60_000);
    assert.equal((await claim()).text, first.text);
  });

  test("a press on what the card has no button for is refused and changes nothing", async () => {
    const { id, card } = await refundCard();
    const token = await api.token(SAM);
    for (const button of ["dismiss", "undo", "harmless", "join", "release", "thumbs_up"]) {
      const answer = await decide(card.id, token, { version: 1, button });
      assert.deepEqual([answer.status, answer.body["code"]], [409, "decision.refused"], button);
      assert.match(answer.text, /has no button .* It has: approve, edit/, button);
    }
    const pending = await bench.pending(id);
    assert.deepEqual([pending?.state, pending?.version], ["pending", 1]);
  });

  test("what is sent at the same time under one key is done once", async () => {
    const token = await api.token(null);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        api.post("/conversations", token, { message: "Where is it?" }, { "idempotency-key": "k" }),
      ),
    );
    const ids = answers.filter(({ status }) => status === 202).map(({ body }) => body["id"]);
    assert.ok(ids.length >= 1);
    assert.equal(new Set(ids).size, 1);
    for (const { status } of answers) assert.ok(status === 202 || status === 409, String(status));
    const rows = await bench.rows(
      z.object({ n: z.coerce.number() }),
      sql`select count(*) as n from conversation`,
    );
    assert.equal(rows[0]?.n, 1);
  });

  test("a request that was cut off is carried out once, under its own names", async () => {
    const token = await api.token(SAM);
    const key = { "idempotency-key": "cut" };
    const sent = () => api.post("/conversations", token, { message: "Hello" }, key);
    const first = (await sent()).as(Taken);
    await bench.execute(sql`update api_answer set status = null, body = null`);
    assert.equal((await sent()).status, 409, "it may still be under way");
    bench.skip(3 * 60_000);
    assert.deepEqual((await sent()).as(Taken), first);
    const page = () => api.post("/knowledge/pages", lead, { title: "A", body: "B" }, key);
    const lead = await api.token(LEA);
    assert.equal((await page()).status, 201);
    await bench.execute(sql`update api_answer set status = null, body = null`);
    bench.skip(3 * 60_000);
    assert.equal((await page()).status, 409, "a page is never written twice");
  });

  test("a customer is known by the signed token alone, and a conversation is its beginner's", async () => {
    const token = await api.token(null, ["messages:write"], "shop app");
    const stranger = await api.post("/conversations", token, {
      message: "Where is my order?",
      customer: { name: "u123" },
    });
    assert.equal(stranger.status, 202, stranger.text);
    const signed = { name: "Ann", token: await customerToken(bench.now(), "u123") };
    const known = await api.post("/conversations", token, {
      message: "And mine?",
      customer: signed,
    });
    assert.equal(known.status, 202, known.text);
    const { id, caseId } = known.as(Taken);
    const hints = await bench.rows(
      z.object({ id: z.string(), subject: z.string().nullable() }),
      sql`select conversation_id as id, jsonb_path_query_first(payload, '$.**.subject') #>> '{}' as subject from hint order by id`,
    );
    assert.deepEqual(
      new Map(hints.map((one) => [one.id, one.subject])),
      new Map([
        [stranger.as(Taken).caseId, null],
        [caseId, "u123"],
      ]),
    );
    const add = (customer: object, by = token) =>
      api.post(`/conversations/${id}/messages`, by, { message: "More", customer });
    assert.equal((await add(signed)).status, 202);
    const renewed = await api.token(null, ["messages:write"], "shop app");
    assert.equal((await add(signed, renewed)).status, 202, "its next token goes on");
  });

  test("no id of a form of its own names the chat of a customer whose name looks like it", async () => {
    const token = await api.token(null, ["messages:write"], "shop app");
    const begun = await api.post("/conversations", token, { message: "Hello" });
    const { id, caseId } = begun.as(Taken);
    await bench.execute(
      sql`insert into conversation_key (key, conversation_id) select key || ':their-own-chat', ${caseId} from conversation_key where key like ${`chat::%${id}`}`,
    );
    const add = (name: string) =>
      api.post(`/conversations/${name}/messages`, token, { message: "More" });
    assert.equal((await add(`${id}:their-own-chat`)).status, 404);
    assert.equal((await add(id)).status, 202);
  });

  test("what is answered to a customer is read with their case", async () => {
    bench.answer(() => replying("It arrives on Monday."));
    bench.rule({ replyAutonomy: () => "auto" as const });
    const token = await api.token(null);
    const begun = await api.post("/conversations", token, { message: "When does it arrive?" });
    const { caseId: id } = begun.as(Taken);
    await bench.wake(id);
    await bench.pass(60_000, 3);
    const read = await api.get(`/cases/${id}`, token);
    assert.match(read.text, /When does it arrive/);
    const lines = await bench.rows(
      z.object({ text: z.string() }),
      sql`select text from transcript`,
    );
    assert.match(lines[0]?.text ?? "", /It arrives on Monday/);
  });

  test("lists name cases by their subject, go on by their cursor and end", async () => {
    bench.answer(() => replying("", { ending: escalating("no page says it") }));
    for (let count = 0; count < 43; count += 1)
      await bench.write("Do you have a shop in Rome?", { thread: `t${count}` });
    const token = await api.token(SAM);
    const first = (await api.get("/cases?state=people", token)).as(List);
    assert.equal(first.cases.length, 40);
    assert.ok(first.nextCursor);
    const rest = (await api.get(`/cases?state=people&cursor=${first.nextCursor}`, token)).as(List);
    assert.deepEqual([rest.cases.length, rest.nextCursor], [3, null]);
    const ids = new Set([...first.cases, ...rest.cases].map((one) => one.id));
    assert.equal(ids.size, 43);
    assert.deepEqual(new Set(first.cases.map(({ title }) => title)), new Set(["Headphones"]));
    for (const wrong of ["x", "%00", "1~", first.nextCursor.slice(3)])
      assert.equal(
        (await api.get(`/cases?state=people&cursor=${wrong}`, token)).status,
        400,
        wrong,
      );
    assert.equal((await api.get("/cases?state=done", token)).as(List).cases.length, 0);
  });

  test("customers' words and notes are masked as on the console", async () => {
    const { id } = await refundCard();
    const secret = "4111 1111 1111 1111";
    bench.answer(() => replying("Noted."));
    await bench.write(`My card is ${secret}`);
    await bench.at(addNote, {
      id: "n_1",
      conversationId: id,
      author: SAM,
      name: "Sam",
      isAnswer: false,
      text: "call back",
      at: bench.now(),
    });
    const read = await api.get(`/cases/${id}`, await api.token(SAM));
    assert.doesNotMatch(read.text, /4111/);
    assert.match(read.text, /call back/);
  });

  test("leads write help pages as on the console, with versions and checks", async () => {
    const lead = await api.token(LEA);
    const page = { title: "How long do refunds take?", body: "Five days." };
    const made = await api.post("/knowledge/pages", lead, page);
    assert.equal(made.status, 201, made.text);
    const slug = String(made.body["slug"]);
    const next = { ...page, slug, basis: 1, body: "Six days." };
    assert.equal((await api.post("/knowledge/pages", lead, next)).body["version"], 2);
    const late = await api.post("/knowledge/pages", lead, { ...next, body: "Seven days." });
    assert.equal(late.status, 400, "the version it began with is past");
    const ends = { ...page, validFrom: "2026-05-02", validUntil: "2026-05-01" };
    assert.equal((await api.post("/knowledge/pages", lead, ends)).status, 400);
    const listed = await api.get("/knowledge/pages?q=refunds", await api.token(SAM));
    assert.match(listed.text, /How long do refunds take/);
    assert.match(listed.text, /"version":2/);
    const machine = await api.token(null, ["knowledge:write"], "docs sync");
    assert.equal((await api.post("/knowledge/pages", machine, page)).status, 201);
  });

  test("a page that a machine wrote names the machine, whatever its label says", async () => {
    const page = { title: "Who wrote this?", body: "A machine." };
    const scopes = ["knowledge:write"] as const;
    for (const label of [LEA, "Lea", "Lea"]) {
      const made = await api.post("/knowledge/pages", await api.token(null, scopes, label), page);
      assert.equal(made.status, 201, made.text);
    }
    const authors = await bench.at(async (transaction) =>
      (await writtenVersions(transaction, "who-wrote-this")).map(({ author }) => author),
    );
    assert.match(authors.join(), /^machine:tok_\d+ \(lea@ourshop\.test\)$/);
    const third = await bench.at(writtenVersions, "who-wrote-this-3");
    assert.match(third[0]?.author ?? "", /^machine:tok_\d+ \(Lea\)$/, "one label, two machines");
    const { entries } = await bench.at(newestEntries, { before: null, kind: "page_written" });
    const lea = await bench.at(bench.parts.pseudonym, LEA);
    assert.ok(entries.length >= 3);
    assert.equal(new Set(entries.slice(0, 3).map(({ data }) => data["by"])).size, 3);
    assert.ok(entries.slice(0, 3).every(({ data }) => data["by"] !== lea));
  });

  test("the week's figures are those of the page of numbers", async () => {
    const { card } = await refundCard();
    await decide(card.id, await api.token(SAM), { version: 1, button: "approve" });
    const week = await api.get("/reports/week", await api.token(null));
    assert.equal(week.status, 200, week.text);
    const { counts } = week.as(z.looseObject({ counts: z.record(z.string(), z.number()) }));
    assert.deepEqual([counts["received"], counts["unchanged"], counts["actions"]], [1, 1, 1]);
  });

  test("every refusal is a problem, and limits are told and kept", async () => {
    await api.close();
    api = await serveApi(bench, { requestsPerMinute: 3 });
    const token = await api.token(SAM);
    const first = await api.get("/cases", token);
    assert.equal(first.headers.get("cache-control"), "no-store");
    await api.get("/cases", token);
    await api.get("/cases", token);
    const late = await api.get("/cases", token);
    assert.equal(late.status, 429);
    assert.equal(late.headers.get("retry-after"), "60");
    assert.equal((await api.get("/cases", await api.token(SAM))).status, 200, "each its own");
    bench.skip(60_001);
    assert.equal((await api.get("/cases", token)).status, 200);
    const problem = z.strictObject({
      type: z.literal("urn:deskhand:problem:input.rate_limited"),
      title: z.string(),
      status: z.literal(429),
      detail: z.string(),
      code: z.literal("input.rate_limited"),
    });
    late.as(problem);
    assert.equal(late.headers.get("content-type"), "application/problem+json; charset=utf-8");
  });
});
