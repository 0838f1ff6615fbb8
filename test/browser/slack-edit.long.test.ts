/** Edit in the sandbox's Slack, on its own page: a reply keeps its lines, and a tall card is shown from its top. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { browserMissing, startBrowser, type TestBrowser } from "#test/support/browser.ts";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { pressUntil } from "./press-until.ts";

const ANN = "ann@customer.test";
const SIZE = { width: 900, height: 620 };

describe("Edit in the sandbox's Slack", { skip: browserMissing }, () => {
  let deskhand: Deskhand;
  let browser: TestBrowser;
  let page: Page;
  before(async () => {
    [deskhand, browser] = await Promise.all([startDeskhand({ undoSeconds: 1 }), startBrowser()]);
    ({ page } = await browser.openPage(deskhand.endpoints.slack?.url ?? "", SIZE));
    page.setDefaultTimeout(45_000);
  });
  after(async () => {
    await browser?.close();
    await deskhand?.destroy();
  });
  const field = () => page.locator("textarea.bk-plain-input");
  const button = (name: string) => page.getByRole("button", { name, exact: true }).last();
  test("saved as it is, nothing changes; with a line added, the others stay as they were", async () => {
    await deskhand.mail(ANN, "Where is my order 456?", { subject: "Lamp" });
    await deskhand.card((text) => text.includes("Where is my order 456?"));
    await pressUntil(button("Edit"), field());
    const whole = await field().inputValue();
    assert.match(whole, /^Hello Ann,\n\n[^]+\n\nKind regards\nOurShop Support$/);
    await button("Save").click();
    await field().waitFor({ state: "detached" });
    await pressUntil(button("Edit"), field());
    assert.equal(await field().inputValue(), whole);
    await field().press("Control+End");
    await field().pressSequentially("\nPS: It is packed.");
    await button("Save").click();
    const card = await deskhand.card((text) => text.includes("PS: It is packed."));
    const { users, approvalsChannel = "" } = deskhand.endpoints.slack ?? {};
    await deskhand.slack.click(users?.sam ?? "", approvalsChannel, card.ts, "desk:approve");
    const sent = await until("the answer", async () => (await deskhand.mailbox(ANN)).at(-1));
    assert.equal(sent.text.trimEnd(), `${whole}\nPS: It is packed.`);
  });
});
