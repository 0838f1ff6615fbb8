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
  assert.equal((await desk.call("bot", "GET", path)).status, 404);
  assert.equal((await desk.call("ann", "GET", "/macros")).status, 403);
});
