/** A picture is described with one press in a real browser, and its words stand on the card and in the thread. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { addCase, addPicture } from "#test/server/console/seed.ts";
import { startPages, type PagesBench } from "#test/server/pages-bench.ts";
import { browserMissing, startBrowser, type TestBrowser } from "#test/support/browser.ts";
import { seriousProblems } from "./chat-window.ts";

const NOW = new Date("2026-03-02T10:00:00Z");
const PICTURE = readFileSync(join(import.meta.dirname, "../../docs/console.png"));
const SPENT = { startedAt: NOW, ms: 1, inputTokens: 1, outputTokens: 1, costUsd: 0 };

describe("a picture on a case page", { skip: browserMissing }, () => {
  let bench: PagesBench;
  let browser: TestBrowser;
  before(async () => {
    const describeOnce = async () => ({
      told: { words: "A list on a screen, headed “What waits”. It says: “Approve this”." },
      spent: SPENT,
    });
    bench = await startPages({
      sandbox: false,
      pictures: { model: "gpt-4.1", describe: describeOnce },
    });
    browser = await startBrowser();
    await addCase(bench.store, { id: "one", at: NOW });
    await addPicture(bench, "one", { id: "f_1", bytes: PICTURE, at: NOW });
  });
  after(async () => {
    await browser?.close();
    await bench?.close();
  });

  test("is described with one press, wherever it is shown, and nothing of it is serious for axe", async () => {
    const code = await bench.code("sam@ourshop.test");
    const { page, problems } = await browser.openPage(`${bench.url}/console/enter?code=${code}`, {
      width: 390,
      height: 844,
    });
    await page.getByRole("button", { name: /^Sign in as / }).click();
    await page.waitForURL(/\/console$/);
    await page.goto(`${bench.url}/console/case/c_one`);
    const buttons = page.getByRole("button", { name: "Describe this picture" });
    assert.equal(await buttons.count(), 2, "on the card and in the thread");
    assert.deepEqual(await seriousProblems(page), []);
    await buttons.first().click();
    const words = page.getByText("The model sees: A list on a screen");
    await words.last().waitFor();
    assert.deepEqual([await buttons.count(), await words.count()], [0, 2]);
    assert.deepEqual(await seriousProblems(page), []);
    assert.deepEqual(problems, []);
  });
});
