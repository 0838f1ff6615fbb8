/** The gate of the package as a system under test: an agent that hands its calls to it, people who log in, and an outside system. */
import { z } from "zod";
import type * as Package from "#gate/index.ts";
import type { Gate, Login, Proposed, Rule, Ticket } from "#gate/index.ts";
import type { GateDatabase } from "#gate/database.ts";
import {
  issued,
  type Approval,
  type Approvers,
  type Call,
  type CrashPoint,
  type Effect,
  type GatedCall,
  type Person,
} from "#conformance/contract.ts";

export const UNDO_MS = 5_000;
export const EXPIRES_AFTER_MS = 8 * 60 * 60_000;
const SECRET = "held by the process, never in the database";

/** Who decides: three with a role, one without. */
export const PEOPLE = {
  approver: { id: "sam@team.test", name: "Sam" },
  second: { id: "lea@team.test", name: "Lea" },
  stranger: { id: "ned@team.test", name: "Ned" },
  requester: { id: "ann@team.test", name: "Ann" },
} as const satisfies Record<Person, { readonly id: string; readonly name: string }>;

const Pay = z.strictObject({ to: z.string(), cents: z.int(), memo: z.string().max(5_000) });
const Close = z.strictObject({ account: z.string() });
const Note = z.strictObject({ text: z.string() });

/** The outside system: it counts under keys, can be asked, and can refuse. */
interface Outside {
  readonly seen: (Effect & { readonly key: string })[];
  record: string;
  isBroken: boolean;
}

/** The database of a world, from which a dead process is cut off, with statements past the gate. */
export interface WorldDatabase {
  readonly gate: GateDatabase;
  readonly schema: string;
  query(text: string, values?: readonly unknown[]): Promise<readonly unknown[]>;
  drop(): Promise<void>;
}

/** One world: what lives in the process, and what outlives it. */
export interface Bench {
  readonly module: typeof Package;
  readonly database: WorldDatabase;
  readonly approvers: Approvers;
  readonly outside: Outside;
  readonly runs: Map<string, string>;
  gate: Gate<ReturnType<typeof actionsFor>>;
  time: number;
  count: number;
  crash: CrashPoint | null;
  /** A commit was made, and its record is the next to come. */
  isUnrecorded: boolean;
  isDead: boolean;
  layers: readonly Rule[];
  hook: ((args: z.output<typeof Pay>) => z.output<typeof Pay>) | null;
}

function actionsFor(bench: Bench) {
  const { outside } = bench;
  const { Refused } = bench.module;
  const needs = {
    count: bench.approvers === "two" ? 2 : 1,
    leads: 0,
    ...(bench.approvers === "another person" ? { fourEyes: true as const } : {}),
  };
  const act = async (action: string, args: Effect["args"], key: string): Promise<string> => {
    if (bench.crash === "before the effect") die(bench);
    if (outside.isBroken) throw new Refused("the outside system refuses");
    outside.seen.push({ action, args: { ...args }, key });
    if (bench.crash === "after the effect") die(bench);
    bench.isUnrecorded = true;
    return `ref-${outside.seen.length}`;
  };
  const find = async (_args: unknown, key: string): Promise<Package.LookedUp> => {
    const index = outside.seen.findIndex((one) => one.key === key);
    return index < 0 ? { state: "absent" } : { state: "done", ref: `ref-${index + 1}` };
  };
  const paying = {
    args: Pay.transform((args) => bench.hook?.(args) ?? args),
    approvers: needs,
    find,
    commit: (args: z.output<typeof Pay>, { key }: { readonly key: string }) =>
      act("pay", args, key),
  };
  return {
    pay: { ...paying, rules: () => bench.layers },
    /** The same name on another server is another action. */
    "other/pay": paying,
    /** Whatever it says of itself, no rule allows it. */
    read_only_pay: paying,
    close: {
      args: Close,
      approvers: needs,
      find,
      commit: (args: z.output<typeof Close>, { key }: { readonly key: string }) =>
        act("close", args, key),
    },
    pay_record: {
      args: z.strictObject({ record: z.string() }),
      approvers: needs,
      find,
      facts: async () => ({ to: outside.record }),
      commit: (_args: unknown, { key }: { readonly key: string }) =>
        act("pay", { to: outside.record, cents: 4_700, memo: "" }, key),
    },
    note: {
      args: Note,
      rules: () => [{ layer: "setting", says: "allow" }] as const,
      find,
      commit: (args: z.output<typeof Note>, { key }: { readonly key: string }) =>
        act("note", args, key),
    },
  } as const;
}

/** The process dies here: nothing it does afterwards reaches the database. */
function die(bench: Bench): never {
  bench.isDead = true;
  throw new Error("killed");
}

function mortal(bench: Bench, database: GateDatabase): GateDatabase {
  const run: GateDatabase["run"] = async (work) => {
    if (bench.isDead) throw new Error("the process is dead");
    const isRecord = bench.isUnrecorded;
    const result = await database.run(async (ask) => {
      const done = await work(ask);
      if (bench.isDead) throw new Error("the process is dead");
      return done;
    });
    bench.isUnrecorded = false;
    if (isRecord && bench.crash === "after the record") die(bench);
    return result;
  };
  return { run, ask: (statement, values) => run((ask) => ask(statement, values)) };
}

/** Opens the gate, as a process does at its start. */
export async function startGate(bench: Bench): Promise<void> {
  Object.assign(bench, { crash: null, isDead: false, isUnrecorded: false });
  bench.gate = await bench.module.openGate({
    database: mortal(bench, bench.database.gate),
    schema: bench.database.schema,
    actions: actionsFor(bench),
    roleOf: (id) =>
      bench.approvers === "none" || id === PEOPLE.stranger.id ? null : ("member" as const),
    secret: SECRET,
    worker: "w1",
    expiresAfterMs: EXPIRES_AFTER_MS,
    undoMs: UNDO_MS,
    now: () => new Date(bench.time),
  });
}

/** The agent proposes calls in a step of a run. */
export async function proposeIn(
  bench: Bench,
  run: string,
  calls: readonly (Call & { readonly key?: string })[],
): Promise<readonly Proposed[]> {
  const by = bench.approvers === "another person" ? { by: PEOPLE.requester.id } : {};
  const proposed = await bench.gate.propose({ run, calls, ...by });
  for (const one of proposed) if (one.state === "waiting") bench.runs.set(one.ticket.id, run);
  return proposed;
}

/** A run of its own. */
export function newRun(bench: Bench): string {
  return `run${(bench.count += 1)}`;
}

/** The approval that waits after a proposal; null where no person is asked. */
export function approvalOf(proposed: Proposed | undefined): Approval | null {
  return proposed?.state === "waiting" ? approvalFor(proposed.ticket) : null;
}

/** The same, where there has to be one. */
export function asked(approval: Approval | null): Approval {
  if (approval === null) throw new Error("no person was asked");
  return approval;
}

/** What a person has before them is an approval in one version. */
export function approvalFor({ id, version }: Ticket): Approval {
  return issued(`${id}@${version}`);
}

export function ticketFor({ id }: Approval): Ticket {
  const [name = "", version = "0"] = id.split("@");
  return { id: name, version: Number(version) };
}

/** The login of a person's session. */
export function loginOf({ module }: Bench, person: Person): Login {
  const { id, name } = PEOPLE[person];
  return module.loggedIn(id, name);
}

/** A call under another action's name. */
export function paymentOf(call: GatedCall): z.output<typeof Pay> {
  return Pay.parse(call.args);
}
