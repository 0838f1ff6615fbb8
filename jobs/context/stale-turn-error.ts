/** The error that makes a turn start again. */

/** A limit is used up, or the same effect is under way elsewhere: the turn is stale and must be planned again. */
export class StaleTurnError extends Error {
  override readonly name = "Overtaken";
  /** True when nothing has to be waited for before it is planned again. */
  readonly atOnce: boolean = false;
}
