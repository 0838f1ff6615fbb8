/**
 * Reads mails on a thread of its own: whatever a stranger sends can cost this thread, never the process. It holds one
 * mail at a time.
 */

import { parentPort } from "node:worker_threads";
import { reasonOf } from "#core/errors.ts";
import { MimeReader } from "./mime.ts";
import type { ParserAnswer } from "./parse-messages.ts";
import { readMime } from "./read-mail.ts";

/** The mail in hand, at most one. */
const inHand: MimeReader[] = [];

function answerTo(order: unknown): ParserAnswer | null {
  if (typeof order === "number") {
    inHand.splice(0, 1, new MimeReader(order));
    return null;
  }
  const [reader] = inHand;
  if (reader === undefined) throw new Error("no mail was begun");
  if (order instanceof Uint8Array) {
    reader.feed(order);
    return { kind: "more" };
  }
  inHand.length = 0;
  return { kind: "read", mail: readMime(reader.end()) };
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
