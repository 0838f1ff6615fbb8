/** The card beside a Zendesk ticket, in a real browser over a whole Deskhand with its sandbox. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import axe from "axe-core";
import type { Frame, Page } from "playwright-core";
import { z } from "zod";
import {
  browserMissing,
  startBrowser,
  type OpenPage,
  type TestBrowser,
} from "#test/support/browser.ts";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";

const SIZES = [390, 1440] as const;

const Violations = z.array(
  z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) }),
);

describe("the card beside a Zendesk ticket", { skip: browserMissing }, () => {
  let deskhand: Deskhand;
  let browser: TestBrowser;
  const openedPages: OpenPage[] = [];
  before(async () => {
    [deskhand, browser] = await Promise.all([startDeskhand(), startBrowser()]);
  });
  afterEach(async () => {
    for (const { page, problems } of openedPages.splice(0)) {
      const found = [...problems];
      await page.context().close();
      assert.deepEqual(found, []);
    }
  });
  after(async () => {
    await browser?.close();
    await deskhand?.destroy();
  });

  const account = (): string => deskhand.endpoints.zendesk?.url ?? "";

  async function visit(path: string): Promise<Page> {
    const one = await browser.openPage(`${account()}${path}`, { width: 1440, height: 1_000 });
    openedPages.push(one);
    return one.page;
  }

  /** Ann asks for this in the help centre; gives the number of the ticket once a card waits for it. */
  async function asked(text: string): Promise<string> {
    const page = await visit("/hc/requests/new");
    await page.getByLabel("Subject").fill("My order");
    await page.getByLabel("Your message").fill(text);
    await page.getByRole("button", { name: "Send" }).click();
    await page.waitForURL(/\/hc\/requests\/\d+$/);
    const ticket = /\d+$/.exec(page.url())?.[0] ?? "";
    const agent = await visit(`/agent/tickets/${ticket}`);
    await agent.getByText("Draft by Deskhand", { exact: false }).first().waitFor();
    return ticket;
  }

  /** The page of the app in the ticket's page. */
  const app = (page: Page) => page.frameLocator("#app");

  test("from the ticket to the refund it takes two clicks", async () => {
    const ticket = await asked("Please refund order 789, my headphones broke.");
    const page = await visit(`/agent/tickets/${ticket}`);
    await page.reload();
    const card = app(page).locator("article.card");
    await card.getByText("Refund 120.00 USD", { exact: false }).first().waitFor();
    await card.getByRole("button", { name: "Approve" }).click();
    await app(page).getByRole("dialog").getByRole("button", { name: "Approve" }).click();
    await app(page).getByText("reply sent · Dana Cole", { exact: false }).waitFor();
    await page.getByText("I have refunded 120.00 USD", { exact: false }).last().waitFor();
    await until("the refund", async () => {
      const { refunds } = await deskhand.order("789");
      return refunds.length === 1 && refunds[0]?.amount === 120;
    });
  });

  test("a draft goes into the agent's own reply, an edit is kept, and a rejection ends the card", async () => {
    const ticket = await asked("Where is my order 456?");
    const page = await visit(`/agent/tickets/${ticket}`);
    const card = app(page).locator("article.card");
    await card.getByRole("button", { name: "Put into my reply" }).click();
    await app(page).getByText("The text is in your reply now", { exact: false }).waitFor();
    // As it would go out: the card's numbers of sources are for the team.
    assert.match(await page.locator("#body").inputValue(), /^Hello Ann[^¹²]*456/);
    await card.getByRole("button", { name: "Edit" }).click();
    await card.getByRole("textbox", { name: "Reply" }).fill("Hello Ann,\n\nmy own words.");
    await card.getByRole("button", { name: "Save" }).click();
    await card.locator(".draft", { hasText: "my own words." }).waitFor();
    const why = app(page).getByRole("dialog");
    // The frame grows with what it shows: a button may move from under a press that has begun, which is then none.
    await until("the explanation", async () => {
      await card.getByRole("button", { name: "Why?" }).click();
      return why.waitFor({ timeout: 5_000 }).then(
        () => true,
        () => false,
      );
    });
    await why.getByText("edited", { exact: false }).first().waitFor();
    await why.getByRole("button", { name: "Close" }).click();
    await card.getByRole("button", { name: "Reject" }).click();
    await card.getByLabel("Why?").selectOption("no_answer");
    await card.getByRole("button", { name: "Reject" }).last().click();
    await app(page).locator("details.box", { hasText: "No answer needed" }).first().waitFor();
  });

  test("has no fault that axe finds, narrow and wide, light and dark", async () => {
    const ticket = await asked("Please refund order 1001, the laptop broke.");
    const page = await visit(`/agent/tickets/${ticket}`);
    await app(page).locator("article.card").waitFor();
    const frame = page.frame({ name: "deskhand-app" });
    assert.ok(frame);
    for (const width of SIZES)
      for (const colorScheme of ["light", "dark"] as const) {
        await page.setViewportSize({ width, height: 1_000 });
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await faultsIn(frame), [], `${width}, ${colorScheme}`);
        const wider: unknown = await frame.evaluate(
          "document.documentElement.scrollWidth > document.documentElement.clientWidth",
        );
        assert.equal(wider, false, `${width}: the page is wider than its frame`);
      }
  });
});

/** What axe finds wrong, by rule and element. The policy of the page lets no script in, so it is put in by the browser. */
async function faultsIn(frame: Frame): Promise<readonly string[]> {
  await frame.evaluate(axe.source);
  const found: unknown = await frame.evaluate(
    "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) => violations)",
  );
  return Violations.parse(found).flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${id}: ${html}`),
  );
}
