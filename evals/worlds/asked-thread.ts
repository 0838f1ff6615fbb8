/** Threads that open something of their own and answer what they are asked, one question after the other. */
import { once } from "node:events";
import { parentPort, Worker, workerData } from "node:worker_threads";
import { z } from "zod";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";

/** What a thread says: once whether it is open, then an answer to each question. */
const Said = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("open"), value: z.unknown() }),
  z.strictObject({ kind: z.literal("answer"), value: z.unknown() }),
  /** `told`: the reason is a sentence for the person who runs the evals. */
  z.strictObject({ kind: z.literal("ended"), told: z.boolean(), reason: z.string() }),
]);
type Said = z.infer<typeof Said>;

/** In place of a question. */
const CLOSE = "close";

/** A thread that is open. */
export interface AskedThread {
  /** What it said when it had opened. */
  readonly opened: unknown;
  /** Throws when the thread has ended, with the reason. */
  ask(question: object): Promise<unknown>;
  close(): Promise<void>;
}

/** What answers in a thread. */
interface Answering {
  readonly opened: unknown;
  answer(question: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** Answers in this thread with what `open` makes of what the thread was begun with, until it is closed. */
export async function answerQuestions(open: (begun: unknown) => Promise<Answering>): Promise<void> {
  const say = (said: Said): void => parentPort?.postMessage(said);
  try {
    const answering = await open(workerData);
    parentPort?.on("message", (question: unknown) => {
      if (question === CLOSE) void answering.close().then(() => parentPort?.close());
      else void answering.answer(question).then((value) => say({ kind: "answer", value }));
    });
    say({ kind: "open", value: answering.opened });
  } catch (error) {
    const told = error instanceof DeskhandError;
    say({ kind: "ended", told, reason: told ? error.message : reasonOf(error) });
  }
}

/**
 * Starts the thread of a file and waits until it is open. Throws `config.invalid` with the reason where what it was begun
 * with does not allow it.
 */
export async function openAskedThread(file: URL, begun: object): Promise<AskedThread> {
  const worker = new Worker(file, { workerData: begun });
  const { promise: ended, resolve } = Promise.withResolvers<Said>();
  const over = (how: string): void =>
    resolve({ kind: "ended", told: false, reason: `the thread ended${how}` });
  worker.on("error", (error) => over(`: ${String(error)}`));
  worker.on("exit", (code) => over(` with code ${code}`));
  /** Its next message; its end, also before it was asked, counts as one. */
  const nextSaid = async (): Promise<Said> => {
    const [message]: unknown[] = await Promise.race([
      once(worker, "message").catch(async () => [await ended]),
      ended.then((said) => [said]),
    ]);
    return Said.parse(message);
  };
  const opened = await nextSaid();
  if (opened.kind !== "open") {
    await worker.terminate();
    const reason = opened.kind === "ended" ? opened.reason : "the thread is out of step";
    throw opened.kind === "ended" && opened.told
      ? new DeskhandError("config.invalid", reason)
      : new Error(reason);
  }
  return {
    opened: opened.value,
    async ask(question) {
      const coming = nextSaid();
      worker.postMessage(question);
      const said = await coming;
      if (said.kind === "answer") return said.value;
      throw new Error(said.kind === "ended" ? said.reason : "the thread is out of step");
    },
    async close() {
      worker.postMessage(CLOSE);
      await ended;
    },
  };
}
