/**
 * Room: The ledger of outward effects, and what governs them: limits, pause, recovery, dead letters.
 * In: planned actions with the decision behind them, results of targets, pauses, limits.
 * Out: effects in their states, keys newly intended, usage and counts.
 * May touch: the database only, inside the caller's transaction; calls no target.
 * This file: the effect row and its state changes.
 */
import {
  and,
  type PgColumn,
  desc,
  eq,
  gte,
  inArray,
  isNotNull,
  isNull,
  notInArray,
  or,
  type SQL,
  sql,
} from "#store/db/drizzle.ts";
import { z } from "zod";
import type { Action, EffectState } from "#core/values/action.ts";
import { ask, firstRow, type Reader, type Transaction } from "#store/db/database.ts";
import { having, jsonRow } from "#store/db/statement.ts";
import { effect } from "#store/db/schema.ts";
import { ledgerOn, moveValues, type Move } from "#gate/kernel/ledger.ts";
import { storableJson } from "#gate/kernel/storable-text.ts";
import { releaseReservations } from "./usage.ts";

/** One row of the ledger: an outward effect under its key. */
export type Effect = Omit<
  typeof effect.$inferSelect,
  "action" | "requestDigest" | "fence" | "createdAt" | "clearedAt" | "lookedUpAt" | "heldAt"
> & { readonly action: Action };

/** The effect of a row whose texts are still kept. */
export function effectIn<Row extends typeof effect.$inferSelect>({ action, ...row }: Row) {
  if (action === null) throw new Error(`the texts of the effect ${row.key} are not kept any more`);
  return { ...row, action };
}

/** The effects that fit a condition, in an order. */
export async function effectsWhere(
  transaction: Transaction,
  condition: SQL | undefined,
  ...order: readonly (SQL | PgColumn)[]
): Promise<readonly Effect[]> {
  const rows = await transaction
    .select()
    .from(effect)
    .where(condition)
    .orderBy(...order);
  return rows.map(effectIn);
}

export function effectByKey(transaction: Transaction, key: string): Promise<Effect | null> {
  return firstRow(effectsWhere(transaction, eq(effect.key, key)));
}

/** All actions decided together, in order. */
export function bundleEffects(reader: Reader, bundle: string): Promise<readonly Effect[]> {
  return ask(reader, BUNDLE, [bundle]);
}

/** An effect where a statement gives its row as JSON. */
export const StoredEffect = jsonRow(effect).transform(effectIn);

const EFFECT_ROW = z.object({ effect: StoredEffect }).transform((row) => row.effect);

/** The statements of the ledger, over the product's own table. */
export const LEDGER = ledgerOn({
  table: "effect",
  prefix: "",
  own: ["conversation_id", "turn_id", "target", "operation"],
  emptied: ["cleared_at"],
  row: EFFECT_ROW,
});

const BUNDLE = {
  name: "bundle_effects",
  text: "select to_json(e) as effect from effect e where e.bundle = $1 order by e.position",
  row: EFFECT_ROW,
} as const;

/** From `intended` to `executing`, if it is still intended and due; otherwise null. */
export async function beginEffect(
  transaction: Transaction,
  key: string,
  options: { readonly fence: number; readonly now: Date },
): Promise<Effect | null> {
  const [begun] = await ask(transaction, LEDGER.begin, [key, options.fence, options.now]);
  return begun ?? null;
}

/** The states that are not final. */
const OPEN: readonly EffectState[] = ["intended", "executing", "unknown"];

/** Settles an effect, returns it for a later try, or lets it wait. Final states never change; false where it moved on. */
export async function moveEffect(
  transaction: Transaction,
  key: string,
  {
    now,
    from = OPEN,
    ...to
  }: Move & { readonly now: Date; readonly from?: readonly EffectState[] },
): Promise<boolean> {
  return (await ask(transaction, LEDGER.move, moveValues(key, from, to, now))).length > 0;
}

/** Its turn at its target is at this moment: until then nothing wakes its conversation for it. */
export async function scheduleEffect(
  transaction: Transaction,
  key: string,
  turnAt: Date,
): Promise<void> {
  await transaction
    .update(effect)
    .set({ notBefore: turnAt })
    .where(having(effect, { key, state: "intended" }));
}

/** A pause holds this effect: until the pause ends (`releaseHeld`), it causes no wake of its conversation. */
export async function markHeld(transaction: Transaction, key: string, now: Date): Promise<void> {
  await transaction.update(effect).set({ heldAt: now }).where(eq(effect.key, key));
}

