/**
 * Opens one ticket under a key, however often it is asked for, or finds the one that an earlier hand-over opened; and
 * the fields that a hand-over fills in.
 */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { cachedLookUp } from "#core/connection/rate-limit.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { parsedArguments, type CommitResult } from "#core/contracts/tool.ts";
import type { Ask, ZendeskClient } from "#zendesk/api/client.ts";
import { TicketsAnswer, WriteAnswer, type Ticket, UsersAnswer } from "#zendesk/api/schema.ts";
import { type Action, CreateTicketArguments, Triage, Assignee } from "#core/values/action.ts";
import { LINKED_TAG, type ZendeskOptions } from "#zendesk/options.ts";
import { isMerge } from "#zendesk/read/ownership-signals.ts";
import { currentTicket, ticketAudits } from "#zendesk/read/ticket-reader.ts";
import { conversationKey } from "#zendesk/read/arrivals.ts";
import { ZendeskFailure } from "#zendesk/api/http-transport.ts";
import { literalBody } from "./comment-text.ts";
import { handoverComment, INTERNAL, type Update } from "./updates.ts";

/** How often to look for a ticket that another request is opening, and how long to wait in between. */
const LOOKS_MAX = 4;
const LOOK_EVERY_MS = 1_000;

interface NewTicket {
  readonly externalId: string;
  readonly ticket: Readonly<Record<string, unknown>>;
  readonly botUserId: number;
  /** Of the request: another one where another body under the first was refused. */
  readonly idempotencyKey: string;
}

/**
 * The one ticket under this key. A conflict means that a request with the key is still in progress, such as one that
 * timed out: its ticket is ours once it exists, and if that request fails, the next one opens the ticket.
 */
export async function openOnce(
  client: ZendeskClient,
  { externalId, ticket, botUserId, idempotencyKey }: NewTicket,
  signal: AbortSignal,
): Promise<CommitResult> {
  const headers = { "Idempotency-Key": idempotencyKey };
  const body = literalBody({ ticket });
  const ask: Ask = ({ tickets }) => tickets.create(body);
  for (let looks = 1; ; looks += 1) {
    try {
      const { ticket: opened, audit } = await client.longWait.write(ask, WriteAnswer, signal, {
        headers,
      });
      const comment = audit.events.find(({ type }) => type === "Comment");
      return openedTicket(opened.id, comment?.author_id ?? opened.submitter_id, botUserId);
    } catch (error) {
      const isUnderWay = error instanceof DeskhandError && error.code === "channel.conflict";
      if (!isUnderWay && !isOtherBody(error)) throw error;
      // A different body under this key, such as one from an earlier release: that ticket is the one.
      const opener = await findOpenedTicket(client, { externalId, botUserId }, signal);
      if (opener !== null) return opener;
      const unknown = new DeskhandError(
        "channel.uncertain",
        "Zendesk knows the key of this ticket already",
        { cause: error },
      );
      if (!isUnderWay || looks >= LOOKS_MAX) throw unknown;
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => {
        throw unknown;
      });
    }
  }
}

/** The ticket, with an alert where Zendesk has our words to the team in another user's name. */
function openedTicket(
  ticketId: number,
  author: number | null | undefined,
  botUserId: number,
): CommitResult {
  if ((author ?? botUserId) === botUserId) return committedTicket(ticketId);
  const remark = `Zendesk shows the summary on ticket ${ticketId} as words of user ${author}, not of Deskhand. Check whether the customer can see it.`;
  return { ...committedTicket(ticketId), remark };
}

/** Zendesk's answer to an Idempotency-Key that came with another body before. */
function isOtherBody(error: unknown): boolean {
  return (
    error instanceof DeskhandError &&
    error.code === "channel.refused" &&
    error.message.includes("IdempotentRequestError")
  );
}

/** The ticket opened under this id, also when the answer to the request for it was lost. */
export async function findOpenedTicket(
  client: ZendeskClient,
  { externalId, botUserId }: Pick<NewTicket, "externalId" | "botUserId">,
  signal: AbortSignal,
): Promise<CommitResult | null> {
  const ask: Ask = (account) => account.tickets.listWithFilter("external_id", externalId);
  const { tickets } = await client.longWait.get(ask, TicketsAnswer, signal);
  // Compared again here, so that a list without the filter is never taken for a hit.
  const found = tickets.find((ticket) => ticket.external_id === externalId);
  return found === undefined ? null : openedTicket(found.id, found.submitter_id, botUserId);
}

/** The ticket's number is its conversation's external id from now on. */
export function committedTicket(ticketId: number): CommitResult {
  return { ref: String(ticketId), conversationKeys: [conversationKey(ticketId)] };
}

/** The earlier ticket of a conversation: one that takes comments, one that is closed for good, deleted or hidden from us, or none. */
type EarlierTicket =
  | { readonly kind: "none" }
  | { readonly kind: "open" | "closed" | "unseen"; readonly ticketId: number };

