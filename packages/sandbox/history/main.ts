/** Command line entry that writes the sandbox's past as a file, or puts it into a running sandbox's Zendesk. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { reasonOf } from "#core/values/errors.ts";
import { solvedTickets } from "./index.ts";
import { pastTicketOf, zendeskEntryOf } from "./past-tickets.ts";

const USAGE =
  "Usage: npm start -- sandbox history FILE.jsonl | --zendesk URL [--count N] [--seed N] [--until TIME]";
const COUNT_MAX = 5_000;

/**
 * `FILE.jsonl` writes tickets as `deskhand rehearse --file` reads them; `--zendesk URL` adds them to the sandbox's
 * Zendesk at that address, for `deskhand rehearse --zendesk`. The same seed and `--until` give the same tickets.
 */
const { values, positionals } = parseOptions();
const tickets = solvedTickets({
  until: momentOf(values.until),
  count: numberOf("--count", values.count, COUNT_MAX),
  seed: numberOf("--seed", values.seed, 2 ** 31),
});
const [file] = positionals;
if ((file === undefined) === (values.zendesk === undefined)) exitWith(USAGE);
if (file !== undefined) writeLines(file);
else await addToZendesk(values.zendesk ?? "");

function parseOptions() {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        zendesk: text,
        count: { ...text, default: "200" },
        seed: { ...text, default: "20" },
        until: text,
      },
    });
  } catch (error) {
    exitWith(`${reasonOf(error)} ${USAGE}`);
  }
}

function writeLines(path: string): void {
  const lines = tickets.map((ticket) => JSON.stringify(pastTicketOf(ticket)));
  writeFileSync(path, `${lines.join("\n")}\n`);
  process.stdout.write(
    `${lines.length} solved tickets in ${path}, ${wrong()} of them answered wrongly on purpose\n`,
  );
}

async function addToZendesk(url: string): Promise<void> {
  const answer = await fetch(new URL("/_sandbox/history", url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ tickets: tickets.map(zendeskEntryOf) }),
  }).catch((error: unknown) => exitWith(`${url} does not answer: ${reasonOf(error)}`));
  if (!answer.ok) exitWith(`${url} refused the tickets: ${await answer.text()}`);
  process.stdout.write(
    `${tickets.length} solved tickets added to ${url}, ${wrong()} of them answered wrongly on purpose\n`,
  );
}

function wrong(): number {
  return tickets.filter(({ flaw }) => flaw !== null).length;
}

function numberOf(name: string, text: string, most: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > most)
    exitWith(`${name} wants a whole number from 1 to ${most}, not ${text}`);
  return number;
}

function momentOf(text: string | undefined): Date {
  const moment = text === undefined ? new Date() : new Date(text);
  if (Number.isNaN(moment.getTime()))
    exitWith(`--until wants a time such as 2026-03-02T10:00:00Z, not ${text}`);
  return moment;
}

function exitWith(reason: string): never {
  process.stderr.write(`sandbox history: ${reason}\n`);
  process.exit(1);
}
