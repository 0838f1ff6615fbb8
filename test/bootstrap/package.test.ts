/** The package that `npx deskhand` runs: made, looked through, started in a folder of its own, and stopped. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { z } from "zod";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { anchorsOf, linksIn } from "#test/docs/markdown.ts";
import { until } from "#test/support/waiting.ts";

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "deskhand-package-"));
const made = join(folder, "made");
const command = join(made, "program/command.js");

/** Where people are told to put their settings, under names that nobody has. */
const SECRETS = [".planted.env", "planted.env", "deskhand/planted.yaml"].map((file) =>
  join("deploy", file),
);

before(() => {
  const own = join(ROOT, "deploy/deskhand");
  const isThere = existsSync(own);
  mkdirSync(own, { recursive: true });
  for (const file of SECRETS) writeFileSync(join(ROOT, file), "SLACK_BOT_TOKEN=xoxb-planted\n");
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, "test/release/make-package.mjs"), made],
    { encoding: "utf8" },
  );
  for (const file of isThere ? SECRETS : [...SECRETS, "deploy/deskhand"])
    rmSync(join(ROOT, file), { recursive: true, force: true });
  assert.equal(status, 0, stderr);
  // As if installed: its packages are found in a folder above it.
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const text = (path: string): string => readFileSync(path, "utf8");

const Engines = z.object({ engines: z.object({ node: z.string().optional() }).optional() });
const Manifest = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.unknown().optional(),
  scripts: z.unknown().optional(),
  engines: z.object({ node: z.string().regex(/^\^\d+\.\d+ \|\| >=\d+\.\d+$/u) }),
});
const manifest = () => Manifest.parse(JSON.parse(text(join(made, "package.json"))));

/** The first of each line of Node that it runs on, such as "22.21". */
function nodeLeasts(): readonly string[] {
  return manifest().engines.node.match(/\d+\.\d+/gu) ?? [];
}

test("the package holds no TypeScript and asks for no package that only a clone needs", () => {
  const { files } = z
    .tuple([z.object({ files: z.array(z.object({ path: z.string() })) })])
    .parse(
      JSON.parse(
        spawnSync("npm", ["pack", made, "--dry-run", "--json"], { encoding: "utf8" }).stdout,
      ),
    )[0];
  const paths = files.map(({ path }) => path);
  assert.ok(paths.length > 100);
  assert.deepEqual(
    paths.filter((path) => /\.m?ts$/u.test(path)),
    [],
  );
  assert.ok(
    paths.some((path) => path.endsWith(".sql")),
    "the migrations are missing",
  );
  const { dependencies, devDependencies, scripts } = manifest();
  assert.equal(dependencies["node"], undefined);
  assert.equal(devDependencies, undefined);
  assert.equal(scripts, undefined);
});

const Part = z.looseObject({ version: z.string().optional(), name: z.string().optional() });

/** What a lock lists beside the package itself, by its path. */
function partsIn(file: string): Readonly<Record<string, z.infer<typeof Part>>> {
  const { packages } = z
    .object({ packages: z.record(z.string(), Part) })
    .parse(JSON.parse(text(file)));
  return Object.fromEntries(Object.entries(packages).filter(([path]) => path !== ""));
}

/** Without who needs it: what only a clone's workspace needs, the package's own sandbox needs. */
function partOnly(part: z.infer<typeof Part>): object {
  const { dev: _, devOptional: __, optional: ___, peer: ____, ...rest } = part;
  return rest;
}

