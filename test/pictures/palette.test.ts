/** Pictures with a palette look like those they were made from. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deflateSync } from "node:zlib";
import { chunk, readPng, withPalette, writePng } from "./palette.ts";

describe("a picture with a palette", () => {
  test("is made from what a browser writes, whatever the filter of a line", () => {
    const rows = [0, 1, 2, 3, 4].map((filter) => [filter, 10, 20, 30, 5, 5, 5]);
    const { width, height, colours } = readPng(browserPicture(2, 5, Buffer.from(rows.flat())));
    assert.deepEqual([width, height], [2, 5]);
    assert.deepEqual(
      [...colours].map((colour) => [colour >>> 16, (colour >>> 8) & 0xff, colour & 0xff]),
      [
        [10, 20, 30],
        [5, 5, 5],
        [10, 20, 30],
        [15, 25, 35],
        [20, 40, 60],
        [20, 30, 40],
        [20, 40, 60],
        [25, 40, 55],
        [30, 60, 90],
        [35, 65, 95],
      ],
    );
  });

  test("is made from no other kind of file", () => {
    assert.throws(() => withPalette(Buffer.from("GIF89a, which is no PNG")), /no PNG/);
    const written = writePng({ width: 1, height: 1, colours: new Uint32Array(1) });
    assert.throws(() => withPalette(written), /another kind/);
  });
});

/** A picture as a browser writes it: RGB, eight bits a channel; the lines with their filters. */
function browserPicture(width: number, height: number, lines: Buffer): Buffer {
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, height, 8, 2, 0, 0, 0]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(lines)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
