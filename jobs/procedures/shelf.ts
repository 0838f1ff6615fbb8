/**
 * Drafts of procedures: what teammates do with them, from a command or from the console (checking, testing, asking
 * for votes), and what their tests came to.
 */
import {
  checkProcedures,
  type ProcedureProblem,
  type ProcedureText,
  problemLine,
  type ProcedureWorld,
} from "#procedures/check.ts";
import type { Procedure } from "#procedures/format.ts";
import { invalidInput, reasonOf } from "#core/values/errors.ts";
import {
  currentVersions,
  procedureVersions,
  type ProcedureVersion,
  insertVersion,
  UNTESTED,
  updateVersion,
} from "#store/procedures/versions.ts";
import { type PolicyChange, lockPolicy } from "#store/policy/policy-changes.ts";
import type { PlayedCase } from "#procedures/cases.ts";
import { PROCEDURE_CARD } from "#core/contracts/approval-desk.ts";
import { momentText } from "#core/values/moment.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  procedureDigest,
  proposeDraft,
  type Actor,
  type Publishing,
  changeLocked,
  NO_NEEDS,
  writeDown,
} from "./publish.ts";

/** What publishing needs besides the texts. */
export interface PublishingDesk extends Publishing {
  /** Whose policy names the leads. */
  readonly source: PolicyChange["source"];
  /** Plays the tests of a text through a turn. */
  readonly play: (procedure: Procedure) => Promise<readonly PlayedCase[]>;
  /** The model tests are played with. */
  readonly model: string;
}

/** The procedures of an installation: its files, its versions, and what they are checked against. */
export interface ProcedureShelf {
  /** The folder's path for people; null where there is none. */
  readonly folder: string | null;
  /** Reads the folder now. Throws `config.invalid`. */
  readonly files: () => readonly ProcedureText[];
  readonly world: () => Promise<ProcedureWorld>;
  readonly desk: PublishingDesk;
}

/** A text, and the version of the console that it comes from; null for a file. */
interface CurrentText extends ProcedureText {
  readonly kept: ProcedureVersion | null;
}

/**
 * A draft written in the console goes first, because its writer waits for it; then the file; then what is in use or
 * waits. Throws `input.invalid` when nothing of this name is known.
 */
export async function currentText(shelf: ProcedureShelf, name: string): Promise<CurrentText> {
  const kept = (await versionsNamed(shelf, name)).filter(({ state }) => CURRENT.has(state));
  const draft = kept.find(({ state }) => state === "draft");
  if (draft?.origin === "console") return { name, text: draft.text, kept: draft };
  const file = shelf.files().find((one) => one.name === name);
  if (file !== undefined) return { ...file, kept: null };
  const [newest] = kept;
  if (newest === undefined)
    throw invalidInput(`there is no procedure ${name} in ${shelf.folder ?? "any folder"}`);
  return { name, text: newest.text, kept: newest };
}

const CURRENT: ReadonlySet<ProcedureVersion["state"]> = new Set(["draft", "proposed", "published"]);

/** Every version of a procedure, newest first. */
export function versionsNamed(
  { desk }: ProcedureShelf,
  name: string,
): Promise<readonly ProcedureVersion[]> {
  return desk.store.run(procedureVersions, name);
}

/**
 * What is wrong with a text next to all other procedures, which it may refer to: those of the folder, and those that
 * were only ever written in the console. The procedure is null where anything is wrong.
 */
export async function lookedAt(
  shelf: ProcedureShelf,
  { name, text }: ProcedureText,
): Promise<{
  readonly procedure: Procedure | null;
  readonly problems: readonly ProcedureProblem[];
}> {
  const kept = await shelf.desk.store.run(currentVersions);
  const others = new Map([...kept, ...shelf.files()].map((one) => [one.name, one.text]));
  others.delete(name);
  const checked = checkProcedures(
    [{ name, text }, ...[...others].map(([other, words]) => ({ name: other, text: words }))],
    await shelf.world(),
  );
  return {
    procedure: checked.procedures.find((one) => one.name === name) ?? null,
    problems: checked.problems.filter((problem) => problem.name === name),
  };
}

