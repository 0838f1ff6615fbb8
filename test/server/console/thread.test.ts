/** How the messages of a case are named. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "#core/values/message.ts";
import { threadView } from "#server/console/case/thread.ts";

const said = (kind: Message["author"]["kind"], name: string): Message => ({
  key: `${kind} ${name}`,
  author: { kind, id: "one", name },
  visibility: "public",
  subject: "",
  text: "It left on Friday.",
  segments: [],
  attachments: [],
  sentAt: "2026-03-02T10:00:00.000Z",
  identity: { level: 0, method: "none", reason: "", handle: { kind: "none" } },
  answerTo: null,
  answerPrivatelyTo: null,
  ignore: null,
});

test("a message has its author's name, and what the author is where the name does not say it", () => {
  const messages = [said("requester", "Ann Fields"), said("bot", "Deskhand"), said("bot", "")];
  const page = threadView(
    {
      caseId: "c_1",
      conversations: [],
      messages: messages.map((message, id) => ({
        id,
        conversationId: "c_1",
        message,
        outcome: null,
        outcomeReason: "",
        turnId: null,
      })),
      hasEarlier: false,
      shown: { files: [], descriptions: new Map(), describeOn: null },
    },
    { when: (at) => at.toISOString(), mask: (text) => text },
  );
  const bylines = [...String(page).matchAll(/<b>([^<]*)<\/b>\s*<span class="soft">([^ ]*)/g)];
  assert.deepEqual(
    bylines.map(([, name, kind]) => [name, kind === "customer" ? kind : ""]),
    [
      ["Ann Fields", "customer"],
      ["Deskhand", ""],
      ["Deskhand", ""],
    ],
  );
  assert.equal(String(page).match(/Deskhand/g)?.length, 2);
});
