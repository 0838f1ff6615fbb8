/** A lead's view of a rehearsal of the sandbox's past: what it came to, and both answers to one ticket. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { solvedTickets } from "#sandbox/history/index.ts";
import type { TestBrowser } from "#test/support/browser.ts";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { takeWindow } from "./camera.ts";

const PATIENT = 180_000;
const WINDOW = { width: 1_100, height: 1_130 };

/** The pictures of docs/going-live.md, in its order. */
export async function takeRehearsal(browser: TestBrowser): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-past-"));
  const file = join(folder, "past.jsonl");
  const lines = solvedTickets({ until: new Date() }).map(({ ticket }) => JSON.stringify(ticket));
  writeFileSync(file, `${lines.join("\n")}\n`);
  const deskhand = await startDeskhand();
  try {
    await deskhand.command("rehearse", "--file", file);
    const lea = await rehearsalsAs(browser, deskhand);
    const came = await takeWindow(lea, "going-live-rehearsal.png");
    await lea.locator("#rehearsed .what").first().click();
    await lea.locator("#judgement").waitFor();
    await lea.setViewportSize({ width: 1_280, height: 960 });
    return [came, await takeWindow(lea, "going-live-ticket.png")];
  } finally {
    await deskhand.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rehearsalsAs(browser: TestBrowser, deskhand: Deskhand): Promise<Page> {
  const { stdout } = await deskhand.command("console", "lea@ourshop.test");
  const { page } = await browser.openPage(/http\S+/.exec(stdout)?.[0] ?? "", WINDOW);
  page.setDefaultTimeout(PATIENT);
  await page.getByRole("button", { name: /^Sign in as / }).click();
  await page.waitForURL(/\/console$/);
  await page.getByRole("link", { name: "Rehearsals" }).click();
  await page.locator("#rehearsals .what").first().click();
  await page.locator("#verdict").waitFor();
  return page;
}
