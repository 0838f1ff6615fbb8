/** Commits an action to a ticket. */
import { type Action, Triage } from "#core/values/action.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { CommitResult, EffectLookup } from "#core/contracts/target.ts";
import { z } from "zod";
import { assigneeOf, withAssignee, type AssigneeUpdate } from "./assignee.ts";
import type { ZendeskClient } from "#zendesk/api/client.ts";
import { accountOf, type People, readUsers, type SeenTicket } from "#zendesk/read/read-ticket.ts";
import { withFieldNames } from "./field-names.ts";
import { literalBody } from "./literal-text.ts";
import type { TicketCache } from "#zendesk/read/ticket-cache.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";
import { copiesOf, termsOf } from "#zendesk/read/participants.ts";
import { type Audit, Audits, Marker, Written } from "#zendesk/api/schema.ts";
import { openedAs, openOnce, ticketUnder } from "./open-ticket.ts";
import { settledTicket } from "./settled-ticket.ts";
import { conversationKey } from "#zendesk/read/parse-webhook.ts";
import { carryOn, earlierTicket, withMore } from "./linked-ticket.ts";
import { triage, type TriageFields } from "./triage-fields.ts";
import { externalIdOf, newTicket, type TicketState, type Update, updates } from "./updates.ts";

/** Carries out every write to tickets. */
export interface Committer {
  readonly supports: readonly string[];
  commit(action: Action, key: string, signal: AbortSignal): Promise<CommitResult>;
  find(action: Action, key: string, signal: AbortSignal): Promise<EffectLookup>;
}

interface Parts {
  readonly options: ZendeskOptions;
  readonly client: ZendeskClient;
  readonly seen: SeenTicket;
  readonly memory: TicketCache;
  readonly people: People;
  readonly botUserId: (signal: AbortSignal) => Promise<number>;
}

/** The triage fields that a hand-over writes besides its text. */
type Sorted = (action: Action, signal: AbortSignal) => Promise<TriageFields>;

const TRIES_MAX = 3;

/**
 * Zendesk has no idempotency key for updates. So each update carries our key in its audit's metadata, is preceded by a
 * search for that key, and is a safe update: of two copies in flight, the one that arrives second has an old stamp and
 * is refused. That is why `find` is reliable.
 */
