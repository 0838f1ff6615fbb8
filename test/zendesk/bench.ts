import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext } from "node:test";
import { z } from "zod";
import { SUBSCRIPTIONS } from "#zendesk/setup/account.ts";
import { zendesk } from "#zendesk/index.ts";
import type { Action } from "#core/values/action.ts";
import {
  type Allowance,
  type Allowances,
  inProcessAllowances,
} from "#core/connection/rate-limit.ts";
import type { Channel, Resolved, Delivery } from "#core/contracts/channel.ts";
import { DeskhandError, type ErrorCode } from "#core/values/errors.ts";
import type { Signal } from "#core/values/message.ts";
import { type Desk, deskOf } from "./read/people.ts";
import { openHook } from "./servers.ts";
import { memoryCursors } from "#test/jobs/memory-ports.ts";
import { silentLog } from "#test/store/bench.ts";
import { type SandboxZendesk, startSandboxZendesk } from "#sandbox/zendesk/index.ts";
import { openedBy } from "#test/support/opened.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

type ZendeskOptions = Parameters<typeof zendesk>[0];
const Event = z.object({ type: z.string(), subject: z.string() });

/** A sandbox Zendesk with the channel on it, both gone afterwards. */
export interface Bench extends Desk {
  readonly channel: Channel;
  readonly sandbox: SandboxZendesk;
  /** What the channel logged as a warning or worse. */
  readonly warnings: string[];
  /** How many calls the channel has begun. */
  readonly calls: () => number;
  /** Deliveries of the sandbox's webhook about a ticket, once all are through; `type` as in `comment_added`. */
  readonly delivered: (ticketId: number, type?: string) => Promise<Delivery[]>;
  /** What the channel says about a ticket now. */
  readonly read: (ticketId: number) => Promise<Resolved>;
  readonly replyTo: (ticketId: number, text: string) => Promise<Action>;
  /** Another channel on the same sandbox, as a second process would have. */
  readonly another: (options?: Partial<ZendeskOptions>) => Channel;
  /** A channel that does not know the bot's id yet, with a writer token of one's choice. */
  readonly stranger: (writerToken: string) => Channel;
  readonly close: () => Promise<void>;
}

/** For `waitFor`: looks often, as long as it takes. */
export const UNDER_WAY = { interval: 20, timeout: PATIENCE_MS };

export const signal = new AbortController().signal;

/** The account's limits with more exports than it allows, so that a test of the poller need not wait for its turn. */
export function quickExports(): Allowances {
  const kept = inProcessAllowances();
  const widened = (wanted: readonly Allowance[]): readonly Allowance[] =>
    wanted.map((one) => (one.name.endsWith(":exports") ? { ...one, max: 6_000, burst: 600 } : one));
  return {
    take: (wanted, ...how) => kept.take(widened(wanted), ...how),
    hold: (held, ms) => kept.hold(held, ms),
    heldMs: (wanted) => kept.heldMs(widened(wanted)),
  };
}

/** A channel's options that fit a sandbox. */
export function optionsOn(sandbox: SandboxZendesk): ZendeskOptions {
  return {
    url: sandbox.url,
    writerToken: async () => await Promise.resolve(sandbox.tokens.bot),
    readerToken: async () => await Promise.resolve(sandbox.tokens.admin),
    webhookSecret: sandbox.webhookSecret,
    botUserId: sandbox.users.bot,
    groups: sandbox.groups,
    clock: { now: () => new Date() },
    log: silentLog,
    cursors: memoryCursors(),
    pollMs: 100,
    senderAuthentication: false,
    brand: "ourshop",
    callsPerMinute: 6_000,
    allowances: quickExports(),
    attachmentHosts: [sandbox.fileHost],
  };
}

