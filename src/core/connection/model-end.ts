/** Models that their provider ends on a day that is known. */

/** A model and when it ends. */
export interface ModelEnd {
  readonly model: string;
  readonly at: Date;
}

const DAY_S = 86_400;

/** With less than so many days left the team is told, each time anew: another model has to be tried out before. */
const TOLD_DAYS = [3, 14, 60] as const;

/** How many seconds are left; negative after the end. */
export function secondsLeft({ at }: Pick<ModelEnd, "at">, now: Date): number {
  return (at.getTime() - now.getTime()) / 1_000;
}

/** Of which number of days the team is told at this time; null while the end is farther than all of them. */
export function daysTold(end: ModelEnd, now: Date): (typeof TOLD_DAYS)[number] | null {
  const left = secondsLeft(end, now);
  return TOLD_DAYS.find((days) => left < days * DAY_S) ?? null;
}

/** What is left of it as a sentence. */
export function endInWords(end: ModelEnd, now: Date): string {
  const days = Math.floor(secondsLeft(end, now) / DAY_S);
  const day = end.at.toISOString().slice(0, 10);
  if (days < 0) return `The model ${end.model} ended on ${day}.`;
  return `The model ${end.model} ends on ${day}, in ${days} ${days === 1 ? "day" : "days"}.`;
}
