/** Erases a person's address from one-time codes. */
import { and, eq, inArray, sql, type SQL } from "#store/db/drizzle.ts";
import { z } from "zod";
import { ERASED } from "#core/values/message.ts";
import { clearEffects } from "./clear-rows.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import type { PersonName } from "#store/people/person-names.ts";
import { releaseReservations } from "#store/effects/policy-limits.ts";
import { ROWS } from "./replace-names.ts";
import { challenge, effect } from "#store/db/schema.ts";

/**
 * One-time codes requested with a person's address. The requester need not have been that person, so these rows may be
 * in conversations that contain nothing else of theirs.
 */
const CodeTraces = z.object({ codes: z.coerce.number() });

/** How many rows contain one of these addresses. */
export async function codeTraces(
  transaction: Transaction,
  names: readonly PersonName[],
): Promise<number> {
  const [row] = await rowsOf(
    transaction,
    CodeTraces,
    sql`select (select count(*) from challenge where ${wentTo(names)})
             + (select count(*) from effect where ${askedFor(names)}) as codes`,
  );
  if (row === undefined) throw new Error("a count gave no row");
  return row.codes;
}

/** What is left to do after a batch. */
export interface CodesErased {
  readonly more: boolean;
  /** Conversations in which a code is being sent at this moment. */
  readonly busy: readonly string[];
}

/**
 * Erases the address from codes, in batches: codes not sent yet are withdrawn, and open ones become invalid. The rows
 * stay, because codes count against limits for a day.
 */
export async function eraseCodes(
  transaction: Transaction,
  names: readonly PersonName[],
  now: Date,
): Promise<CodesErased> {
  await transaction
    .update(challenge)
    .set({
      emailOnFile: null,
      state: sql`case when ${challenge.state} = 'open' then 'dead' else ${challenge.state} end`,
    })
    .where(wentTo(names));
  const withdrawn = await transaction
    .update(effect)
    .set({ state: "withdrawn", error: ERASED, finishedAt: now })
    .where(and(askedFor(names), eq(effect.state, "intended")))
    .returning({ key: effect.key });
  const keys = withdrawn.map(({ key }) => key);
  if (keys.length > 0) await releaseReservations(transaction, keys);
  const which = and(askedFor(names), sql`${effect.state} <> 'executing'`);
  const cleared = await clearEffects(transaction, { which, limit: ROWS, now });
  const under = await transaction
    .selectDistinct({ id: effect.conversationId })
    .from(effect)
    .where(and(askedFor(names), eq(effect.state, "executing")));
  return { more: cleared === ROWS, busy: under.map(({ id }) => id) };
}

function addressesIn(names: readonly PersonName[]): readonly string[] {
  return names.filter(({ kind }) => kind === "email").map(({ value }) => value.toLowerCase());
}

function wentTo(names: readonly PersonName[]): SQL {
  const addresses = addressesIn(names);
  return addresses.length === 0
    ? sql`false`
    : inArray(sql`lower(${challenge.emailOnFile})`, [...addresses]);
}

function askedFor(names: readonly PersonName[]): SQL {
  const addresses = addressesIn(names);
  if (addresses.length === 0) return sql`false`;
  const address = sql`lower(${effect.action} -> 'arguments' ->> 'address')`;
  return sql`(${effect.operation} = 'send_code' and ${inArray(address, [...addresses])})`;
}
