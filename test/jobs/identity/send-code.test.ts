/** One-time codes are sent, and within which limits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import {
  type Action,
  NoticeArguments,
  type PlannedAction,
  SendCodeArguments,
} from "#core/values/action.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { DAY_MS } from "#core/values/moment.ts";
import type { TargetName } from "#core/values/vocabulary.ts";
import type { CommitResult, EffectLookup, Target } from "#core/contracts/tool.ts";
import { languageOfMessages } from "#guard/input/input-guard.ts";
import { codeSender, codesLast, oneTimeCodes } from "#jobs/identity/one-time-codes.ts";
import { addMessages } from "#store/conversations/messages.ts";
import { CODE_LIVES_MS } from "#store/identity/one-time-codes.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import {
  later,
  messageOf,
  NOW,
  onEveryDatabase,
  silentLog,
  type StoreBench,
} from "#test/store/bench.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const ANN = "ann@customer.test";
const CODES = oneTimeCodes("a secret of this test");
const signal = (): AbortSignal => AbortSignal.timeout(PATIENCE_MS);

/** A mail server's side: what arrived under which key, and what it is to answer. */
function postbox() {
  const arrived: { readonly key: string; readonly notice: NoticeArguments }[] = [];
  const faults: DeskhandError[] = [];
  const committed = (key: string): CommitResult => ({
    ref: `<${key}>`,
    conversationKeys: ["mail:x"],
  });
  const mail: Target = {
    name: "email",
    supports: ["reply", "notice"],
    async commit(action, key) {
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
      arrived.push({ key, notice: NoticeArguments.parse(action.arguments) });
      return committed(key);
    },
    find: async (_action, key): Promise<EffectLookup> =>
      arrived.some((one) => one.key === key)
        ? { state: "done", committed: committed(key) }
        : { state: "absent" },
  };
  return { mail, arrived, faults };
}

/** A shop that knows Ann, her mailbox, and a conversation in which codes are asked for. */
async function codesWorld(bench: StoreBench, channel = "chat") {
  const conversationId = await bench.conversation(channel);
  // Ann is asked about in every test, so each has days of its own and no limit of another's.
  const began = later(Number(bench.id("day").slice("day_".length)) * 3 * DAY_MS);
  const box = postbox();
  const shop = memoryShop(NOW);
  const clock = { at: began };
  const warned: unknown[] = [];
  const target = codeSender({
    store: bench.store,
    shop,
    codes: CODES,
    clock: { now: () => clock.at },
    log: { ...silentLog, warn: (...line) => void warned.push(line) },
    languageOf: languageOfMessages,
    mail: box.mail,
  });
  const ask = async (
    address: string,
    challengeId = bench.id("code"),
    text = messageOf("").text,
  ): Promise<Action> => {
    const key = bench.id("message");
    await bench.run(addMessages, conversationId, [{ ...messageOf(key), text }], NOW);
    const send: SendCodeArguments = { challengeId, conversationId, address, answers: [key] };
    return { target: "identity", operation: "send_code", arguments: send };
  };
  return { ...box, conversationId, shop, clock, target, ask, warned };
}

const RowShape = z.object({
  state: z.string(),
  tries: z.int(),
  code: z.coerce.number(),
  address: z.coerce.number(),
});

function planned(target: TargetName, key: string): PlannedAction {
  return { key, action: { target, operation: "any", arguments: {} }, label: key, facts: [] };
}

test("what a bundle says goes out before its code is sent, and all else keeps its order", () => {
  const actions = [
    planned("identity", "code"),
    planned("shop", "refund"),
    planned("chat", "reply"),
    planned("slack", "word"),
  ];
  const keys = codesLast(actions, (planned) => planned).map(({ key }) => key);
  assert.deepEqual(keys, ["refund", "reply", "word", "code"]);
});

