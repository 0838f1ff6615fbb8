/** The control socket through which commands reach the running process. */

import { chmodSync, existsSync, rmSync } from "node:fs";
import { createServer, request, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { z } from "zod";
import { reasonOf } from "#core/values/errors.ts";

const BODY_MAX = 64_000;
/** A caller of another version may say less, or more. */
const Call = z.object({
  argv: z.array(z.string().max(10_000)).max(50),
  /** Where the command was typed: names of files are relative to it. */
  folder: z
    .string()
    .max(10_000)
    .default(() => process.cwd()),
});
type Call = z.infer<typeof Call>;

/** What a command printed and how it ended. */
export const CommandResult = z.strictObject({
  stdout: z.string(),
  stderr: z.string(),
  exitCode: z.int(),
});
export type CommandResult = z.infer<typeof CommandResult>;

/** Runs a command; `progress` takes lines it prints before its end, `left` aborts when its caller has gone. */
type Run = (
  call: Call,
  progress: (line: string) => void,
  left: AbortSignal,
) => Promise<CommandResult>;

/** What `init` sends to the Deskhand it started, so that the team sees a first card; no command for people. */
export const FIRST_CARD = "first-card";

/** How often the caller of a long command gets a sign of life. */
const STILL_THERE_MS = 15_000;

/** A line ahead of the result. */
const Progress = z.strictObject({ progress: z.string() });

function socketPath(dataFolder: string): string {
  return join(dataFolder, "control.sock");
}

/**
 * Serves commands inside the running process, which holds the data. The socket has mode 0600: a user who can open it
 * can read the data folder anyway.
 */
export async function startControl(
  dataFolder: string,
  run: Run,
): Promise<{ close(): Promise<void> }> {
  const path = socketPath(dataFolder);
  rmSync(path, { force: true });
  const server = createServer((incoming, response) => {
    // Progress lines go ahead of the result, one each; they also keep the caller from timing out.
    const progress = (line: string): void =>
      void response.write(`${JSON.stringify({ progress: line })}\n`);
    const calling = setInterval(() => response.write("\n"), STILL_THERE_MS);
    const left = new AbortController();
    response.on("close", () => left.abort());
    void answer(incoming, (call) => run(call, progress, left.signal)).then((result) => {
      clearInterval(calling);
      response.end(JSON.stringify(result));
    });
  });
  // The umask covers only this call; kept longer, other files created meanwhile would get this mode too.
  const mask = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(mask);
  }
  await once(server, "listening");
  chmodSync(path, 0o600);
  return {
    async close() {
      server.close();
      server.closeAllConnections();
      rmSync(path, { force: true });
    },
  };
}

/** An unreadable call is a failed command like any other. */
async function answer(
  incoming: IncomingMessage,
  run: (call: Call) => Promise<CommandResult>,
): Promise<CommandResult> {
  try {
    let text = "";
    // Decoded as a stream, so that a multi-byte character survives a chunk boundary.
    incoming.setEncoding("utf8");
    // Read to the end even when it is too long: stopping earlier would cut the connection before the answer is sent.
    for await (const chunk of incoming) if (text.length <= BODY_MAX) text += String(chunk);
    if (text.length > BODY_MAX) throw new Error("the command is too long");
    return await run(Call.parse(JSON.parse(text)));
  } catch (error) {
    return { stdout: "", stderr: `${reasonOf(error)}\n`, exitCode: 1 };
  }
}

/** Hands a command to the running process; null when none answers. */
export async function callControl(
  dataFolder: string,
  argv: readonly string[],
  progress: (line: string) => void = () => undefined,
): Promise<CommandResult | null> {
  const path = socketPath(dataFolder);
  if (!existsSync(path)) return null;
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: path, method: "POST", path: "/", timeout: 60_000 });
    outgoing.on("error", (error) => {
      // A killed process leaves a socket file without a listener.
      if ("code" in error && (error.code === "ECONNREFUSED" || error.code === "ENOENT"))
        resolve(null);
      else reject(error);
    });
    outgoing.on("timeout", () =>
      outgoing.destroy(new Error("the running Deskhand did not answer")),
    );
    outgoing.on(
      "response",
      (response) => void readResult(response, progress).then(resolve, reject),
    );
    outgoing.end(JSON.stringify({ argv, folder: process.cwd() }));
  });
}

async function readResult(
  response: IncomingMessage,
  progress: (line: string) => void,
): Promise<CommandResult> {
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response) {
    const lines = `${text}${String(chunk)}`.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) if (line !== "") progress(Progress.parse(JSON.parse(line)).progress);
  }
  return CommandResult.parse(JSON.parse(text));
}
