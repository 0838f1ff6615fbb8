/** Gates for tests of one promise each: several processes over one database, and a target whose calls are held. */
import { PGlite } from "@electric-sql/pglite";
import { z } from "zod";
import {
  loggedIn,
  onPglite,
  openGate,
  type ActionSpec,
  type Gate,
  type GateDatabase,
  type Proposed,
  type Ticket,
} from "#gate/index.ts";
import type { GateOptions } from "#gate/index.ts";
import { arrival } from "#test/support/waiting.ts";
import { atEndOfProcess } from "#test/support/at-end.ts";

export const SAM = loggedIn("sam@team.test", "Sam");
export const LEA = loggedIn("lea@team.test", "Lea");

const Args = z.strictObject({ text: z.string() });
type Pay = ActionSpec<typeof Args>;
export type OneGate = Gate<{ readonly pay: Pay }>;

const embedded: PGlite[] = [];

/** A schema of its own in one database for all tests of a file; with its statements past the gate. */
export function freshSchema() {
  const database = (embedded[0] ??= new PGlite());
  if (count === 0) atEndOfProcess(() => database.close());
  const schema = `world${(count += 1)}`;
  const query = async (text: string): Promise<readonly unknown[]> =>
    (await database.query(text.replaceAll("gate.", `${schema}.`))).rows;
  return { database: onPglite(database), schema, query };
}
let count = 0;

/** A process's gate with one action; `clock` moves its time. */
export function gateWith(
  at: { readonly database: GateDatabase; readonly schema?: string },
  pay: Omit<Pay, "args">,
  options: Partial<GateOptions<never>> = {},
): Promise<OneGate> {
  const { actions: _none, ...rest } = options;
  const actions = { pay: { args: Args, ...pay } };
  const roleOf = (id: string) => (id === "stranger" ? null : ("member" as const));
  const secret = "of these tests, and forty characters long";
  return openGate({ roleOf, secret, ...at, ...rest, actions });
}

export async function proposed(gate: OneGate, key?: string, by?: string): Promise<Proposed> {
  const call = {
    action: "pay",
    args: { text: "a" },
    ...(key === undefined ? {} : { key }),
  } as const;
  const asked = { run: `run ${(runs += 1)}`, calls: [call], ...(by === undefined ? {} : { by }) };
  const [one] = await gate.propose(asked);
  if (one === undefined) throw new Error("nothing was said of it");
  return one;
}
let runs = 0;

export async function waiting(gate: OneGate, key?: string, by?: string): Promise<Ticket> {
  const one = await proposed(gate, key, by);
  if (one.state !== "waiting") throw new Error(`it is ${one.state}`);
  return one.ticket;
}

/** Proposed and approved. */
export async function approved(gate: OneGate, key?: string): Promise<Ticket> {
  const ticket = await waiting(gate, key);
  await gate.decide(ticket, SAM, { kind: "yes" });
  return ticket;
}

/** Something that is waited for until it is opened; and whether it was reached. */
export function barrier() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  return {
    pass: async (): Promise<void> => {
      reached.resolve();
      await promise;
    },
    reached: arrival("a call of the gate that is held", reached.promise),
    open: resolve,
  };
}

/** Facts whose next reading waits once it is held. */
export function heldFacts() {
  const { pass, ...held } = barrier();
  let isHeld = false;
  const facts = async () => {
    if (isHeld) {
      isHeld = false;
      await pass();
    }
    return null;
  };
  return { ...held, facts, hold: () => void (isHeld = true) };
}

/** A target that counts under keys, and can lose an answer or let a call land late. */
export function target() {
  const landed: string[] = [];
  return {
    landed,
    calls: 0,
    find: async (_args: unknown, key: string) =>
      landed.includes(key)
        ? ({ state: "done", ref: key } as const)
        : ({ state: "absent" } as const),
  };
}

/** A gate that has carried out before, as its process does at its start. */
export async function running(...given: Parameters<typeof gateWith>): Promise<OneGate> {
  const gate = await gateWith(...given);
  await gate.run();
  return gate;
}

/** A target that counts calls, which land after `before`, and keeps what it was asked. */
export function counting(before: () => Promise<void> = async () => undefined) {
  const outside = target();
  const asked: string[] = [];
  return {
    outside,
    asked,
    pay: {
      commit: async (_args: unknown, { key }: { readonly key: string }) => {
        outside.calls += 1;
        await before();
        outside.landed.push(key);
        return key;
      },
      find: async (args: unknown, key: string) => {
        asked.push(key);
        return outside.find(args, key);
      },
    },
  };
}
