/** A limit had no room any more, or the same effect is under way elsewhere: the turn has to be thought again. */
export class StaleTurnError extends Error {
  override readonly name = "Overtaken";
}
