/** A shadow card end to end: the form behind 👎 in Slack, then the console's section in a real browser. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { browserMissing, startBrowser, type TestBrowser } from "#test/support/browser.ts";
import { labelsOf } from "#test/support/card-buttons.ts";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { shadowingMail } from "#test/support/shadow-policy.ts";
import { shownText, type SlackMessage } from "#test/support/slack.ts";
import { seriousProblems } from "./chat-window.ts";

const ANN = "ann@customer.test";
const DESKTOP = { width: 1280, height: 1000 };
const PHONE = { width: 390, height: 844 };
const SAMS = "Hello Ann,\n\nplease send us a photo first.";
const LEAS = "I would ask for <b>the receipt</b>.";

describe("a card in shadow", () => {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-shadow-"));
  let deskhand: Deskhand;
  before(async () => {
    deskhand = await startDeskhand({ environment: shadowingMail(folder) });
    await deskhand.mail(ANN, "Please refund order 789, it broke.", { subject: "Broken" });
  });
  after(async () => {
    await deskhand?.destroy();
    rmSync(folder, { recursive: true, force: true });
  });
  const card = (...words: string[]): Promise<SlackMessage> =>
    deskhand.card((text) =>
      ["Shadow: nothing is sent", ...words].every((one) => text.includes(one)),
    );

  test("👎 in Slack asks for an answer of one's own, which the card shows until its author changes the rating", async () => {
    const posted = await card();
    assert.deepEqual(labelsOf(posted), ["👍 I would send it", "👎 I would not", "Why?"]);
    await deskhand.press("sam", posted, "👎 I would not");
    const form = await deskhand.slack.waitForView(({ callback_id: id }) => id === "desk:opinion");
    assert.match(JSON.stringify(form), /Nothing is sent to the customer/);
    const { sam = "" } = deskhand.endpoints.slack?.users ?? {};
    assert.deepEqual(await deskhand.slack.submit(sam, { text: SAMS }), { accepted: true });
    const shown = await card("👎 Sam Ortiz", "Sam Ortiz would have written", SAMS);
    assert.equal(shown.ts, posted.ts, "it is the same message");
    await deskhand.press("sam", posted, "👍 I would send it");
    assert.ok(!shownText(await card("👍 Sam Ortiz")).includes("Sam Ortiz would have written"));
    // The form may be sent as it is, too.
    await deskhand.press("sam", posted, "👎 I would not");
    await deskhand.slack.waitForView(({ callback_id: id }) => id === "desk:opinion");
    assert.deepEqual(await deskhand.slack.submit(sam, {}), { accepted: true });
    await card("👎 Sam Ortiz");
  });

  test("a person without a role sees why in the place of the form, and the card stays as it is", async () => {
    await deskhand.press("ned", await card(), "👎 I would not");
    await deskhand.slack.waitForView((view) => /Only support and leads/.test(JSON.stringify(view)));
    assert.ok(!shownText(await card()).includes("Ned"));
  });

  describe("in the console", { skip: browserMissing }, () => {
    let browser: TestBrowser;
    before(async () => {
      browser = await startBrowser();
    });
    after(() => browser?.close());

    async function consoleAs(email: string): Promise<{ page: Page; problems: readonly string[] }> {
      const { stdout } = await deskhand.command("console", email);
      const opened = await browser.openPage(/http\S+/.exec(stdout)?.[0] ?? "", DESKTOP);
      await opened.page.getByRole("button", { name: /^Sign in as / }).click();
      await opened.page.waitForURL(/\/console(?:#.*)?$/);
      return opened;
    }

    test("it is in a list of its own with its band first, and takes an answer of one's own whose markup is escaped", async () => {
      const { page, problems } = await consoleAs("lea@ourshop.test");
      assert.equal(await page.locator(".case-row").count(), 0, "nothing waits for a decision");
      await page.getByRole("link", { name: "Shadow drafts" }).click();
      await page.locator(".case-row").first().getByRole("link").click();
      const shown = page.locator(".card", { hasText: "Please refund order 789" });
      await shown.waitFor();
      assert.match(await shown.innerText(), /^Shadow: nothing is sent\n/);
      assert.deepEqual(await shown.getByRole("button").allInnerTexts(), [
        "👍 I would send it",
        "👎 I would not",
        "Why?",
      ]);
      await shown.getByRole("button", { name: "👎" }).click();
      const own = shown.getByRole("textbox", { name: "What would you have written?" });
      await own.fill("Dropped again.");
      await shown.getByRole("button", { name: "Cancel" }).click();
      await own.waitFor({ state: "detached" });
      await shown.getByRole("button", { name: "👎" }).click();
      await own.fill(LEAS);
      await shown.getByRole("button", { name: "Save" }).click();
      const written = shown.locator(".quote", { hasText: "Lea would have written" });
      assert.equal(await written.locator(".words").innerText(), LEAS);
      assert.ok(!(await shown.innerText()).includes("Dropped again."));
      assert.equal(await own.count(), 0, "the form is done with");
      for (const size of [DESKTOP, PHONE])
        for (const colorScheme of ["light", "dark"] as const) {
          await page.setViewportSize(size);
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          assert.deepEqual(await seriousProblems(page), [], `${size.width}, ${colorScheme}`);
          const wider =
            "document.documentElement.scrollWidth - document.documentElement.clientWidth";
          assert.equal(await page.evaluate(wider), 0, `${size.width} scrolls sideways`);
        }
      assert.deepEqual(problems, []);
      await card("👎 Lea", LEAS);
    });

    test("nothing was sent and no money moved, whatever was pressed", async () => {
      assert.deepEqual(await deskhand.mailbox(ANN), []);
      assert.deepEqual((await deskhand.order("789")).refunds, []);
    });
  });
});
