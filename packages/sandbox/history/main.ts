/** Command line entry that writes the sandbox's past as a file. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { reasonOf } from "#core/values/errors.ts";
import { solvedTickets, pastTicketOf } from "./index.ts";

const USAGE = "Usage: npm start -- sandbox history FILE.jsonl [--count N] [--seed N]";
const COUNT_MAX = 5_000;

/** Writes solved tickets as `deskhand rehearse --file` reads them; the same seed draws the same ones. */
const { values, positionals } = parseOptions();
const [file] = positionals;
if (file === undefined) exitWith(USAGE);
const tickets = solvedTickets({
  until: new Date(),
  count: numberOf("--count", values.count, COUNT_MAX),
  seed: numberOf("--seed", values.seed, 2 ** 31),
});
const lines = tickets.map((ticket) => JSON.stringify(pastTicketOf(ticket)));
writeFileSync(file, `${lines.join("\n")}\n`);
const wrong = tickets.filter(({ flaw }) => flaw !== null).length;
process.stdout.write(
  `${lines.length} solved tickets in ${file}, ${wrong} of them answered wrongly on purpose\n`,
);

function parseOptions() {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      allowPositionals: true,
      options: { count: { ...text, default: "200" }, seed: { ...text, default: "20" } },
    });
  } catch (error) {
    exitWith(`${reasonOf(error)} ${USAGE}`);
  }
}

function numberOf(name: string, text: string, most: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > most)
    exitWith(`${name} wants a whole number from 1 to ${most}, not ${text}`);
  return number;
}

function exitWith(reason: string): never {
  process.stderr.write(`sandbox history: ${reason}\n`);
  process.exit(1);
}
