/**
 * Room: carries out actions on tickets: replies, notes, hand-overs, tags and new tickets.
 * In: an action that was decided on, and its idempotency key.
 * Out: one update of one ticket for each action, and whether an action was carried out before.
 * May touch: tickets and uploads in Zendesk; it drops a ticket from the cache. The policy has decided already.
 */
import { type Action, Triage } from "#core/values/action.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { CommitResult, EffectLookup } from "#core/contracts/target.ts";
import { z } from "zod";
import {
  assigneeUpdate,
  withAssignee,
  type AssigneeUpdate,
  withFieldNames,
  triageFieldReader,
  type TriageFields,
} from "./ticket-fields.ts";
import type { ZendeskClient } from "#zendesk/api/client.ts";
import { signalAccount, readUsers } from "#zendesk/read/read-ticket.ts";
import type { ReportedAudits, UserCache, TicketCache } from "#zendesk/read/ticket-reader.ts";
import { literalBody } from "./comment-text.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";
import { copiedUserIds, ticketParticipants } from "#zendesk/read/authors.ts";
import { Audit, Marker, WriteAnswer } from "#zendesk/api/schema.ts";
import {
  committedTicket,
  openOnce,
  findTicketByExternalId,
  earlierTicketUpdate,
  earlierTicket,
  withTicketFields,
} from "./open-ticket.ts";
import { settledTicket } from "./settled-ticket.ts";
import { conversationKey } from "#zendesk/read/parse-webhook.ts";
import { ticketExternalId, newTicket, type TicketState, type Update, updates } from "./updates.ts";

/** Carries out every write to tickets. */
export interface Committer {
  readonly supports: readonly string[];
  commit(action: Action, key: string, signal: AbortSignal): Promise<CommitResult>;
  find(action: Action, key: string, signal: AbortSignal): Promise<EffectLookup>;
}

interface CommitContext {
  readonly options: ZendeskOptions;
  readonly client: ZendeskClient;
  readonly reported: ReportedAudits;
  readonly cache: TicketCache;
  readonly userCache: UserCache;
  readonly botUserId: (signal: AbortSignal) => Promise<number>;
}

/** The triage fields that a hand-over writes besides its text. */
type TriageOf = (action: Action, signal: AbortSignal) => Promise<TriageFields>;

const TRIES_MAX = 3;

/**
 * Zendesk has no idempotency key for updates. So each update carries our key in its audit's metadata, is preceded by a
 * search for that key, and is a safe update: of two copies in flight, the one that arrives second has an old stamp and
 * is refused. That is why `find` is reliable.
 */
export function committer(context: CommitContext): Committer {
  const makeUpdate = updates(context.options.groups);
  const readTriage = triageFieldReader(context);
  const actionTriage: TriageOf = async (action, signal) => {
    const given = TriageArguments.safeParse(action.arguments);
    return given.success ? await readTriage(given.data.triage, signal) : () => ({});
  };

  function updateFor(action: Action): Update {
    const make = Object.hasOwn(makeUpdate, action.operation)
      ? makeUpdate[action.operation]
      : undefined;
    if (make === undefined)
      throw new DeskhandError("channel.unsupported", `Zendesk cannot ${action.operation}`);
    return make(action);
  }

  return {
    supports: [...Object.keys(makeUpdate), "create_ticket"],
    async commit(action, key, signal) {
      const assignee = await assigneeUpdate(context.client, action, signal);
      if (action.operation === "create_ticket")
        return withRemark(
          assignee,
          await openTicket(context, actionTriage, action, { key, signal, assignee }),
        );
      const update = withTriageFields(updateFor(action), await actionTriage(action, signal));
      return withRemark(
        assignee,
        await changeTicket(context, withAssignee(update, assignee), key, signal),
      );
    },
    async find(action, key, signal) {
      try {
        const committed =
          action.operation === "create_ticket"
            ? await findOpened(context, action, key, signal)
            : await findChange(context, updateFor(action).ticketId, key, signal);
        return committed === null ? { state: "absent" } : { state: "done", committed };
      } catch (error) {
        // A temporary error is retried later; a refusal stays unknowable.
        if (!(error instanceof DeskhandError) || error.retry) throw error;
        return { state: "unknowable", reason: reasonOf(error) };
      }
    },
  };
}

function withRemark({ remark }: AssigneeUpdate, committed: CommitResult): CommitResult {
  return remark === "" ? committed : { ...committed, remark };
}

/** The arguments of any hand-over. */
const TriageArguments = z.looseObject({ triage: Triage });

/** One decision becomes one update, so that no half of it can take effect alone. */
function withTriageFields(update: Update, fields: TriageFields): Update {
  return {
    ...update,
    fields: (state, uploads) => ({
      ...fields(state.ticket),
      ...update.fields(state, uploads),
    }),
  };
}

