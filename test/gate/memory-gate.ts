/** A gate in memory that holds every case, and that can be given a fault; its disk is a text, so that a restart is one. */
import { createHmac } from "node:crypto";
import { z } from "zod";
import type { Effect, GatedCall, Person } from "#conformance/contract.ts";
import type { PlantedFault } from "./planted-faults.ts";

export const EXPIRES_AFTER_MS = 8 * 60 * 60_000;

/** What is kept of an approval. Its state follows from the votes and from `ended`, which are signed. */
const Row = z.object({
  id: z.string(),
  run: z.string(),
  step: z.string(),
  key: z.string(),
  action: z.enum(["pay", "close"]),
  args: z.record(z.string(), z.union([z.string(), z.number()])),
  shown: z.string(),
  version: z.number(),
  seal: z.string(),
  record: z.string().nullable(),
  expiresAt: z.number(),
  votes: z.array(z.object({ person: z.string(), signature: z.string() })),
  state: z.enum(["waiting", "approved", "refused", "void", "executing", "executed", "failed"]),
  signature: z.string(),
  by: z.string().nullable(),
  reason: z.string(),
});
export type Row = z.infer<typeof Row>;

const Free = z.object({ step: z.string(), text: z.string(), done: z.boolean(), behind: z.int() });

const Disk = z.object({
  rows: z.array(Row),
  free: z.array(Free),
  always: z.array(z.string()),
  count: z.int(),
});
type Disk = z.infer<typeof Disk>;

/** The outside system: it counts, can be asked by key, and can refuse. */
interface Outside {
  readonly seen: (Effect & { readonly key: string })[];
  record: string;
  isBroken: boolean;
}

/** Thrown where the process dies. */
export class Died extends Error {}

/** The gate's parts that a process holds; `text` and `outside` outlive it. */
export interface Memory {
  text: string;
  readonly outside: Outside;
  now: number;
  /** True once a run has come to wait. */
  hasRun: boolean;
  /** Where the process dies in its next run; the fault that is planted, if any. */
  crash: string | null;
  readonly fault: PlantedFault | null;
  readonly isAllowed: (person: Person, kind: "yes" | "no" | "edit") => string | null;
  readonly votesNeeded: number;
}

export function emptyDisk(): string {
  return JSON.stringify({ rows: [], free: [], always: [], count: 0 } satisfies Disk);
}

export function readDisk(memory: Memory): Disk {
  return Disk.parse(JSON.parse(memory.text));
}

/** Changes the disk in one go. */
export function change<Result>(memory: Memory, work: (disk: Disk) => Result): Result {
  const disk = readDisk(memory);
  const result = work(disk);
  memory.text = JSON.stringify(disk);
  return result;
}

const SECRET = "held by the process, never stored";

function signed(...words: readonly (string | number)[]): string {
  return createHmac("sha256", SECRET).update(JSON.stringify(words)).digest("hex");
}

function rowSeal({ id, version, action, args }: Omit<Row, "seal">): string {
  return signed(id, version, action, JSON.stringify(args));
}

/** Adds a gated call to a step, waiting for people. */
export function ask(
  memory: Memory,
  call: GatedCall,
  given: { readonly run: string; readonly step: string } & Partial<Row>,
): Row {
  return change(memory, (disk) => {
    const id = `a${(disk.count += 1)}`;
    const blank = {
      id,
      key: id,
      action: call.action,
      args: { ...call.args },
      shown: JSON.stringify(call.args),
      version: 1,
      record: null,
      expiresAt: memory.now + EXPIRES_AFTER_MS,
      votes: [],
      state: "waiting" as const,
      signature: "",
      by: null,
      reason: "",
      ...given,
    };
    const row: Row = { ...blank, seal: rowSeal(blank) };
    disk.rows.push(row);
    return row;
  });
}

/** Ends the waiting of an approval under the process's signature. */
export function settle(row: Row, state: Row["state"], by: Person | null, reason: string): void {
  Object.assign(row, { state, by, reason, signature: signed(row.id, row.version, state) });
}

