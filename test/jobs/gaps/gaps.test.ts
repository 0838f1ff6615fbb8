/** What the help pages lack: noted by turns, edits and reopened conversations, listed and drafted for leads. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { Span } from "#core/values/trace.ts";
import { groupQuestions } from "#jobs/gaps/group-questions.ts";
import { gapGroups, pageDraft, withoutFrame } from "#jobs/gaps/list-gaps.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

/** The span of one search, with the score of its best passage. */
function searching(query: string, best: number): Pick<TurnResult, "toolsCalled" | "spans"> {
  const span: Span = {
    name: "execute_tool search_faq",
    startedAt: "2026-11-20T10:00:00.000Z",
    durationMs: 1,
    attributes: {
      "gen_ai.tool.name": "search_faq",
      "deskhand.arguments": JSON.stringify({ query }),
      "deskhand.best_score": best,
    },
  };
  return { toolsCalled: ["search_faq"], spans: [span] };
}

const HANDED_OVER = {
  ending: {
    kind: "escalate",
    reason: "no page says it",
    summary: "",
    tried: [],
    delicate: null,
  },
} as const;

const RETURNS = {
  id: "returns#top",
  title: "Returns",
  url: "https://shop.test/returns",
  text: "You can return an item within 30 days of its delivery.",
  score: 0.9,
};

onDesk("the gaps of the help pages", (bench) => {
  const groups = () => gapGroups(bench.parts.store, { now: bench.now(), days: 30 });

  test("hold a question that no page answered, without what leads to its writer", async () => {
    bench.answer(() => replying("", { ...HANDED_OVER, ...searching("delivery to Norway", 0) }));
    await bench.write(
      "Hi, do you deliver to Norway? My order is 100234, ann@customer.test, Ann Fields",
      {
        message: {
          author: { kind: "requester", id: "email:ann@customer.test", name: "Ann Fields" },
        },
      },
    );
    const [group, ...others] = await groups();
    assert.deepEqual(others, []);
    assert.equal(group?.title, "Delivery to Norway");
    assert.deepEqual(group?.reasons, { unanswered: 1, corrected: 0, reopened: 0 });
    assert.deepEqual(group?.channels, ["email"]);
    assert.equal(
      group?.example,
      "Hi, do you deliver to Norway? My order is [number], [e-mail], [name] [name]",
    );
  });

  test("hold no question that a page or a record answered", async () => {
    bench.answer(() => replying("Within 30 days.", searching("return period", 0.8)));
    await bench.write("How long can I return something?", { thread: "t1" });
    const looked = searching("parcel", 0);
    bench.answer(() =>
      replying("It is on its way.", { ...looked, toolsCalled: ["search_faq", "get_order_status"] }),
    );
    await bench.write("Where is my parcel?", { thread: "t2" });
    assert.deepEqual(await groups(), []);
  });

  test("count a draft of which a teammate replaced what a page said, and no edit beside it", async () => {
    const draft = "You can return an item within 30 days of its delivery.";
    bench.answer(() =>
      replying(draft, { passages: [RETURNS], toolResults: [], ...searching("returns", 0.9) }),
    );
    const kept = await bench.write("How long do I have?", { thread: "t1" });
    await bench.press("edit", kept, undefined, {
      edit: { text: `Good day!\n\n${draft}`, amount: null },
    });
    assert.deepEqual(await groups(), []);

    const replaced = await bench.write("How long can I send it back?", { thread: "t2" });
    await bench.press("edit", replaced, undefined, {
      edit: { text: "You can return an item within 14 days.", amount: null },
    });
    const [group] = await groups();
    assert.deepEqual(group?.reasons, { unanswered: 0, corrected: 1, reopened: 0 });
    assert.deepEqual(group?.pages, ["Returns (https://shop.test/returns)"]);
    assert.equal(group?.example, "How long can I send it back?");
  });

  test("count a conversation that comes back after the bot's answer, but not for a word of thanks", async () => {
    const mail = bench.parts.channels.get("email");
    assert.ok(mail);
    const reopened = { reopens: false };
    bench.connect({
      ...mail,
      resolve: async (hint, signal) => ({
        ...(await mail.resolve(hint, signal)),
        signals: reopened.reopens
          ? [
              {
                kind: "reopened",
                key: `r:${hint.eventId}`,
                at: bench.now().toISOString(),
                actor: "Ann",
              },
            ]
          : [],
      }),
    });
    const autonomous = async (thread: string, back: string) => {
      reopened.reopens = false;
      const id = await bench.write("How do I wash the lamp shade?", { thread });
      await bench.write("With water.", {
        thread,
        message: { author: { kind: "bot", id: "bot", name: "Bot" }, answerTo: null },
      });
      reopened.reopens = true;
      await bench.write(back, { thread });
      return id;
    };
    await autonomous("t1", "Thank you!");
    assert.deepEqual(await groups(), []);
    await autonomous("t2", "That ruined it, and water is not enough?");
    const [group] = await groups();
    assert.deepEqual(group?.reasons, { unanswered: 0, corrected: 0, reopened: 1 });
    assert.equal(group?.example, "How do I wash the lamp shade?");
  });

  test("give a draft from what teammates answered, masked and said once", async () => {
    bench.answer(() => replying("", { ...HANDED_OVER, ...searching("delivery to Norway", 0) }));
    // Two strangers: what one customer asks twice is one case.
    bench.bindTo({ level: 0, customerId: null, emailOnFile: null, name: null, reason: "unknown" });
    for (const thread of ["t1", "t2"]) {
      await bench.write("Do you deliver to Norway?", { thread });
      await bench.write(
        `Hello Ann,\n\nYes, we deliver to Norway in 5 to 8 days. Order 100234 can go there${thread === "t2" ? ", for 19.00 EUR" : ""}.\n\nKind regards\nSam`,
        {
          thread,
          message: { author: { kind: "teammate", id: "sam", name: "Sam" }, answerTo: null },
        },
      );
    }
    const [group] = await groups();
    assert.ok(group);
    assert.equal(group.count, 2);
    const { title, text } = await pageDraft(bench.parts.store, group);
    assert.equal(title, "Delivery to Norway");
    assert.match(text, /^> \*\*Draft from 2 answers of teammates\.\*\*/);
    assert.equal(text.match(/5 to 8 days/g)?.length, 1);
    assert.match(text, /Order \[number\] can go there, for 19\.00 EUR\./);
    assert.doesNotMatch(text, /Hello|regards|Sam|100234/);
    assert.match(text, /- Do you deliver to Norway\?/);
  });
});

