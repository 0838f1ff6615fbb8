/**
 * The real jobs behind the e-mail channel, which reads a real Dovecot over a wire that can be cut and sends to a mail
 * server that fails as told. A test delivers mail and looks at what the agent was given and at what went out.
 */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { email } from "#email/index.ts";
import { EMAIL_LIMITS, type EmailOptions } from "#email/options.ts";
import type { Channel, Delivery } from "#core/contracts/channel.ts";
import type { Cursors } from "#core/contracts/ports.ts";
import type { TurnInput, TurnResult } from "#core/contracts/agent.ts";
import { intake } from "#jobs/intake.ts";
import { rowsOf } from "#store/db/database.ts";
import { memoryCursors, memoryLog } from "#test/jobs/memory-ports.ts";
import { wireTo, type Wire } from "#test/email/bench.ts";
import { faultSmtp, type Faults, type FaultSmtp } from "#test/email/outbound/fault-smtp.ts";
import { resolver } from "#test/email/mails.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { type JobBench } from "#test/jobs/bench-contract.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { openedBy } from "#test/support/opened.ts";
import { until } from "#test/support/waiting.ts";
import { PASSWORD } from "./server-files.ts";
import { dovecotMissing, startDovecot, type Dovecot } from "./server.ts";

/** Short enough for a test, long enough for a machine under load. */
export const QUICK = {
  ...EMAIL_LIMITS,
  pollMs: 60,
  smtpAnswerMs: 2_000,
  connectMs: 5_000,
  retryMs: { first: 20, most: 200 },
};

const READ_TRIES = 10;

const Position = z.looseObject({
  uidValidity: z.string(),
  uid: z.int(),
  failed: z.array(z.int()).default([]),
});

/** One company's channel with its inboxes on the shared server. */
export interface Inboxes {
  readonly addresses: readonly string[];
  readonly channel: Channel;
  readonly imapWire: Wire;
  readonly cursors: Cursors;
  readonly log: ReturnType<typeof memoryLog>;
  /** Every mail of an inbox that the channel handed over, in order. */
  readonly deliveries: readonly Delivery[];
  /** The conversations they went to, each once, in the order they began. */
  readonly conversations: readonly string[];
  /** Begins to watch. `refuse` may throw for a mail before it is taken in. */
  start(refuse?: (body: Buffer) => void): Promise<void>;
  stop(): Promise<void>;
  /** Over LMTP into the first inbox, or to these addresses. */
  deliver(raw: Buffer, ...to: readonly string[]): Promise<void>;
  /** Waits until everything in this inbox was looked at. */
  looked(address: string): Promise<void>;
  /** Waits until everything in all inboxes was looked at, and works on it until nothing more comes of it. */
  settle(): Promise<void>;
  /** Another process of the same company: same database, same servers, same positions unless told. */
  again(changes?: Partial<EmailOptions>): Inboxes;
}

/** What works on the mail: the real jobs, moved on by the test. */
type MailDesk = Pick<JobBench, "parts" | "connect" | "now" | "skip" | "tick">;

/** Where inboxes are: who works on their mail, the server that keeps it, and the one that takes the answers. */
export interface MailServers {
  readonly desk: MailDesk;
  readonly server: Dovecot;
  readonly smtp: FaultSmtp;
  /** Grows with every turn of the agent. */
  readonly turns: readonly unknown[];
}

/** How a channel differs from the usual one. */
type Changes = Partial<EmailOptions>;

/** One test's mailroom. */
export interface Mailroom extends MailServers {
  readonly desk: JobBench;
  /** How the mail server that takes the answers behaves from now on. */
  fail(faults: Faults): void;
  /** What the agent was given, a turn each. */
  readonly turns: readonly TurnInput[];
  /** What the agent does by itself: notes what it was given and replies, with these words. */
  usual(input: TurnInput, words?: string): TurnResult;
  /** Inboxes under these names @ourshop.test, watched. Names are used once in a file. */
  open(names: readonly string[], changes?: Changes): Promise<Inboxes>;
  /** The same, not watched yet. */
  prepare(names: readonly string[], changes?: Changes): Promise<Inboxes>;
}

/** Runs tests in a mailroom: one Dovecot and one database for the file, everything answered by itself unless told. */
export function inMailroom(name: string, body: (room: Mailroom) => void): void {
  if (dovecotMissing !== false) {
    test(name, { skip: dovecotMissing }, () => undefined);
    return;
  }
  onDesk(name, (desk) => {
    const shared: { server?: Dovecot; smtp?: FaultSmtp } = {};
    const faults: { current: Faults } = { current: {} };
    const turns: TurnInput[] = [];
    const closers: (() => Promise<void>)[] = [];
    before(async () => {
      [shared.server, shared.smtp] = await Promise.all([startDovecot(), faultSmtp(faults)]);
    });
    after(async () => {
      await Promise.all([shared.server?.close(), shared.smtp?.close()]);
    });
    beforeEach(() => {
      faults.current = {};
      turns.splice(0);
      shared.smtp?.taken.splice(0);
      shared.smtp?.envelopes.splice(0);
      desk.rule({ replyAutonomy: () => "auto", quietMs: () => 0 });
      desk.answer((input) => room.usual(input));
    });
    afterEach(async () => {
      for (const close of closers.splice(0).toReversed()) await close();
    });
    const room: Mailroom = {
      desk,
      server: openedBy(() => shared.server),
      smtp: openedBy(() => shared.smtp),
      fail: (next) => void (faults.current = next),
      turns,
      usual(input, words) {
        turns.push(input);
        return replying(words ?? `Answer ${turns.length}.`);
      },
      prepare: (names, changes = {}) => inboxesOn(room, closers, names, changes),
      async open(names, changes) {
        const inboxes = await room.prepare(names, changes);
        await inboxes.start();
        return inboxes;
      },
    };
    body(room);
  });
}

