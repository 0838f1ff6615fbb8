/** Names the failures of the database: a trouble that passes, or a statement it refused. */
import { DeskhandError } from "#core/values/errors.ts";
import { RefusedStatement } from "#core/values/thrown.ts";

/**
 * Gives a temporary failure the one name that tells sources to retry. A refused statement is reported without its
 * parameters, which the query builder puts into its message: they are people's text, and errors end in logs.
 */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isDatabaseTrouble(error))
      throw new DeskhandError("store.unavailable", "the database cannot be reached", {
        cause: error,
      });
    if (error instanceof Error && "params" in error && error.cause instanceof Error)
      throw new RefusedStatement(`the database refused a statement: ${error.cause.message}`, {
        cause: error.cause,
      });
    throw error;
  }
}

/**
 * Node's socket errors, and SQLSTATEs (PostgreSQL's appendix A) that are not about the statement: class 08
 * (connection), class 53 (disk full, out of memory, too many connections), 57P0x (shutdown), and our own time limits:
 * 25P03 (idle in a transaction), 55P03 (lock), 57014 (statement).
 */
const TROUBLE_CODES =
  /^(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOSPC|08|53|57P0|25P03|55P03|57014)/;

/** The same where the driver has no code: the pool is full, a time limit is over, the socket is gone. */
const TROUBLE_WORDS =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|encountered a connection error and is not queryable/i;

export function isDatabaseTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (TROUBLE_CODES.test(code) || TROUBLE_WORDS.test(error.message)) return true;
  return error.cause !== undefined && isDatabaseTrouble(error.cause);
}
