/**
 * Puts test files that can share a process into groups. Loading Deskhand's modules costs more processor time than most
 * files' tests.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { ROOT } from "../../src/bootstrap/install.mjs";

/** Files in a group: more save little, since each group loads the modules once, and would leave cores idle at the end. */
const FILES_MOST = 32;

/** Folders with fewer files share processes with each other, since most of them are through sooner than loaded. */
const FILES_OF_A_FOLDER_LEAST = 10;

/**
 * What holds for a whole process: a changed environment, mocks that outlive a test (those of a test's context end with
 * it), and how well V8 compiles expressions, worse once a process has a megabyte of them. Files that start a whole
 * Deskhand or a browser load little and wait long, and go on beside others.
 */
const NEEDS_OWN_PROCESS =
  /process\.env(?:\.\w+|\[[^\]]+\]) =(?!=)|process\.chdir|(?<!\.)\bmock\.|startDeskhand|startBrowser|suiteDesk|support\/processes|chat-pages|dovecot|patternLiterals/u;

/** The folder beneath which groups lie; the reporter tells by it what a group is. */
export const GROUPS = "test-groups";

/** Files that use the same installation, one after the other. */
const SHARED_INSTALLATION = /\bsharedDeskhand\("(\w+)"/u;

/** Minutes of waiting for the next whole second, at a fifth of a core: begun late, it would end long after all others. */
const WAITS = /^test\/zendesk\//u;

/** Folders whose files wait longest for what they talk to; they begin before the others. */
const SLOW =
  /^test\/(?:server|zendesk|email|evals|jobs|cli|app|knowledge|slack|dovecot|store|systems)\//u;

/**
 * Writes one program a process into `folder` and returns them: one for every file that needs a process of its own, and
 * groups of those that can share one. node:test runs them in the order of their names, so these begin with their turn:
 * what waits long comes first, and the rest fills the time. `files` are relative to the project's folder.
 */
export function grouped(files, folder) {
  const together = new Map();
  const installations = new Map();
  const alone = [];
  for (const file of files) {
    const text = readFileSync(join(ROOT, file), "utf8");
    const shared = SHARED_INSTALLATION.exec(text)?.[1];
    if (shared !== undefined) add(installations, shared, file);
    else if (NEEDS_OWN_PROCESS.test(text)) alone.push([file]);
    else add(together, folderOf(file), file);
  }
  mkdirSync(join(folder, GROUPS), { recursive: true });
  const groups = withSmallOnesJoined([...together.values()]).flatMap(dealt);
  const inTurn = groups.toSorted((one, other) => turnOf(one) - turnOf(other));
  return [...installations.values(), ...alone, ...inTurn].map((members, turn) => {
    const name = `${String(turn).padStart(3, "0")}-${nameOf(members)}`;
    const program = join(folder, GROUPS, name);
    writeFileSync(program, programOf(members));
    return program;
  });
}

/** Which groups begin before which: those that take minutes first, and those of a few seconds fill the end. */
function turnOf(members) {
  if (WAITS.test(members[0])) return 0;
  if (isOfSeveralFolders(members)) return 1;
  return SLOW.test(members[0]) ? 2 : 3;
}

function isOfSeveralFolders(members) {
  return members.some((file) => folderOf(file) !== folderOf(members[0]));
}

function folderOf(file) {
  return file.split("/").slice(0, 2).join("-");
}

function add(groups, name, file) {
  groups.set(name, [...(groups.get(name) ?? []), file]);
}

/** Slow folders are left alone: they begin before the others. */
function withSmallOnesJoined(folders) {
  const isSmall = (files) => files.length < FILES_OF_A_FOLDER_LEAST && !SLOW.test(files[0]);
  const small = folders.filter(isSmall).flat();
  return [...folders.filter((files) => !isSmall(files)), ...(small.length > 0 ? [small] : [])];
}

/** A file goes by its own name, a group by its folder, if it has one, and how many files are in it. */
function nameOf(members) {
  const [first] = members;
  if (members.length === 1) return first.replaceAll("/", "-");
  const whose = isOfSeveralFolders(members) ? "test-several-folders" : folderOf(first);
  return `${whose}-${members.length}-files.test.ts`;
}

/** What the reporter calls a program of ours. */
export function groupName(program) {
  return program.replace(/^\d+-/u, "").replace(/\.test\.ts$/u, "");
}

/** Neighbours are alike, also in how long they take, so they are dealt out like cards. */
function dealt(files) {
  const hands = Math.ceil(files.length / FILES_MOST);
  return Array.from({ length: hands }, (_, hand) =>
    files.filter((_file, at) => at % hands === hand),
  );
}

/**
 * One suite, which begins when all files are loaded: the run would otherwise count as over whenever the files loaded so
 * far are through. Each file is a suite in it, so that its hooks are its own. A file that cannot be loaded is a failed
 * test under its name, and the others run.
 */
function programOf(files) {
  const members = files.map((file) => [file, pathToFileURL(join(ROOT, file)).href]);
  return `import { before, describe, test } from "node:test";
describe("together", () => {
  for (const [file, url] of ${JSON.stringify(members)})
    describe(file, async () => {
      before(() => globalThis.deskhandMeterFile?.(file));
      await import(url).catch((error) => test(\`\${file} can be loaded\`, () => Promise.reject(error)));
    });
});
`;
}
