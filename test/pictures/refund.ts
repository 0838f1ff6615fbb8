/** One refund on the start page, from the customer's mail to the answer: the moving picture at the top of README.md. */
import type { Locator, Page } from "playwright-core";
import type { Frame } from "./animation.ts";
import { inSandbox, keepAnimation } from "./camera.ts";
import { readPng } from "./palette.ts";

/** As narrow as the three panes stay side by side, since GitHub shows 830 points, and down to what happened. */
const WINDOW = { width: 1_160, height: 1_004 };
const RING = 5;
/** Leaves out what is unlike Slack, as `openSlack` does, and what is no part of the story. */
const HIDE = `for (const part of document.querySelectorAll(".sidebar, .bar, section:has(#connections)"))
  part.style.display = "none";`;

/** The picture of README.md. */
export const takeRefund = inSandbox(async (browser, deskhand) => {
  const { page } = await browser.openPage(deskhand.endpoints.app.url, WINDOW);
  const frames = await playRefund(page);
  await page.context().close();
  return [keepAnimation(frames, "refund.png")];
});

async function playRefund(page: Page): Promise<readonly [Frame, ...Frame[]]> {
  const slack = page.frameLocator("#desk-frame iframe");
  const [card, steps] = [slack.locator(".msg").last(), page.locator("#progress")];
  const approve = card.getByRole("button", { name: "Approve" });
  const asks = page.getByRole("button", { name: "Refund 789" });
  await asks.waitFor();
  await slack.locator(".sidebar").waitFor();
  for (const frame of page.frames()) await frame.evaluate(HIDE);

  const first = await takePress(page, asks, 2_500);
  await steps.waitFor();
  await page.locator("#mailbox .mail").waitFor();
  const mailed = await takeFrame(page, 1_500);
  await approve.waitFor();
  await steps.getByText("waits for a click").waitFor();
  const proposed = await takeFrame(page, 3_500);
  await approve.scrollIntoViewIfNeeded();
  const pressed = await takePress(page, approve, 2_500);
  await card.getByRole("button", { name: "Undo" }).waitFor();
  const approved = await takeFrame(page, 2_500);
  await card.getByText("Done, reply sent").waitFor();
  await steps.getByText("answered").waitFor();
  return [first, mailed, proposed, pressed, approved, await takeFrame(page, 5_000)];
}

async function takeFrame(page: Page, milliseconds: number): Promise<Frame> {
  const picture = await page.screenshot({ animations: "disabled" });
  return { points: readPng(picture), milliseconds };
}

/** A picture shows no mouse: a pointer and a ring are drawn where the press that follows goes. */
async function takePress(page: Page, button: Locator, milliseconds: number): Promise<Frame> {
  const box = await button.boundingBox();
  if (box === null) throw new Error("the button that is pressed is not shown");
  const [x, y] = [box.x + box.width * 0.7, box.y + box.height * 0.6];
  await page.evaluate(`(() => {
    document.body.insertAdjacentHTML("beforeend", \`<svg id="press">
      <rect x="${box.x - RING}" y="${box.y - RING}" width="${box.width + 2 * RING}"
        height="${box.height + 2 * RING}" rx="10" fill="none" stroke="#e8590c" stroke-width="4"/>
      <path transform="translate(${x} ${y}) scale(1.9)" fill="#111" stroke="#fff" stroke-width="1.4"
        d="M0 0V17L4.2 13.2 6.8 19.2 9.6 18 7 12.1H12.4Z"/>
    </svg>\`);
    document.querySelector("#press").style.cssText =
      "position: fixed; inset: 0; width: 100%; height: 100%; pointer-events: none; z-index: 9";
  })()`);
  const frame = await takeFrame(page, milliseconds);
  await page.evaluate("document.querySelector('#press').remove()");
  await button.click();
  return frame;
}
