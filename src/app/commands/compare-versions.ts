/**
 * Plays the same solved tickets through two versions of a team's folder, each in a database in memory that ends with the
 * command. Nothing of the installation is changed.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { CompareRequest } from "#cli/command-parts.ts";
import { readConfig } from "#config/environment.ts";
import { readPolicyFile } from "#config/policy-file.ts";
import { invalidInput, reasonOf } from "#core/values/errors.ts";
import { adoptOwn } from "#jobs/procedures/publish.ts";
import { type ComparedVersions, comparedVersions } from "#jobs/rehearsal/compare.ts";
import type { RehearsalResult } from "#jobs/rehearsal/figures.ts";
import { INTERRUPTED } from "#jobs/rehearsal/run.ts";
import { readPages } from "#knowledge/pages.ts";
import { openPolicyFile } from "#policy/load-policy.ts";
import { checkProcedures, problemLine } from "#procedures/check.ts";
import { openStore } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { createLog } from "#telemetry/log.ts";
import { sampleHistory } from "#app/foundation.ts";
import { rehearse } from "#app/rehearsal/rehearse.ts";
import { randomIds } from "#app/shared-clock.ts";
import { procedureShelf } from "./command-parts.ts";
import { CLOCK, type Here, untilInterrupted, withParts } from "./here.ts";

/** What a folder may hold; a version without a policy takes the configured one. */
const NAMES = ["deskhand.policy.yaml", "procedures", "pages"] as const;

/** Where the command was typed. */
interface TypedAt {
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly progress: (line: string) => void;
}

/** Throws where a version cannot be read or has a mistake, and where no ticket could be played. */
export async function compareVersions(
  { before, after, source, ...wish }: CompareRequest,
  typedAt: TypedAt,
): Promise<ComparedVersions> {
  const scratch = mkdtempSync(join(tmpdir(), "deskhand-compare-"));
  const opened: Here[] = [];
  const settings = (typed: string) =>
    told(typed, async () =>
      versionSettings(versionFolder(typed, scratch, typedAt.folder), scratch, typedAt),
    );
  const open = (typed: string, version: VersionSettings) =>
    told(typed, async () => {
      const log = createLog("error");
      const folder = version.config.dataFolder;
      const store = await openStore({ databaseUrl: null, folder, log, embedded: "in memory" });
      opened.push({ ...version, store, log });
      await adoptTexts({ ...version, store, log });
      return { ...version, store, log };
    });
  const play = (typed: string, here: Here, from: NonNullable<CompareRequest["source"]>) =>
    told(typed, () => played(here, { ...wish, source: from, anew: true, as: null }, typedAt));
  const sample = (tickets: Awaited<ReturnType<typeof sampleHistory>>) =>
    ({ kind: "sample", path: "history", tickets }) as const;
  try {
    // What can be seen without a database is said before one is made.
    const [texts, newTexts] = [await settings(before), await settings(after)];
    const [first, second] = [await open(before, texts), await open(after, newTexts)];
    const from = source ?? sample(await sampleHistory(CLOCK.now(), wish.last));
    const one = await play(before, first, from);
    // Both play the very same tickets, and a source is read once.
    const again = sample(one.tickets.map(({ ticket }) => ticket));
    return comparedVersions(one, await play(after, second, again));
  } finally {
    await Promise.all(opened.map(({ store }) => store.close()));
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Says which of both versions an error is about. */
async function told<Result>(typed: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${typed}: ${reasonOf(error)}`, { cause: error });
  }
}

/** A folder as it is, or that of a git revision, unpacked into `scratch`. */
function versionFolder(typed: string, scratch: string, cwd: string): string {
  const folder = resolve(cwd, typed);
  if (existsSync(folder)) return folder;
  const unpacked = mkdtempSync(join(scratch, "version-"));
  try {
    const options = { cwd, encoding: "utf8", stdio: "pipe" } as const;
    const revision = ["rev-parse", "--verify", "--end-of-options", typed];
    const tree = execFileSync("git", revision, options).trim();
    execFileSync("git", ["archive", "--format=tar", `--output=${unpacked}.tar`, tree], options);
    execFileSync("tar", ["-xf", `${unpacked}.tar`, "-C", unpacked], options);
  } catch (cause) {
    throw invalidInput("is neither a folder nor one of a git revision, such as main:helpdesk", {
      cause,
    });
  }
  return unpacked;
}

type VersionSettings = Pick<Here, "config" | "pages">;

/** This installation's settings, with the texts of the folder and data of its own. */
function versionSettings(
  folder: string,
  scratch: string,
  { environment }: TypedAt,
): VersionSettings {
  const [policy, procedures, pages] = NAMES.map((name) => join(folder, name)).map((path) =>
    existsSync(path) ? path : null,
  );
  if (!policy && !procedures && !pages) throw invalidInput(`has none of ${NAMES.join(", ")}`);
  const config = readConfig({
    ...environment,
    DATABASE_URL: undefined,
    DESKHAND_DATA: mkdtempSync(join(scratch, "data-")),
    ...(policy ? { DESKHAND_POLICY: policy } : {}),
  });
  openPolicyFile(readPolicyFile(config), config.policyFile);
  return {
    config: { ...config, proceduresFolder: procedures ?? null },
    ...(pages ? { pages } : {}),
  };
}

/** Whatever is wrong with the texts is said before anything is played. */
async function adoptTexts(here: Here): Promise<void> {
  const { config, store, pages } = here;
  const publishing = { store, clock: CLOCK, ids: randomIds };
  await migrate(store);
  const shelf = procedureShelf(config, publishing, (use) => withParts(here, use, "file"));
  const world = await shelf.world();
  const own = pages === undefined ? [] : await readPages(pages);
  const known = new Set([...world.pages, ...own.map(({ slug }) => slug)]);
  const { problems } = checkProcedures(shelf.files(), { ...world, pages: known });
  if (problems.length > 0) throw invalidInput(problems.map(problemLine).join("\n"));
  await adoptOwn(publishing, shelf.files());
}

async function played(
  here: Here,
  request: Parameters<typeof rehearse>[1],
  { progress }: TypedAt,
): Promise<RehearsalResult> {
  const result = await withParts(
    here,
    (parts) => untilInterrupted((signal) => rehearse(parts, request, { progress, signal })),
    "file",
  );
  const { state, reason, failed } = result.end;
  // What a ceiling or one ticket kept back leaves the others to be compared: they are paid for.
  if (state === "done" || (result.tickets.length > 0 && reason !== INTERRUPTED)) return result;
  throw new Error([`no ticket was played to its end: ${reason}`, ...failed].join("\n"));
}
