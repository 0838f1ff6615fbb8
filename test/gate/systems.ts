/** The systems that the suite can be run on here, by the names they are asked for. */
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type { System } from "#conformance/contract.ts";
import { BOTH_DATABASES } from "#test/support/deskhand.ts";
import { deskhandSystem } from "./deskhand-system.ts";
import { worldsOn } from "./package-database.ts";
import { packageSystem } from "./package-system.ts";
import { installPackages } from "#test/support/installed-packages.ts";

const FOLDER = join(import.meta.dirname, "../../packages/gate-conformance/systems");

const SDKS = "three SDKs: about 160 MB";

const EXAMPLES = join(import.meta.dirname, "../../packages/gate/examples");

/** Names for `--system`. */
const SDK_NAMES: readonly string[] = ["openai-agents", "ai", "langgraph"];

/** Exported by the folder of adapters, which only that folder's own types check. */
const Adapters = z.object({
  installedSystems: z.custom<(name: string) => readonly System[]>(
    (value) => typeof value === "function",
  ),
});

/** The systems of this name. Installs their packages once; throws with what npm said when that fails. */
async function sdkSystems(name: string): Promise<readonly System[]> {
  installPackages(FOLDER, SDKS);
  const adapters: unknown = await import(pathToFileURL(join(FOLDER, "index.ts")).href);
  return Adapters.parse(adapters).installedSystems(name);
}

/** Installs the packages where it is needed, and lets the examples of packages/gate find them without a second copy. */
export function linkExamples(): void {
  installPackages(FOLDER, SDKS);
  const link = join(EXAMPLES, "node_modules");
  if (!existsSync(link)) symlinkSync(join(FOLDER, "node_modules"), link, "junction");
}

/** Names for `--system`; each may stand for a system under several settings. */
export const SYSTEM_NAMES: readonly string[] = ["deskhand", "gate", ...SDK_NAMES];

/** The systems of this name, ready to be opened. */
export async function systemsNamed(name: string, version: string): Promise<readonly System[]> {
  if (name === "deskhand") return BOTH_DATABASES.map((kind) => deskhandSystem(kind, version));
  if (name === "gate")
    return Promise.all(
      BOTH_DATABASES.map(async (kind) => packageSystem(kind, version, await worldsOn(kind))),
    );
  return sdkSystems(name);
}
