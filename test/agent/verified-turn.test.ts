/** A draft that may go out without a person is read against its sources first, and mended once at most. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import type { Autonomy, Verify } from "#core/contracts/policy.ts";
import type { Message } from "#core/values/message.ts";
import { bareCheck } from "#test/guard/output/evidence-world.ts";
import { agentUnderTest, message, turn } from "#test/support/fixtures/turns.ts";
import { scriptedModel } from "#test/support/scripted-model.ts";
import type { Model } from "#core/contracts/model.ts";
import { probeFound } from "#test/support/probed-reading.ts";
import { calls, lastTold, reply, STATUS } from "./play.ts";

const BACKED = "Your order 456 is being processed.";
const FALSE = "Your order 456 is being processed. Our lamps are waterproof.";

interface Said {
  readonly text: string;
  readonly kind: string;
  readonly find?: string;
}

const PROCESSED: Said = { text: BACKED, kind: "fact", find: "order 456: status processing" };
const WATERPROOF: Said = { text: "Our lamps are waterproof.", kind: "fact" };

/** Plays a turn on the chat in which a second model says these things of each draft in turn. */
async function played(
  drafts: readonly string[],
  readings: readonly (readonly Said[] | Error)[],
  rules: { readonly verify: Verify; readonly autonomy: Autonomy; readonly handsOver?: boolean },
  more: Partial<Message> = {},
) {
  const model = scriptedModel([
    calls(STATUS),
    ...drafts.map((text) =>
      calls(rules.handsOver === true ? handOver(text) : reply(text, { topic: "order_status" })),
    ),
  ]);
  const requests: string[] = [];
  const verifier = scriptedModel([]);
  let asked = 0;
  const { agent } = agentUnderTest({
    model,
    verifier: {
      ms: 1_000,
      model: {
        ...verifier,
        name: "gpt-5-nano",
        async complete({ messages }) {
          const data = messages[1]?.content ?? "";
          requests.push(data);
          const said = readings[asked];
          asked += 1;
          assert.ok(said, "it was asked oftener than the test says");
          if (said instanceof Error) throw said;
          const statements = said.map(({ text, kind, find }) => ({
            text,
            kind,
            source: find === undefined ? null : numberIn(data, find),
            quote: find ?? null,
          }));
          return {
            text: JSON.stringify({ statements: [...statements, ...probeFound(data)] }),
            toolCalls: [],
            inputTokens: 1_000,
            outputTokens: 100,
          };
        },
      },
    },
    output: bareCheck,
    freedom: { replyAutonomy: () => rules.autonomy, verifyOn: () => rules.verify },
    dayOf: () => new Date("2026-11-21T00:00:00Z"),
  });
  const unread = [message("Where is my order 456?", more)];
  const result = await agent.run(turn([], { unread }));
  model.assertUsedUp();
  assert.equal(asked, readings.length);
  return { result, requests, told: lastTold(model.requests) };
}

/** A hand-over that answers what is known. */
function handOver(answer: string) {
  const input = { subject: "Lamps", summary: "Ann asks about lamps.", answer, unanswered: [] };
  return { name: "create_support_ticket", input };
}

/** The number of the source this stands in. */
function numberIn(data: string, words: string): number {
  const at = data.indexOf(words);
  const [, number = "0"] = [...data.slice(0, at).matchAll(/ source (\d+),/g)].at(-1) ?? [];
  return Number(number);
}

const UNASKED = { verify: "unasked", autonomy: "auto" } as const;
const AWAY = new DeskhandError("model.unavailable", "gone");

