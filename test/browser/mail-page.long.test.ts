/** The sandbox's mail page: writing from any address, with files, and reading what came back. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startSandboxMail, type SandboxMail } from "#sandbox/mail/index.ts";
import { browserMissing, startBrowser, type TestBrowser } from "#test/support/browser.ts";
import { ask } from "#test/support/http-request.ts";
import { z } from "zod";
import { seriousProblems } from "./chat-window.ts";

const SUPPORT = "support@ourshop.test";
const Received = z.array(
  z.object({
    from: z.string(),
    text: z.string(),
    files: z.array(z.object({ name: z.string(), bytes: z.number() })),
  }),
);

describe("the sandbox's mail page", { skip: browserMissing }, () => {
  const directory = mkdtempSync(join(tmpdir(), "deskhand-mail-page-"));
  let mail: SandboxMail;
  let browser: TestBrowser;
  before(async () => {
    const now = () => new Date("2026-03-02T14:05:00Z");
    [mail, browser] = await Promise.all([startSandboxMail({ directory, now }), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await mail?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test("a mail from any address with a file arrives with both, and is shown with its time", async () => {
    const { page, problems } = await browser.openPage(mail.web, { width: 1280, height: 900 });
    await page.getByLabel("Another address").fill("Dora@Somewhere.test");
    await page.getByRole("button", { name: "Open" }).click();
    assert.equal(await page.getByLabel("From").inputValue(), "dora@somewhere.test");
    await page.getByLabel("Message").fill("See the photo.");
    const buffer = Buffer.from("not really a photo");
    await page.getByLabel("Files").setInputFiles({ name: "a.png", mimeType: "image/png", buffer });
    await page.getByRole("button", { name: "Send" }).click();
    const thread = page.locator("#threads article");
    await thread.getByText("a.png (1 kB)", { exact: false }).waitFor();
    assert.match(await thread.innerText(), /2 Mar 14:05 UTC/);
    const address = `${mail.web}/api/mail?to=${encodeURIComponent(SUPPORT)}`;
    assert.deepEqual(Received.parse(await ask(address)), [
      {
        from: "dora@somewhere.test",
        text: "See the photo.",
        files: [{ name: "a.png", bytes: buffer.length }],
      },
    ]);
    assert.deepEqual(problems, []);
    for (const width of [1280, 390, 320]) {
      await page.setViewportSize({ width, height: 900 });
      assert.deepEqual(await seriousProblems(page), [], `${width}`);
      const overflow = "document.documentElement.scrollWidth - innerWidth";
      assert.equal(await page.evaluate(overflow), 0, `${width}`);
    }
    await page.context().close();
  });

  test("a notice of the shop is not called an answer to a question that was never asked", async () => {
    await mail.send({
      from: "shop@ourshop.test",
      to: "cara@customer.test",
      subject: "Reset your password",
      text: "Here is the link.",
    });
    const { page } = await browser.openPage(`${mail.web}/?as=cara@customer.test`, {
      width: 1280,
      height: 900,
    });
    const thread = page.locator("#threads article", { hasText: "Reset your password" });
    await thread.getByText("from the shop").waitFor();
    assert.match(await thread.innerText(), /shop@ourshop\.test/);
    assert.doesNotMatch(await thread.innerText(), /Cara|answer/);
    await page.context().close();
  });
});
