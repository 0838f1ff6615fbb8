/** The console in a browser, signed in by a link. */
import type { Page } from "playwright-core";
import type { TestBrowser } from "#test/support/browser.ts";

/** Opens the link that this text names, such as what `deskhand console` printed, and presses the button on its page. */
export async function signedIn(
  browser: TestBrowser,
  printed: string,
  size: { readonly width: number; readonly height: number },
): Promise<Page> {
  const { page } = await browser.openPage(/http\S+/.exec(printed)?.[0] ?? "", size);
  await page.getByRole("button", { name: /^Sign in as / }).click();
  await page.waitForURL(/\/console$/);
  return page;
}
