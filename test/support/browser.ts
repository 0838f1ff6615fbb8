/** A real browser for tests: the system's Chromium, driven by playwright-core, which brings none of its own. */
import { chromium, type Page, type Request } from "playwright-core";

import { findProgram } from "#sandbox/process/index.ts";

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
interface PageSize {
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
      const page = await context.newPage();
      const problems: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") problems.push(message.text());
      });
      page.on("pageerror", (error) => problems.push(error.message));
      // Which document asked for what: the browser gives up what a page asked for when another one takes its place.
      let documents = 0;
      const asked = new WeakMap<Request, number>();
      page.on("request", (request) => {
        if (request.isNavigationRequest()) documents += 1;
        asked.set(request, documents);
      });
      page.on("requestfailed", (request) => {
        const reason = request.failure()?.errorText ?? "failed";
        // A page closes its stream of later messages when its tab is hidden, and one that is left gets no more of its
        // parts; neither is a failure.
        const isLeft = (asked.get(request) ?? 0) < documents;
        const isOver = isLeft || /\/events$|\/console\/part\//.test(request.url());
        if (reason === "net::ERR_ABORTED" && isOver) return;
        problems.push(`${request.method()} ${request.url()}: ${reason}`);
      });
      await page.goto(url, { waitUntil: "load" });
      return { page, problems };
    },
    close: () => browser.close(),
  };
}
