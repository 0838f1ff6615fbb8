import {
  type Action,
  AssignArguments,
  CreateTicketArguments,
  NoteArguments,
  ReplyArguments,
} from "#core/action.ts";
import { createHash } from "node:crypto";
import { DeskhandError } from "#core/errors.ts";
import { z } from "zod";
import type { ZendeskOptions } from "./options.ts";
import { type Account, signalsOf } from "./ownership.ts";
import type { Audit, Ticket } from "./schema.ts";

/** A ticket right before it is written, with what happened on it since anybody here looked. */
export interface Standing {
  readonly ticket: Ticket;
  readonly audits: readonly Audit[];
  /** Id of the last audit the conversation was judged by. */
  readonly judgedBy: number;
  /** True when this process has read the ticket before. */
  readonly hasLooked: boolean;
  readonly account: Account;
}

/** One decision about an existing ticket: it becomes one PUT, whatever it changes. */
export interface Update {
  readonly ticketId: number;
  /** Comment ids this rests on, for a process that has not read the ticket itself. */
  readonly restsOn: readonly number[];
  /** Throws `channel.conflict` when the ticket moved on in a way that matters to this write. */
  check(standing: Standing): void;
  fields(standing: Standing): Readonly<Record<string, unknown>>;
}

/** Tags for a ticket; those it has already, or has not, are left alone. */
const TagArguments = z.strictObject({
  conversationId: z.string().min(1),
  externalId: z.string().min(1),
  add: z.array(z.string().regex(/^\S{1,80}$/)).max(20),
  remove: z.array(z.string().regex(/^\S{1,80}$/)).max(20),
});

/** What `conversation.ts` puts into a destination's address. */
const Address = z.strictObject({ ticketId: z.int().positive() });

/** Zendesk takes about 65,000 characters; bytes are counted, to be safe with any script. */
const COMMENT_BYTES_MAX = 65_000;

/**
 * Put on tickets we open for a conversation that lives elsewhere. The account's notification triggers leave tickets with
 * it alone: the customer is answered where they wrote, and a mail from Zendesk would be a second copy.
 */
export const LINKED_TAG = "deskhand_linked";

type Updates = Readonly<Record<string, (action: Action) => Update>>;

/** The operations that change a ticket. */
export function updates(groups: ZendeskOptions["groups"]): Updates {
  return {
    reply: (action) => reply(parseArguments(ReplyArguments, action), groups),
    note: (action) => note(parseArguments(NoteArguments, action)),
    assign: (action) => assign(parseArguments(AssignArguments, action), groups),
    tag: (action) => tag(parseArguments(TagArguments, action)),
  };
}

function reply({ to, text, answers }: ReplyArguments, groups: ZendeskOptions["groups"]): Update {
  const { ticketId } = parseOrRefuse(
    Address,
    to.address,
    "the reply has no address of this channel",
  );
  if (Buffer.byteLength(text) > COMMENT_BYTES_MAX)
    throw refused(`the reply has more than ${COMMENT_BYTES_MAX} bytes`);
  return {
    ticketId,
    restsOn: answers.flatMap((key) => Number(/^zendesk:comment:(\d+)$/.exec(key)?.[1] ?? [])),
    check(standing) {
      refuseFinished(standing);
      refuseWhenAnswered(standing);
      const last = signalsOf(standing.audits, standing.account).findLast(
        ({ kind }) => kind === "assigned",
      );
      if (last?.kind === "assigned" && last.to === "human")
        throw conflict(`${last.actor} gave it to ${last.assignee}`);
    },
    fields: ({ ticket, account }) => ({
      // Left out, `public` would follow the ticket's first comment.
      comment: { body: text, public: true },
      ...(isOurs(ticket, account)
        ? { status: "pending", assignee_id: account.botUserId, group_id: groups.bot }
        : {}),
    }),
  };
}

/** Nobody has it, or we do. A ticket we have handed over stays where it is, also when we still write to the customer. */
function isOurs({ assignee_id: assignee, group_id: group }: Ticket, account: Account): boolean {
  return (
    [null, undefined, account.botUserId].includes(assignee) &&
    [null, undefined, account.botGroupId].includes(group)
  );
}

function note({ externalId, text }: NoteArguments): Update {
  return {
    ticketId: ticketIdOf(externalId),
    restsOn: [],
    check: () => undefined,
    fields: () => ({ comment: { body: cutToBytes(text), public: false } }),
  };
}