async function changeTicket(
  context: CommitContext,
  update: Update,
  key: string,
  signal: AbortSignal,
): Promise<CommitResult> {
  for (let attempt = 1; ; attempt += 1) {
    const state = await readTicketState(context, update, signal);
    const earlier = state.audits.find((audit) => hasKey(audit, key));
    if (earlier) return committedFrom(earlier, update.ticketId);
    if (state.participants.barred !== null) {
      // The bar may not have moved the ticket's stamp, so the cached ticket is dropped and the next read sees it.
      context.cache.forget(update.ticketId);
      throw new DeskhandError("channel.conflict", state.participants.barred.reason);
    }
    update.check(state);
    try {
      return await putUpdate(context, update, state, { key, signal });
    } catch (error) {
      const moved = error instanceof DeskhandError && error.code === "channel.conflict";
      // The ticket changed between our read and the write; the next read decides whether that matters.
      if (!moved || attempt >= TRIES_MAX) throw error;
    }
  }
}

async function findChange(
  { client }: CommitContext,
  ticketId: number,
  key: string,
  signal: AbortSignal,
): Promise<CommitResult | null> {
  const audits = await client.longWait.list(["tickets", ticketId, "audits"], Audit, signal);
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
  if (ticket === null || ticket.status === "deleted")
    throw new DeskhandError("channel.refused", `ticket ${ticketId} is gone`);
  // The stamp is read first: any later change makes the safe update fail.
  const known = context.cache.readUpTo(ticketId, Date.parse(ticket.updated_at));
  const audits =
    known?.audits ?? (await client.longWait.list(["tickets", ticketId, "audits"], Audit, signal));
  const reportedAuditId = context.reported.last(ticketId);
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
  return {
    ticket,
    audits,
    judgedAuditId,
    hasReadBefore: reportedAuditId !== null,
    account: signalAccount({ botUserId, options }, users),
    participants: ticketParticipants(ticket, users, { options, botUserId }),
  };
}

/** The users in assignments made since the conversation was judged. */
function usersInAssignments(audits: readonly Audit[], judgedAuditId: number): ReadonlySet<number> {
  const assigning = audits.filter(
    ({ id, events }) =>
      id > judgedAuditId && events.some(({ field_name: field }) => field === "assignee_id"),
  );
  const ids = assigning.flatMap(({ author_id: author, events }) => [
    author,
    ...events.map(({ field_name: field, value }) => (field === "assignee_id" ? Number(value) : 0)),
  ]);
  return new Set(ids.filter((id) => Number.isSafeInteger(id) && id > 0));
}

async function putUpdate(
  context: CommitContext,
  update: Update,
  state: TicketState,
  call: KeyedCall,
): Promise<CommitResult> {
  // An upload token is good for one update, so a retried update uploads its files again.
  const uploads: string[] = [];
  for (const file of update.files)
    uploads.push(await context.client.longWait.upload(file, call.signal));
  const whole = update.fields(state, uploads);
  const { withoutComment } = update;
  if (withoutComment === undefined) return await sendFields(context, whole, state, call);
  return await sendFields(context, whole, state, call).catch((error: unknown) => {
    if (!(error instanceof DeskhandError) || error.code !== "channel.refused") throw error;
    return sendFields(context, withoutComment, state, call);
  });
}

interface KeyedCall {
  readonly key: string;
  readonly signal: AbortSignal;
}

async function sendFields(
  context: CommitContext,
  fields: Readonly<Record<string, unknown>>,
  { ticket: { id: ticketId, updated_at: stamp } }: TicketState,
  { key, signal }: KeyedCall,
): Promise<CommitResult> {
  const ticket = {
    ...fields,
    safe_update: true,
    updated_stamp: stamp,
    metadata: { deskhand_key: key },
  };
  const body = literalBody({ ticket });
  const call = { method: "PUT", path: ["tickets", ticketId], body } as const;
  try {
    const { audit } = await context.client.longWait.write(call, WriteAnswer, signal);
    return committedFrom(audit, ticketId);
  } catch (error) {
    throw await withFieldNames(error, context.client, signal);
  }
}

async function openTicket(
  context: CommitContext,
  actionTriage: TriageOf,
  action: Action,
  { key, signal, assignee }: KeyedCall & { readonly assignee: AssigneeUpdate },
): Promise<CommitResult> {
  const { externalId, body } = newTicket(action, key, context.options.groups);
  // Zendesk remembers an Idempotency-Key for two hours only.
  const earlier = await findTicketByExternalId(context.client, externalId, signal);
  if (earlier !== null) return earlier;
  const existing = await earlierTicket(context, action, signal);
  if (existing.kind === "open") {
    const update = withTriageFields(
      earlierTicketUpdate(action, existing, context.options.groups),
      await actionTriage(action, signal),
    );
    await changeTicket(context, withAssignee(update, assignee), key, signal);
    return committedTicket(existing.ticketId);
  }
  const whole = withTicketFields(body, {
    ...(await actionTriage(action, signal))(null),
    ...assignee.fields,
    ...(existing.kind === "closed" ? { via_followup_source_id: existing.ticketId } : {}),
  });
  return await openOnce(context.client, externalId, whole, signal);
}

/** The ticket opened under this key, or the earlier ticket that was commented on instead. */
async function findOpened(
  context: CommitContext,
  action: Action,
  key: string,
  signal: AbortSignal,
): Promise<CommitResult | null> {
  const own = await findTicketByExternalId(context.client, ticketExternalId(key), signal);
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
  return { ref, conversationKeys: [conversationKey(ticketId)] };
}
