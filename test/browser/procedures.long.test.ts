/** A lead writes a procedure in a real browser, from nothing to the card that asks the leads, and sees what votes change. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { randomIds } from "#app/shared-clock.ts";
import { checkPolicyFile } from "#jobs/policy/change.ts";
import { adoptOwn } from "#jobs/procedures/publish.ts";
import { sql } from "#store/db/drizzle.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { procedureText, sampleProcedures } from "#test/procedures/world.ts";
import { startPages, type PagesBench } from "#test/server/pages-bench.ts";
import { browserMissing, startBrowser, type TestBrowser } from "#test/support/browser.ts";
import { faultsOn } from "./chat-window.ts";
import { signedIn } from "./signed-in.ts";

const DESKTOP = { width: 1280, height: 900 };
const TESTS = "\n### Where is it\n- customer says: Where is it?\n- expects outcome: reply\n";

describe("procedures in a browser", { skip: browserMissing }, () => {
  let bench: PagesBench;
  let browser: TestBrowser;
  before(async () => {
    [bench, browser] = await Promise.all([
      startPages({
        sandbox: true,
        play: async ({ cases }) => cases.map(({ name }) => ({ name, missed: [] })),
      }),
      startBrowser(),
    ]);
    const clock = { now: () => new Date("2026-03-02T10:00:00Z") };
    const parts = { store: bench.store, clock, ids: randomIds };
    await checkPolicyFile(parts, { kind: "file", name: "policy.yaml" }, sandboxText, "start");
    await adoptOwn(parts, sampleProcedures());
  });
  after(async () => {
    await browser?.close();
    await bench?.close();
  });

  const consoleAs = async (email: string): Promise<Page> =>
    signedIn(browser, `${bench.url}/console/enter?code=${await bench.code(email)}`, DESKTOP);

  test("mistakes are shown with their lines, which a press selects; what was typed stays", async () => {
    const page = await consoleAs("lea@ourshop.test");
    await page.getByRole("link", { name: "Procedures" }).click();
    await page.getByRole("link", { name: "Write a new one" }).click();
    await page.getByLabel(/^Name/).fill("gift-card");
    const text = page.getByLabel("Text");
    await text.fill(procedureText({ steps: "1. Call @nothing here." }));
    await page.getByRole("button", { name: "Save the draft" }).click();
    await page.getByText("Saved as a draft: one mistake.").waitFor();
    await page.getByRole("button", { name: "Line 8" }).click();
    assert.equal(
      await page.evaluate(
        "((area) => area.value.slice(area.selectionStart, area.selectionEnd))(document.querySelector('textarea'))",
      ),
      "1. Call @nothing here.",
    );
    await text.fill(procedureText({ tests: TESTS }));
    await page.getByRole("button", { name: "Save the draft" }).click();
    await page.waitForURL(/\/console\/procedures\/gift-card$/);
    await page.getByText("Version 1 is a draft, written by lea@ourshop.test").waitFor();
  });

  test("its tests are played, then the leads are asked on a card; giving up asks first", async () => {
    const page = await consoleAs("lea@ourshop.test");
    await page.goto(`${bench.url}/console/procedures/gift-card`);
    await page.getByRole("button", { name: "Run its tests" }).click();
    await page.getByText(/Its tests passed/).waitFor();
    await page.getByRole("button", { name: "Give it up" }).first().click();
    await page.getByRole("dialog").getByText("Give up version 1?").waitFor();
    await page.getByRole("button", { name: "Not yet" }).click();
    // The page shows itself anew once the leads are asked.
    await Promise.all([
      page.waitForEvent("load"),
      page.getByRole("button", { name: "Ask the leads to publish it" }).click(),
    ]);
    const card = page.locator("[data-card]");
    await card.getByText("Publish the procedure gift-card, version 1?").waitFor();
    await card.getByRole("button", { name: "Approve" }).click();
    await page.getByRole("button", { name: "Approve" }).last().click();
    await page.getByText("Recorded.").waitFor();
    assert.deepEqual(
      bench.decided.map(({ button, approvalId }) => [button, approvalId.slice(0, 5)]),
      [["approve", "proc_"]],
    );
  });

  test("what a vote changes is shown without a reload, and what was opened stays open", async () => {
    const page = await consoleAs("lea@ourshop.test");
    await page.goto(`${bench.url}/console/procedures/gift-card`);
    const texts = page.locator("#text, #history");
    await texts.getByText("Version 1, waits for leads").waitFor();
    const written = texts.getByText("As it is written");
    await written.click();
    await bench.execute(
      sql`update procedure_version set state = 'published' where name = 'gift-card'`,
    );
    await texts.getByText("Version 1, in use").waitFor();
    await texts.locator(".badge", { hasText: "in use" }).waitFor();
    assert.ok(await texts.locator("details[open]").count());

    const clock = { now: () => new Date("2026-03-02T10:00:00Z") };
    const source = { kind: "file", name: "policy.yaml" } as const;
    const freer = sandboxText.replace("up_to: 200.00", "up_to: 300.00");
    await checkPolicyFile({ store: bench.store, clock, ids: randomIds }, source, freer, "change");
    await page.goto(`${bench.url}/console/policy`);
    const history = page.locator("#changes");
    await history.getByText("waits for the leads").waitFor();
    await history.getByText(/permit more/).click();
    await bench.execute(sql`update policy_change set state = 'superseded' where state = 'active'`);
    await bench.execute(sql`update policy_change set state = 'active' where state = 'proposed'`);
    await history.getByText("replaced").waitFor();
    await page.getByText("Its text is not stored yet").waitFor();
    await page.getByText("No change waits for agreement.").waitFor();
  });

  test("every page of it has nothing serious for axe and fits a phone, in both colour schemes", async () => {
    const page = await consoleAs("lea@ourshop.test");
    const paths = [
      "procedures",
      "procedures/gift-card",
      "procedures/late-parcel",
      "procedures/late-parcel/edit",
      "new-procedure",
    ].map((path) => `${bench.url}/console/${path}`);
    assert.deepEqual(await faultsOn(page, paths), []);
  });
});
