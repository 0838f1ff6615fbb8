/** The command as an operator types it, in a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { z } from "zod";
import type { CommandResult } from "#cli/control.ts";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const ROOT = join(import.meta.dirname, "../..");

/** What it printed and how it ended, with this data folder; `cwd` is the folder it is typed in. */
export async function typed(
  data: string,
  argv: readonly string[],
  {
    cwd = ROOT,
    home = data,
    environment = {},
  }: { cwd?: string; home?: string; environment?: Readonly<Record<string, string>> } = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [join(ROOT, "src/cli/main.ts"), ...argv], {
    cwd,
    env: { ...BARE_ENVIRONMENT, HOME: home, DESKHAND_DATA: data, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: PATIENCE_MS,
    killSignal: "SIGKILL",
  });
  const printed = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk) => (printed.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk) => (printed.stderr += chunk));
  const [code] = await once(child, "close");
  return { ...printed, exitCode: z.int().parse(code) };
}
