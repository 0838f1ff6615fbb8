/** What an upgrade would meet, looked at with the new code before it is started. */

import { existsSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { type Finding, findingsAbout } from "#core/connection/connection-board.ts";
import { reasonOf } from "#core/values/errors.ts";
import { type Config, readConfig } from "#config/environment.ts";
import { modelsAsked } from "#config/language-model.ts";
import { configuredPolicySource, readPolicyFile } from "#config/policy-file.ts";
import { lacksPrice } from "#agent/prices.ts";
import { readTools } from "#connections/system-tools.ts";
import { BUILT_IN_TOOLS } from "#core/values/action.ts";
import { openPolicyFile, openPolicyInForce } from "#policy/load-policy.ts";
import { requireRules } from "#policy/required-rules.ts";
import { openPostgres, openStore } from "#store/db/database.ts";
import { newestMigration, planUpgrade, type UpgradePlan } from "#store/db/migrate.ts";
import { createLog } from "#telemetry/log.ts";
import { mendFor, unopened, withMeaning } from "./mends.ts";
import { settingFindings } from "./probes.ts";
import { priceFinding } from "./try-model.ts";

/** A backup that is older than this is made anew before an upgrade. */
const BACKUP_MAX_MS = 24 * 60 * 60_000;

/** Less than this is refused, whatever a migration needs. */
const FREE_MIN_BYTES = 256 * 1024 * 1024;

/** A transaction as old as this is no usual work of Deskhand: a dump, or a session someone left open. */
const OLD_TRANSACTION_SECONDS = 60;

const ok = (part: string, check: string, found: string): Finding =>
  findingsAbout(part)("ok", check, found);
const problem = (part: string, check: string, found: string, remedy: string): Finding =>
  findingsAbout(part)("problem", check, found, remedy);

/**
 * Looks at database, processes, migrations, disk, backup, policy, settings and tools, as a start does, and changes
 * nothing. Never throws.
 */
export async function examineUpgrade(
  environment: NodeJS.ProcessEnv,
  asked: { readonly now: Date; readonly backupElsewhere: boolean },
): Promise<readonly Finding[]> {
  const unknown = settingFindings(environment);
  let config: Config;
  try {
    config = readConfig(environment);
  } catch (error) {
    return [withMeaning(unopened("configuration", "variables", error)), ...unknown];
  }
  const prices = modelsAsked(config.environment)
    .filter(lacksPrice)
    .map(({ part, model }) => priceFinding(part, model));
  const settings = [
    ok("configuration", "variables", "read"),
    ...unknown,
    ...prices,
    ...fileFindings(config),
  ];
  const planned = await planFor(config);
  if ("remedy" in planned) return [planned, ...settings];
  const inForce = planned.policyText;
  return [
    ...databaseFindings(planned),
    diskFinding(config, planned),
    backupFinding(planned, asked),
    ...settings,
    ...(inForce === null
      ? []
      : [policyFinding("the policy in force", () => void openPolicyInForce(inForce))]),
  ];
}

/** PostgreSQL can be looked at while the old version runs. */
async function planFor(config: Config): Promise<UpgradePlan | Finding> {
  const { DATABASE_URL: databaseUrl = null } = config.environment;
  const log = createLog("warn");
  if (databaseUrl === null && !existsSync(join(config.dataFolder, "pglite")))
    return problem(
      "database",
      "schema",
      `there is no database in ${config.dataFolder}`,
      "name the data folder of the version that runs in DESKHAND_DATA, or its database in DATABASE_URL",
    );
  try {
    const store = await (databaseUrl === null
      ? openStore({ databaseUrl, folder: config.dataFolder, log })
      : openPostgres(databaseUrl, log));
    try {
      return await store.run(planUpgrade, configuredPolicySource(config).kind);
    } finally {
      await store.close();
    }
  } catch (error) {
    const remedy = "correct what is said; the version that runs is not affected";
    return problem("database", "schema", reasonOf(error), mendFor(error) ?? remedy);
  }
}

/** Findings about schema, migrations, running processes and what would make a migration wait. Pure. */
export function databaseFindings(plan: UpgradePlan): readonly Finding[] {
  const { schema, pending, oldestTransactionSeconds: oldest } = plan;
  const from = schema === null ? "empty" : `is at ${schema}`;
  const toDo =
    pending.length === 0
      ? "nothing would run"
      : `${pending.length} ${pending.length === 1 ? "migration" : "migrations"} would run up to ${newestMigration()}`;
  return [
    ok("database", "schema", `${from}; ${toDo}`),
    runningFinding(plan),
    ...pending.map((migration) => migrationFinding(plan, migration)),
    ...(oldest > OLD_TRANSACTION_SECONDS && pending.length > 0
      ? [
          problem(
            "database",
            "open transactions",
            `one is open for ${oldest} s`,
            "wait until it ends, such as a dump, or end that session: a migration would wait for its tables and give up",
          ),
        ]
      : []),
  ];
}

function runningFinding({ processes, schema }: UpgradePlan): Finding {
  if (processes.length === 0)
    return ok("processes", "running", "none was seen within the last minute");
  const known = processes.map(({ worker, knows }) =>
    knows === null
      ? `${worker} (does not say; taken to know what the database has, ${schema})`
      : `${worker} (knows up to ${knows})`,
  );
  return ok("processes", "running", known.join(", "));
}

/** The number of the oldest code that runs; null while none does. */
function oldestRunning({ processes, schema }: UpgradePlan): string | null {
  const numbers = processes.map(({ knows }) => (knows ?? schema ?? "").slice(0, 4));
  return numbers.toSorted().at(0) ?? null;
}

function migrationFinding(plan: UpgradePlan, migration: UpgradePlan["pending"][number]): Finding {
  const { name, worksWith } = migration;
  const running = oldestRunning(plan);
  if (running === null) return ok("migration", name, "would run");
  if (worksWith !== null && worksWith <= running)
    return ok("migration", name, "expands only, so the running code goes on beside it");
  const why =
    worksWith === null
      ? "says of no older code that it goes on"
      : `needs code from ${worksWith} on`;
  return problem(
    "migration",
    name,
    `${why}, and code of ${running} runs`,
    "stop every process before the first start of the new version",
  );
}

const inMegabytes = (bytes: number): string => `${Math.ceil(bytes / 1_048_576)} MB`;

function diskFinding(config: Config, plan: UpgradePlan): Finding {
  const isEmbedded = config.environment.DATABASE_URL === undefined;
  const { bavail, bsize } = statfsSync(isEmbedded ? config.dataFolder : nearestFolder(config));
  const free = bavail * bsize;
  // A table that is written anew is there twice until the commit.
  const needed = FREE_MIN_BYTES + (isEmbedded && plan.pending.length > 0 ? plan.bytes : 0);
  const found = `${inMegabytes(free)} free for ${config.dataFolder}; the database has ${inMegabytes(plan.bytes)}${isEmbedded ? "" : ", on a disk of its server that cannot be seen from here"}`;
  return free >= needed
    ? ok("disk", "room", found)
    : problem("disk", "room", found, `make room: ${inMegabytes(needed)} have to be free`);
}

/** The data folder of a process that never ran here is not there yet. */
function nearestFolder({ dataFolder }: Config): string {
  try {
    statfsSync(dataFolder);
    return dataFolder;
  } catch {
    return process.cwd();
  }
}

function backupFinding(
  { backupAt, schema }: UpgradePlan,
  { now, backupElsewhere }: { readonly now: Date; readonly backupElsewhere: boolean },
): Finding {
  if (schema === null) return ok("backup", "age", "the database is empty");
  if (backupElsewhere) return ok("backup", "age", "is said to be made by other means");
  const remedy =
    "write one with the version that runs: npm run -s deskhand -- backup FILE (or say --backup-elsewhere)";
  if (backupAt === null) return problem("backup", "age", "none was ever written", remedy);
  const hours = Math.floor((now.getTime() - Date.parse(backupAt)) / 3_600_000);
  const found = `the last one is of ${backupAt}, ${hours} h ago`;
  return now.getTime() - Date.parse(backupAt) <= BACKUP_MAX_MS
    ? ok("backup", "age", found)
    : problem("backup", "age", found, remedy);
}

/** The folders of tools and the policy file, which has to have a rule for each change in them. */
function fileFindings(config: Config): readonly Finding[] {
  let declarations: ReturnType<typeof readTools> = [];
  const found: Finding[] = [];
  try {
    declarations = readTools(config.toolsFolders, BUILT_IN_TOOLS);
  } catch (error) {
    const remedy = "correct the folders in TOOLS, then check again";
    found.push(problem("own systems", "tools", reasonOf(error), remedy));
  }
  const file = policyFinding("the policy file", () => {
    const { policy } = openPolicyFile(readPolicyFile(config), config.policyFile);
    requireRules(policy, declarations, declarations);
  });
  return [...found, file];
}

function policyFinding(check: string, read: () => void): Finding {
  try {
    read();
    return ok("policy", check, "reads under this version");
  } catch (error) {
    const remedy = "correct it with `policy check FILE` of this version, then check again";
    return problem("policy", check, reasonOf(error), remedy);
  }
}
