/** The situation of a photo in a mail and in a ticket: the card tells of it, and the console shows it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { browserMissing, startBrowser, type TestBrowser } from "#test/support/browser.ts";
import { ask } from "#test/support/http-request.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { ANN, openDesk, textOf, type Desk } from "./desk.ts";

/** A picture of one pixel. */
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const Upload = z.looseObject({ upload: z.looseObject({ token: z.string() }) });
const TOLD = /1 (?:photo|picture|image|file)[^\n]*/i;

describe(`a photo on ${MAIN_DATABASE}`, { skip: browserMissing }, () => {
  let desk: Desk;
  let browser: TestBrowser;
  before(async () => {
    [desk, browser] = await Promise.all([openDesk(), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await desk?.close();
  });

  test("14: in a mail it is told of on the card, and shown in the console as something nobody has checked", async () => {
    await ask(`${desk.deskhand.endpoints.email?.web}/api/mail`, {
      body: {
        from: ANN,
        to: desk.deskhand.endpoints.email?.address,
        subject: "Torn band",
        text: "See the photo: the band of my headphones is torn. Please refund order 789.",
        files: [{ name: "torn.png", mediaType: "image/png", content: PIXEL }],
      },
    });
    const card = await desk.card("the band of my headphones is torn", "Refund 120.00 USD");
    assert.match(textOf(card), TOLD);
    const { page, problems } = await browser.openPage(await linkOf("sam@ourshop.test"), {
      width: 1280,
      height: 900,
    });
    await page.getByRole("button", { name: /^Sign in as / }).click();
    await page.waitForURL(/\/console(?:#.*)?$/);
    const [address = ""] = /http[^"|>]+\/console#a_\w+/.exec(JSON.stringify(card.blocks)) ?? [];
    await page.goto(address);
    const shown = page.getByRole("img", { name: /torn\.png/ }).first();
    await shown.waitFor();
    const width = "document.querySelector('img[alt*=\"torn.png\"]')?.naturalWidth";
    await until("the picture's own bytes", async () => (await page.evaluate(width)) === 1);
    await page.getByText("not checked", { exact: false }).first().waitFor();
    assert.deepEqual(problems, []);
  });

  test("14: in a ticket the card tells of it too", async () => {
    const { url = "", tokens } = desk.deskhand.endpoints.zendesk ?? {};
    const uploaded = await fetch(`${url}/api/v2/uploads?filename=torn.png`, {
      method: "POST",
      headers: { authorization: `Bearer ${tokens?.ann}`, "content-type": "image/png" },
      body: Buffer.from(PIXEL, "base64"),
    });
    const { upload } = Upload.parse(await uploaded.json());
    await desk.deskhand.zendesk("ann", "/requests", {
      request: {
        subject: "Scratched lamp",
        comment: { body: "This is my lamp. Where is order 456?", uploads: [upload.token] },
      },
    });
    assert.match(textOf(await desk.card("This is my lamp.")), TOLD);
  });

  async function linkOf(email: string): Promise<string> {
    const { stdout } = await desk.deskhand.command("console", email);
    return /http\S+/.exec(stdout)?.[0] ?? "";
  }
});
