/**
 * Room: carries out actions on tickets: replies, notes, hand-overs and new tickets.
 * In: an action that was decided on, and its idempotency key.
 * Out: one update of one ticket for each action, and whether an action was carried out before.
 * May touch: tickets and uploads in Zendesk; it drops a ticket from the cache. The policy has decided already.
 */
import type { Action } from "#core/values/action.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { CommitResult, Target } from "#core/contracts/tool.ts";
import {
  assigneeUpdate,
  withFieldNames,
  triageFieldReader,
  type TriageFields,
  committedTicket,
  openOnce,
  findOpenedTicket,
  earlierTicketUpdate,
  earlierTicket,
} from "./open-ticket.ts";
import { ownershipSignals } from "#zendesk/read/ownership-signals.ts";
import { signalAccount } from "#zendesk/read/read-ticket.ts";
import {
  organizationReadingAlong,
  readUsers,
  settledTicket,
  ticketAudits,
  type TicketReading,
  ticketReadUpTo,
} from "#zendesk/read/ticket-reader.ts";
import type { Ask } from "#zendesk/api/client.ts";
import type { Limiter } from "#zendesk/api/rate-limit.ts";
import { literalBody } from "./comment-text.ts";
import { copiedUserIds, ticketParticipants } from "#zendesk/read/authors.ts";
import { type Audit, Marker, WriteAnswer } from "#zendesk/api/schema.ts";
import { ticketExternalId, newTicket, type TicketState, type Update, updates } from "./updates.ts";
import { conversationKey } from "#zendesk/read/arrivals.ts";
import { ownMessage } from "#zendesk/read/comment-message.ts";

interface CommitContext extends TicketReading {
  readonly botUserId: (signal: AbortSignal) => Promise<number>;
  readonly limiter: Limiter;
}

/** One action's write: the key that marks it, and the fields a hand-over has besides its own. */
interface Write {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly triage: TriageFields;
  /** In place of the group's. */
  readonly assignee: Readonly<Record<string, unknown>>;
}

const TRIES_MAX = 3;

/**
 * Carries out every write to tickets. Zendesk has no idempotency key for updates. So each update carries our key in its
 * audit's metadata, is preceded by a search for that key, and is a safe update: of two copies in flight, the one that
 * arrives second has an old stamp and is refused. That is why `find` is reliable.
 */
export function committer(context: CommitContext): Omit<Target, "name"> {
  const makeUpdate = updates(context.options);
  const readTriage = triageFieldReader(context);

  function updateFor(action: Action, key: string): Update {
    const make = Object.hasOwn(makeUpdate, action.operation)
      ? makeUpdate[action.operation]
      : undefined;
    if (make === undefined)
      throw new DeskhandError("channel.unsupported", `Zendesk cannot ${action.operation}`);
    return make(action, key);
  }

  async function write(
    action: Action,
    update: Update | null,
    terms: Omit<Write, "triage">,
  ): Promise<CommitResult> {
    const whole = { ...terms, triage: await readTriage(action, terms.signal) };
    return update === null
      ? openTicket(context, action, whole)
      : changeTicket(context, update, whole);
  }

  return {
    supports: [...Object.keys(makeUpdate), "create_ticket"],
    async reserve(action, key) {
      if (action.operation === "create_ticket") return 0;
      const path = `tickets/${updateFor(action, key).ticketId}`;
      return await context.limiter.reserve({ method: "PUT", path, key });
    },
    async commit(action, key, signal) {
      const update = action.operation === "create_ticket" ? null : updateFor(action, key);
      const { fields, remark } = await assigneeUpdate(context.client, action, signal);
      // Zendesk remembers an Idempotency-Key for two hours only.
      const opened = update === null ? await openedUnder(context, key, signal) : null;
      const committed = opened ?? (await write(action, update, { key, signal, assignee: fields }));
      const remarks = [committed.remark ?? "", remark].filter((one) => one !== "");
      return remarks.length === 0 ? committed : { ...committed, remark: remarks.join(" ") };
    },
    async find(action, key, signal) {
      try {
        const committed =
          action.operation === "create_ticket"
            ? await findOpened(context, action, key, signal)
            : await findChange(context, updateFor(action, key).ticketId, key, signal);
        return committed === null ? { state: "absent" } : { state: "done", committed };
      } catch (error) {
        // A temporary error is retried later; a refusal stays unknowable.
        if (!(error instanceof DeskhandError) || error.retry) throw error;
        return { state: "unknowable", reason: reasonOf(error) };
      }
    },
  };
}

async function changeTicket(
  context: CommitContext,
  update: Update,
  write: Write,
): Promise<CommitResult> {
  for (let attempt = 1; ; attempt += 1) {
    const state = await readTicketState(context, update, write.signal);
    const earlier = state.audits.find((audit) => hasKey(audit, write.key));
    if (earlier) return committedFrom(earlier, update.ticketId);
    // Who may be written to and who reads along changes without the ticket's stamp, so that the next read is of its own.
    context.tickets.delete(update.ticketId);
    if (state.participants.barred !== null)
      throw new DeskhandError("channel.conflict", state.participants.barred.reason);
    update.check(state);
    try {
      return await putUpdate(context, update, state, write);
    } catch (error) {
      const moved = error instanceof DeskhandError && error.code === "channel.conflict";
      // The ticket changed between our read and the write; the next read decides whether that matters.
      if (moved && attempt < TRIES_MAX) continue;
      // What the team alone sees rests on nothing that can have changed: it is written when the ticket comes to rest.
      throw moved && !update.isPublic
        ? new DeskhandError("channel.unavailable", reasonOf(error), { cause: error })
        : error;
    }
  }
}

