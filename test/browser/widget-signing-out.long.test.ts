/** What the chat widget keeps of a visitor, and what it forgets when they sign out, in a real browser. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { browserMissing } from "#test/support/browser.ts";
import { startChatPages, type ChatPages } from "./chat-pages.ts";
import { chatOn } from "./chat-window.ts";

describe("the chat widget's memory", { concurrency: 2, skip: browserMissing }, () => {
  let pages: ChatPages;
  before(async () => {
    pages = await startChatPages();
  });
  after(() => pages?.close());

  test("a talk, its unsent text and its open window are there again after a reload, and gone after signing out", async (context) => {
    await pages.open("Ann", async ({ page, say, answers, focused }) => {
      await say("What about order 456?");
      await answers.filter({ hasText: "prepared" }).waitFor();
      await page.getByLabel("Your message").fill("half a senten");
      await page.reload();
      await page.locator("deskhand-chat li.me", { hasText: "456" }).waitFor();
      await answers.filter({ hasText: "prepared" }).waitFor();
      assert.equal(await page.getByLabel("Your message").inputValue(), "half a senten");
      assert.notEqual(await focused(), "Your message", "a reload takes the focus to itself");
      await page.getByLabel("Your message").press("End");
      await page.keyboard.type("ce about order 123");
      await page.keyboard.press("Enter");
      await answers.filter({ hasText: "kettle" }).waitFor();
      assert.equal(await answers.count(), 2);
      await page.route("**/chat/token", (route) => route.abort());
      await page.reload();
      await page.getByRole("button", { name: "Chat with support" }).waitFor();
      assert.equal(
        await page.locator("deskhand-chat li").count(),
        0,
        "shown before the visitor is known",
      );
      await page.unroute("**/chat/token");
      await page.getByRole("button", { name: "Close chat" }).click();
      await page.getByRole("button", { name: "Chat with support" }).click();
      await answers.filter({ hasText: "kettle" }).waitFor();
      await page.getByRole("button", { name: "guest" }).click();
      // The page tells the widget, which a busy machine gets to a moment later.
      await context.waitFor(
        async () => {
          assert.equal(await page.locator("deskhand-chat li").count(), 0);
          assert.equal(await page.evaluate("JSON.stringify(localStorage)"), "{}");
        },
        { timeout: 30_000 },
      );
    });
  });

  test("a visitor who signs out while the shop is being asked who they are stays signed out", async () => {
    await pages.open("Ann", async ({ page, say, answers, launcher }) => {
      await say("Where is my order 456?");
      await answers.first().waitFor();
      const late = Promise.withResolvers<void>();
      await page.route("**/chat/token", async (route) => {
        await late.promise;
        await route.continue();
      });
      await page.keyboard.press("Escape");
      const asked = page.waitForRequest("**/chat/token");
      await launcher.click();
      await asked;
      await page.getByRole("button", { name: "guest" }).click();
      const told = page.waitForResponse("**/chat/token");
      late.resolve();
      await told;
      await say("And my other order?");
      await answers.first().waitFor();
      assert.doesNotMatch(
        String(await page.evaluate("JSON.stringify(localStorage)")),
        /\bu123\b|order 456/,
      );
      assert.equal(await page.locator("deskhand-chat li.me").count(), 1);
    });
  });

  test("who signs out in one tab is signed out in the others, and a tab one comes back to asks the shop again", async (context) => {
    await pages.open("Ann", async ({ page, say, answers }) => {
      await say("Where is my order 456?");
      await answers.first().waitFor();
      const other = chatOn(await page.context().newPage());
      await other.page.goto(page.url());
      await other.launcher.click();
      await other.answers.first().waitFor();
      await other.page.getByLabel("Your message").fill("Ann's own words");
      await other.page.evaluate('sessionStorage.setItem("shop user", "")');
      await page.getByRole("button", { name: "guest" }).click();
      const isEmpty = async (): Promise<void> =>
        assert.equal(await other.page.locator("deskhand-chat li").count(), 0);
      await context.waitFor(isEmpty, { timeout: 30_000 });
      assert.equal(await other.page.getByLabel("Your message").inputValue(), "");
      const sent = other.page.waitForRequest("**/support/chat");
      await other.say("And order 123?");
      assert.equal((await sent).headers()["authorization"], undefined);
      await other.answers.first().waitFor();
      // Its guest would forget what another user writes.
      await page.goto("about:blank");
      await other.page.evaluate('sessionStorage.setItem("shop user", "bob")');
      await other.say("Where is my order 1003?");
      await other.answers.filter({ hasText: "delivered" }).waitFor();
      await other.page.evaluate('sessionStorage.setItem("shop user", "")');
      await other.page.evaluate(
        'document.dispatchEvent(new Event("visibilitychange", { bubbles: true }))',
      );
      await context.waitFor(isEmpty, { timeout: 30_000 });
    });
  });

  test("a customer whom the shop recognises late finds their chat again; where it is a guest, it is forgotten", async (context) => {
    await pages.open("Ann", async ({ page, say, answers, launcher }) => {
      const mine = page.locator("deskhand-chat li.me");
      await say("Where is my order 456?");
      await answers.first().waitFor();
      await page.route("**/chat/token", (route) => route.abort());
      await page.reload();
      await page.getByLabel("Your message").waitFor();
      await say("And order 123?");
      const again = page.locator("deskhand-chat li.failed").getByRole("button");
      await again.waitFor();
      await page.unroute("**/chat/token");
      await again.click();
      await answers.filter({ hasText: "kettle" }).waitFor();
      assert.deepEqual(await mine.locator(".words").allInnerTexts(), [
        "Where is my order 456?",
        "And order 123?",
      ]);
      await page.route("**/chat/token", (route) => route.abort());
      await page.reload();
      await page.getByLabel("Your message").waitFor();
      await page.evaluate('sessionStorage.setItem("shop user", "")');
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Close chat" }).click();
      await launcher.click();
      await context.waitFor(
        async () => assert.equal(await page.evaluate("JSON.stringify(localStorage)"), "{}"),
        { timeout: 30_000 },
      );
    });
  });

  test("a message that did not get through is sent by the next page, though one before it is being read", async () => {
    await pages.open("Ann", async ({ page, say, answers }) => {
      await page.route("**/support/chat/*/events", (route) => route.abort());
      await say("Where is my order 456?");
      await answers.first().waitFor();
      await page.route("**/support/chat", () => undefined);
      await page.route("**/support/chat/*", (route) =>
        route.fulfill({ json: { status: "working", messages: [] } }),
      );
      await say("And order 123?");
      await page.locator("deskhand-chat li.me", { hasText: "Sent" }).waitFor();
      const next = await page.context().newPage();
      const sent = next.waitForRequest("**/support/chat", { timeout: 30_000 });
      await next.goto(page.url());
      assert.match((await sent).postData() ?? "", /order 123/);
    });
  });

  test("what is being typed stays when the first answer comes, also where the browser stores nothing", async () => {
    await pages.open("", async ({ page, say, answers }) => {
      await page.evaluate("Storage.prototype.setItem = () => { throw new Error('full'); }");
      const typed = Promise.withResolvers<void>();
      await page.route("**/support/chat", async (route) => {
        await typed.promise;
        await route.continue();
      });
      await say("What is your refund policy?");
      await page.getByLabel("Your message").fill("half a senten");
      typed.resolve();
      await answers.first().waitFor();
      assert.equal(await page.getByLabel("Your message").inputValue(), "half a senten");
    });
  });
});
