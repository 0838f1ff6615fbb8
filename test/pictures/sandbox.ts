/** The sandbox after an hour of customers: card, form, console, chat and a ticket. */
import { z } from "zod";
import type { TestBrowser } from "#test/support/browser.ts";
import type { Deskhand } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { consoleAs, inSandbox, openSlack, PHONE, takePart, takeWindow, WIDE } from "./camera.ts";

const DESK = { width: 1_280, height: 900 };
/** What Ann asks for, and what is on the card that follows. */
const ASKED = "Hello,\n\nmy headphones broke, please refund order 789.\n\nAnn";
const REFUND = "120.00 USD";
const SAM = "sam@ourshop.test";

/** What other customers write, so that there is more than one thing to decide. */
const MAILS = [
  ["cara@customer.test", "Cracked phone", "Please refund order 2001, it arrived cracked.\n\nCara"],
  ["bob@elsewhere.test", "A question", "I want to talk to a human, please.\n\nBob"],
  ["bob@elsewhere.test", "My lawyer", "My lawyer will hear of this.\n\nBob"],
] as const;

/** All pictures of one sandbox, in the order in which a newcomer meets what they show. */
export const takeSandbox = inSandbox(async (browser, deskhand) => {
  const subject = "My headphones broke";
  await deskhand.mail("ann@customer.test", ASKED, { subject, signed: true });
  await deskhand.card((text) => text.includes(REFUND));
  const cards = [
    await takeCard(browser, deskhand, WIDE, "slack-card.png"),
    await takeCard(browser, deskhand, PHONE, "slack-card-phone.png"),
    await takeForm(browser, deskhand),
  ];
  const chat = await takeChat(browser, deskhand);
  for (const [from, subject, text] of MAILS)
    await deskhand.mail(from, text, { subject, signed: true });
  const ticket = await takeTicket(browser, deskhand);
  return [...cards, chat, ticket, ...(await takeConsole(browser, deskhand))];
});

async function takeCard(
  browser: TestBrowser,
  deskhand: Deskhand,
  width: number,
  file: string,
): Promise<string> {
  const page = await openSlack(browser, slackOf(deskhand), width);
  await takePart(page.locator(".msg", { hasText: REFUND }).last(), file);
  await page.context().close();
  return file;
}

/** The form behind Edit. */
async function takeForm(browser: TestBrowser, deskhand: Deskhand): Promise<string> {
  const page = await openSlack(browser, slackOf(deskhand), WIDE);
  await page
    .locator(".msg", { hasText: REFUND })
    .last()
    .getByRole("button", { name: "Edit" })
    .click();
  const form = page.locator(".modal");
  await form.getByText("Amount in USD").waitFor();
  const file = await takePart(form, "slack-modal.png");
  await deskhand.slack.closeView(deskhand.endpoints.slack?.users.sam ?? "");
  await page.context().close();
  return file;
}

async function takeChat(browser: TestBrowser, deskhand: Deskhand): Promise<string> {
  const { page } = await browser.openPage(`${deskhand.endpoints.app.url}/chat`, {
    width: 1_280,
    height: 740,
  });
  await page.getByRole("button", { name: "Bob", exact: true }).click();
  await page.getByRole("button", { name: "Chat with support" }).click();
  const answers = page.locator("deskhand-chat li.us");
  await page.getByLabel("Your message").fill("Where is my order 1003?");
  await page.getByLabel("Your message").press("Enter");
  await answers.first().waitFor();
  await page.getByLabel("Your message").fill("Please refund order 1001, the laptop broke");
  await page.getByLabel("Your message").press("Enter");
  await page.getByText("Waiting for a person").waitFor();
  const file = await takeWindow(page, "chat-widget.png");
  await page.context().close();
  return file;
}

/** The hand-over as Zendesk's agents see it. */
async function takeTicket(browser: TestBrowser, deskhand: Deskhand): Promise<string> {
  const ticket = await until("the hand-over's ticket", async () => {
    const { tickets } = z
      .object({ tickets: z.array(z.object({ id: z.int(), subject: z.string() })) })
      .parse(await deskhand.zendesk("admin", "/tickets"));
    return tickets.find(({ subject }) => subject.includes("A question"));
  });
  const { page } = await browser.openPage(
    `${deskhand.endpoints.zendesk?.url}/agent/tickets/${ticket.id}`,
    DESK,
  );
  const file = await takeWindow(page, "zendesk-ticket.png");
  await page.context().close();
  return file;
}

/** The inbox with a case beside its list, and the page of that case. */
async function takeConsole(browser: TestBrowser, deskhand: Deskhand): Promise<readonly string[]> {
  const page = await consoleAs(browser, deskhand, SAM, DESK);
  await page.locator("a.what", { hasText: REFUND }).click();
  await page.locator("#pane").getByRole("button", { name: "Approve" }).waitFor();
  const list = await takeWindow(page, "console.png");
  await page.getByRole("link", { name: "Own page" }).click();
  await page.getByRole("button", { name: "Approve" }).first().waitFor();
  const one = await takeWindow(page, "console-case.png");
  await page.context().close();
  return [list, one];
}

function slackOf(deskhand: Deskhand): string {
  return deskhand.endpoints.slack?.url ?? "";
}
