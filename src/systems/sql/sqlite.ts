/**
 * Reads a file of SQLite in a process of its own: node:sqlite computes without yielding and cannot be interrupted, and a
 * thread in the middle of a statement cannot be ended either.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import type { Row, SqlAccess, SqlClient } from "./access.ts";
import type { Statement } from "./statement.ts";

/** What the process says: that it runs, rows, or which kind of failure. */
const Answer = z.union([
  z.strictObject({
    rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()]))),
  }),
  z.strictObject({ ready: z.literal(true) }),
  z.strictObject({ failure: z.enum(["file", "statement", "busy"]) }),
]);
type Answer = z.infer<typeof Answer>;

/** The time of a look-up begins when the process runs: a busy machine takes its time to start one. */
const START_MS = 20_000;

const PROGRAM = fileURLToPath(new URL("sqlite-process.ts", import.meta.url));

/**
 * A client for an address that begins with `sqlite:`. Statements run one after another; one that takes too long is ended
 * with its process, and the next one starts a new process.
 */
export function sqliteClient(access: SqlAccess): SqlClient {
  const path = access.address.slice("sqlite:".length).replace(/^\/\/(?=\/)/, "");
  let reader: ChildProcess | null = null;
  let before: Promise<unknown> = Promise.resolve();
  const end = (): void => {
    reader?.kill("SIGKILL");
    reader = null;
  };
  const ask = async (statement: Statement): Promise<readonly Row[]> => {
    if (reader === null) {
      reader = started(path);
      const begun = await answerOf(reader, null, START_MS);
      if (begun === "late" || begun === "lost") end();
    }
    if (reader === null) return rowsOf(access, "lost");
    const answer = await answerOf(reader, statement, access.timeoutMs);
    if (answer === "late" || answer === "lost") end();
    return rowsOf(access, answer);
  };
  return {
    dialect: "sqlite",
    select(statement, signal) {
      const asked = before.then(() => {
        signal.throwIfAborted();
        return ask(statement);
      });
      before = asked.catch(() => null);
      return asked;
    },
    async close() {
      await before;
      end();
    },
  };
}

/** It knows nothing but the file: no setting, and so no secret, is handed to it. */
function started(path: string): ChildProcess {
  return fork(PROGRAM, [path], { env: { NODE_NO_WARNINGS: "1" }, execArgv: [], stdio: "ignore" });
}

async function answerOf(
  reader: ChildProcess,
  statement: Statement | null,
  timeoutMs: number,
): Promise<Answer | "late" | "lost"> {
  const { promise, resolve } = Promise.withResolvers<Answer | "late" | "lost">();
  const timer = setTimeout(() => resolve("late"), timeoutMs);
  const answered = (value: unknown): void => {
    const answer = Answer.safeParse(value);
    resolve(answer.success ? answer.data : "lost");
  };
  const lost = (): void => resolve("lost");
  reader.on("message", answered).on("error", lost).on("exit", lost);
  hold(reader, true);
  if (statement !== null)
    reader.send({ text: statement.text, values: [...statement.values] }, (error) => {
      if (error !== null) lost();
    });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    reader.off("message", answered).off("exit", lost);
    hold(reader, false);
  }
}

/** Between two statements the process keeps nothing else alive. */
function hold(reader: ChildProcess, isHeld: boolean): void {
  if (isHeld) reader.ref();
  else reader.unref();
  if (isHeld) reader.channel?.ref();
  else reader.channel?.unref();
}

function rowsOf({ name, timeoutMs }: SqlAccess, answer: Answer | "late" | "lost"): readonly Row[] {
  if (answer === "late")
    throw new DeskhandError(
      "system.unavailable",
      `the database ${name} took longer than ${timeoutMs} ms, and the look-up was ended`,
    );
  if (answer === "lost" || "ready" in answer)
    throw new DeskhandError(
      "system.unavailable",
      `the process that reads the database ${name} ended`,
    );
  if ("rows" in answer) return answer.rows;
  if (answer.failure === "statement")
    throw new DeskhandError(
      "system.refused",
      `the database ${name} refused the look-up: its tables changed. Import the table again`,
    );
  throw new DeskhandError(
    "system.unavailable",
    answer.failure === "busy"
      ? `the database ${name} is locked by another program`
      : `the file of the database ${name} cannot be opened. Check that it is there and readable`,
  );
}