export function committer(parts: Parts): Committer {
  const makeUpdate = updates(parts.options.groups);
  const sortedBy = triage(parts);
  const sorted: Sorted = async (action, signal) => {
    const given = Sortable.safeParse(action.arguments);
    return given.success ? await sortedBy(given.data.triage, signal) : () => ({});
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
      const assignee = await assigneeOf(parts.client, action, signal);
      if (action.operation === "create_ticket")
        return withRemark(assignee, await open(parts, sorted, action, { key, signal, assignee }));
      const update = withFields(updateFor(action), await sorted(action, signal));
      return withRemark(assignee, await change(parts, withAssignee(update, assignee), key, signal));
    },
    async find(action, key, signal) {
      try {
        const committed =
          action.operation === "create_ticket"
            ? await openedUnder(parts, action, key, signal)
            : await changeUnder(parts, updateFor(action).ticketId, key, signal);
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
const Sortable = z.looseObject({ triage: Triage });

/** One decision becomes one update, so that no half of it can take effect alone. */
function withFields(update: Update, fields: TriageFields): Update {
  return {
    ...update,
    fields: (standing, uploads) => ({
      ...fields(standing.ticket),
      ...update.fields(standing, uploads),
    }),
  };
}

async function change(
  parts: Parts,
  update: Update,
  key: string,
  signal: AbortSignal,
): Promise<CommitResult> {
  for (let attempt = 1; ; attempt += 1) {
    const standing = await ticketStateOf(parts, update, signal);
    const earlier = standing.audits.find((audit) => isMarked(audit, key));
    if (earlier) return committedBy(earlier, update.ticketId);
    if (standing.terms.barred !== null) {
      // The bar may not have moved the ticket's stamp, so the cached ticket is dropped and the next read sees it.
      parts.memory.forget(update.ticketId);
      throw new DeskhandError("channel.conflict", standing.terms.barred.reason);
    }
    update.check(standing);
    try {
      return await put(parts, update, standing, { key, signal });
    } catch (error) {
      const moved = error instanceof DeskhandError && error.code === "channel.conflict";
      // The ticket changed between our read and the write; the next read decides whether that matters.
      if (!moved || attempt >= TRIES_MAX) throw error;
    }
  }
}

async function changeUnder(
  { client }: Parts,
  ticketId: number,
  key: string,
  signal: AbortSignal,
): Promise<CommitResult | null> {
  const audits = await client.goingOn.list(["tickets", ticketId, "audits"], Audits, signal);
  const marked = audits.find((audit) => isMarked(audit, key));
  return marked === undefined ? null : committedBy(marked, ticketId);
}

async function ticketStateOf(
  parts: Parts,
  update: Update,
  signal: AbortSignal,
): Promise<TicketState> {
  const { client, options } = parts;
  const { ticketId } = update;
  const botUserId = await parts.botUserId(signal);
  const ticket = await settledTicket(client, ticketId, signal);
  if (ticket === null || ticket.status === "deleted")
    throw new DeskhandError("channel.refused", `ticket ${ticketId} is gone`);
  // The stamp is read first: any later change makes the safe update fail.
  const known = parts.memory.readUpTo(ticketId, Date.parse(ticket.updated_at));
  const audits =
    known?.audits ?? (await client.goingOn.list(["tickets", ticketId, "audits"], Audits, signal));
  const looked = parts.seen.last(ticketId);
  const judgedBy = looked ?? restsOn(update, audits);
  // Requester and copies are read last, since a suspension leaves no mark on the ticket. Other users are read only when
  // a changed assignment has to name them.
  const people = update.speaks ? [ticket.requester_id ?? 0, ...copiesOf(ticket)] : [];
  const asked = new Set([...people.filter((id) => id > 0), ...peopleIn(audits, judgedBy)]);
  // Not from the cache, which would not know of the suspension either.
  const users = await readUsers(parts, [...asked], signal, { isFresh: true });
  return {
    ticket,
    audits,
    judgedBy,
    hasLooked: looked !== null,
    account: accountOf({ botUserId, options }, users),
    terms: termsOf(ticket, users, { options, botUserId }),
  };
}

/** The users in assignments made since the conversation was judged. */
function peopleIn(audits: readonly Audit[], judgedBy: number): ReadonlySet<number> {
  const assigning = audits.filter(
    ({ id, events }) =>
      id > judgedBy && events.some(({ field_name: field }) => field === "assignee_id"),
  );
  const ids = assigning.flatMap(({ author_id: author, events }) => [
    author,
    ...events.map(({ field_name: field, value }) => (field === "assignee_id" ? Number(value) : 0)),
  ]);
  return new Set(ids.filter((id) => Number.isSafeInteger(id) && id > 0));
}

async function put(
  parts: Parts,
  update: Update,
  standing: TicketState,
  call: Call,
): Promise<CommitResult> {
  // An upload token is good for one update, so a retried update uploads its files again.
  const uploads: string[] = [];
  for (const file of update.files)
    uploads.push(await parts.client.goingOn.upload(file, call.signal));
  const whole = update.fields(standing, uploads);
  const { wordless } = update;
  if (wordless === undefined) return await send(parts, whole, standing, call);
  return await send(parts, whole, standing, call).catch((error: unknown) => {
    if (!(error instanceof DeskhandError) || error.code !== "channel.refused") throw error;
    return send(parts, wordless, standing, call);
  });
}

interface Call {
  readonly key: string;
  readonly signal: AbortSignal;
}

async function send(
  parts: Parts,
  fields: Readonly<Record<string, unknown>>,
  { ticket: { id: ticketId, updated_at: stamp } }: TicketState,
  { key, signal }: Call,
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
    const { audit } = await parts.client.goingOn.write(call, Written, signal);
    return committedBy(audit, ticketId);
  } catch (error) {
    throw await withFieldNames(error, parts.client, signal);
  }
}

async function open(
  parts: Parts,
  sorted: Sorted,
  action: Action,
  { key, signal, assignee }: Call & { readonly assignee: AssigneeUpdate },
): Promise<CommitResult> {
  const { externalId, body } = newTicket(action, key, parts.options.groups);
  // Zendesk remembers an Idempotency-Key for two hours only.
  const earlier = await ticketUnder(parts.client, externalId, signal);
  if (earlier !== null) return earlier;
  const goesOnIn = await earlierTicket(parts, action, signal);
  if (goesOnIn.kind === "open") {
    const update = withFields(
      carryOn(action, goesOnIn, parts.options.groups),
      await sorted(action, signal),
    );
    await change(parts, withAssignee(update, assignee), key, signal);
    return openedAs(goesOnIn.ticketId);
  }
  const whole = withMore(body, {
    ...(await sorted(action, signal))(null),
    ...assignee.fields,
    ...(goesOnIn.kind === "closed" ? { via_followup_source_id: goesOnIn.ticketId } : {}),
  });
  return await openOnce(parts.client, externalId, whole, signal);
}

/** The ticket opened under this key, or the earlier ticket that was commented on instead. */
async function openedUnder(
  parts: Parts,
  action: Action,
  key: string,
  signal: AbortSignal,
): Promise<CommitResult | null> {
  const own = await ticketUnder(parts.client, externalIdOf(key), signal);
  if (own !== null) return own;
  const goesOnIn = await earlierTicket(parts, action, signal);
  if (goesOnIn.kind !== "open") return null;
  const commented = await changeUnder(parts, goesOnIn.ticketId, key, signal);
  return commented === null ? null : openedAs(goesOnIn.ticketId);
}

/** The last audit of the comments a write is based on, for a process that has not read the ticket itself. */
function restsOn(update: Update, audits: readonly Audit[]): number {
  const known = new Set(update.restsOn);
  const resting = audits.filter(({ events }) =>
    events.some(({ id, type }) => type === "Comment" && known.has(id)),
  );
  return Math.max(0, ...resting.map(({ id }) => id));
}

function isMarked(audit: Audit, key: string): boolean {
  const marker = Marker.safeParse(audit.metadata?.custom);
  return marker.success && marker.data.deskhand_key === key;
}

/** Refers to the comment if there is one, since that identifies our message; else to the audit. */
function committedBy(audit: Audit, ticketId: number): CommitResult {
  const comment = audit.events.find(({ type }) => type === "Comment");
  const ref = comment ? `zendesk:comment:${comment.id}` : `zendesk:audit:${audit.id}`;
  return { ref, conversationKeys: [conversationKey(ticketId)] };
}
