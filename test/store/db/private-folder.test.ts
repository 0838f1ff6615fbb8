/** Only its owner can read the data folder, also one that existed before with open rights. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { openStore } from "#store/db/database.ts";
import { closeToOthers } from "#store/db/data-folder.ts";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { silentLog } from "#test/store/bench.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { testLong } from "#test/support/tiers.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** The user without rights of Debian and most others. */
const NOBODY = 65_534;

function modeOf(path: string): string {
  return (lstatSync(path).mode & 0o777).toString(8);
}

/** A folder as an operator makes it by hand, with what an older version left in it. */
function openFolder(context: TestContext): string {
  const above = temporaryFolder(context);
  const folder = join(above, "data");
  mkdirSync(join(folder, "blobs"), { recursive: true });
  for (const name of ["worker", "blobs/mail"]) {
    writeFileSync(join(folder, name), "secret");
    chmodSync(join(folder, name), 0o666);
  }
  symlinkSync(process.execPath, join(folder, "link"));
  for (const name of ["blobs", "."]) chmodSync(join(folder, name), 0o755);
  return folder;
}

test("a folder that was open to others is closed to them, and that is said once", async (context) => {
  const folder = openFolder(context);
  const said: string[] = [];
  const log = { ...silentLog, warn: (line: string) => void said.push(line) };
  const elsewhere = modeOf(process.execPath);
  for (let start = 0; start < 2; start += 1) {
    const store = await openStore({ databaseUrl: null, folder, log });
    await store.close();
  }
  assert.deepEqual(
    ["", "blobs", "pglite", "worker"].map((name) => modeOf(join(folder, name))),
    ["700", "700", "700", "600"],
  );
  assert.equal(modeOf(process.execPath), elsewhere);
  assert.equal(said.filter((line) => line.includes("was open to other users")).length, 1);
});

test("a folder that stays open is refused with the reason", (context) => {
  const folder = temporaryFolder(context);
  chmodSync(folder, 0o755);
  // Another user's folder: root steps back from its rights for a moment, and without root `/mnt` is used.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    assert.throws(
      () => closeToOthers(isRoot ? folder : "/mnt"),
      (error) =>
        error instanceof DeskhandError &&
        error.code === "config.invalid" &&
        /open to other users.*cannot be closed.*DESKHAND_DATA/s.test(error.message),
    );
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

test("below a mount that is open and another user's, a folder of its own is made, and that is closed", (context) => {
  const mount = temporaryFolder(context);
  // As Kubernetes makes an emptyDir for a group.
  chmodSync(mount, 0o2777);
  const folder = join(mount, "deskhand");
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    if (isRoot) assert.throws(() => closeToOthers(mount), /cannot be closed/);
    assert.equal(closeToOthers(folder), null);
    assert.equal(modeOf(folder), "700");
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

testLong(
  "whatever the shell allows others, a command leaves no file that they could read",
  (context) => {
    const folder = openFolder(context);
    const { status, stderr } = spawnSync(
      "/bin/sh",
      ["-c", 'umask 000; exec "$0" src/cli/main.ts audit verify', process.execPath],
      { cwd: ROOT, env: { ...BARE_ENVIRONMENT, DESKHAND_DATA: folder }, encoding: "utf8" },
    );
    assert.equal(status, 0, stderr);
    assert.match(stderr, /was open to other users/);
    assert.ok(readdirSync(join(folder, "pglite"), { recursive: true }).length > 500);
    // What the embedded database unpacks has rights of its own, in a folder no other user can enter.
    const reachable = ["", ...readdirSync(folder)].map((name) => join(folder, name));
    const open = reachable.filter(
      (path) => !lstatSync(path).isSymbolicLink() && (lstatSync(path).mode & 0o077) !== 0,
    );
    assert.deepEqual(open, []);
  },
);

test("a place that users share, or that holds other things, is refused and left as it is", (context) => {
  const above = temporaryFolder(context);
  const sticky = join(above, "tmp");
  mkdirSync(sticky);
  chmodSync(sticky, 0o1777);
  const home = join(above, "home");
  mkdirSync(home);
  writeFileSync(join(home, "letters.txt"), "private");
  for (const path of [home, join(home, "letters.txt")]) chmodSync(path, 0o755);
  for (const folder of [sticky, home])
    assert.throws(
      () => closeToOthers(folder),
      (error) =>
        error instanceof DeskhandError &&
        error.code === "config.invalid" &&
        /holds other things.*DESKHAND_DATA/s.test(error.message),
    );
  assert.deepEqual(
    [modeOf(sticky), modeOf(home), modeOf(join(home, "letters.txt"))],
    ["777", "755", "755"],
  );
});
