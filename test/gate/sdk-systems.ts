/** The gates of SDKs, whose packages are installed apart from Deskhand's own, by this suite's command alone. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type { System } from "#conformance/contract.ts";
import { say } from "#test/support/program.ts";

const FOLDER = join(import.meta.dirname, "../../packages/gate-conformance/systems");

const EXAMPLES = join(import.meta.dirname, "../../packages/gate/examples");

/** Names for `--system`. */
export const SDK_NAMES: readonly string[] = ["openai-agents", "ai", "langgraph"];

const Packages = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional() })),
});

/** Exported by the folder of adapters, which only that folder's own types check. */
const Adapters = z.object({
  installedSystems: z.custom<(name: string) => readonly System[]>(
    (value) => typeof value === "function",
  ),
});

/** The systems of this name. Installs their packages once; throws with what npm said when that fails. */
export async function sdkSystems(name: string): Promise<readonly System[]> {
  installPackages();
  const adapters: unknown = await import(pathToFileURL(join(FOLDER, "index.ts")).href);
  return Adapters.parse(adapters).installedSystems(name);
}

/** Installs the packages where it is needed, and lets the examples of packages/gate find them without a second copy. */
export function linkExamples(): void {
  installPackages();
  const link = join(EXAMPLES, "node_modules");
  if (!existsSync(link)) symlinkSync(join(FOLDER, "node_modules"), link, "junction");
}

function installPackages(): void {
  const wanted = packagesIn("package-lock.json");
  const present = packagesIn("node_modules/.package-lock.json");
  const missing = Object.entries(wanted).filter(
    ([path, { version }]) => path !== "" && present[path]?.version !== version,
  );
  if (missing.length === 0) return;
  say(`Installing the packages of three SDKs into ${FOLDER}/node_modules: about 160 MB.`);
  const options = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const { status, stderr } = spawnSync("npm", ["install", ...options], {
    cwd: FOLDER,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`The SDKs could not be installed:\n${stderr}`);
}

function packagesIn(file: string): z.infer<typeof Packages>["packages"] {
  const path = join(FOLDER, file);
  return existsSync(path) ? Packages.parse(JSON.parse(readFileSync(path, "utf8"))).packages : {};
}
