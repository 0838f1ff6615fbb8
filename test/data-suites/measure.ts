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

/** The figures of one suite: the share of `part` in `of`, 0 of nothing, and what it must not fall below. */
export function measuresOf(
  suite: string,
): (name: string, part: number, of: number, floor?: number) => Measure {
  return (name, part, of, floor) => ({
    suite,
    name,
    value: of === 0 ? 0 : part / of,
    of,
    floor: floor ?? null,
  });
}
