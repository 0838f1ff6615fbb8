/** The gate in memory as a system under test: it offers everything, so that every case is played on it. */
import {
  ACCEPTED,
  issued,
  refusedAnswer,
  type Answer,
  type Approvers,
  type Call,
  type GatedCall,
  type Mode,
  type Offers,
  type Person,
  type Rule,
  type System,
  type World,
} from "#conformance/contract.ts";
import {
  ask,
  change,
  Died,
  edit,
  emptyDisk,
  EXPIRES_AFTER_MS,
  readDisk,
  runAll,
  settle,
  vote,
  type Memory,
  type Row,
} from "./memory-gate.ts";
import { decideOn, isOver, NAMES, storedRow, waitingIn } from "./memory-decisions.ts";
import type { PlantedFault } from "./planted-faults.ts";

/** The correct gate, or the gate with one fault. */
export function memorySystem(fault: PlantedFault | null = null): System {
  return {
    name: "a gate in memory",
    version: "fixture",
    settings: fault ?? "as it should be",
    pages: [],
    open: async (approvers) => memoryWorld(approvers, fault),
  };
}

function freshMemory(approvers: Approvers, fault: PlantedFault | null): Memory {
  return {
    text: emptyDisk(),
    outside: { seen: [], record: "account-7", isBroken: false },
    now: 0,
    hasRun: false,
    crash: null,
    fault,
    votesNeeded: approvers === "two" ? 2 : 1,
    isAllowed(person, kind) {
      if (approvers === "none" && fault !== "no approver means everybody")
        return "no person may decide";
      if (person === "stranger" && fault !== "a stranger may decide") return "you may not decide";
      const isOwn = approvers === "another person" && person === "requester" && kind === "yes";
      return isOwn && fault !== "one's own yes counts" ? "you asked for it yourself" : null;
    },
  };
}

function memoryWorld(approvers: Approvers, fault: PlantedFault | null): World {
  const memory = freshMemory(approvers, fault);
  const newStep = (): { readonly run: string; readonly step: string } => {
    const name = change(memory, (disk) => `r${(disk.count += 1)}`);
    return { run: name, step: name };
  };
  return {
    async propose(call, mode) {
      const row = ask(memory, call, newStep());
      const isOpen = GATED_NOT[mode ?? "direct"] === fault;
      grantAlways(memory, row);
      if (isOpen) memory.outside.seen.push({ ...call, key: row.key });
      return issued(row.id);
    },
    perform: async (call) =>
      void change(memory, (disk) =>
        disk.free.push({ step: "", text: call.args.text, done: false, behind: 0 }),
      ),
    waiting: async () => waitingIn(memory).map(({ id }) => issued(id)),
    async show({ id }) {
      const shown = `${storedRow(memory, id)?.action} ${storedRow(memory, id)?.shown ?? ""}`;
      return fault === "what is shown is cut" ? shown.slice(0, 200) : shown;
    },
    decide: (approval, person, decision) => decideOn(memory, approval, person, decision),
    async run() {
      try {
        runAll(memory);
      } catch (error) {
        if (!(error instanceof Died)) throw error;
      }
    },
    outside: async () => memory.outside.seen.map(({ action, args }) => ({ action, args })),
    spell: (call) => Object.values(call.args).map(String),
    memoMax: 5_000,
    offered: {
      ...proposing(memory, newStep),
      ...answering(memory),
      ...storing(memory),
    },
    close: async () => undefined,
  };
}

const GATED_NOT: Readonly<Record<Mode, PlantedFault | undefined>> = {
  streamed: "a streaming run is not gated",
  nested: "a nested agent is not gated",
  direct: undefined,
};

/** What an always-yes is for: this very call of this very server. */
function standingScope(memory: Memory, { action, args }: Pick<Row, "action" | "args">): string {
  return memory.fault === "always is for the tool" ? "any" : JSON.stringify([action, args]);
}

function grantAlways(memory: Memory, { id, action, args }: Row): void {
  change(memory, ({ always, rows }) => {
    const row = rows.find((one) => one.id === id);
    if (row === undefined || !always.includes(standingScope(memory, { action, args }))) return;
    vote(memory, row, "approver", "");
  });
}