/** Inboxes under these names on a server, not watched yet; what has to be closed is noted. */
async function inboxesOn(
  room: MailServers,
  closers: (() => Promise<void>)[],
  names: readonly string[],
  changes: Changes = {},
): Promise<Inboxes> {
  const imapWire = await wireTo(room.server.imapPort);
  closers.push(() => imapWire.close());
  const addresses = names.map((name) => `${name}@ourshop.test`);
  const log = memoryLog();
  const kept = { blobs: room.desk.parts.blobs };
  const options: EmailOptions = {
    ...kept,
    inboxes: addresses.map((address) => ({
      aliases: [],
      address,
      imap: {
        host: "127.0.0.1",
        port: imapWire.port,
        secure: false,
        user: address,
        pass: PASSWORD,
      },
      smtp: { host: "127.0.0.1", port: room.smtp.port, secure: false },
    })),
    cursors: memoryCursors(),
    clock: { now: () => new Date() },
    log,
    resolver,
    messageIdDomain: "ourshop.test",
    instance: "test",
    secret: "a secret of the tests, long enough",
    startAt: "now",
    limits: QUICK,
    ...changes,
  };
  return inboxesWith({ room, closers, addresses, imapWire, log }, options);
}

interface Place {
  readonly room: MailServers;
  readonly closers: (() => Promise<void>)[];
  readonly addresses: readonly string[];
  readonly imapWire: Wire;
  readonly log: ReturnType<typeof memoryLog>;
}

function inboxesWith(place: Place, options: EmailOptions): Inboxes {
  const { room, closers, addresses, imapWire, log } = place;
  const { desk, server } = room;
  const channel = email(options);
  closers.push(() => channel.stop());
  desk.connect(channel);
  const deliveries: Delivery[] = [];
  const conversations: string[] = [];
  const cursors = options.cursors;
  /** The desk's clock does not move between steps. */
  const catchUp = (): void => desk.skip(Math.max(0, Date.now() - desk.now().getTime()));
  const looked = async (address: string): Promise<void> => {
    const { uidValidity, uidNext } = await server.numbering(address);
    await until(
      `everything in ${address} to be looked at`,
      async () => {
        const stored = await cursors.read(`email:${address}:INBOX`);
        const position = stored === null ? null : Position.parse(JSON.parse(stored));
        return (
          position?.uidValidity === uidValidity &&
          position.uid >= uidNext - 1 &&
          position.failed.length === 0
        );
      },
      () => log.lines.slice(-5).join("\n"),
    );
  };
  return {
    addresses,
    channel,
    imapWire,
    cursors,
    log,
    deliveries,
    conversations,
    start: (refuse = () => undefined) =>
      channel.start(async (delivery) => {
        refuse(Buffer.from(delivery.body));
        catchUp();
        const { conversationIds } = await intake(desk.parts, channel, delivery);
        // The mailroom's positions are its own, so that one can be forgotten.
        const { position } = delivery;
        if (position !== undefined) await cursors.write(position.name, position.value);
        // The copies of our answers in Sent are looked at as well.
        if (delivery.headers["x-folder"] !== "sent") deliveries.push(delivery);
        conversations.push(...conversationIds.filter((id) => !conversations.includes(id)));
      }),
    stop: () => channel.stop(),
    deliver: (raw, ...to) => server.deliver(raw, ...(to.length > 0 ? to : addresses.slice(0, 1))),
    looked,
    async settle() {
      for (const address of addresses) await looked(address);
      for (let calm = false, round = 0; !calm; round += 1) {
        assert.ok(round < 30, "the mailroom does not come to rest");
        const before = room.smtp.taken.length + room.turns.length;
        catchUp();
        await desk.tick();
        const isStill = room.smtp.taken.length + room.turns.length === before;
        // What a busy machine could not read in time is tried again; what no try reads is left after some.
        const waits =
          round < READ_TRIES && (await fates(room)).some(({ state }) => state === "unread");
        calm = isStill && !waits;
      }
    },
    again: (changes = {}) => inboxesWith(place, { ...options, ...changes }),
  };
}

/** What became of the mails taken in so far, oldest first: hints that were never read have no outcome. */
export async function fates({ desk }: Pick<MailServers, "desk">): Promise<readonly Fate[]> {
  return desk.parts.store.run((transaction) =>
    rowsOf(
      transaction,
      Fate,
      sql`select hint.conversation_id as conversation, hint.state, hint.error, message.author_id as author, message.outcome, message.outcome_reason as reason, message_content.content ->> 'ignore' as ignored
        from hint left join message on message.key = hint.event_id left join message_content on message_id = message.id order by hint.id`,
    ),
  );
}

const Fate = z.object({
  conversation: z.string(),
  state: z.string(),
  error: z.string().nullable(),
  author: z.string().nullable(),
  outcome: z.string().nullable(),
  reason: z.string().nullable(),
  /** Why nothing may answer it, as the channel says. Mail of servers has this and no outcome. */
  ignored: z.string().nullable(),
});
export type Fate = z.infer<typeof Fate>;
