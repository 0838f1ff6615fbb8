import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Action } from "#core/values/action.ts";
import { type Channel, type Resolved, Hint, type Delivery } from "#core/contracts/channel.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { Message, Signal } from "#core/values/message.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import { runs } from "#test/support/tiers.ts";

/** What a customer writes, in words every channel understands. */
interface WrittenMessage {
  /** Different for every message; a test never uses one twice on the same bench. */
  readonly id: string;
  /** Messages of the same thread belong to one conversation, others never do. */
  readonly thread: string;
  readonly text: string;
}

/** One live channel with the other side of it. Made anew for every test and closed by it. */
export interface ChannelBench {
  readonly channel: Channel;
  /** The customer writes this at the source; returns the delivery the source makes of it, signed where it signs. */
  readonly delivery: (message: WrittenMessage) => Promise<Delivery>;
  /** A delivery of something this channel wrote itself, with the text it wrote. */
  readonly ownDelivery: () => Promise<{ readonly delivery: Delivery; readonly text: string }>;
  /** Any bytes through the same handler, correctly signed where the source signs, so that they reach the parser. */
  readonly sealed: (body: Uint8Array) => Delivery;
  /** The customer writes so that the poller or socket of `start` delivers it; null for a channel without either. */
  readonly write: ((message: WrittenMessage) => Promise<void>) | null;
  /** What customers have received so far, as they read it (transport encodings undone), oldest first. */
  readonly arrived: () => Promise<readonly string[]>;
  /** How many calls of the channel the other side has counted. */
  readonly calls: () => number;
  readonly close: () => Promise<void>;
}

/** Texts that encodings, escapes and line wrapping like to damage. Each is one reply. */
const DELICATE_TEXTS: readonly string[] = [
  "Hello Ann,\n\nit is on its way.\n\nThe Team",
  ".\n..\n.leading dots\n.",
  "Trailing spaces   \nFrom the start of a line\n>not a quote\n-- \nSignature",
  `${"x".repeat(1_200)} one long line ${"word ".repeat(120)}end`,
  "Grüße, naïve café, 日本語, Привет, שלום, 👩‍👩‍👧 and 12 = 3D =20 %41",
  "<b>not bold</b> & &amp; *stars* _lines_ `ticks` ~tilde~ {braces} \\n",
];

/** The meaning of `Channel`. Every adapter runs exactly this; its own test file adds only what is peculiar to it. */
export function describeChannel(name: string, harness: { open(): Promise<ChannelBench> }): void {
  const onBench =
    (body: (bench: ChannelBench, context: TestContext) => Promise<void>) =>
    async (context: TestContext): Promise<void> => {
      const bench = await harness.open();
      try {
        await body(bench, context);
      } finally {
        await bench.channel.stop();
        await bench.close();
      }
    };

  describe(`channel contract: ${name}`, () => {
    test("the same delivery twice gives the same hints, a retry later too", onBench(sameHints));
    test("another message is another event", onBench(otherEvent));
    test("a thread is one conversation and strangers' threads share nothing", onBench(threads));
    test("what it wrote itself never comes back as a customer's message", onBench(noEcho));
    test("any bytes at all give hints or a final named error", onBench(anyBytes));
    test("a damaged delivery gives hints or a final named error", onBench(damaged));
    test("looking up a hint again finds the same messages", onBench(repeatable));
    test("the customer's words arrive whole, with a place to answer", onBench(wordsArrive));
    test("whether a sender is kept is the same everywhere it is decided", onBench(keptSender));
    test("a channel with history shows it, any other shows nothing", onBench(history));
    test("that an answer is worked on sends no text", onBench(worksInSilence));
    test("an operation it does not support is refused by name, before any call", onBench(refuses));
    test("a reply arrives byte for byte", onBench(byteForByte));
    test("find tells before and after a commit what is true", onBench(findIsTrue));
    test("the same key a second time has no second effect", onBench(oneEffect));
    test("after stop nothing is delivered any more", onBench(stopStops));
  });
}

type TestContext = Parameters<NonNullable<Parameters<typeof test>[0]>>[0];

const hello: WrittenMessage = { id: "m1", thread: "t1", text: "Where is my order?" };

async function sameHints({ channel, delivery }: ChannelBench): Promise<void> {
  const made = await delivery(hello);
  const hints = channel.receive(made);
  assert.ok(hints.length > 0, "a customer's message must give a hint");
  for (const hint of hints) {
    assert.deepEqual(Hint.parse(hint), hint);
    assert.equal(hint.channel, channel.name);
  }
  assert.deepEqual(channel.receive(made), hints);
  const later = { ...made, receivedAt: new Date(made.receivedAt.getTime() + 60_000) };
  assert.deepEqual(
    channel.receive(later).map(({ eventId }) => eventId),
    hints.map(({ eventId }) => eventId),
  );
}

