/**
 * Brings node_modules in line with package-lock.json, using nothing but the host's Node (20 or newer) and npm.
 * All messages go to stderr, so that a command's own output stays clean for a pipe.
 */
import { spawn } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";

/** The project's folder, without the trailing separator. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");

const MODULES = join(ROOT, "node_modules");
const NODE_24 = join(MODULES, ".bin", "node");
const LOCK = join(ROOT, ".deskhand", "install.lock");

/** What the parts of an installation take on disk, in MB: measured, and announced before anything is fetched. */
const SIZE_MB = { program: 290, node: 120, development: 190 };

/** With less free space an installation would stop half way with an error about some file. */
const FREE_MB_LEAST = { first: 800, whole: 1100, update: 400 };

/** Whether the host's own Node runs Deskhand: Node 24, the largest of all packages, is then not fetched. */
const HOST_IS_NEW =
  Number(process.versions.node.split(".")[0]) >= 24 && !process.execPath.startsWith(MODULES);

/** Prints one line for the person at the terminal. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Installs what is missing and resolves to the Node 24 that runs everything else. With `development`, packages that
 * only tests need count as missing too. Throws an error whose message says what to do.
 */
export async function install({ development }) {
  if (Number(process.versions.node.split(".")[0]) < 20) {
    throw new Error(
      `Deskhand starts with Node 20 or newer; this is ${process.version}. Node 24 itself is then installed beside it.`,
    );
  }
  if (existsSync(LOCK) || missingPackages(development).length > 0) {
    checkRoom(development);
    const interrupted = await takeLock();
    const missing = missingPackages(development);
    if (interrupted || missing.length > 0) await installAll(missing, development);
    rmSync(LOCK, { force: true });
  }
  return runtime();
}

/** The Node that came with the packages; the host's own only where that one could not be unpacked. */
function runtime() {
  if (existsSync(NODE_24)) return NODE_24;
  if (HOST_IS_NEW) return process.execPath;
  throw new Error(
    [
      "The packages are installed, but Node 24 is not among them: the package `node` unpacks it by an install script,",
      "and npm did not run that script here. Either allow it once:",
      "  npm install --no-save --ignore-scripts=false",
      "or start Deskhand with a Node 24 of your own.",
    ].join("\n"),
  );
}

/**
 * Names what package-lock.json lists and npm's own record of node_modules lacks. Comparing with that record rather than
 * with a mark of ours also accepts an `npm install` run by hand.
 */
