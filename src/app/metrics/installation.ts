/** Gives the meter what the process that leads has read about the whole installation. */

import type { SeenFigures } from "#jobs/operating/follow-figures.ts";
import type { OperatingFigures } from "#store/reports/operating-figures.ts";
import type { Meter } from "#telemetry/metrics/meter.ts";

type Values = Parameters<Meter["set"]>[1];

const INSTALLATION = [
  "unread",
  "oldestUnread",
  "effects",
  "oldestEffect",
  "oldestDue",
  "deadLetters",
  "cards",
  "oldestCard",
  "unsealed",
  "oldestUnsealed",
  "spend",
  "backup",
  "paused",
  "resolutions",
  "oldestFreeDuty",
] as const;
type Name = (typeof INSTALLATION)[number];

/** Sets the gauges of the installation, or takes them all out where another process leads and offers them. */
export function setInstallation(meter: Pick<Meter, "set">, seen: SeenFigures | null): void {
  const values = seen === null ? null : valuesOf(seen);
  for (const name of INSTALLATION) meter.set(name, values?.[name] ?? []);
}

function valuesOf({
  at,
  figures,
  paused,
  resolutions,
  unheld,
}: SeenFigures): Readonly<Record<Name, Values>> {
  const age = (since: Date | null): number =>
    since === null ? 0 : Math.max(0, (at.getTime() - since.getTime()) / 1_000);
  const { unread, intended, executing, deadLetters, cards, unsealed, backupAt } = figures;
  return {
    unread: only(unread.count),
    oldestUnread: only(age(unread.oldest)),
    effects: byLabel("state", {
      intended: intended.count,
      executing: executing.count,
      unknown: figures.unknown,
    }),
    oldestEffect: byLabel("state", {
      intended: age(intended.oldest),
      executing: age(executing.oldest),
    }),
    oldestDue: only(age(figures.due.oldest)),
    deadLetters: only(deadLetters.count),
    cards: byLabel("age", agesOf(cards)),
    oldestCard: only(age(cards.oldest)),
    unsealed: only(unsealed.count),
    oldestUnsealed: only(age(unsealed.oldest)),
    spend: only(figures.spentUsd),
    backup: backupAt === null ? [] : only(backupAt.getTime() / 1_000),
    paused: only(paused ? 1 : 0),
    oldestFreeDuty: unheld === null ? [] : only(unheld[0]?.seconds ?? 0),
    resolutions: resolutions.map(({ kind, count }) => ({ labels: { kind }, value: count })),
  };
}

function agesOf({ oldest: _oldest, ...ages }: OperatingFigures["cards"]) {
  return ages;
}

function only(value: number): Values {
  return [{ labels: {}, value }];
}

function byLabel(label: string, values: Readonly<Record<string, number>>): Values {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
}