function assign(
  { externalId, group, note: words }: AssignArguments,
  groups: ZendeskOptions["groups"],
): Update {
  return {
    ticketId: ticketIdOf(externalId),
    restsOn: [],
    check(standing) {
      refuseFinished(standing);
      const taken = signalsSince(standing).find(
        (signal) => signal.kind === "assigned" && signal.to === "human" && !signal.automatic,
      );
      if (taken?.kind === "assigned") throw conflict(`${taken.actor} gave it to ${taken.assignee}`);
    },
    fields: () => ({
      status: "open",
      group_id: groups[group],
      assignee_id: null,
      comment: { body: cutToBytes(words), public: false },
    }),
  };
}

function tag({ externalId, add, remove }: z.output<typeof TagArguments>): Update {
  return {
    ticketId: ticketIdOf(externalId),
    restsOn: [],
    check: () => undefined,
    fields: ({ ticket }) => ({
      tags: [...new Set([...ticket.tags, ...add])].filter((name) => !remove.includes(name)),
    }),
  };
}

/** The body of a new ticket for people. Always the same for the same action: Zendesk compares repeated requests. */
export function newTicket(
  action: Action,
  key: string,
  groups: ZendeskOptions["groups"],
): { readonly externalId: string; readonly body: unknown } {
  const made = parseArguments(CreateTicketArguments, action);
  const { name, email } = made.requester;
  const quoted = made.firstMessage.replaceAll(/^/gm, "> ");
  const externalId = externalIdOf(key);
  const ticket = {
    subject: made.subject,
    comment: {
      body: cutToBytes(
        made.firstMessage === ""
          ? made.summary
          : `${made.summary}\n\nWhat the customer wrote:\n\n${quoted}`,
      ),
      public: false,
    },
    group_id: groups[made.group],
    ...(email === null ? {} : { requester: { name: name || email, email } }),
    tags: [LINKED_TAG],
    external_id: externalId,
    metadata: { deskhand_key: key },
  };
  return { externalId, body: { ticket } };
}

/** Under this a ticket of ours is found again; the search index would lag behind. */
export function externalIdOf(key: string): string {
  return `deskhand:${createHash("sha256").update(key).digest("hex").slice(0, 40)}`;
}

/** A ticket that people have finished gets no answer from us; a customer who writes again reopens it first. */
function refuseFinished({ ticket }: Standing): void {
  if (ticket.status === "solved" || ticket.status === "closed")
    throw refused(`ticket ${ticket.id} is ${ticket.status}`);
}

/**
 * What anybody said since this process looked makes the reply stale. A process that has not looked finishes what
 * another one began: then more words of the customer are no reason to keep it back, but an answer of the team is.
 */
function refuseWhenAnswered({ ticket, audits, judgedBy, hasLooked, account }: Standing): void {
  const silent = new Set([account.botUserId, ...(hasLooked ? [] : [ticket.requester_id])]);
  const wrote = audits.find(
    (audit) =>
      audit.id > judgedBy &&
      !silent.has(audit.author_id) &&
      audit.events.some(({ type, public: isPublic }) => type === "Comment" && isPublic === true),
  );
  if (wrote) throw conflict("somebody wrote meanwhile");
}

function signalsSince({ audits, judgedBy, account }: Standing): ReturnType<typeof signalsOf> {
  const newer = new Set(
    audits.filter(({ id }) => id > judgedBy).map(({ id }) => `zendesk:audit:${id}`),
  );
  return signalsOf(audits, account).filter(({ key }) => newer.has(key));
}

/** The ticket's number; a conversation of another channel has none. */
export function ticketIdOf(externalId: string): number {
  const id = /^[1-9]\d{0,14}$/.test(externalId) ? Number(externalId) : null;
  if (id === null) throw refused("there is no such ticket");
  return id;
}

/** The arguments of an action; throws `channel.refused` for another shape. */
export function parseArguments<Schema extends z.ZodType>(
  schema: Schema,
  action: Action,
): z.output<Schema> {
  return parseOrRefuse(
    schema,
    action.arguments,
    `${action.operation} has arguments of another shape`,
  );
}

function parseOrRefuse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  reason: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DeskhandError("channel.refused", reason, { cause: parsed.error });
}

/** Internal text may be shortened, saying so; a reply never is. */
export function cutToBytes(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= COMMENT_BYTES_MAX) return text;
  const kept = new TextDecoder().decode(bytes.subarray(0, COMMENT_BYTES_MAX - 100));
  return `${kept.replace(/\uFFFD$/, "")}\n\n[${bytes.length - COMMENT_BYTES_MAX + 100} more bytes were cut]`;
}

function conflict(reason: string): DeskhandError {
  return new DeskhandError("channel.conflict", reason);
}

function refused(reason: string): DeskhandError {
  return new DeskhandError("channel.refused", reason);
}
