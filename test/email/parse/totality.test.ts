/** Whatever strangers write, reading it comes to an end, in time, and without a failure. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MAIL_PIECES, TEXT_PIECES } from "./outside-pieces.ts";
import { MAIL_READERS, TEXT_READERS, type Reader } from "./outside-readers.ts";
import { processorClock } from "#test/support/processor-time.ts";
import { anyCharacter } from "#test/support/any-character.ts";
import { runs } from "#test/support/tiers.ts";

/** Any UTF-16 code unit, so that halves of characters stand alone as well, and characters of all planes. */
const anyText = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 60 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
    .map((units) => String.fromCharCode(...units)),
);

const text = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...TEXT_PIECES) }, anyText), {
    maxLength: 40,
  })
  .map((pieces) => pieces.join(""));

const mail = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...MAIL_PIECES) },
      { weight: 1, arbitrary: text },
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(""));

/** Mails in mails and parts in parts, deeper than the reader goes, some without an end. */
const nested = fc
  .tuple(mail, fc.integer({ min: 1, max: 60 }), fc.boolean())
  .map(([inner, depth, isClosed]) => {
    const opening = Array.from({ length: depth }, (_, at) =>
      at % 3 === 2
        ? "Content-Type: message/rfc822\r\n\r\n"
        : `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`,
    );
    const closing = isClosed
      ? Array.from({ length: depth }, (_, at) => `\r\n--b${depth - at}--`)
      : [];
    return [...opening, inner, ...closing].join("");
  });

for (const [name, read] of Object.entries(TEXT_READERS))
  test(`${name} reads any text`, () => {
    fc.assert(
      fc.property(text, (written) => void read(written)),
      { numRuns: runs(300) },
    );
  });

for (const [name, read] of Object.entries(MAIL_READERS))
  test(`${name} reads any mail`, () => {
    fc.assert(
      fc.property(fc.oneof(mail, nested), (raw) => void read(raw)),
      { numRuns: runs(300) },
    );
  });

const MEGABYTE = 1_000_000;
/** Five times what is wanted on a machine of one's own, since processor time is shared with collecting garbage. */
const CPU_MS = 1_000;

/** Two pieces in turn, over and over: a reader that looks far ahead or back mostly does so for such alternation. */
const large = (pieces: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...pieces), fc.constantFrom("", "\n", " ", ...pieces))
    .map(([one, other]) => {
      const both = one + other;
      return `x${both.repeat(Math.ceil(MEGABYTE / both.length)).slice(0, MEGABYTE)}x`;
    });

function cpuMs(read: () => unknown): number {
  const tookMs = processorClock();
  read();
  return tookMs();
}

function assertInTime([name, read]: readonly [string, Reader], written: string): void {
  const took = cpuMs(() => read(written));
  // Once more before it is believed: the first time may have paid for compiling.
  const again = took > CPU_MS ? cpuMs(() => read(written)) : took;
  assert.ok(again <= CPU_MS, `${name}: ${again} ms for ${JSON.stringify(written.slice(0, 80))}`);
}

test("no megabyte of text keeps a reader for long", () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.entries(TEXT_READERS)), large(TEXT_PIECES), assertInTime),
    {
      numRuns: runs(60),
    },
  );
});

test("no megabyte of mail keeps a reader for long, wherever in it the text stands", () => {
  const places = ["", "From: ", "Subject: ", "References: ", "Content-Type: ", "Return-Path: "];
  const bodies = [
    "\r\n",
    "Content-Type: text/html\r\n\r\n",
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
  ];
  const place = fc.constantFrom(...places, ...bodies);
  const pieces = large([...MAIL_PIECES, ...TEXT_PIECES]);
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.entries(MAIL_READERS)),
      place,
      pieces,
      (reader, start, written) => assertInTime(reader, `${start}${written}`),
    ),
    { numRuns: runs(60) },
  );
});
