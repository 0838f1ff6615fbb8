/** A lead finds, writes and switches help pages in a real browser. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { readPages } from "#knowledge/pages.ts";
import { SAMPLE_PAGES } from "#knowledge/index.ts";
import { startPages, type PagesBench } from "#test/server/pages-bench.ts";
import { browserMissing, startBrowser, type TestBrowser } from "#test/support/browser.ts";
import { faultsOn } from "./chat-window.ts";
import { signedIn } from "./signed-in.ts";

const DESKTOP = { width: 1280, height: 900 };

describe("help pages in a browser", { skip: browserMissing }, () => {
  let bench: PagesBench;
  let browser: TestBrowser;
  before(async () => {
    [bench, browser] = await Promise.all([
      startPages({ sandbox: true, helpPages: await readPages(SAMPLE_PAGES) }),
      startBrowser(),
    ]);
  });
  after(async () => {
    await browser?.close();
    await bench?.close();
  });

  const consoleAs = async (email: string): Promise<Page> =>
    signedIn(browser, `${bench.url}/console/enter?code=${await bench.code(email)}`, DESKTOP);

  test("a question without a page leads to the form; what is saved there is found by the same question", async () => {
    const page = await consoleAs("lea@ourshop.test");
    await page.getByRole("link", { name: "Help pages" }).click();
    await page.getByRole("link", { name: "Try a question" }).click();
    await page.getByLabel("As a customer would ask it").fill("Do you sharpen skates?");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("Nothing was found").waitFor();
    await page.getByRole("link", { name: "Write this page" }).click();
    assert.equal(await page.getByLabel(/^Title/).inputValue(), "Do you sharpen skates?");
    await page.getByLabel(/^Text, in Markdown/).fill("We sharpen skates in our Hamburg shop.");
    await page.getByLabel("Valid from").fill("2026-03-09");
    await page.getByLabel("Valid until").fill("2026-03-01");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("the page would end before it begins").waitFor();
    await page.getByLabel("Valid from").fill("");
    await page.getByLabel("Valid until").fill("");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Version 1, as it is now").waitFor();
    await page.goto(`${bench.url}/console/knowledge/search?q=Do+you+sharpen+skates`);
    await page.getByText("written/do-you-sharpen-skates#top").waitFor();
  });

  test("every page of it has nothing serious for axe and fits a phone, in both colour schemes", async () => {
    const page = await consoleAs("lea@ourshop.test");
    const paths = [
      "",
      "/search?q=refund",
      "/search",
      "/gaps",
      "/page/refund-policy",
      "/page/written%2Fdo-you-sharpen-skates?from=1&to=2",
      "/page/written%2Fdo-you-sharpen-skates/edit",
      "/new?copy=returns",
      "/source/file",
    ].map((path) => `${bench.url}/console/knowledge${path}`);
    assert.deepEqual(await faultsOn(page, paths), []);
  });
});
