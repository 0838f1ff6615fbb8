/** Merges tickets as Zendesk does. */
import type { Actor } from "./actor.ts";
import { makeComment } from "#sandbox/zendesk/records/comments.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { recordInvalid } from "#sandbox/zendesk/http/errors.ts";
import type { Ticket, Via } from "#sandbox/zendesk/records/ticket-model.ts";
import { findTicket, keepChange } from "#sandbox/zendesk/records/tickets.ts";

/** The tickets to merge and the comments to leave in them; both are private by default. */
export interface MergeOrder {
  readonly ids: readonly number[];
  readonly target_comment?: string | undefined;
  readonly source_comment?: string | undefined;
  readonly target_comment_is_public?: boolean | undefined;
  readonly source_comment_is_public?: boolean | undefined;
}

/** Merges tickets into another, past the rules: sources are closed, and both sides get a comment. */
export function mergeTickets(desk: Desk, actor: Actor, targetId: number, order: MergeOrder): void {
  desk.write(() => {
    const target = findTicket(desk, targetId);
    const sources = order.ids.map((id) => findTicket(desk, id));
    if (["solved", "closed"].includes(target.status)) {
      throw recordInvalid("base", "Merge: the target ticket is solved or closed");
    }
    if (sources.some((source) => source.status === "closed" || source.id === target.id)) {
      throw recordInvalid("base", "Merge: a source ticket is closed or is the target itself");
    }
    const allPublic = [target, ...sources].every((ticket) => ticket.is_public);
    for (const source of sources) mergeOne(desk, actor, { source, target, order, allPublic });
  });
}

function mergeOne(
  desk: Desk,
  actor: Actor,
  merge: {
    readonly source: Ticket;
    readonly target: Ticket;
    readonly order: MergeOrder;
    readonly allPublic: boolean;
  },
): void {
  const { source, target, order, allPublic } = merge;
  const last = desk.comments.of(source.id).at(-1)?.plain_body ?? "";
  const sourceText =
    order.source_comment ??
    `This request was closed and merged into request #${target.id} "${target.subject}".`;
  const targetText =
    order.target_comment ??
    `Request #${source.id} "${source.subject}" was closed and merged into this request. Last comment in request #${source.id}:\n\n${last}`;
  addMergeComment(desk, actor, {
    before: source,
    fields: {
      ...source,
      status: "closed",
      tags: [...new Set([...source.tags, "closed_by_merge"])].toSorted(),
    },
    text: sourceText,
    public: allPublic && order.source_comment_is_public === true,
    other: target,
    mergedInto: target.id,
  });
  addMergeComment(desk, actor, {
    // An earlier source of the same merge may have changed the target already.
    before: findTicket(desk, target.id),
    fields: findTicket(desk, target.id),
    text: targetText,
    public: allPublic && order.target_comment_is_public === true,
    other: source,
  });
}

function addMergeComment(
  desk: Desk,
  actor: Actor,
  change: {
    readonly before: Ticket;
    readonly fields: Ticket;
    readonly text: string;
    readonly public: boolean;
    readonly other: Ticket;
    readonly mergedInto?: number;
  },
): void {
  const { before, fields, other, mergedInto } = change;
  const from = { ticket_id: other.id, subject: other.subject };
  const via: Via = { channel: actor.via.channel, source: { from, to: {}, rel: "merge" } };
  const merging: Actor = { ...actor, via };
  const auditId = desk.nextId("record");
  const draft = { body: change.text, public: change.public };
  const comment = makeComment(desk, merging, draft, {
    ticketId: before.id,
    auditId,
    author: actor.user,
    before,
  });
  const told = mergedInto === undefined ? {} : { mergedInto };
  keepChange(desk, merging, { before, fields, auditId, author: actor.user, comment, ...told });
}