/** The text as a procedure; throws `input.invalid` with a line for every problem. */
async function checkedText(shelf: ProcedureShelf, text: ProcedureText): Promise<Procedure> {
  const { procedure, problems } = await lookedAt(shelf, text);
  if (procedure === null) throw invalidInput(problems.map(problemLine).join("\n"));
  return procedure;
}

/** The version that has this very text; a new draft where there is none yet. */
export async function versionWithText(
  shelf: ProcedureShelf,
  { name, text, kept }: CurrentText,
): Promise<ProcedureVersion> {
  if (kept !== null) return kept;
  const made = procedureDigest(text);
  const same = (await versionsNamed(shelf, name)).find(
    ({ digest, state }) => digest === made && CURRENT.has(state),
  );
  return same ?? saveDraft(shelf.desk, { name, text, origin: "file", author: "" });
}

/**
 * Begins to play the tests of a version. What they come to is kept with it; with all passed, this very text may be
 * published. `ended` fails only when the result cannot be kept. Throws `input.invalid` for a text with problems, without
 * tests, and whose tests are being played.
 */
export async function startTests(shelf: ProcedureShelf, version: ProcedureVersion) {
  const { name } = version;
  const procedure = await checkedText(shelf, version);
  if (procedure.cases.length === 0)
    throw invalidInput(`${name} has no tests; write them below ## Tests`);
  const begun = await beginTests(shelf.desk, version);
  return { ended: playedTests(shelf, begun, procedure) };
}

async function playedTests(
  { desk }: ProcedureShelf,
  begun: ProcedureVersion,
  procedure: Procedure,
): Promise<TestResult> {
  const result = {
    model: desk.model,
    ...(await desk.play(procedure).then(playedResult, brokenOff)),
  };
  if (!(await recordTests(desk, begun, result)))
    throw invalidInput(`${begun.name} was changed while its tests ran; run them again`);
  return result;
}

function playedResult(played: readonly PlayedCase[]): Omit<TestResult, "model"> {
  return {
    passed: played.every(({ missed }) => missed.length === 0),
    lines: played.flatMap(({ name, missed }) => [
      `${missed.length === 0 ? "passed" : "FAILED"}  ${name}`,
      ...missed.map((line) => `        ${line}`),
    ]),
  };
}

/** A test that could not be played has not passed, and its writer reads why. */
function brokenOff(error: unknown): Omit<TestResult, "model"> {
  return { passed: false, lines: [`FAILED  they could not be played: ${reasonOf(error)}`] };
}

/** What became of a wish to publish. */
type AskedLeads =
  | { readonly kind: "asked"; readonly version: number; readonly people: number }
  | { readonly kind: "in use" | "waiting"; readonly version: number };

/**
 * Asks the leads to publish this text, by card. Says so where it is in use, or waits, already. Throws `input.invalid`
 * for a text with problems, and for one whose tests have not passed.
 */
export async function askLeads(
  shelf: ProcedureShelf,
  current: CurrentText,
  by: Actor | null = null,
): Promise<AskedLeads> {
  const { name, text } = current;
  await checkedText(shelf, current);
  const made = procedureDigest(text);
  const same = (await versionsNamed(shelf, name)).filter(({ digest }) => digest === made);
  const inUse = same.find(({ state }) => state === "published");
  if (inUse !== undefined) return { kind: "in use", version: inUse.version };
  const waiting = same.find(({ state }) => state === "proposed");
  if (waiting !== undefined) return { kind: "waiting", version: waiting.version };
  await versionWithText(shelf, current);
  const { version, needs } = await proposeDraft(shelf.desk, {
    name,
    source: shelf.desk.source,
    by,
  });
  return { kind: "asked", version, people: needs.count };
}

interface WrittenProcedure {
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
function beginTests(
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

interface TestResult {
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
