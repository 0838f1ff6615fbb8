/** Takes some of the labelled replies, the same ones every time. */
import { createHash } from "node:crypto";
import type { LabelledReply } from "./read.ts";

/**
 * So many replies, in their order in the file: one of each verdict and language in turn, so that none is left out that
 * there is room for. Which ones follows from their ids alone.
 */
export function sampleOf(
  replies: readonly LabelledReply[],
  count: number,
): readonly LabelledReply[] {
  const groups = Map.groupBy(replies, ({ verdict, lang }) => `${lang} ${verdict}`);
  const shuffled = [...groups.values()].map((group) =>
    group.toSorted((one, other) => keyOf(one).localeCompare(keyOf(other))),
  );
  const taken = new Set<LabelledReply>();
  for (let round = 0; taken.size < Math.min(count, replies.length); round += 1)
    for (const group of shuffled) {
      const next = group[round];
      if (next !== undefined && taken.size < count) taken.add(next);
    }
  return replies.filter((reply) => taken.has(reply));
}

function keyOf({ id }: LabelledReply): string {
  return createHash("sha256").update(`sample ${id}`).digest("hex");
}
