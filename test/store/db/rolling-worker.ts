/**
 * A process of today's code: migrates from the folder it is given, then does what a worker does, round after round, and
 * tells how far it has come. Arguments: database, data folder, folder of migrations.
 */
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import type { Message } from "#core/values/message.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { loadConversation, refreshRevision } from "#store/conversations/conversations.ts";
import { addMessages, conversationMessages } from "#store/conversations/messages.ts";
import { openStore, type Store, type Transaction } from "#store/db/database.ts";
import { acceptHints } from "#store/inbox/accept-hints.ts";
import { claimLease, releaseLease } from "#store/conversations/lease.ts";
import { intend } from "#store/effects/intend.ts";
import { beginEffect, bundleEffects, moveEffect } from "#store/effects/ledger.ts";
import { migrate } from "#store/db/migrate.ts";
import { writeSetting } from "#store/db/settings.ts";
import { markRead, unreadHints } from "#test/support/stored-rows.ts";

const [databaseUrl, folder, migrations] = z
  .tuple([z.string(), z.string(), z.string()])
  .parse(process.argv.slice(2));
const NOW = new Date("2026-03-01T10:00:00.000Z");

function tell(said: Readonly<Record<string, unknown>>): void {
  process.send?.(said);
}

function messageOf(key: string): Message {
  return {
    key,
    author: { kind: "requester", id: "email:ann@customer.test", name: "Ann" },
    visibility: "public",
    subject: "",
    text: `text of ${key}`,
    segments: [],
    attachments: [],
    sentAt: NOW.toISOString(),
    identity: { level: 0, method: "none", reason: "no identity", handle: { kind: "none" } },
    answerTo: null,
    answerPrivatelyTo: null,
    ignore: null,
  };
}

/** From a delivery to a settled effect, as far as the database has to do with it. */
async function round(run: Store["run"], id: string): Promise<void> {
  const conversationId = await run((transaction) => takenIn(transaction, id));
  const lease = await run((transaction) =>
    claimLease(transaction, { conversationId, owner: id, leaseMs: 60_000 }),
  );
  if (lease === null) throw new Error("the lease of a new conversation is free");
  await run(async (transaction) => {
    const hints = await unreadHints(transaction, conversationId, 10);
    await addMessages(transaction, conversationId, [messageOf(id)], NOW);
    await markRead(
      transaction,
      hints.map((hint) => hint.id),
    );
    await refreshRevision(transaction, conversationId);
    await intend(transaction, [plannedOf(id)], intentionOf(conversationId, id));
    await appendAudit(transaction, { kind: "intended", data: { key: id } }, NOW);
  });
  const begun = await run((transaction) =>
    beginEffect(transaction, id, { fence: lease.fence, now: NOW }),
  );
  await run((transaction) => moveEffect(transaction, id, { state: "done", ref: "r", now: NOW }));
  await run((transaction) => releaseLease(transaction, lease));
  const [effect] = await run((transaction) => bundleEffects(transaction, id));
  const stored = await run((transaction) => conversationMessages(transaction, conversationId));
  const state = await run((transaction) => loadConversation(transaction, conversationId));
  await run((transaction) => writeSetting(transaction, `worker ${process.pid}`, { id }));
  if (!begun || effect?.state !== "done" || stored.length !== 1 || state?.revision === "")
    throw new Error(`round ${id} did not come to its end`);
}

async function takenIn(transaction: Transaction, id: string): Promise<string> {
  const [taken] = await acceptHints(
    transaction,
    [
      {
        channel: "email",
        eventId: id,
        conversationKeys: [`key ${id}`],
        kind: "message",
        data: {},
        keepBody: false,
      },
    ],
    { bodyRef: null, receivedAt: NOW, ids: { next: (prefix) => `${prefix} ${id}` } },
  );
  return taken?.conversationId ?? "";
}

function plannedOf(key: string): Parameters<typeof intend>[1][number] {
  return {
    key,
    action: { target: "shop", operation: "reset_password", arguments: { customerId: "u123" } },
    label: "Reset the password",
    facts: [],
  };
}

function intentionOf(conversationId: string, bundle: string): Parameters<typeof intend>[2] {
  return {
    conversationId,
    approvalId: null,
    turnId: null,
    bundle,
    revision: null,
    approvedBy: "policy",
    notBefore: NOW,
    now: NOW,
  };
}

/** A transaction that conflicted with another is repeated, as a wake would be. */
function patient(store: Store): Store["run"] {
  return async (work, ...given) => {
    for (;;)
      try {
        return await store.run(work, ...given);
      } catch (error) {
        if (!(error instanceof Error && /deadlock detected/.test(error.message))) throw error;
      }
  };
}

const store = await openStore({
  databaseUrl,
  folder,
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
});
let [rounds, stopped] = [0, false];
process.on("disconnect", () => (stopped = true));
process.on("message", () => (stopped = true));
try {
  const { applied } = await migrate(store, migrations);
  tell({ kind: "migrated", applied });
  while (!stopped) {
    await round(patient(store), `${process.pid}-${rounds}`);
    rounds += 1;
    tell({ kind: "rounds", rounds });
  }
} catch (error) {
  const code = error instanceof DeskhandError ? error.code : "";
  tell({ kind: "failed", code, reason: error instanceof Error ? error.message : "" });
}
await store.close();
process.disconnect?.();
