/** The console's numbers and the weekly report say the same of the same days, whatever happened in them, and the list of a number the same too. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { compareDays, weeklyReport } from "#jobs/reports/report-text.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { readFileSync } from "node:fs";
import { seeder, type Seeder } from "#test/jobs/reports/two-weeks.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { suitePages } from "#test/server/pages-bench.ts";

const NOW = new Date("2026-03-02T10:00:00Z");
const DAYS = {
  from: new Date("2026-02-23T10:00:00Z"),
  to: new Date(NOW.getTime() + 1),
  first: "2026-02-23",
  last: "2026-03-02",
};
const AT = "2026-02-25T10:00:00Z";
const EARLIER = "2026-02-20T10:00:00Z";

/** What is counted, and beside each what looks like it and is not. */
async function addWeek({ conversation, message, turn, card, signal, matter }: Seeder) {
  const mail = await conversation(AT);
  const chat = await conversation(AT, { channel: "chat" });
  await message(mail, AT, { outcome: "answered", outcomeAt: "2026-02-25T10:10:00Z" });
  await message(chat, AT, { outcome: "escalated" });
  await message(chat, AT, { outcome: "failed" });
  await message(chat, AT);
  await message(chat, AT, { outcome: "ignored" });
  await message(mail, AT, {
    outcome: "answered",
    outcomeAt: "2026-02-25T10:20:00Z",
    erased: true,
  });
  const theirs = await conversation(AT);
  await message(theirs, AT);
  await message(theirs, "2026-02-25T10:04:00Z", { author: "teammate" });
  const past = await conversation(AT);
  await message(past, AT, { sentAt: "2026-01-01T10:00:00Z" });
  // It came in earlier, and was answered in these days.
  const old = await conversation(EARLIER);
  await message(old, EARLIER, { outcome: "answered", outcomeAt: AT });

  const cards = [
    [{ operation: "refund" }, AT],
    [{ operation: "refund", edited: true }, AT],
    [{ edited: true }, AT],
    [{ state: "rejected", operation: "refund" }, AT],
    [{ state: "expired" }, AT],
    [{ state: "approved", kind: "blocked" }, AT],
    [{ state: "void" }, AT],
    [{ state: "expired", kind: "notice" }, AT],
    // Decided before these days, and changed in them when its effects were done.
    [{ updated: AT }, EARLIER],
  ] as const;
  for (const [more, decided] of cards) {
    const id = await conversation(AT);
    const about = await turn(id, AT, { topic: "refund", costUsd: 0.02 });
    await card(about, id, { asked: decided, decided }, more);
  }

  // Stopped, and not decided yet.
  const held = { asked: AT, decided: null };
  await card("no turn", await conversation(AT), held, { state: "pending", kind: "blocked" });

  const rated = await conversation(AT);
  await message(rated, AT, { author: "bot" });
  await signal(rated, "2026-02-25T11:00:00Z", { kind: "rated", score: "bad" });
  await signal(rated, "2026-02-25T12:00:00Z", { kind: "rated", score: "good" });
  const bad = await conversation(AT);
  await message(bad, AT, { author: "teammate" });
  await signal(bad, "2026-02-25T11:00:00Z", { kind: "rated", score: "bad" });
  await signal(await conversation(AT), AT, { kind: "rated", score: "good" });

  for (const kind of ["confirmed", "durable", "assumed", "handed_off", "abandoned"] as const)
    await matter(await conversation(AT), AT, kind);
  await matter(await conversation(EARLIER), EARLIER, "durable");
}

describe("the figures of one week", () => {
  const bench = suitePages({ sandbox: true });
  let tiles = new Map<string, Readonly<Record<"value" | "about" | "href", string>>>();
  let lines: readonly string[] = [];
  let cookie = "";
  before(async () => {
    const policy = loadPolicy(readFileSync(SANDBOX_POLICY, "utf8"), "sandbox.yaml");
    const compared = await bench.store.run(async (transaction) => {
      await addWeek(seeder(transaction));
      return compareDays(policy.digest, transaction, DAYS);
    });
    lines = weeklyReport(compared, 0).sections.flatMap((section) => section.lines);
    cookie = await bench.session("sam@ourshop.test");
    const page = await bench.page("/numbers?days=7", cookie);
    const found = page.matchAll(
      /<a href="\/console([^"]*)">([^<]*)<\/a\s*><b>([^<]*)<\/b\s*><span class="soft">([^<]*)</g,
    );
    tiles = new Map(
      [...found].map(([, href = "", name = "", value = "", about = ""]) => [
        name,
        { value, about, href: href.replaceAll("&amp;", "&") },
      ]),
    );
  });

  /** What the report says of these days in a line that begins so. */
  const reported = (beginning: string): string =>
    lines.find((line) => line.startsWith(beginning))?.slice(beginning.length) ?? "no such line";
  const shown = (tile: string): string => tiles.get(tile)?.value ?? "no such tile";
  const about = (tile: string): string => tiles.get(tile)?.about ?? "no such tile";

  test("count the same messages", () => {
    const last = (name: string): string | undefined => / → (\d+)$/.exec(reported(name))?.[1];
    const [received, answered, toPeople] = ["Received: ", "Answered: ", "To people: "].map(last);
    assert.deepEqual([received, answered, toPeople], ["5", "2", "2"]);
    assert.equal(shown("Received"), received);
    assert.equal(shown("Answered"), answered);
    assert.equal(shown("Messages to people"), toPeople);
  });

  test("count the same decisions about drafts, and what was not decided in time", () => {
    assert.equal(reported("Drafts approved as they were: "), "1 → 1");
    assert.equal(reported("Drafts edited: "), "none → 2");
    assert.equal(reported("Drafts rejected: "), "none → 1");
    assert.equal(shown("Approved as drafted"), "25 %");
    assert.equal(shown("Edited before sending"), "2");
    assert.equal(shown("Rejected"), "1");
    assert.equal(reported("Cards not decided in time: "), "none → 1");
    assert.equal(shown("Not decided in time"), "1");
    assert.equal(shown("Stopped by the guard"), "2", "also while it waits for people");
    assert.equal(shown("Actions approved as proposed"), "1");
    assert.equal(about("Actions approved as proposed"), "of 3 decided with an action");
  });

  test("call what people have or answered what it is, also while it is open", () => {
    assert.equal(shown("Cases that went to people"), "1");
  });

  test("say the same Resolution rate", () => {
    assert.equal(reported("Resolution rate: "), "1 of 1 → 3 of 5");
    assert.match(about("Resolution rate"), /^3 of 5 cases that ended or went to people\./);
    assert.equal(shown("Resolution rate"), "60 %");
    assert.equal(shown("Model cost for each resolved"), "0.0600 USD");
  });

  test("take the last rating of each conversation that was answered before", () => {
    assert.deepEqual([shown("Rated good"), shown("Rated bad")], ["1", "1"]);
  });

  test("measure the first reply of the same conversations, which are in its list", async () => {
    assert.equal(reported("Median first reply: "), "5.0 days → 7 min");
    assert.equal(shown("Median first reply"), "7 min");
    assert.match(about("Median first reply"), /^2 conversations/);
    const list = await bench.page(tiles.get("Median first reply")?.href ?? "", cookie);
    assert.match(list, /answered after 4 min/);
  });
});
