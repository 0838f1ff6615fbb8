/**
 * Room: measures the promises that are tested by attacks: claims, strangers, seals, masks and connected systems.
 * In: the name of a promise, and `--json`.
 * Out: text or one line of JSON, and an exit code.
 * May touch: temporary folders and test databases, the sample shop on 127.0.0.1.
 * This file: the command `npm run evals -- promises`.
 */
import { runClaims } from "#evals/promises/claims.ts";
import { runMasks } from "#evals/promises/masks.ts";
import { runSeals } from "./approvals/run.ts";
import { runStrangers } from "#evals/promises/strangers.ts";
import { runSystems } from "./systems/run.ts";

/** Measures one promise: prints text or one line of JSON, and returns whether it was kept. */
type Measure = (
  options: { readonly json: boolean },
  print: (line: string) => void,
) => Promise<{ readonly ok: boolean }>;

/** Each promise that is measured by attacking it, by its name on the command line. */
const PROMISES = {
  claims: async (options, print) => ({
    ok: runClaims(options, (text) => print(text.trimEnd())),
  }),
  strangers: runStrangers,
  seals: runSeals,
  masks: runMasks,
  systems: runSystems,
} as const satisfies Record<string, Measure>;

function isPromise(name: string): name is keyof typeof PROMISES {
  return Object.hasOwn(PROMISES, name);
}

/**
 * `npm run evals -- promises NAME [--json]`: measures one promise. Exits with 1 when it is broken and with 2 when the command
 * was not understood.
 */
async function main(given: readonly string[]): Promise<number> {
  const json = given.includes("--json");
  const [name, ...rest] = given.filter((word) => word !== "--json");
  if (name === undefined || !isPromise(name) || rest.length > 0) {
    process.stderr.write(
      `Usage: npm run evals -- promises NAME [--json], where NAME is one of: ${Object.keys(PROMISES).join(", ")}\n`,
    );
    return 2;
  }
  const { ok } = await PROMISES[name]({ json }, (line) => void process.stdout.write(`${line}\n`));
  return ok ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
