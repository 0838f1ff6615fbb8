/**
 * Room: measures the figures that README and docs name.
 * In: options of each program.
 * Out: figures as text or JSON.
 * May touch: temporary folders and child processes on 127.0.0.1.
 * This file: start, memory and answer times of one Deskhand: `npm run figures [-- --json]`.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { measuredMb } from "#test/support/processor-time.ts";
import { shownText } from "#test/support/slack.ts";
import { percentile, say } from "#test/support/program.ts";
import { until } from "#test/support/waiting.ts";

const MAILS = 15;
const IDLE_MS = 10_000;

interface Figures {
  readonly firstStartSeconds: number;
  readonly firstStartPeakMegabytes: number;
  readonly secondStartSeconds: number;
  readonly idleMegabytes: number;
  readonly mailToCardMilliseconds: { readonly p50: number; readonly max: number };
}

async function measure(): Promise<Figures> {
  say("first start (the database is made, the help pages are read) …");
  const firstBegan = performance.now();
  const environment = { EMBEDDINGS: "builtin" };
  const first = await startDeskhand({ database: "pglite", environment });
  const firstStartSeconds = secondsSince(firstBegan);
  const firstStartPeakMegabytes = memoryOf(first, "VmHWM");
  const { folder } = first;
  await first.stop();
  first.slack.close();
  say("second start …");
  const secondBegan = performance.now();
  const second = await startDeskhand({ database: "pglite", folder, databaseUrl: "", environment });
  const secondStartSeconds = secondsSince(secondBegan);
  await delay(IDLE_MS);
  const idleMegabytes = memoryOf(second, "VmRSS");
  say(`${MAILS} mails, one after the other …`);
  const times: number[] = [];
  for (let count = 0; count < MAILS; count += 1) times.push(await mailToCard(second, count));
  await second.destroy();
  return {
    firstStartSeconds,
    firstStartPeakMegabytes,
    secondStartSeconds,
    idleMegabytes,
    mailToCardMilliseconds: {
      p50: Math.round(percentile(times, 0.5)),
      max: Math.round(percentile(times, 1)),
    },
  };
}

/** From the mail leaving its sender to the card in the approvals channel. */
async function mailToCard(deskhand: Deskhand, count: number): Promise<number> {
  const words = `figure ${count}`;
  const began = performance.now();
  await deskhand.mail("ann@customer.test", `Where is my order 456? (${words})`, { subject: words });
  await until("the card", async () =>
    (await deskhand.cards()).some((card) => shownText(card).includes(`(${words})`)),
  );
  return performance.now() - began;
}

function memoryOf(deskhand: Deskhand, field: "VmRSS" | "VmHWM"): number {
  const [pid = ""] = readFileSync(join(deskhand.folder, "deskhand.lock"), "utf8").split(" ");
  return Math.round(measuredMb(Number(pid), field));
}

function secondsSince(began: number): number {
  return Math.round((performance.now() - began) / 100) / 10;
}

const figures = await measure();
if (process.argv.includes("--json")) console.log(JSON.stringify(figures, null, 2));
else
  console.log(
    [
      `first start, ready after     ${figures.firstStartSeconds} s (limit 60)`,
      `first start, memory at most  ${figures.firstStartPeakMegabytes} MB`,
      `second start, ready after    ${figures.secondStartSeconds} s (limit 15)`,
      `second start, idle memory    ${figures.idleMegabytes} MB (limit 750)`,
      `mail to card, p50            ${figures.mailToCardMilliseconds.p50} ms (limit 3000), at most ${figures.mailToCardMilliseconds.max} ms`,
    ].join("\n"),
  );