export async function openBench(options: Partial<ZendeskOptions> = {}): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), "deskhand-zendesk-"));
  const sandbox = await startSandboxZendesk({ directory, now: () => new Date() });
  const hook = await openHook();
  sandbox.setWebhook(hook.url, SUBSCRIPTIONS);
  const warnings: string[] = [];
  let calls = 0;
  const known: ZendeskOptions = {
    ...optionsOn(sandbox),
    writerToken: async () => {
      calls += 1;
      return await Promise.resolve(sandbox.tokens.bot);
    },
    log: {
      info: () => undefined,
      warn: (message) => void warnings.push(message),
      error: (message) => void warnings.push(message),
    },
    ...options,
  };
  const another: Bench["another"] = (changed = {}) => zendesk({ ...known, ...changed });
  const stranger: Bench["stranger"] = (token) => {
    const { botUserId: _, ...rest } = known;
    return zendesk({ ...rest, writerToken: async () => await Promise.resolve(token) });
  };
  const channel = another();

  const read: Bench["read"] = async (ticketId) =>
    await channel.fetch(
      { id: "c1", channel: "zendesk", externalId: String(ticketId), subject: "", brand: "" },
      signal,
    );

  return {
    channel,
    sandbox,
    warnings,
    calls: () => calls,
    ...deskOf(sandbox),
    delivered: async (ticketId, type) => {
      await sandbox.webhooksIdle();
      return hook.deliveries.filter(({ body }) => {
        const event = Event.parse(JSON.parse(new TextDecoder().decode(body)));
        const wanted = type === undefined || event.type.endsWith(`.${type}`);
        return wanted && event.subject === `zen:ticket:${ticketId}`;
      });
    },
    read,
    replyTo: async (ticketId, text) => replyAction(await read(ticketId), text),
    another,
    stranger,
    close: async () => {
      await channel.stop();
      await sandbox.close();
      await hook.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** One bench for a file's tests. */
export function benchForTests(options: Partial<ZendeskOptions> = {}): Bench {
  const opened: { bench?: Bench } = {};
  before(async () => {
    opened.bench = await openBench(options);
  });
  after(() => opened.bench?.close());
  return openedBy(() => opened.bench);
}

/** A bench for one test alone. */
export async function benchFor(
  context: TestContext,
  options: Partial<ZendeskOptions> = {},
): Promise<Bench> {
  const bench = await openBench(options);
  context.after(bench.close);
  return bench;
}

/** The reply a turn would propose to the newest message that can be answered. */
export function replyAction({ messages, subject }: Resolved, text: string): Action {
  const asked = messages.findLast(({ answerTo }) => answerTo !== null);
  assert.ok(asked?.answerTo, "there must be an address to answer to");
  const { answerTo: to, key } = asked;
  const fixed = { conversationId: "c1", subject, automatic: false };
  return {
    target: "zendesk",
    operation: "reply",
    arguments: { ...fixed, to, text, answers: [key] },
  };
}

/** What is done on a ticket that is there. */
export function onTicket(
  operation: "note" | "assign",
  ticketId: number,
  rest: Action["arguments"],
): Action {
  const fixed = { conversationId: "c1", externalId: String(ticketId) };
  return { target: "zendesk", operation, arguments: { ...fixed, ...rest } };
}

/** A hand-over of a conversation elsewhere, which opens a ticket. */
export function openingTicket(change: Action["arguments"] = {}): Action {
  return {
    target: "zendesk",
    operation: "create_ticket",
    arguments: {
      conversationId: "c1",
      group: "tier2",
      subject: "Ann asks about a warranty",
      summary: "Reason: nobody could answer.\nTried: search_faq",
      requester: { name: "Ann Fields", email: "ann@customer.test" },
      firstMessage: "Is it under warranty?",
      ...change,
    },
  };
}

/** A delivery signed as Zendesk signs, at a moment some milliseconds away from now. */
export function signed(secret: string, body: string | Uint8Array, offsetMs = 0): Delivery {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const timestamp = `${new Date(Date.now() + offsetMs).toISOString().slice(0, 19)}Z`;
  return {
    source: "webhook",
    headers: {
      "x-zendesk-webhook-signature": createHmac("sha256", secret)
        .update(timestamp)
        .update(bytes)
        .digest("base64"),
      "x-zendesk-webhook-signature-timestamp": timestamp,
    },
    body: bytes,
    receivedAt: new Date(),
  };
}

/** A check for `assert.rejects` and `assert.throws`. */
export function failsWith(code: ErrorCode, words?: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof DeskhandError, String(error));
    assert.equal(error.code, code, error.message);
    if (words !== undefined) assert.match(error.message, words);
    return true;
  };
}

/** The last signal that says who has the ticket. */
export function lastAssignment(
  signals: readonly Signal[],
): Extract<Signal, { kind: "assigned" }> | undefined {
  return signals.filter((one) => one.kind === "assigned").at(-1);
}
