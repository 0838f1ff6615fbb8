/** Opens a gate over a database: the one entrance of the package. */
import { randomUUID } from "node:crypto";
import { Approvers, Role } from "./contract.ts";
import type { Actions, Call, Gate, Login, Ticket, Verdict } from "./contract.ts";
import { inSchema, type GateDatabase, migrate } from "./database.ts";
import { decide, endStanding, takeBack } from "./decide.ts";
import { checkedChain, sealEntries } from "./kernel/chain.ts";
import { outcomeIn } from "./outcome.ts";
import { shownText, type Parts } from "./parts.ts";
import { propose } from "./propose.ts";
import { run } from "./run.ts";
import { statements } from "./statements.ts";

export { loggedIn, NothingHappened, Refused } from "./contract.ts";
export type * from "./contract.ts";
export { onPglite, onPostgres, type GateDatabase } from "./database.ts";
export { doorTo } from "./door.ts";

const SECRET_LEAST = 32;
const HOUR_MS = 60 * 60_000;

/** What a directory says of a person may be anything where a compiler did not look. */
const RoleFound = Role.nullable().catch(null);

/** How a gate is opened. */
export interface GateOptions<Given extends Actions> {
  readonly database: GateDatabase;
  /** By name; what is not here cannot happen. */
  readonly actions: Given;
  /** The role of a person by their login's id; null for those who decide nothing. Asked at every press and every begin. */
  readonly roleOf: (person: string) => Role | null;
  /** Seals and marks are made with it: at least 32 characters, kept outside the database. */
  readonly secret: string;
  /** The schema of the gate's own tables. */
  readonly schema?: string;
  /** This process by a name that no other has at the same time; what it had begun before it died is looked up at once. */
  readonly worker?: string;
  readonly expiresAfterMs?: number;
  /** For how long a yes can be taken back before it begins. */
  readonly undoMs?: number;
  /** How long a call to a target may take. */
  readonly callMs?: number;
  readonly now?: () => Date;
  readonly newId?: () => string;
}

/** Opens a gate, and makes its tables where they are missing. Throws for a short secret. */
export async function openGate<const Given extends Actions>(
  options: GateOptions<Given>,
): Promise<Gate<Given>> {
  const parts = await partsFrom(options);
  const { database, now } = parts;
  return {
    propose: (asked: Parameters<Gate<Given>["propose"]>[0]) => propose(parts, asked),
    waiting: () => database.ask(statements.waiting, [now()]),
    async show({ id, version }: Ticket) {
      const [loaded] = await database.ask(statements.load, [id]);
      return loaded?.approval.version === version ? shownText(loaded.approval) : null;
    },
    decide: (ticket: Ticket, who: Login, decision) => decide(parts, ticket, who, decision),
    takeBack: (ticket: Ticket, who: Login) => takeBack(parts, ticket, who),
    endStanding: (call: Call<Given>, who: Login) => endStanding(parts, call, who),
    run: () => run(parts),
    outcome: (id: string) => outcomeIn(database.ask, parts, id),
    async restored() {
      await database.ask(statements.set, ["restored", JSON.stringify(now())]);
      parts.carrying.restoredAt = performance.now();
    },
    verify: () => verify(parts),
  };
}

async function partsFrom(options: GateOptions<Actions>): Promise<Parts> {
  const { actions, secret, schema = "gate", worker = randomUUID() } = options;
  if (secret.length < SECRET_LEAST)
    throw new Error(`a gate's secret has at least ${SECRET_LEAST} characters`);
  for (const { approvers } of Object.values(actions)) Approvers.optional().parse(approvers);
  const { now = () => new Date(), newId = randomUUID } = options;
  const database = inSchema(options.database, schema);
  await migrate(database, schema);
  await database.ask(statements.takeOver, [worker, now()]);
  return {
    database,
    secret,
    worker,
    now,
    newId,
    actions: new Map(Object.entries(actions)),
    roleOf: (person) => RoleFound.parse(options.roleOf(person)),
    expiresAfterMs: options.expiresAfterMs ?? 24 * HOUR_MS,
    undoMs: options.undoMs ?? 0,
    callMs: options.callMs ?? 30_000,
    carrying: { active: 0, hasRun: false, held: [], restoredAt: 0 },
  };
}

async function verify({ database }: Parts): Promise<Verdict> {
  const { chain } = statements;
  await database.run((ask) => sealEntries(ask, chain));
  const [end] = await database.ask(chain.end, []);
  if (end === undefined) throw new Error("a select of one row gave none");
  return checkedChain(database.ask, chain, end);
}
