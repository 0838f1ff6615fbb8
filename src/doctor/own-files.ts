/** Checks that what Deskhand keeps on this machine is closed to other users. */

import type { Finding } from "#core/connection/diagnosis.ts";
import type { Config } from "#config/environment.ts";
import { environmentFileOf, isOpenToOthers } from "#config/environment-file.ts";

/** The file of variables and the data folder of this process; nothing is said about one that is not there. */
export function ownFileFindings({ environment, dataFolder }: Config): readonly Finding[] {
  const { DESKHAND_ENV_FILE } = environment;
  const file = environmentFileOf({ DESKHAND_ENV_FILE }, process.cwd());
  return [
    ...(isOpenToOthers(file)
      ? [open("file of variables", file, `chmod 600 ${file}`, "close_file" as const)]
      : []),
    ...(isOpenToOthers(dataFolder)
      ? [open("data folder", dataFolder, `chmod 700 ${dataFolder}`, "close_folder" as const)]
      : []),
  ];
}

function open(check: string, path: string, command: string, fix: Finding["fix"]): Finding {
  return {
    part: "this machine",
    check,
    state: "problem",
    found: `${path} can be read by other users of this machine`,
    means: "It holds tokens and customers' messages. What they have read so far stays known.",
    remedy: command,
    fix,
  };
}
