/**
 * Takes the pictures of a card in shadow in docs/, as wide as on a desk and as on a phone, in a whole Deskhand with its
 * sandbox's Slack after two people have said what they think: `npm run slack-pictures`. Needs Chromium and a font with
 * emoji.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBrowser } from "#test/support/browser.ts";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { shadowingMail } from "#test/support/shadow-policy.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const PICTURES = [
  { file: "slack-shadow.png", size: { width: 760, height: 1_400 } },
  { file: "slack-shadow-phone.png", size: { width: 390, height: 1_800 } },
];
const ASKED = "Hello,\n\nmy headphones broke after a week. Please refund order 789.\n\nAnn";
const OWN_ANSWER = "Hello Ann,\n\nsorry to hear that. Please send us a photo of them first.\n\nSam";
const OWN_ANSWER_SHOWN = "Sam Ortiz would have written";

/** A place where e-mail only shadows, given to `work` and put away afterwards. */
async function inShadow(work: (deskhand: Deskhand) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-pictures-"));
  const deskhand = await startDeskhand({ environment: shadowingMail(folder) });
  try {
    await work(deskhand);
  } finally {
    await deskhand.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One card with an opinion each way. */
async function fillDesk(deskhand: Deskhand): Promise<void> {
  const subject = "Broken headphones";
  await deskhand.mail("ann@customer.test", ASKED, { subject, signed: true });
  const card = await deskhand.card((text) => text.includes("Shadow: nothing is sent"));
  await deskhand.press("lea", card, "👍 I would send it");
  await deskhand.press("sam", card, "👎 I would not");
  await deskhand.slack.waitForView(({ callback_id: id }) => id === "desk:opinion");
  const sam = deskhand.endpoints.slack?.users.sam ?? "";
  await deskhand.slack.submit(sam, { text: OWN_ANSWER });
  await deskhand.card((text) => text.includes(OWN_ANSWER_SHOWN));
}

/** The message alone: what stands around it in the sandbox looks otherwise in Slack. */
async function takePictures(address: string): Promise<void> {
  const browser = await startBrowser();
  try {
    for (const { file, size } of PICTURES) {
      const { page } = await browser.openPage(address, size);
      await page.addStyleTag({ content: ".sidebar { display: none; }" });
      const message = page.locator(".msg", { hasText: "Shadow: nothing is sent" });
      await message.getByText(OWN_ANSWER_SHOWN).waitFor();
      await message.screenshot({ path: join(DOCS, file) });
      await page.context().close();
    }
  } finally {
    await browser.close();
  }
}

await inShadow(async (deskhand) => {
  await fillDesk(deskhand);
  await takePictures(deskhand.endpoints.slack?.url ?? "");
});
