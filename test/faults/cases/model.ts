/** Faults of the language model: it refuses, hangs, answers nonsense or contradicts itself. */
import assert from "node:assert/strict";
import { z } from "zod";
import type { Call, Transcript } from "#sandbox/rehearsal/transcript.ts";
import type { FaultCase } from "#test/faults/case.ts";
import { outcomesIn, rowsIn } from "#test/faults/inside.ts";
import type { Installation } from "#test/faults/installation.ts";
import { completionWith, ownModel, toolCall } from "#test/faults/own-model.ts";
import { policyFile } from "#test/faults/policy-file.ts";
import { approve, refundInChat, whereIs } from "#test/faults/traffic.ts";
import type { ModelFate } from "#test/faults/vendors/model.ts";
import { until } from "#test/support/waiting.ts";

const ANSWER: ModelFate = { kind: "answer" };
const AWAY = /cannot check this right now/;
const HANDED_OVER = /passed it on to our team/;

/** How long an unavailable model is retried, and how long one turn may take, under the policy of these cases. */
const GIVES_UP_SECONDS = 15;
const TURN_SECONDS = 4;

/** A call that hangs is ended within its turn and tried once more, as a refused one; then the turn waits for its next try. */
const HANGING_CALLS_MAX = 2 * Math.ceil(GIVES_UP_SECONDS / TURN_SECONDS);

/** True for turns about this order; a chat of a case asks about one. */
function isAbout(transcript: Transcript, order: string): boolean {
  return transcript.unread.some((text) => text.includes(order));
}

const refusing: FaultCase = {
  id: 22,
  name: "the model answers 429 and 500, or hangs",
  async run(context) {
    const asked = new Map<string, number>();
    const model = await ownModel(context, {
      fate: (_call, transcript) => {
        const order = ["789", "1002", "456", "2001"].find((id) => isAbout(transcript, id)) ?? "";
        const times = (asked.get(order) ?? 0) + 1;
        asked.set(order, times);
        // The client tries once more by itself, so two refusals are one turn that could not be taken.
        if (order === "789" && times <= 2)
          return { kind: "refuse", status: 429, retryAfterSeconds: 1 };
        if (order === "1002" && times <= 2) return { kind: "refuse", status: 500 };
        if (order === "456") return { kind: "hang" };
        if (order === "2001") return { kind: "refuse", status: 500 };
        return ANSWER;
      },
    });
    const installation = await context.install({
      environment: {
        ...model,
        ...policyFile(context, {
          "usd: 0.50, seconds: 60": `usd: 0.50, seconds: ${TURN_SECONDS}`,
          "shop_retry_minutes: 30": `shop_retry_minutes: ${GIVES_UP_SECONDS / 60}`,
        }),
      },
    });
    const began = Date.now();
    await Promise.all([
      whereIs(installation, "too-many-calls", "789"),
      refundInChat(installation, "server-error"),
      whereIs(installation, "hanging-model", "456", { answer: HANDED_OVER }),
      whereIs(installation, "always-away", "2001", { answer: HANDED_OVER }),
    ]);
    // A notice that it is tried again comes first, so a message has ended only with the text after that.
    await until("each to have ended", () => installation.isSettled(), 50_000);
    context.note(
      `after ${Date.now() - began} ms: ${[...asked].map(([order, times]) => `${order} ${times} calls`).join(", ")}`,
    );
    await installation.judge();
    await outcomes(installation, {
      "too-many-calls": "answered",
      "server-error": "answered",
      "hanging-model": "escalated",
      "always-away": "escalated",
    });
    for (const place of ["u123:too-many-calls", "u456:server-error", "u789:always-away"])
      assert.equal(await timesSaid(installation, place, AWAY), 1, `${place} hears once of it`);
    for (const place of ["u123:hanging-model", "u789:always-away"])
      assert.equal(
        await timesSaid(installation, place, HANDED_OVER),
        1,
        `${place} hears of people`,
      );
    assert.ok(
      (asked.get("2001") ?? 0) <= 12,
      `a model that is away was asked ${asked.get("2001")} times in ${GIVES_UP_SECONDS} s`,
    );
    const hangs = asked.get("456") ?? 0;
    assert.ok(hangs <= HANGING_CALLS_MAX, `a model that hangs was asked ${hangs} times`);
  },
};

/** Completions that no program can use: cut off within their JSON, cut off by a limit, and no JSON at all. */
const CUT_IN_THE_MIDDLE =
  '{"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"mess';
const NO_JSON = "<html><body>502 Bad Gateway</body></html>";

function cutByLimit(transcript: Transcript): string {
  return completionWith("length", {
    role: "assistant",
    content: `Order ${transcript.unread.length} was`,
  });
}

/** The order whose chat gets the error page. */
const OUTAGE = "123";

/** What the model says instead of an answer in each chat, by call number; after `times` calls it works again. */
const NONSENSE: readonly {
  readonly order: string;
  readonly user: string;
  readonly times: number;
  readonly text: (transcript: Transcript) => string;
}[] = [
  { order: "789", user: "u123", times: 1, text: () => CUT_IN_THE_MIDDLE },
  { order: "456", user: "u123", times: 1, text: cutByLimit },
  {
    order: "790",
    user: "u123",
    times: 1,
    text: () => toolCall("get_order_status", '{"order_id": "79'),
  },
  { order: OUTAGE, user: "u123", times: 99, text: () => NO_JSON },
  { order: "2001", user: "u789", times: 99, text: () => toolCall("drop_all_tables", "{}") },
  {
    order: "1002",
    user: "u456",
    times: 99,
    text: () =>
      toolCall("issue_refund", JSON.stringify({ order_id: "1002", amount: { all: true } })),
  },
];

