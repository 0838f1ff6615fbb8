/** What the help pages lack: noted by turns, edits and reopened conversations, listed and drafted for leads. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { Span } from "#core/values/trace.ts";
import { groupQuestions, gapGroups, vectorsBy } from "#jobs/gaps/list-gaps.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { escalating, replying } from "#test/jobs/turn-results.ts";

/** The span of one search, with the score of its best passage. */
function searching(
  query: string,
  best: number,
  pages: string[] = [],
): Pick<TurnResult, "toolsCalled" | "spans"> {
  const span: Span = {
    name: "execute_tool search_faq",
    startedAt: "2026-11-20T10:00:00.000Z",
    durationMs: 1,
    attributes: {
      "gen_ai.tool.name": "search_faq",
      "deskhand.arguments": JSON.stringify({ queries: ["u deliver?", query] }),
      "deskhand.best_score": best,
      "deskhand.pages": pages,
    },
  };
  return { toolsCalled: ["search_faq"], spans: [span] };
}

const HANDED_OVER = { ending: escalating("no page says it") } as const;

const RETURNS = {
  id: "returns#top",
  title: "Returns",
  url: "https://shop.test/returns",
  text: "You can return an item within 30 days of its delivery.",
  score: 0.9,
};

onDesk("the gaps of the help pages", (bench) => {
  const groups = () => gapGroups(bench.parts.store, { now: bench.now() });

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

  const hidden = [
    [
      "田中太郎",
      "田中です。電話は０９０１２３４５６７８、注文１００２３４は5000円でした。",
      /田中|太郎|[０-９]{4}|[0-9]{5}/,
    ],
    ["Jana Müller", "Müllers Paket fehlt, sagt JANA.", /m[uü]ller|jana/i],
  ] as const;
  for (const [name, text, personal] of hidden)
    test(`hold neither the name of ${name} nor a number, however they are written`, async () => {
      bench.answer(() => replying("", { ...HANDED_OVER, ...searching(`Paket ${name}`, 0) }));
      await bench.write(text, {
        message: { author: { kind: "requester", id: "email:x@customer.test", name } },
      });
      const [group] = await groups();
      const example = group?.example ?? "";
      assert.ok(example.includes("[name]"));
      assert.equal(example.includes("5000円"), text.includes("5000円"));
      assert.doesNotMatch([group?.title, example].join(" "), personal);
    });

  test("name the best page that was read where one may well be about it", async () => {
    const read = ["Customs", "Returns"];
    bench.answer(() => replying("", { ...HANDED_OVER, ...searching("import tax", 0.3, read) }));
    await bench.write("Who pays import tax?");
    const [group] = await groups();
    assert.deepEqual(group?.pages, ["Customs"]);
    assert.equal(group?.title, "Import tax");
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
    assert.deepEqual(group?.pages, ["Returns"]);
    assert.equal(group?.example, "How long can I send it back?");
  });
});

test("who computes no vector now is not waited for at each question of a list", async () => {
  const asked: string[] = [];
  const vectors = vectorsBy(async (text) => {
    asked.push(text);
    return text === "kept" ? new Float32Array([1]) : null;
  });
  assert.deepEqual(await vectors?.(["kept", "a", "b", "c", "kept"]), [
    new Float32Array([1]),
    null,
    null,
    null,
    new Float32Array([1]),
  ]);
  assert.deepEqual(asked, ["kept", "a", "b"]);
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

  test("as many as a list holds, long and all different, do not keep the process from its other work", () => {
    const long = Array.from({ length: 2_000 }, (_, number) =>
      Array.from(
        { length: 60 },
        (_word, place) => `w${(number * 7_919 + place * 104_729) % 3_001}`,
      ),
    );
    const began = performance.now();
    groupQuestions(long.map((words) => question(words.join(" "))));
    assert.ok(performance.now() - began < 5_000);
  });
});
