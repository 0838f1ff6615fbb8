/** Packages that one command alone needs: they have a package.json and a lock of their own, and are installed beside it. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { say } from "./program.ts";

/** What a lock says; a package for another system than this one is optional, and is not installed here. */
const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), optional: z.boolean().default(false) }),
  ),
});

/**
 * Installs what the lock in `folder` names, unless it is there already. `what` tells a person what is fetched, such as
 * "three SDKs: about 160 MB". Throws with what npm said when that fails.
 */
export function installPackages(folder: string, what: string): void {
  const wanted = packagesIn(join(folder, "package-lock.json"));
  const present = packagesIn(join(folder, "node_modules/.package-lock.json"));
  const missing = Object.entries(wanted).filter(
    ([path, { version, optional }]) =>
      path !== "" && !optional && present[path]?.version !== version,
  );
  if (missing.length === 0) return;
  say(`Installing into ${folder}/node_modules the packages of ${what}.`);
  const options = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const { status, stderr } = spawnSync("npm", ["install", ...options], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`The packages could not be installed:\n${stderr}`);
}

function packagesIn(file: string): z.infer<typeof Lock>["packages"] {
  return existsSync(file) ? Lock.parse(JSON.parse(readFileSync(file, "utf8"))).packages : {};
}
