/** A lead's view of a rehearsal of the sandbox's past: what it came to, and both answers to one ticket. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { solvedTickets } from "#sandbox/history/index.ts";
import { consoleAs, inSandbox, takeWindow } from "./camera.ts";

const WINDOW = { width: 1_100, height: 1_130 };

/** The pictures of docs/going-live.md, in its order. */
export const takeRehearsal = inSandbox(async (browser, deskhand, folder) => {
  const file = join(folder, "past.jsonl");
  const lines = solvedTickets({ until: new Date() }).map(({ ticket }) => JSON.stringify(ticket));
  writeFileSync(file, `${lines.join("\n")}\n`);
  await deskhand.command("rehearse", "--file", file);
  const lea = await consoleAs(browser, deskhand, "lea@ourshop.test", WINDOW);
  await lea.getByRole("link", { name: "Rehearsals" }).click();
  await lea.locator("#rehearsals .what").first().click();
  await lea.locator("#verdict").waitFor();
  const came = await takeWindow(lea, "going-live-rehearsal.png");
  await lea.locator("#rehearsed .what").first().click();
  await lea.locator("#judgement").waitFor();
  await lea.setViewportSize({ width: 1_280, height: 960 });
  return [came, await takeWindow(lea, "going-live-ticket.png")];
});
