/** A mail that comes twice, in two forms which one signature holds for: it proves its sender in one conversation alone. */
import assert from "node:assert/strict";
import { beforeEach, test, type TestContext } from "node:test";
import { type IdentityEvidence, PROVEN_LEVEL } from "#core/values/identity.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { intake } from "#jobs/intake.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import { sql } from "#store/db/drizzle.ts";
import { mailDate, signed, written } from "#test/email/mails.ts";
import { ANN, onDesk } from "#test/jobs/bench.ts";
import { stranger } from "#test/jobs/customers.ts";
import { lookedInto, replying } from "#test/jobs/turn-results.ts";
import { connectMailbox, sendingServer, SUPPORT } from "./mailbox.ts";

/** All a sender has to sign; a Message-ID of another conversation may stand in it then. */
const headerList = "from:to:cc:subject:date:mime-version:content-type";

const server = sendingServer();

onDesk("a mail that is sent again", (bench) => {
  /** Ann's mail and another form of it, neither of which has come. */
  const forms = async (): Promise<readonly [Buffer, Buffer]> => {
    const headers = [["Date", mailDate(bench.now())] as const];
    const messageId = "<m1@customer.test>";
    const honest = await signed(written({ messageId, headers }), "customer.test", { headerList });
    const text = honest.toString("latin1").replace("My order", "My  order");
    return [honest, Buffer.from(text.replace(messageId, "<other@x.test>"), "latin1")];
  };
  /** The conversation it opens, which no worker has taken yet. */
  const take = async (body: Buffer): Promise<string> => {
    const headers = { "x-inbox": SUPPORT };
    const delivery = { source: "imap", headers, body, receivedAt: bench.now() };
    const taken = await intake(bench.parts, bench.channel("email"), delivery);
    return taken.conversationIds[0] ?? assert.fail("it opens none");
  };
  const twice = async (): Promise<readonly [string, string]> => {
    const [honest, again] = await forms();
    const both = [await take(honest), await take(again)] as const;
    assert.notEqual(...both);
    return both;
  };
  const levelIn = async (id: string): Promise<number | undefined> =>
    (await bench.at(conversationMessages, id))[0]?.message.identity.level;
  /** The process ends there, once. */
  const crashing = (context: TestContext, place: string): void => {
    const points: string[] = [];
    context.mock.method(bench.parts, "crashPoint", (name: string) => {
      if (name !== place || points.length > 0) return;
      points.push(name);
      throw new DeskhandError("store.unavailable", "killed");
    });
  };

  beforeEach(() => {
    connectMailbox(bench, server());
    bench.rule({ quietMs: () => 0, replyAutonomy: () => "draft" });
    bench.answer(() => replying("It arrives on Friday."));
  });

  test("proves its sender once: the turn over its other form is taken again and knows it as a claim", async () => {
    const [one, other] = await twice();
    await bench.wake(one);
    await bench.wake(other);
    assert.deepEqual([await levelIn(one), await levelIn(other)], [2, 1]);
    const claimed = sql`select distinct split_part(value, ' ', 2) from position where starts_with(name, 'email-proof:')`;
    assert.equal((await bench.column(claimed)).length, 1);
  });

  test("proves it once also when two workers have both forms at the same time", async () => {
    const both = await twice();
    const reached: (() => void)[] = [];
    bench.answer(async () => {
      // None goes on before both have read their mail as the proven one.
      await new Promise<void>((resolve) => {
        reached.push(resolve);
        if (reached.length >= both.length) for (const go of reached) go();
      });
      return replying("It arrives on Friday.");
    });
    await Promise.all(both.map((id) => bench.wake(id)));
    const levels = await Promise.all(both.map(levelIn));
    assert.deepEqual(
      levels.toSorted((a = 0, b = 0) => a - b),
      [1, 2],
    );
    assert.equal(reached.length, 3);
  });

  for (const [place, first] of [
    ["turn:before-commit", "other"],
    ["turn:after-commit", "one"],
  ] as const)
    test(`proves it for whichever is saved first, when a process ends at ${place}`, async (context) => {
      const [one, other] = await twice();
      crashing(context, place);
      await bench.wake(one);
      await bench.wake(other);
      await bench.pass(60_000, 3);
      const levels = { one: await levelIn(one), other: await levelIn(other) };
      assert.deepEqual(levels, { one: 1, other: 1, [first]: 2 });
    });

  test("changes no card and no case of the customer whose proof it is", async (context) => {
    context.mock.method(bench.parts, "bind", async ({ level, reason }: IdentityEvidence) =>
      level >= PROVEN_LEVEL ? ANN : stranger({ level, reason }),
    );
    const [honest, again] = await forms();
    bench.answer(() => lookedInto("3301"));
    const one = await take(honest);
    await bench.wake(one);
    bench.skip(60_000);
    const other = await take(again);
    await bench.wake(other);
    assert.equal(await levelIn(other), 1);
    const { version, card } = await bench.card(one);
    assert.deepEqual([version, card.changes], [1, []]);
    const cases = sql`select conversation_id from case_member where case_id is not null`;
    assert.deepEqual(await bench.column(cases), []);
  });
});
