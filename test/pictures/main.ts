/**
 * Room: the pictures in docs/.
 * In: a sandbox that customers wrote to, and the system's Chromium; a font with emoji.
 * Out: PNG files in docs/, each small enough for a slow line.
 * May touch: docs/*.png, temporary folders, and servers on 127.0.0.1.
 * This file: takes them all: `npm run pictures`, or those of one scene: `npm run pictures -- shadow`.
 */
import { readFileSync } from "node:fs";
import { reasonOf } from "#core/values/errors.ts";
import { startBrowser } from "#test/support/browser.ts";
import { bytesMax, DOCS, requirePictographs, type Scene } from "./camera.ts";
import { takeKnowledge } from "./knowledge.ts";
import { takeProcedures } from "./procedures.ts";
import { takeRefund } from "./refund.ts";
import { takeRehearsal } from "./rehearsal.ts";
import { takeSandbox } from "./sandbox.ts";
import { takeShadow } from "./shadow.ts";
import { takeTicketCard } from "./ticket.ts";

const SCENES: Readonly<Record<string, Scene>> = {
  refund: takeRefund,
  sandbox: takeSandbox,
  ticket: takeTicketCard,
  shadow: takeShadow,
  procedures: takeProcedures,
  knowledge: takeKnowledge,
  rehearsal: takeRehearsal,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => SCENES[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(
    `There is no scene ${unknown.join(", ")}. Those there are: ${Object.keys(SCENES).join(", ")}.\n`,
  );
  process.exitCode = 2;
} else {
  const browser = await startBrowser();
  try {
    await requirePictographs(browser);
    for (const [name, take] of Object.entries(SCENES))
      if (wanted.length === 0 || wanted.includes(name))
        for (const file of await take(browser)) tell(file);
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

function tell(file: string): void {
  const picture = readFileSync(`${DOCS}/${file}`);
  const most = bytesMax(picture);
  process.stdout.write(`docs/${file}  ${Math.ceil(picture.length / 1_000)} kB\n`);
  if (picture.length <= most) return;
  process.stderr.write(`docs/${file} is larger than ${most / 1_000} kB\n`);
  process.exitCode = 1;
}
