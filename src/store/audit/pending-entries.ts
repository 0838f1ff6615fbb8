/** The end of the audit's hash chain, and entries that get their place in it a moment later, all that wait at once. */
import { z } from "zod";
import { chainOn, FIRST_HASH, sealEntries, type ChainEntry } from "#gate/kernel/chain.ts";
import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";
import { ask, type Store, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { auditPending } from "#store/db/schema.ts";
import { storedSetting } from "#store/db/settings.ts";

/** One entry: ids and digests only, never personal text. */
export type AuditEntry = Readonly<ChainEntry> &
  ({ readonly kind: CardEventKind } | { readonly data: { readonly approval?: never } });

/** What happens to a card, whose entries name it: each kind has its words where a card is explained. */
export type CardEventKind =
  | "asked"
  | "vote"
  | "edited"
  | "hinted"
  | "redo"
  | "not_redone"
  | "claimed"
  | "released"
  | "claim_lapsed"
  | "opinion"
  | "case_changed"
  | "refused"
  | "intended"
  | "sent_by_hand"
  | "expired"
  | "void";

/** The end of the chain is stored apart from it, so that missing entries at the end are detected. */
export const HEAD = storedSetting("audit.head", z.string());

/** The hash of the last entry in the chain. */
export async function chainHead(transaction: Transaction): Promise<string> {
  return (await HEAD.read(transaction)) ?? FIRST_HASH;
}

/** Every entry, with its place in the chain where it has one, for queries that must not miss the newest ones. */
export const ALL_ENTRIES = sql`(
  select seq, at, kind, data from audit union all select null, at, kind, data from audit_pending) entry`;

/** The statements over the audit. */
export const CHAIN = chainOn({
  audit: "audit",
  pending: "audit_pending",
  setting: "setting",
  headName: HEAD.name,
  lock: ADVISORY_LOCKS.audit,
  prefix: "",
});

/**
 * Puts the entries that wait into the chain, in the order they were written as far as that is known. Returns how many;
 * null when another process is at it or appends to the chain just now.
 */
export function sealAudit(store: Pick<Store, "run">): Promise<number | null> {
  return store.run((transaction) =>
    sealEntries((statement, values) => ask(transaction, statement, values), CHAIN),
  );
}

/** How many entries have no place in the chain yet. */
export function entriesWaiting(transaction: Transaction): Promise<number> {
  return transaction.$count(auditPending);
}