function missingPackages(development) {
  const wanted = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages;
  const present = presentPackages();
  const missing = Object.entries(wanted)
    .filter(([path, entry]) => {
      const found = present[path]?.version;
      // An optional package may be absent for good (another platform), but must not stay in another version.
      if (path === "" || entry.optional || entry.devOptional)
        return found !== undefined && found !== entry.version;
      return found !== entry.version && (development || !entry.dev);
    })
    .map(([path]) => path.replace(/^.*node_modules\//, ""));
  // The host had a Node 24 when the packages were installed, and has it no more.
  if (
    !missing.includes("node") &&
    "node_modules/node" in present &&
    !HOST_IS_NEW &&
    !existsSync(NODE_24)
  )
    missing.push("node");
  return missing;
}

function presentPackages() {
  const record = join(MODULES, ".package-lock.json");
  return existsSync(record) ? JSON.parse(readFileSync(record, "utf8")).packages : {};
}

async function installAll(missing, development) {
  const first = !existsSync(MODULES);
  // A start after the tests leaves them their packages.
  const whole = development || Object.values(presentPackages()).some(({ dev }) => dev === true);
  const size =
    SIZE_MB.program + (HOST_IS_NEW ? 0 : SIZE_MB.node) + (whole ? SIZE_MB.development : 0);
  const parts = [
    ...(HOST_IS_NEW ? [] : ["Node 24"]),
    "PGlite, the sentence model, the sandbox's Slack",
    ...(whole ? ["what tests and checks need"] : []),
  ].join(", ");
  say(
    first
      ? `Installing Deskhand's packages into ${MODULES}: ${parts} and more, about ${size} MB (and half of that again in npm's cache).`
      : `Bringing ${MODULES} in line with package-lock.json: ${packageCount(missing)} (all together about ${size} MB).`,
  );
  const started = performance.now();
  // npm runs a package's script again only where it installs the package again.
  if (missing.includes("node")) rmSync(join(MODULES, "node"), { recursive: true, force: true });
  const scratch = writable(homedir()) ? undefined : mkdtempSync(join(tmpdir(), "deskhand-npm-"));
  try {
    const { code, signal, output } = await npmInstall({ cache: scratch, whole, size, started });
    if (code !== 0) throw new Error(explain(code, signal, output));
    removeUnread();
  } finally {
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  }
  say(`Installed in ${seconds(started)} s (${(await folderMegabytes()) ?? "?"} MB).`);
}

/**
 * `npm install --no-save` takes exactly what the lock file says and leaves it unchanged; `npm ci` would refuse,
 * because registries that serve one platform only leave the other platforms' packages out of the lock file.
 */
async function npmInstall({ cache, whole, size, started }) {
  const { command, before } = npm();
  const options = [
    "install",
    "--no-save",
    "--no-audit",
    "--no-fund",
    whole ? "--include=dev" : "--omit=dev",
    "--include=optional",
    // The script of the package `node` fetches Node 24; no other package's script is needed.
    ...(HOST_IS_NEW ? ["--ignore-scripts"] : []),
  ];
  const child = spawn(
    command,
    [
      ...before,
      ...options,
      "--no-progress",
      "--loglevel=error",
      ...(cache === undefined ? [] : [`--cache=${cache}`]),
    ],
    { cwd: ROOT, env: { ...process.env, PATH: pathOfHost() }, stdio: ["ignore", "pipe", "pipe"] },
  );
  const output = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => output.push(chunk));
  const pass = (signal) => child.kill(signal);
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, pass);
  const stopProgress = showProgress(started, size);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", (error) =>
        reject(
          new Error(
            `npm could not be run (${error.message}). Deskhand needs npm beside Node; on Debian: apt-get install npm.`,
          ),
        ),
      );
      child.once("close", (code, signal) =>
        resolve({ code, signal, output: Buffer.concat(output).toString() }),
      );
    });
  } finally {
    stopProgress();
    for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, pass);
  }
}

/** Removes a sixth of the files' weight that nothing reads: maps of compiled code, and what came with Node's program. */
function removeUnread() {
  // The program itself is a link of its own, outside this folder.
  if (existsSync(NODE_24))
    rmSync(join(MODULES, "node", "node_modules"), { recursive: true, force: true });
  const folders = [MODULES];
  for (const folder of folders)
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile() && entry.name.endsWith(".map")) rmSync(path);
    }
}

/** The npm that runs us, with the Node it runs under; else the one on PATH. */
function npm() {
  const { npm_execpath: cli, npm_node_execpath: node } = process.env;
  const usable =
    cli?.endsWith("npm-cli.js") &&
    node !== undefined &&
    !node.startsWith(MODULES) &&
    existsSync(cli) &&
    existsSync(node);
  return usable ? { command: node, before: [cli] } : { command: "npm", before: [] };
}

/** npm puts node_modules/.bin first in PATH; while that folder is being replaced, nothing may be run from it. */
function pathOfHost() {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.startsWith(MODULES))
    .join(delimiter);
}

/** A line rewritten every second on a terminal, else a plain line every ten. Returns the function that ends it. */
function showProgress(started, size) {
  const live = process.stderr.isTTY === true;
  let ended = false;
  let megabytes = "?";
  const line = () => `  ${seconds(started)} s, ${megabytes} of about ${size} MB`;
  const write = () => process.stderr.write(live ? `\r${line()}\u001B[K` : `${line()}\n`);
  const timer = setInterval(write, live ? 1000 : 10_000);
  const measure = async () => {
    while (!ended) {
      megabytes = (await folderMegabytes()) ?? megabytes;
      await delay(2000, undefined, { ref: false });
    }
  };
  void measure();
  return () => {
    ended = true;
    clearInterval(timer);
    if (live) process.stderr.write("\r\u001B[K");
  };
}

