import assert from "node:assert/strict";
import { proof } from "#test/jobs/customers.ts";
import { test } from "node:test";
import fc from "fast-check";
import type { Message } from "#core/values/message.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { memoryChannel } from "#evals/harness/memory-channel.ts";
import { codeIn, verifyCodes } from "#jobs/conversation/verify-code.ts";
import { oneTimeCodes } from "#jobs/identity/one-time-codes.ts";
import { CODE_TRIES_MAX, openChallenge } from "#store/identity/one-time-codes.ts";
import { addMessages } from "#store/conversations/messages.ts";
import { later, messageOf, NOW, onEveryDatabase, type StoreBench } from "#test/store/bench.ts";

const MINUTE_MS = 60_000;
const ANN = "chat:visitor:ann";
const CODES = oneTimeCodes("a secret of this test");

/** A conversation in which Ann has asked for a code, with everything a code is read by. */
async function asked(bench: StoreBench, channel: ChannelName = "chat") {
  const conversation = { id: await bench.conversation(channel), channel };
  const clock = { at: NOW };
  const ask = async (changes: { emailOnFile?: string | null; authorId?: string } = {}) => {
    const id = bench.id("code");
    await bench.run(
      openChallenge,
      {
        id,
        conversationId: conversation.id,
        authorId: ANN,
        addressHash: id,
        emailOnFile: "ann@customer.test",
        codeHash: CODES.hashOf(id, CODES.codeOf(id)),
        networkHash: null,
        ...changes,
      },
      clock.at,
    );
    return CODES.codeOf(id);
  };
  const parts = {
    store: bench.store,
    codes: CODES,
    clock: { now: () => clock.at },
    channels: new Map([[channel, memoryChannel(channel, [])]]),
  };
  const says = (text: string, changes: Partial<Message> = {}): Message =>
    messageOf(bench.id("message"), {
      author: { kind: "requester", id: ANN, name: "Ann" },
      text,
      ...changes,
    });
  return {
    conversation,
    clock,
    ask,
    says,
    read: (...messages: Message[]) => verifyCodes(parts, conversation, messages),
    readIn: (other: string, ...messages: Message[]) =>
      verifyCodes(parts, { id: other, channel }, messages),
    /** Read again in a conversation whose snapshot has no code and holds these messages. */
    readAgain: (stored: Message, text: string, store = parts.store) =>
      verifyCodes({ ...parts, store }, conversation, [{ ...stored, text }], {
        hasCodes: false,
        messageKeys: new Set([stored.key]),
        stored: [{ ...UNENDED, message: stored }],
      }),
    store: (...messages: readonly Message[]) =>
      bench.run(addMessages, conversation.id, messages, clock.at),
  };
}

const UNENDED = { id: 1, outcome: null, outcomeReason: null, passedOver: null, receivedAt: NOW };

/** Another code of six digits. */
function otherThan(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, "0");
}

