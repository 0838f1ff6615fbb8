/** The command `upgrade --check`: what an upgrade would meet, looked at with the new code before it is started. */

import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import type { Finding } from "#core/connection/diagnosis.ts";
import { reasonOf } from "#core/values/errors.ts";
import { type Config, Environment, readConfig } from "#config/environment.ts";
import { readPolicyFile } from "#config/policy-file.ts";
import { openPolicyFile, openPolicyInForce } from "#policy/load-policy.ts";
import { meantBy } from "#procedures/nearest.ts";
import { openStore } from "#store/db/database.ts";
import { newestMigration } from "#store/db/migrate.ts";
import { planUpgrade, type UpgradePlan } from "#store/db/upgrade-plan.ts";
import { createLog } from "#telemetry/log.ts";
import type { CommandResult } from "#cli/control.ts";
import { runTyped } from "#cli/standalone/run-typed.ts";

const HOW = {
  upgrade:
    "says what an upgrade to this version would meet; run it with the new code, before a start",
  check:
    "looks at database, processes, migrations, disk, backup, policy and settings; changes nothing",
  json: "prints the findings as JSON",
  elsewhere:
    "backups are made by other means, such as PostgreSQL's own: asks for none of Deskhand's",
} as const;

interface Typed {
  readonly check?: boolean;
  readonly json?: boolean;
  readonly backupElsewhere?: boolean;
}

/** A backup that is older than this is made anew before an upgrade. */
const BACKUP_MAX_MS = 24 * 60 * 60_000;

/** Less than this is refused, whatever a migration needs. */
const FREE_MIN_BYTES = 256 * 1024 * 1024;

/** A transaction as old as this is no usual work of Deskhand: a dump, or a session someone left open. */
const OLD_TRANSACTION_SECONDS = 60;

/** Lists the command in `help`; it runs before any other command opens the data. */
export function describeUpgrade(program: Command): Command {
  return program
    .command("upgrade")
    .description(HOW.upgrade)
    .option("--check", HOW.check)
    .option("--backup-elsewhere", HOW.elsewhere)
    .option("--json", HOW.json);
}

/** Runs `upgrade --check`: exit code 1 when an upgrade should not be started, with the reasons last. */
export async function upgradeCommand(
  environment: NodeJS.ProcessEnv,
  argv: readonly string[],
  now: Date,
): Promise<CommandResult> {
  return runTyped(argv, (program, say, endWith) => {
    describeUpgrade(program).action(async ({ check, json, backupElsewhere }: Typed) => {
      if (check !== true)
        throw new Error(
          "Say upgrade --check. The upgrade itself is a start of the new version: docs/upgrades.md.",
        );
      const findings = await upgradeFindings(environment, {
        now,
        backupElsewhere: backupElsewhere === true,
      });
      const isReady = findings.every(({ state: found }) => found !== "problem");
      endWith(isReady ? 0 : 1);
      say(json === true ? `${JSON.stringify({ ready: isReady, findings })}\n` : told(findings));
    });
  });
}

function told(findings: readonly Finding[]): string {
  const lines = findings.map(({ part, check, found }) => `${part}, ${check}: ${found}`);
  const reasons = findings.filter(({ state }) => state === "problem");
  const verdict =
    reasons.length === 0
      ? ["The upgrade may be started."]
      : [
          "Do not start the upgrade yet:",
          ...reasons.map(({ part, check, remedy }) => `  - ${part}, ${check}: ${remedy}`),
        ];
  return `${[...lines, "", ...verdict].join("\n")}\n`;
}

const ok = (part: string, check: string, found: string): Finding => ({
  part,
  check,
  state: "ok",
  found,
  remedy: null,
});
const problem = (part: string, check: string, found: string, remedy: string): Finding => ({
  part,
  check,
  state: "problem",
  found,
  remedy,
});