async function otherEvent({ channel, delivery }: ChannelBench): Promise<void> {
  const first = channel.receive(await delivery(hello));
  const second = channel.receive(await delivery({ ...hello, id: "m2", text: "And 456?" }));
  const ids = [...first, ...second].map(({ eventId }) => eventId);
  assert.ok(second.length > 0);
  assert.equal(new Set(ids).size, ids.length);
}

async function threads({ channel, delivery }: ChannelBench): Promise<void> {
  const keysOf = async (message: WrittenMessage): Promise<Set<string>> =>
    new Set(channel.receive(await delivery(message)).flatMap((hint) => hint.conversationKeys));
  const first = await keysOf(hello);
  const second = await keysOf({ id: "m2", thread: "t1", text: "Any news?" });
  const stranger = await keysOf({ id: "m3", thread: "t2", text: "Where is my order?" });
  const shared = [...first].filter((key) => second.has(key));
  assert.ok(shared.length > 0, "the second message must find the first");
  assert.deepEqual(
    [...first, ...second].filter((key) => stranger.has(key)),
    [],
  );
}

async function noEcho({ channel, ownDelivery }: ChannelBench): Promise<void> {
  const own = await ownDelivery();
  for (const hint of channel.receive(own.delivery)) {
    const { messages } = await channel.resolve(hint, contextOf(own.delivery, hint));
    const echoed = messages.filter(
      ({ author, ignore, text }) =>
        author.kind === "requester" && ignore === null && text.includes(own.text),
    );
    assert.deepEqual(echoed, []);
  }
}

async function anyBytes({ channel, sealed }: ChannelBench): Promise<void> {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 2_000 }),
    fc.string({ maxLength: 500 }).map((text) => new TextEncoder().encode(text)),
    fc.json().map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(bytes, (body) => {
      hintsOrFinalError(channel, sealed(body));
    }),
    { numRuns: runs(300) },
  );
}

async function damaged({ channel, delivery, sealed }: ChannelBench): Promise<void> {
  const made = await delivery(hello);
  const cut = fc.tuple(fc.nat(made.body.length), fc.nat(made.body.length), fc.uint8Array());
  fc.assert(
    fc.property(cut, fc.boolean(), ([from, to, junk], signed) => {
      const body = Buffer.concat([made.body.slice(0, from), junk, made.body.slice(to)]);
      hintsOrFinalError(channel, signed ? sealed(body) : { ...made, body });
      hintsOrFinalError(channel, { ...made, headers: {} });
    }),
    { numRuns: runs(300) },
  );
}

async function repeatable({ channel, delivery }: ChannelBench): Promise<void> {
  const made = await delivery(hello);
  const first = await resolveAll(channel, made);
  const again = await resolveAll(channel, made);
  assert.ok(first.messages.length > 0);
  assert.deepEqual(keysIn(again), keysIn(first));
  assert.equal(again.externalId, first.externalId);
}

async function wordsArrive({ channel, delivery }: ChannelBench): Promise<void> {
  const { messages, signals } = await resolveAll(channel, await delivery(hello));
  for (const message of messages) assert.deepEqual(Message.parse(message), message);
  for (const signal of signals) assert.deepEqual(Signal.parse(signal), signal);
  const asked = messages.find(({ text }) => text.trim() === hello.text);
  assert.equal(asked?.author.kind, "requester");
  assert.equal(asked?.ignore, null);
  assert.notEqual(asked?.answerTo, null);
}

/**
 * Who may write under an author's id, looked at for each channel on its own: behind chat stands a token or a secret id,
 * behind Slack its own login, but any sender can mail under a From line, into a ticket too. A confirmed code speaks for
 * later messages by this, so a channel is added here only after the same look.
 */
const KEEPS_SENDER: Readonly<Record<Channel["name"], boolean>> = {
  chat: true,
  slack: true,
  email: false,
  zendesk: false,
};

async function keptSender({ channel, delivery }: ChannelBench): Promise<void> {
  assert.equal(channel.keepsSender, KEEPS_SENDER[channel.name]);
  if (!channel.keepsSender) return;
  const authorsOf = async (message: WrittenMessage): Promise<readonly string[]> =>
    (await resolveAll(channel, await delivery(message))).messages
      .filter(({ author }) => author.kind === "requester")
      .map(({ author }) => author.id);
  // One writer has one id within a thread, or what was confirmed could not be found again.
  const first = await authorsOf(hello);
  const second = await authorsOf({ ...hello, id: "m2", text: "Any news?" });
  assert.deepEqual(new Set([...first, ...second]).size, 1);
}

async function history({ channel, delivery }: ChannelBench): Promise<void> {
  const found = await resolveAll(channel, await delivery(hello));
  const { externalId, subject, brand } = found;
  const conversation = { id: "c1", channel: channel.name, externalId, subject, brand };
  const fetched = await channel.fetch(conversation, AbortSignal.timeout(PATIENCE_MS));
  assert.deepEqual(keysIn(fetched), channel.keepsHistory ? keysIn(found) : []);
}

