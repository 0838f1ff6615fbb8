/**
 * `npm run package -- replay-image`: replays the steps of the Containerfile where no container engine runs, as root on Debian 12: the
 * build stage over a copy of this machine's files, the image in an empty root that holds nothing but what the steps put
 * there and the libraries of the base image. Then it starts the image's entry point as its user with a read-only root,
 * asks its health check, stops it with its signal, and says what the image weighs. Exit code 1 when a step fails.
 */
import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { main } from "../../src/bootstrap/child.mjs";
import { install, ROOT, say } from "../../src/bootstrap/install.mjs";

/** What gcr.io/distroless/cc-debian12 is made of. */
const BASE_PACKAGES = [
  "libc6",
  "libstdc++6",
  "libgcc-s1",
  "libssl3",
  "ca-certificates",
  "tzdata",
  "netbase",
];

/** Without the sandbox, in MB. */
const IMAGE_MB_MOST = 350;

const READY_MS = 60_000;

/** The lines of the Containerfile as stages of steps, with continued lines joined and remarks left out. */
function stagesOf(text) {
  const lines = text
    .replace(/\\\n/gu, " ")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const stages = [];
  for (const line of lines) {
    const [, word, rest] = /^([A-Z]+)\s+(.*)$/u.exec(line) ?? [];
    if (word === undefined) throw new Error(`This line is no step: ${line}`);
    if (word === "FROM") stages.push({ name: / AS (\S+)/u.exec(rest)?.[1] ?? "image", steps: [] });
    else if (stages.length > 0) stages.at(-1).steps.push({ word, rest });
  }
  return stages;
}

function run(command, parameters, options = {}) {
  const { status, stderr } = spawnSync(command, parameters, {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    ...options,
  });
  if (status !== 0)
    throw new Error(
      `${command} ${parameters.join(" ")} ended with ${status}: ${stderr.slice(-2_000)}`,
    );
}

/** Runs the build stage in a copy-on-write view of this machine's files; resolves to the root it left. */
function build(folder, { steps }, node) {
  const [upper, work, merged] = ["upper", "work", "merged"].map((name) => join(folder, name));
  for (const path of [upper, work, merged]) mkdirSync(path);
  run("mount", [
    "-t",
    "overlay",
    "overlay",
    "-o",
    `lowerdir=/,upperdir=${upper},workdir=${work}`,
    merged,
  ]);
  mkdirSync(join(merged, "usr/local/bin"), { recursive: true });
  rmSync(join(merged, "usr/local/bin/node"), { force: true });
  copyFileSync(node, join(merged, "usr/local/bin/node"));
  run("mount", ["-t", "proc", "proc", join(merged, "proc")]);
  run("mount", ["--bind", "/dev", join(merged, "dev")]);
  let place = "/";
  const environment = {
    ...process.env,
    HOME: "/root",
    PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
  };
  try {
    for (const { word, rest } of steps) {
      if (word === "WORKDIR") mkdirSync(join(merged, (place = rest)), { recursive: true });
      else if (word === "ENV") Object.assign(environment, Object.fromEntries(pairsOf(rest)));
      else if (word === "COPY") copySources(join(merged, place));
      else if (word === "RUN") {
        say(`  RUN ${rest.slice(0, 90)}`);
        run("chroot", [merged, "sh", "-c", `cd ${place} && ${rest}`], { env: environment });
      } else throw new Error(`The build stage has a step this replay does not know: ${word}`);
    }
  } catch (error) {
    leave(merged);
    throw error;
  }
  return merged;
}

function leave(merged) {
  for (const path of [join(merged, "dev"), join(merged, "proc"), merged])
    spawnSync("umount", ["-l", path]);
}

/** What a build would be given: the files git knows, as .containerignore leaves out the rest. */
function copySources(folder) {
  const { stdout } = spawnSync("git", ["-C", ROOT, "ls-files", "-z"], { encoding: "utf8" });
  for (const file of stdout
    .split("\0")
    .filter((name) => name !== "" && existsSync(join(ROOT, name)))) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
  }
}

function pairsOf(rest) {
  return rest.split(/\s+/u).map((pair) => pair.split(/=(.*)/u).slice(0, 2));
}

/** The base image's files: its packages, unpacked into an empty folder. */
function base(folder) {
  const image = join(folder, "image");
  const packages = join(folder, "packages");
  for (const path of [image, packages]) mkdirSync(path);
  // Its own folder belongs to root, which apt's download user may not write to.
  run("apt-get", ["-o", "APT::Sandbox::User=root", "download", ...BASE_PACKAGES], {
    cwd: packages,
  });
  for (const name of spawnSync("ls", [packages], { encoding: "utf8" }).stdout.trim().split("\n"))
    run("dpkg", ["-x", join(packages, name), image]);
  for (const name of ["usr/share/doc", "usr/share/man", "usr/share/locale"])
    rmSync(join(image, name), { recursive: true, force: true });
  for (const path of ["tmp", "data", "proc", "dev", "etc"])
    mkdirSync(join(image, path), { recursive: true });
  if (!existsSync(join(image, "lib64"))) symlinkSync("lib/x86_64-linux-gnu", join(image, "lib64"));
  return image;
}

