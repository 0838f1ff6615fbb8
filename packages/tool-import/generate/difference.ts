/** What differs between two texts, line by line, as people read it. */

/** For each line of `base` its place in `other`, or -1 where it is gone. */
function placesOf(base: readonly string[], other: readonly string[]): readonly number[] {
  let start = 0;
  while (start < base.length && start < other.length && base[start] === other[start]) start += 1;
  let rest = Math.min(base.length, other.length) - start;
  const isSameEnd = (count: number): boolean =>
    base[base.length - count] === other[other.length - count];
  let end = 0;
  for (; rest > 0 && isSameEnd(end + 1); rest -= 1) end += 1;
  const inner = commonPlaces(
    base.slice(start, base.length - end),
    other.slice(start, other.length - end),
  );
  return [
    ...base.slice(0, start).map((_, at) => at),
    ...inner.map((place) => (place === -1 ? -1 : place + start)),
    ...base.slice(base.length - end, base.length).map((_, at) => other.length - end + at),
  ];
}

/**
 * The longest common subsequence. Its cost is the product of what differs, and a generated file has at most a few
 * hundred lines.
 */
function commonPlaces(base: readonly string[], other: readonly string[]): readonly number[] {
  const width = other.length + 1;
  const lengths = new Uint32Array((base.length + 1) * width);
  const length = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = base.length - 1; row >= 0; row -= 1)
    for (let column = other.length - 1; column >= 0; column -= 1)
      lengths[row * width + column] =
        base[row] === other[column]
          ? length(row + 1, column + 1) + 1
          : Math.max(length(row + 1, column), length(row, column + 1));
  const places = base.map(() => -1);
  let [row, column] = [0, 0];
  while (row < base.length && column < other.length) {
    if (base[row] === other[column]) {
      places[row] = column;
      row += 1;
      column += 1;
    } else if (length(row + 1, column) >= length(row, column + 1)) row += 1;
    else column += 1;
  }
  return places;
}

const AROUND = 2;

/** `-` lines went, `+` lines came, with two lines around each place. */
export function difference(before: string, after: string): readonly string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const places = placesOf(old, now);
  const marked: { readonly mark: "-" | "+" | " "; readonly line: string }[] = [];
  let at = 0;
  for (const [row, line] of old.entries()) {
    const place = places[row] ?? -1;
    if (place === -1) {
      marked.push({ mark: "-", line });
      continue;
    }
    for (; at < place; at += 1) marked.push({ mark: "+", line: now[at] ?? "" });
    marked.push({ mark: " ", line });
    at = place + 1;
  }
  for (; at < now.length; at += 1) marked.push({ mark: "+", line: now[at] ?? "" });
  const shown = marked.map((_, place) =>
    marked.slice(Math.max(0, place - AROUND), place + AROUND + 1).some(({ mark }) => mark !== " "),
  );
  return marked.flatMap(({ mark, line }, place) => {
    if (shown[place] === true) return [`${mark} ${line}`.trimEnd()];
    return shown[place - 1] === true ? ["  …"] : [];
  });
}
