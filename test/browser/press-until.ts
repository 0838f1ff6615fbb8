/** Presses a button of a card in the stand-in for Slack as a person does: once more when nothing came of it. */
import type { Locator } from "playwright-core";
import { until } from "#test/support/waiting.ts";

const ANSWER_MS = 3_000;

/**
 * A card that is drawn again in the moment of the press swallows it, and one whose newer version was not drawn yet says
 * in a window that it has changed; so the window is closed, and the button pressed until `shown` is there.
 */
export function pressUntil(button: Locator, shown: Locator): Promise<unknown> {
  const page = button.page();
  const changed = page.getByText("This card was changed meanwhile.", { exact: false });
  const pressed = async (): Promise<boolean> => {
    if (await shown.isVisible()) return true;
    if (await changed.isVisible())
      await page
        .getByRole("button", { name: "Close", exact: true })
        .click({ timeout: ANSWER_MS })
        .catch(() => undefined);
    // A press that finds no button waits for the next look as well.
    await button.click({ timeout: ANSWER_MS }).catch(() => undefined);
    return shown.waitFor({ timeout: ANSWER_MS }).then(
      () => true,
      () => false,
    );
  };
  return until("what the button opens", pressed);
}
