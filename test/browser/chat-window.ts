/** The chat's window as a visitor finds it on a page, and what can be measured on it. */
import { request } from "node:http";
import axe from "axe-core";
import type { Locator, Page } from "playwright-core";
import { z } from "zod";

const ROOT = 'document.querySelector("deskhand-chat").shadowRoot';

/** What a rude style sheet would have changed. */
export const LOOKS = `(() => {
  const of = (query) => getComputedStyle(query === "" ? ${ROOT}.host : ${ROOT}.querySelector(query));
  const { fontSize, letterSpacing, backgroundColor } = of("textarea");
  const { opacity, transform } = of("");
  return [fontSize, letterSpacing, backgroundColor, of(".head").backgroundColor, opacity, transform];
})()`;

/** How Safari tells of the keys that confirm and drop what an input method suggests: once the composition is over. */
export const SAFARI_KEYS = `["Enter", "Escape"].map((key) => ${ROOT}.querySelector("textarea").dispatchEvent(
  new KeyboardEvent("keydown", { key, keyCode: 229, bubbles: true, cancelable: true })))`;

/** One page's chat, by what a visitor finds there. */
export interface Chat {
  readonly page: Page;
  readonly launcher: Locator;
  readonly answers: Locator;
  /** Writes it and sends it, and opens the window for that where it is closed. */
  readonly say: (text: string) => Promise<void>;
  /** The name or the words of what has the keyboard. */
  readonly focused: () => Promise<string>;
}

/** The chat on this page, wherever that comes from. */
export function chatOn(page: Page): Chat {
  const launcher = page.locator("deskhand-chat > .launcher");
  return {
    page,
    launcher,
    answers: page.locator("deskhand-chat li.us"),
    say: async (text) => {
      const field = page.getByLabel("Your message");
      if (!(await field.isVisible())) await launcher.click();
      await field.fill(text);
      await field.press("Enter");
      await page.locator("deskhand-chat li.me", { hasText: text }).waitFor();
    },
    focused: async () => {
      const name = await page.evaluate(
        `(() => { const deep = (root) => root.activeElement?.shadowRoot ? deep(root.activeElement.shadowRoot) : root.activeElement;
          const now = deep(document); return now?.getAttribute("aria-label") ?? now?.textContent ?? "" })()`,
      );
      return z.string().parse(name);
    },
  };
}

/** What axe calls serious or critical on the page as it is now, the widget's shadow root included. */
export async function seriousProblems(page: Page): Promise<readonly string[]> {
  // Put in by the driver, since the page's own policy lets no other script in.
  if (!(await page.evaluate("window.axe !== undefined"))) await page.evaluate(axe.source);
  const result = await page.evaluate(
    `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => id + ": " + nodes.map(({ target }) => target.join(" ")).join(", ")))`,
  );
  return z.array(z.string()).parse(result);
}

/** What is wrong on any of these pages, wide and narrow, in both colour schemes: by axe, and by what is wider than the window. */
export async function faultsOn(
  page: Page,
  addresses: readonly string[],
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const address of addresses) {
    await page.goto(address);
    for (const width of [1280, 390, 320])
      for (const colorScheme of ["light", "dark"] as const) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        const overflow = await page.evaluate(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        const found = [...(await seriousProblems(page)), ...(overflow === 0 ? [] : ["too wide"])];
        faults.push(...found.map((what) => `${address}, ${width}, ${colorScheme}: ${what}`));
      }
  }
  return faults;
}

/** Asked without the client's own caching rules, and counted as it comes over the wire. */
export function headOf(url: string, headers: Record<string, string>) {
  return new Promise<{
    readonly status: number | undefined;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly bytes: number;
  }>((resolve, reject) => {
    request(url, { headers: { "accept-encoding": "gzip", ...headers } }, (response) => {
      const seen = { bytes: 0 };
      response.on("data", (chunk: Buffer) => (seen.bytes += chunk.length));
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers, bytes: seen.bytes }),
      );
    })
      .on("error", reject)
      .end();
  });
}
