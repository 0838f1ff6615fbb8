/** The shares of a half of the tickets, and whether those of the other half came out as forecast. Pure. */
import {
  comparisonAgreement,
  type Comparison,
  type RehearsedRoute,
  type Share,
} from "#core/values/rehearsal.ts";
import { wilsonShare } from "#jobs/rehearsal/figures.ts";

/** One ticket, rehearsed or simulated: which way its answer went, and how it compares with the person's. */
export interface PlayedTicket {
  readonly route: RehearsedRoute;
  readonly comparison: Comparison;
}

/** What is forecast: the three ways an answer goes, and two rates of errors. */
const FORECAST_SHARES = ["alone", "with_person", "not_at_all", "wrong", "wrong_actions"] as const;
type ForecastShare = (typeof FORECAST_SHARES)[number];
export type Shares = Readonly<Record<ForecastShare, Share>>;

/** Errors are counted of the tickets of which it is known what people did. */
export function sharesOf(played: readonly PlayedTicket[]): Shares {
  const routed = (wanted: RehearsedRoute): Share =>
    wilsonShare(played.filter(({ route }) => route === wanted).length, played.length);
  const judged = played.map(({ comparison }) => comparisonAgreement(comparison));
  const known = judged.filter((agreement) => agreement !== "unknown");
  const acting = played.filter(({ comparison }) => comparison.sameAction !== null);
  const wrong = acting.filter(({ comparison }) => comparison.wrongActions.length > 0);
  return {
    alone: routed("alone"),
    with_person: routed("with_person"),
    not_at_all: routed("not_at_all"),
    wrong: wilsonShare(known.filter((agreement) => agreement === "wrong").length, known.length),
    wrong_actions: wilsonShare(wrong.length, acting.length),
  };
}

/** How far a share may lie from its forecast, in percentage points. */
export const POINTS_MAX = 5;

/** One share in both halves. */
export interface CheckedShare {
  readonly name: ForecastShare;
  /** In percent. */
  readonly forecast: number;
  readonly simulated: number;
  /** Simulated minus forecast, in percentage points. */
  readonly points: number;
  readonly isWithin: boolean;
}

/** Compares the halves. A half in which nothing was counted holds no forecast, so that it never lies within. */
export function checkForecast(forecast: Shares, simulated: Shares): readonly CheckedShare[] {
  return FORECAST_SHARES.map((name) => {
    const [before, after] = [percentOf(forecast[name]), percentOf(simulated[name])];
    const points = after - before;
    const isCounted = forecast[name].of > 0 && simulated[name].of > 0;
    return {
      name,
      forecast: rounded(before),
      simulated: rounded(after),
      points: rounded(points),
      isWithin: isCounted && Math.abs(points) <= POINTS_MAX + ROUNDING,
    };
  });
}

/** What binary fractions of a percent may be off by. */
const ROUNDING = 1e-9;

function percentOf({ count, of }: Share): number {
  return of === 0 ? 0 : (100 * count) / of;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
