/** The inbox: its views and their numbers, what comes first and why, the case beside it, and many at once. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { z } from "zod";
import { plainFlag, type Card } from "#core/contracts/approval-desk.ts";
import type { Transaction } from "#store/db/database.ts";
import { eq, sql } from "#store/db/drizzle.ts";
import { approval, conversation } from "#store/db/schema.ts";
import { aroundOf } from "#test/slack/cards/card-samples.ts";
import { BROKEN_CARD, post, startPages, suitePages } from "#test/server/pages-bench.ts";
import { addCase } from "./seed.ts";

const NOW = Date.parse("2026-03-02T10:00:00Z");
const SAM = "sam@ourshop.test";

const ago = (minutes: number): Date => new Date(NOW - minutes * 60_000);

/** The titles of a list, in its order. */
function titles(text: string): readonly string[] {
  return [...text.matchAll(/class="what"[^>]*>\s*([^<]+?)\s*</g)].map(([, title = ""]) => title);
}

/** What stands in the row with this title, until the next one. */
function row(text: string, title: string): string {
  return text.split("<li").find((one) => one.includes(title)) ?? "";
}

function setCase(
  transaction: Transaction,
  id: string,
  values: Partial<typeof conversation.$inferInsert>,
) {
  return transaction
    .update(conversation)
    .set(values)
    .where(eq(conversation.id, `c_${id}`));
}

function setCard(
  transaction: Transaction,
  id: string,
  values: Partial<typeof approval.$inferInsert>,
) {
  return transaction
    .update(approval)
    .set(values)
    .where(eq(approval.id, `a_${id}`));
}

function counts(text: string): Readonly<Record<string, string>> {
  const found = text.matchAll(/id="view-(\w+)"[^]*?<span class="soft">(\d+)</g);
  return Object.fromEntries([...found].map(([, view = "", count = ""]) => [view, count]));
}

