/** Puts what a page shows into a file of docs/. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { signedIn } from "#test/browser/signed-in.ts";
import type { PageSize, TestBrowser } from "#test/support/browser.ts";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { writeAnimation, type Frame } from "./animation.ts";
import { readChunks, withPalette } from "./palette.ts";

/** The folder of the pictures. */
export const DOCS = join(import.meta.dirname, "../../docs");

/** A still picture is small enough for a slow line; one that moves may take twice as long. */
const BYTES_MAX = 150_000;
const MOVING_BYTES_MAX = 300_000;

/** How large a picture of docs/ may be, in bytes. */
export function bytesMax(png: Buffer): number {
  return readChunks(png).some(({ type }) => type === "acTL") ? MOVING_BYTES_MAX : BYTES_MAX;
}

/** Plays something in a sandbox and takes pictures of it; gives the names of the files. */
export type Scene = (browser: TestBrowser) => Promise<readonly string[]>;

/** A scene in a sandbox of its own, with a folder for files beside it; both are gone when it ends. */
export function inSandbox(
  take: (browser: TestBrowser, deskhand: Deskhand, folder: string) => Promise<readonly string[]>,
  environmentIn: (folder: string) => Readonly<Record<string, string>> = () => ({}),
): Scene {
  return async (browser) => {
    const folder = mkdtempSync(join(tmpdir(), "deskhand-pictures-"));
    try {
      const deskhand = await startDeskhand({ environment: environmentIn(folder) });
      try {
        return await take(browser, deskhand, folder);
      } finally {
        await deskhand.destroy();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

/** The console of a sandbox, signed in as one of its people. */
export async function consoleAs(
  browser: TestBrowser,
  deskhand: Deskhand,
  email: string,
  size: PageSize,
): Promise<Page> {
  const { stdout } = await deskhand.command("console", email);
  return signedIn(browser, stdout, size);
}

/** Widths of the two devices that pictures show. */
export const WIDE = 760;
export const PHONE = 390;

/** Cards have pictographs; without a font for them every one is the same empty box. */
export async function requirePictographs(browser: TestBrowser): Promise<void> {
  const { page } = await browser.openPage("about:blank", { width: 200, height: 200 });
  const drawn = (text: string): Promise<unknown> =>
    page.evaluate(`(() => {
      const canvas = document.createElement("canvas");
      const pen = canvas.getContext("2d");
      pen.font = "40px sans-serif";
      pen.fillText(${JSON.stringify(text)}, 10, 60);
      return canvas.toDataURL();
    })()`);
  const areAlike = (await drawn("👤")) === (await drawn("🕑"));
  await page.context().close();
  if (areAlike)
    throw new Error("There is no font with pictographs, such as Debian's fonts-noto-color-emoji.");
}

/** What is in the window, as it is now. */
export async function takeWindow(page: Page, file: string): Promise<string> {
  return keep(await page.screenshot({ animations: "disabled" }), file);
}

/** One part of a page, whole. */
export async function takePart(part: Locator, file: string): Promise<string> {
  return keep(await part.screenshot({ animations: "disabled" }), file);
}

/** The sandbox's Slack as Sam sees it, so wide; beside the messages, what is unlike Slack is left out. */
export async function openSlack(
  browser: TestBrowser,
  address: string,
  width: number,
): Promise<Page> {
  const { page } = await browser.openPage(address, { width, height: 1_800 });
  await page.addStyleTag({ content: ".sidebar { display: none; }" });
  return page;
}

/** Pictures that follow each other, as one file. */
export function keepAnimation(frames: readonly [Frame, ...Frame[]], file: string): string {
  return write(writeAnimation(frames), file);
}

function keep(picture: Buffer, file: string): string {
  return write(withPalette(picture), file);
}

function write(png: Buffer, file: string): string {
  writeFileSync(join(DOCS, file), png);
  return file;
}