describe("questions", () => {
  const question = (words: string) => ({ words, stems: words.split(" "), vector: null });

  test("that share their rare words are one group, with the most typical first", () => {
    const groups = groupQuestions(
      ["norway deliver parcel", "wash lamp", "deliver norway", "deliver norway cost"].map(question),
    );
    assert.deepEqual(
      groups.map((group) => group.map(({ words }) => words)),
      [["deliver norway", "norway deliver parcel", "deliver norway cost"], ["wash lamp"]],
    );
  });

  test("of other words with the same meaning are one group where vectors say so", () => {
    const one = { ...question("ship oslo"), vector: Float32Array.of(1, 0) };
    const other = { ...question("deliver norway"), vector: Float32Array.of(0.9, 0.43) };
    assert.equal(groupQuestions([one, other]).length, 1);
    assert.equal(groupQuestions([one, { ...other, vector: Float32Array.of(0, 1) }]).length, 2);
  });

  test("are each in exactly one group, whatever they say", () => {
    const words = fc.constantFrom("norway", "deliver", "lamp", "wash", "return", "card");
    fc.assert(
      fc.property(fc.array(fc.array(words, { maxLength: 4 }), { maxLength: 20 }), (all) => {
        const questions = all.map((stems) => ({ stems, vector: null }));
        const grouped = groupQuestions(questions).flat();
        assert.equal(grouped.length, questions.length);
        assert.equal(new Set(grouped).size, questions.length);
      }),
    );
  });
});

test("a letter loses its greeting and signature, and a text without them nothing", () => {
  assert.equal(withoutFrame("Dear Ann,\n\nIt is 5 days.\n\nBest regards\nSam"), "It is 5 days.");
  assert.equal(withoutFrame("It is 5 days.\nThanks for asking"), "It is 5 days.");
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("It is 5 days.", "Norway too."), { minLength: 1 }),
      (lines) => {
        assert.equal(withoutFrame(lines.join("\n")), lines.join("\n"));
      },
    ),
  );
});
