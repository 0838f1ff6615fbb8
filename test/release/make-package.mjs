/**
 * `npm run package [-- ./FOLDER]`: makes the package that `npx deskhand` runs, in that folder or in `dist`, and packs it.
 *
 * Node strips types from a project's own files only, never from those below node_modules, so the package holds bundled
 * JavaScript. Files that are read at run time (migrations, pages, weights) stand at the same paths as in the project;
 * the programs stand side by side in `program/`, which is why paths that count from a source file are rewritten here.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";

import { main } from "../../src/bootstrap/child.mjs";
import { ROOT, say } from "../../src/bootstrap/install.mjs";

/** What is started as a program or a thread of its own, by the name it has in the package. */
const PROGRAMS = {
  main: "src/main.ts",
  commands: "src/cli/main.ts",
  "embedding-worker": "src/knowledge/embedding-worker.ts",
  "reading-worker": "src/knowledge/documents/reading-worker.ts",
  worker: "adapters/email/parse/worker.ts",
};

/** Folders whose files other than code are read at run time. */
const READ_FOLDERS = [
  "src",
  "packages/sandbox",
  "packages/tool-import",
  "adapters",
  "jobs",
  "procedures",
  // Messages name pages, and pages name these files; a reader of the package finds them nowhere else.
  "docs",
  "deploy",
];

/** The Node that runs the bundle, as a range and in words. */
const NODE = { range: "^22.21 || >=24.5", words: "Node 22.21, 24.5 or newer" };

