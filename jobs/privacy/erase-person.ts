/**
 * Room: removes personal data: a person on request, old data after its retention time, names in eval cases.
 * In: names of a person from an operator; the retention times of the configuration; an eval candidate.
 * Out: rows and files without the person or the old content; an audit entry with counts only.
 * May touch: the database and the stored files; no vendor.
 * This file: the erasure of a person, what it needs besides the database, and the list of erasures as a file.
 */

import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { jsonOrNull, keyedDigest } from "#core/values/canonical-json.ts";
import { acceptedKeys, currentKey, type Keys } from "#core/connection/signing-keys.ts";
import type { Ids } from "#core/contracts/ports.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { pendingUntil, voidUnreadable } from "#store/approvals/approvals.ts";
import type { Store } from "#store/db/database.ts";
import { auditKeyChanges } from "#store/db/installation-secrets.ts";
import {
  addressMentions,
  alertsAbout,
  codeTraces,
  endOpenWork,
  eraseCodes,
  workExtent,
} from "#store/privacy/end-open-work.ts";
import { eraseRehearsed, personTicketCount } from "#store/rehearsal/rehearsals.ts";
import { clearHints, forgetBodies, isFull } from "#store/privacy/clear-rows.ts";
import { stepsFor } from "#store/privacy/erase-conversation.ts";
import type { ErasureStep } from "#store/privacy/replace-names.ts";
import { forgetSubjects } from "#store/effects/usage.ts";
import {
  nameText,
  type PersonName,
  forgetPerson,
  valuesOfKinds,
} from "#store/people/person-names.ts";
import { claimLease, type Lease, releaseLease, requireLease } from "#store/conversations/lease.ts";
import { findPerson, type Person, type TraceLocation } from "#store/people/find-person.ts";
import {
  eraseTeammate,
  teammateHints,
  teammateTraces,
  listErasures,
  type ListedErasure,
} from "#store/privacy/erase-teammate.ts";
import { StaleTurnError } from "#jobs/context/job-context.ts";
import { voidErased } from "#jobs/approval/end-card.ts";
import type { BlobStorage } from "#store/blobs/storage.ts";
import type { RetentionPeriods } from "#store/privacy/retention.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** Shown briefly, until the card's text is removed. */
const VOID = "Void: this customer's data is being removed.";

/** Longer than any one conversation takes; released as soon as it is done. */
const LEASE_MS = 120_000;

/** More rows than any conversation has: a step that never ends is a bug and must be seen. */
const STEPS_MAX = 10_000;

/** What an erasure works with. */
export interface ErasureRequest extends Pick<JobContext, "store" | "blobs" | "clock" | "ids"> {
  /** The installation's secrets for pseudonyms. */
  readonly secret: Keys;
}

/** What is known of a person before anything is removed. */
export type PersonTraces = Awaited<ReturnType<typeof findPersonTraces>>;

/** Finds a person and counts what there is, all of it or `until` a moment. Changes nothing. */
export function findPersonTraces(
  { store }: Pick<ErasureRequest, "store">,
  asked: readonly PersonName[],
  until: Date | null = null,
) {
  return store.run(async (transaction) => {
    const person = await findPerson(transaction, asked, until);
    return {
      person,
      extent: await workExtent(transaction, person.places),
      teammate: await teammateTraces(transaction, person.names, until),
      /** Rows about one-time codes with the person's address, also those another person requested. */
      codes: await codeTraces(transaction, person.names, until),
      /** Past tickets of theirs that a rehearsal played. */
      rehearsed: await personTicketCount(transaction, person.names, until),
      /** Conversations of other people that mention the address; their text is theirs and stays. */
      mentions: await addressMentions(transaction, person),
      /** Alerts on the desk that name the person and that only the desk's owner can remove. */
      alerts: await alertsAbout(transaction, person.places),
    };
  });
}

