/** Mail that goes round between programs, and mail that does not arrive. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import type { Signal } from "#core/values/message.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

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
    await write("Somebody else's thread is not counted with it.", { thread: "t2" });
    assert.equal(answers(), 4);
  });

  test("a slow one gets ten in a day", async () => {
    answering();
    const id = await write("Your ticket has number 1.");
    // Eight more like the first, two hours apart.
    await bench.parts.store.run((transaction) =>
      transaction.execute(
        sql`insert into effect select (jsonb_populate_record(one, jsonb_build_object('key', one.key || n, 'created_at', one.created_at - n * interval '2 hours'))).* from effect one, generate_series(1, 8) n where one.operation = 'reply'`,
      ),
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
    bench.skip(HOUR);
    await bench.tick();
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
      bench.skip(MINUTE);
      await bench.tick();
    }
    assert.equal(answers(), 8);
  });

  const bounces = async (permanent: boolean | undefined): Promise<string> => {
    const email = bench.parts.channels.get("email");
    assert.ok(email);
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
    assert.deepEqual(
      bench.alerts().filter(({ text }) => text.startsWith("Not delivered")).length,
      1,
    );
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
