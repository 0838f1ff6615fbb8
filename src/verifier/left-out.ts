/** Takes words out of a reply so that what stays still reads as one. */
import type { Stretch } from "./folded.ts";

/**
 * The reply without these stretches; null where one of them cannot go, or nothing else is said. What can go is a whole
 * sentence, or the part of one up to its first or behind its last comma, colon or dash.
 */
export function withoutStretches(reply: string, stretches: readonly Stretch[]): string | null {
  let left: string | null = reply;
  // From the end, so that the places of those before stay.
  for (const stretch of joined(reply, stretches).toReversed())
    left = left === null ? null : without(left, stretch);
  return left !== null && /\p{L}/u.test(left) ? left.trim() : null;
}

/** In order, with those that only spaces stand between as one. */
function joined(reply: string, stretches: readonly Stretch[]): readonly Stretch[] {
  const all: Stretch[] = [];
  for (const one of stretches.toSorted((a, b) => a.start - b.start)) {
    const last = all.at(-1);
    if (last === undefined || /[^ \t]/.test(reply.slice(last.end, one.start))) all.push(one);
    else all.splice(-1, 1, { start: last.start, end: Math.max(last.end, one.end) });
  }
  return all;
}

function without(reply: string, { start, end }: Stretch): string | null {
  const words = reply.slice(start, end).trimEnd();
  const [before, after] = [reply.slice(0, start), reply.slice(end)];
  const goesOn = after.trimStart();
  const endsLine = /^[ \t]*(?:\n|$)/.test(after);
  const isEnd = endsLine || /[.!?…]["”')]*$/.test(words);
  if (BEGINS_LINE.test(before) && isEnd) return before.replace(LIST_MARK, "") + goesOn;
  if (BEGINS.test(before)) {
    if (isEnd) return before.trimEnd() + (endsLine ? after : ` ${goesOn}`);
    const isPart = PART_END.test(words);
    return isPart ? before + goesOn.charAt(0).toUpperCase() + goesOn.slice(1) : null;
  }
  const told = before.trimEnd();
  if (!isEnd || !PART_END.test(told)) return null;
  return told.slice(0, -1).trimEnd() + (/[.!?…]/.exec(words.slice(-2))?.[0] ?? ".") + after;
}

const BEGINS_LINE = /(?:^|\n)[ \t]*(?:(?:[-*•]|\d{1,2}[.)])[ \t]+)?$/;
const LIST_MARK = /(?:[-*•]|\d{1,2}[.)])[ \t]+$/;
const BEGINS = /(?:^|\n[ \t]*|[.!?…]["”')]*\s+|\n[ \t]*(?:[-*•]|\d{1,2}[.)])[ \t]+)$/;
/** Where a part of a sentence ends. */
const PART_END = /[,:;–—]$/;