async function upgradeFindings(
  environment: NodeJS.ProcessEnv,
  asked: { readonly now: Date; readonly backupElsewhere: boolean },
): Promise<readonly Finding[]> {
  const unknown = unknownSettings(environment);
  let config: Config;
  try {
    config = readConfig(environment);
  } catch (error) {
    const remedy = "correct the settings, then check again; nothing else was looked at";
    return [problem("settings", "variables", reasonOf(error), remedy), ...unknown];
  }
  const file = policyFinding(
    "the policy file",
    () => void openPolicyFile(readPolicyFile(config), config.policyFile),
  );
  const settings = [ok("settings", "variables", "read"), ...unknown, file];
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

/** With PostgreSQL the lock is that of a folder of its own, so that it can be looked at while the old version runs. */
async function planFor(config: Config): Promise<UpgradePlan | Finding> {
  const { DATABASE_URL: databaseUrl = null } = config.environment;
  const own = databaseUrl === null ? null : mkdtempSync(join(tmpdir(), "deskhand-upgrade-"));
  try {
    const folder = own ?? config.dataFolder;
    const store = await openStore({ databaseUrl, folder, log: createLog("warn") });
    try {
      return await store.run(planUpgrade);
    } finally {
      await store.close();
    }
  } catch (error) {
    const remedy =
      databaseUrl === null
        ? "stop Deskhand, which has the embedded database to itself, or correct what is said"
        : "correct what is said; the version that runs is not affected";
    return problem("database", "schema", reasonOf(error), remedy);
  } finally {
    if (own !== null) rmSync(own, { recursive: true, force: true });
  }
}

/** Findings about schema, migrations, running processes and what would make a migration wait. Pure. */
export function databaseFindings(plan: UpgradePlan): readonly Finding[] {
  const { schema, pending, oldestTransactionSeconds: oldest } = plan;
  const seconds = pending.reduce((sum, one) => sum + one.seconds, 0);
  const from = schema === null ? "empty" : `is at ${schema}`;
  const toDo =
    pending.length === 0
      ? "nothing would run"
      : `${pending.length} ${pending.length === 1 ? "migration" : "migrations"} would run up to ${newestMigration()}, ${durationOf(seconds)}`;
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
  const { name, worksWith, touches, seconds } = migration;
  const rows = touches.map(({ table, how, rows: count }) =>
    how === "index" ? `index over ${count} rows of ${table}` : `writes ${count} rows of ${table}`,
  );
  const cost = `${durationOf(seconds)}${rows.length === 0 ? "" : ` (${rows.join(", ")})`}`;
  const running = oldestRunning(plan);
  if (running === null) return ok("migration", name, cost);
  if (worksWith !== null && worksWith <= running)
    return ok("migration", name, `${cost}; expands only, so the running code goes on beside it`);
  const why =
    worksWith === null
      ? "says of no older code that it goes on"
      : `needs code from ${worksWith} on`;
  return problem(
    "migration",
    name,
    `${cost}; ${why}, and code of ${running} runs`,
    "stop every process before the first start of the new version",
  );
}

function durationOf(seconds: number): string {
  if (seconds === 0) return "at once";
  return seconds < 120 ? `about ${seconds} s` : `about ${Math.ceil(seconds / 60)} min`;
}

const inMegabytes = (bytes: number): string => `${Math.ceil(bytes / 1_048_576)} MB`;

function diskFinding(config: Config, plan: UpgradePlan): Finding {
  const isEmbedded = config.environment.DATABASE_URL === undefined;
  const { bavail, bsize } = statfsSync(isEmbedded ? config.dataFolder : nearestFolder(config));
  const free = bavail * bsize;
  const writes = plan.pending.some(({ touches }) => touches.length > 0);
  // A table that is written anew is there twice until the commit.
  const needed = FREE_MIN_BYTES + (isEmbedded && writes ? plan.bytes : 0);
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

function policyFinding(check: string, read: () => void): Finding {
  try {
    read();
    return ok("policy", check, "reads under this version");
  } catch (error) {
    const remedy = "correct it with `policy check FILE` of this version, then check again";
    return problem("policy", check, reasonOf(error), remedy);
  }
}

/** Variables that look like ours and that this version does not read: misspelt, or of another version. */
function unknownSettings(environment: NodeJS.ProcessEnv): readonly Finding[] {
  const known = Environment.keyof().options;
  const names = new Set<string>(known);
  return (
    Object.keys(environment)
      // A secret may also be given by the file it stands in.
      .filter((name) => !names.has(name) && !names.has(name.replace(/_FILE$/, "")))
      .filter((name) => name.startsWith("DESKHAND_"))
      .toSorted()
      .map((name) => {
        const found = `${name} is not read by this version; ${meantBy(name, known)}`;
        const remedy = "take it out, or give it the name this version knows (docs/settings.md)";
        return { part: "settings", check: name, state: "warning" as const, found, remedy };
      })
  );
}
