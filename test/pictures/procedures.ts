/** A lead's way from nothing to a procedure in use, in the console of a sandbox. */
import type { Page } from "playwright-core";
import type { TestBrowser } from "#test/support/browser.ts";
import type { Deskhand } from "#test/support/deskhand.ts";
import { consoleAs, inSandbox, takeWindow } from "./camera.ts";

const WINDOW = { width: 1_100, height: 800 };

const WRITTEN = `---
title: Gift card
when: The customer wants to pay with a gift card, or asks for the balance of one.
words: [gift card, voucher balance, Geschenkkarte]
tools: [get_order_status, create_support_ticket]
owner: lea@ourshop.test
---

1. Ask for the order number if the gift card was used for an order, and look it up with @get_order_status.
2. Say that the balance stands on the card's own page, which is printed on it. Never ask for its number.
3. The balance is wrong: file @create_support_ticket with the order and what the customer saw.

## Tests

### Paid with a gift card
- customer is: cara@customer.test
- customer says: I paid order 2001 with a gift card. Where is the order?
- expects tool: get_order_status
- expects no action: refund
`;

/** The pictures of docs/procedures.md, in its order. */
export const takeProcedures = inSandbox(async (browser, deskhand) => {
  const lea = await consoleAs(browser, deskhand, "lea@ourshop.test", WINDOW);
  await lea.getByRole("link", { name: "Procedures" }).click();
  const list = await takeWindow(lea, "procedures.png");
  const mistakes = await writeWithMistakes(lea);
  return [list, mistakes, ...(await publish(browser, deskhand, lea))];
});

async function writeWithMistakes(page: Page): Promise<string> {
  await page.getByRole("link", { name: "Write a new one" }).click();
  await page.getByLabel(/^Name/).fill("gift-card");
  const wrong = WRITTEN.replace("@create_support_ticket", "@open_ticket").replace(
    "Never ask for its number.",
    "See [[gift-cards]].",
  );
  await page.getByLabel("Text").fill(wrong);
  await page.getByRole("button", { name: "Save the draft" }).click();
  await page.getByText("Saved as a draft").waitFor();
  await page.getByRole("button", { name: /^Line 11/ }).click();
  await page.setViewportSize({ width: 1_100, height: 1_020 });
  await page.evaluate("scrollTo(0, 0)");
  const file = await takeWindow(page, "procedures-mistakes.png");
  await page.setViewportSize(WINDOW);
  await page.getByLabel("Text").fill(WRITTEN);
  await page.getByRole("button", { name: "Save the draft" }).click();
  await page.getByText("Version 1 is a draft").waitFor();
  return file;
}

async function publish(
  browser: TestBrowser,
  deskhand: Deskhand,
  lea: Page,
): Promise<readonly string[]> {
  await lea.getByRole("button", { name: "Run its tests" }).click();
  await lea.getByText(/Its tests passed/).waitFor();
  const tested = await takeWindow(lea, "procedures-tested.png");
  // The page shows itself anew once the leads are asked.
  await Promise.all([
    lea.waitForEvent("load"),
    lea.getByRole("button", { name: "Ask the leads to publish it" }).click(),
  ]);
  await lea.locator("[data-card]").waitFor();
  await approve(lea);
  await lea.getByText("1 of 2 leads agreed").waitFor();
  const card = await takeWindow(lea, "procedures-card.png");
  const lee = await consoleAs(browser, deskhand, "lee@ourshop.test", WINDOW);
  await lee.goto(lea.url());
  await approve(lee);
  await lee.getByText(/Version 1 is in use/).waitFor();
  return [tested, card];
}

/** The card asks once more before a click counts. */
async function approve(page: Page): Promise<void> {
  await page.locator("[data-card]").getByRole("button", { name: "Approve" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
}
