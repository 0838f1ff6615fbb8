/** Puts the sample shop's procedures into use while the sandbox's own policy is in force. */

import { adoptOwn, type Publishing } from "#jobs/procedures/publish.ts";
import type { Config } from "#config/environment.ts";
import { readProcedureFiles } from "#config/folders.ts";

/** They are part of the program, like the sandbox's policy; with a folder or policy of your own nothing is adopted. */
export async function adoptSampleProcedures(config: Config, parts: Publishing): Promise<void> {
  if (!config.isSandboxPolicy || config.environment.DESKHAND_PROCEDURES !== undefined) return;
  await adoptOwn(parts, readProcedureFiles(config));
}
