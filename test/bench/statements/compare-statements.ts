/**
 * Room: what one statement costs our process, by the way it is built and sent.
 * In: how many statements and rounds.
 * Out: microseconds of processor time for a statement, by way.
 * May touch: a throwaway database, and processes that it starts and ends itself.
 * This file: runs each way in turn, round after round, in fresh processes.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { z } from "zod";
import { freshDatabase } from "#test/support/postgres.ts";
import { median } from "#test/bench/fleet/chat-load.ts";
import { INSTALLED, installOthers } from "#test/bench/loops/turns.ts";

/** Ways to ask PostgreSQL: the builder, its prepared form, the driver without and with a name, and another driver. */
const WAYS = ["drizzle", "drizzle-prepared", "pg", "pg-named", "postgres"] as const;

const Cost = z.object({ cpuUs: z.number() });

/** Microseconds of processor time for a statement. */
export const Statements = z.record(z.enum(WAYS), z.number());
export type Statements = z.infer<typeof Statements>;

export async function compareStatements(options: {
  readonly rounds: number;
  readonly statements: number;
  readonly say: (line: string) => void;
}): Promise<Statements> {
  await installOthers(options.say);
  const database = await freshDatabase();
  const seen = new Map<string, number[]>();
  try {
    for (let round = 1; round <= options.rounds; round += 1)
      for (const way of WAYS) {
        options.say(`statements, round ${round} of ${options.rounds}: ${way}`);
        const cost = await measure(way, database.url, options.statements);
        seen.set(way, [...(seen.get(way) ?? []), cost]);
      }
  } finally {
    await database.drop();
  }
  return Statements.parse(
    Object.fromEntries([...seen].map(([way, costs]) => [way, median(costs)] as const)),
  );
}

async function measure(way: string, url: string, count: number): Promise<number> {
  const child = spawn(
    process.execPath,
    [join(INSTALLED, "statements.mjs"), way, url, String(count)],
    { cwd: INSTALLED, stdio: ["ignore", "pipe", "pipe"] },
  );
  const printed = { out: "", error: "" };
  child.stdout.on("data", (chunk) => (printed.out += String(chunk)));
  child.stderr.on("data", (chunk) => (printed.error += String(chunk)));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${way} ended with ${String(code)}:\n${printed.error}`);
  return Cost.parse(JSON.parse(printed.out)).cpuUs;
}
