/** Opens a case of the console as a teammate does: by its line in the list. */
import type { Locator, Page } from "playwright-core";

/** Opens the case whose line in the list has these words, and returns its card. */
export async function openCard(page: Page, words: string): Promise<Locator> {
  await page.locator(".case-row", { hasText: words }).first().getByRole("link").click();
  const card = page.locator(".card", { hasText: words });
  await card.waitFor();
  return card;
}
