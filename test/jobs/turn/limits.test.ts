/** What stops a turn: the spending caps, and two programs that answer each other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import type { Cap, Policy } from "#core/contracts/policy.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { exceededCap } from "#jobs/turn/limits.ts";
import { loadSnapshot } from "#jobs/conversation/snapshot.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { traceWith } from "#test/support/fixtures/traces.ts";
import { later, NOW, onEveryDatabase } from "#test/store/bench.ts";
import { saveTrace } from "#test/support/stored-rows.ts";
import type { Signal } from "#core/values/message.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

const HOUR_MS = 3_600_000;

const ROOM: Cap = { stepsMax: 1e6, outputTokensMax: 1e6, usdMax: 1e6, ms: 1e9 };

const Alert = z.object({ key: z.string(), conversation_id: z.string(), action: z.unknown() });

onEveryDatabase("caps of a conversation and of a day", (bench) => {
  const partsWith = (
    caps: { readonly conversation?: Partial<Cap>; readonly day?: Partial<Cap> },
    at = NOW,
  ): Pick<JobContext, "store" | "clock"> & { readonly policy: Pick<Policy, "caps"> } => ({
    store: bench.store,
    clock: { now: () => at },
    policy: {
      caps: {
        turn: ROOM,
        conversation: { ...ROOM, ...caps.conversation },
        day: { ...ROOM, ...caps.day },
        confidenceMin: 0,
        questionsMax: 2,
        shopRetryMs: 0,
      },
    },
  });
  const exceeded = async (
    parts: ReturnType<typeof partsWith>,
    conversationId: string,
    writer: Parameters<typeof exceededCap>[2] = { id: "nobody", level: 2 },
  ): Promise<string | null> => {
    const snapshot = await bench.run(loadSnapshot, conversationId, parts.clock.now());
    assert.ok(snapshot);
    return exceededCap(parts, snapshot, writer);
  };
  const save = (conversationId: string, changes: Partial<TurnTrace> = {}): Promise<void> =>
    bench.run(
      saveTrace,
      traceWith({ request_id: bench.id("t"), conversation_id: conversationId, ...changes }),
    );
  const alerts = () =>
    bench.rows(
      Alert,
      sql`select key, conversation_id, action from effect where operation = 'alert' order by key`,
    );

  test("what its turns used is summed, and each cap of a conversation is named when it is used up", async () => {
    const own = await bench.conversation();
    const other = await bench.conversation();
    await save(own);
    await save(own);
    await save(other, { output_tokens: 60_000 });
    const reasons: readonly (readonly [Partial<Cap>, string | null])[] = [
      [{}, null],
      [{ outputTokensMax: 21, stepsMax: 21, usdMax: 0.21, ms: 20_002 }, null],
      [{ outputTokensMax: 20 }, "This conversation has used 20 tokens, the most one may use."],
      [{ stepsMax: 20 }, "This conversation has used 20 steps, the most one may use."],
      [{ usdMax: 0.2 }, "This conversation has used 0.20 USD, the most one may use."],
      [{ ms: 20_001 }, "This conversation has used 20 seconds, the most one may use."],
    ];
    for (const [conversation, reason] of reasons)
      assert.equal(await exceeded(partsWith({ conversation }), own), reason);
    assert.equal(
      await exceeded(partsWith({ conversation: { outputTokensMax: 60_000 } }), other),
      "This conversation has used 60,000 tokens, the most one may use.",
    );
    assert.deepEqual(await alerts(), [], "a conversation's own cap is no alert");
  });

  test("a conversation nothing was spent on has room, and a model without a price is bounded by tokens alone", async () => {
    const fresh = await bench.conversation();
    assert.equal(await exceeded(partsWith({ conversation: { usdMax: 0 } }), fresh), null);
    await save(fresh, { cost_usd: null });
    assert.equal(await exceeded(partsWith({ conversation: { usdMax: 0 } }), fresh), null);
    assert.match(
      (await exceeded(partsWith({ conversation: { outputTokensMax: 10 } }), fresh)) ?? "",
      /10 tokens/,
    );
  });

  test("the last 24 hours of all conversations count for the day, and the team is told once a date", async () => {
    const [one, two] = [await bench.conversation(), await bench.conversation()];
    const begin = later(30 * 24 * HOUR_MS);
    const at = (hours: number): Date => new Date(begin.getTime() + hours * HOUR_MS);
    const day = { outputTokensMax: 5_000 };
    await save(one, { output_tokens: 3_000, started_at: at(0).toISOString() });
    await save(two, { output_tokens: 2_000, started_at: at(10).toISOString() });
    assert.equal(await exceeded(partsWith({ day: { outputTokensMax: 5_001 } }, at(11)), one), null);
    for (const conversation of [one, two, one])
      assert.equal(
        await exceeded(partsWith({ day }, at(11)), conversation),
        "All conversations together have used 5,000 tokens within 24 hours, the most a day may use.",
      );
    const told = await alerts();
    assert.equal(told.length, 1);
    assert.equal(told[0]?.conversation_id, one);
    assert.match(JSON.stringify(told[0]?.action), /"target":"desk".*5,000 tokens.*caps\.day/);
    assert.ok(await exceeded(partsWith({ day }, at(23)), one), "still within 24 hours");
    assert.equal((await alerts()).length, 2, "the next date is told anew");
    assert.equal(await exceeded(partsWith({ day }, at(25)), one), null, "what is older is over");
  });

  test("unsigned visitors of one network have a fifth of a day together, whatever names they take", async () => {
    const at = later(50 * 24 * HOUR_MS);
    const parts = partsWith({ day: { outputTokensMax: 1_000 } }, at);
    const visit = async (network: string, tokens: number): Promise<string> => {
      const conversation = await bench.conversation();
      const payload = JSON.stringify({ data: { network } });
      await bench.run((transaction) =>
        transaction.execute(
          sql`insert into hint (channel, event_id, conversation_id, kind, payload, received_at, state)
              values ('chat', ${bench.id("h")}, ${conversation}, 'message', ${payload}::jsonb, ${at.toISOString()}, 'read')`,
        ),
      );
      const spent = {
        output_tokens: tokens,
        identity_level: 0 as const,
        started_at: at.toISOString(),
      };
      if (tokens > 0) await save(conversation, spent);
      return conversation;
    };
    for (let name = 0; name < 3; name += 1) await visit("cafe", 67);
    const visitor = (id: string, level: 0 | 2) => ({ id, level }) as const;
    assert.equal(
      await exceeded(parts, await visit("cafe", 0), visitor("new", 0)),
      "Visitors from this network have used 200 tokens within 24 hours, the most one network may use of a day.",
    );
    assert.equal(await exceeded(parts, await visit("home", 0), visitor("new", 0)), null);
    assert.equal(await exceeded(parts, await visit("cafe", 0), visitor("ann", 2)), null);
    assert.equal(await exceeded(parts, await bench.conversation(), visitor("new", 0)), null);
  });

  test("one writer has a tenth of a day, the unproven together half, and the proven all that is left", async () => {
    const at = later(60 * 24 * HOUR_MS);
    const parts = partsWith({ day: { outputTokensMax: 1_000 } }, at);
    const spend = async (writer: string, level: 1 | 2, tokens: number): Promise<string> => {
      const conversation = await bench.conversation();
      await bench.run((transaction) =>
        transaction.execute(
          sql`insert into message (key, conversation_id, author_kind, author_id, visibility, text_digest, sent_at, received_at)
              values (${bench.id("m")}, ${conversation}, 'requester', ${writer}, 'public', '', ${at.toISOString()}, ${at.toISOString()})`,
        ),
      );
      const spent = { output_tokens: tokens, identity_level: level, started_at: at.toISOString() };
      await save(conversation, spent);
      return conversation;
    };
    const here = await spend("ann", 2, 99);
    await spend("eve", 1, 60);
    await spend("eve", 1, 40);
    const ann = { id: "ann", level: 2 } as const;
    const one = "This writer has used 100 tokens within 24 hours, the most one may use of a day.";
    assert.equal(await exceeded(parts, here, { id: "eve", level: 1 }), one);
    assert.equal(await exceeded(parts, here, { id: "eve", level: 2 }), one, "in any standing");
    assert.equal(await exceeded(parts, here, ann), null);
    assert.equal(await exceeded(parts, here, { id: "new", level: 1 }), null);
    for (const name of ["eve1", "eve2", "eve3", "eve4"]) await spend(name, 1, 99);
    assert.equal(await exceeded(parts, here, { id: "new", level: 1 }), null);
    await spend("eve5", 1, 4);
    assert.equal(
      await exceeded(parts, here, { id: "new", level: 0 }),
      "All whose identity is not proven have used 500 tokens together within 24 hours, their part of a day.",
    );
    assert.equal(await exceeded(parts, here, ann), null, "nobody proven is shut out by them");
    assert.equal(await exceeded(parts, here, { id: "bob", level: 3 }), null);
  });
});

const MINUTE = 60_000;

const HOUR = 60 * MINUTE;

onDesk("mail that programs send", (bench) => {
  const answering = (): void => {
    let count = 0;
    bench.answer(() => replying(`Answer ${(count += 1)}.`));
    bench.rule({ replyAutonomy: () => "auto", quietMs: () => 0 });
  };
  const answers = (): number => bench.replies().filter((text) => text.includes("Answer")).length;
  const write = async (text: string, more: Parameters<typeof bench.write>[1] = {}) => {
    bench.skip(2 * MINUTE);
    return bench.write(text, more);
  };

  test("a bot without any mark gets three answers in an hour, then people have it", async () => {
    answering();
    let id = "";
    for (let round = 1; round <= 5; round += 1)
      id = await write(`Your ticket has number ${round}.`);
    assert.equal(answers(), 3);
    assert.match(await bench.outcome(id), /^escalated: 3 answers went out by themselves/);
    await write("Another thread is not counted with it.", { thread: "t2" });
    assert.equal(answers(), 4);
  });

  test("a slow one gets ten in a day", async () => {
    answering();
    const id = await write("Your ticket has number 1.");
    // Eight more like the first, two hours apart.
    await bench.execute(
      sql`insert into effect select (jsonb_populate_record(one, jsonb_build_object('key', one.key || n, 'created_at', one.created_at - n * interval '2 hours'))).* from effect one, generate_series(1, 8) n where one.operation = 'reply'`,
    );
    await write("Your ticket has number 10.");
    assert.equal(answers(), 2);
    await write("Your ticket has number 11.");
    assert.equal(answers(), 2);
    assert.match(await bench.outcome(id), /^escalated: 10 answers went out by themselves/);
  });

  test("the same words after an answer are no question, before one they are a mail sent twice", async () => {
    answering();
    const words = "We have got your mail and will answer soon.";
    const id = await write(words);
    await write(`  ${words.toUpperCase()}\n`);
    assert.equal(answers(), 1);
    assert.match(await bench.outcome(id), /^escalated: the same words came again/);
    bench.rule({ quietMs: () => 10 * MINUTE });
    await write(words, { thread: "t2" });
    await write(words, { thread: "t2" });
    await bench.pass(HOUR);
    assert.equal(answers(), 2);
  });

  test("what people approve is not counted, and neither are other channels", async () => {
    answering();
    for (let round = 1; round <= 4; round += 1)
      await write(`What about number ${round}?`, { channel: "chat" });
    assert.equal(answers(), 4);
    bench.rule({ replyAutonomy: () => "draft" });
    for (let round = 1; round <= 4; round += 1) {
      const id = await write(`What about the thing with number ${round}?`);
      await bench.press("approve", id);
      await bench.pass(MINUTE);
    }
    assert.equal(answers(), 8);
  });

  const bounces = async (permanent: boolean | undefined): Promise<string> => {
    const email = bench.channel("email");
    const signal: Signal = {
      kind: "bounced",
      key: "report-1",
      at: bench.now().toISOString(),
      ref: "email-1",
      reason: "a mail server says our reply was not delivered (5.1.1)",
      ...(permanent === undefined ? {} : { permanent }),
    };
    bench.connect({
      ...email,
      resolve: async (hint, context) => {
        const found = await email.resolve(hint, context);
        return { ...found, signals: [signal] };
      },
    });
    const report = { kind: "system", id: "email:mailer-daemon@mx.test", name: "Daemon" } as const;
    const id = await write("Nobody lives here.", { message: { author: report, answerTo: null } });
    bench.connect(email);
    return id;
  };

  test("a reply that cannot be delivered stops the conversation and is told once", async () => {
    answering();
    await write("Where is my order?");
    const id = await bounces(true);
    await bench.wake(id);
    assert.deepEqual(bench.alerts(/^Not delivered/).length, 1);
    assert.match(bench.alerts().at(-1)?.text ?? "", /5\.1\.1.*another way/);
    await write("Hello, are you there?");
    assert.equal(answers(), 1);
  });

  test("one that may still arrive is told and stops nothing", async () => {
    answering();
    await write("Where is my order?");
    await bounces(false);
    assert.match(bench.alerts().at(-1)?.text ?? "", /may arrive/);
    await write("Hello, are you there?");
    assert.equal(answers(), 2);
  });
});
