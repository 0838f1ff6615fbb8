/** The gate of the package alone, over either database, with everything that the suite can ask for. */
import { z } from "zod";
import * as Package from "#gate/index.ts";
import {
  ACCEPTED,
  type Answer,
  type Approval,
  type Decision,
  type GatedCall,
  type Mode,
  type Offers,
  type Person,
  type System,
  type World,
} from "#conformance/contract.ts";
import type { DatabaseKind } from "#test/support/deskhand.ts";
import {
  approvalFor,
  approvalOf,
  asked,
  EXPIRES_AFTER_MS,
  loginOf,
  newRun,
  paymentOf,
  PEOPLE,
  proposeIn,
  startGate,
  ticketFor,
  UNDO_MS,
  type Bench,
  type WorldDatabase,
} from "./package-world.ts";

const STARTED = Date.parse("2026-11-27T10:00:00Z");

/** The gate on a database, or a changed copy of it. */
export function packageSystem(
  kind: DatabaseKind,
  version: string,
  openDatabase: () => Promise<WorldDatabase>,
  module: typeof Package = Package,
): System {
  return {
    name: `packages/gate on ${kind === "pglite" ? "PGlite" : "PostgreSQL"}`,
    version,
    settings: "the library alone",
    pages: ["../packages/gate/README.md"],
    async open(approvers) {
      const bench: Bench = {
        module,
        database: await openDatabase(),
        approvers,
        outside: { seen: [], record: "account-7", isBroken: false },
        runs: new Map(),
        // Set by the start below.
        gate: undefined as unknown as Bench["gate"],
        time: STARTED,
        count: 0,
        crash: null,
        isUnrecorded: false,
        isDead: false,
        layers: [],
        hook: null,
      };
      await startGate(bench);
      return packageWorld(bench);
    },
  };
}

function packageWorld(bench: Bench): World {
  const propose = async (call: GatedCall, mode?: Mode): Promise<Approval> => {
    const proposed = await proposedBy(bench, call, mode ?? null);
    // What a standing yes allows has an approval as well, which does not wait.
    if (proposed?.state === "allowed") return approvalFor({ id: proposed.id, version: 1 });
    return asked(approvalOf(proposed));
  };
  return {
    propose,
    perform: async (call) => void (await proposeIn(bench, newRun(bench), [call])),
    waiting: async () => (await bench.gate.waiting()).map(approvalFor),
    show: async (approval) => (await bench.gate.show(ticketFor(approval))) ?? "",
    decide: (approval, person, decision) => decideAs(bench, approval, person, decision),
    run: () => runOn(bench),
    outside: async () => bench.outside.seen.map(({ action, args }) => ({ action, args })),
    spell: (call) => Object.values(call.args).map(String),
    memoMax: 5_000,
    offered: { ...OFFERED, ...proposing(bench), ...deciding(bench), ...storing(bench) },
    close: () => bench.database.drop(),
  };
}

/** The tool that agents get: it proposes, however it is called. */
async function proposedBy(
  bench: Bench,
  call: GatedCall,
  mode: Mode | null,
): Promise<Package.Proposed | undefined> {
  const run = newRun(bench);
  const tool = async (): Promise<Package.Proposed | undefined> =>
    (await proposeIn(bench, run, [call]))[0];
  const helper = { ask: tool };
  if (mode === "nested") return helper.ask();
  if (mode !== "streamed") return tool();
  async function* stream(): AsyncGenerator<Package.Proposed | undefined> {
    yield undefined;
    yield await tool();
  }
  let last: Package.Proposed | undefined;
  for await (const part of stream()) last = part;
  return last;
}

async function decideAs(
  bench: Bench,
  approval: Approval,
  person: Person,
  decision: Decision,
): Promise<Answer> {
  const given = decision.kind === "edit" ? { kind: "edit", args: decision.call.args } : decision;
  return bench.gate.decide(ticketFor(approval), loginOf(bench, person), given);
}

/** Undo times end, and what is due is carried out, as long as the process lives. */
async function runOn(bench: Bench): Promise<void> {
  for (let tick = 0; tick < 2 && !bench.isDead; tick += 1) {
    bench.time += UNDO_MS + 1_000;
    await bench.gate.run().catch((error: unknown) => {
      if (!bench.isDead) throw error;
    });
  }
}

const OFFERED = {
  two: true,
  another: true,
  none: true,
  edit: true,
  streamed: true,
  direct: true,
  nested: true,
  ordered: true,
  apart: true,
  settles: true,
  alwaysExact: true,
  reasonWithYes: true,
  expiresAfterMs: EXPIRES_AFTER_MS,
} as const;