/** Carries out the last stage's steps; returns what the image is started with. */
function assemble(image, { steps }, built) {
  const started = { env: {}, entry: [], command: [], user: "0:0", signal: "SIGTERM", check: [] };
  for (const { word, rest } of steps) {
    if (word === "COPY") {
      const [, from, to] = /^--from=build (\S+) (\S+)$/u.exec(rest) ?? [];
      if (from === undefined) throw new Error(`The image copies something else: ${rest}`);
      mkdirSync(join(image, dirname(to)), { recursive: true });
      cpSync(join(built, from), join(image, to), { recursive: true });
    } else if (word === "ENV") Object.assign(started.env, Object.fromEntries(pairsOf(rest)));
    else if (word === "USER") started.user = rest;
    else if (word === "STOPSIGNAL") started.signal = rest;
    else if (word === "ENTRYPOINT") started.entry = JSON.parse(rest);
    else if (word === "CMD") started.command = JSON.parse(rest);
    else if (word === "HEALTHCHECK") started.check = JSON.parse(/CMD (.*)$/u.exec(rest)[1]);
    else if (!["LABEL", "WORKDIR", "EXPOSE"].includes(word))
      throw new Error(`The image has a step this replay does not know: ${word}`);
  }
  return started;
}

/** Starts it as an engine would: its user, no rights, a read-only root with /data and /tmp in memory. */
async function tryOut(image, started, environment) {
  const [user, group] = started.user.split(":");
  const env = { PATH: "/usr/local/bin", ...started.env, ...environment };
  run("mount", ["--bind", "-o", "ro", image, image]);
  run("mount", ["-o", "remount,bind,ro", image]);
  for (const path of ["data", "tmp"])
    run("mount", [
      "-t",
      "tmpfs",
      "-o",
      `mode=0700,uid=${user},gid=${group}`,
      "tmpfs",
      join(image, path),
    ]);
  const begun = performance.now();
  const child = spawn(
    "/usr/sbin/chroot",
    ["--userspec", started.user, image, ...started.entry, ...started.command],
    {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (output += part));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const check = () =>
    spawnSync("/usr/sbin/chroot", ["--userspec", started.user, image, ...started.check], { env })
      .status;
  try {
    while (check() !== 0) {
      if (child.exitCode !== null || performance.now() - begun > READY_MS)
        throw new Error(`It did not become healthy: ${output.slice(-2_000)}`);
      await delay(250);
    }
    const readyMs = Math.round(performance.now() - begun);
    child.kill(started.signal);
    const code = await ended;
    if (code !== 0) throw new Error(`It ended with ${code}: ${output.slice(-2_000)}`);
    if (check() === 0) throw new Error("The health check is content with a process that ended.");
    return readyMs;
  } finally {
    child.kill("SIGKILL");
    for (const path of ["data", "tmp"]) spawnSync("umount", ["-l", join(image, path)]);
    spawnSync("umount", ["-l", image]);
  }
}

/** The least a `web` needs to start; nothing of it is called before a request comes. */
function settings() {
  const { TEST_DATABASE_URL: database, TEST_REDIS_URL: redis } = process.env;
  if (database === undefined || redis === undefined)
    throw new Error(
      "It needs the PostgreSQL and the Redis that `npm run package -- replay-image` starts.",
    );
  return {
    DATABASE_URL: database,
    REDIS_URL: redis,
    DESKHAND_BLOBS: "/data/mails",
    DESKHAND_PORT: "4799",
    DESKHAND_POLICY: "/app/src/policy/files/sandbox.yaml",
    SLACK_BOT_TOKEN: "xoxb-none",
    SLACK_APPROVALS_CHANNEL: "C1",
    SLACK_ALERTS_CHANNEL: "C2",
    SLACK_SIGNING_SECRET: "a secret of the replay, long enough",
    SLACK_API_URL: "http://127.0.0.1:9/",
    SHOP_URL: "http://127.0.0.1:9",
    SHOP_KEY: "none",
  };
}

await main(async () => {
  if (process.getuid?.() !== 0) throw new Error("It mounts and changes its root: run it as root.");
  const environment = settings();
  const node = await install({ development: false });
  const [first, last] = stagesOf(readFileSync(join(ROOT, "Containerfile"), "utf8"));
  const folder = mkdtempSync(join(tmpdir(), "deskhand-image-"));
  // An overlay cannot lie on what it shows.
  run("mount", ["-t", "tmpfs", "tmpfs", folder]);
  try {
    say("The build stage:");
    const built = build(folder, first, node);
    const image = base(folder);
    const started = assemble(image, last, built);
    leave(built);
    const [megabytes] = spawnSync("du", ["-sm", image], { encoding: "utf8" }).stdout.split("\t");
    const left = spawnSync(
      "find",
      [image, "-name", "*.ts", "-o", "-name", "local-slack*", "-o", "-name", "sh", "-type", "f"],
      { encoding: "utf8" },
    ).stdout.trim();
    if (left !== "")
      throw new Error(`The image holds what only development needs: ${left.slice(0, 500)}`);
    const readyMs = await tryOut(image, started, environment);
    say(
      `The image weighs ${megabytes} MB (${IMAGE_MB_MOST} at most), is healthy ${readyMs} ms after its start, and stops on ${started.signal}.`,
    );
    if (Number(megabytes) > IMAGE_MB_MOST) process.exitCode = 1;
  } finally {
    leave(join(folder, "merged"));
    spawnSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true, force: true });
  }
});