async function findChange(
  { client }: CommitContext,
  ticketId: number,
  key: string,
  signal: AbortSignal,
): Promise<CommitResult | null> {
  const audits = await ticketAudits(client, ticketId, signal);
  const marked = audits.find((audit) => hasKey(audit, key));
  return marked === undefined ? null : committedFrom(marked, ticketId);
}

async function readTicketState(
  context: CommitContext,
  update: Update,
  signal: AbortSignal,
): Promise<TicketState> {
  const { client, options } = context;
  const { ticketId } = update;
  const botUserId = await context.botUserId(signal);
  const ticket = await settledTicket(client, ticketId, signal);
  if (ticket === null) throw new DeskhandError("channel.refused", `ticket ${ticketId} is gone`);
  // The stamp is read first: any later change makes the safe update fail.
  const known = ticketReadUpTo(context, ticketId, Date.parse(ticket.updated_at));
  const audits = known?.audits ?? (await ticketAudits(client, ticketId, signal));
  const reportedAuditId = context.reported.get(ticketId);
  const judgedAuditId = reportedAuditId ?? lastBasisAudit(update, audits);
  // Requester and copies are read last, since a suspension leaves no mark on the ticket. Other users are read only when
  // a changed assignment has to name them.
  const recipients = update.isPublic ? [ticket.requester_id ?? 0, ...copiedUserIds(ticket)] : [];
  const userIds = new Set([
    ...recipients.filter((id) => id > 0),
    ...usersInAssignments(audits, judgedAuditId),
  ]);
  // Not from the cache, which would not know of the suspension either.
  const users = await readUsers(context, [...userIds], signal, { isFresh: true });
  const { isPublic: isFresh } = update;
  const sharedWith = await organizationReadingAlong(context, ticket, signal, { isFresh });
  const account = signalAccount({ botUserId, options }, users);
  return {
    ticket,
    audits,
    signals: ownershipSignals(audits, account),
    judgedAuditId,
    hasReadBefore: reportedAuditId !== undefined,
    account,
    participants: ticketParticipants(ticket, { users, sharedWith }, { options, botUserId }),
  };
}

const ASSIGNMENTS: ReadonlySet<string> = new Set(["assignee_id", "group_id"]);

/** The users in assignments made since the conversation was judged. */
function usersInAssignments(audits: readonly Audit[], judgedAuditId: number): ReadonlySet<number> {
  const assigning = audits.filter(
    ({ id, events }) =>
      id > judgedAuditId && events.some(({ field_name: field }) => ASSIGNMENTS.has(field ?? "")),
  );
  const ids = assigning.flatMap(({ author_id: author, events }) => [
    author,
    ...events.map(({ field_name: field, value }) => (field === "assignee_id" ? Number(value) : 0)),
  ]);
  return new Set(ids.filter((id) => Number.isSafeInteger(id) && id > 0));
}

/** One decision becomes one update, so that no half of it can take effect alone. */
async function putUpdate(
  context: CommitContext,
  update: Update,
  state: TicketState,
  write: Write,
): Promise<CommitResult> {
  const { triage, assignee } = write;
  const filled = triage(state.ticket);
  const whole = { ...filled, ...(await ownFields(context, update, state, write)) };
  try {
    return await sendFields(context, { ...whole, ...assignee }, state, write);
  } catch (error) {
    if (!(error instanceof DeskhandError) || error.code !== "channel.refused") throw error;
    // Whether there is another way is known before its files are uploaded again, which may fail in a way of its own.
    const reason = reasonOf(error);
    if (Object.keys(filled).length > 0) {
      const done = await putUpdate(context, update, state, { ...write, triage: () => ({}) });
      return withRemark(done, emptyFieldsRemark(state.ticket.id, reason));
    }
    if ((update.instead?.(update.fields(state, []), reason) ?? null) === null) throw error;
    const instead =
      update.instead?.(await ownFields(context, update, state, write), reason) ?? null;
    if (instead === null) throw error;
    const { fields, remark } = instead;
    const committed = await sendFields(context, { ...fields, ...assignee }, state, write);
    return remark === undefined ? committed : { ...committed, remark };
  }
}

/** A field may have a rule of its own, and matters less than what it is filled in beside. */
function emptyFieldsRemark(ticketId: number | string, reason: string): string {
  return `Zendesk refused the fields that Deskhand fills in on ticket ${ticketId}, so they stay empty: ${reason}.`;
}

function withRemark(done: CommitResult, remark: string): CommitResult {
  return { ...done, remark: [done.remark ?? "", remark].join(" ").trim() };
}