const nonsense: FaultCase = {
  id: 23,
  name: "the model's answer is cut off, no JSON, or a call with wrong arguments",
  async run(context) {
    const asked = new Map<string, number>();
    const model = await ownModel(context, {
      fate: (_call, transcript) => {
        const broken = NONSENSE.find(({ order }) => isAbout(transcript, order));
        if (broken === undefined) return ANSWER;
        const times = (asked.get(broken.order) ?? 0) + 1;
        asked.set(broken.order, times);
        return times > broken.times ? ANSWER : { kind: "raw", text: broken.text(transcript) };
      },
    });
    const installation = await context.install({
      environment: {
        ...model,
        ...policyFile(context, {
          "shop_retry_minutes: 30": `shop_retry_minutes: ${GIVES_UP_SECONDS / 60}`,
        }),
      },
    });
    await Promise.all(
      NONSENSE.map(({ order, user, times }) =>
        installation.chat(
          user,
          `nonsense-${order}`,
          order === "1002"
            ? "Please refund order 1002, it is broken"
            : `Where is my order ${order}?`,
          { answer: times === 1 ? new RegExp(`Order ${order}`) : HANDED_OVER },
        ),
      ),
    );
    await until("each to have ended", () => installation.isSettled(), 30_000);
    await installation.judge();
    await outcomes(
      installation,
      Object.fromEntries(
        NONSENSE.map(({ order, times }) => [
          `nonsense-${order}`,
          times === 1 ? "answered" : "escalated",
        ]),
      ),
    );
    // The error page of a gateway is an outage, which is waited for; the others are nonsense, asked for once more.
    for (const { order, times } of NONSENSE.filter((one) => one.times > 1 && one.order !== OUTAGE))
      assert.equal(asked.get(order), 2, `asked for ${order} again once, not ${times} times`);
    const refunds = await refundIntents(installation);
    assert.deepEqual(refunds, [], "nothing was ever intended of what made no sense");
  },
};

/** The same refund twice and another amount of it, all in one answer. */
function wavering(calls: readonly Call[]): readonly Call[] {
  return calls.flatMap((call) =>
    call.name === "issue_refund"
      ? [call, call, { ...call, input: { ...call.input, amount: "5.00" } }]
      : [call],
  );
}

const repeating: FaultCase = {
  id: 24,
  name: "the model repeats a call, or makes it with other arguments on a retry",
  async run(context) {
    const life = { number: 1 };
    const model = await ownModel(context, {
      plan: (calls, transcript) => {
        if (isAbout(transcript, "1003")) return wavering(calls);
        // Asked again after a crash, it wants another amount than the first time.
        return life.number === 1
          ? calls.flatMap((call) => (call.name === "issue_refund" ? [call, call] : [call]))
          : calls.map((call) =>
              call.name === "issue_refund"
                ? { ...call, input: { ...call.input, amount: "4.00" } }
                : call,
            );
      },
    });
    const installation = await context.install({
      environment: { ...model, ...policyFile(context, {}) },
      started: false,
    });
    // All of it is decided and the shop has it when the process dies: the stored effect is what counts.
    await installation.start({ DESKHAND_CRASH_AT: "effect:committed:refund" });
    const ask = (triesMost?: number) =>
      installation.chat("u456", "other-amount", "Please refund order 1002, it is broken", {
        answer: /9\.00 USD/,
        id: "other-amount-once",
        ...(triesMost === undefined ? {} : { triesMost }),
      });
    installation.wantRefund("1002", 9);
    await ask(1).catch(() => undefined);
    await installation.ended();
    life.number = 2;
    await installation.start();
    // The widget got no answer, so it sends the same message again.
    await ask();
    await until("the first refund's answer", () => installation.isSettled());
    // A second refund in so short a time is asked; however often it was proposed, the card has it once.
    await refundInChat(installation, "same-call-again", "1003");
    await approve(installation, "order 1003");
    await until("the second refund", async () => {
      const { refunds } = await installation.deskhand().order("1003");
      return refunds.length > 0;
    });
    await installation.judge();
    const intents = await refundIntents(installation);
    context.note(`intended: ${intents.map(({ key, minor }) => `${key} ${minor}`).join(", ")}`);
    const keys = intents.map(({ key }) => key);
    assert.equal(new Set(keys).size, keys.length, `one intention a key: ${keys.join(", ")}`);
    assert.deepEqual(
      intents.filter(({ key }) => key.includes(":1002:")).map(({ minor }) => minor),
      [900],
      "the amount is the one of the first intention",
    );
  },
};

async function timesSaid(
  installation: Installation,
  conversation: string,
  words: RegExp,
): Promise<number> {
  const { shown } = await installation.outside();
  return shown.filter((one) => one.conversation === conversation && words.test(one.text)).length;
}

/** How each chat's message ended, by the database. */
async function outcomes(
  installation: Installation,
  expected: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [chat, outcome] of Object.entries(expected))
    assert.deepEqual(
      await outcomesIn(installation.databaseUrl, chat),
      [outcome],
      `how the chat ${chat} ended`,
    );
}

const Intent = z.object({ key: z.string(), minor: z.coerce.number() });

function refundIntents({ databaseUrl }: Installation): Promise<readonly z.infer<typeof Intent>[]> {
  return rowsIn(
    databaseUrl,
    Intent,
    `select key, action -> 'arguments' -> 'amount' ->> 'minor' as minor from effect
     where operation = 'refund' order by created_at`,
  );
}

export const cases: readonly FaultCase[] = [refusing, nonsense, repeating];
