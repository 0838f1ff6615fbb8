/** The pages as people use them, in a real browser, over a whole Deskhand with its sandbox. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Locator, Page } from "playwright-core";
import {
  browserMissing,
  startBrowser,
  type OpenPage,
  type TestBrowser,
} from "#test/support/browser.ts";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { openCard } from "./open-card.ts";
import { testLong } from "#test/support/tiers.ts";

const ANN = "ann@customer.test";
const BOB = "bob@elsewhere.test";
const CARA = "cara@customer.test";
const DESKTOP = { width: 1280, height: 1000 };

describe("the pages in a browser", { skip: browserMissing }, () => {
  let deskhand: Deskhand;
  let browser: TestBrowser;
  before(async () => {
    [deskhand, browser] = await Promise.all([startDeskhand(), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await deskhand?.destroy();
  });

  const opened: OpenPage[] = [];
  afterEach(async () => {
    for (const { page, problems } of opened.splice(0)) {
      // A page asks every two seconds; what closing cuts off is no complaint of the page.
      const found = [...problems];
      await page.context().close();
      assert.deepEqual(found, [], page.url());
    }
  });

  /** Opens a page of the app; the test fails on anything the browser complains about. */
  async function visit(path: string, size = DESKTOP): Promise<Page> {
    const one = await browser.openPage(`${deskhand.endpoints.app.url}${path}`, size);
    opened.push(one);
    return one.page;
  }

  /** The console, signed in by a link as the command line prints it. */
  async function consoleAs(email: string, size = DESKTOP): Promise<Page> {
    const { pathname, search } = new URL(await linkFor(email));
    const page = await visit(`${pathname}${search}`, size);
    await signIn(page);
    return page;
  }

  /** A link alone does not sign in: its page says who it is for. */
  async function signIn(page: Page): Promise<void> {
    await page.getByRole("button", { name: /^Sign in as / }).click();
    await page.waitForURL(/\/console(?:#.*)?$/);
  }

  const refunded = async (order: string): Promise<readonly number[]> =>
    (await deskhand.order(order)).refunds.map(({ amount }) => amount);

  async function linkFor(email: string): Promise<string> {
    const { stdout } = await deskhand.command("console", email);
    return /http\S+/.exec(stdout)?.[0] ?? "";
  }

  test("Refund 789 on the start page, Approve on the console, and the answer lies in Ann's mailbox", async () => {
    const start = await visit("/");
    await start.getByRole("button", { name: "Refund 789" }).click();
    await start.getByText("waits for a click").waitFor();
    const [console] = await Promise.all([
      start.context().waitForEvent("page"),
      start.getByRole("button", { name: "Open the console as Sam" }).click(),
    ]);
    const card = await openCard(console, "please refund order 789");
    const dialog = console.getByRole("dialog");
    await card.getByRole("button", { name: "Approve" }).click();
    await dialog.waitFor();
    const question = await dialog.innerText();
    for (const named of ["120.00 USD", "789", "Ann Fields"]) assert.ok(question.includes(named));
    await dialog.getByRole("button", { name: "Approve" }).click();
    const reply = start.locator("#mailbox .received");
    await reply.waitFor();
    assert.match(await reply.innerText(), /I have refunded 120\.00 USD for order 789/);
    const line = start.locator("#progress > li", { hasText: "My headphones broke" });
    await line.locator("b", { hasText: "answered" }).waitFor();
    await line.getByRole("link").click();
    await start.getByRole("heading", { name: "Ann Fields: My headphones broke" }).waitFor();
    await console.getByRole("link", { name: "Done" }).click();
    await console.locator(".case-row", { hasText: "reply sent · Sam Ortiz" }).waitFor();
    assert.deepEqual(await refunded("789"), [120]);
  });

  test("an edit keeps the form open on a mistake and sends exactly what was written", async () => {
    await deskhand.mail(BOB, "Please refund order 1001, the laptop broke.", { subject: "Laptop" });
    const page = await consoleAs("lea@ourshop.test");
    const card = await openCard(page, "the laptop broke");
    const text = card.getByRole("textbox", { name: "Reply" });
    await card.getByRole("button", { name: "Edit" }).click();
    const amount = card.getByRole("textbox", { name: "Amount in USD" });
    const written = "Hello Bob,\n\n  here are 20.00 USD for order 1001 — <b>sorry</b>!\n\nLea";
    await text.fill(written);
    assert.ok(await card.locator("[data-press=approve]").isDisabled());
    await amount.fill("20,00");
    await card.getByRole("button", { name: "Save" }).click();
    await card.getByText("Write the amount as digits with a point", { exact: false }).waitFor();
    assert.equal(await text.inputValue(), written);
    await amount.fill("20.00");
    await card.getByRole("button", { name: "Save" }).click();
    await card.getByText("Edited by Lea", { exact: false }).waitFor();
    const confirm = page.getByRole("dialog").getByRole("button", { name: "Approve" });
    await card.getByRole("button", { name: "Approve" }).click();
    await confirm.click();
    const mail = await until("the reply", async () => (await deskhand.mailbox(BOB)).at(-1));
    assert.equal(mail.text.trimEnd(), written);
    assert.deepEqual(await refunded("1001"), [20]);
  });

  test("what a teammate types stays while the card changes underneath", async () => {
    const first = await deskhand.mail(ANN, "Where is my order 123?", { subject: "Kettle" });
    const page = await consoleAs("sam@ourshop.test");
    const card = await openCard(page, "Where is my order 123?");
    const text = card.getByRole("textbox", { name: "Reply" });
    await card.getByRole("button", { name: "Edit" }).click();
    await text.fill("half a senten");
    await deskhand.mail(ANN, "And where is order 456?", {
      subject: "Re: Kettle",
      inReplyTo: first,
    });
    await card.getByText("changed meanwhile", { exact: false }).waitFor();
    assert.equal(await text.inputValue(), "half a senten");
    await card.getByRole("button", { name: "Cancel" }).click();
    await card.getByText("And where is order 456?").waitFor();
  });

  testLong(
    "a change is told although the form was opened before the page asked for anything new",
    async () => {
      const words = "Where is order 790, the teapot?";
      const first = await deskhand.mail(ANN, words, { subject: "Teapot" });
      await deskhand.card((shown) => shown.includes(words));
      const { pathname, search } = new URL(await linkFor("sam@ourshop.test"));
      const page = await visit(`${pathname}${search}`);
      const held = Promise.withResolvers<void>();
      await page.route("**/console/part/**", async (route) => {
        await held.promise;
        await route.continue();
      });
      await signIn(page);
      const card = await openCard(page, words);
      await card.getByRole("button", { name: "Edit" }).click();
      await card.getByRole("textbox", { name: "Reply" }).waitFor();
      held.resolve();
      await deskhand.mail(ANN, "And where is order 456?", {
        subject: "Re: Teapot",
        inReplyTo: first,
      });
      await card.getByText("changed meanwhile", { exact: false }).waitFor();
    },
  );

  testLong(
    "a form opens on the card that is shown when the server has answered, though the pressed one was replaced",
    async () => {
      const words = "Where is my phone, order 2001?";
      const first = await deskhand.mail(CARA, words, { subject: "Phone" });
      const page = await consoleAs("sam@ourshop.test");
      const card = await openCard(page, words);
      const answered = Promise.withResolvers<void>();
      const held = Promise.withResolvers<void>();
      await page.route("**/console/check/**", async (route) => {
        const response = await route.fetch();
        answered.resolve();
        await held.promise;
        await route.fulfill({ response });
      });
      await card.getByRole("button", { name: "Reject" }).click();
      await answered.promise;
      await deskhand.mail(CARA, "And will it come by Friday?", {
        subject: "Re: Phone",
        inReplyTo: first,
      });
      await card.getByText("And will it come by Friday?").waitFor();
      held.resolve();
      await card.getByRole("combobox", { name: "Why?" }).waitFor();
      await card.getByText("changed meanwhile", { exact: false }).waitFor();
    },
  );

  test("the start page stays where it is while Slack's page scrolls to its newest message", async () => {
    const start = await visit("/");
    const title = await start.getByRole("heading", { level: 1 }).boundingBox();
    await delay(4_000);
    assert.deepEqual(await start.getByRole("heading", { level: 1 }).boundingBox(), title);
  });

  test("a person without a role and a person without a link see no card", async () => {
    const refused: [string, string][] = [
      [await linkFor("ned@ourshop.test"), "the policy gives this address no role"],
      [`${deskhand.endpoints.app.url}/console`, "You are not signed in here"],
    ];
    for (const [address, words] of refused) {
      const { page } = await browser.openPage(address, DESKTOP);
      if (address.includes("/enter")) await signIn(page);
      await page.getByText(words, { exact: false }).waitFor();
      assert.equal(await page.locator(".card, .case-row").count(), 0);
      await page.context().close();
    }
  });

  test("a button pressed before the page's scripts have run does its work once they have", async () => {
    await deskhand.mail(ANN, "I will sue you if my lamp does not come.", { subject: "Early" });
    const page = await consoleAs("sam@ourshop.test");
    const handovers = `${deskhand.endpoints.app.url}/console/people`;
    await page.goto(handovers);
    const row = page.locator(".case-row", { hasText: "Early" });
    await row.waitFor();
    const pressedEarly = async (what: Locator): Promise<void> => {
      const pressed = Promise.withResolvers<void>();
      await page.route("**/assets/console.js", async (route) => {
        await pressed.promise;
        await route.continue();
      });
      await page.goto(handovers, { waitUntil: "commit" });
      await what.click({ noWaitAfter: true });
      pressed.resolve();
    };
    await pressedEarly(row.getByRole("link").first());
    await page.locator("#pane #pane-title").waitFor();
    await page.unroute("**/assets/console.js");
    await pressedEarly(row.getByRole("button", { name: "Take over" }));
    await page.locator("#said", { hasText: "Taken over by Sam" }).waitFor();
  });

  test("a subject as long as a page takes two lines in the inbox and on the start page", async () => {
    const subject = `Unheard ${"of all things ".repeat(40)}`;
    await deskhand.mail(CARA, "I will sue you.", { subject });
    // A list that is drawn anew meanwhile leaves the row outside of the page, where it has no height of a line.
    const lines = (title: Locator): Promise<number> =>
      until("a row in the page", async () => {
        const found = await title.evaluate(
          (box) =>
            box.clientHeight /
            Number.parseFloat(box.ownerDocument.defaultView.getComputedStyle(box).lineHeight),
        );
        return Number.isNaN(found) ? null : found;
      });
    const page = await consoleAs("sam@ourshop.test");
    await page.goto(`${deskhand.endpoints.app.url}/console/people`);
    const title = page.locator(".case-row .what", { hasText: "Unheard" });
    assert.equal(Math.round(await lines(title)), 2);
    await title.click();
    await page.locator("#pane #pane-title", { hasText: "Unheard" }).waitFor();
    const start = await visit("/");
    const about = start.locator("#progress .about", { hasText: "Unheard" });
    assert.equal(Math.round(await lines(about)), 2);
  });

  test("markup in a mail is shown as it was written and runs nowhere", async () => {
    const attack = `<img src=x onerror="document.title='owned'"><script>document.title="owned"</script>`;
    await deskhand.mail(BOB, `Where is order 1003? ${attack}`, { subject: `Case ${attack}` });
    const page = await consoleAs("sam@ourshop.test");
    const card = await openCard(page, "Where is order 1003?");
    assert.ok((await card.innerText()).includes(attack));
    assert.equal(await card.locator("img, script").count(), 0);
    // By the keyboard: a card that is drawn anew with a line more moves its buttons away from under a mouse.
    await card.getByRole("button", { name: "Why?" }).press("Enter");
    await page.getByRole("dialog").getByText("What the policy says", { exact: false }).waitFor();
    assert.match(await page.title(), /Deskhand$/);
    const start = await visit("/");
    await start.getByRole("button", { name: "Bob", exact: true }).press("Enter");
    await start.locator("#mailbox", { hasText: attack }).waitFor();
    await start.locator("#progress", { hasText: attack }).waitFor();
    assert.equal(await start.locator("#mailbox img, #progress img").count(), 0);
    assert.equal(await start.title(), "Deskhand");
  });

  test("a link to a card shows that card, a link to a turn its trace", async () => {
    await deskhand.mail(ANN, "What is your refund policy?", { subject: "Policy" });
    const page = await consoleAs("sam@ourshop.test");
    const card = await openCard(page, "What is your refund policy?");
    const id = (await card.getAttribute("id")) ?? "";
    // As Slack links to a card: the console's own address, with the id behind the #.
    await page.goto(`${deskhand.endpoints.app.url}/console#${id}`);
    await page.locator(`#${id}.target`).waitFor();
    const turn = /t_\w+/.exec((await deskhand.command("trace")).stdout)?.[0] ?? "";
    await page.evaluate(`location.hash = ${JSON.stringify(turn.slice(0, 12))}`);
    await page.getByText(turn, { exact: false }).first().waitFor();
    assert.match(page.url(), /\/console\/trace\//);
  });
});
