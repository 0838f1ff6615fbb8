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

/** Who waits for a part that was asked for; they are asked for one by one. */
const waiting: ((text: string | null) => void)[] = [];

function say(answer: ReadingAnswer): void {
  parentPort?.postMessage(answer);
}

function part(path: string): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  waiting.push(resolve);
  say({ kind: "part", path });
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
  if (question.kind === "part") waiting.shift()?.(question.text);
  else void answer(question);
});
