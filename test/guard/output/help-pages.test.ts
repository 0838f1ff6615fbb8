import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { guard, mail } from "#test/guard/input/inbox.ts";
import { objections, refundPage } from "./evidence-world.ts";

const FOLDER = new URL("../../../src/knowledge/pages/", import.meta.url);

/** Each page of the sample shop with its sentences as a reply would quote them. */
const PAGES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".md"))
  .map((name) => {
    // Labels find a page and stand in no passage.
    const text = readFileSync(new URL(name, FOLDER), "utf8").replace(/^---\n[^]*?\n---\n/, "");
    const sentences = text
      // A heading is no sentence: a reply does not quote one alone.
      .replaceAll(/^#.*$/gm, "")
      .replaceAll(/[*`>|]/g, "")
      .split(/(?<=[.!?])\s+|\n+/)
      .map((sentence) => sentence.trim())
      .filter((sentence) => sentence.length > 3);
    return { name, text, sentences };
  });

test("every sentence of a cited help page may be quoted, also behind a “please note”", () => {
  const passages = PAGES.map(({ text }) => ({ ...refundPage, text }));
  assert.ok(PAGES.length > 10);
  assert.deepEqual(
    PAGES.flatMap(({ sentences }, index) =>
      sentences.flatMap((sentence) =>
        [
          sentence,
          `Please note that ${sentence.slice(0, 1).toLowerCase()}${sentence.slice(1)}`,
        ].flatMap((words) =>
          objections(`${words} (see Help)`, { passages: passages.slice(index, index + 1) }),
        ),
      ),
    ),
    [],
  );
});

test("a short sentence of a page that begins with “please note” may be quoted with it", () => {
  const text = "Please note that refunds are made.";
  const passages = [{ ...refundPage, text }];
  assert.deepEqual(objections(text, { passages }), []);
  assert.notDeepEqual(objections("Your refund has been made.", { passages }), []);
});

test("help pages trip neither guard nor mask, and hardly a sentence of theirs is a delicate message", () => {
  for (const { name, text } of PAGES) {
    assert.equal(guard.inspectText(text, name).verdict, "allow", name);
    assert.equal(guard.mask(text), text, name);
  }
  const all = PAGES.flatMap(({ sentences }) => sentences);
  const taken = all.filter((sentence) => guard.delicate([mail(sentence)]) !== null);
  assert.ok(taken.length <= all.length / 100, taken.join(" · "));
});

test("the same words excuse a claim on a public page and none in a letter the team has ready", () => {
  const text = "We have refunded your order in full to the card you paid with.";
  const page = { ...refundPage, text };
  assert.deepEqual(objections(text, { passages: [page] }), []);
  const found = objections(text, { passages: [{ ...page, url: "" }] });
  assert.match(found.join(), /claim/);
});

test("a help page that says what delivered means is no record that this parcel was", () => {
  const text = "The tracking page says delivered once the parcel is at your door.";
  const found = objections("Your parcel has been delivered.", {
    passages: [{ ...refundPage, text }],
  });
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /claim/);
});
