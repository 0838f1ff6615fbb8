/**
 * Writes pictures that follow each other as one animated PNG, which browsers, GitHub and npm play where any picture may
 * stand. Its parts acTL, fcTL and fdAT are those of the PNG specification, third edition, section 11.3.4.
 */
import { chunk, commonest, packed, placesIn, pngFile, type Points } from "./palette.ts";

/** One place of the palette is for the points that a frame leaves as they are. */
const COLOURS_MAX = 255;
const MILLISECONDS_A_SECOND = 1_000;
/** Laid over the frame before it, so that what is transparent stays as it was. */
const OVER = 1;

/** One picture and how long it stays. */
export interface Frame {
  readonly points: Points;
  readonly milliseconds: number;
}

/**
 * The frames in one file, again and again. Each has the size of the first; after it a frame holds only the points that
 * change, since all others pack to almost nothing.
 */
export function writeAnimation(frames: readonly [Frame, ...Frame[]]): Buffer {
  const [{ points: size }] = frames;
  const palette = commonest(
    frames.map(({ points }) => points),
    COLOURS_MAX,
  );
  const placeOf = placesIn(palette);
  const unchanged = palette.length;
  const parts: Buffer[] = [];
  let before: Uint8Array | undefined;
  for (const [index, { points, milliseconds }] of frames.entries()) {
    const places = Uint8Array.from(points.colours, placeOf);
    const changes = places.map((place, point) => (before?.[point] === place ? unchanged : place));
    const data = packed(changes, size.width);
    parts.push(control(size, milliseconds, Math.max(0, 2 * index - 1)));
    parts.push(index === 0 ? chunk("IDAT", data) : chunk("fdAT", numbered(2 * index, data)));
    before = places;
  }
  const opacity = Buffer.from([...palette.map(() => 255), 0]);
  const repeats = numbered(frames.length, Buffer.alloc(4));
  return pngFile(size, [...palette, 0], [chunk("tRNS", opacity), chunk("acTL", repeats), ...parts]);
}

/** The part before a frame: its place among all such parts and data, where it lies and how long it stays. */
function control({ width, height }: Points, milliseconds: number, sequence: number): Buffer {
  const data = Buffer.alloc(26);
  data.writeUInt32BE(sequence, 0);
  data.writeUInt32BE(width, 4);
  data.writeUInt32BE(height, 8);
  data.writeUInt16BE(milliseconds, 20);
  data.writeUInt16BE(MILLISECONDS_A_SECOND, 22);
  data.writeUInt8(OVER, 25);
  return chunk("fcTL", data);
}

function numbered(number: number, data: Buffer): Buffer {
  const start = Buffer.alloc(4);
  start.writeUInt32BE(number);
  return Buffer.concat([start, data]);
}
