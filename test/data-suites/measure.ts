import { readFile } from "node:fs/promises";
import type { z } from "zod";

/** One figure of a suite. */
export interface Measure {
  readonly suite: string;
  readonly name: string;
  /** A share from 0 to 1. */
  readonly value: number;
  /** How many things it was measured on. */
  readonly of: number;
  /** What it must not fall below; null where there is no such figure. */
  readonly floor: number | null;
}

/** What a suite is given: where the data lie, and a place for a line about how far it is. */
export interface Setting {
  readonly folder: string;
  readonly progress: (line: string) => void;
}

/** A suite reads its file and measures the product's own functions on it. */
export type Suite = (setting: Setting) => Promise<readonly Measure[]>;

/**
 * Reads a file of one JSON object a line, where a line ends with a line feed and nothing else. Throws with the line's
 * number for one that does not fit.
 */
export async function* linesOf<Row extends z.ZodType>(
  file: string,
  row: Row,
): AsyncGenerator<z.output<Row>> {
  const lines = (await readFile(file, "utf8")).split("\n");
  for (const [at, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const parsed = row.safeParse(JSON.parse(line));
    if (!parsed.success) throw new Error(`${file}, line ${at + 1}: ${parsed.error.message}`);
    yield parsed.data;
  }
}

/** The share of `part` in `whole`; 0 of nothing. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