onEveryDatabase("reading one-time codes", (bench) => {
  test("the right code makes its message level 3 at the address on file, and is stored nowhere any more", async () => {
    const { ask, read, says } = await asked(bench);
    const code = await ask();
    const [message] = await read(
      says(`Here it is: ${code}. Thanks`, {
        subject: `Code ${code}`,
        segments: [{ kind: "quoted", text: `enter this code there:\n${code}` }],
      }),
    );
    assert.deepEqual(
      message?.identity,
      proof(
        3,
        "code",
        "one-time code sent to the address on file, entered at 10:00 UTC",
        "ann@customer.test",
      ),
    );
    assert.equal(message.text, "Here it is: [code]. Thanks");
    assert.ok(!JSON.stringify(message).includes(code));
  });

  test("a code in two groups of three is the same code", async () => {
    const { ask, read, says } = await asked(bench);
    const code = await ask();
    const [message] = await read(says(`${code.slice(0, 3)} ${code.slice(3)}`));
    assert.equal(message?.identity.level, 3);
    assert.equal(message.text, "[code]");
  });

  test("of a conversation without codes only a message that was stored with one is looked up", async () => {
    const { ask, read, readAgain, says, store } = await asked(bench, "email");
    const entered = says(`It is ${await ask()}`);
    const [stored] = await read(entered);
    assert.ok(stored);
    await store(stored);
    const [again] = await readAgain(stored, entered.text);
    assert.equal(again?.text, "It is [code]");
    const unasked = { ...bench.store, run: () => assert.fail("it was looked up") };
    const [bare] = await readAgain(says("Where is it?"), "Where is it?", unasked);
    assert.equal(bare?.text, "Where is it?");
  });

  for (const zero of ["０", "٠", "۰"])
    test(`a code in digits from ${zero} on is the same code, and shown nowhere either`, async () => {
      const { ask, read, says, store } = await asked(bench, "email");
      const typed = (await ask()).replaceAll(/\d/g, (digit) =>
        String.fromCodePoint(Number(digit) + (zero.codePointAt(0) ?? 0)),
      );
      const right = says(`٣ × ${typed}です`, {
        segments: [{ kind: "quoted", text: `${typed}!` }],
      });
      const [message] = await read(right);
      assert.equal(message?.identity.level, 3);
      assert.equal(message.text, "٣ × [code]です");
      assert.equal(message.segments[0]?.text, "[code]!");
      await store(message);
      assert.deepEqual(await read(right), [message]);
    });

  test("a wrong code changes nothing but says so, and is masked as well", async () => {
    const { ask, read, says } = await asked(bench);
    const wrong = otherThan(await ask());
    const [message] = await read(says(wrong));
    assert.deepEqual(
      message?.identity,
      proof(0, "refused-code", "no identity; the code entered is not right or no longer valid"),
    );
    assert.equal(message.text, "[code]");
  });

  test("after five tries, when it is too old, and when none was sent it is refused in the same words", async () => {
    const tired = await asked(bench);
    const code = await tired.ask();
    for (let tries = 0; tries < CODE_TRIES_MAX; tries += 1)
      await tired.read(tired.says(otherThan(code)));
    const old = await asked(bench);
    const late = await old.ask();
    old.clock.at = later(10 * MINUTE_MS);
    const unknown = await asked(bench);
    const never = await unknown.ask({ emailOnFile: null });
    const refusals = [
      await tired.read(tired.says(code)),
      await old.read(old.says(late)),
      await unknown.read(unknown.says(never)),
      await unknown.read(unknown.says(otherThan(never))),
    ].map(([message]) => ({ text: message?.text, identity: message?.identity }));
    for (const refusal of refusals) assert.deepEqual(refusal, refusals[0]);
    assert.equal(refusals[0]?.identity?.method, "refused-code");
  });

  test("only the newest code that was sent counts, also after a request that was one too many", async () => {
    const { ask, read, says } = await asked(bench);
    const [first, , third] = [await ask(), await ask(), await ask()];
    await ask();
    assert.equal((await read(says(first)))[0]?.identity.method, "refused-code");
    assert.equal((await read(says(third)))[0]?.identity.level, 3);
  });

  test("read again after a crash it comes to the same, also when the code is used by then", async () => {
    const { ask, read, says, clock } = await asked(bench, "email");
    const code = await ask();
    const right = says(code);
    const [first] = await read(right);
    clock.at = later(11 * MINUTE_MS);
    assert.deepEqual(await read(right), [first]);
    assert.equal(first?.identity.level, 3);
  });

  test("a message that is stored already is left as it is and tries nothing", async () => {
    const { ask, read, says, store } = await asked(bench);
    const before = says("It must be 123456 or so.");
    await store(before);
    const code = await ask();
    for (let times = 0; times < CODE_TRIES_MAX + 1; times += 1)
      assert.deepEqual(await read(before), [before]);
    assert.equal((await read(before, says(code)))[1]?.identity.level, 3);
  });

  test("a message stored without its code is the same message whenever its source shows it again", async () => {
    const { ask, read, says, store, clock } = await asked(bench, "zendesk");
    const right = says(`It is ${await ask()} (at last).`);
    const wrong = says(`No: ${otherThan(await ask())}`);
    const first = [...(await read(right)), ...(await read(wrong))];
    await store(...first);
    assert.ok(!JSON.stringify(first).match(/\d{6}/));
    for (const minutes of [1, 20, 600]) {
      clock.at = later(minutes * MINUTE_MS);
      assert.deepEqual(await read(right, wrong), first);
    }
    const edited = { ...right, text: `${right.text} And more.` };
    assert.deepEqual(await read(edited), [edited]);
  });

  test("another person in the conversation gains nothing, uses no try and still shows no code", async () => {
    const { ask, read, says } = await asked(bench);
    const code = await ask();
    const bob = { author: { kind: "requester", id: "bob", name: "Bob" } } as const;
    for (let tries = 0; tries < CODE_TRIES_MAX + 1; tries += 1) {
      const [message] = await read(says(code, bob));
      assert.equal(message?.identity.level, 0);
      assert.equal(message.identity.method, "none");
      assert.equal(message.text, "[code]");
    }
    const [own] = await read(says(code));
    assert.equal(own?.identity.level, 3);
    const [after] = await read(says("And my orders?", bob));
    assert.equal(after?.identity.level, 0);
  });

  test("a code of another conversation is only a number there", async () => {
    const here = await asked(bench);
    const code = await here.ask();
    const message = here.says(code);
    assert.deepEqual(await here.readIn(await bench.conversation("chat"), message), [message]);
    const there = await asked(bench);
    await there.ask();
    assert.equal((await there.read(there.says(code)))[0]?.identity.level, 0);
  });

  test("where the channel keeps who writes, it speaks for half an hour of the same writer's messages", async () => {
    const { ask, read, says, clock } = await asked(bench, "chat");
    const code = await ask();
    const burst = await read(says("Hurry, please"), says(code), says("So where is it?"));
    assert.deepEqual(
      burst.map(({ identity }) => identity.level),
      [3, 3, 3],
    );
    clock.at = later(30 * MINUTE_MS);
    assert.equal((await read(says("And 789?")))[0]?.identity.level, 3);
    clock.at = later(30 * MINUTE_MS + 1);
    assert.equal((await read(says("And 790?")))[0]?.identity.level, 0);
  });

  test("elsewhere it speaks for its own message alone, and six digits after it are an order number again", async () => {
    const { ask, read, says } = await asked(bench, "email");
    const code = await ask();
    const burst = await read(says("Hurry, please"), says(code), says("So where is it?"));
    assert.deepEqual(
      burst.map(({ identity }) => identity.level),
      [0, 3, 0],
    );
    assert.equal((await read(says("And 789?")))[0]?.identity.level, 0);
    const message = says("What about 123456?");
    assert.deepEqual(await read(message), [message]);
  });

  test("a note, a teammate and an automatic answer enter no code", async () => {
    const { ask, read, says } = await asked(bench);
    const code = await ask();
    const others = [
      says(code, { visibility: "internal" }),
      says(code, { author: { kind: "teammate", id: ANN, name: "Sam" } }),
      says(code, { ignore: "auto-reply: away" }),
    ];
    for (const message of await read(...others)) assert.equal(message.identity.level, 0);
    assert.equal((await read(says(code)))[0]?.identity.level, 3);
  });

  test("two numbers are no code, nor is one that belongs to something else", async () => {
    const { ask, read, says } = await asked(bench);
    const code = await ask();
    for (const text of [
      `${code} or ${otherThan(code)}`,
      `order ${code}`,
      `order number: ${code}`,
      `#${code}`,
      `+49 30 ${code}`,
      `${code}7`,
      `A${code}`,
      `${code}.50`,
    ]) {
      const [message] = await read(says(text));
      assert.equal(message?.identity.method, "none", text);
    }
    assert.equal((await read(says(code)))[0]?.identity.level, 3);
  });
});

test("a code is six digits of its own for every challenge, and the same each time", () => {
  const codes = Array.from({ length: 500 }, (_, index) => CODES.codeOf(`code_${index}`));
  for (const code of codes) assert.match(code, /^\d{6}$/);
  assert.ok(new Set(codes).size > 490);
  assert.ok(codes.some((code) => code.startsWith("0")));
  assert.equal(CODES.codeOf("code_1"), codes[1]);
  assert.notEqual(oneTimeCodes("another secret").codeOf("code_1"), codes[1]);
  assert.notEqual(CODES.hashOf("code_1", "123456"), CODES.hashOf("code_2", "123456"));
});

test("any text at all holds one code, or none", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const found = codeIn(text);
      assert.ok(found === null || /^\d{6}$/.test(found.digits));
    }),
  );
});
