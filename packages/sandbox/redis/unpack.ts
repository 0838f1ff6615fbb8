/** Redis out of the distribution's own packages, unpacked into a folder: no root needed, no change to the system. */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Fetching the package lists of a slow mirror takes a minute; five mean that it hangs. */
const APT_TIMEOUT_MS = 300_000;

/** A redis-server that was seen to answer, with the variables it needs to find its libraries. */
export interface RedisProgram {
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly version: string;
}

/** The version a redis-server reports, or undefined when it does not run here (a library is missing, say). */
export async function tryRedis(
  command: string,
  environment: Readonly<Record<string, string>>,
): Promise<RedisProgram | undefined> {
  try {
    const { stdout } = await execute(command, ["--version"], { env: { ...environment } });
    const version = /v=(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    return version === undefined ? undefined : { command, environment, version };
  } catch {
    return undefined;
  }
}

/** What was unpacked into `directory` before, if it still runs. */
export async function unpackedRedis(directory: string): Promise<RedisProgram | undefined> {
  const root = join(directory, "unpacked");
  return tryRedis(join(root, "usr", "bin", "redis-server"), {
    LC_ALL: "C",
    LD_LIBRARY_PATH: libraryFolders(root).join(":"),
  });
}

/**
 * Downloads redis-server and whatever it needs that the system lacks, and unpacks it under `directory`. Uses the
 * system's package lists, or fetches lists of its own where there are none. Throws when apt has no such package,
 * or cannot be run.
 */
export async function unpackRedis(
  directory: string,
  log: (line: string) => void,
): Promise<RedisProgram> {
  const apt = join(directory, "apt");
  const packages = join(apt, "packages");
  const root = join(directory, "unpacked");
  for (const folder of [apt, root]) rmSync(folder, { recursive: true, force: true });
  for (const folder of [
    packages,
    join(apt, "lists", "partial"),
    join(apt, "archives", "partial"),
    root,
  ]) {
    mkdirSync(folder, { recursive: true });
  }
  try {
    const { options, missing } = await resolvePackages(apt, log);
    const names = [...new Set(["redis-server", "redis-tools", ...missing])];
    log(
      `Redis: unpacking ${names.length} packages of this distribution into ${root} (nothing else is changed).`,
    );
    await aptGet([...options, "download", ...names], packages);
    for (const file of readdirSync(packages).filter((name) => name.endsWith(".deb"))) {
      await execute("dpkg-deb", ["-x", join(packages, file), root]);
    }
  } finally {
    rmSync(apt, { recursive: true, force: true });
  }
  const redis = await unpackedRedis(directory);
  if (redis === undefined)
    throw new Error(`the redis-server unpacked into ${root} does not run here`);
  return redis;
}

/** What installing redis-server would add. Asked of the system's lists first, then of lists fetched for this. */
async function resolvePackages(
  apt: string,
  log: (line: string) => void,
): Promise<{ options: readonly string[]; missing: readonly string[] }> {
  try {
    return { options: [], missing: await simulate([], apt) };
  } catch {
    log(
      "Redis: this system has no package lists; fetching a copy for this once (apt-get update, about 10 MB).",
    );
    const options = [
      `Dir::State=${apt}`,
      `Dir::State::lists=${join(apt, "lists")}`,
      "Dir::State::status=/var/lib/dpkg/status",
      `Dir::Cache=${apt}`,
    ].map((setting) => `--option=${setting}`);
    await aptGet([...options, "update"], apt);
    return { options, missing: await simulate(options, apt) };
  }
}

async function simulate(options: readonly string[], directory: string): Promise<readonly string[]> {
  const output = await aptGet(
    [...options, "--simulate", "--no-install-recommends", "install", "redis-server"],
    directory,
  );
  return [...output.matchAll(/^Inst (\S+)/gm)].flatMap(([, name]) =>
    name === undefined ? [] : [name],
  );
}

/** As root apt would hand the download to a user of its own, who may not write into our folder. */
async function aptGet(parameters: readonly string[], directory: string): Promise<string> {
  const options = ["-q", "-o", "APT::Sandbox::User=root", "-o", "Debug::NoLocking=true"];
  const { stdout } = await execute("apt-get", [...options, ...parameters], {
    cwd: directory,
    timeout: APT_TIMEOUT_MS,
    env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
  });
  return stdout;
}

function libraryFolders(root: string): readonly string[] {
  return [join(root, "usr", "lib"), join(root, "lib")].flatMap((folder) => [
    folder,
    ...subfolders(folder)
      .filter((name) => name.endsWith("-linux-gnu"))
      .map((name) => join(folder, name)),
  ]);
}

function subfolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
