/** The inbox in a browser: a weekend's cards worked down by keys, the case beside its list and on its page, many at once, a phone. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { browserMissing, startBrowser, type TestBrowser } from "#test/support/browser.ts";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { isLong } from "#test/support/tiers.ts";
import { until } from "#test/support/waiting.ts";
import { seriousProblems } from "./chat-window.ts";
import { signedIn } from "./signed-in.ts";

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

const BOB = "bob@elsewhere.test";

/** As many as come over a weekend, or over an evening, with three of them about money. */
const REPLIES = isLong ? 27 : 9;
const REFUNDS = [
  ["ann@customer.test", "My headphones broke, please refund order 789."],
  [BOB, "Please refund order 1001, the laptop broke, but 20.00 USD are enough."],
  ["cara@customer.test", "Please refund order 2001, the phone is broken."],
] as const;

const CARDS = REPLIES + REFUNDS.length;

/** One key for each card, one to begin, and one more for each of the few that ask back. */
const KEYS_MAX = CARDS + 5;

const WORDS_MAX = 80;

describe("the inbox in a browser", { skip: browserMissing }, () => {
  let deskhand: Deskhand;
  let browser: TestBrowser;
  before(async () => {
    // On a busy machine a page is drawn anew seconds later than it asked to be.
    [deskhand, browser] = await Promise.all([startDeskhand({ undoSeconds: 15 }), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await deskhand?.destroy();
  });

  async function consoleAs(email: string, size = DESKTOP): Promise<Page> {
    return signedIn(browser, (await deskhand.command("console", email)).stdout, size);
  }

  const waiting = async (page: Page): Promise<number> =>
    Number(/\d+/.exec(await page.locator("#view-waiting").innerText())?.[0]);

  const asks = (name: string) =>
    deskhand.mail(`${name}@mail.test`, `Hello,\n\nwhat is your refund policy?\n\n${name}`, {
      subject: `Refunds, ${name}`,
    });

  const wordsOf = async (page: Page): Promise<number> =>
    (await page.locator("#pane .card").first().innerText()).split(/\s+/).length;

  test(`${CARDS} waiting cards are worked down with ${KEYS_MAX} keys and without leaving the page, each of them seen`, async () => {
    for (let number = 0; number < REPLIES; number += 1) await asks(`guest${number}`);
    for (const [from, text] of REFUNDS) await deskhand.mail(from, text, { subject: "Money back" });
    const page = await consoleAs("lea@ourshop.test");
    await until("all cards to wait", async () => (await waiting(page)) === CARDS);
    await page.goto(`${deskhand.endpoints.app.url}/console/waiting`);
    const loads: string[] = [];
    page.on("framenavigated", () => loads.push(page.url()));
    page.on("request", (one) => one.isNavigationRequest() && loads.push(one.url()));
    await page.evaluate("globalThis.sameDocument = true");
    const keys: string[] = [];
    const press = async (key: string): Promise<void> => {
      keys.push(key);
      await page.keyboard.press(key);
    };

    const seen = new Set<string>();
    const words: number[] = [];
    await press("j");
    for (let left = CARDS; left > 0; left -= 1) {
      const card = await until("another card", async () => {
        const id = await page.locator("#pane .card [data-press=approve]:enabled").count();
        const shown = await page.locator("#pane[aria-busy=false] .card").first().getAttribute("id");
        return id > 0 && shown !== null && !seen.has(shown) && shown;
      });
      seen.add(card);
      words.push(await wordsOf(page));
      // As long as a key counts for nothing on a card that has only just appeared.
      await page.waitForTimeout(550);
      await press("a");
      const confirm = page.getByRole("dialog").getByRole("button", { name: "Approve" });
      await until("what the key did", async () => {
        if (await confirm.isVisible()) return true;
        return (await page.locator(`#pane [id="${card}"]`).count()) === 0;
      });
      if (await confirm.isVisible()) await press("Enter");
    }
    await page.getByText("Nothing is left in this view.").waitFor();
    assert.equal(seen.size, CARDS);
    assert.ok(keys.length <= KEYS_MAX, `${keys.length} keys: ${keys.join(" ")}`);
    assert.equal(await page.evaluate("globalThis.sameDocument"), true);
    assert.deepEqual(
      loads.filter((url) => !url.startsWith(`${deskhand.endpoints.app.url}/console/waiting`)),
      [],
    );
    const median = words.toSorted((one, other) => one - other)[CARDS / 2] ?? 0;
    assert.ok(median <= WORDS_MAX, `${median} words until the decision is clear`);
    const forOthers = page.locator("#cases .case-row", { hasText: "1 of 2 approved" });
    await until("no card to wait but for another person", async () => {
      return (await waiting(page)) === (await forOthers.count());
    });
    await page.context().close();
  });

  test("cards of one kind are approved by one press, and what another teammate decided first is told with why", async () => {
    const before = (await deskhand.mailbox("many2@mail.test")).length;
    for (const number of [1, 2, 3, 4]) await asks(`many${number}`);
    const page = await consoleAs("sam@ourshop.test");
    const group = page.getByRole("link", { name: "4 × Reply: general question" });
    await group.click();
    const boxes = page.locator("#cases .tick");
    await until("four ticked cards", async () => (await boxes.count()) === 4);
    assert.equal(await page.locator("#cases .tick:checked").count(), 4);
    // What comes while the list is read was not read with it.
    await asks("many5");
    const late = page.locator("#cases .case-row", { hasText: "many5" });
    await late.getByText("New", { exact: true }).waitFor();
    assert.equal(await late.locator(".tick").isChecked(), false);
    // What is decided meanwhile is still on the page.
    await page.route("**/part/inbox/**", (route) => route.abort());
    const first = deskhand.card((text) => text.includes("many1@mail.test"));
    await deskhand.press("lea", await first, "Send");
    await until("the second customer's case", async () => {
      await page.keyboard.press("j");
      const title = page.locator("#pane[aria-busy=false] #pane-title");
      return (await title.innerText()).includes("many2");
    });
    await page.keyboard.press("x");
    assert.equal(await page.locator("#cases .tick:checked").count(), 3);
    await page.keyboard.press("A");
    const outcomes = page.locator("#outcomes");
    await outcomes.getByText("2 approved, 1 refused").waitFor();
    assert.match(await outcomes.locator("li").first().innerText(), /approved|decided|Lea/i);
    assert.deepEqual(await seriousProblems(page), []);
    await outcomes.getByRole("button", { name: "Undo all 2" }).click();
    await page.locator("#said", { hasText: "2 of 2 taken back." }).waitFor();
    assert.equal((await deskhand.mailbox("many2@mail.test")).length, before);
    await page.context().close();
  });

  test("a key that is held decides once, and on a card that has only just appeared no key does", async () => {
    for (const name of ["held1", "held2", "held3"]) await asks(name);
    const page = await consoleAs("sam@ourshop.test");
    const forSam = page.locator("#cases .case-row", { hasText: "held" });
    await until("three cards", async () => (await forSam.count()) === 3);
    await forSam.first().locator("a.what").click();
    await page.locator("#pane[aria-busy=false] .card [data-press=approve]").waitFor();
    await page.waitForTimeout(550);
    for (let times = 0; times < 12; times += 1) {
      await page.keyboard.down("a");
      await page.waitForTimeout(150);
    }
    await page.keyboard.up("a");
    const undoable = forSam.locator("[data-press=undo]");
    await until("the list shows the press", async () => (await undoable.count()) > 0);
    assert.equal(await undoable.count(), 1);
    // What has only just appeared is opened by a key, and decided by none. It is read at once: an answer to the press
    // before may come, and say something else.
    await page.locator("#pane[aria-busy=false] .card [data-press=approve]").waitFor();
    const said = await page.evaluate(`new Promise((resolve) => {
      const card = document.querySelector("#pane .card");
      card.replaceWith(card.cloneNode(true));
      setTimeout(() => {
        document.querySelector("#pane [data-press=approve]").click();
        resolve(document.querySelector("#said").textContent);
      });
    })`);
    assert.match(String(said), /^This has only just appeared\./);
    assert.equal(await undoable.count(), 1);
    await page.context().close();
  });

  test("on a phone the decision is on the first screen, and a way leads back to the list", async () => {
    const [from, text] = [
      "ann@customer.test",
      "My backpack broke. Where is my order 456?",
    ] as const;
    await deskhand.mail(from, text, { subject: "Backpack" });
    const page = await consoleAs("lea@ourshop.test", PHONE);
    const row = page
      .locator(".case-row", { hasText: "Backpack" })
      .or(page.locator(".case-row", { hasText: "My backpack broke" }));
    await row.first().locator("a.what").click();
    const approve = page.locator("#pane [data-press=approve]");
    await approve.waitFor();
    const places = await Promise.all(
      [approve, page.locator("#pane .card h2").first()].map((one) => one.boundingBox()),
    );
    for (const place of places)
      assert.ok(place !== null && place.y >= 0 && place.y + place.height <= PHONE.height);
    assert.equal(await row.first().isVisible(), false);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await seriousProblems(page), [], colorScheme);
    }
    await page.getByRole("link", { name: "← List" }).click();
    await row.first().waitFor();
    assert.equal(await approve.count(), 0);
    await page.goForward();
    await approve.waitFor();
    // The same address shows the same after it was loaded anew.
    await page.reload();
    await approve.waitFor();
    await page.keyboard.press("Escape");
    await row.first().waitFor();
    await page.context().close();
  });

  test("what is typed is not lost by a key or a click on another case, and keys are no keys while one types", async () => {
    await asks("typing");
    await asks("other");
    const page = await consoleAs("sam@ourshop.test", { width: 1280, height: 900 });
    await page.locator(".case-row", { hasText: "typing@mail.test" }).locator("a.what").click();
    await page.locator("#pane-title", { hasText: "typing" }).waitFor();
    await page.keyboard.press("n");
    await page.keyboard.type("jack asks");
    assert.equal(await page.locator("#note-text").inputValue(), "jack asks");
    await page.locator(".case-row", { hasText: "other@mail.test" }).locator("a.what").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Not yet" }).click();
    assert.equal(await page.locator("#note-text").inputValue(), "jack asks");
    await page.goBack();
    await dialog.getByRole("button", { name: "Not yet" }).click();
    assert.equal(await page.locator("#note-text").inputValue(), "jack asks");
    await page.waitForURL(/[?&]case=c_/);
    const asked = page.waitForEvent("dialog");
    const leaving = page.getByRole("link", { name: "Numbers" }).click();
    await (await asked).dismiss();
    await leaving;
    assert.equal(await page.locator("#note-text").inputValue(), "jack asks");
    await page.getByRole("button", { name: "Add the note" }).click();
    await page.locator("#notes", { hasText: "jack asks" }).waitFor();
    await page.locator("#pane-title").focus();
    // What was sent last is taken back, wherever its row is; then there is nothing more of one's own.
    await page.keyboard.press("r");
    await page.keyboard.type("I look into it.");
    await page.locator("#reply").getByRole("button", { name: "Send", exact: true }).click();
    await page.locator("#said").getByRole("button", { name: "Undo" }).waitFor();
    await page.locator("#views a").first().focus();
    await page.keyboard.press("u");
    await page.locator("#said", { hasText: "Taken back." }).waitFor();
    await page.keyboard.press("u");
    await page.getByText("Nothing of yours to undo.").waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog").getByText("Next case").waitFor();
    assert.deepEqual(await seriousProblems(page), []);
    await page.context().close();
  });

  test("a case that was opened by its address is left for the list", async () => {
    const name = "addressed";
    await asks(name);
    const page = await consoleAs("lea@ourshop.test");
    const { url } = deskhand.endpoints.app;
    const row = page.locator("#cases > [data-case]").first();
    await row.waitFor();
    const id = (await row.getAttribute("data-case")) ?? "";
    await page.goto(`${url}/console/health`);
    await page.goto(`${url}/console?case=${id}`);
    await page.keyboard.press("k");
    await page.keyboard.press("j");
    await page.locator("#pane[aria-busy=false]").waitFor();
    await page.keyboard.press("Escape");
    await until("the list", async () => !page.url().includes("case="));
    assert.equal(new URL(page.url()).pathname, "/console");
    await page.context().close();
  });

  test("on a case's own page a key takes back what was sent there", async () => {
    await asks("ownpage");
    const page = await consoleAs("lea@ourshop.test");
    const row = page.locator("#cases > [data-case]", { hasText: "ownpage" });
    await row.waitFor();
    const id = (await row.getAttribute("data-case")) ?? "";
    await page.goto(`${deskhand.endpoints.app.url}/console/case/${id}`);
    await page.keyboard.press("u");
    await page.locator("#cards [data-press=approve]").click();
    await page.locator("#cards [data-press=undo]").waitFor();
    // As long as a key counts for nothing on a card that has only just appeared.
    await page.waitForTimeout(600);
    await page.keyboard.press("u");
    await page.locator("#said", { hasText: "Taken back." }).waitFor();
    await page.locator("#cards [data-press=approve]").waitFor();
    await page.context().close();
  });

  test("a case on its own page is taken, answered with a warning read first, taken back, reused, sent, snoozed", async () => {
    const first = await deskhand.mail(BOB, "Do you engrave teapots with a poem?", {
      subject: "Poem",
    });
    const page = await consoleAs("lea@ourshop.test", { width: 1280, height: 1000 });
    await page.goto(`${deskhand.endpoints.app.url}/console/unassigned`);
    await page.locator(".case-row", { hasText: "Poem" }).first().locator("a.what").click();
    await page.getByRole("link", { name: "Own page" }).click();
    const actions = page.locator("#case-actions");
    await actions.getByText("no teammate has taken this case yet").waitFor();
    const answer = page.getByRole("textbox", { name: "Your answer" });
    await answer.fill("We engrave it for 77.00 USD until 3 December.");
    await page.locator("#reply").getByRole("button", { name: "Send" }).click();
    await page.getByText("77.00 USD”", { exact: false }).waitFor();
    assert.deepEqual(await seriousProblems(page), []);
    await page.getByRole("button", { name: "Send all the same" }).click();
    const undo = page.locator("#cards").getByRole("button", { name: "Undo" });
    await undo.click();
    await page.getByText("Not sent: Lea took it back.", { exact: false }).waitFor();
    await actions
      .getByText("You have this case. Close it, or give it to others, in its ticket.")
      .waitFor();
    assert.equal(await answer.inputValue(), "");
    await page.getByRole("button", { name: "Put this text into the answer" }).first().click();
    assert.match(await answer.inputValue(), /We engrave it for 77\.00 USD/);
    // As a note has it that an assistant proposed: it stands in no card.
    await page
      .locator("aside")
      .first()
      .evaluate((aside) => {
        aside.insertAdjacentHTML(
          "beforeend",
          '<button type="button" data-press="reuse" data-text="From a note.">Use this</button>',
        );
      });
    await page.getByRole("button", { name: "Use this" }).click();
    assert.match(await answer.inputValue(), /From a note\./);
    await answer.fill("Yes, we engrave teapots.");
    // What they wrote meanwhile comes by itself, and an answer that was begun before is held up once.
    await deskhand.mail(BOB, "And spoons?", { subject: "Re: Poem", inReplyTo: first });
    await page.locator("#thread", { hasText: "And spoons?" }).waitFor();
    await page.locator("#reply").getByRole("button", { name: "Send" }).click();
    await page.locator("#reply", { hasText: "has written since: “And spoons?”" }).waitFor();
    assert.equal(await answer.inputValue(), "Yes, we engrave teapots.");
    await page.locator("#reply").getByRole("button", { name: "Send" }).click();
    const mail = await until("the reply", async () =>
      (await deskhand.mailbox(BOB)).find(({ text }) => text.includes("Yes, we engrave teapots.")),
    );
    assert.match(mail.text, /^Hello/);
    await page.locator("#cards summary", { hasText: "Reply sent · Lea" }).waitFor();
    // What is drawn anew meanwhile leaves the keyboard where it was.
    await page.getByRole("combobox", { name: "Snooze until" }).focus();
    await deskhand.mail(BOB, "And forks?", { subject: "Re: Poem", inReplyTo: first });
    await page.locator("#thread", { hasText: "And forks?" }).waitFor();
    const focused = "document.activeElement.dataset.choose";
    await until("the keyboard's place", async () => (await page.evaluate(focused)) === "snooze");
    // Arrows go through the choices, and Enter makes one.
    await page.getByRole("combobox", { name: "Snooze until" }).focus();
    for (const key of ["ArrowDown", "ArrowDown"]) await page.keyboard.press(key);
    await actions
      .getByText("You have this case. Close it, or give it to others, in its ticket.")
      .waitFor();
    await page.keyboard.press("Enter");
    await actions.getByText("or until the customer writes").waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"));
    await page.emulateMedia({ colorScheme: "dark" });
    assert.deepEqual(await seriousProblems(page), []);
  });
});
