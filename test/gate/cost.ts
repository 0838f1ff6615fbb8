/** What one approval costs the gate alone: its statements, commits and processor time, beside the effect itself. */
import { z } from "zod";
import { loggedIn, openGate, type GateDatabase } from "#gate/index.ts";
import type { Ask } from "#gate/kernel/statement.ts";
import type { DatabaseKind } from "#test/support/deskhand.ts";
import { processorClock } from "#test/support/processor-time.ts";
import { onlyReads, worldsOn } from "./package-database.ts";

/** The cost of one approval from its proposal to its record. */
export interface Cost {
  /** Beside `begin` and `commit`. */
  readonly statements: number;
  /** Each transaction, and each statement alone that does not only read. */
  readonly commits: number;
  /** Of this process, in milliseconds: with PGlite the database's own as well. The lowest mean of the rounds. */
  readonly processorMs: number;
}

const WARM_UP = 50;
const ROUNDS = 8;
const PAYMENTS = 50;

function counting(database: GateDatabase) {
  const count = { statements: 0, commits: 0 };
  const countingOn =
    (ask: Ask): Ask =>
    (statement, values) => {
      count.statements += 1;
      return ask(statement, values);
    };
  const counted: GateDatabase = {
    ask(statement, values) {
      if (!onlyReads(statement)) count.commits += 1;
      return countingOn(database.ask)(statement, values);
    },
    run(work) {
      count.commits += 1;
      return database.run((ask) => work(countingOn(ask)));
    },
  };
  return { count, counted };
}

/** Proposes, decides and carries out payments one by one. */
export async function costOn(kind: DatabaseKind): Promise<Cost> {
  const world = await (await worldsOn(kind))();
  const { count, counted } = counting(world.gate);
  const paid = new Set<string>();
  const sam = loggedIn("sam@team.test", "Sam");
  const gate = await openGate({
    database: counted,
    schema: world.schema,
    secret: "of this measurement, forty characters long",
    roleOf: () => "member",
    actions: {
      pay: {
        args: z.strictObject({ to: z.string(), cents: z.int() }),
        commit: async (_args, { key }) => (paid.add(key), key),
        find: async (_args, key) =>
          paid.has(key) ? { state: "done", ref: key } : { state: "absent" },
      },
    },
  });
  let payments = 0;
  const pay = async (): Promise<void> => {
    const args = { to: `account ${(payments += 1)}`, cents: payments };
    const [one] = await gate.propose({ run: `run ${payments}`, calls: [{ action: "pay", args }] });
    if (one?.state !== "waiting") throw new Error("no person was asked");
    await gate.decide(one.ticket, sam, { kind: "yes" });
    if ((await gate.run()) !== 1) throw new Error("it did not happen");
  };
  // As a process does at its start.
  await gate.run();
  for (let time = 0; time < WARM_UP; time += 1) await pay();
  let processorMs = Number.POSITIVE_INFINITY;
  Object.assign(count, { statements: 0, commits: 0 });
  for (let round = 0; round < ROUNDS; round += 1) {
    const took = processorClock();
    for (let time = 0; time < PAYMENTS; time += 1) await pay();
    processorMs = Math.min(processorMs, took() / PAYMENTS);
  }
  await world.drop();
  const all = ROUNDS * PAYMENTS;
  return {
    statements: count.statements / all,
    commits: count.commits / all,
    processorMs: Math.round(processorMs * 10) / 10,
  };
}