/** True when there is nothing left to remove. */
export function isWithoutTraces({ person, teammate, codes, rehearsed }: PersonTraces): boolean {
  const { ended, written, passes } = teammate;
  return person.places.length === 0 && ended + written + passes + codes + rehearsed === 0;
}

/**
 * Erases a person from everything kept here, conversation by conversation and a batch of rows at a time. Keys of the
 * ledger and ids of events stay, so that nothing happens twice; the audit stays unchanged but loses the key that leads
 * from the person to their pseudonyms. Interrupted at any point, another run does the rest.
 */
export async function erasePerson(context: ErasureRequest, { person }: PersonTraces) {
  /** Conversations with work under way right now; another run erases them as well. */
  const busy: string[] = [];
  /** What could not be understood, and lost all its text. */
  const unread = new Set<string>();
  for (const place of person.places)
    if (!(await erasePlace(context, unread, person, place))) busy.push(place.conversationId);
  const deliveries: ErasureStep = (transaction, now) =>
    clearHints(transaction, teammateHints(person), now);
  await runStep(context, null, deliveries);
  await context.store.run(eraseTeammate, person.names, person.until);
  await context.store.run(eraseRehearsed, person.names, person.until);
  await context.store.run(forgetSubjects, valuesOfKinds(person.names, ["email"]), person.until);
  const conversations = person.places.length - busy.length;
  busy.push(...(await erasePersonCodes(context, person)).filter((id) => !busy.includes(id)));
  await context.store.run(async (transaction) => {
    if (busy.length === 0)
      for (const { value } of person.names) await forgetPerson(transaction, value, context.secret);
    // Counts only: an entry that named the person would defeat the erasure.
    await appendAudit(
      transaction,
      {
        kind: "erased",
        data: {
          erasure: context.ids.next("x"),
          conversations,
          busy: busy.length,
          unread: unread.size,
        },
      },
      context.clock.now(),
    );
  });
  return { conversations, busy, unread: [...unread] };
}

/** Returns the conversations in which a code is being sent. */
async function erasePersonCodes(
  context: ErasureRequest,
  person: Person,
): Promise<readonly string[]> {
  for (;;) {
    const { more, busy } = await context.store.run(eraseCodes, person, context.clock.now());
    if (!more) return busy;
  }
}

/** Erases under the lease, so that no turn writes what it read before; false while another process works there. */
async function erasePlace(
  context: ErasureRequest,
  unread: Set<string>,
  person: Person,
  place: TraceLocation,
): Promise<boolean> {
  const { conversationId } = place;
  const lease = await context.store.run(claimLease, {
    conversationId,
    owner: context.ids.next("erasure"),
    leaseMs: LEASE_MS,
  });
  if (lease === null) return false;
  try {
    if (!(await endEverything(context, lease, person, place))) return false;
    for (const step of stepsFor(person, place))
      for (const row of await runStep(context, lease, step)) unread.add(row);
    return true;
  } finally {
    await context.store.run(releaseLease, lease);
  }
}

/** Returns what could not be read of its rows. */
async function runStep(
  context: ErasureRequest,
  lease: Lease | null,
  step: ErasureStep,
): Promise<readonly string[]> {
  const unread: string[] = [];
  for (let count = 0; count < STEPS_MAX; count += 1) {
    const batch = await context.store.run(async (transaction) => {
      if (lease !== null) await requireLease(transaction, lease);
      return step(transaction, context.clock.now());
    });
    // Files are removed before their rows: after an interruption, another run still finds their names.
    for (const body of batch.bodies) await context.blobs.remove(body);
    if (batch.bodies.length > 0) await context.store.run(forgetBodies, batch.bodies);
    unread.push(...batch.unread);
    if (!isFull(batch)) return unread;
  }
  throw new Error("an erasure does not come to its end");
}