onEveryDatabase("sending one-time codes", (bench) => {
  test("the code goes to the address on file, says what it is for, holds no link, and stands in neither ledger nor database", async () => {
    const { target, ask, arrived, conversationId } = await codesWorld(bench);
    const action = await ask(ANN);
    await target.commit(action, "key-1", signal());
    const [mail, ...more] = arrived;
    assert.deepEqual(more, []);
    assert.equal(mail?.notice.to, ANN);
    const { text } = mail.notice;
    const code = CODES.codeOf(SendCodeArguments.parse(action.arguments).challengeId);
    assert.ok(text.includes(code));
    const rows = await bench.rows(
      z.record(z.string(), z.unknown()),
      sql`select * from challenge where conversation_id = ${conversationId}`,
    );
    assert.ok(!JSON.stringify([rows, action]).includes(code));
    assert.match(text, /in our chat/);
    assert.match(text, /10 minutes/);
    assert.match(text, /never ask for it by telephone/);
    assert.match(text, /If it was not you, ignore/);
    assert.doesNotMatch(text, /https?:|www\.|Ann|Fields/);
    assert.doesNotMatch(mail.notice.subject, /\d/);
  });

  test("the mail is in the language it was asked for in, and the same when it is sent again", async () => {
    const { target, ask, arrived } = await codesWorld(bench);
    const asked = await ask(ANN, bench.id("code"), "Guten Tag, wo ist meine Bestellung 456?");
    await target.commit(asked, "key-1", signal());
    await target.commit(asked, "key-1", signal());
    assert.equal(arrived[0]?.notice.subject, "Ihr Einmalcode");
    assert.match(arrived[0].notice.text, /^Guten Tag,[^]*in unserem Chat[^]*10 Minuten/);
    assert.deepEqual(arrived[1]?.notice, arrived[0].notice);
  });

  test("an address without an account is booked and looked up alike, and gets nothing", async () => {
    const traces = [];
    for (const address of [ANN, "nobody@nowhere.test"]) {
      const { target, ask, shop, arrived, conversationId } = await codesWorld(bench);
      await target.commit(await ask(address), "key", signal());
      const [row] = await bench.rows(
        RowShape,
        sql`select state, tries, length(code_hash) as code, length(address_hash) as address
            from challenge where conversation_id = ${conversationId}`,
      );
      traces.push({ row, calls: shop.calls.map((call) => call.replace(address, "…")) });
      assert.equal(arrived.length, address === ANN ? 1 : 0);
    }
    assert.deepEqual(traces[1], traces[0]);
    assert.equal(traces[0]?.calls.length, 1);
  });

  test("a shop that finds a customer with another address causes no mail", async () => {
    const { target, ask, shop, arrived } = await codesWorld(bench);
    const ann = await shop.customerByEmail(ANN, signal());
    shop.customerByEmail = async () => ann;
    await target.commit(await ask(`x${ANN}`), "key", signal());
    assert.deepEqual(arrived, []);
    await target.commit(await ask(ANN.toUpperCase()), "key-2", signal());
    assert.equal(arrived.length, 1);
  });

  test("an address without an account takes as long as a mail does", async (context) => {
    const { target, ask, mail } = await codesWorld(bench);
    const commit = mail.commit.bind(mail);
    const now = performance.now.bind(performance);
    mail.commit = async (...given) => {
      context.mock.method(performance, "now", () => now() + 3_600_000);
      return commit(...given);
    };
    await target.commit(await ask(ANN), "key", signal());
    context.mock.restoreAll();
    const ended = { is: false };
    const calling = new AbortController();
    const waiting = target
      .commit(await ask("nobody@nowhere.test"), "key-2", calling.signal)
      .finally(() => (ended.is = true));
    // One that began later waits as long as it may where no mail was sent yet, and is over meanwhile.
    const beside = await codesWorld(bench);
    await beside.target.commit(await beside.ask("nobody@nowhere.test"), "key", signal());
    assert.equal(ended.is, false);
    calling.abort();
    await assert.rejects(waiting, { name: "AbortError" });
  });

  test("a retry sends the same code under the same key, and a mail that arrived is found", async () => {
    const { target, ask, arrived, faults } = await codesWorld(bench);
    const action = await ask(ANN);
    assert.equal((await target.find(action, "key", signal())).state, "absent");
    faults.push(new DeskhandError("channel.unavailable", "the mail server is down"));
    await assert.rejects(target.commit(action, "key", signal()), /mail server is down/);
    assert.equal((await target.find(action, "key", signal())).state, "absent");
    await target.commit(action, "key", signal());
    await target.commit(action, "key", signal());
    const [first, second] = arrived.map(({ notice }) => notice.text);
    assert.equal(second, first);
    assert.equal((await target.find(action, "key", signal())).state, "done");
  });

  test("what is not sent ends as done as well: refused, too often, too late, or to no customer", async () => {
    const { target, ask, arrived, faults, clock } = await codesWorld(bench);
    faults.push(new DeskhandError("channel.refused", "no such mailbox"));
    const late = await ask(ANN);
    assert.match((await target.commit(await ask(ANN), "a", signal())).ref, /^undelivered:/);
    await target.commit(late, "b", signal());
    await target.commit(await ask(ANN), "c", signal());
    const limited = await ask(ANN);
    assert.match((await target.commit(limited, "d", signal())).ref, /^unsent:/);
    assert.equal((await target.find(limited, "d", signal())).state, "done");
    assert.equal(arrived.length, 2);
    clock.at = new Date(clock.at.getTime() + CODE_LIVES_MS);
    assert.match((await target.commit(late, "b", signal())).ref, /^unsent:/);
    assert.equal(arrived.length, 2);
  });

  test("a shop that is down is tried again and books nothing", async () => {
    const { target, ask, shop, conversationId } = await codesWorld(bench);
    shop.goDown();
    await assert.rejects(
      target.commit(await ask(ANN), "key", signal()),
      (error) => error instanceof DeskhandError && error.code === "shop.unavailable",
    );
    assert.equal(
      await bench.count(
        sql`select count(*) from challenge where conversation_id = ${conversationId}`,
      ),
      0,
    );
  });

  test("an answer to the mail goes on with a conversation of mails, and with no other", async () => {
    const keysIn = async (channel: string) => {
      const { target, ask } = await codesWorld(bench, channel);
      return (await target.commit(await ask(ANN), "key", signal())).conversationKeys;
    };
    assert.deepEqual(await keysIn("email"), ["mail:x"]);
    for (const channel of ["chat", "slack", "zendesk"]) assert.deepEqual(await keysIn(channel), []);
  });

  test("without a channel that mails notices nothing is supported", async () => {
    const { target, mail } = await codesWorld(bench);
    assert.deepEqual(target.supports, ["send_code"]);
    const without = (other: Target | null) =>
      codeSender({
        store: bench.store,
        shop: memoryShop(NOW),
        codes: CODES,
        clock: { now: () => NOW },
        log: silentLog,
        languageOf: () => null,
        mail: other,
      });
    assert.deepEqual(without(null).supports, []);
    assert.deepEqual(without({ ...mail, supports: ["reply"] }).supports, []);
    await assert.rejects(
      target.commit({ target: "identity", operation: "refund", arguments: {} }, "key", signal()),
      (error) => error instanceof DeskhandError && error.code === "channel.unsupported",
    );
  });
});