/** A merged ticket continues in another one, which may have been merged too. */
const MERGES_MAX = 3;

/**
 * The ticket in which an earlier hand-over continues. Merging closes a ticket and names the one it went into; that
 * one is used only when it is the same customer's, so that no customer's text reaches another.
 */
export async function earlierTicket(
  { client }: { readonly client: ZendeskClient },
  action: Action,
  signal: AbortSignal,
): Promise<EarlierTicket> {
  const { earlier } = parsedArguments(CreateTicketArguments, action);
  if (earlier === null) return { kind: "none" };
  const ticketId = Number(earlier.externalId);
  if (!Number.isSafeInteger(ticketId) || ticketId <= 0) return { kind: "none" };
  const first = await currentTicket(client.longWait, ticketId, signal);
  if (first === null) return { kind: "unseen", ticketId };
  let ticket = first;
  for (let merges = 0; ticket.status === "closed" && merges < MERGES_MAX; merges += 1) {
    const into = await mergeTarget(client, ticket.id, signal);
    const next = into === null ? null : await currentTicket(client.longWait, into, signal);
    if (next === null || next.requester_id !== first.requester_id) break;
    ticket = next;
  }
  return { kind: ticket.status === "closed" ? "closed" : "open", ticketId: ticket.id };
}

async function mergeTarget(
  client: ZendeskClient,
  ticketId: number,
  signal: AbortSignal,
): Promise<number | null> {
  const audits = await ticketAudits(client, ticketId, signal);
  const merged = audits.findLast(({ via }) => isMerge(via))?.via?.source;
  const other = [merged?.to?.ticket_id, merged?.from?.ticket_id].find(
    (id) => id !== null && id !== undefined && id !== ticketId,
  );
  return other ?? null;
}

const FINISHED_OR_WAITING = new Set(["solved", "pending", "hold"]);

/**
 * The text as a note on the earlier ticket. A solved, pending or on-hold ticket is opened, as a customer's own comment
 * would open it, since agents do not look at such tickets.
 */
export function earlierTicketUpdate(
  action: Action,
  { ticketId }: { readonly ticketId: number },
  groups: ZendeskOptions["groups"],
): Update {
  const made = parsedArguments(CreateTicketArguments, action);
  return {
    ...INTERNAL,
    ticketId,
    fields: ({ ticket }) => ({
      comment: handoverComment(made),
      ...(made.earlier?.reassign === true
        ? { group_id: groups[made.group], assignee_id: null }
        : {}),
      ...(made.earlier?.reassign === true || FINISHED_OR_WAITING.has(ticket.status)
        ? { status: "open" }
        : {}),
      ...(ticket.tags.includes(LINKED_TAG) ? {} : { tags: [...ticket.tags, LINKED_TAG] }),
    }),
  };
}

/** The parts of a ticket field that decide which values it takes. */
const FieldAnswer = z.object({
  ticket_field: z.object({
    type: z.string(),
    active: z.boolean().nullish(),
    custom_field_options: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  }),
});
type Field = z.output<typeof FieldAnswer>["ticket_field"];

/** Ticket fields to be written with an update; `null` stands for a ticket that is new. */
export type TriageFields = (ticket: Ticket | null) => Readonly<Record<string, unknown>>;

const TriageArguments = z.looseObject({ triage: Triage });

/** A field's list of values changes rarely, and an old list only omits a value. */
const FIELD_AGE_MAX_MS = 60 * 60_000;
const TEXT_MAX = 250;

/**
 * Of a hand-over, puts intent, language and reason into the fields the operator named, and the priority into Zendesk's own. A list
 * takes only values it has, by value or name: other values are left out, and so is a field that does not exist. A value
 * that is already in a field was put there deliberately, and stays.
 */
export function triageFieldReader(parts: {
  readonly options: Pick<ZendeskOptions, "fields" | "log" | "clock">;
  readonly client: ZendeskClient;
}): (action: Action, signal: AbortSignal) => Promise<TriageFields> {
  const fields = cachedLookUp<Field | null>(parts.options.clock, FIELD_AGE_MAX_MS);
  return async (action, signal) => {
    const given = TriageArguments.safeParse(action.arguments);
    if (!given.success) return () => ({});
    const { intent, language, reason, priority } = given.data.triage;
    const values: { readonly id: number; readonly value: string }[] = [];
    for (const [name, text] of Object.entries({ intent, language, reason })) {
      const id = parts.options.fields?.[name === "intent" || name === "language" ? name : "reason"];
      if (id === undefined || text === null) continue;
      const value = valueFor(await fields(String(id), () => readField(parts, id, signal)), text);
      if (value !== null) values.push({ id, value });
    }
    return (ticket) => fieldsFor(ticket, values, priority);
  };
}

