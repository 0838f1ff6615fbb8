/** What the team is told about the installation itself, with the same thresholds as the rules for Prometheus. */

import type { SeenFigures } from "./follow-figures.ts";

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;

/** The thresholds, in seconds and US dollars. A test compares them with `docs/prometheus/alerts.yml`. */
export const THRESHOLDS = {
  "oldest-unread": 5 * MINUTE_S,
  "not-moving": 30,
  "effect-executing": 15 * MINUTE_S,
  "cards-waiting": 4 * HOUR_S,
  "spend-per-hour": 20,
  "audit-unsealed": 10 * MINUTE_S,
  "backup-old": 26 * HOUR_S,
  // A takeover after a kill takes ten seconds, a restart of the only reader less than a minute.
  "no-reader": 2 * MINUTE_S,
} as const;

/** So many names are told at once. */
const NAMES_MAX = 5;

/** The name of a condition, which is that of its runbook. */
export type ConditionName = keyof typeof THRESHOLDS;

/** Something that should not be so. */
export interface Condition {
  /** That of its runbook. */
  readonly name: string;
  /** One sentence for the team. */
  readonly sentence: string;
}

/**
 * What is wrong at this moment. What a dead letter or an effect of unknown end means is told when it happens, with its
 * case, and so is a provider that is away by the effects that wait for it. Pure.
 */
export function currentConditions(seen: SeenFigures): readonly Condition[] {
  const { figures, paused } = seen;
  const unheld = seen.unheld ?? [];
  const { unread, due, executing, card, unsealed, backup, unheld: unheldFor } = agesIn(seen);
  const found: readonly (readonly [ConditionName, number, string])[] = [
    // A pause is a decision: what waits because of it is no fault.
    [
      "oldest-unread",
      paused ? 0 : unread,
      `${figures.unread.count} deliveries are unread, the oldest for ${inWords(unread)}.`,
    ],
    [
      "not-moving",
      paused ? 0 : due,
      `${figures.due.count} cards and effects are due and do not move, the oldest for ${inWords(due)}.`,
    ],
    [
      "effect-executing",
      paused ? 0 : executing,
      `${figures.executing.count} effects were begun and have not ended, the oldest ${inWords(executing)} ago.`,
    ],
    ["cards-waiting", card, `The oldest card has waited for a decision for ${inWords(card)}.`],
    [
      "spend-per-hour",
      figures.spentUsd,
      `The model cost ${figures.spentUsd.toFixed(2)} US dollars in the last hour.`,
    ],
    [
      "audit-unsealed",
      unsealed,
      `${figures.unsealed.count} entries of the audit are not sealed, the oldest for ${inWords(unsealed)}.`,
    ],
    // Without any backup of ours, PostgreSQL's own means may be in use.
    ["backup-old", backup, `The last backup was written ${inWords(backup)} ago.`],
    [
      "no-reader",
      unheldFor,
      `No process reads ${listed(unheld.map(({ name }) => name))}, the first for ${inWords(unheldFor)} by now.`,
    ],
  ];
  return found.flatMap(([name, value, sentence]) =>
    value > THRESHOLDS[name] ? [{ name, sentence }] : [],
  );
}

/** For how many seconds each has lasted that a condition or a gauge is about; 0 for what is not there. */
export function agesIn({ at, figures, unheld }: SeenFigures) {
  const age = (since: Date | null): number =>
    since === null ? 0 : Math.max(0, (at.getTime() - since.getTime()) / 1_000);
  return {
    unread: age(figures.unread.oldest),
    due: age(figures.due.oldest),
    intended: age(figures.intended.oldest),
    executing: age(figures.executing.oldest),
    card: age(figures.cards.oldest),
    unsealed: age(figures.unsealed.oldest),
    backup: age(figures.backupAt),
    unheld: unheld?.[0]?.seconds ?? 0,
  };
}

/** The first few names, and how many more there are. */
export function listed(all: readonly string[]): string {
  const names = all.slice(0, NAMES_MAX);
  const more = all.length - names.length;
  return more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ");
}

/** A length of time for people, such as `3 h`. */
export function inWords(seconds: number): string {
  const minutes = Math.round(seconds / MINUTE_S);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(seconds / HOUR_S);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
