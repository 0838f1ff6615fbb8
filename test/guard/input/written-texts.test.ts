/** The guard's texts that were written one by one: each stands once, and those to test on share no wording with those to learn from. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ownTexts } from "#evals/guard/corpus.ts";

const written = ownTexts().filter(({ source }) => source.includes("-written-"));
const wordsOf = (text: string): readonly string[] =>
  text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

test("each written text has its own id and words, names its batch, and marks hostile words where they stand", () => {
  assert.equal(new Set(written.map(({ id }) => id)).size, written.length);
  const worded = written.map(({ text }) => wordsOf(text).join(" "));
  assert.deepEqual(
    worded.filter((text, place) => worded.indexOf(text) !== place),
    [],
  );
  for (const { id, text, payload, source } of written) {
    assert.match(source, /^texts\/(?:attacks|honest)-written-(?:train|test)\/[a-z]+$/);
    assert.ok(payload === undefined || text.includes(payload), id);
  }
});

test("no five words of a written text to test on stand in one to learn from", () => {
  const fives = (text: string): readonly string[] => {
    const words = wordsOf(text);
    return words.slice(4).map((_, place) => words.slice(place, place + 5).join(" "));
  };
  const [tested, learnt] = ["test", "train"].map((split) =>
    written.filter((one) => one.split === split),
  );
  const known = new Set((learnt ?? []).flatMap(({ text }) => fives(text)));
  assert.ok(tested !== undefined && tested.length > 0 && known.size > 0);
  const shared = tested.filter(({ text }) => fives(text).some((five) => known.has(five)));
  assert.deepEqual(
    shared.map(({ id }) => id),
    [],
  );
});
