/** Shows the guard one text alone, as if it stood in a message, a page or a tool's result. */
import { z } from "zod";
import type { GuardVerdict, InputGuard } from "#core/contracts/guard.ts";
import type { Message } from "#core/values/message.ts";

/** Where a text may stand. `note` is text of the shop's own records, such as a remark on an order. */
export const TextPlace = z.enum([
  "body",
  "quoted",
  "hidden",
  "contradicting",
  "signature",
  "attachment",
  "forwarded",
  "page",
  "result",
  "note",
]);
export type TextPlace = z.infer<typeof TextPlace>;

/** What the guard says about a text that stands there. */
export function inspectOne(guard: InputGuard, text: string, place: TextPlace): GuardVerdict {
  if (place === "page" || place === "result" || place === "note")
    return guard.inspectText(text, RECORDS[place]);
  if (place === "body") return guard.inspect([messageWith({ text })]);
  return guard.inspect([messageWith({ segments: [{ kind: place, text }] })]);
}

const RECORDS = { page: "the page", result: "the tool's result", note: "the note" } as const;

function messageWith(changes: Partial<Message>): Message {
  return {
    key: "one",
    author: { kind: "requester", id: "one", name: "" },
    visibility: "public",
    subject: "",
    text: "",
    segments: [],
    attachments: [],
    sentAt: "2026-01-01T00:00:00.000Z",
    identity: { level: 0, method: "none", reason: "a text alone", handle: { kind: "none" } },
    answerTo: null,
    answerPrivatelyTo: null,
    ignore: null,
    ...changes,
  };
}
