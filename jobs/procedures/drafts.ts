/** Drafts of procedures, and what their tests came to. */

import { invalidInput } from "#core/values/errors.ts";
import { PROCEDURE_CARD } from "#core/contracts/approval-desk.ts";
import { momentText } from "#core/values/moment.ts";
import type { Transaction } from "#store/db/database.ts";
import { lockPolicy } from "#store/policy/policy-changes.ts";
import {
  insertVersion,
  UNTESTED,
  updateVersion,
  procedureVersions,
  type ProcedureVersion,
} from "#store/procedures/versions.ts";
import {
  changeLocked,
  procedureDigest,
  NO_NEEDS,
  writeDown,
  type Actor,
  type Publishing,
} from "./publish.ts";

/** A text and where it comes from. */
export interface WrittenProcedure {
  readonly name: string;
  readonly text: string;
  readonly origin: ProcedureVersion["origin"];
  /** The address of the teammate who wrote it; empty for a file. */
  readonly author: string;
}

/**
 * Keeps a text as the one draft of its name. A draft that already has this text stays as it is, with the result of its
 * tests; any other text has to be tested anew. `basis` is the digest of the draft the writer began with, empty where
 * there was none; left out, what is there is replaced. Throws `input.invalid` when the draft is another one by now.
 */
export function saveDraft(
  { store, clock, ids }: Publishing,
  written: WrittenProcedure,
  basis: string | null = null,
): Promise<ProcedureVersion> {
  const now = clock.now();
  const made = procedureDigest(written.text);
  return store.run(async (transaction) => {
    await lockPolicy(transaction);
    const draft = await draftNamed(transaction, written.name);
    if (draft?.digest === made) return draft;
    if (basis !== null && basis !== (draft?.digest ?? ""))
      throw invalidInput(
        `the draft of ${written.name} was changed meanwhile${draft === undefined || draft.author === "" ? "" : ` by ${draft.author}`}; copy what you need, and open it again`,
      );
    const fresh = { ...written, digest: made };
    if (draft !== undefined) {
      await changeLocked(transaction, draft, { ...fresh, ...UNTESTED });
      return { ...draft, ...fresh, ...UNTESTED, revision: draft.revision + 1 };
    }
    return insertVersion(transaction, {
      ...fresh,
      id: ids.next(PROCEDURE_CARD),
      state: "draft",
      needs: NO_NEEDS,
      createdAt: now,
      publishedAt: null,
      expiresAt: now,
      closing: "",
    });
  });
}

async function draftNamed(
  transaction: Transaction,
  name: string,
): Promise<ProcedureVersion | undefined> {
  const versions = await procedureVersions(transaction, name);
  return versions.find(({ state }) => state === "draft");
}

/** Gives the draft of this name up; its text stays in the history. Throws `input.invalid` when there is none. */
export function discardDraft(
  { store, clock }: Publishing,
  name: string,
  by: Actor | null = null,
): Promise<ProcedureVersion> {
  const at = clock.now();
  return store.run(async (transaction) => {
    await lockPolicy(transaction);
    const draft = await draftNamed(transaction, name);
    if (draft === undefined) throw invalidInput(`there is no draft of ${name}`);
    const closing = `Given up on ${momentText(at, "UTC")} UTC${by === null ? "" : ` by ${by.name}`}. It was never in use.`;
    await changeLocked(transaction, draft, { state: "retired", closing });
    await writeDown(transaction, "procedure_discarded", draft, { at, by });
    return draft;
  });
}

/** Twenty tests of a minute and a half. Tests that took longer were broken off, as by a stop of the process. */
const TESTS_MS_MAX = 30 * 60_000;

/** Whether the tests of a version are being played. */
export function isPlaying(
  { testBeganAt, testEndedAt }: Pick<ProcedureVersion, "testBeganAt" | "testEndedAt">,
  now: Date,
): boolean {
  return (
    testBeganAt !== null &&
    testEndedAt === null &&
    now.getTime() - testBeganAt.getTime() < TESTS_MS_MAX
  );
}

/** Records that tests of a version begin, and returns it as it is now. Throws `input.invalid` while others run. */
export function beginTests(
  { store, clock }: Publishing,
  { id, name }: Pick<ProcedureVersion, "id" | "name">,
): Promise<ProcedureVersion> {
  const now = clock.now();
  return store.run(async (transaction) => {
    await lockPolicy(transaction);
    const version = (await procedureVersions(transaction, name)).find((one) => one.id === id);
    if (version === undefined) throw invalidInput(`there is no such version of ${name}`);
    if (isPlaying(version, now))
      throw invalidInput(`the tests of ${name} are being played already`);
    const change = { testBeganAt: now, testEndedAt: null, testLines: [] };
    await changeLocked(transaction, version, change);
    return { ...version, ...change, revision: version.revision + 1 };
  });
}

/** What the tests of a version came to. */
export interface TestResult {
  readonly passed: boolean;
  readonly model: string;
  readonly lines: readonly string[];
}

/**
 * Records what the tests of a version came to; only a version whose last tests passed may be proposed. False when it has
 * changed by now.
 */
export function recordTests(
  { store, clock }: Publishing,
  version: Pick<ProcedureVersion, "id" | "revision">,
  { passed, model, lines }: TestResult,
): Promise<boolean> {
  const now = clock.now();
  return store.run(async (transaction) => {
    await lockPolicy(transaction);
    return updateVersion(transaction, version, {
      testedAt: passed ? now : null,
      testedWith: passed ? model : "",
      testEndedAt: now,
      testLines: [...lines],
    });
  });
}
