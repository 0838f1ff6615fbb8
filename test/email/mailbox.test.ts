/** A mailbox file is read into conversations, however its mails lie in it. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readMailbox } from "#email/read-mbox.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const folder = { path: "" };
before(async () => {
  folder.path = await mkdtemp(join(tmpdir(), "deskhand-mbox-"));
});
after(() => rm(folder.path, { recursive: true, force: true }));

const mail = (
  id: string,
  from: string,
  text: string,
  more: { readonly day: number; readonly answers?: string; readonly headers?: string },
): string =>
  [
    `From ${from.replace(/.*<|>.*/g, "")} Mon Oct  5 10:00:00 2026`,
    `From: ${from}`,
    "To: help@ourshop.test",
    `Message-ID: <${id}@x.test>`,
    ...(more.answers === undefined ? [] : [`In-Reply-To: <${more.answers}@x.test>`]),
    ...(more.headers === undefined ? [] : [more.headers]),
    `Date: ${new Date(Date.UTC(2026, 9, more.day, 10)).toUTCString()}`,
    "Subject: Lamp",
    "Content-Type: text/plain; charset=utf-8",
    "",
    text,
    "",
    "",
  ].join("\n");

async function read(...mails: readonly string[]) {
  const file = join(folder.path, "mails.mbox");
  await writeFile(file, mails.join(""));
  return readMailbox(file, {
    ours: ["help@ourshop.test"],
    identityOf: (email) => ({
      level: 1,
      method: "claimed",
      reason: "a file",
      handle: { kind: "email", email },
    }),
    signal: AbortSignal.timeout(PATIENCE_MS),
    progress: () => undefined,
  });
}

test("mails that answer one another are one conversation, oldest first, and ours are the team's", async () => {
  const { conversations, leftOut } = await read(
    mail("c", "Shop <help@ourshop.test>", "Refunded.\n\n>From what I see, all is well.", {
      day: 7,
      answers: "b",
    }),
    mail("z", "bob@customer.test", "Where is it?", { day: 6 }),
    mail("a", "Ann <Ann@customer.test>", "Broken.", { day: 5 }),
    mail("b", "Ann <ann@customer.test>", "And late. Grüße", { day: 6, answers: "a" }),
  );
  assert.deepEqual(leftOut, []);
  assert.deepEqual(
    conversations
      .map(({ customer, messages }) => ({
        customer,
        said: messages.map(({ author, text }) => `${author.kind}: ${text.split("\n")[0]}`),
      }))
      .toSorted((a, b) => b.said.length - a.said.length),
    [
      {
        customer: "ann@customer.test",
        said: ["requester: Broken.", "requester: And late. Grüße", "teammate: Refunded."],
      },
      { customer: "bob@customer.test", said: ["requester: Where is it?"] },
    ],
  );
});
