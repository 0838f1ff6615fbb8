/**
 * What was answered to programs, by their token and the key they gave the request: the same request sent again is the
 * same one, whichever process it reaches (draft-ietf-httpapi-idempotency-key-header-07).
 */
import { randomBytes } from "node:crypto";
import type { Transaction } from "#store/db/database.ts";
import { and, eq, isNull, lt } from "#store/db/drizzle.ts";
import { apiAnswer } from "#store/db/schema.ts";
import { DAY_MS } from "#core/values/moment.ts";

/** A key is known this long. */
const KEPT_MS = DAY_MS;

/** A request that began longer ago and has no answer was cut off, and another one may go on with it. */
const CUT_OFF_MS = 2 * 60_000;

/** One request: of which token, under which key, and a digest of what it says. */
export interface KeyedRequest {
  readonly tokenId: string;
  readonly key: string;
  readonly content: string;
}

/**
 * How a request stands: `begun` is the caller's to carry out, under names made from `seed`, which stay the same when it
 * `isAgain` begun after it was cut off; `answered` was carried out; `under_way` is carried out now; `other` is a key
 * that was used for something else.
 */
export type Standing =
  | { readonly kind: "begun"; readonly seed: string; readonly isAgain: boolean }
  | { readonly kind: "answered"; readonly status: number; readonly body: string }
  | { readonly kind: "under_way" }
  | { readonly kind: "other" };

/** Begins a request, or says what became of the first one with its key. */
export async function beginRequest(
  transaction: Transaction,
  { tokenId, key, content }: KeyedRequest,
  now: Date,
): Promise<Standing> {
  await transaction.delete(apiAnswer).where(lt(apiAnswer.at, new Date(now.getTime() - KEPT_MS)));
  const seed = randomBytes(24).toString("base64url");
  const inserted = await transaction
    .insert(apiAnswer)
    .values({ tokenId, key, content, seed, at: now })
    .onConflictDoNothing()
    .returning({ key: apiAnswer.key });
  if (inserted.length === 1) return { kind: "begun", seed, isAgain: false };
  const [first] = await transaction
    .select()
    .from(apiAnswer)
    .where(named({ tokenId, key }))
    .for("update");
  if (first === undefined) return { kind: "under_way" };
  if (first.content !== content) return { kind: "other" };
  if (first.status !== null)
    return { kind: "answered", status: first.status, body: first.body ?? "" };
  if (first.at.getTime() > now.getTime() - CUT_OFF_MS) return { kind: "under_way" };
  await transaction.update(apiAnswer).set({ at: now }).where(named(first));
  return { kind: "begun", seed: first.seed, isAgain: true };
}

/** Keeps the answer for the day that its key is known. */
export async function keepApiAnswer(
  transaction: Transaction,
  request: KeyedRequest,
  { status, body }: { readonly status: number; readonly body: string },
): Promise<void> {
  await transaction.update(apiAnswer).set({ status, body }).where(named(request));
}

/** Nothing was done: the same key may be sent again. */
export async function dropRequest(transaction: Transaction, request: KeyedRequest): Promise<void> {
  await transaction.delete(apiAnswer).where(and(named(request), isNull(apiAnswer.status)));
}

function named({ tokenId, key }: Pick<KeyedRequest, "tokenId" | "key">) {
  return and(eq(apiAnswer.tokenId, tokenId), eq(apiAnswer.key, key));
}
