/** The worker thread that reads documents. */
import { parentPort } from "node:worker_threads";
import { reasonOf } from "#core/values/errors.ts";
import { Unreadable } from "./document.ts";
import { readDocument } from "./read-document.ts";
import { type ReadingAnswer, ReadingQuestion } from "./reading-messages.ts";

/** Parts that were asked for and have not come yet, by number. */
const waiting = new Map<number, (text: string | null) => void>();

function say(answer: ReadingAnswer): void {
  parentPort?.postMessage(answer);
}

let asked = 0;

function part(path: string): Promise<string | null> {
  asked += 1;
  const id = asked;
  const { promise, resolve } = Promise.withResolvers<string | null>();
  waiting.set(id, resolve);
  say({ kind: "part", id, path });
  return promise;
}

async function read(path: string, bytes: Uint8Array): Promise<void> {
  try {
    const document = await readDocument({ path, bytes, part });
    say({ kind: "read", document: { ...document, remarks: [...document.remarks] } });
  } catch (error) {
    // A library's own error about bad bytes is no fault of ours: the document is named and left out.
    const reason =
      error instanceof Unreadable ? error.message : `it is damaged: ${reasonOf(error)}`;
    say({ kind: "unreadable", reason });
  }
}

parentPort?.on("message", (value: unknown) => {
  const question = ReadingQuestion.parse(value);
  if (question.kind === "read") void read(question.path, question.bytes);
  else {
    waiting.get(question.id)?.(question.text);
    waiting.delete(question.id);
  }
});
