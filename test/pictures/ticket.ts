/** The card beside its ticket, in the sandbox's Zendesk. */
import { askInHelpCenter } from "#test/support/help-center.ts";
import { inSandbox, takeWindow } from "./camera.ts";

/** Down to the end of the card, no wider than what a page of a README shows in full size. */
const WINDOW = { width: 1_000, height: 990 };

/** The picture of README.md and docs/zendesk.md. */
export const takeTicketCard = inSandbox(async (browser, deskhand) => {
  const account = deskhand.endpoints.zendesk?.url ?? "";
  const ticket = await askInHelpCenter(account, "ann", {
    subject: "Broken headphones",
    body: "My headphones broke after a week. Please refund order 789.",
  });
  const { page } = await browser.openPage(`${account}/agent/tickets/${ticket}`, WINDOW);
  const card = page.frameLocator("#app").locator("article.card");
  await card.getByRole("button", { name: "Approve" }).waitFor();
  await page.getByText("Draft by Deskhand", { exact: false }).waitFor();
  // The frame is made as high as the card that has just come into it.
  await page.waitForFunction("document.querySelector('#app').offsetHeight > 500");
  const file = await takeWindow(page, "ticket-card.png");
  await page.context().close();
  return [file];
});