/** Voids the pending card and withdraws what was decided and has not begun. */
function endEverything(
  context: ErasureRequest,
  lease: Lease,
  person: Person,
  place: TraceLocation,
): Promise<boolean> {
  return context.store
    .run(async (transaction) => {
      await requireLease(transaction, lease);
      const now = context.clock.now();
      const broken: string[] = [];
      const { conversationId, until } = place;
      const pending = await pendingUntil(transaction, conversationId, until, (id) =>
        broken.push(id),
      );
      for (const approval of broken) {
        const voided = await voidUnreadable(transaction, approval, { closing: VOID, now });
        const data = { approval, version: voided?.version ?? 0 };
        if (voided !== null) await appendAudit(transaction, { kind: "void", data }, now);
      }
      if (!(await endOpenWork(transaction, person, place, now))) return false;
      if (pending !== null && !(await voidErased(context, transaction, pending, VOID, now)))
        throw new StaleTurnError("a teammate decided on the card at this moment");
      return true;
    })
    .catch((error: unknown) => {
      if (error instanceof StaleTurnError) return false;
      throw error;
    });
}

/**
 * The entry for a name in the list of erasures: an operator with the secret can check whether a given name is on the
 * list, but cannot read names from it.
 */
export function listedName(secrets: Keys, name: PersonName): string {
  return listedUnder(currentKey(secrets), name);
}

/** When this name was erased last, as the list has it, made with whichever accepted secret; null for one that was not. */
export function erasedAt(
  listed: readonly ListedErasure[],
  secrets: Keys,
  name: PersonName,
): Date | null {
  const entries = new Set(acceptedKeys(secrets).map((secret) => listedUnder(secret, name)));
  return listed.findLast((entry) => entries.has(entry.name))?.at ?? null;
}

function listedUnder(secret: string, name: PersonName): string {
  return keyedDigest(secret, ["erased", nameText(name).toLowerCase()]);
}

/** What erasure and retention need besides the database. */
export interface PersonalData {
  readonly blobs: BlobStorage;
  readonly ids: Ids;
  /** The installation's secrets for pseudonyms and the list of erasures. */
  readonly secret: Keys;
  /**
   * Erased people by keyed digest, kept in addition to the database's list: with it a restored backup can be cleaned.
   */
  readonly listFile: string;
  /** File to which finished turns are also exported; null when there is none. */
  readonly spansFile: string | null;
  readonly keep: RetentionPeriods;
}

/**
 * One line of the list: the time, the digests of every name of the erased person, and when the secret they were made
 * with took the place of the first one; without that it is the first.
 */
const ListLine = z.strictObject({
  at: z.iso.datetime(),
  names: z.array(z.string()),
  secretSince: z.iso.datetime().optional(),
});

/** One line of the file. `secretSince` is when the secret of its names was made; undefined for the first one. */
export function erasureLine(
  { at, names }: { readonly at: Date; readonly names: readonly string[] },
  secretSince: string | undefined,
): string {
  const line: z.infer<typeof ListLine> = { at: at.toISOString(), names: [...names], secretSince };
  return `${JSON.stringify(line)}\n`;
}

/**
 * Imports a file of erasures, if it exists, into the list in the database: earlier versions kept only the files.
 * Repeating it changes nothing. Returns how many lines are unreadable, such as one cut off by a crash, and how many
 * were made with a secret that this database does not have, so that nobody in them can be recognised here.
 */
export async function takeOverList(
  store: Store,
  file: string,
): Promise<{ readonly unread: number; readonly unknown: number }> {
  if (!existsSync(file)) return { unread: 0, unknown: 0 };
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => ListLine.safeParse(jsonOrNull(line)));
  const times = new Set((await store.run(auditKeyChanges)).map(({ madeAt }) => madeAt));
  const read = lines.flatMap(({ data }) => data ?? []);
  const known = read.filter(({ secretSince: at }) => at === undefined || times.has(at));
  const erased = known.flatMap(({ names, at }) =>
    names.map((name) => ({ name, at: new Date(at) })),
  );
  await store.run(listErasures, erased);
  return { unread: lines.length - read.length, unknown: read.length - known.length };
}
