/**
 * Reads mails on a thread of its own: whatever a stranger sends can cost this thread, never the process. It holds one
 * mail at a time.
 */

import { parentPort } from "node:worker_threads";
import { reasonOf } from "#core/errors.ts";
import { MimeReader } from "./mime.ts";
import { encodedMost, fileIn } from "./part-bytes.ts";
import { type ParserAnswer, ParserTask } from "./parse-messages.ts";
import { readMime } from "./read-mail.ts";

/** The mail in hand, at most one, and what is wanted of it. */
const inHand: { readonly task: ParserTask; readonly reader: MimeReader }[] = [];

function begin(task: ParserTask): void {
  const reader =
    task.kind === "read"
      ? new MimeReader(task.textBytesMax)
      : new MimeReader(encodedMost(task.bytesMax), task.part);
  inHand.splice(0, 1, { task, reader });
}

function answerTo(order: unknown): ParserAnswer | null {
  const isPiece = order instanceof Uint8Array;
  if (!isPiece && order !== "end") {
    begin(ParserTask.parse(order));
    return null;
  }
  const [mail] = inHand;
  if (mail === undefined) throw new Error("no mail was begun");
  if (isPiece) {
    mail.reader.feed(order);
    return { kind: "more" };
  }
  inHand.length = 0;
  const { task, reader } = mail;
  return task.kind === "read"
    ? { kind: "read", mail: readMime(reader.end()) }
    : fileIn(reader.end(), task);
}

function tell(answer: ParserAnswer): void {
  parentPort?.postMessage(answer);
}

parentPort?.on("message", (order: unknown) => {
  try {
    const answer = answerTo(order);
    if (answer !== null) tell(answer);
  } catch (error) {
    inHand.length = 0;
    tell({ kind: "failed", reason: reasonOf(error) });
  }
});
tell({ kind: "ready" });
