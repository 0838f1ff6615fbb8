/** The list behind a number holds what it counted, and a number what its words say. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { seeder } from "#test/jobs/reports/two-weeks.ts";
import { suitePages } from "#test/server/pages-bench.ts";
import { addCase } from "./seed.ts";

const AT = "2026-02-25T10:00:00Z";

describe("the numbers of a week", () => {
  const bench = suitePages({ sandbox: true });
  let cookie = "";
  before(async () => {
    cookie = await bench.session("sam@ourshop.test");
    await bench.store.run(async (transaction) => {
      const { conversation, message } = seeder(transaction);
      const mail = await conversation(AT);
      await message(mail, AT);
      await message(mail, "2026-02-25T10:04:00Z", { author: "teammate" });
    });
    for (const id of ["held1", "held2"])
      await addCase(bench.store, { id, at: new Date(AT), kind: "blocked" });
  });

  test("the conversations of the median are in its list", async () => {
    const page = await bench.page("/numbers?days=7", cookie);
    const [, path = "", value = "", about = ""] =
      /<a href="\/console([^"]*)">Median first reply<\/a\s*><b>([^<]*)<\/b\s*><span class="soft">([^<]*)/.exec(
        page,
      ) ?? [];
    assert.equal(value, "4 min");
    assert.match(about, /^1 conversation/);
    const list = await bench.page(path.replaceAll("&amp;", "&"), cookie);
    assert.match(list, /answered after 4 min/);
  });

  test("what the guard stops counts as stopped while it waits for people", async () => {
    const page = await bench.page("/numbers?days=7", cookie);
    const [, value = ""] = />Stopped by the guard<\/a\s*><b>([^<]*)<\/b/.exec(page) ?? [];
    assert.equal(value, "2");
  });
});