/** The update's fields. An upload token is good for one update, so each try uploads its files again. */
async function ownFields(
  { client }: CommitContext,
  update: Update,
  state: TicketState,
  { signal }: Write,
): Promise<Readonly<Record<string, unknown>>> {
  const uploads: string[] = [];
  for (const file of update.files) uploads.push(await client.longWait.upload(file, signal));
  return update.fields(state, uploads);
}

async function sendFields(
  context: CommitContext,
  fields: Readonly<Record<string, unknown>>,
  { ticket: { id: ticketId, updated_at: stamp } }: TicketState,
  { key, signal }: Write,
): Promise<CommitResult> {
  const ticket = {
    ...fields,
    safe_update: true,
    updated_stamp: stamp,
    metadata: { deskhand_key: key },
  };
  const body = literalBody({ ticket });
  const ask: Ask = ({ tickets }) => tickets.update(ticketId, body);
  try {
    const { audit } = await context.client.longWait.write(ask, WriteAnswer, signal, { key });
    return committedFrom(audit, ticketId);
  } catch (error) {
    throw await withFieldNames(error, context.client, signal);
  }
}

async function openTicket(
  context: CommitContext,
  action: Action,
  write: Write,
): Promise<CommitResult> {
  const { key, signal, triage, assignee } = write;
  const { groups } = context.options;
  const botUserId = await context.botUserId(signal);
  const { externalId, ticket } = newTicket(action, key, { groups, botUserId });
  const existing = await earlierTicket(context, action, signal);
  if (existing.kind === "open") {
    const update = earlierTicketUpdate(action, existing, groups);
    await changeTicket(context, update, write).catch((error: unknown) => {
      // No turn plans it again where the ticket is barred: people are told that nothing was handed over there.
      if (!(error instanceof DeskhandError) || error.code !== "channel.conflict") throw error;
      throw new DeskhandError("channel.refused", reasonOf(error), { cause: error });
    });
    return committedTicket(existing.ticketId);
  }
  const whole = {
    ...ticket,
    // It may be hidden because few may read it: nobody else reads what the customer adds to it.
    ...(existing.kind === "unseen" ? { group_id: groups.sensitive } : assignee),
    ...(existing.kind === "closed" ? { via_followup_source_id: existing.ticketId } : {}),
  };
  const filled = triage(null);
  const open = (fields: typeof filled, idempotencyKey: string): Promise<CommitResult> => {
    const given = { externalId, ticket: { ...whole, ...fields }, botUserId, idempotencyKey };
    return openOnce(context.client, given, signal);
  };
  const opened = await open(filled, externalId).catch(async (error: unknown) => {
    const isRefused = error instanceof DeskhandError && error.code === "channel.refused";
    if (!isRefused || Object.keys(filled).length === 0) throw error;
    const bare = await open({}, `${externalId}:bare`);
    return withRemark(bare, emptyFieldsRemark(bare.ref, reasonOf(error)));
  });
  if (existing.kind !== "unseen") return opened;
  const unseen = `Ticket ${existing.ticketId} was deleted, or is hidden from Deskhand, so ticket ${opened.ref} was opened in the group Sensitive for what the customer wrote since.`;
  return withRemark(opened, unseen);
}

async function openedUnder(
  { client, botUserId }: CommitContext,
  key: string,
  signal: AbortSignal,
): Promise<CommitResult | null> {
  const externalId = ticketExternalId(key);
  return findOpenedTicket(client, { externalId, botUserId: await botUserId(signal) }, signal);
}

/** The ticket opened under this key, or the earlier ticket that was commented on instead. */
async function findOpened(
  context: CommitContext,
  action: Action,
  key: string,
  signal: AbortSignal,
): Promise<CommitResult | null> {
  const own = await openedUnder(context, key, signal);
  if (own !== null) return own;
  const existing = await earlierTicket(context, action, signal);
  if (existing.kind !== "open") return null;
  const commented = await findChange(context, existing.ticketId, key, signal);
  return commented === null ? null : committedTicket(existing.ticketId);
}

/** The last audit of the comments a write is based on, for a process that has not read the ticket itself. */
function lastBasisAudit(update: Update, audits: readonly Audit[]): number {
  const known = new Set(update.basedOn);
  const resting = audits.filter(({ events }) =>
    events.some(({ id, type }) => type === "Comment" && known.has(id)),
  );
  return Math.max(0, ...resting.map(({ id }) => id));
}

function hasKey(audit: Audit, key: string): boolean {
  const marker = Marker.safeParse(audit.metadata?.custom);
  return marker.success && marker.data.deskhand_key === key;
}

/** Refers to the comment if there is one, since that identifies our message; else to the audit. */
function committedFrom(audit: Audit, ticketId: number): CommitResult {
  const comment = audit.events.find(({ type }) => type === "Comment");
  const ref = comment ? `zendesk:comment:${comment.id}` : `zendesk:audit:${audit.id}`;
  const conversationKeys = [conversationKey(ticketId)];
  if (comment === undefined) return { ref, conversationKeys };
  return { ref, conversationKeys, shown: ownMessage(audit, comment) };
}
