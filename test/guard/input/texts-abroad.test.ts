/** The guard's texts in other languages: well formed, none twice, and judged by other words than learnt from. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isAttack, ownTexts } from "#evals/guard/corpus.ts";

const texts = ownTexts();
const abroad = texts.filter(({ source }) => source.includes("-abroad-"));

/** Runs of four words, and of six signs in Chinese, that a text holds. */
function runsIn(text: string, lang: string): readonly string[] {
  const bare = text.toLowerCase();
  const parts = lang === "zh" ? Array.from(bare.replaceAll(/\P{L}/gu, "")) : wordsIn(bare);
  const length = lang === "zh" ? 6 : 4;
  return parts
    .slice(0, Math.max(0, parts.length - length + 1))
    .map((_part, at) => parts.slice(at, at + length).join(" "));
}

function wordsIn(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? [];
}

test("texts in other languages have their own ids, stand once, and mark hostile words where they are", () => {
  assert.ok(abroad.length >= 2_600);
  assert.equal(new Set(abroad.map(({ id }) => id)).size, abroad.length);
  const seen = abroad.map(({ text, segment }) => `${segment} ${wordsIn(text).join(" ")}`);
  assert.equal(new Set(seen).size, seen.length);
  for (const { id, kind, text, payload } of abroad) {
    assert.ok(payload === undefined || text.includes(payload), id);
    assert.ok(kind !== "indirect" || payload !== undefined, id);
  }
});

test("each language has attacks and honest texts of both splits", () => {
  const groups = Map.groupBy(abroad, ({ lang }) => lang);
  assert.equal(groups.size, 11);
  for (const [lang, rows] of groups)
    for (const [split, attacks, honest] of [
      ["train", 100, 75],
      ["test", 41, 25],
    ] as const) {
      const own = rows.filter((row) => row.split === split);
      assert.ok(own.filter(({ kind }) => isAttack(kind)).length >= attacks, `${lang} ${split}`);
      assert.ok(own.filter(({ kind }) => !isAttack(kind)).length >= honest, `${lang} ${split}`);
    }
});

test("no run of four words of a text to be judged by stands in a text to learn from", () => {
  const learnt = new Map<string, Set<string>>();
  for (const { lang, split, text } of texts) {
    if (split !== "train" || lang === "en") continue;
    const runs = learnt.get(lang) ?? new Set();
    for (const run of runsIn(text, lang)) runs.add(run);
    learnt.set(lang, runs);
  }
  // The name of a tool's answer is a word of the trade, in Latin letters in every language.
  const shared = abroad
    .filter(({ split }) => split === "test")
    .flatMap(({ id, lang, text }) =>
      runsIn(text.replaceAll("tool_result", ""), lang)
        .filter((run) => learnt.get(lang)?.has(run) === true)
        .map((run) => `${id}: ${run}`),
    );
  assert.deepEqual(shared, []);
});