/** Messages name the commands of a clone; in the package they are these. */
const COMMANDS = [
  [/npm run -s deskhand -- /gu, "npx deskhand "],
  [/npm start -- (?=all|web|worker|channels)/gu, "npx deskhand "],
  [/npm start(?= (?!-- )|[`.,;])/gu, "npx deskhand"],
];

/** What README.md says of a clone alone, as it is for the package. */
const README = [
  [/^## Try it: two commands$/mu, "## Try it: one command"],
  [/^npm test .*\n/mu, ""],
  [/Node 20 or newer/u, NODE.words],
  [/ \(\[test\]\([^)]*\)\)/gu, ""],
  [" · [Contribute](CONTRIBUTING.md)", ""],
];

/** Makes the package in `folder`, which is emptied first. */
export async function makePackage(folder) {
  const { build } = await import("esbuild");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "program"), { recursive: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: Object.entries(PROGRAMS).map(([out, path]) => ({ in: join(ROOT, path), out })),
    outdir: join(folder, "program"),
    chunkNames: "part-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    packages: "external",
    // Errors and the log name functions and classes as the source does.
    keepNames: true,
    legalComments: "none",
    logLevel: "error",
    plugins: [pathsFromTheProgram()],
  });
  copyReadFiles(folder);
  describePackage(folder);
  for (const name of ["LICENSE", "CHANGELOG.md", "SECURITY.md", ".env.example"])
    copyFileSync(join(ROOT, name), join(folder, name));
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  writeFileSync(join(folder, "README.md"), inThePackage(readme, [...README, ...COMMANDS]));
  for (const name of ["program/command.js", "program/healthy.js", "program/shell-of-npm.js"])
    copyFileSync(
      join(ROOT, "src/bootstrap", basename(name, ".js").concat(".mjs")),
      join(folder, name),
    );
  for (const page of globSync(["*.md", "docs/**/*.md"], { cwd: folder })) {
    const path = join(folder, page);
    writeFileSync(path, linkedInside(inThePackage(readFileSync(path, "utf8")), dirname(path)));
  }
  chmodSync(join(folder, "program/command.js"), 0o755);
}

/** Resolves names of rooms, and lets paths that count from a source file count from `program/`. */
function pathsFromTheProgram() {
  return {
    name: "paths from the program",
    setup(build) {
      const { imports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
      build.onResolve({ filter: /^#/ }, ({ path }) => ({ path: roomFile(imports, path) }));
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
        contents: moved(await readFile(path, "utf8"), relative(ROOT, path)),
        loader: "ts",
      }));
    },
  };
}

function roomFile(imports, path) {
  const [alias, folder] = Object.entries(imports).find(([pattern]) =>
    path.startsWith(pattern.slice(0, -1)),
  );
  return join(ROOT, folder.slice(0, -1), path.slice(alias.length - 1));
}

function moved(source, path) {
  const folder = dirname(path).split(sep).join("/");
  const file = path.split(sep).join("/");
  return inThePackage(source)
    .replace(
      /new URL\("(?:\.\/)?([\w-]+)\.ts", import\.meta\.url\)/gu,
      (_, name) => `new URL("./${programOf(join(folder, `${name}.ts`))}.js", import.meta["url"])`,
    )
    .replace(
      /join\(import\.meta\.dirname, "([./\w-]+\.ts)"\)/gu,
      (_, name) => `join(import.meta["dirname"], "${programOf(join(folder, name))}.js")`,
    )
    .replaceAll("import.meta.dirname", `(import.meta["dirname"] + "/../${folder}")`)
    .replaceAll("import.meta.url", `new URL("../${file}", import.meta["url"]).href`);
}

function programOf(path) {
  const found = Object.entries(PROGRAMS).find(([, source]) => source === path);
  if (found === undefined)
    throw new Error(
      `${path} is started as a program, but test/release/make-package.mjs does not make one of it.`,
    );
  return found[0];
}

/**
 * Files of the read folders that git knows: beside those to adapt, people keep their settings. An image is built without
 * git, from what .dockerignore lets in, and needs nothing of `deploy`.
 */
function readFiles() {
  if (!existsSync(join(ROOT, ".git")))
    return READ_FOLDERS.filter((room) => room !== "deploy").flatMap((room) =>
      globSync(`${room}/**/*.*`, { cwd: ROOT }),
    );
  // In a container the folder may be another user's.
  const words = ["-c", "safe.directory=*", "ls-files", "-z", "--", ...READ_FOLDERS];
  return printed("git", words, ROOT)
    .split("\0")
    .filter((file) => existsSync(join(ROOT, file)));
}

function copyReadFiles(folder) {
  for (const file of readFiles()) {
    if (!basename(file).includes(".") || /\.m?ts$|\.mjs$|^docs\/\.site/u.test(file)) continue;
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    // Pages name commands as well.
    if (/\.(?:html|js)$/u.test(file))
      writeFileSync(join(folder, file), inThePackage(readFileSync(join(ROOT, file), "utf8")));
    else copyFileSync(join(ROOT, file), join(folder, file));
  }
}

/** A text with the commands of the package in the place of those of a clone. */
function inThePackage(text, replaced = COMMANDS) {
  return replaced.reduce((written, [from, to]) => written.replace(from, to), text);
}

/**
 * Writes what the package says of itself, and what is installed with it: of a dependency npm heeds neither overrides nor
 * a lock, only a shrinkwrap. Npm makes it of the project's lock, offline: what the lock lacks is an error.
 */
export function describePackage(folder) {
  const project = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest(project), null, 2)}\n`);
  copyFileSync(join(ROOT, "package-lock.json"), join(folder, "package-lock.json"));
  const options = ["--package-lock-only", "--offline", "--omit-lockfile-registry-resolved"];
  printed("npm", ["install", ...options, "--loglevel=error"], folder);
  renameSync(join(folder, "package-lock.json"), join(folder, "npm-shrinkwrap.json"));
}

/** What a program prints in this folder. Throws where it fails. */
function printed(program, words, cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, words, { cwd, encoding: "utf8" });
  if (status !== 0) throw error ?? new Error(`${program} ${words[0]} failed: ${stderr}`);
  return stdout;
}

/**
 * The package's own description: the project's without what only a clone needs. What the sandbox alone needs is optional:
 * `npx deskhand` in an empty folder starts the demo with it, and the image goes without.
 */
function manifest(project) {
  const { name, version, description, license, type } = project;
  const { node: _, ...own } = project.dependencies;
  const { [name]: __, ...dependencies } = { ...own, ...workspace("tool-import").dependencies };
  const sandbox = workspace("sandbox");
  const standIns = Object.entries({
    ...sandbox.dependencies,
    ...sandbox.optionalDependencies,
  }).filter(([each]) => each !== name && dependencies[each] === undefined);
  return {
    name,
    version,
    description,
    license,
    type,
    engines: { node: NODE.range },
    bin: { deskhand: "program/command.js" },
    dependencies,
    optionalDependencies: Object.fromEntries(standIns),
    // For the shrinkwrap and the image; npm heeds them where the package is installed itself, not as a dependency.
    overrides: project.overrides,
  };
}

/** A page in `folder` with links to what is packed alone; of the others their words are left. */
function linkedInside(page, folder) {
  return page.replace(/\[([^\][]*)\]\(([^):#\s]+)(?:#[^)\s]*)?\)/gu, (link, words, target) =>
    existsSync(join(folder, target)) ? link : words,
  );
}

function workspace(name) {
  return JSON.parse(readFileSync(join(ROOT, "packages", name, "package.json"), "utf8"));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  await main(async () => {
    const folder = resolve(process.argv[2] ?? join(ROOT, "dist"));
    await makePackage(folder);
    const [{ filename, size, unpackedSize }] = JSON.parse(
      printed("npm", ["pack", folder, "--pack-destination", folder, "--json"], ROOT),
    );
    say(
      `${join(folder, filename)}: ${megabytes(size)} MB, unpacked ${megabytes(unpackedSize)} MB. Try it in an empty folder: npx --package ${join(folder, filename)} deskhand`,
    );
  });

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}
