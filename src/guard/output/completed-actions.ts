/** Finds where a clause says that something is done. */
import { matchesOf } from "#text/matches.ts";
import { ANYTHING } from "#guard/languages/topic-words.ts";
import type { Frames, TopicWords } from "#guard/languages/language.ts";

/** Where a clause says that something is done. */
export interface CompletedAction {
  /** The clause up to the end of the phrase that says so. */
  readonly upTo: string;
  readonly matched: string;
}

/** The phrases of a clause that say a topic is done, or null. Linear: every pattern is searched for once. */
export function completedActionsIn(
  plain: string,
  topic: TopicWords,
  frames: Frames,
  followsClaim: boolean,
): CompletedAction | null {
  // A topic that any clause may be about is identified by its own verbs alone.
  const isBroad = topic.subject === ANYTHING;
  const anyhow = topic.done?.exec(plain) ?? (isBroad ? null : frames.anyhow.exec(plain));
  if (anyhow !== null) return between(plain, anyhow.index, anyhow.index + anyhow[0].length);
  const verbs = matchesOf(plain, topic.verbs)
    .map(({ 0: words, index }) => ({ start: index, end: index + words.length }))
    .filter(({ end }) => endOf(frames.notBehind, plain, end) === null);
  return (
    verbAfter(plain, verbs, frames) ??
    verbBefore(plain, verbs, frames) ??
    (followsClaim && frames.sharesAuxiliary ? atTheEnd(plain, verbs) : null) ??
    announced(plain, verbs, topic, frames) ??
    stated(plain, topic, frames) ??
    present(plain, topic, frames)
  );
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** "I have (just) refunded", "wurde … erstattet". Both lists are in text order, so one pass over both is enough. */
function verbAfter(
  plain: string,
  verbs: readonly Stretch[],
  frames: Frames,
): CompletedAction | null {
  if (verbs.length === 0) return null;
  let at = 0;
  for (const { 0: words, index } of matchesOf(plain, frames.before)) {
    const end = index + words.length;
    while ((verbs[at]?.start ?? Infinity) < end) at += 1;
    const verb = verbs[at];
    if (verb === undefined) return null;
    if (verb.start - end <= frames.reach) return between(plain, index, verb.end);
  }
  return null;
}

/** "… erstattet wurde". */
function verbBefore(
  plain: string,
  verbs: readonly Stretch[],
  { behind }: Frames,
): CompletedAction | null {
  if (behind === null) return null;
  for (const { start, end } of verbs) {
    const last = endOf(behind, plain, end);
    if (last !== null) return between(plain, start, last);
  }
  return null;
}

/** "(Ich habe …) und die Bestellung storniert." */
function atTheEnd(plain: string, verbs: readonly Stretch[]): CompletedAction | null {
  const last = verbs.at(-1);
  if (last === undefined || /\w/.test(plain.slice(last.end))) return null;
  return between(plain, last.start, last.end);
}

/** "Refund issued." "Just refunded 120.00 USD." */
function announced(
  plain: string,
  verbs: readonly Stretch[],
  topic: TopicWords,
  { opening, gap }: Frames,
): CompletedAction | null {
  const opened = opening.exec(plain);
  if (opened === null) return null;
  const start = opened[0].length;
  const named = endOf(topic.nouns, plain, start);
  const verb = verbs.find(
    (one) =>
      one.start === start ||
      (named !== null && one.start - named < GAP_MAX && gap.test(plain.slice(named, one.start))),
  );
  return verb === undefined ? null : between(plain, 0, verb.end);
}

/** No gap is longer. */
const GAP_MAX = 80;

/** "The refund is with your bank": whatever the verb, it is stated as a fact. */
function stated(
  plain: string,
  topic: TopicWords,
  { subject, predicate }: Frames,
): CompletedAction | null {
  const opened = subject.exec(plain);
  if (opened === null) return null;
  const named = endOf(topic.nouns, plain, opened[0].length);
  const end = named === null ? null : endOf(predicate, plain, named);
  return end === null ? null : between(plain, 0, end);
}

/** "Here is your voucher." */
function present(plain: string, topic: TopicWords, frames: Frames): CompletedAction | null {
  for (const { 0: words, index } of matchesOf(plain, frames.present)) {
    const end = endOf(topic.nouns, plain, index + words.length);
    if (end !== null) return between(plain, index, end);
  }
  return null;
}

/** Where a sticky pattern that begins at this position ends, or null. */
function endOf(sticky: RegExp, plain: string, at: number): number | null {
  sticky.lastIndex = at;
  const found = sticky.exec(plain);
  return found === null ? null : at + found[0].length;
}

function between(plain: string, from: number, to: number): CompletedAction {
  return { upTo: plain.slice(0, to), matched: plain.slice(from, to) };
}