/** Asks `du`, which walks the tens of thousands of files in a tenth of the time it takes from here. */
async function folderMegabytes() {
  if (!existsSync(MODULES)) return "0";
  return new Promise((resolve) => {
    const child = spawn("du", ["-sm", MODULES], { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    child.stdout?.on("data", (chunk) => (text += chunk));
    child.once("error", () => resolve(undefined));
    child.once("close", () => resolve(/^\d+/.exec(text)?.[0]));
  });
}

function seconds(started) {
  return Math.round((performance.now() - started) / 1000);
}

function writable(folder) {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Checks before anything is changed; an installation that stops half way says far less about the reason. */
function checkRoom(development) {
  const folders = [ROOT, MODULES, dirname(LOCK)].filter(existsSync);
  const closed = folders.find((folder) => !writable(folder));
  if (closed !== undefined) {
    const who = process.getuid === undefined ? "this user" : `user id ${process.getuid()}`;
    throw new Error(
      `Deskhand has packages to install, and ${who} may not write into ${closed}. Change its owner, or clone the project into a folder of your own.`,
    );
  }
  const { bavail, bsize } = statfsSync(ROOT);
  const free = Math.floor((bavail * bsize) / 1e6);
  const first = development ? FREE_MB_LEAST.whole : FREE_MB_LEAST.first;
  const needed = existsSync(MODULES) ? FREE_MB_LEAST.update : first;
  if (free < needed) {
    throw new Error(
      `Not enough room to install: ${free} MB are free where ${ROOT} lies, about ${needed} MB are needed.`,
    );
  }
}

/** Turns npm's output into the one thing to do; npm's own last lines stay readable above it. */
function explain(code, signal, output) {
  if (signal !== null || code === 130)
    return "The installation was interrupted. Start again; it goes on with what npm has already fetched.";
  const advice = [
    [
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|network/i,
      "npm could not reach its registry. Check the network, a proxy, and `npm config get registry`; then start again.",
    ],
    [/ENOSPC/, "The disk is full. Make room; then start again."],
    [
      /EACCES|EPERM|EROFS/,
      `npm may not write somewhere. Check who owns ${ROOT} and npm's cache (\`npm config get cache\`); then start again.`,
    ],
    [
      /E404|ETARGET|notarget/,
      "The registry does not serve a package that package-lock.json names. Check `npm config get registry`; then start again.",
    ],
    [
      /SELF_SIGNED|UNABLE_TO_VERIFY|CERT_/,
      "The registry's certificate is not trusted here. Set NODE_EXTRA_CA_CERTS or `npm config set cafile`; then start again.",
    ],
  ].find(([pattern]) => pattern.test(output))?.[1];
  const tail = output.trimEnd().split("\n").slice(-25).join("\n");
  return `${tail}\n\nThe installation failed (npm ended with ${code}). ${advice ?? `Start again; should it fail the same way, remove ${MODULES} first.`}`;
}

function packageCount(missing) {
  if (missing.length === 0) return "an installation that was interrupted";
  return missing.length === 1 ? missing[0] : `${missing.length} packages`;
}

/**
 * One process of this folder installs at a time; the others wait for it. The lock is removed only when node_modules is
 * complete, so a lock left by a dead process means an interrupted installation: the result is then true.
 */
async function takeLock() {
  mkdirSync(join(ROOT, ".deskhand"), { recursive: true, mode: 0o700 });
  let told = false;
  for (;;) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: "wx" });
      return false;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    // A lock just created is empty for a moment: its owner is unknown until the next look.
    const pid = Number(readText(LOCK));
    if (pid > 0 && !alive(pid)) {
      writeFileSync(LOCK, String(process.pid));
      return true;
    }
    if (!told && pid > 0) {
      say(`Another start (PID ${pid}) is installing the packages; waiting for it (${LOCK}).`);
      told = true;
    }
    await delay(500);
  }
}

function readText(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