describe("the inbox", () => {
  const bench = suitePages({ sandbox: true });
  let sam = "";
  before(async () => {
    sam = await bench.session(SAM);
    const card = (id: string, headline: string, more: Partial<Card> = {}) =>
      addCase(bench.store, { id, at: ago(Number(id)), card: { headline, ...more } });
    await card("100", "Plain, long ago");
    await card("20", "Two people", { progress: "0 of 2 approved" });
    await card("30", "Due", {
      context: aroundOf({ due: { at: ago(-60).toISOString(), by: "due date of the ticket" } }),
    });
    await card("40", "Angry", { context: aroundOf({ isAngry: true }) });
    await card("50", "Claimed by Sam");
    await addCase(bench.store, { id: "60", at: ago(60), owner: "human", subject: "Court" });
    await addCase(bench.store, { id: "10", at: ago(10), owner: "human", subject: "In danger" });
    await addCase(bench.store, { id: "70", at: ago(70), owner: "human", subject: "Held by Sam" });
    await addCase(bench.store, { id: "80", at: ago(80), owner: "human", subject: "Asleep" });
    await addCase(bench.store, { id: "90", at: ago(90), owner: "human", subject: "Closed" });
    await addCase(bench.store, { id: "15", at: ago(15), state: "void", subject: "" });
    await bench.store.run(async (transaction) => {
      await transaction.execute(sql`update turn set outcome = 'answered',
        trace = trace || '{"approval_required": false}' where id = 't_15'`);
      await setCase(transaction, "60", { ownerDelicate: "legal" });
      await setCase(transaction, "10", { ownerDelicate: "self_harm" });
      await setCase(transaction, "70", { ownerHolder: "Sam Ortiz", ownerVoter: SAM });
      await setCase(transaction, "80", { snoozedUntil: ago(-600) });
      await setCase(transaction, "90", { solvedAt: ago(5) });
      await setCard(transaction, "20", { needs: { count: 2, leads: 1 } });
      const claim = { voter: SAM, deskId: `console:${SAM}`, name: "Sam Ortiz" };
      await setCard(transaction, "50", { claim, claimUntil: ago(-60) });
    });
  });

  test("puts danger first, then the law, what two people decide, what was promised, the angry, and the rest by age", async () => {
    const text = await bench.page("", sam);
    assert.deepEqual(titles(text), [
      "Ann Fields: In danger",
      "Ann Fields: Court",
      "Two people",
      "Due",
      "Angry",
      "Plain, long ago",
      "Ann Fields: Held by Sam",
      "Claimed by Sam",
    ]);
    assert.match(row(text, "In danger"), /❗ Self-harm/);
    assert.match(row(text, "Court"), /❗ Legal threat/);
    assert.match(row(text, "Two people"), /0 of 2 approved/);
    assert.match(row(text, "Due"), /Due [^<]+\(due date of the ticket\)/);
    assert.match(row(text, "Angry"), /😠 Angry/);
  });

  test("counts each view, and each view shows as many", async () => {
    const expected = { open: 8, mine: 2, unassigned: 6, waiting: 5, people: 3, snoozed: 1 };
    const all = await bench.page("", sam);
    assert.match(all, /<title>\(8\) Inbox/);
    for (const [view, count] of Object.entries(expected)) {
      assert.equal(counts(all)[view], String(count), view);
      const shown = titles(await bench.page(view === "open" ? "" : `/${view}`, sam));
      assert.equal(shown.length, count, `${view}: ${shown.join(", ")}`);
    }
    assert.deepEqual(titles(await bench.page("/mine", sam)), [
      "Ann Fields: Held by Sam",
      "Claimed by Sam",
    ]);
    assert.deepEqual(titles(await bench.page("?holder=sam@ourshop.test", sam)), [
      "Ann Fields: Held by Sam",
      "Claimed by Sam",
    ]);
    assert.deepEqual(titles(await bench.page("?holder=lea@ourshop.test", sam)), []);
    assert.match(await bench.page("/snoozed", sam), /💤 until 2 Mar 20:00|💤 until /);
    const done = await bench.page("/decided", sam);
    assert.match(row(done, "Closed"), /closed /);
    assert.doesNotMatch(row(done, "Closed"), /Take over/);
    const alone = row(done, "Ann Fields: Hello, my headphones broke");
    assert.match(alone, /By itself/);
    assert.doesNotMatch(alone, /Take over|Not taken/);
  });

  test("of the cards that wait in one case, the most urgent stands first, then the oldest", async (context) => {
    const own = await startPages({ sandbox: true });
    context.after(() => own.close());
    const cookie = await own.session(SAM);
    for (const [id, headline, minutes] of [
      ["11", "Newest", 1],
      ["12", "Oldest", 50],
      ["13", "Two people", 20],
    ] as const)
      await addCase(own.store, { id, at: ago(minutes), card: { headline } });
    await own.store.run(async (transaction) => {
      for (const id of ["12", "13"]) await setCase(transaction, id, { linkedId: "c_11" });
      await setCard(transaction, "13", { needs: { count: 2, leads: 1 } });
    });
    const text = await own.page("/case/c_11", cookie);
    const order = [...text.matchAll(/<h2[^>]*>(Newest|Oldest|Two people)/g)].map(([, is]) => is);
    assert.deepEqual(order, ["Two people", "Oldest", "Newest"]);
  });

  test("goes through its pages without leaving a row out or showing one twice", async (context) => {
    const own = await startPages({ sandbox: true });
    context.after(() => own.close());
    const cookie = await own.session(SAM);
    for (let number = 10; number < 60; number += 1)
      await addCase(own.store, {
        id: `${number}`,
        at: ago(number % 7),
        card: { headline: `Card ${number}` },
      });
    await addCase(own.store, { id: "5", at: ago(1), owner: "human", subject: "Last" });
    const first = await own.page("", cookie);
    const next = /href="\/console(\?after=[^"]+)"/.exec(first)?.[1] ?? "";
    const rest = await own.page(next.replaceAll("&amp;", "&"), cookie);
    const seen = [...titles(first), ...titles(rest)];
    assert.deepEqual([titles(first).length, seen.length, new Set(seen).size], [40, 51, 51]);
  });

  test("keeps to its filters, on the page and in what it asks for again", async () => {
    const text = await bench.page("/waiting?age=15m&money=some&topic=refund&channel=email", sam);
    assert.equal(titles(text).length, 5);
    assert.deepEqual(titles(await bench.page("/waiting?age=1h", sam)), ["Plain, long ago"]);
    assert.deepEqual(titles(await bench.page("/waiting?money=none", sam)), []);
    assert.match(text, /data-live="\/console\/part\/inbox\/waiting\?[^"]*topic=refund/);
  });

  test("opens a case beside the list, and keeps list, numbers and case up to date by one request", async () => {
    const page = await bench.page("?case=c_100", sam);
    assert.match(page, /id="pane"[^]*id="pane-title"[^]*data-card="a_100"[^]*my headphones broke/);
    const pane = await bench.page("/part/pane/c_100", sam);
    assert.match(pane, /data-card="a_100"/);
    assert.doesNotMatch(pane, /<html/);
    // What waits is not put out of sight.
    assert.doesNotMatch(pane, /id="snooze-until"/);
    assert.match(await bench.page("/part/pane/c_60", sam), /id="snooze-until"/);
    assert.match(await bench.page("/part/pane/c_nothing", sam), /This case is no longer kept/);
    const live = await bench.page("/part/inbox/open?case=c_100", sam);
    assert.match(live, /id="views"[^]*id="list"[^]*id="cards"[^]*data-card="a_100"[^]*id="notes"/);
    assert.doesNotMatch(await bench.page("/part/inbox/open", sam), /id="cards"/);
  });

  test("shows before an answer what the customer wrote last, and what else of theirs waits; a colleague's card asks once", async () => {
    const mails = { author: "trip@mail.test", text: "Refund policy?", subject: "One" };
    await addCase(bench.store, { id: "310", at: ago(310), ...mails, owner: "human" });
    await addCase(bench.store, {
      id: "311",
      at: ago(311),
      ...mails,
      card: { headline: "Twin", context: aroundOf({}) },
    });
    const colleague = { ownerHolder: "Lea", ownerVoter: "lea@ourshop.test" };
    await bench.store.run(setCase, "311", colleague);
    const text = async (id: string, who = sam) =>
      (await fetch(`${bench.url}/console/case/${id}`, { headers: { cookie: who } })).text();
    const people = await text("c_310");
    const places = ["also-open", "newest", "reply", "thread"].map((id) =>
      people.indexOf(`id="${id}"`),
    );
    assert.ok(
      places.every((place, at) => place > (places[at - 1] ?? 0)),
      places.join(),
    );
    assert.match(people, /id="also-open"[^]*?c_311[^]*?the same text/);
    const theirs = await text("c_311");
    assert.match(theirs, /data-confirm="Lea has this case\. Send all the same\?/);
    assert.match(theirs, /id="also-open"[^]*?c_310/);
    assert.ok(!theirs.includes('id="newest"'));
    const lea = await bench.session("lea@ourshop.test");
    assert.doesNotMatch(await text("c_311", lea), /Send all the same/);
    await bench.store.run(setCase, "310", { solvedAt: ago(1) });
    assert.ok(!(await text("c_311")).includes("also-open"));
  });
});

