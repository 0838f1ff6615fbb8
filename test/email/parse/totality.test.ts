/** Whatever strangers write, reading it comes to an end, in time, and without a failure. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MAIL_PIECES, PAGE_PIECES, TEXT_PIECES } from "./outside-pieces.ts";
import { MAIL_READERS, PAGE_READERS, TEXT_READERS, type Reader } from "./outside-readers.ts";
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

for (const [name, read] of Object.entries(PAGE_READERS))
  test(`${name} reads any page`, async () => {
    const pieces = fc.array(fc.oneof(fc.constantFrom(...PAGE_PIECES), text), { maxLength: 40 });
    const page = pieces.map((all) => all.join(""));
    await fc.assert(
      fc.asyncProperty(page, async (written) => void (await read(written))),
      { numRuns: runs(100) },
    );
  });

const MEGABYTE = 1_000_000;
/** Five times what is wanted on a machine of one's own, since processor time is shared with collecting garbage. */
const CPU_MS = 1_000;

/** Two pieces in turn, over and over: a reader that looks far ahead or back mostly does so for such alternation. */
const large = (pieces: readonly string[], length = MEGABYTE): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...pieces), fc.constantFrom("", "\n", " ", ...pieces))
    .map(([one, other]) => {
      const both = one + other;
      return `x${both.repeat(Math.ceil(length / both.length)).slice(0, length)}x`;
    });

async function cpuMs(read: () => unknown): Promise<number> {
  const tookMs = processorClock();
  await read();
  return tookMs();
}

async function assertInTime(
  [name, read]: readonly [string, Reader],
  written: string,
): Promise<void> {
  const took = await cpuMs(() => read(written));
  // Once more before it is believed: the first time may have paid for compiling.
  const again = took > CPU_MS ? await cpuMs(() => read(written)) : took;
  assert.ok(again <= CPU_MS, `${name}: ${again} ms for ${JSON.stringify(written.slice(0, 80))}`);
}

const largest = [
  { what: "no megabyte of text", readers: TEXT_READERS, texts: large(TEXT_PIECES) },
  {
    what: "no page of 300 kB",
    readers: PAGE_READERS,
    texts: large([...PAGE_PIECES, ...TEXT_PIECES], 300_000),
  },
];
for (const { what, readers, texts } of largest)
  test(`${what} keeps a reader for long`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.entries(readers)), texts, assertInTime),
      { numRuns: runs(60) },
    );
  });

test("no megabyte of mail keeps a reader for long, wherever in it the text stands", async () => {
  const places = ["", "From: ", "Subject: ", "References: ", "Content-Type: ", "Return-Path: "];
  const bodies = [
    "\r\n",
    "Content-Type: text/html\r\n\r\n",
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
  ];
  const place = fc.constantFrom(...places, ...bodies);
  const pieces = large([...MAIL_PIECES, ...TEXT_PIECES]);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.entries(MAIL_READERS)),
      place,
      pieces,
      (reader, start, written) => assertInTime(reader, `${start}${written}`),
    ),
    { numRuns: runs(60) },
  );
});
