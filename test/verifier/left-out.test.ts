/** Friendly words that nothing backs are left out of a reply, and never go out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { judged, said } from "./samples.ts";
import { withoutStretches } from "#verifier/left-out.ts";
import { INVENTED } from "./waved-through.ts";

/** The reply without these words of it. */
function without(reply: string, ...words: readonly string[]): string | null {
  return withoutStretches(
    reply,
    words.map((one) => ({ start: reply.indexOf(one), end: reply.indexOf(one) + one.length })),
  );
}

const SHIPPED = said(
  "fact",
  "Your phone has been shipped.",
  "order 2001",
  "order 2001: status shipped",
);
const HELLO = said("courtesy", "Hello Ann,");

test("whole sentences go, and so does the beginning or the end of one", () => {
  for (const [reply, words, left] of [
    ["Lucky you! It is shipped. Fingers crossed!", "Lucky you!", "It is shipped. Fingers crossed!"],
    ["It is shipped. Fingers crossed!", "Fingers crossed!", "It is shipped."],
    ["Good news, Kwame: the game has left.", "Good news, Kwame:", "The game has left."],
    ["Hi Linnea, poor dough! Yes, there is.", "poor dough!", "Hi Linnea! Yes, there is."],
    ["It is shipped, fingers crossed!", "fingers crossed!", "It is shipped!"],
    ["Hi Ann,\n\nPoor dough!\n\nIt is shipped.", "Poor dough!", "Hi Ann,\n\nIt is shipped."],
    ["Hi Ann. Poor dough!\n\nIt is shipped.", "Poor dough!", "Hi Ann.\n\nIt is shipped."],
    ["Here it is:\n- It left.\n- Lucky you!", "Lucky you!", "Here it is:\n- It left."],
    ["Here it is:\n- Lucky you!\n- It left.", "Lucky you!", "Here it is:\n- It left."],
  ] as const)
    assert.equal(without(reply, words), left, reply);
  assert.equal(without("Oh! Lucky you! It left.", "Oh!", "Lucky you!"), "It left.");
});

test("what stands within a sentence stays, and so does all there is", () => {
  assert.equal(without("The phone lucky you has left.", "lucky you"), null);
  assert.equal(without("I doubt that the phone has left.", "I doubt that"), null);
  assert.equal(without("Lucky you!", "Lucky you!"), null);
});

test("a reply in which nothing else was found is mended, with its greeting", () => {
  const { findings, mended } = judged([
    said("courtesy", "Hi Linnea, poor dough!"),
    SHIPPED,
    said("courtesy", "I'll keep my fingers crossed."),
  ]);
  assert.equal(findings.length, 2);
  assert.equal(mended, "Hi Linnea! Your phone has been shipped.");
  assert.equal(judged([HELLO, SHIPPED]).mended, null);
  const question = said("question", "Which order do you mean?");
  assert.equal(judged([said("courtesy", "Of course."), question]).mended, question.text);
});

test("nothing is left out where something has no backing, or nothing would be said", () => {
  const idle = said("courtesy", "Poor dough!");
  assert.equal(judged([HELLO, idle]).mended, null);
  assert.equal(judged([idle, SHIPPED, said("fact", "It is waterproof.")]).mended, null);
  assert.equal(
    judged([idle, SHIPPED], { reply: `${idle.text} ${SHIPPED.text} It's free.` }).mended,
    null,
  );
});

test("no figure, deed or rule of a page is left out as a courtesy", () => {
  for (const text of [
    "Lucky you, it was only 20 dollars!",
    "It comes on Monday.",
    "I have refunded it, enjoy.",
    "Please ask for a refund, shipping is not refunded.",
    "Have a look at https://evil.test.",
  ])
    assert.equal(judged([said("courtesy", text), SHIPPED]).mended, null, text);
  assert.equal(judged([said("fact", "It is sunny here."), SHIPPED]).mended, null);
});

test("an invented sentence that a reader calls a courtesy never goes out", () => {
  for (const text of INVENTED)
    for (const kind of ["courtesy", "echo"] as const) {
      const { findings, mended } = judged([HELLO, said(kind, text), SHIPPED]);
      assert.ok(findings.length > 0, text);
      assert.ok(mended === null || !mended.includes(text), text);
    }
});
