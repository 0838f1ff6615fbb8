/** The start page and the shop's demo page as a newcomer finds them, wide and on a phone, with many cards. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { browserMissing, startBrowser, type TestBrowser } from "#test/support/browser.ts";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { shownText } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
/** More than the list on a phone shows. */
const CARDS = 9;

describe("the start page", { skip: browserMissing }, () => {
  let deskhand: Deskhand;
  let browser: TestBrowser;
  before(async () => {
    [deskhand, browser] = await Promise.all([startDeskhand({ undoSeconds: 1 }), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await deskhand?.destroy();
  });

  async function visit(path: string, size: typeof PHONE, look: (page: Page) => Promise<void>) {
    const { page, problems } = await browser.openPage(`${deskhand.endpoints.app.url}${path}`, size);
    await look(page);
    assert.deepEqual(problems, []);
    await page.context().close();
  }

  test("on a phone every card listed and every button can be pressed, however many cards wait", async () => {
    for (let number = 1; number <= CARDS; number += 1)
      // Each is another person's: one person's questions about one order are one card.
      await deskhand.mail(`reader${number}@example.test`, `How long does delivery take?`, {
        subject: `Question ${number}`,
      });
    await until("all cards", async () => {
      const texts = (await deskhand.cards()).map(shownText);
      return texts.filter((text) => text.includes("How long does delivery take")).length === CARDS;
    });
    await visit("/", PHONE, async (page) => {
      await page.getByText("and 4 more on the console").click({ trial: true });
      const cards = page.locator("#desk-list .notice a");
      assert.equal(await cards.count(), 5);
      for (const card of await cards.all()) await card.click({ trial: true });
      for (const name of ["Sam", "Lea"])
        await page
          .getByRole("button", { name: `Open the console as ${name}` })
          .click({ trial: true });
      const guide = page.locator("#guide-desk");
      assert.match(await guide.innerText(), /open the console as Sam and press Approve/);
      assert.equal(await page.locator("#desk-title").innerText(), "The team's console");
    });
    await visit("/", DESKTOP, async (page) => {
      await page.getByText("In Slack, act as Sam and press Approve.").waitFor();
    });
  });
});