function proposing(bench: Bench) {
  return {
    personName: (person) => PEOPLE[person].name,
    together: async (calls) =>
      (await proposeIn(bench, newRun(bench), calls)).flatMap((one) => approvalOf(one) ?? []),
    async next(after, call) {
      const run = bench.runs.get(ticketFor(after).id) ?? "";
      return approvalOf((await proposeIn(bench, run, [call]))[0]);
    },
    keyed: async (call, key) =>
      approvalOf((await proposeIn(bench, newRun(bench), [{ ...call, key }]))[0]),
    async afterWork(call, work) {
      const run = newRun(bench);
      await proposeIn(bench, run, [work]);
      await runOn(bench);
      return asked(approvalOf((await proposeIn(bench, run, [call]))[0]));
    },
    async rewritten(call, becomes) {
      bench.hook = () => paymentOf(becomes);
      const proposed = await proposedBy(bench, call, null);
      bench.hook = null;
      return asked(approvalOf(proposed));
    },
    async refer() {
      const calls = [{ action: "pay_record", args: { record: "r1" } }] as const;
      return asked(approvalOf((await bench.gate.propose({ run: newRun(bench), calls }))[0]));
    },
    changeContent: async () => void (bench.outside.record = "account-8"),
    async elsewhere(call) {
      const calls = [{ action: "other/pay", args: paymentOf(call) }] as const;
      return approvalOf((await bench.gate.propose({ run: newRun(bench), calls }))[0]);
    },
    async harmless(call) {
      const calls = [{ action: "read_only_pay", args: paymentOf(call) }] as const;
      return approvalOf((await bench.gate.propose({ run: newRun(bench), calls }))[0]);
    },
    async ruled(call, layers) {
      bench.layers = layers;
      const [proposed] = await proposeIn(bench, newRun(bench), [call]);
      bench.layers = [];
      const won = layers.find(({ layer }) => layer === proposed?.rule.layer);
      if (won === undefined) throw new Error("no layer won");
      return { verdict: won.says, layer: won.layer, approval: approvalOf(proposed) };
    },
  } satisfies Partial<Offers>;
}

function deciding(bench: Bench) {
  const approver = (): Package.Login => loginOf(bench, "approver");
  const yes = { kind: "yes" } as const;
  const door = (request: Request, person: Person): Promise<Response> =>
    bench.module.doorTo(bench.gate, async () => loginOf(bench, person))(request);
  const link = (approval: Approval): string => {
    const { id, version } = ticketFor(approval);
    return `https://gate.test/?id=${id}&version=${version}`;
  };
  return {
    forge: (call) => bench.gate.decide({ id: "forged", version: 1 }, approver(), { ...yes, call }),
    swap: (approval, call) =>
      bench.gate.decide(ticketFor(approval), approver(), { ...yes, args: call.args }),
    anonymous: (approval) =>
      // As a caller without a compiler would.
      bench.gate.decide(ticketFor(approval), PEOPLE.approver as unknown as Package.Login, yes),
    async claiming(approval, person) {
      const body = JSON.stringify({ ...yes, by: PEOPLE[person].id });
      const headers = { "content-type": "application/json" };
      const posted = new Request(link(approval), { method: "POST", body, headers });
      const { status } = await door(posted, "stranger");
      return status === 200
        ? ACCEPTED
        : bench.gate.decide(ticketFor(approval), loginOf(bench, "stranger"), yes);
    },
    async say(approval, voice) {
      const claimed = { ...PEOPLE.approver, name: voice } as unknown as Package.Login;
      await bench.gate.decide(ticketFor(approval), claimed, yes);
    },
    async visit(approval, method) {
      await (await door(new Request(link(approval), { method }), "approver")).text();
    },
    withdraw: (approval, person) =>
      bench.gate.takeBack(ticketFor(approval), loginOf(bench, person)),
    always: (approval) => bench.gate.decide(ticketFor(approval), approver(), { kind: "always" }),
  } satisfies Partial<Offers>;
}

const TABLES = ["setting", "approval", "effect", "standing", "audit", "audit_pending"] as const;

const Copied = z.array(z.object({ table: z.string(), rows: z.string() }));
const Rows = z.array(z.object({ rows: z.string() }));

function storing(bench: Bench) {
  const { database } = bench;
  const at = (table: string): string => `${database.schema}.${table}`;
  return {
    pass: async (ms) => void (bench.time += ms),
    crashAt: (point) => void (bench.crash = point),
    breakOutside: () => void (bench.outside.isBroken = true),
    restart: () => startGate(bench),
    outcome: (approval) => bench.gate.outcome(ticketFor(approval).id),
    async alter(from, to) {
      for (const table of ["approval", "effect"])
        await database.query(
          `update ${at(table)} set action = replace(action::text, $1, $2)::jsonb`,
          [from, to],
        );
    },
    /** With the effect that the gate would have made of a yes. */
    async turnNoIntoYes(approval) {
      const { id } = ticketFor(approval);
      await database.query(`update ${at("approval")} set state = 'approved' where id = $1`, [id]);
      await database.query(
        `insert into ${at("effect")} (key, approval_id, run, bundle, position, action, request_digest, facts, revision,
           approved_by, state, fence, attempts, not_before, created_at)
         select key, id, run, step, place, action, '', facts, id || '@' || version, 'person', 'intended', 0, 0,
           created_at, created_at from ${at("approval")} where id = $1`,
        [id],
      );
    },
    async copy() {
      const copied: z.output<typeof Copied> = [];
      for (const table of TABLES) {
        const text = `select coalesce(json_agg(t), '[]')::text as rows from ${at(table)} t`;
        const [row] = Rows.parse(await database.query(text));
        copied.push({ table, rows: row?.rows ?? "[]" });
      }
      return { copied };
    },
    async putBack({ copied }) {
      for (const { table, rows } of Copied.parse(copied)) {
        await database.query(`delete from ${at(table)}`);
        const from = `json_populate_recordset(null::${at(table)}, $1::json)`;
        await database.query(`insert into ${at(table)} select * from ${from}`, [rows]);
      }
      await bench.gate.restored();
    },
  } satisfies Partial<Offers>;
}
