/** What the tests of sending share: a world that is closed again, and looks at what came of it. */

import { decodeTransfer } from "#email/mime/headers.ts";
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { ImapFlow } from "imapflow";
import { imapClient } from "#email/inbox/imap-connection.ts";
import { EMAIL_LIMITS } from "#email/options.ts";
import { DeskhandError, type ErrorCode } from "#core/values/errors.ts";
import { bench, type EmailBench, resolved } from "#test/email/bench.ts";
import { faultSmtp, type Faults, type FaultSmtp } from "./fault-smtp.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import { Action } from "#core/values/action.ts";
import type { Channel } from "#core/contracts/channel.ts";
import type { CommitResult } from "#core/contracts/tool.ts";

export const ANN = "ann@customer.test";
/** Time enough for one step. */
export const signal = (): AbortSignal => AbortSignal.timeout(PATIENCE_MS);

/** A world with one inbox, closed after the test, and with a mail server that fails as told. */
export async function faulty(
  context: TestContext,
  faults: { current: Faults },
): Promise<EmailBench & { readonly server: FaultSmtp }> {
  const server = await faultSmtp(faults);
  context.after(server.close);
  const limits = { ...EMAIL_LIMITS, smtpAnswerMs: 2_000, connectMs: 5_000 };
  return { ...(await bench(context, { smtpPort: server.port, limits })), server };
}

/** Header lines of a raw mail, unfolded, and its decoded plain part. */
export function opened(raw: Buffer): {
  headers: Map<string, string>;
  plain: Buffer;
  page: string;
} {
  const text = raw.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  const lines = text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, " ")
    .split("\r\n");
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const part = /text\/plain[^]*?base64\r\n\r\n([A-Za-z0-9+/=\r\n]*)/.exec(text)?.[1] ?? "";
  const html = /text\/html[^]*?quoted-printable\r\n\r\n([^]*?)\r\n--/.exec(text)?.[1] ?? "";
  const page = Buffer.from(decodeTransfer(Buffer.from(html), "quoted-printable")).toString("utf8");
  return { headers, plain: Buffer.from(part, "base64"), page };
}

/** The one mail this address received. */
export async function only(bench: EmailBench, address = ANN): Promise<Buffer> {
  const [raw, ...more] = await bench.received(address);
  assert.equal(more.length, 0);
  assert.ok(raw);
  return raw;
}

/** For `assert.rejects`. */
export function failsWith(code: ErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof DeskhandError && error.code === code;
}

/** Carrying this out under the key fails in this way. */
export async function commitFails(
  channel: Channel,
  [action, key]: readonly [Action, string],
  code: ErrorCode,
): Promise<void> {
  await assert.rejects(channel.commit(action, key, signal()), failsWith(code), key);
}

/** Message-IDs in the Sent folder. */
export async function sentIds(world: EmailBench): Promise<readonly string[]> {
  const ids: string[] = [];
  await withImap(world, async (client) => {
    await client.mailboxOpen("Sent", { readOnly: true });
    for await (const { envelope } of client.fetch("1:*", { envelope: true }))
      ids.push((envelope?.messageId ?? "").replace(/[<>]/g, ""));
  });
  return ids;
}

/** Puts a mail into Sent, as some providers do by themselves. */
export async function keepInSent(world: EmailBench, raw: Buffer): Promise<void> {
  await withImap(world, async (client) => {
    await client.append("Sent", raw, ["\\Seen"]);
  });
}

/** The inbox's mailbox as a person's mail program reaches it. */
export async function imapOf({ sandbox }: Pick<EmailBench, "sandbox">): Promise<ImapFlow> {
  const timeouts = { imapSilenceMs: 5_000, connectMs: 5_000 };
  const client = imapClient({ ...sandbox.imap, secure: false }, timeouts);
  await client.connect();
  return client;
}

async function withImap(
  world: EmailBench,
  use: (client: ImapFlow) => Promise<void>,
): Promise<void> {
  const client = await imapOf(world);
  try {
    await use(client);
  } finally {
    await client.logout();
  }
}

/** The reply a turn would propose to this mail. */
export async function replyTo(
  bench: Pick<EmailBench, "channel">,
  raw: Uint8Array,
  text: string,
  automatic = false,
): Promise<Action> {
  const { messages, subject } = await resolved(bench.channel, raw);
  const [message] = messages;
  if (message === undefined || message.answerTo === null) throw new Error("no address to answer");
  return Action.parse({
    target: "email",
    operation: "reply",
    arguments: {
      conversationId: "c1",
      to: message.answerTo,
      subject,
      text,
      answers: [message.key],
      automatic,
    },
  });
}

/** Sends that reply. */
export async function answer(
  bench: Pick<EmailBench, "channel">,
  raw: Uint8Array,
  text: string,
  key: string,
): Promise<CommitResult> {
  const action = await replyTo(bench, raw, text);
  return bench.channel.commit(action, key, AbortSignal.timeout(PATIENCE_MS));
}
