/**
 * Makes a browser's picture small: the 256 commonest colours in place of sixteen million, one byte a point. Pages have
 * few colours, so that nobody sees the difference, and the file is about a third.
 */
import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOURS_MAX = 256;
/** Bytes of a point by the PNG specification's colour types: RGB and RGB with alpha. */
const POINT_BYTES: Readonly<Record<number, number>> = { 2: 3, 6: 4 };

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The points of a picture, row by row, each as 0xRRGGBB. */
export interface Points extends Size {
  readonly colours: Uint32Array;
}

/** The same picture in a smaller file. Takes what Chromium writes: eight bits a channel, not interlaced, opaque. */
export function withPalette(png: Buffer): Buffer {
  return writePng(readPng(png));
}

/** Reads a PNG with eight bits a channel. Throws for any other kind. */
export function readPng(png: Buffer): Points {
  const chunks = readChunks(png);
  const header = chunks.find(({ type }) => type === "IHDR")?.data;
  if (header === undefined) throw new Error("the picture has no header");
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const bytes = POINT_BYTES[header.readUInt8(9)];
  if (header.readUInt8(8) !== 8 || bytes === undefined || header.readUInt8(12) !== 0)
    throw new Error("the picture is of another kind than browsers write");
  const packed = chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data);
  const raw = unfiltered(inflateSync(Buffer.concat(packed)), { width, height, bytes });
  const colours = new Uint32Array(width * height);
  for (let point = 0; point < colours.length; point += 1)
    colours[point] = raw.readUIntBE(point * bytes, 3);
  return { width, height, colours };
}

/** Writes a PNG with a palette: exact where there are no more than 256 colours, else each as the nearest common one. */
export function writePng(points: Points): Buffer {
  const palette = commonest([points], COLOURS_MAX);
  const places = Uint8Array.from(points.colours, placesIn(palette));
  return pngFile(points, palette, [chunk("IDAT", packed(places, points.width))]);
}

/** A PNG file of colour type 3: its header and palette, and these parts. */
export function pngFile(
  { width, height }: Size,
  palette: readonly number[],
  parts: readonly Buffer[],
): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(palette.flatMap(channels))),
    ...parts,
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** The points of a picture as a file holds them: places in the palette, each line behind its filter, which is none. */
export function packed(places: Uint8Array, width: number): Buffer {
  const height = places.length / width;
  const lines = Buffer.alloc((width + 1) * height);
  for (let line = 0; line < height; line += 1)
    lines.set(places.subarray(line * width, (line + 1) * width), line * (width + 1) + 1);
  return deflateSync(lines, { level: 9, memLevel: 9 });
}

/** One part of a PNG file. */
export interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

/** The parts of a PNG file in its order. Throws for another kind of file. */
export function readChunks(png: Buffer): readonly Chunk[] {
  if (!png.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw new Error("this is no PNG");
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.push({
      type: png.toString("latin1", at + 4, at + 8),
      data: png.subarray(at + 8, at + 8 + length),
    });
    at += length + 12;
  }
  return chunks;
}

/** A part as a file holds it: its length and its sum around it. */
export function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** Takes away the filter of each line (PNG specification, section 9). */
function unfiltered(
  lines: Buffer,
  { width, height, bytes }: { width: number; height: number; bytes: number },
): Buffer {
  const row = width * bytes;
  const raw = Buffer.alloc(row * height);
  for (let line = 0; line < height; line += 1) {
    const filter = lines.readUInt8(line * (row + 1));
    for (let at = 0; at < row; at += 1) {
      const here = line * row + at;
      const left = at < bytes ? 0 : (raw[here - bytes] ?? 0);
      const up = line === 0 ? 0 : (raw[here - row] ?? 0);
      const upLeft = at < bytes || line === 0 ? 0 : (raw[here - row - bytes] ?? 0);
      const found = lines[line * (row + 1) + 1 + at] ?? 0;
      raw[here] = found + predicted(filter, { left, up, upLeft });
    }
  }
  return raw;
}

function predicted(
  filter: number,
  { left, up, upLeft }: { left: number; up: number; upLeft: number },
): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return Math.floor((left + up) / 2);
  const [byLeft, byUp, byBoth] = [
    Math.abs(up - upLeft),
    Math.abs(left - upLeft),
    Math.abs(left + up - 2 * upLeft),
  ];
  if (byLeft <= byUp && byLeft <= byBoth) return left;
  return byUp <= byBoth ? up : upLeft;
}

/** The commonest colours of some pictures, so many at most. */
export function commonest(pictures: readonly Points[], most: number): readonly number[] {
  const times = new Map<number, number>();
  for (const { colours } of pictures)
    for (const colour of colours) times.set(colour, (times.get(colour) ?? 0) + 1);
  return [...times]
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, most)
    .map(([colour]) => colour);
}

/** Looks up a colour's place in a palette, or that of the nearest one. */
export function placesIn(palette: readonly number[]): (colour: number) => number {
  const places = new Map(palette.map((colour, place) => [colour, place]));
  return (colour) => {
    const place = places.get(colour) ?? nearest(colour, palette);
    places.set(colour, place);
    return place;
  };
}

function nearest(colour: number, palette: readonly number[]): number {
  const wanted = channels(colour);
  const distances = palette.map((one) =>
    channels(one).reduce((sum, value, index) => sum + (value - (wanted[index] ?? 0)) ** 2, 0),
  );
  return distances.indexOf(Math.min(...distances));
}

function channels(colour: number): readonly [number, number, number] {
  return [colour >>> 16, (colour >>> 8) & 0xff, colour & 0xff];
}
