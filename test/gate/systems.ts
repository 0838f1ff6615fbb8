/** The systems that the suite can be run on here, by the names they are asked for. */
import type { System } from "#conformance/contract.ts";
import { BOTH_DATABASES } from "#test/support/deskhand.ts";
import { deskhandSystem } from "./deskhand-system.ts";
import { worldsOn } from "./package-database.ts";
import { packageSystem } from "./package-system.ts";
import { SDK_NAMES, sdkSystems } from "./sdk-systems.ts";

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
