/** The token vault in the database. */
import { and, eq, sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import type { TokenVault } from "#core/contracts/ports.ts";
import { rowsOf, type Store } from "#store/db/database.ts";
import { tokenVault } from "#store/db/schema.ts";

const KeptRow = z.object({ value: z.string().nullable(), generation: z.coerce.number() });

/** The vault in the database, so that all processes find the same token. Each call is its own transaction. */
export function storedTokenVault(store: Store): TokenVault {
  const atGeneration = (name: string, generation: number) =>
    and(eq(tokenVault.name, name), eq(tokenVault.generation, generation));
  return {
    read: (name) =>
      store.run(async (transaction) => {
        const [row] = await transaction.select().from(tokenVault).where(eq(tokenVault.name, name));
        return { value: row?.value ?? null, generation: row?.generation ?? 0 };
      }),
    async claim(name, holdMs) {
      const until = sql`now() + ${holdMs} * interval '1 millisecond'`;
      const [row] = await rowsOf(
        store,
        KeptRow,
        sql`insert into token_vault (name, claimed_until) values (${name}, ${until})
            on conflict (name) do update set claimed_until = excluded.claimed_until
              where token_vault.claimed_until is null or token_vault.claimed_until < now()
            returning value, generation`,
      );
      return row ?? null;
    },
    put: (name, generation, value) =>
      store.run(async (transaction) => {
        const put = await transaction
          .update(tokenVault)
          .set({ value, generation: generation + 1, claimedUntil: null })
          .where(atGeneration(name, generation))
          .returning({ name: tokenVault.name });
        return put.length === 1;
      }),
    release: (name, generation) =>
      store.run(async (transaction) => {
        await transaction
          .update(tokenVault)
          .set({ claimedUntil: null })
          .where(atGeneration(name, generation));
      }),
  };
}