/** Records a yes; the last one that is needed approves. A refusal is its reason. */
export function vote(memory: Memory, row: Row, person: Person, reason: string): string | null {
  const isTwice = row.votes.some((one) => one.person === person);
  if (isTwice && memory.fault !== "a vote is counted twice") return "you have said yes already";
  row.votes.push({ person, signature: signed(row.seal, person) });
  if (row.votes.length >= memory.votesNeeded) settle(row, "approved", person, reason);
  return null;
}

/** An edit is a new version: it has a seal of its own, and no votes. */
export function edit(memory: Memory, row: Row, call: GatedCall): void {
  row.args = { ...call.args };
  row.action = call.action;
  row.shown = JSON.stringify(call.args);
  row.version += 1;
  row.seal = rowSeal(row);
  const keeps = memory.fault === "an edit keeps its votes";
  row.votes = keeps
    ? row.votes.map((one) => ({ ...one, signature: signed(row.seal, one.person) }))
    : [];
}

/** True when what is stored is what people said yes to. */
function isSealed(memory: Memory, row: Row): boolean {
  if (memory.fault === "the seal is not compared") return true;
  if (row.seal !== rowSeal(row)) return false;
  if (memory.fault === "stored decisions are trusted") return true;
  const voters = new Set(
    row.votes
      .filter(({ person, signature }) => signature === signed(row.seal, person))
      .map(({ person }) => person),
  );
  const enough = memory.fault === "a vote is counted twice" ? 1 : memory.votesNeeded;
  return (
    voters.size >= enough &&
    ["approved", "executing"].some((state) => row.signature === signed(row.id, row.version, state))
  );
}

/** Runs everything that is decided, and what waited behind it. */
export function runAll(memory: Memory): void {
  memory.hasRun = true;
  for (const { id } of readDisk(memory).rows) runOne(memory, id);
  runFree(memory);
}

function runFree(memory: Memory): void {
  change(memory, (disk) => {
    for (const free of disk.free) {
      const before = disk.rows.filter(({ step }) => step === free.step).slice(0, free.behind);
      const isHeld = before.some(({ state }) => state === "waiting" || state === "approved");
      if (free.done || (isHeld && memory.fault !== "neighbours do not wait")) continue;
      free.done = true;
      memory.outside.seen.push({ action: "note", args: { text: free.text }, key: "" });
    }
  });
}

function runOne(memory: Memory, id: string): void {
  const row = readDisk(memory).rows.find((one) => one.id === id);
  if (row === undefined) return;
  const isSilent = memory.fault === "silence is a yes" && memory.now >= row.expiresAt;
  const isRead = memory.fault !== "the word no is not read" || row.state !== "refused";
  if (isSilent || !isRead) return act(memory, row);
  if (row.state !== "approved" && row.state !== "executing") return;
  const isStale = row.record !== null && row.record !== memory.outside.record;
  if ((isStale && memory.fault !== "a record is not read again") || !isSealed(memory, row))
    return mark(memory, id, "void");
  if (isDone(memory, row)) return mark(memory, id, "executed");
  act(memory, row);
}

/** The outside is asked before a call that may have been made already. */
function isDone({ fault, outside }: Memory, { key, state }: Row): boolean {
  const skips =
    fault === "nothing is looked up after a restore" ||
    fault === "a second yes acts again" ||
    (fault === "nothing is looked up after a crash" && state === "executing");
  return !skips && outside.seen.some((one) => one.key === key);
}

function act(memory: Memory, row: Row): void {
  const { id, action, args, key } = row;
  mark(memory, id, memory.fault === "recorded before the effect" ? "executed" : "executing");
  die(memory, "before the effect");
  if (memory.outside.isBroken)
    return mark(memory, id, memory.fault === "a result is invented" ? "executed" : "failed");
  memory.outside.seen.push({ action, args, key });
  die(memory, "after the effect");
  mark(memory, id, "executed");
  die(memory, "after the record");
}

function mark(memory: Memory, id: string, state: Row["state"]): void {
  change(memory, ({ rows }) => {
    for (const row of rows) if (row.id === id) row.state = state;
  });
}

function die(memory: Memory, point: string): void {
  if (memory.crash === point) throw new Died(point);
}
