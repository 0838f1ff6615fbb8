/** Names the failures of the database: a trouble that passes, or a statement it refused. */
import { DeskhandError, errorCode } from "#core/values/errors.ts";
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
      throw new DeskhandError("store.unavailable", databaseSentence(error), { cause: error });
    if (error instanceof Error && "params" in error && error.cause instanceof Error)
      throw new RefusedStatement(`the database refused a statement: ${error.cause.message}`, {
        cause: error.cause,
      });
    throw error;
  }
}

/**
 * Node's socket errors, and SQLSTATEs (PostgreSQL's appendix A) that are not about the statement: class 08
 * (connection), class 53 (disk full, out of memory, too many connections), 57P0x (shutdown), 25006 (read-only, as a
 * standby is), and our own time limits: 25P03 (idle in a transaction), 55P03 (lock), 57014 (statement).
 */
const TROUBLE_CODES =
  /^(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOSPC|08|53|57P0|25006|25P03|55P03|57014)/;

/** The same where the driver has no code: the pool is full, a time limit is over, the socket is gone. */
const TROUBLE_WORDS =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|encountered a connection error and is not queryable/i;

export function isDatabaseTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (TROUBLE_CODES.test(errorCode(error)) || TROUBLE_WORDS.test(error.message)) return true;
  return error.cause !== undefined && isDatabaseTrouble(error.cause);
}

/** What a person can do something about, by SQLSTATE (PostgreSQL's appendix A) or the system's own code. */
const SENTENCES: readonly (readonly [codes: RegExp, happened: string, remedy: string])[] = [
  [
    /^25006$/,
    "the database is read-only",
    "Let it take writes again, or name the primary in DATABASE_URL.",
  ],
  [/^(?:53100|ENOSPC)$/, "the database's disk is full", "Make room on it."],
  [
    /^53300$/,
    "the database has no connection left",
    "End clients that need none, or raise max_connections.",
  ],
  [/^53200$/, "the database has no memory left", "Give it more, or end what uses it."],
  [
    /^(?:55P03|57014|25P03)$/,
    "the database took too long",
    "Look in pg_stat_activity for what holds locks.",
  ],
];

const UNREACHED = [
  null,
  "the database cannot be reached",
  "Start it, or check DATABASE_URL and the network.",
] as const;

/** How much of the driver's words is repeated, in characters; about these failures they hold none of a customer's. */
const WORDS_MAX = 120;

const KEPT = "What was accepted is kept, and senders are asked to send the rest again.";

/** What happened to the database, what was kept and what to do, for the log and for health. */
export function databaseSentence(error: unknown): string {
  const chain: Error[] = [];
  for (let one = error; one instanceof Error; one = one.cause) chain.push(one);
  const found = SENTENCES.find(([codes]) => chain.some((one) => codes.test(errorCode(one))));
  const [, happened, remedy] = found ?? UNREACHED;
  // The innermost error is the driver's; the query builder's around it repeats the parameters.
  const words = chain.at(-1)?.message.slice(0, WORDS_MAX) ?? "";
  return `${happened}${words === "" ? "" : ` (${words})`}. ${KEPT} ${remedy}`;
}
