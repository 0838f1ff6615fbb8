/** A moving picture plays in browsers, and the one of README tells a whole refund. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { inflateSync } from "node:zlib";
import { writeAnimation } from "./animation.ts";
import { DOCS } from "./camera.ts";
import { readChunks, type Points } from "./palette.ts";

const [RED, BLUE] = [0xff0000, 0x0000ff];
const BYTES_MAX = 2_000_000;

describe("a moving picture", () => {
  test("numbers its parts in one row, and after the first frame holds only what changes", () => {
    const png = writeAnimation([
      { points: line(RED, RED, RED), milliseconds: 1_500 },
      { points: line(RED, BLUE, RED), milliseconds: 2_000 },
      { points: line(BLUE, BLUE, RED), milliseconds: 2_500 },
    ]);
    const chunks = readChunks(png);
    assert.deepEqual(
      chunks.map(({ type }) => type),
      ["IHDR", "PLTE", "tRNS", "acTL", "fcTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND"],
    );
    const numbered = chunks.filter(({ type }) => type === "fcTL" || type === "fdAT");
    assert.deepEqual(
      numbered.map(({ data }) => data.readUInt32BE(0)),
      [0, 1, 2, 3, 4],
    );
    const [one, two] = chunks.filter(({ type }) => type === "fdAT");
    const [red, blue, unchanged] = [0, 1, 2];
    assert.deepEqual(placesIn(chunks.find(({ type }) => type === "IDAT")?.data), [red, red, red]);
    assert.deepEqual(placesIn(one?.data.subarray(4)), [unchanged, blue, unchanged]);
    assert.deepEqual(placesIn(two?.data.subarray(4)), [blue, unchanged, unchanged]);
    assert.deepEqual([...(chunks.find(({ type }) => type === "tRNS")?.data ?? [])], [255, 255, 0]);
  });

  test("of README shows each of its six steps long enough to read, and the answer longest", () => {
    const png = readFileSync(join(DOCS, "refund.png"));
    assert.ok(png.length <= BYTES_MAX);
    const chunks = readChunks(png);
    assert.equal(chunks.find(({ type }) => type === "acTL")?.data.readUInt32BE(0), 6);
    const seconds = chunks
      .filter(({ type }) => type === "fcTL")
      .map(({ data }) => data.readUInt16BE(20) / data.readUInt16BE(22));
    assert.equal(seconds.length, 6);
    assert.ok(Math.min(...seconds) >= 1.5);
    assert.ok(seconds.slice(0, -1).every((one) => one < (seconds.at(-1) ?? 0)));
  });
});

/** A picture of one line. */
function line(...colours: readonly number[]): Points {
  return { width: colours.length, height: 1, colours: Uint32Array.from(colours) };
}

/** The places in the palette of a picture of one line, behind the filter. */
function placesIn(data: Buffer | undefined): readonly number[] {
  return [...inflateSync(data ?? Buffer.alloc(0))].slice(1);
}
