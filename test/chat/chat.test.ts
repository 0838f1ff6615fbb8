import assert from "node:assert/strict";
import { test } from "node:test";
import { chat } from "#adapters/chat/index.ts";
import { chatKey } from "#core/values/message.ts";
import { SUBJECT_HEADER } from "#adapters/chat/identity.ts";
import type { Delivery } from "#core/contracts/channel.ts";
import { describeChannel, type ChannelBench } from "#test/contract/channel.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { intake } from "#jobs/intake.ts";
import { rowsOf } from "#store/db/database.ts";
import { onDesk } from "#test/jobs/bench.ts";

const NOW = new Date("2026-11-20T12:00:00Z");

/** The transcript as the store keeps it: one line a key. */
function open(): ChannelBench {
  const lines = new Map<string, string>();
  const counted = { calls: 0 };
  const channel = chat({
    transcript: {
      write: async ({ key, text }) => {
        counted.calls += 1;
        if (!lines.has(key)) lines.set(key, text);
      },
      has: async (key) => {
        counted.calls += 1;
        return lines.has(key);
      },
    },
  });
  const sealed = (body: Uint8Array): Delivery => ({
    source: "http",
    headers: { [SUBJECT_HEADER]: "u123" },
    body,
    receivedAt: NOW,
  });
  const written = (id: string, thread: string, text: string): Delivery =>
    sealed(
      new TextEncoder().encode(
        JSON.stringify({ id, conversation: `conversation-${thread}`, userId: "u123", text }),
      ),
    );
  return {
    channel,
    delivery: async ({ id, thread, text }) => written(id, thread, text),
    // The route takes visitors' messages only; what we write goes into the transcript and never through it.
    ownDelivery: async () => ({ delivery: written("m9", "t1", "Hello?"), text: "We wrote this." }),
    sealed,
    write: null,
    arrived: async () => [...lines.values()],
    calls: () => counted.calls,
    close: async () => undefined,
  };
}

describeChannel("chat", { open: async () => open() });

test("the same conversation id under another identity is another conversation", async () => {
  const { channel, sealed } = open();
  const body = new TextEncoder().encode(
    JSON.stringify({ id: "m1", conversation: "conversation-1", userId: "u123", text: "Hi" }),
  );
  const signed = channel.receive(sealed(body))[0]?.conversationKeys;
  const stranger = channel.receive({ ...sealed(body), headers: {} })[0]?.conversationKeys;
  assert.deepEqual(signed, [chatKey("u123", "conversation-1")]);
  assert.deepEqual(stranger, [chatKey(null, "conversation-1")]);
  assert.notDeepEqual(signed, stranger);
});

test("who a visitor says they are proves nothing; a token is level 2", async () => {
  const { channel, sealed } = open();
  const body = new TextEncoder().encode(
    JSON.stringify({ id: "m1", conversation: "conversation-1", userId: "u123", text: "Hi" }),
  );
  const levelOf = async (delivery: Delivery) => {
    const [hint] = channel.receive(delivery);
    assert.ok(hint);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const context = { body: null, receivedAt: NOW, proofs: new Map(), signal };
    const { messages } = await channel.resolve(hint, context);
    return messages[0]?.identity;
  };
  assert.equal((await levelOf(sealed(body)))?.level, 2);
  const claimed = await levelOf({ ...sealed(body), headers: {} });
  assert.equal(claimed?.level, 0);
  assert.deepEqual(claimed?.handle, { kind: "none" });
});

const Row = z.object({
  rating: z.string().nullable(),
  stars: z.int().nullable(),
  source: z.string().nullable(),
});

onDesk("a rating given in the chat", (bench) => {
  test("is known of the conversation, the last one counts, and it is not answered", async () => {
    const channel = chat({ transcript: { write: async () => undefined, has: async () => true } });
    bench.connect(channel);
    const conversation = "a-conversation-of-ann";
    const send = async (body: object) => {
      bench.skip(1_000);
      const { conversationIds } = await intake(bench.parts, channel, {
        source: "http",
        headers: { [SUBJECT_HEADER]: "u123" },
        body: new TextEncoder().encode(JSON.stringify({ conversation, ...body })),
        receivedAt: bench.now(),
      });
      await bench.wake(conversationIds[0] ?? "");
      return conversationIds[0] ?? "";
    };
    const turns = { count: 0 };
    bench.answer(() => {
      turns.count += 1;
      throw new Error("no model is asked for a rating");
    });
    const rating = { score: "good", stars: null, comment: "Thanks" };
    const id = await send({ id: "1", ...rating });
    const known = async () =>
      (
        await bench.parts.store.run((transaction) =>
          rowsOf(
            transaction,
            Row,
            sql`select rating, rating_stars as stars, rating_source as source from conversation where id = ${id}`,
          ),
        )
      )[0];
    assert.deepEqual(await known(), { rating: "good", stars: null, source: "rating" });
    await send({ id: "2", score: "bad", stars: 2, comment: "" });
    assert.deepEqual(await known(), { rating: "bad", stars: 2, source: "survey" });
    assert.equal(turns.count, 0);
    assert.deepEqual(bench.replies(), []);
  });
});
