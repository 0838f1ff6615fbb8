import { keyedDigest } from "#core/values/canonical-json.ts";
import type { Blobs, Clock, Ids } from "#core/contracts/ports.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { pendingApproval } from "#store/approvals/approvals.ts";
import type { Store } from "#store/db/database.ts";
import { codeTraces, eraseCodes } from "#store/privacy/codes-of-person.ts";
import { forgetBodies } from "#store/privacy/clear-rows.ts";
import { stepsFor } from "#store/privacy/erase-conversation.ts";
import {
  alertsAbout,
  endOpenWork,
  type WorkExtent,
  extentOf,
  mentionsOf,
} from "#store/privacy/end-open-work.ts";
import { nameText, type PersonName } from "#store/people/person-names.ts";
import { claimLease, type Lease, releaseLease, requireLease } from "#store/conversations/lease.ts";
import { forgetPerson } from "#store/people/person-keys.ts";
import { findPerson, type Person, type TraceLocation } from "#store/people/find-person.ts";
import {
  eraseTeammate,
  type TeammateTraces,
  teammateTraces,
} from "#store/privacy/erase-teammate.ts";
import { StaleTurnError } from "#jobs/context/stale-turn-error.ts";
import { voidApproval } from "#jobs/approval/save-card.ts";

/** Shown for a moment, until the card says nothing any more. */
const VOID = "Void: this customer's data is being removed.";

/** Longer than any one conversation takes; it is given back as soon as it is done. */
const LEASE_MS = 120_000;

/** More rows than any conversation has: a step that does not come to its end is a mistake that has to be seen. */
const STEPS_MAX = 10_000;

/** What an erasure works with. */
export interface ErasureRequest {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The secret of this installation that pseudonyms are made with. */
  readonly secret: string;
}

/** What is known of a person before anything is removed. */
export interface PersonTraces {
  readonly person: Person;
  readonly extent: WorkExtent;
  readonly teammate: TeammateTraces;
  /** Rows about one-time codes with the person's address, whoever asked for them. */
  readonly codes: number;
  /** Conversations of others in which the address stands; their words are theirs and stay. */
  readonly mentions: readonly string[];
  /** Lines on the desk that name the person and that only its owner can remove. */
  readonly alerts: readonly string[];
}

/** How an erasure went. */
export interface Erased {
  readonly conversations: number;
  /** Conversations in which something is under way right now; asked again, they are done as well. */
  readonly busy: readonly string[];
}

/** Looks for a person and counts what there is. Changes nothing. */
export function findPersonTraces(
  { store }: Pick<ErasureRequest, "store">,
  asked: readonly PersonName[],
): Promise<PersonTraces> {
  return store.run(async (transaction) => {
    const person = await findPerson(transaction, asked);
    return {
      person,
      extent: await extentOf(transaction, person.places),
      teammate: await teammateTraces(transaction, person.names),
      codes: await codeTraces(transaction, person.names),
      mentions: await mentionsOf(transaction, person),
      alerts: await alertsAbout(transaction, person.places),
    };
  });
}

/** True when there is nothing left to remove. */
export function isWithoutTraces({ person, teammate, codes }: PersonTraces): boolean {
  return person.places.length === 0 && teammate.ended + teammate.passes + codes === 0;
}

/**
 * Takes a person out of everything that is kept here, conversation by conversation and a batch of rows at a time. Keys
 * of the ledger and names of events stay, so that nothing happens again; the audit stays as it is and loses the key
 * that led from its pseudonyms to them. Stopped at any point, asking again does the rest.
 */
export async function erasePerson(
  context: ErasureRequest,
  { person }: PersonTraces,
): Promise<Erased> {
  const busy: string[] = [];
  for (const place of person.places)
    if (!(await erasePlace(context, person, place))) busy.push(place.conversationId);
  while (await context.store.run((transaction) => eraseTeammate(transaction, person.names)));
  const conversations = person.places.length - busy.length;
  busy.push(...(await eraseCodesOf(context, person)).filter((id) => !busy.includes(id)));
  await context.store.run(async (transaction) => {
    if (busy.length === 0)
      for (const { value } of person.names) await forgetPerson(transaction, value, context.secret);
    // Numbers only: an entry that named the person would undo what it is about.
    await appendAudit(
      transaction,
      {
        kind: "erased",
        data: { erasure: context.ids.next("x"), conversations, busy: busy.length },
      },
      context.clock.now(),
    );
  });
  return { conversations, busy };
}

/** Gives the conversations in which a code is on its way. */
async function eraseCodesOf(
  context: ErasureRequest,
  { names }: Person,
): Promise<readonly string[]> {
  for (;;) {
    const { more, busy } = await context.store.run((transaction) =>
      eraseCodes(transaction, names, context.clock.now()),
    );
    if (!more) return busy;
  }
}

/** Under the lease, so that no turn writes what it read before; false while somebody is at work there. */
async function erasePlace(
  context: ErasureRequest,
  person: Person,
  place: TraceLocation,
): Promise<boolean> {
  const { conversationId } = place;
  const lease = await context.store.run((transaction) =>
    claimLease(transaction, {
      conversationId,
      owner: context.ids.next("erasure"),
      leaseMs: LEASE_MS,
    }),
  );
  if (lease === null) return false;
  try {
    if (!(await endEverything(context, lease, person, place))) return false;
    for (const step of stepsFor(person, place)) await runStep(context, lease, step);
    return true;
  } finally {
    await context.store.run((transaction) => releaseLease(transaction, lease));
  }
}

async function runStep(
  context: ErasureRequest,
  lease: Lease,
  step: ReturnType<typeof stepsFor>[number],
): Promise<void> {
  for (let count = 0; count < STEPS_MAX; count += 1) {
    const { more, bodies = [] } = await context.store.run(async (transaction) => {
      await requireLease(transaction, lease);
      return step(transaction, context.clock.now());
    });
    // Files go before the rows forget them: cut off in between, asking again finds them still named.
    for (const body of bodies) await context.blobs.remove(body);
    if (bodies.length > 0)
      await context.store.run((transaction) => forgetBodies(transaction, bodies));
    if (!more) return;
  }
  throw new Error("an erasure does not come to its end");
}

/** The card that waits is void, and what was decided and has not begun is taken back. */
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
      const pending = await pendingApproval(transaction, place.conversationId);
      if (!(await endOpenWork(transaction, person, place, now))) return false;
      if (pending !== null && !(await voidApproval(transaction, pending, VOID, now)))
        throw new StaleTurnError("somebody decided on the card at this moment");
      return true;
    })
    .catch((error: unknown) => {
      if (error instanceof StaleTurnError) return false;
      throw error;
    });
}

/**
 * What stands in the list of erasures for a name: whoever has the installation's secret and the person in front of them
 * can tell that it is them, and nobody can read it from the list.
 */
export function listedName(secret: string, name: PersonName): string {
  return keyedDigest(secret, ["erased", nameText(name).toLowerCase()]);
}