describe("a draft that may go out unasked", () => {
  test("is read against what the customer sent on as well, which its writer was shown", async () => {
    const segments = [{ kind: "forwarded" as const, text: "The left side has gone silent." }];
    const { requests } = await played([BACKED], [[PROCESSED]], UNASKED, { segments });
    assert.match(requests[0] ?? "", / customer>>\n[^<]*The left side has gone silent\./);
  });

  test("goes on as read when every sentence has its quote, and the reading is counted", async () => {
    const { result, requests } = await played([BACKED], [[PROCESSED]], UNASKED);
    assert.deepEqual(result.ending, { kind: "reply", text: BACKED });
    assert.equal(result.verification?.state, "read");
    assert.deepEqual(result.findings, []);
    assert.equal(result.verification?.backed[0]?.source, "order 456, from the shop");
    assert.match(requests[0] ?? "", /source 4 customer>>[^]*Where is my order 456\?/);
    assert.match(requests[0] ?? "", /today\^?.2026-11-21/, "the day that it is to the team");
    assert.match(requests[0] ?? "", / page>>\n[^<]*resend invoice: Mails an order/);
    assert.doesNotMatch(requests[0] ?? "", /search faq: /);
    // Two calls of the model that writes, with 100 and 10 tokens each, and one of the other.
    assert.deepEqual([result.steps, result.inputTokens, result.outputTokens], [3, 1_200, 120]);
    assert.deepEqual(
      result.spans.filter(({ name }) => name.startsWith("verify")).map(({ name }) => name),
      ["verify gpt-5-nano"],
    );
  });

  test("is written once more when a sentence is unbacked, and read again", async () => {
    const { result, told } = await played(
      [FALSE, BACKED],
      [[PROCESSED, WATERPROOF], [PROCESSED]],
      UNASKED,
    );
    assert.match(told, /"Our lamps are waterproof\.": no source says this/);
    assert.deepEqual(result.ending, { kind: "reply", text: BACKED });
    assert.deepEqual(result.findings, []);
    assert.equal(result.verification?.state, "read");
  });

  test("keeps the finding when it is unbacked again, for the person who decides", async () => {
    const readings = [
      [PROCESSED, WATERPROOF],
      [PROCESSED, WATERPROOF],
    ];
    const { result } = await played([FALSE, FALSE], readings, UNASKED);
    assert.deepEqual(
      result.findings.map(({ kind, words }) => [kind, words]),
      [["unbacked", "Our lamps are waterproof."]],
    );
  });

  test("may call the customer by the name on record", async () => {
    const text = "I'm sorry, Ann, your order 456 is being processed.";
    const { result } = await played([text], [[{ ...PROCESSED, text }]], UNASKED);
    assert.deepEqual(result.ending, { kind: "reply", text });
    assert.deepEqual(result.findings, []);
  });

  test("is not sent back for a day that is only counted from today: a reader asked again settles it, else a person", async () => {
    const text = "Your order 456 is being processed, and you can ask for its invoice tomorrow.";
    const open: Said = {
      text: "and you can ask for its invoice tomorrow.",
      kind: "fact",
      find: "resend invoice: Mails an order",
    };
    const first: Said = { ...PROCESSED, text: "Your order 456 is being processed," };
    const again = [first, open];
    const settled = await played([text], [again, again], UNASKED);
    assert.deepEqual(settled.result.ending, { kind: "reply", text });
    assert.deepEqual(settled.result.findings, []);
    const { result } = await played([text], [AWAY], UNASKED);
    assert.deepEqual(
      result.findings.map(({ kind, words }) => [kind, words]),
      [["unsure", "tomorrow"]],
    );
  });

  test("is unverified, and not mended, when the second model is away", async () => {
    const { result } = await played([BACKED], [AWAY], UNASKED);
    assert.deepEqual(result.ending, { kind: "reply", text: BACKED });
    assert.equal(result.verification?.state, "unverified");
    assert.match(result.verification?.reason ?? "", /away/);
  });
});

describe("a draft that a person sees first", () => {
  test("is read within the turn only where policy says always; otherwise its sources are kept for later", async () => {
    for (const autonomy of ["draft", "shadow"] as const) {
      const later = await played([FALSE], [], { verify: "unasked", autonomy });
      assert.equal(later.result.verification, undefined);
      assert.ok((later.result.sources ?? []).length > 1);
      const first = await played([FALSE, BACKED], [[PROCESSED, WATERPROOF], [PROCESSED]], {
        verify: "always",
        autonomy,
      });
      assert.equal(first.result.verification?.state, "read");
    }
  });

  test("is read later within what its turn has left, and the turn counts it", async () => {
    const { result } = await played([BACKED], [], { verify: "never", autonomy: "auto" });
    const unbacked = { text: BACKED, kind: "fact", source: null, quote: null };
    const model: Model = {
      ...scriptedModel([]),
      complete: async ({ messages }) => ({
        text: JSON.stringify({
          statements: [unbacked, ...probeFound(messages[1]?.content ?? "")],
        }),
        toolCalls: [],
        inputTokens: 100,
        outputTokens: 10,
      }),
    };
    const verifier = { model, ms: 1_000 };
    const { agent } = agentUnderTest({ model: scriptedModel([]), verifier });
    const draft = {
      text: BACKED,
      sources: result.sources ?? [],
      customer: null,
      signal: new AbortController().signal,
    };
    const read = await agent.verify(draft, result);
    assert.equal(read.verification.findings.length, 1);
    assert.deepEqual([read.used?.steps, read.used?.outputTokens], [1, 10]);
    const spent = await agent.verify(draft, { ...result, steps: 1_000 });
    assert.equal(spent.verification.state, "unverified");
    assert.match(spent.verification.reason, /caps/);
  });
});

describe("an answer that goes with a hand-over", () => {
  const HANDED = { ...UNASKED, handsOver: true };
  const PASSED_ON: Said = {
    text: "I have passed the rest on to our team.",
    kind: "done",
    find: "the conversation is passed on to our team",
  };

  test("is read like any other, and that people take over, and what they are asked, are among its sources", async () => {
    const answer = `${BACKED} ${PASSED_ON.text}`;
    const { result, requests } = await played([answer], [[PROCESSED, PASSED_ON]], HANDED);
    assert.match(
      requests[0] ?? "",
      /\d request>>\nWork for the team: Lamps\nAnn asks about lamps\./,
    );
    assert.ok(result.ending.kind === "escalate");
    assert.equal(result.ending.answer, answer);
    assert.equal(result.verification?.state, "read");
  });

  test("goes to a person, marked, when a sentence is unbacked twice", async () => {
    const readings = [
      [PROCESSED, WATERPROOF],
      [PROCESSED, WATERPROOF],
    ];
    const { result } = await played([FALSE, FALSE], readings, HANDED);
    assert.ok(result.ending.kind === "escalate");
    assert.equal(result.ending.answer, FALSE);
    assert.deepEqual(
      result.findings.map(({ words }) => words),
      [WATERPROOF.text],
    );
  });
});