async function worksInSilence({ channel, delivery, arrived }: ChannelBench): Promise<void> {
  const { messages } = await resolveAll(channel, await delivery(hello));
  const before = await arrived();
  for (const isWorking of [true, false])
    for (const message of messages) await channel.showWork?.(message, isWorking);
  assert.deepEqual(await arrived(), before);
}

async function refuses({ channel, calls }: ChannelBench): Promise<void> {
  const action = { target: channel.name, operation: "launch_rocket", arguments: {} };
  const before = calls();
  await assert.rejects(
    channel.commit(action, "key-unsupported", AbortSignal.timeout(PATIENCE_MS)),
    (error) => error instanceof DeskhandError && error.code === "channel.unsupported",
  );
  assert.equal(calls(), before);
  assert.ok(channel.supports.includes("reply"));
}

async function byteForByte(bench: ChannelBench, context: TestContext): Promise<void> {
  for (const [index, text] of DELICATE_TEXTS.entries()) {
    const action = await replyTo(bench, { ...hello, id: `b${index}` }, text);
    await bench.channel.commit(action, `key-b${index}`, AbortSignal.timeout(PATIENCE_MS));
    await context.waitFor(async () => assert.ok((await bench.arrived()).length > index), {
      timeout: PATIENCE_MS,
    });
  }
  assert.deepEqual(await bench.arrived(), DELICATE_TEXTS);
}

async function findIsTrue(bench: ChannelBench): Promise<void> {
  const { channel } = bench;
  const action = await replyTo(bench, hello, "It is on its way.");
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const before = await channel.find(action, "key-f", signal);
  assert.equal(before.state, "absent");
  const committed = await channel.commit(action, "key-f", signal);
  const after = await channel.find(action, "key-f", signal);
  assert.ok(after.state === "done");
  assert.equal(after.committed.ref, committed.ref);
  assert.notEqual((await channel.find(action, "key-other", signal)).state, "done");
}

async function oneEffect(bench: ChannelBench): Promise<void> {
  const { channel } = bench;
  const action = await replyTo(bench, hello, "Only once.");
  const first = await channel.commit(action, "key-1", AbortSignal.timeout(PATIENCE_MS));
  const second = await channel.commit(action, "key-1", AbortSignal.timeout(PATIENCE_MS));
  assert.equal(second.ref, first.ref);
  assert.deepEqual(await bench.arrived(), ["Only once."]);
}

async function stopStops({ channel, write }: ChannelBench, context: TestContext): Promise<void> {
  const early: Delivery[] = [];
  const late: Delivery[] = [];
  await channel.start(async (made) => void early.push(made));
  if (write !== null) {
    await write(hello);
    await context.waitFor(() => assert.ok(early.length > 0), { timeout: PATIENCE_MS });
  }
  await channel.stop();
  const delivered = early.length;
  if (write === null) return;
  await write({ ...hello, id: "m2", text: "Nobody is listening." });
  await channel.start(async (made) => void late.push(made));
  await write({ ...hello, id: "m3", text: "Somebody is again." });
  await context.waitFor(() => assert.ok(late.length > 0), { timeout: PATIENCE_MS });
  assert.equal(early.length, delivered);
}

function hintsOrFinalError(channel: Channel, made: Delivery): void {
  try {
    for (const hint of channel.receive(made)) Hint.parse(hint);
  } catch (error) {
    assert.ok(error instanceof DeskhandError, `threw ${String(error)}`);
    assert.ok(!error.retry, `${error.code} would be tried again for ever`);
  }
}

async function resolveAll(channel: Channel, made: Delivery): Promise<Resolved> {
  const [hint] = channel.receive(made);
  assert.ok(hint, "a customer's message must give a hint");
  return channel.resolve(hint, contextOf(made, hint));
}

function contextOf(made: Delivery, hint: Hint): Parameters<Channel["resolve"]>[1] {
  const { body, receivedAt } = made;
  return {
    body: hint.keepBody ? body : null,
    receivedAt,
    proofs: new Map(),
    signal: AbortSignal.timeout(PATIENCE_MS),
  };
}

/** The reply a turn would propose to this message, as an action. */
async function replyTo(
  { channel, delivery }: ChannelBench,
  message: WrittenMessage,
  text: string,
): Promise<Action> {
  const { messages, subject } = await resolveAll(channel, await delivery(message));
  const asked = messages.findLast(({ answerTo }) => answerTo !== null);
  assert.ok(asked?.answerTo, "there must be an address to answer to");
  return Action.parse({
    target: channel.name,
    operation: "reply",
    arguments: {
      conversationId: "c1",
      to: asked.answerTo,
      subject,
      text,
      answers: [asked.key],
      automatic: false,
    },
  });
}

function keysIn({ messages, signals }: Resolved): string[] {
  return [...messages, ...signals].map(({ key }) => key).toSorted();
}
