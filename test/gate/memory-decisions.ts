/** Decisions on the gate in memory: who may, what still waits, and what a yes, a no or an edit makes of it. */
import {
  ACCEPTED,
  refusedAnswer,
  type Answer,
  type Approval,
  type Decision,
  type Person,
} from "#conformance/contract.ts";
import { change, edit, readDisk, settle, vote, type Memory, type Row } from "./memory-gate.ts";

/** How the people of this gate are called. */
export const NAMES = {
  approver: "Sam",
  second: "Lea",
  stranger: "Ned",
  requester: "Ann",
} as const;

/** An approval as the disk has it. */
export function storedRow(memory: Memory, id: string): Row | undefined {
  return readDisk(memory).rows.find((row) => row.id === id);
}

/** True once it has waited too long, whatever has noticed. */
export function isOver(memory: Memory, { state, expiresAt }: Row): boolean {
  return state === "waiting" && memory.now >= expiresAt;
}

/** The approvals that a person can still decide on. */
export function waitingIn(memory: Memory): readonly Row[] {
  return readDisk(memory).rows.filter(
    (row) => row.state === "waiting" && memory.now < row.expiresAt,
  );
}

/** A person's decision on an approval, in one change of the disk. */
export async function decideOn(
  memory: Memory,
  { id }: Approval,
  person: Person,
  decision: Decision,
): Promise<Answer> {
  const forbidden = memory.isAllowed(person, decision.kind);
  if (forbidden !== null) return refusedAnswer(forbidden);
  if (memory.fault === "the lock is dropped") return decideUnlocked(memory, id, person, decision);
  return change(memory, ({ rows }) => {
    const meant = memory.fault === "a yes means the newest" ? rows.at(-1)?.id : id;
    const row = rows.find((one) => one.id === meant);
    const why = row === undefined ? "there is none" : whyNot(memory, row);
    if (row === undefined || why !== null) return refusedAnswer(why ?? "");
    const refusal = applied(memory, rows, row, person, decision);
    return refusal === null ? ACCEPTED : refusedAnswer(refusal);
  });
}

/** Reads, waits, and writes what it came to from what it had read. */
async function decideUnlocked(
  memory: Memory,
  id: string,
  person: Person,
  decision: Decision,
): Promise<Answer> {
  const row = storedRow(memory, id);
  const why = row === undefined ? "there is none" : whyNot(memory, row);
  if (row === undefined || why !== null) return refusedAnswer(why ?? "");
  await Promise.resolve();
  applied(memory, [row], row, person, decision);
  change(
    memory,
    ({ rows }) =>
      void rows.splice(
        rows.findIndex((one) => one.id === id),
        1,
        row,
      ),
  );
  return ACCEPTED;
}

function whyNot(memory: Memory, row: Row): string | null {
  const { fault } = memory;
  if (isOver(memory, row) && fault !== "the expiry is ignored") return "it has expired";
  if (row.state === "waiting") return null;
  if (row.state === "refused" && fault === "a yes after a no counts") return null;
  if (row.state === "executed" && fault === "a second yes acts again") return null;
  return `${row.by === null ? "it" : NAMES[row.by as Person]} decided: ${row.state}`;
}

function applied(
  memory: Memory,
  rows: readonly Row[],
  row: Row,
  person: Person,
  decision: Decision,
): string | null {
  const { fault } = memory;
  if (decision.kind === "edit") {
    if (decision.call.action === row.action) return (edit(memory, row, decision.call), null);
    if (fault !== "an edit may change the action") return "an edit may not change the action";
    edit(memory, row, decision.call);
    return vote(memory, row, person, "");
  }
  const told = fault === "a reason is lost" ? "" : (decision.reason ?? "");
  if (decision.kind === "no") {
    const isKept = fault === "a no after an always-yes is not read" && row.reason === "always";
    if (isKept) return null;
    for (const one of fault === "a no ends the others too" ? rows : [row])
      if (one.state === "waiting" || one.state === "approved") settle(one, "refused", person, told);
    return null;
  }
  const isStale = row.record !== null && row.record !== memory.outside.record;
  if (isStale && fault !== "a record is not read again") {
    settle(row, "void", null, "");
    return "what it is about has changed";
  }
  if (fault === "an early answer is dropped" && !memory.hasRun) return null;
  if (fault === "a second yes acts again") row.votes = [];
  const siblings = fault === "a yes is for the whole step" ? rows : [row];
  const same = siblings.filter(({ step }) => step === row.step);
  return same.map((one) => vote(memory, one, person, told)).at(-1) ?? null;
}
