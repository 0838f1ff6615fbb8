import assert from "node:assert/strict";
import { test } from "node:test";
import { splitReply } from "#email/parse/split-reply.ts";
import { processorClock } from "#test/support/processor-time.ts";

/** Mails of these over and over make splitters slow that look too far, too often or back. */
const PIECES: readonly string[] = [
  "\n",
  "\r",
  " ",
  "_",
  "-",
  "> ",
  ">\n",
  "> some words that somebody quoted once, and then again\n",
  "some words of a plain line, as people write them every day\n",
  "x\n",
  "On ",
  "On 1 x:\n",
  "On 1 2025 10:12 a\n",
  "10:12 ",
  "1/1/2025 ",
  "2025 10:12 <\n",
  "<a@b> ",
  "(a@b",
  "wrote:\n",
  "---\n",
  "-- \n",
  "From: a@b\n",
  "From: a\n\n",
  "From: a Sent: b ",
  "Regards,\n",
  "x\n> y\n\n",
  "Sent from my \n\n",
  "iphone\n\n",
  "[cid:a]\n",
];

/** For half a megabyte. */
const CAP_MS = 500;
/** Twice the text may take a little more than twice the time, and the clock is coarse. */
const RATIO = 2.5;
const SLACK_MS = 60;

test("splitting takes time in proportion to the mail, and a megabyte of anything less than a second", () => {
  for (const piece of PIECES) {
    const half = Math.min(tookMs(piece, 250_000), tookMs(piece, 250_000));
    const whole = tookMs(piece, 500_000);
    const said = `${JSON.stringify(piece)} took ${half} ms, twice as much ${whole} ms`;
    assert.ok(whole < CAP_MS, said);
    assert.ok(whole < RATIO * half + SLACK_MS, said);
  }
});

function tookMs(piece: string, length: number): number {
  const mail = `x${piece.repeat(Math.ceil(length / piece.length))}x`;
  const clock = processorClock();
  splitReply(mail);
  return clock();
}

test("a quote of a megabyte is no reason to lose the answer above it, or to keep the quote", () => {
  const quote = "> a line somebody quoted\n".repeat(40_000);
  const { text, segments } = splitReply(`Yes.\n\nOn Tue, 4 Feb 2025 Dana wrote:\n${quote}`);
  assert.equal(text, "Yes.");
  assert.equal(
    segments
      .map((segment) => segment.text)
      .join("")
      .split("\n").length,
    40_000,
  );
});
