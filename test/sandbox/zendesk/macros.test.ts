/** Macros of the sandbox's account: who sees which, pages of them, and how they change. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { trial, type Trial } from "./client.ts";

const Macro = z.looseObject({
  id: z.number(),
  title: z.string(),
  raw_title: z.string(),
  active: z.boolean(),
  actions: z.array(z.object({ field: z.string(), value: z.unknown() })),
  restriction: z.looseObject({ type: z.string() }).nullable(),
});
const Listed = z.looseObject({ macros: z.array(Macro) });
const Page = Listed.extend({
  meta: z.object({ has_more: z.boolean(), after_cursor: z.string().nullable() }).loose(),
});
const One = z.object({ macro: Macro });

async function titles(desk: Trial, who: "admin" | "bot" | "dana", query = ""): Promise<string[]> {
  const { body } = await desk.call(who, "GET", `/macros${query}`);
  return Listed.parse(body).macros.map(({ title }) => title);
}

test("an agent sees shared macros, those of own groups and own ones; an admin sees all; a customer none", async (context) => {
  const desk = await trial(context);
  const { groups } = desk.zendesk;
  const grouped = {
    title: "A line of the second tier",
    actions: [{ field: "comment_value", value: "We have asked the workshop." }],
    restriction: { type: "Group", id: groups.tier2, ids: [groups.tier2] },
  };
  await desk.call("admin", "POST", "/macros", { macro: grouped });
  const all = await titles(desk, "admin");
  assert.deepEqual(all, [
    "A line of the second tier",
    "Close with the state of the ticket",
    "Dana's own lines",
    "Engraving::How to send the wording",
    "Lamps::Flickering with a dimmer",
    "Workshop::Spare parts for old models",
  ]);
  assert.deepEqual(await titles(desk, "dana"), all);
  const shared = all.filter((title) => !/^(?:A line|Dana)/u.test(title));
  assert.deepEqual(await titles(desk, "bot"), shared);
  assert.deepEqual(await titles(desk, "dana", "?access=personal"), ["Dana's own lines"]);
  const own = Listed.parse((await desk.call("dana", "GET", "/macros?access=personal")).body);
  const path = `/macros/${own.macros[0]?.id}`;
  assert.equal((await desk.call("bot", "DELETE", path)).status, 404);
  assert.equal((await desk.call("ann", "GET", "/macros")).status, 403);
});

test("inactive macros are told apart, pages go by cursor, and what is deleted is gone", async (context) => {
  const desk = await trial(context);
  const pages: string[][] = [];
  for (let after = ""; pages.length < 5;) {
    const query = `?active=true&page[size]=2${after}`;
    const { macros, meta } = Page.parse((await desk.call("bot", "GET", `/macros${query}`)).body);
    pages.push(macros.map(({ title }) => title));
    if (!meta.has_more) break;
    after = `&page[after]=${meta.after_cursor ?? ""}`;
  }
  assert.deepEqual(
    pages.map(({ length }) => length),
    [2, 2],
  );
  const [[first = ""] = []] = pages;
  const found = Listed.parse((await desk.call("bot", "GET", "/macros")).body).macros[0];
  assert.equal(found?.title, first);
  const path = `/macros/${found.id}`;
  const off = await desk.call("dana", "PUT", path, {
    macro: { title: first, actions: [{ field: "status", value: "open" }], active: false },
  });
  assert.deepEqual([off.status, One.parse(off.body).macro.active], [200, false]);
  assert.deepEqual(await titles(desk, "bot", "?active=false"), [first]);
  assert.ok(!(await titles(desk, "bot", "?active=true")).includes(first));
  assert.ok((await titles(desk, "bot")).includes(first));
  assert.equal((await desk.call("dana", "DELETE", path)).status, 204);
  assert.equal((await desk.call("dana", "DELETE", path)).status, 404);
});

test("a macro without a title or without actions is refused, and deleted samples do not come back", async (context) => {
  const desk = await trial(context);
  for (const macro of [
    { title: " ", actions: [{ field: "status", value: "open" }] },
    { title: "Nothing", actions: [] },
  ])
    assert.equal((await desk.call("dana", "POST", "/macros", { macro })).status, 422);
  for (const { id } of Listed.parse((await desk.call("admin", "GET", "/macros")).body).macros)
    await desk.call("admin", "DELETE", `/macros/${id}`);
  await desk.zendesk.close();
  const again = await trial(context, { directory: desk.directory });
  assert.deepEqual(await titles(again, "admin"), []);
});
