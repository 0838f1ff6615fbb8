/** Finds the programs tests need besides the npm packages, and installs them on a bare Debian. */
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

import { ROOT, say } from "../../src/bootstrap/install.mjs";

const PART_LIST = [
  {
    name: "Redis",
    find: () => onPath("redis-server"),
    packages: ["redis-server"],
    without: "tests on a real Redis",
  },
  {
    name: "PostgreSQL",
    find: postgresFolder,
    packages: ["postgresql"],
    without: "tests on PostgreSQL",
  },
  {
    name: "PgBouncer",
    find: () => onPath("pgbouncer") ?? existing("/usr/sbin/pgbouncer"),
    packages: ["pgbouncer"],
    without: "tests through a connection pooler",
  },
  {
    name: "Chromium",
    find: () => onPath("chromium"),
    packages: ["chromium"],
    without: "tests in a real browser",
  },
  {
    name: "Dovecot",
    find: dovecot,
    packages: ["dovecot-imapd", "dovecot-lmtpd"],
    without: "tests on a real mail server",
  },
  {
    name: "MariaDB",
    find: () => onPath("mariadbd") ?? existing("/usr/sbin/mariadbd"),
    packages: ["mariadb-server-core"],
    without: "tests on a real MariaDB",
  },
  {
    name: "local-slack",
    find: () => existing(join(ROOT, "node_modules", "local-slack-linux-x64", "bin", "local-slack")),
    packages: [],
    without: "tests on a local Slack",
  },
];

/**
 * Finds the programs and resolves to their paths; a missing one is undefined. As root on Debian missing ones are
 * installed. Otherwise the tests that need them are skipped and named, except under CI, where a green run that skipped
 * tests would mislead.
 */
export async function findParts() {
  const packages = PART_LIST.filter(({ find }) => find() === undefined).flatMap(
    (part) => part.packages,
  );
  if (packages.length > 0 && process.getuid?.() === 0 && onPath("apt-get") !== undefined)
    await installPackages(packages);
  const missing = PART_LIST.filter(({ find }) => find() === undefined);
  for (const { name, packages: names, without } of missing) {
    say(
      `${name} is not here: ${without} are skipped.${names.length > 0 ? ` On Debian: apt-get install ${names.join(" ")}` : ""}`,
    );
  }
  if (missing.length > 0 && process.env.CI === "true") {
    throw new Error(
      `CI=true: a missing part fails the run (${missing.map(({ name }) => name).join(", ")}).`,
    );
  }
  return { redis: onPath("redis-server"), postgres: postgresFolder() };
}

async function installPackages(packages) {
  say(`Installing for the tests: ${packages.join(", ")} (apt-get update).`);
  // Waits for a lock held by the system's own updater. The lists may be partly stale, so a failed update is not fatal.
  await quietly("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=120", "update"]);
  for (const name of packages) {
    say(`Installing ${name} (apt-get install --no-install-recommends).`);
    const { code, output } = await quietly("apt-get", [
      "-q",
      "-y",
      "--no-install-recommends",
      "-o",
      "DPkg::Lock::Timeout=120",
      "install",
      name,
    ]);
    if (code !== 0)
      say(`${output.trimEnd().split("\n").slice(-8).join("\n")}\n${name} could not be installed.`);
  }
}

/** Runs a program to its end and keeps its output, in case it fails. */
function quietly(command, parameters) {
  // Runlevel 1 keeps invoke-rc.d from starting the packages' services (systemd may still); the tests start their own.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1", LC_ALL: "C" };
  return new Promise((resolve) => {
    const child = spawn(command, parameters, { stdio: ["ignore", "pipe", "pipe"], env });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk) => (output += chunk));
    child.once("error", (error) => resolve({ code: 1, output: error.message }));
    child.once("close", (code) => resolve({ code, output }));
  });
}

/** The folder with initdb and postgres. Debian keeps them off PATH, one folder per version; the newest is taken. */
export function postgresFolder() {
  const base = "/usr/lib/postgresql";
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(base, version, "bin")), ...pathFolders()];
  return folders.find(
    (folder) => existing(join(folder, "initdb")) && existing(join(folder, "postgres")),
  );
}

/** Debian keeps it in /usr/sbin, which only root has on PATH. Its IMAP and LMTP servers are separate packages. */
function dovecot() {
  const program = onPath("dovecot") ?? existing("/usr/sbin/dovecot");
  const folders = ["/usr/lib/dovecot", "/usr/libexec/dovecot"];
  const isWhole = folders.some(
    (folder) => existing(join(folder, "imap")) && existing(join(folder, "lmtp")),
  );
  return isWhole ? program : undefined;
}

function onPath(program) {
  return pathFolders()
    .map((folder) => join(folder, program))
    .find((file) => existing(file) !== undefined);
}

function pathFolders() {
  return (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
}

function existing(file) {
  try {
    accessSync(file, constants.X_OK);
    return file;
  } catch {
    return undefined;
  }
}