describe("many cards at once", () => {
  const WORDS = "I have refunded it.\n\nKind regards\nOurShop";
  const bench = suitePages({ sandbox: true });
  let sam = "";
  before(async () => {
    sam = await bench.session(SAM);
    const draft = (name: string, text: string) => ({
      text: `Hello ${name},\n\n${text}`,
      to: "ann@customer.test",
      sources: [],
      marks: [],
    });
    const add = (id: string, name: string, more: Partial<Card> = {}) =>
      addCase(bench.store, {
        id,
        at: ago(Number(id)),
        card: {
          headline: `Refund · ${name}`,
          flags: [],
          context: aroundOf({}),
          requester: { name, address: "a@b.test", verification: "", level: 2, standing: "known" },
          draft: draft(name, `Order 7${id} cost ${id}.00 USD. ${WORDS}`),
          ...more,
        },
      });
    await add("10", "Ann");
    await add("11", "Bob");
    await add("12", "Cara");
    await add("13", "Dora", { draft: draft("Dora", "No refund for you, sorry.") });
    await add("14", "Emil", { flags: [plainFlag("a warning")] });
    await add("15", "Fay");
    await add("18", "Hal", { changes: ["The customer wrote again."] });
    const other = { channel: "email", called: "c_x", subject: "", isWithPeople: true } as const;
    const open = [{ ...other, isSameOrder: false, delicate: "legal threat" }];
    const none = { refundDays: 90, refundCount: 0, refunded: [] };
    const records = { kind: "known" as const, openCount: 1, open, ...none };
    await add("19", "Ida", { context: aroundOf({ records }) });
    await add("16", "Gus", { context: aroundOf({ isAngry: true }) });
    await bench.store.run(setCard, "15", { needs: { count: 1, leads: 1 } });
    await addCase(bench.store, { id: "17", at: ago(17), topic: "faq", card: { flags: [] } });
  });

  test("of one kind and without a warning are a list of their own, each with its own line, unticked where more differs or it is above a limit", async () => {
    const all = await bench.page("", sam);
    const [, key = "", name] = /alike=([\da-f]{32})"[^>]*>([^<]*)</.exec(all) ?? [];
    assert.equal(name?.trim(), "5 × Refund: refund");
    const text = await bench.page(`?alike=${key}`, sam);
    assert.deepEqual(
      titles(text),
      ["Fay", "Dora", "Cara", "Bob", "Ann"].map((who) => `Refund · ${who}`),
    );
    assert.match(row(all, "Refund · Hal"), /⚠ The customer wrote again/);
    assert.match(row(all, "Refund · Ida"), /⚠ Also open: legal threat/);
    for (const [who, line] of [
      ["Ann", /data-version="1"\s+checked=""[^]*“[^”]+” → [^<]*Order 710 cost 10\.00 USD\./],
      [
        "Dora",
        /data-tick="a_13"\s+data-version="1"\s+aria-label[^]*No refund for you[^]*Worded dif/,
      ],
      ["Fay", /data-tick="a_15"\s+data-version="1"\s+aria-label[^]*Above your limit/],
    ] as const)
      assert.match(row(text, `Refund · ${who}`), line);
    assert.match(text, /id="approve-ticked"/);
    assert.doesNotMatch(all, /id="approve-ticked"|data-tick/);
  });

  test("are each decided as if their own button were pressed, and each is told by itself, with its time to undo", async () => {
    const cards = ["a_10", BROKEN_CARD, "a_11"].map((approvalId) => ({ approvalId, version: 1 }));
    const sent = { clickId: "12345678-many", cards };
    await bench.store.run(setCard, "10", { undoUntil: ago(-1) });
    const address = `${bench.url}/console/decide-many`;
    const answer = await post(address, sent, { cookie: sam });
    const told = z
      .object({
        answers: z.array(
          z.object({
            approvalId: z.string(),
            accepted: z.boolean(),
            message: z.string(),
            undoMs: z.number(),
          }),
        ),
      })
      .parse(await answer.json());
    assert.deepEqual(told.answers, [
      { approvalId: "a_10", accepted: true, message: "Recorded.", undoMs: 60_000 },
      { approvalId: BROKEN_CARD, accepted: false, message: "the shop is away", undoMs: 0 },
      { approvalId: "a_11", accepted: true, message: "Recorded.", undoMs: 0 },
    ]);
    assert.deepEqual(
      bench.decided.map(({ approvalId, button, version, isPlain, decisionId }) => [
        approvalId,
        button,
        version,
        isPlain,
        decisionId,
      ]),
      ["a_10", "a_11"].map((id) => [id, "approve", 1, true, `console:${SAM}:12345678-many:${id}`]),
    );
    assert.equal((await post(address, { ...sent, cards: [] }, { cookie: sam })).status, 400);
    assert.equal(bench.decided.length, 2);
  });

  test("are told as approved also where the time to undo cannot be read", async () => {
    await bench.execute(
      sql`update approval set card = card || '{"$version": 1000}' where id = 'a_12'`,
    );
    const cards = ["a_12", "a_13"].map((approvalId) => ({ approvalId, version: 1 }));
    const sent = { clickId: "12345678-untold", cards };
    const answer = await post(`${bench.url}/console/decide-many`, sent, { cookie: sam });
    const told = { version: 1, accepted: true, message: "Recorded.", undoMs: 0 };
    assert.deepEqual(await answer.json(), {
      answers: cards.map(({ approvalId }) => ({ ...told, approvalId })),
    });
  });
});
