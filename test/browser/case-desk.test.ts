/** A case that people finish on its page, in a real browser over a whole Deskhand with its sandbox. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { browserMissing, startBrowser, type TestBrowser } from "#test/support/browser.ts";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { seriousProblems } from "./chat-window.ts";
import { signedIn } from "./signed-in.ts";

const BOB = "bob@elsewhere.test";

describe("a case on its page", { skip: browserMissing }, () => {
  let deskhand: Deskhand;
  let browser: TestBrowser;
  before(async () => {
    [deskhand, browser] = await Promise.all([startDeskhand(), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await deskhand?.destroy();
  });

  test("is taken, answered with a warning read first, taken back, reused, sent, snoozed", async () => {
    const first = await deskhand.mail(BOB, "Do you engrave teapots with a poem?", {
      subject: "Poem",
    });
    const { stdout } = await deskhand.command("console", "lea@ourshop.test");
    const page = await signedIn(browser, stdout, { width: 1280, height: 1000 });
    await page.goto(`${deskhand.endpoints.app.url}/console/unassigned`);
    await page.locator(".case-row", { hasText: "Poem" }).first().locator("a.what").click();
    await page.getByRole("link", { name: "Own page" }).click();
    const actions = page.locator("#case-actions");
    await actions.getByText("no teammate has taken it yet").waitFor();
    const shots = process.env["DESK_SHOTS"];
    const shot = async (name: string): Promise<void> => {
      if (shots !== undefined)
        await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
    };
    await shot("1-untaken");
    const answer = page.getByRole("textbox", { name: "Your answer" });
    await answer.fill("We engrave it for 77.00 USD until 3 December.");
    await page.locator("#reply").getByRole("button", { name: "Send" }).click();
    await page.getByText("77.00 USD”", { exact: false }).waitFor();
    await shot("2-warned");
    assert.deepEqual(await seriousProblems(page), []);
    await page.getByRole("button", { name: "Send all the same" }).click();
    const undo = page.locator("#cards").getByRole("button", { name: "Undo" });
    await undo.click();
    await page.getByText("Not sent: Lea took it back.", { exact: false }).waitFor();
    await actions.getByText("You have this case.").waitFor();
    await shot("3-taken-back");
    assert.equal(await answer.inputValue(), "");
    await page.getByRole("button", { name: "Put this text into the answer" }).first().click();
    assert.match(await answer.inputValue(), /We engrave it for 77\.00 USD/);
    await answer.fill("Yes, we engrave teapots.");
    // What they wrote meanwhile comes by itself, and an answer that was begun before is held up once.
    await deskhand.mail(BOB, "And spoons?", { subject: "Re: Poem", inReplyTo: first });
    await page.locator("#thread", { hasText: "And spoons?" }).waitFor();
    await page.locator("#reply").getByRole("button", { name: "Send" }).click();
    await page.locator("#reply", { hasText: "has written since: “And spoons?”" }).waitFor();
    assert.equal(await answer.inputValue(), "Yes, we engrave teapots.");
    await shot("4-written-since");
    await page.locator("#reply").getByRole("button", { name: "Send" }).click();
    const mail = await until("the reply", async () =>
      (await deskhand.mailbox(BOB)).find(({ text }) => text.includes("Yes, we engrave teapots.")),
    );
    assert.match(mail.text, /^Hello/);
    await page.locator("#cards summary", { hasText: "Reply sent · Lea" }).waitFor();
    // Arrows go through the choices, and Enter makes one.
    await page.getByRole("combobox", { name: "Snooze until" }).focus();
    for (const key of ["ArrowDown", "ArrowDown"]) await page.keyboard.press(key);
    await actions.getByText("You have this case.").waitFor();
    await page.keyboard.press("Enter");
    await actions.getByText("or until the customer writes").waitFor();
    await shot("5-snoozed");
    await page.setViewportSize({ width: 390, height: 844 });
    assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"));
    await shot("6-phone");
    await page.emulateMedia({ colorScheme: "dark" });
    assert.deepEqual(await seriousProblems(page), []);
    await shot("7-dark");
  });
});