/** A pause ended: what it held is checked again. What another pause still holds is then marked again. */
export async function releaseHeld(transaction: Transaction): Promise<void> {
  await transaction.update(effect).set({ heldAt: null }).where(isNotNull(effect.heldAt));
}

/** The effects stored under these keys, with their time of creation. */
export function effectsUnder(reader: Reader, keys: readonly string[]) {
  return ask(reader, UNDER, [storableJson(keys)]);
}

const UNDER = {
  name: "effects_under",
  text: "select to_json(e) as effect from effect e where e.key in (select json_array_elements_text($1::json))",
  row: EFFECT_ROW,
} as const;

/** All effects that have begun without a known result, in all conversations, oldest first. */
export function effectsInFlight(transaction: Transaction): Promise<readonly Effect[]> {
  const { createdAt, position, state } = effect;
  return effectsWhere(transaction, eq(state, "executing"), createdAt, position);
}

/** What is done for these customers now or as soon as it can be undone no more; not what a pause or an outage holds back. */
export function effectsUnderWay(
  transaction: Transaction,
  conversationIds: readonly string[],
): Promise<readonly Effect[]> {
  const { approvalId, operation, state, heldAt, awaySince, createdAt, position } = effect;
  const isComing = and(eq(state, "intended"), isNull(heldAt), isNull(awaySince));
  const condition = and(
    inArray(effect.conversationId, [...conversationIds]),
    or(isNotNull(approvalId), eq(operation, "reply")),
    notInArray(operation, FOR_THE_TEAM),
    or(eq(state, "executing"), isComing),
  );
  return effectsWhere(transaction, condition, createdAt, position);
}

/** Operations that no customer sees. */
export const FOR_THE_TEAM = ["alert", "assign", "create_ticket", "note", "notice"];

/** All effects of one card, in order. */
export function effectsOfApproval(
  transaction: Transaction,
  approvalId: string,
): Promise<readonly Effect[]> {
  const { createdAt, position } = effect;
  return effectsWhere(transaction, eq(effect.approvalId, approvalId), createdAt, position);
}

/** Withdraws what is intended and has not begun, as far as it fits a condition, and frees its limits. Gives the keys. */
export async function withdrawWhere(
  transaction: Transaction,
  condition: SQL | undefined,
  reason: string,
  now: Date,
): Promise<readonly string[]> {
  const rows = await transaction
    .update(effect)
    .set({ state: "withdrawn", error: reason, finishedAt: now })
    .where(and(condition, eq(effect.state, "intended")))
    .returning({ key: effect.key });
  const keys = rows.map((row) => row.key);
  await releaseReservations(transaction, keys);
  return keys;
}

/** The same for all of a bundle or for one effect. */
export function withdraw(
  transaction: Transaction,
  which: { readonly bundle: string } | { readonly key: string },
  reason: string,
  now: Date,
): Promise<readonly string[]> {
  const condition = "bundle" in which ? eq(effect.bundle, which.bundle) : eq(effect.key, which.key);
  return withdrawWhere(transaction, condition, reason, now);
}

/** Withdraws all of these that still stand; false where one has begun, and then the transaction has to end. */
export async function withdrawAll(
  transaction: Transaction,
  effects: readonly Effect[],
  reason: string,
  now: Date,
): Promise<boolean> {
  const keys = effects.flatMap(({ key, state }) => (state === "withdrawn" ? [] : [key]));
  const withdrawn = await withdrawWhere(transaction, inArray(effect.key, keys), reason, now);
  return withdrawn.length === keys.length;
}

/** Texts to the customer that were intended since a moment, sent or still to be sent, oldest first. */
export function repliesSince(
  transaction: Transaction,
  conversationId: string,
  since: Date,
): Promise<readonly Effect[]> {
  const condition = and(
    having(effect, { conversationId, operation: "reply" }),
    inArray(effect.state, ["intended", "executing", "done"]),
    gte(effect.createdAt, since),
  );
  return effectsWhere(transaction, condition, effect.createdAt, effect.position);
}

/** The effects of a conversation whose keys begin like this, newest first. */
export function effectsUnderPrefix(
  transaction: Transaction,
  conversationId: string,
  prefix: string,
): Promise<readonly Effect[]> {
  const begins = sql`starts_with(${effect.key}, ${prefix})`;
  const condition = and(eq(effect.conversationId, conversationId), begins);
  return effectsWhere(transaction, condition, desc(effect.createdAt));
}
