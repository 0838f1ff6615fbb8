/** A sandbox account that is being set up, and the command that does it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { runCommand } from "#cli/program.ts";
import type { CommandResult } from "#cli/control.ts";
import { startSandboxZendesk, type SandboxZendesk } from "#sandbox/zendesk/index.ts";
import { openedBy } from "#test/support/opened.ts";
import { openRecorder } from "#test/zendesk/servers.ts";

/** The account of a file's tests, and the folder that its files are in. */
interface SetUpBench {
  readonly sandbox: SandboxZendesk;
  /** Stands before the account, and keeps what passes. */
  readonly recorder: Awaited<ReturnType<typeof openRecorder>>;
  readonly directory: string;
  /** `deskhand init zendesk` with these settings; `write` takes what is shown before it ends. */
  readonly init: (
    environment: Readonly<Record<string, string>>,
    argv: readonly string[],
    write?: (text: string) => void,
  ) => Promise<CommandResult>;
}

/** An account that stands while a file's tests run. */
export function accountToSetUp(): SetUpBench {
  const now: {
    sandbox?: SandboxZendesk;
    recorder?: SetUpBench["recorder"];
    directory: string;
  } = { directory: "" };
  before(async () => {
    now.directory = await mkdtemp(join(tmpdir(), "deskhand-set-up-"));
    now.sandbox = await startSandboxZendesk({
      directory: now.directory,
      now: () => new Date(),
    });
    now.recorder = await openRecorder(now.sandbox.url);
  });
  after(async () => {
    await now.recorder?.close();
    await now.sandbox?.close();
    await rm(now.directory, { recursive: true, force: true });
  });
  const none = (): Promise<never> => Promise.reject(new Error("it never opens the data"));
  return {
    sandbox: openedBy(() => now.sandbox),
    recorder: openedBy(() => now.recorder),
    get directory() {
      return now.directory;
    },
    init(environment, argv, write) {
      const shell = { environment, shell: environment, dataFolder: null, terminal: null };
      const context = {
        store: { kind: "pglite", run: none, close: none },
        clock: { now: () => new Date() },
        caller: { ...shell, folder: now.directory },
        ...(write === undefined ? {} : { write }),
      } as const;
      return runCommand(context, ["init", "zendesk", ...argv]);
    },
  };
}
