/** The size of a ZIP file's content, read before anything is unpacked. */

const END_OF_LIST = 0x06_05_4b_50;
const ENTRY = 0x02_01_4b_50;
const ENTRIES_MAX = 10_000;

/**
 * The sum of the sizes its list of entries names (APPNOTE.TXT 4.3.12, 4.3.16), or null where there is no such list.
 * Unpacking may find more than an entry says; readers of entries stop at the size named here.
 */
export function zipSizeOf(zip: Buffer): number | null {
  const from = Math.max(0, zip.length - 66_000);
  for (let at = zip.length - 22; at >= from; at -= 1)
    if (zip.readUInt32LE(at) === END_OF_LIST)
      return sumOf(zip, zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 16));
  return null;
}

function sumOf(zip: Buffer, count: number, offset: number): number | null {
  if (count > ENTRIES_MAX) return Number.POSITIVE_INFINITY;
  let sum = 0;
  let at = offset;
  for (let left = count; left > 0; left -= 1) {
    if (at + 46 > zip.length || zip.readUInt32LE(at) !== ENTRY) return null;
    sum += zip.readUInt32LE(at + 24);
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return sum;
}
