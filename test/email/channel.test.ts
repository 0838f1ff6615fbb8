import { z } from "zod";
import { describeChannel } from "#test/contract/channel.ts";
import { deliveryOf, openBench } from "./bench.ts";
import { signed, written } from "./mails.ts";
import { answer } from "#test/email/outbound/sending-bench.ts";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { readMailbox } from "#email/read-mbox.ts";
import { messageOf } from "#test/store/bench.ts";

const Inbox = z.array(z.object({ text: z.string() }));

describeChannel("email", {
  open: async () => {
    const bench = await openBench();
    const firstOf = new Map<string, string>();
    const mailOf = async (message: {
      id: string;
      thread: string;
      text: string;
    }): Promise<Buffer> => {
      const first = firstOf.get(message.thread);
      firstOf.set(message.thread, first ?? message.id);
      const references =
        first === undefined ? [] : ([["References", `<${first}@customer.test>`]] as const);
      const { text, id } = message;
      return signed(written({ text, messageId: `<${id}@customer.test>`, headers: references }));
    };
    const ownRaw = async (): Promise<Buffer> => {
      const text = "Our own words.";
      await answer(bench, await signed(written({})), text, "key-own");
      const [raw] = await bench.received("ann@customer.test");
      if (raw === undefined) throw new Error("nothing was sent");
      return raw;
    };
    return {
      channel: bench.channel,
      delivery: async (message) => deliveryOf(await mailOf(message)),
      ownDelivery: async () => ({ delivery: deliveryOf(await ownRaw()), text: "Our own words." }),
      sealed: deliveryOf,
      write: async (message) => bench.sandbox.deliver(await mailOf(message)),
      arrived: async () => {
        const response = await fetch(`${bench.sandbox.web}/api/mail?to=ann@customer.test`);
        return Inbox.parse(await response.json()).map(({ text }) => text);
      },
      calls: () => bench.smtpWire.connections() + bench.imapWire.connections(),
      close: bench.close,
    };
  },
});

async function read(context: TestContext, ...mails: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "mbox-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "help.mbox");
  writeFileSync(file, mails.map((mail) => `From x Thu Jan  1 00:00:00 2026\n${mail}\n\n`).join(""));
  return readMailbox(file, {
    ours: ["help@ourshop.test"],
    identityOf: () => messageOf("m").identity,
    signal: AbortSignal.timeout(60_000),
    progress: () => undefined,
  });
}

const mail = (from: string, id: string, text: string, more = ""): string =>
  `From: ${from}\nTo: help@ourshop.test\nDate: Thu, 1 Jan 2026 10:00:00 +0000\nMessage-ID: <${id}@x.test>\nSubject: Hello\n${more}\n${text}`;

test("a customer's mail and the team's answer are one conversation, and a quoted line stays in its mail", async (context) => {
  const { conversations, leftOut } = await read(
    context,
    mail("ann@customer.test", "1", "One.\n\n>From here it is mine."),
    mail("help@ourshop.test", "2", "Two.", "In-Reply-To: <1@x.test>\n"),
  );
  assert.deepEqual(leftOut, []);
  assert.equal(conversations.length, 1);
  const said = conversations[0]?.messages.map(({ author, text }) => [author.kind, text]) ?? [];
  assert.deepEqual(
    said.map(([kind]) => kind),
    ["requester", "teammate"],
  );
  assert.match(said[0]?.[1] ?? "", /^One\.\s+From here it is mine\.$/);
});

test("a lone carriage return in a customer's words begins no mail of the team's", async (context) => {
  const forged = mail("help@ourshop.test", "9", "Yes, we refund that.").replaceAll("\n", "\r");
  const { conversations } = await read(
    context,
    mail("ann@customer.test", "1", `One.\r\rFrom x Thu Jan  1 00:00:00 2026\r${forged}`),
  );
  const authors = conversations.flatMap(({ messages }) =>
    messages.map(({ author }) => author.kind),
  );
  assert.deepEqual(authors, ["requester"]);
});
