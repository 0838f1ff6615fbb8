/** The chat widget as visitors of a shop use it, in a real browser, over a whole Deskhand with its sandbox. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { APIResponse, Route } from "playwright-core";
import { browserMissing } from "#test/support/browser.ts";
import { startChatPages, type ChatPages } from "./chat-pages.ts";
import { headOf, LOOKS, SAFARI_KEYS, seriousProblems } from "./chat-window.ts";
import { testLong } from "#test/support/tiers.ts";

const NARROW = { width: 320, height: 568 };
const SIZE_MAX = 15 * 1_024;

describe("the chat widget", { concurrency: 4, skip: browserMissing }, () => {
  let pages: ChatPages;
  before(async () => {
    pages = await startChatPages();
  });
  after(() => pages?.close());

  test("the script is one file below 15 KB as it is sent, asked for once, and other origins may load it", async () => {
    const url = `${pages.deskhand.endpoints.app.url}/widget.js`;
    const first = await headOf(url, {});
    assert.equal(first.status, 200);
    assert.equal(first.headers["content-encoding"], "gzip");
    assert.ok(first.bytes < SIZE_MAX, `${first.bytes} bytes`);
    assert.equal(first.headers["cross-origin-resource-policy"], "cross-origin");
    const again = await headOf(url, { "if-none-match": String(first.headers["etag"]) });
    assert.deepEqual([again.status, again.bytes], [304, 0]);
  });

  test("a whole talk and its end by keyboard alone, the focus going in and coming back", async () => {
    await pages.open("Bob", async ({ page, launcher, answers, focused }, problems) => {
      await page.locator("body").press("Tab");
      for (let presses = 0; presses < 30 && (await focused()) !== "Chat with support"; presses += 1)
        await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      assert.equal(await focused(), "Your message");
      await page.keyboard.type("Where is my order 1003?");
      await page.evaluate(SAFARI_KEYS);
      await page.keyboard.press("Shift+Enter");
      await page.keyboard.type("I wait for it.");
      await page.keyboard.press("Enter");
      await answers.filter({ hasText: "delivered" }).waitFor();
      assert.match(
        await page.locator("deskhand-chat li.me").innerText(),
        /1003\?\nI wait for it\./,
      );
      await page.keyboard.press("Escape");
      assert.match(await focused(), /^Chat with support/);
      assert.equal(await launcher.getAttribute("aria-expanded"), "false");
      await page.keyboard.press("Enter");
      const back = ["Conversation", "Close chat", "End chat"];
      for (const name of back) {
        await page.keyboard.press("Shift+Tab");
        assert.equal(await focused(), name);
      }
      await page.keyboard.press("Enter");
      assert.equal(await focused(), "How was this chat?");
      await page.keyboard.press("Tab");
      assert.equal(await focused(), "Good");
      assert.deepEqual(problems, []);
    });
  });

  test("a draft that waits for a person says so, and its answer arrives later, counted while the window is closed", async () => {
    await pages.open("Ann", async ({ page, launcher, say, answers }, problems) => {
      await say("Please refund order 789, it broke.");
      await page.getByText("Waiting for a person").waitFor();
      await page.getByText("You will find the answer here", { exact: false }).waitFor();
      await page.keyboard.press("Escape");
      // The shop says too late who is here: the chat stays hidden until it has.
      const late = Promise.withResolvers<void>();
      const slow = async (route: Route): Promise<void> => {
        await late.promise;
        await route.continue();
      };
      await page.route("**/chat/token", slow, { times: 1 });
      await page.reload();
      await launcher.waitFor();
      late.resolve();
      assert.ok(!(await page.getByLabel("Your message").isVisible()), "the window stays closed");
      const card = await pages.deskhand.card((text) => text.includes("Please refund order 789"));
      await pages.deskhand.press("sam", card, "Approve");
      await page.getByRole("button", { name: "new messages" }).waitFor();
      assert.equal(await launcher.getAttribute("aria-label"), "Chat with support, new messages: 1");
      assert.equal(
        await page.locator("deskhand-chat > .unseen[role=status]").innerText(),
        "New message from support, new messages: 1",
      );
      await launcher.click();
      await answers.filter({ hasText: "I have refunded 120.00 USD" }).waitFor();
      assert.equal(await page.getByText("Waiting for a person").count(), 0);
      assert.equal(await launcher.getAttribute("aria-label"), "Chat with support");
      assert.deepEqual(problems, []);
    });
  });

  testLong(
    "an answer arrives by asking again where something on the way cuts the streams",
    async () => {
      await pages.open("Ann", async ({ page, say, answers }) => {
        const asked = { times: 0 };
        const said = { id: "1-a", text: "Done, with love.", at: "2026-01-01T00:00:00Z" };
        await page.route("**/support/chat/*/events", (route) => route.abort());
        await page.route("**/support/chat", (route) =>
          route.fulfill({
            json: { conversation_id: "c-12345678", status: "pending", reply: "Wait." },
          }),
        );
        await page.route("**/support/chat/c-12345678", (route) => {
          asked.times += 1;
          const isDone = asked.times > 1;
          return route.fulfill({
            json: { status: isDone ? "answered" : "pending", messages: isDone ? [said] : [] },
          });
        });
        await say("hello");
        await page.getByText("Wait.", { exact: true }).waitFor();
        await answers.filter({ hasText: "Done, with love." }).waitFor();
      });
    },
  );

  test("a message whose answer got lost is tried again and was asked once", async () => {
    for (const as of ["Bob", ""] as const)
      await pages.open(as, async ({ page, say, answers }) => {
        const sent: string[] = [];
        const first: APIResponse[] = [];
        await page.route("**/support/chat", async (route) => {
          sent.push(route.request().postData() ?? "");
          if (sent.length > 1) return route.continue();
          first.push(await route.fetch());
          return route.abort();
        });
        await say("What is your refund policy?");
        const line = page.locator("deskhand-chat li.failed");
        await line.getByText("Support cannot be reached right now", { exact: false }).waitFor();
        const again = page.waitForResponse("**/support/chat");
        // On a busy machine it may be tried again by itself before the click, and then there is no button.
        const click = line.getByRole("button", { name: "Try again" }).click();
        await Promise.race([click.catch(() => undefined), again]);
        // On a busy machine the first may say that it is taken in, or that the answer comes later; the second has it.
        const lost: unknown = first[0]?.ok() === true ? await first[0].json() : null;
        const told: unknown = await (await again).json();
        if (JSON.stringify(lost).includes('"answered"')) assert.deepEqual(told, lost);
        await answers.filter({ hasText: "within 30 days" }).waitFor();
        // On a busy machine it is tried again by itself as well: each time as the same message.
        assert.ok(sent.length >= 2);
        assert.equal(new Set(sent).size, 1);
        assert.equal(await page.locator("deskhand-chat li.me").count(), 1);
        // On a busy machine it is also said that the answer comes later; the answer itself is there once.
        const shown = await answers.locator(".words").allInnerTexts();
        assert.equal(
          shown.filter((text) => text.includes("within 30 days")).length,
          1,
          shown.join("\n\n"),
        );
        if (shown.length > 1) console.log("SHOWN", shown);
        assert.equal(new Set(shown).size, shown.length, shown.join("\n\n"));
      });
  });

  test("offline, or after too many messages, the reason is said and the message goes out by itself", async () => {
    await pages.open("", async ({ page, say, answers }) => {
      await page.context().setOffline(true);
      await say("What are your opening hours?");
      await page.getByText("You are offline.", { exact: false }).first().waitFor();
      await page.context().setOffline(false);
      await answers.first().waitFor();
      // Long enough to be seen on a busy machine before the message goes out again.
      const headers = { "retry-after": "6" };
      await page.route(
        "**/support/chat",
        (route) => route.fulfill({ status: 429, headers, json: {} }),
        {
          times: 1,
        },
      );
      await say("How do I change my address?");
      await page.getByText("Please wait 6 seconds", { exact: false }).first().waitFor();
      await answers.nth(1).waitFor();
      assert.equal(await page.locator("deskhand-chat li.failed").count(), 0);
    });
  });

  test("hostile text is shown as it is written; only addresses of listed hosts can be clicked", async () => {
    const attack = `<img src=x onerror="document.title='owned'"><script>document.title="owned"</script>`;
    const text = `${attack} javascript:alert(1) https://ourshop.test/help?a=1. https://bank.test@evil.test/ https://[dead:beef::cafe]/pay https://'.evil.com/x http://[fe80::a:b]/login?u=ann https://ourshop.test.evil.test/ https://ourshop.test:8443/ https://elsewhere.test/ \u202Efdp.exe`;
    await pages.open("", async ({ page, say, answers }) => {
      // The real server has no such chat, and would say so in its stream.
      await page.route("**/support/chat/*/events", (route) => route.abort());
      await page.route("**/support/chat/*", (route) =>
        route.fulfill({ json: { status: "answered", messages: [{ id: "1", text, at: "never" }] } }),
      );
      await page.route("**/support/chat", (route) =>
        route.fulfill({ json: { conversation_id: "c-12345678", status: "answered", reply: text } }),
      );
      await say(attack);
      await answers.first().waitFor();
      assert.ok((await page.locator("deskhand-chat li.me").innerText()).includes(attack));
      assert.ok((await answers.innerText()).includes(attack));
      assert.match(await answers.innerText(), /\[U\+202E\]fdp\.exe/);
      const links = answers.getByRole("link");
      assert.equal(await links.count(), 1);
      assert.equal(await links.getAttribute("href"), "https://ourshop.test/help?a=1");
      assert.equal(await links.getAttribute("rel"), "noopener noreferrer");
      assert.equal(await page.locator("deskhand-chat :is(img, script)").count(), 0);
      assert.match(await page.title(), /Our Shop/);
    });
  });

  test("a page of another origin embeds it, whatever its style sheet and its security policy say", async () => {
    await pages.openForeign(async ({ page, answers }, problems) => {
      await page.getByRole("button", { name: "Chat öffnen" }).click();
      const panel = page.getByRole("dialog", { name: "Hilfe" });
      const box = await panel.boundingBox();
      assert.deepEqual([box?.width, box?.x], [380, 1280 - 20 - 380]);
      const looks = await page.evaluate(LOOKS);
      assert.deepEqual(looks, [
        "16px",
        "normal",
        "rgb(255, 255, 255)",
        "rgb(255, 212, 0)",
        "1",
        "none",
      ]);
      await page.getByLabel("Ihre Nachricht").fill("Where is my order 2001?");
      await page.keyboard.press("Enter");
      await answers.filter({ hasText: "shipped" }).waitFor();
      assert.deepEqual(problems, []);
    });
  });

  test("axe finds nothing serious, whatever is shown, in both colour schemes, wide and narrow", async () => {
    await pages.open("Bob", async ({ page, say, answers }) => {
      const found = new Map<string, readonly string[]>();
      const look = async (state: string): Promise<void> => {
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          const problems = await seriousProblems(page);
          if (problems.length > 0) found.set(`${state}, ${colorScheme}`, problems);
        }
      };
      await look("the page with the button");
      // Neither the customer whose card waits beside this, which is marked by what else she writes, nor an order asked about there.
      await say("Where is my order 1002?");
      await answers.first().waitFor();
      await look("an answer");
      await say("I want to talk to a human");
      await page.getByText("Waiting for a person").waitFor();
      await page.route("**/support/chat", (route) => route.abort());
      await say("Hello?");
      await page.locator("deskhand-chat li.failed").waitFor();
      await look("handed over, and a message that was not sent");
      await page.setViewportSize(NARROW);
      await look("narrow");
      await page.getByRole("button", { name: "End chat" }).click();
      await page.getByRole("button", { name: "Good", exact: true }).click();
      await look("the rating");
      assert.deepEqual(found, new Map());
    });
  });
});
