/**
 * Room: measures the promises that are tested by attacks: claims, strangers, seals, masks and connected systems.
 * In: the name of a promise, and `--json`.
 * Out: text or one line of JSON, and an exit code.
 * May touch: temporary folders and test databases, the sample shop on 127.0.0.1.
 * This file: the command `npm run evals -- promises`.
 */
import { claimsPromise } from "#evals/promises/claims.ts";
import { masksPromise } from "#evals/promises/masks.ts";
import { sealsPromise } from "./approvals/run.ts";
import { strangersPromise } from "#evals/promises/strangers.ts";
import { systemsPromise } from "./systems/run.ts";

/** What a promise came to: for a program, in lines for a person, and whether it was kept. */
interface Measured {
  readonly figures: object;
  readonly lines: readonly string[];
  readonly ok: boolean;
}

/** Each promise that is measured by attacking it, by its name on the command line. */
const PROMISES = new Map<string, () => Measured | Promise<Measured>>([
  ["claims", claimsPromise],
  ["strangers", strangersPromise],
  ["seals", sealsPromise],
  ["masks", masksPromise],
  ["systems", systemsPromise],
]);

/**
 * `npm run evals -- promises NAME [--json]`: measures one promise. Exits with 1 when it is broken and with 2 when the command
 * was not understood.
 */
async function main(given: readonly string[]): Promise<number> {
  const json = given.includes("--json");
  const [name = "", ...rest] = given.filter((word) => word !== "--json");
  const measure = PROMISES.get(name);
  if (measure === undefined || rest.length > 0) {
    process.stderr.write(
      `Usage: npm run evals -- promises NAME [--json], where NAME is one of: ${[...PROMISES.keys()].join(", ")}\n`,
    );
    return 2;
  }
  const { figures, lines, ok } = await measure();
  process.stdout.write(`${json ? JSON.stringify(figures) : lines.join("\n")}\n`);
  return ok ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
