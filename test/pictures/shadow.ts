/** A card in shadow after two people have said what they think, as wide as on a desk and as on a phone. */
import type { TestBrowser } from "#test/support/browser.ts";
import type { Deskhand } from "#test/support/deskhand.ts";
import { changedPolicy, policyIn } from "#test/support/sandbox-policy.ts";
import { inSandbox, openSlack, PHONE, takePart, WIDE } from "./camera.ts";

const ASKED = "Hello,\n\nmy headphones broke after a week. Please refund order 789.\n\nAnn";
const OWN_ANSWER = "Hello Ann,\n\nsorry to hear that. Please send us a photo of them first.\n\nSam";
const BAND = "Shadow: nothing is sent";
const OWN_ANSWER_SHOWN = "Sam Ortiz would have written";

/** Both pictures of a card that is only shown. */
export const takeShadow = inSandbox(
  async (browser, deskhand) => {
    await fillDesk(deskhand);
    const address = deskhand.endpoints.slack?.url ?? "";
    return [
      await takeCard(browser, { address, width: WIDE, file: "slack-shadow.png" }),
      await takeCard(browser, { address, width: PHONE, file: "slack-shadow-phone.png" }),
    ];
  },
  (folder) => policyIn(folder, changedPolicy([[/(email: \{ default:) \w+/, "$1 shadow"]])),
);

/** One card with an opinion each way. */
async function fillDesk(deskhand: Deskhand): Promise<void> {
  const subject = "Broken headphones";
  await deskhand.mail("ann@customer.test", ASKED, { subject, signed: true });
  const card = await deskhand.card((text) => text.includes(BAND));
  await deskhand.press("lea", card, "👍 I would send it");
  await deskhand.press("sam", card, "👎 I would not");
  await deskhand.slack.waitForView(({ callback_id: id }) => id === "desk:opinion");
  const sam = deskhand.endpoints.slack?.users.sam ?? "";
  await deskhand.slack.submit(sam, { text: OWN_ANSWER });
  await deskhand.card((text) => text.includes(OWN_ANSWER_SHOWN));
}

async function takeCard(
  browser: TestBrowser,
  picture: { readonly address: string; readonly width: number; readonly file: string },
): Promise<string> {
  const page = await openSlack(browser, picture.address, picture.width);
  const message = page.locator(".msg", { hasText: BAND });
  await message.getByText(OWN_ANSWER_SHOWN).waitFor();
  const file = await takePart(message, picture.file);
  await page.context().close();
  return file;
}
