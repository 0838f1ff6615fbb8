/** The worker thread that reads documents. */
import { parentPort } from "node:worker_threads";
import { reasonOf } from "#core/values/errors.ts";
import { Unreadable, BYTES_MAX } from "./document.ts";
import { readDocument, textIn } from "./read-document.ts";
import { pageSigns, readSitemap } from "./html-tree.ts";
import {
  type ReadingAnswer,
  ReadingQuestion,
  type ReadingResult,
  type ReadingTask,
} from "./reading-thread.ts";

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

async function done(task: ReadingTask): Promise<ReadingResult> {
  switch (task.kind) {
    case "read":
      return { kind: "read", document: await readDocument({ ...task, part }) };
    case "signs":
      return { kind: "signs", signs: pageSigns(textIn(task.bytes)) };
    case "sitemap":
      return { kind: "sitemap", sitemap: readSitemap(textIn(task.bytes, BYTES_MAX)) };
  }
}

async function answer(task: ReadingTask): Promise<void> {
  try {
    say(await done(task));
  } catch (error) {
    // A library's own error about bad bytes is no fault of ours: the document is named and left out.
    const reason =
      error instanceof Unreadable ? error.message : `it is damaged: ${reasonOf(error)}`;
    say({ kind: "unreadable", reason });
  }
}

parentPort?.on("message", (value: unknown) => {
  const question = ReadingQuestion.parse(value);
  if (question.kind !== "part") void answer(question);
  else {
    waiting.get(question.id)?.(question.text);
    waiting.delete(question.id);
  }
});
