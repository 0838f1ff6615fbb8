/** A real browser for tests: the system's Chromium, driven by playwright-core, which brings none of its own. */
import { chromium, type Page } from "playwright-core";

import { findProgram } from "#sandbox/process/index.ts";
import { PATIENCE_MS } from "./waiting.ts";

const program = ["chromium", "chromium-browser", "google-chrome"]
  .map(findProgram)
  .find((path) => path !== undefined);

/** For a test's `skip`: false where a Chromium is installed, else why the test cannot run. */
export const browserMissing: string | false =
  program === undefined ? "Chromium is not installed" : false;

/** As root Chromium needs --no-sandbox; the rest keeps it from asking the network for anything by itself. */
const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The size of a page's window in CSS pixels. */
export interface PageSize {
  readonly width: number;
  readonly height: number;
}

/** A loaded page. `problems` collects what a person would find in the console: errors and failed requests. */
export interface OpenPage {
  readonly page: Page;
  readonly problems: readonly string[];
}

/** One running browser; every page has cookies and storage of its own. */
export interface TestBrowser {
  openPage(url: string, size: PageSize): Promise<OpenPage>;
  close(): Promise<void>;
}

/** Starts the browser without a window. Throws where none is installed. */
export async function startBrowser(): Promise<TestBrowser> {
  if (program === undefined) throw new Error("Chromium is not installed.");
  const browser = await chromium.launch({
    executablePath: program,
    headless: true,
    args: SWITCHES,
  });
  return {
    openPage: async (url, size) => {
      const context = await browser.newContext({ viewport: { ...size } });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      const problems: string[] = [];
      page.on("console", (message) => {
        // A busy machine's server says "come again" (503): whether the page does is what its test asserts.
        if (message.type() === "error" && !message.text().includes("status of 503"))
          problems.push(message.text());
      });
      page.on("pageerror", (error) => problems.push(error.message));
      page.on("requestfailed", (request) => {
        const reason = request.failure()?.errorText ?? "failed";
        // The browser itself gives up what is no longer wanted: the parts of a page that is left or closed, the stream
        // of a hidden tab. A server that is gone, a refusal and a missing file all have another reason.
        if (reason === "net::ERR_ABORTED") return;
        problems.push(`${request.method()} ${request.url()}: ${reason}`);
      });
      await page.goto(url, { waitUntil: "load" });
      return { page, problems };
    },
    close: () => browser.close(),
  };
}
