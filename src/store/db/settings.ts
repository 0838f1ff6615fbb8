/** Settings, poller positions and vendors' tokens that outlive the process. */

import { type SQL, sql } from "./drizzle.ts";
import { z } from "zod";
import { storable } from "#gate/kernel/storable-text.ts";
import type { Json } from "#core/values/canonical-json.ts";
import {
  SPAM_CURSOR,
  type Cursors,
  type DutyLease,
  type TokenVault,
} from "#core/contracts/ports.ts";
import {
  ask,
  firstRow,
  type Reader,
  type Store,
  type Transaction,
  rowsOf,
  valuesOf,
} from "./database.ts";
import { existingTables, lostDuty, onDuty } from "./duty-leases.ts";
import { persisted } from "./versioned-documents.ts";
import { position, setting } from "./schema.ts";

const READ_SETTING = {
  name: "read_setting",
  text: "select value from setting where name = $1",
  row: z.object({ value: z.unknown() }),
} as const;

/** A stored switch or secret, such as the pause; null when it was never set. */
export async function readSetting<Shape extends z.ZodType>(
  reader: Reader,
  name: string,
  shape: Shape,
): Promise<z.output<Shape> | null> {
  const [row] = await ask(reader, READ_SETTING, [name]);
  return row === undefined ? null : decoded(name, shape, row.value);
}

/** A setting of one shape. One that needs another shape gets another name, so that both versions find theirs. */
export function storedSetting<Shape extends z.ZodType<Json>>(name: string, shape: Shape) {
  return {
    name,
    /** Its value from what is stored, for statements that read it beside other rows; null where nothing is. */
    from: (stored: unknown): z.output<Shape> | null =>
      stored === null || stored === undefined ? null : decoded(name, shape, stored),
    read: (reader: Reader) => readSetting(reader, name, shape),
    write: (transaction: Transaction, value: z.output<Shape>) =>
      writeSetting(transaction, name, value),
  };
}

function decoded<Shape extends z.ZodType>(
  name: string,
  shape: Shape,
  stored: unknown,
): z.output<Shape> {
  return persisted({ name: `setting ${name}`, schema: shape }).decode(stored);
}

export async function writeSetting(
  transaction: Transaction,
  name: string,
  value: Json,
): Promise<void> {
  await transaction
    .insert(setting)
    .values({ name, value })
    .onConflictDoUpdate({ target: setting.name, set: { value } });
}

/** Writes a setting only if it does not exist yet. */
export async function writeSettingOnce(
  transaction: Transaction,
  name: string,
  value: Json,
): Promise<void> {
  await transaction.insert(setting).values({ name, value }).onConflictDoNothing();
}

const READ_POSITION = {
  name: "read_position",
  text: "select value from position where name = $1",
  row: z.object({ value: z.string() }),
} as const;

const WRITE_POSITION = {
  name: "write_position",
  text: `
with ${onDuty("$3", "$4")}
insert into position (name, value) select $1, $2 from on_duty
on conflict (name) do update set value = excluded.value returning name`,
  row: z.object({ name: z.string() }),
} as const;

/** Gives the row also where it is another's. Those of several mails are locked in one order. */
const CLAIM_POSITIONS = {
  name: "claim_positions",
  text: `
insert into position (name, value)
select key, value from json_each_text($1::json) order by key
on conflict (name) do update set name = excluded.name returning name, value`,
  row: z.object({ name: z.string(), value: z.string() }),
} as const;

/** Throws `store.fenced`, and writes nothing, when the duty was taken or released since; null is the only process. */
export async function writePosition(
  reader: Reader,
  { name, value }: { readonly name: string; readonly value: string },
  lease: DutyLease | null,
): Promise<void> {
  const values = [name, value, lease?.name ?? null, lease?.generation ?? null];
  const written = await ask(reader, WRITE_POSITION, values);
  if (written.length === 0) throw lostDuty(lease);
}

/** The port through which pollers store their positions. */
export function storedCursors(store: Store): Cursors {
  return {
    read: async (name) => (await ask(store, READ_POSITION, [name]))[0]?.value ?? null,
    write: (name, value, lease = null) => writePosition(store, { name, value }, lease),
  };
}

/** Writes only where nothing is yet. False when something else is there, which is in the map then. */
export async function claimPositions(
  reader: Reader,
  positions: Map<string, string>,
): Promise<boolean> {
  if (positions.size === 0) return true;
  const held = await ask(reader, CLAIM_POSITIONS, [JSON.stringify(Object.fromEntries(positions))]);
  const taken = held.filter(({ name, value }) => positions.get(name) !== value);
  for (const { name, value } of taken) positions.set(name, value);
  return taken.length === 0;
}

/** How many mails lie in the Spam folders of the inboxes that were looked at since then. */
export async function mailsInSpam(transaction: Transaction, since: Date): Promise<number> {
  const named = sql`starts_with(${position.name}, ${SPAM_CURSOR})`;
  const rows = await transaction.select().from(position).where(named);
  const seen = rows.map(({ value }) => value.split(" "));
  return seen
    .filter(([at = ""]) => at >= since.toISOString())
    .reduce((sum, [, mails = "0"]) => sum + Number(mails), 0);
}

const KeptRow = z.object({ value: z.string().nullable(), generation: z.coerce.number() });

/** The vault in the database, so that all processes find the same token. Each call is its own transaction. */
export function storedTokenVault(store: Store): TokenVault {
  const change = async (name: string, generation: number, set: SQL): Promise<boolean> => {
    const changed = sql`update token_vault set ${set} where name = ${name} and generation = ${generation} returning name`;
    return (await valuesOf(store, z.string(), changed)).length === 1;
  };
  return {
    async read(name) {
      const query = sql`select value, generation from token_vault where name = ${name}`;
      return (await rowsOf(store, KeptRow, query))[0] ?? { value: null, generation: 0 };
    },
    claim(name, holdMs) {
      const until = sql`now() + ${holdMs} * interval '1 millisecond'`;
      const claimed = sql`insert into token_vault (name, claimed_until) values (${name}, ${until})
        on conflict (name) do update set claimed_until = excluded.claimed_until
          where token_vault.claimed_until is null or token_vault.claimed_until < now()
        returning value, generation`;
      return firstRow(rowsOf(store, KeptRow, claimed));
    },
    put: (name, generation, value) =>
      change(
        name,
        generation,
        sql`value = ${storable(value)}, generation = generation + 1, claimed_until = null`,
      ),
    release: async (name, generation) =>
      void (await change(name, generation, sql`claimed_until = null`)),
  };
}

const VaultRow = KeptRow.extend({ name: z.string() });

/** All tokens in the vault, before the database is replaced; none where it has no vault yet. */
export async function keptTokens(
  transaction: Transaction,
): Promise<readonly z.infer<typeof VaultRow>[]> {
  if (!(await existingTables(transaction)).includes("token_vault")) return [];
  return rowsOf(transaction, VaultRow, sql`select name, value, generation from token_vault`);
}

/**
 * Puts tokens into the vault. Of two of one name, one that was renewed more often is the one that is not spent; that is
 * known of one chain alone, so that those of a later installation count `always`.
 */
export async function keepTokens(
  transaction: Transaction,
  tokens: Awaited<ReturnType<typeof keptTokens>>,
  always: boolean,
): Promise<void> {
  for (const { name, value, generation } of tokens)
    await transaction.execute(
      sql`insert into token_vault (name, value, generation) values (${name}, ${value}, ${generation})
          on conflict (name) do update set value = excluded.value, generation = excluded.generation
          where ${always} or token_vault.generation < excluded.generation`,
    );
}
