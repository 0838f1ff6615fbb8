/** In a browser: an answer that an assistant proposes is seen in the list and right above the box for the answer, until one goes out. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { addCase } from "#test/server/console/seed.ts";
import { startPages, type PagesBench } from "#test/server/pages-bench.ts";
import { browserMissing, startBrowser, type TestBrowser } from "#test/support/browser.ts";
import { seriousProblems } from "./chat-window.ts";
import { signedIn } from "./signed-in.ts";

describe("a proposed answer in a browser", { skip: browserMissing }, () => {
  let bench: PagesBench;
  let browser: TestBrowser;
  before(async () => {
    [bench, browser] = await Promise.all([startPages({ sandbox: true }), startBrowser()]);
    const at = new Date("2026-03-02T09:00:00Z");
    await addCase(bench.store, { id: "0123456789ab", at, amount: 64_000 });
  });
  after(async () => {
    await browser?.close();
    await bench?.close();
  });

  const change = (statement: ReturnType<typeof sql>) =>
    bench.store.run((transaction) => transaction.execute(statement));

  test("it is on its row and above the answer, one press puts it there, and it is gone once an answer went out", async () => {
    const code = await bench.code("sam@ourshop.test");
    const size = { width: 1280, height: 900 };
    const page = await signedIn(browser, `${bench.url}/console/enter?code=${code}`, size);
    page.setDefaultTimeout(60_000);
    await page.goto(`${bench.url}/console?case=c_0123456789ab`);
    const strip = page.locator(".proposed-answer");
    const mark = page.locator("#cases").getByText("Answer proposed");
    assert.deepEqual([await strip.count(), await mark.count()], [0, 0]);
    await change(
      sql`insert into case_note (id, conversation_id, author, name, text, at, is_answer)
          values ('n_1', 'c_0123456789ab', 'sam@ourshop.test', 'Sam''s assistant', 'The lamp is waterproof.', now(), true)`,
    );
    await page.reload();
    await strip.getByText("The lamp is waterproof.").waitFor();
    await mark.waitFor();
    const [above, box] = [await strip.boundingBox(), await page.locator("#reply").boundingBox()];
    const gap = (box?.y ?? 0) - (above?.y ?? 0) - (above?.height ?? 0);
    assert.ok(gap >= 0 && gap < 40, `${gap} pixels between them`);
    assert.deepEqual(await seriousProblems(page), []);
    await strip.getByRole("button", { name: "Use this proposed answer" }).click();
    const answer = page.getByRole("textbox", { name: "Your answer" });
    assert.equal(await answer.inputValue(), "The lamp is waterproof.");
    await answer.fill("");
    await change(
      sql`insert into message (key, conversation_id, author_kind, author_id, visibility, text_digest, sent_at, received_at)
          values ('answer', 'c_0123456789ab', 'teammate', 'zendesk:7', 'public', 'answer', now(), now())`,
    );
    await page.reload();
    assert.deepEqual([await strip.count(), await mark.count()], [0, 0]);
    await page.getByText("The lamp is waterproof.").waitFor();
    await page.context().close();
  });
});
