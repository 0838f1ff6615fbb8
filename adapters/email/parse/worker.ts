/**
 * Reads mails on a thread of its own: whatever a stranger sends can cost this thread, never the process. It holds one
 * mail at a time.
 */

import { parentPort } from "node:worker_threads";
import { reasonOf } from "#core/values/errors.ts";
import { MimeReader } from "#email/mime/parser.ts";
import type { MimePart } from "#email/mime/part.ts";
import { type ParserAnswer, ParserTask } from "./read-mail.ts";
import { readContent } from "./mail-content.ts";

/** A mail in hand, and what is answered at its end. */
interface InHand {
  readonly reader: MimeReader;
  readonly answer: () => ParserAnswer;
}

/** At most one. */
const inHand: InHand[] = [];

function begin(task: ParserTask): InHand {
  if (task.kind === "read") {
    const reader = new MimeReader(task.textBytesMax);
    return { reader, answer: () => ({ kind: "read", mail: readContent(reader.end()) }) };
  }
  const reader = new MimeReader(task.bytesMax * ENCODED_PER_BYTE_MAX, task.part);
  return { reader, answer: () => fileAnswer(partAt(reader.end().root, task.part), task.bytesMax) };
}

/** Quoted-printable writes three characters for a byte, besides its soft line breaks. */
const ENCODED_PER_BYTE_MAX = 4;

function partAt(part: MimePart, number: number): MimePart | null {
  if (part.number === number) return part;
  for (const child of part.children) {
    const found = partAt(child, number);
    if (found !== null) return found;
  }
  return null;
}

/** In memory of its own, which can be handed to another thread. */
function fileAnswer(part: MimePart | null, bytesMax: number): ParserAnswer {
  if (part === null) return { kind: "file", file: null, isCut: false };
  const bytes = part.content();
  const isCut = part.isCut || bytes.length > bytesMax;
  return { kind: "file", file: isCut ? null : new Uint8Array(bytes), isCut };
}

function answerTo(order: unknown): ParserAnswer | null {
  const isPiece = order instanceof Uint8Array;
  if (!isPiece && order !== "end") {
    inHand.splice(0, 1, begin(ParserTask.parse(order)));
    return null;
  }
  const [mail] = inHand;
  if (mail === undefined) throw new Error("no mail was begun");
  if (isPiece) {
    mail.reader.feed(order);
    return { kind: "more" };
  }
  inHand.length = 0;
  return mail.answer();
}

/** A file is handed over, not copied. */
function tell(answer: ParserAnswer): void {
  const file = answer.kind === "file" ? answer.file : null;
  parentPort?.postMessage(answer, file === null ? [] : [file.buffer]);
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