onEveryDatabase("limits of one-time codes", (bench) => {
  test("the team is warned before the installation's limit, and told with its cause of every code that is kept back", async () => {
    const { target, ask, arrived, conversationId, warned, clock } = await codesWorld(bench);
    const alerts = async () =>
      (
        await bench.rows(
          z.object({ text: z.string() }),
          sql`select action -> 'arguments' ->> 'text' as text from effect
              where operation = 'alert' and conversation_id = ${conversationId} order by created_at, key`,
        )
      ).map(({ text }) => text);
    const mailed = (number: number) =>
      bench.run((transaction) =>
        transaction.execute(sql`
          insert into challenge (id, conversation_id, author_id, address_hash, email_on_file, code_hash, state, created_at, expires_at)
          select ${conversationId} || ':' || i, 'elsewhere:' || i, 'a', 'h' || i, 'x@y.test', 'c', 'open', ${clock.at}, ${clock.at}
          from generate_series(1, ${number}::integer) i`),
      );
    await mailed(46);
    await target.commit(await ask(ANN), "a", signal());
    assert.deepEqual(await alerts(), []);
    await target.commit(await ask(ANN), "b", signal());
    const [soon, ...more] = await alerts();
    assert.match(soon ?? "", /^48 one-time codes were mailed within an hour; after 60 none/);
    assert.deepEqual(more, []);
    await target.commit(await ask(ANN), "c", signal());
    // A fourth within the hour: hers are used up, and then those of all customers.
    await target.commit(await ask(ANN), "d", signal());
    await bench.run((transaction) =>
      transaction.execute(
        sql`update challenge set conversation_id = 'x' where conversation_id like 'elsewhere:%'`,
      ),
    );
    await bench.run((transaction) =>
      transaction.execute(sql`
        insert into challenge (id, conversation_id, author_id, address_hash, email_on_file, code_hash, state, created_at, expires_at)
        select ${conversationId} || ':late:' || i, 'x', 'a', 'l' || i, 'x@y.test', 'c', 'open', ${clock.at}, ${clock.at}
        from generate_series(1, 11) i`),
    );
    for (const key of ["e", "f"]) await target.commit(await ask(ANN), key, signal());
    assert.equal(arrived.length, 3);
    const told = (await alerts()).filter((text) => text !== soon);
    assert.equal(told.length, 2);
    assert.ok(
      told.every((text) => text.startsWith("A customer was told that a one-time code is on")),
    );
    assert.ok(told.some((text) => text.includes("one address was asked for too often")));
    assert.ok(told.some((text) => text.includes("60 codes were mailed within an hour")));
    assert.equal(warned.length, 3);
    assert.ok(!JSON.stringify([warned, told]).includes("customer.test"));
  });

  test("codes are counted by the network the messages that asked came from", async () => {
    const { target, ask, conversationId } = await codesWorld(bench);
    const action = await ask("nobody@nowhere.test");
    const [key = ""] = SendCodeArguments.parse(action.arguments).answers;
    const payload = {
      channel: "chat",
      eventId: key,
      conversationKeys: [key],
      kind: "message",
      keepBody: false,
      data: { network: "digest" },
    };
    await bench.run((transaction) =>
      transaction.execute(sql`
        insert into hint (channel, event_id, conversation_id, kind, payload, received_at)
        values ('chat', ${key}, ${conversationId}, 'message', ${JSON.stringify(payload)}::jsonb, ${NOW})`),
    );
    await target.commit(action, "key", signal());
    const rows = await bench.rows(
      z.object({ network_hash: z.string() }),
      sql`select network_hash from challenge where conversation_id = ${conversationId}`,
    );
    assert.deepEqual(rows, [{ network_hash: "digest" }]);
  });
});
