/** The card beside its ticket, in the sandbox's Zendesk. */
import type { TestBrowser } from "#test/support/browser.ts";
import { startDeskhand } from "#test/support/deskhand.ts";
import { askInHelpCenter } from "#test/support/help-center.ts";
import { takeWindow } from "./camera.ts";

const PATIENT = 180_000;
/** Down to the end of the card, no wider than what a page of a README shows in full size. */
const WINDOW = { width: 1_000, height: 990 };

/** The picture of README.md and docs/zendesk.md. */
export async function takeTicketCard(browser: TestBrowser): Promise<readonly string[]> {
  const deskhand = await startDeskhand();
  try {
    const account = deskhand.endpoints.zendesk?.url ?? "";
    const ticket = await askInHelpCenter(account, "ann", {
      subject: "Broken headphones",
      body: "My headphones broke after a week. Please refund order 789.",
    });
    const { page } = await browser.openPage(`${account}/agent/tickets/${ticket}`, WINDOW);
    page.setDefaultTimeout(PATIENT);
    const card = page.frameLocator("#app").locator("article.card");
    await card.getByRole("button", { name: "Approve" }).waitFor();
    await page.getByText("Draft by Deskhand", { exact: false }).waitFor();
    // The frame is made as high as the card that has just come into it.
    await page.waitForFunction("document.querySelector('#app').offsetHeight > 500");
    const file = await takeWindow(page, "ticket-card.png");
    await page.context().close();
    return [file];
  } finally {
    await deskhand.destroy();
  }
}
