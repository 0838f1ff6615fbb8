/** Every page in a real browser: what axe says, whether it fits a phone, and whether a list stands still. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { browserMissing, startBrowser, type TestBrowser } from "#test/support/browser.ts";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { faultsOn } from "./chat-window.ts";
import { until } from "#test/support/waiting.ts";
import { openCard } from "./open-card.ts";
import { signedIn } from "./signed-in.ts";

const ANN = "ann@customer.test";
const DESKTOP = { width: 1280, height: 1000 };

const PHISHING =
  "Dear customer, your PayPal account has been limited. Verify your password now at http://paypa1.test/login or it will be closed within 24 hours.";

describe("every page", { skip: browserMissing }, () => {
  let deskhand: Deskhand;
  let browser: TestBrowser;
  before(async () => {
    [deskhand, browser] = await Promise.all([startDeskhand(), startBrowser()]);
    await deskhand.mail(ANN, "Where is my order 456?", { subject: "Lamp" });
  });
  after(async () => {
    await browser?.close();
    await deskhand?.destroy();
  });

  async function consoleAs(email: string): Promise<Page> {
    return signedIn(browser, (await deskhand.command("console", email)).stdout, DESKTOP);
  }

  test("has nothing serious for axe and fits a phone, in both colour schemes", async () => {
    const console = await consoleAs("lea@ourshop.test");
    await console.locator(".case-row").first().waitFor();
    const addresses = [...(await everyPage(console)), `${deskhand.endpoints.app.url}/chat`];
    assert.deepEqual(await faultsOn(console, addresses), []);
  });

  test("what a lead pauses is resumed by one press", async () => {
    const page = await consoleAs("lea@ourshop.test");
    await page.goto(`${deskhand.endpoints.app.url}/console/health`);
    const pause = page.locator("#pause");
    await pause.getByLabel("Why, for the team").fill("We count the stock.");
    await pause.getByRole("button", { name: "Pause", exact: true }).click();
    await pause.getByRole("button", { name: /^Resume / }).click();
    await pause.getByText("Nothing is paused.").waitFor();
  });

  test("what was set aside as junk is put back to work by one press, and a hand-over is taken and given back", async () => {
    await deskhand.mail("service@paypa1.test", PHISHING, { subject: "Your account is limited" });
    await deskhand.mail(ANN, "I will sue you if my kettle does not come.", { subject: "Last" });
    const page = await consoleAs("sam@ourshop.test");
    const rowOf = (words: string) => page.locator(".case-row", { hasText: words });
    await page.getByRole("link", { name: "Junk" }).click();
    await rowOf("Your account is limited").getByText("advertising or fraud").waitFor();
    await rowOf("Your account is limited").getByRole("button", { name: "Not junk" }).click();
    await rowOf("Your account is limited").getByText("Back at work").waitFor();

    await page.getByRole("link", { name: /^With people/ }).click();
    await rowOf("Last").getByRole("button", { name: "Take over" }).click();
    const said = page.locator("#said");
    await said.getByText("Taken over by Sam").waitFor();
    // People still have it, so the row stays and says who.
    await rowOf("Last").getByText("🙋 Sam").waitFor();
    await said.getByRole("button", { name: "Undo" }).click();
    await said.getByText("Given back to the team").waitFor();
    await rowOf("Last").getByRole("button", { name: "Take over" }).waitFor();
  });

  test("the list of what waits stands still under the mouse while a card is decided, and a note is there for everybody", async () => {
    await deskhand.mail(ANN, "Where is my order 789?", { subject: "Still waiting" });
    const [one, other] = [await consoleAs("sam@ourshop.test"), await consoleAs("lea@ourshop.test")];
    const row = one.locator(".case-row", { hasText: "Where is my order 789?" });
    await row.first().waitFor();
    const place = (await row.first().getAttribute("id")) ?? "";
    await row.first().hover();
    const card = await openCard(other, "Where is my order 789?");
    const sent: string[] = [];
    await other.route("**/notes", async (route) => {
      sent.push(route.request().postData() ?? "");
      if (sent.length > 1) return route.continue();
      // It is kept, and its answer is lost.
      await route.fetch();
      await route.abort();
    });
    const note = other.getByLabel("Add a note");
    await note.fill("She called <b>twice</b>.");
    await other.getByRole("button", { name: "Add the note" }).click();
    await other.getByText("Your text stays here", { exact: false }).waitFor();
    await other.getByRole("button", { name: "Add the note" }).click();
    await until("the note to be kept", async () => (await note.inputValue()) === "");
    await other.locator("#notes", { hasText: "She called <b>twice</b>." }).waitFor();
    assert.match(sent[0] ?? "", /"clickId":"[\da-f-]{36}"/);
    assert.deepEqual(sent, [sent[0], sent[0]]);
    await card.getByRole("button", { name: "Send" }).click();
    await one.locator(`#${place}.gone`).waitFor();
    await one.mouse.move(0, 0);
    await one.locator(`#${place}`).waitFor({ state: "detached" });
  });

  /** The address of every page a teammate can open from the navigation, and of one case. */
  async function everyPage(page: Page): Promise<readonly string[]> {
    const origin = deskhand.endpoints.app.url;
    const nav = page.getByRole("navigation", { name: "Console" }).getByRole("link");
    const places = await Promise.all((await nav.all()).map((link) => link.getAttribute("href")));
    const first = await page.locator(".case-row a").first().getAttribute("href");
    const forms = ["policy/replies", "policy/amounts", "policy/team", "policy/hours", "person"];
    const views = ["mine", "people", "decided", "junk"];
    const below = [...forms, ...views].map((name) => `/console/${name}`);
    const paths = ["/", ...places, first, ...below];
    assert.ok(places.length >= 7, "the navigation has its places");
    return [...paths, "/console/search?q=order"].map((path) => `${origin}${path ?? ""}`);
  }
});