function proposing(memory: Memory, newStep: () => { readonly run: string; readonly step: string }) {
  const { fault } = memory;
  return {
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
    personName: (person) => NAMES[person],
    async together(calls: readonly Call[]) {
      const step = newStep();
      const asked = calls.flatMap((call) =>
        call.action === "note" ? [] : [issued(ask(memory, call, step).id)],
      );
      const behind = (index: number): number =>
        calls.slice(0, index).filter(({ action }) => action !== "note").length;
      change(memory, ({ free }) => {
        for (const [index, call] of calls.entries())
          if (call.action === "note")
            free.push({ ...step, text: call.args.text, done: false, behind: behind(index) });
      });
      return fault === "a step has one approval" ? asked.map(() => asked[0] ?? issued("")) : asked;
    },
    async next({ id }, call) {
      const run = storedRow(memory, id)?.run ?? "";
      const words = JSON.stringify([call.action, call.args]);
      const isRefused = readDisk(memory).rows.some(
        (row) =>
          row.run === run &&
          row.state === "refused" &&
          JSON.stringify([row.action, row.args]) === words,
      );
      if (isRefused && fault !== "a no is asked again") return null;
      return issued(ask(memory, call, { ...newStep(), run }).id);
    },
    async keyed(call, key) {
      const found = readDisk(memory).rows.find((row) => row.key === key);
      if (found === undefined || fault === "keys are ignored") {
        const own = fault === "keys are ignored" ? {} : { key };
        return issued(ask(memory, call, { ...newStep(), ...own }).id);
      }
      return found.state === "waiting" ? issued(found.id) : null;
    },
    async afterWork(call, work) {
      const step = newStep();
      const text = work.args.text;
      change(memory, ({ free }) => free.push({ ...step, text, done: false, behind: 0 }));
      runAll(memory);
      if (fault === "work before the gate is repeated")
        change(memory, ({ free }) => free.push({ ...step, text, done: false, behind: 1 }));
      return issued(ask(memory, call, step).id);
    },
    async rewritten(call, becomes) {
      const isOld = fault === "the arguments before the hook are shown";
      const shown = JSON.stringify((isOld ? call : becomes).args);
      return issued(ask(memory, becomes, { ...newStep(), shown }).id);
    },
    async refer() {
      const { record } = memory.outside;
      const call = { action: "pay", args: { to: record, cents: 4_700, memo: "" } } as const;
      return issued(ask(memory, call, { ...newStep(), record }).id);
    },
    changeContent: async () => void (memory.outside.record = "account-8"),
    async elsewhere(call) {
      const row = ask(memory, call, newStep());
      if (fault === "always is for a name on any server") grantAlways(memory, row);
      return issued(row.id);
    },
    async harmless(call) {
      if (fault !== "the tool's own word decides") return issued(ask(memory, call, newStep()).id);
      memory.outside.seen.push({ ...call, key: "" });
      return null;
    },
    async ruled(call, layers) {
      const order: readonly Rule["says"][] =
        fault === "allow wins over ask" ? ["deny", "allow", "ask"] : ["deny", "ask", "allow"];
      const [won] = layers.toSorted((a, b) => order.indexOf(a.says) - order.indexOf(b.says));
      if (won === undefined) throw new Error("there is no rule");
      const approval = won.says === "ask" ? issued(ask(memory, call, newStep()).id) : null;
      return { verdict: won.says, layer: won.layer, approval };
    },
  } satisfies Partial<Offers>;
}

function answering(memory: Memory) {
  const { fault } = memory;
  const believe = (call: GatedCall): Answer => {
    memory.outside.seen.push({ ...call, key: "" });
    return ACCEPTED;
  };
  const yes = { kind: "yes" } as const;
  return {
    forge: async (call) =>
      fault === "a request the caller wrote is believed"
        ? believe(call)
        : refusedAnswer("that was never issued"),
    async swap(approval, call) {
      if (fault !== "the answer's arguments are taken")
        return refusedAnswer("that is not what was shown");
      change(memory, ({ rows }) => {
        for (const row of rows) if (row.id === approval.id) edit(memory, row, call);
      });
      return decideOn(memory, approval, "approver", yes);
    },
    anonymous: async (approval) =>
      fault === "no identity is needed"
        ? decideOn(memory, approval, "approver", yes)
        : refusedAnswer("who are you?"),
    claiming: (approval, person) => {
      const login = fault === "the body names the person" ? person : "stranger";
      return decideOn(memory, approval, login, yes);
    },
    async say(approval, voice) {
      if (fault === "chat text decides" && voice === "chat text")
        await decideOn(memory, approval, "approver", yes);
    },
    async visit(approval) {
      if (fault === "a fetched link decides") await decideOn(memory, approval, "approver", yes);
    },
    withdraw: async ({ id }) =>
      change(memory, ({ rows }) => {
        const row = rows.find((one) => one.id === id);
        if (row?.state !== "approved") return refusedAnswer("too late");
        if (fault !== "taking back is ignored") {
          edit(memory, row, { action: row.action, args: row.args } as GatedCall);
          settle(row, "waiting", null, "");
        }
        return ACCEPTED;
      }),
    async always(approval) {
      const row = storedRow(memory, approval.id);
      if (row === undefined) return refusedAnswer("there is none");
      change(memory, ({ always, rows }) => {
        always.push(standingScope(memory, row));
        if (fault !== "a no after an always-yes is not read") return;
        for (const one of rows)
          if (vote(memory, one, "approver", "") === null) one.reason = "always";
      });
      return row.state === "waiting" && fault !== "a no after an always-yes is not read"
        ? decideOn(memory, approval, "approver", yes)
        : ACCEPTED;
    },
  } satisfies Partial<Offers>;
}

function storing(memory: Memory) {
  const { fault } = memory;
  return {
    expiresAfterMs: EXPIRES_AFTER_MS,
    pass: async (ms) => void (memory.now += ms),
    crashAt: (point) => void (memory.crash = point),
    breakOutside: () => void (memory.outside.isBroken = true),
    async restart() {
      memory.crash = null;
      const isLost = ({ state }: Row): boolean =>
        (fault === "what waits is lost at a restart" && state === "waiting") ||
        (fault === "what is decided is lost at a restart" && state === "approved");
      change(memory, (disk) => void (disk.rows = disk.rows.filter((row) => !isLost(row))));
    },
    async outcome({ id }) {
      const row = storedRow(memory, id);
      if (row === undefined) return { state: "void", told: "", by: null };
      const { state, reason: told, by } = row;
      const name = by === null ? null : NAMES[by as Person];
      if (isOver(memory, row)) return { state: "expired", told, by: name };
      if (state === "executing") return { state: "unknown", told, by: name };
      return { state: state === "approved" ? "waiting" : state, told, by: name };
    },
    alter: async (from, to) => void (memory.text = memory.text.replaceAll(from, to)),
    turnNoIntoYes: async ({ id }) =>
      change(memory, ({ rows }) => {
        for (const row of rows) if (row.id === id) row.state = "approved";
      }),
    copy: async () => ({ copied: memory.text }),
    putBack: async ({ copied }) => void (memory.text = String(copied)),
  } satisfies Partial<Offers>;
}