async function readField(
  { client, options }: Parameters<typeof triageFieldReader>[0],
  id: number,
  signal: AbortSignal,
): Promise<Field | null> {
  try {
    const ask: Ask = ({ ticketfields }) => ticketfields.show(id);
    const answer = await client.find(ask, FieldAnswer, signal);
    if (answer === null) options.log.warn("a ticket field is not there", { field: id });
    return answer?.ticket_field ?? null;
  } catch (error) {
    if (!(error instanceof DeskhandError) || error.retry) throw error;
    // Teammates wait for the ticket, so an unreadable field must not hold it back.
    options.log.warn("a ticket field cannot be read", { field: id, code: error.code });
    return null;
  }
}

function valueFor(field: Field | null, text: string): string | null {
  if (field === null || field.active === false) return null;
  if (field.type === "text" || field.type === "textarea") return text.slice(0, TEXT_MAX);
  if (field.type !== "tagger") return null;
  const wanted = normalizedName(text);
  const option = field.custom_field_options?.find(
    ({ name, value }) => normalizedName(value) === wanted || normalizedName(name) === wanted,
  );
  return option?.value ?? null;
}

function normalizedName(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "_");
}

function fieldsFor(
  ticket: Ticket | null,
  values: readonly { readonly id: number; readonly value: string }[],
  priority: Triage["priority"],
): Readonly<Record<string, unknown>> {
  const filled = new Set(
    (ticket?.custom_fields ?? [])
      .filter(({ value }) => value !== null && value !== undefined && value !== "")
      .map(({ id }) => id),
  );
  const open = values.filter(({ id }) => !filled.has(id));
  const hasPriority = ticket !== null && typeof ticket.priority === "string";
  return {
    ...(open.length === 0 ? {} : { custom_fields: open }),
    ...(priority === null || hasPriority ? {} : { priority }),
  };
}

/** The teammate a hand-over is for, as fields of the ticket; none when it is for the group. */
interface AssigneeUpdate {
  readonly fields: Readonly<Record<string, unknown>>;
  /** Why the named teammate was not assigned; empty when they were, or when none was named. */
  readonly remark: string;
}

const TakerArguments = z.looseObject({ taker: Assignee });

const NO_ASSIGNEE: AssigneeUpdate = { fields: {}, remark: "" };

/** Roles that can be assigned a ticket; an account's custom roles are reported as one of these. */
const AGENT_ROLES = new Set(["agent", "admin"]);

/**
 * Looks up the agent by the address of the teammate who takes a conversation. Zendesk assigns a person only within one
 * of their groups, so the ticket moves to the agent's default group.
 */
export async function assigneeUpdate(
  client: ZendeskClient,
  action: Action,
  signal: AbortSignal,
): Promise<AssigneeUpdate> {
  const named = TakerArguments.safeParse(action.arguments);
  if (!named.success) return NO_ASSIGNEE;
  const { name, email } = named.data.taker;
  const agent = email === null ? undefined : await agentWith(client, email, signal);
  if (agent === undefined) {
    const remark = `${name} is no agent in Zendesk under this address, so the ticket is with the group, and the note names ${name}.`;
    return { ...NO_ASSIGNEE, remark };
  }
  return { fields: { assignee_id: agent.id, group_id: agent.default_group_id }, remark: "" };
}

async function agentWith(client: ZendeskClient, email: string, signal: AbortSignal) {
  // A quote in the address would end the search term and begin another.
  const query = `email:"${email.replaceAll('"', "")}"`;
  const ask: Ask = (account) => account.users.search({ query });
  const { users } = await client.longWait.get(ask, UsersAnswer, signal);
  return users.find(
    (user) =>
      // Compared again here: a search returns more than exact matches.
      user.email?.toLowerCase() === email.toLowerCase() &&
      AGENT_ROLES.has(user.role) &&
      user.suspended !== true &&
      user.only_private_comments !== true &&
      user.default_group_id != null,
  );
}

/**
 * A write that Zendesk refused because fields have to be filled in first, with the fields' names in place of numbers.
 * Deskhand invents no values for them, so it is for people; anything else is given back as it is.
 */
export async function withFieldNames(
  error: unknown,
  client: ZendeskClient,
  signal: AbortSignal,
): Promise<unknown> {
  const failure = error instanceof DeskhandError ? error.cause : null;
  if (!(failure instanceof ZendeskFailure) || failure.fields.length === 0) return error;
  const titles = await fieldTitles(client, signal);
  const names = failure.fields.map((id) => `“${titles.get(id) ?? `field ${id}`}”`);
  return new DeskhandError(
    "channel.refused",
    `Zendesk wants ${names.join(", ")} filled in first, which is for people to do`,
    { cause: failure },
  );
}

const FieldTitle = z.object({ id: z.int().positive(), title: z.string() });

/** The numbers alone are better than nothing when the list cannot be read. */
async function fieldTitles(
  client: ZendeskClient,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, string>> {
  try {
    const ask: Ask = ({ ticketfields }) => ticketfields.list();
    const fields = await client.longWait.list(ask, FieldTitle, signal);
    return new Map(fields.map(({ id, title }) => [id, title]));
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    return new Map();
  }
}
