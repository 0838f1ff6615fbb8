/** A lead's help pages in the console of a sandbox: the list, a question that is tried, a page that is mended. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { consoleAs, inSandbox, takeWindow } from "./camera.ts";

const WINDOW = { width: 1_100, height: 800 };

const HELP: Readonly<Record<string, string>> = {
  "delivery.md":
    "---\ntitle: Delivery to Norway\nurl: https://help.ourshop.test/norway\n---\n\nWe deliver to Norway in five working days. It costs 12.90 USD.\n",
  "goodwill.md":
    "---\ntitle: When a voucher is given out of goodwill\naudience: team\n---\n\nUp to 10.00 USD, once a year and customer.\n",
  "price-list.pdf": "not a document any more",
};

const SKATES = `Yes. Bring them to our shop, or send them with the **repair form**.

## Price

- A pair of skates: 9.00 USD
- A pair of hockey skates: 12.00 USD

## How long it takes

Two working days in the shop, five by mail.`;

/** The pictures of docs/knowledge.md, in its order. */
export const takeKnowledge = inSandbox(async (browser, deskhand, whole) => {
  const folder = join(whole, "help-centre");
  mkdirSync(folder);
  for (const [name, text] of Object.entries(HELP)) writeFileSync(join(folder, name), text);
  await deskhand.command("knowledge", "add", folder, "--name", "help");
  const lea = await consoleAs(browser, deskhand, "lea@ourshop.test", WINDOW);
  const missing = await tryQuestion(lea);
  const mended = await writeAndMend(lea);
  await lea.getByRole("link", { name: "Help pages", exact: true }).click();
  await lea.locator("#sources summary").click();
  return [await takeWindow(lea, "knowledge.png"), missing, mended];
});

async function tryQuestion(page: Page): Promise<string> {
  await page.getByRole("link", { name: "Help pages" }).click();
  await page.getByRole("link", { name: "Try a question" }).click();
  await page.getByLabel("As a customer would ask it").fill("How do I get my money back?");
  await page.getByRole("button", { name: "Search" }).click();
  await page.locator("#found").waitFor();
  return takeWindow(page, "knowledge-search.png");
}

async function writeAndMend(page: Page): Promise<string> {
  await page.getByRole("link", { name: "Pages", exact: true }).click();
  await page.getByRole("link", { name: "Write a page" }).click();
  await page.getByLabel(/^Title/).fill("Do you sharpen skates?");
  await page.getByLabel(/^Text, in Markdown/).fill(SKATES);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Version 1, as it is now").waitFor();
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel(/^Text, in Markdown/).fill(SKATES.replace("9.00", "9.50"));
  await page.getByLabel(/^What changed/).fill("The new price");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("link", { name: "What changed" }).click();
  await page.locator("#differences").waitFor();
  await page.setViewportSize({ width: 900, height: 1_330 });
  await page.evaluate("scrollTo(0, 0)");
  const file = await takeWindow(page, "knowledge-page.png");
  await page.setViewportSize(WINDOW);
  return file;
}