test("what is installed with it is what the lock has, replacements too, and the list of parts names the same", () => {
  const file = join(made, "npm-shrinkwrap.json");
  const parts = partsIn(file);
  const locked = partsIn(join(ROOT, "package-lock.json"));
  assert.ok(Object.keys(parts).length > 200);
  for (const [path, part] of Object.entries(parts)) {
    assert.deepEqual(partOnly(part), partOnly(locked[path] ?? {}), path);
  }
  for (const [name, version] of Object.entries(manifest().dependencies))
    assert.equal(parts[`node_modules/${name}`]?.version, version, name);
  assert.equal(parts["node_modules/msgpackr-extract"]?.name, "empty-npm-package");
  assert.doesNotMatch(text(file), /"resolved"|"link"|"hasInstallScript"|https?:\/\/registry/u);
  const listed = spawnSync("npm", ["run", "-s", "package", "--", "sbom"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const { components } = z
    .object({ components: z.array(z.object({ "bom-ref": z.string() })) })
    .parse(JSON.parse(listed.stdout));
  const named = Object.entries(parts).map(
    ([path, { name, version }]) => `${name ?? path.replace(/^.*node_modules\//u, "")}@${version}`,
  );
  assert.deepEqual(
    new Set(components.map((component) => component["bom-ref"])),
    new Set(named),
    listed.stderr,
  );
});

test("settings that people keep beside the files they adapt are neither packed, shown by git, nor let into an image", () => {
  const files = globSync("**/*", { cwd: join(made, "deploy"), withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
  assert.ok(files.includes("compose.yaml"));
  assert.deepEqual(
    files.filter((name) => name.includes("planted")),
    [],
  );
  const ignored = spawnSync("git", ["-c", "safe.directory=*", "check-ignore", ...SECRETS], {
    cwd: ROOT,
    encoding: "utf8",
  });
  assert.deepEqual(ignored.stdout.trim().split("\n"), SECRETS, ignored.stderr);
  const lines = text(join(ROOT, ".dockerignore")).split("\n");
  assert.ok(lines.includes("**/*.env") && lines.includes("deploy/deskhand"));
});

test("its README names its own command and Node, and no command of a clone above the figures", () => {
  const [start = ""] = text(join(made, "README.md")).split("\n## Measured\n");
  assert.match(start, /^npx deskhand /mu);
  assert.match(start, new RegExp(`Node ${nodeLeasts().join(", ")} or newer`, "u"));
  assert.doesNotMatch(start, /npm (?:start|test|run)/u);
});

test("every link and picture of its pages leads to something that is packed with it", () => {
  const pages = globSync(["*.md", "docs/**/*.md"], { cwd: made });
  assert.ok(pages.length > 80);
  for (const page of pages) {
    const file = join(made, page);
    const broken = linksIn(text(file)).filter(({ target }) => {
      const [path = "", anchor] = target.split("#");
      if (URL.canParse(target)) return false;
      const found = path === "" ? file : resolve(dirname(file), path);
      return !existsSync(found) || (anchor !== undefined && !anchorsOf(text(found)).has(anchor));
    });
    assert.deepEqual(broken, [], page);
    assert.doesNotMatch(text(file), /npm run -s deskhand/u, page);
  }
});

test("it asks for a Node that its dependencies run on, and an older one is told which", () => {
  const lines = nodeLeasts().map((one) => `[${one.replace(".", ", ")}],`);
  assert.ok(text(command).includes(`LEAST = [\n  ${lines.join("\n  ")}\n];`));
  const [major = 0, minor = 0] = (nodeLeasts()[0] ?? "").split(".").map(Number);
  for (const name of Object.keys(manifest().dependencies)) {
    const { engines } = Engines.parse(
      JSON.parse(text(join(ROOT, "node_modules", name, "package.json"))),
    );
    // Written as `>=22.19.0`, perhaps behind ranges of older lines.
    const [, least = "0", more = "0"] =
      />=? ?(\d+)(?:\.(\d+))?[^|]*$/u.exec(engines?.node ?? "") ?? [];
    const isEnough = major > Number(least) || (major === Number(least) && minor >= Number(more));
    assert.ok(isEnough, `${name} asks for Node ${engines?.node}`);
  }
});

test("what it compiles is kept beside it, and nothing is taken from a folder that others can write", () => {
  const shared = join(folder, "shared");
  mkdirSync(shared);
  const { NODE_COMPILE_CACHE: _, ...environment } = BARE_ENVIRONMENT;
  const { status } = spawnSync(process.execPath, [command, "--help"], {
    env: { ...environment, TMPDIR: shared },
  });
  assert.equal(status, 0);
  assert.deepEqual(globSync("**", { cwd: shared }), ["."]);
  assert.ok(existsSync(join(made, ".compiled")));
});

test("it imports tools in a folder of its own, and reads them beside the ready-made ones", () => {
  const own = join(folder, "own-systems");
  mkdirSync(own);
  const run = (environment: Readonly<Record<string, string>>, ...words: string[]) =>
    spawnSync(process.execPath, [command, "tools", ...words], {
      cwd: own,
      env: { ...BARE_ENVIRONMENT, ...environment },
      encoding: "utf8",
    });
  const answers = join(ROOT, "adapters/shops/sample-shop.answers.yaml");
  const document = join(ROOT, "packages/sandbox/shop/openapi.yaml");
  const imported = run({}, "import", "openapi", document, "--answers", answers, "--name", "shop");
  assert.equal(imported.status, 0, imported.stderr);
  assert.match(imported.stdout, /refund-ourshop-order\.yaml: new[^]*TOOLS=tools, OURSHOP_ADDRESS/u);
  const checked = run({ TOOLS: "tools,adapters/shops/stripe" }, "check");
  const told = checked.stderr.replaceAll(/\s+/gu, " ");
  // All of them were read and checked; the policy in force knows none of their changes yet.
  assert.match(told, /no rule for: change_ourshop_address, refund_ourshop_order, stripe_refund/u);
});

/** Starts it in `started`, and resolves once it is up to its address, what it prints and its end. */
async function startedBy(program: string, parameters: readonly string[], environment = {}) {
  const empty = join(folder, "started");
  mkdirSync(empty, { recursive: true });
  const child = spawn(program, parameters, {
    cwd: empty,
    env: { ...BARE_ENVIRONMENT, DESKHAND_PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  let errors = "";
  child.stderr.on("data", (part) => (errors += String(part)));
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (part) => {
      printed += String(part);
      const found = /Start here\s+(\S+)/u.exec(printed)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", () => reject(new Error(`${printed}${errors}`)));
  });
  return { child, address, folder: empty, printed: () => printed, errors: () => errors };
}

test("it starts everything it embeds in an empty folder, answers, and stops cleanly", async () => {
  const started = await startedBy(process.execPath, [command, "start"]);
  const { child, address, printed, errors } = started;
  const ready = await fetch(new URL("/health/ready", address));
  assert.equal(ready.status, 200);
  // A page, its style and the widget are files beside the programs.
  for (const path of ["/", "/chat", "/console"])
    assert.ok((await fetch(new URL(path, address))).status < 500, path);
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null], errors());
  assert.match(printed(), /Stopped\./u);
  assert.ok(existsSync(join(started.folder, ".deskhand")));
});

test("listening for others too, as in a container, it names no page that they cannot open; an npx that is ended, which ends its shell alone, does not leave it behind", async () => {
  // The second command keeps the shell from replacing itself by the first.
  const words = ["-c", `"${process.execPath}" "${command}"; true`];
  const environment = { npm_lifecycle_event: "npx", DESKHAND_HOST: "127.0.0.2" };
  const { child, address, printed } = await startedBy("sh", words, environment);
  const shown: unknown = await (await fetch(new URL("/start/state", address))).json();
  const { sandbox } = z.object({ sandbox: z.object({ links: z.unknown() }) }).parse(shown);
  assert.deepEqual(sandbox.links, { slack: null, mail: null, zendesk: null });
  const named = [...printed().matchAll(/http:\/\/[^/\s]+/gu)].map(([found]) => found);
  assert.deepEqual([...new Set(named)], [address]);
  child.kill("SIGTERM");
  await until("it to stop", async () => printed().includes("Stopped."), printed);
});
