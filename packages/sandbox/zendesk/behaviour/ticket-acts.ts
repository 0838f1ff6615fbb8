/** What happens to a ticket besides an update: it is merged, routed, assigned by a rule, rated. */
import { makeComment } from "#sandbox/zendesk/records/comments.ts";
import { type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import { recordInvalid, forbidden } from "#sandbox/zendesk/http/errors.ts";
import type { Ticket, Via, Actor, Rating } from "#sandbox/zendesk/records/ticket-model.ts";
import { findTicket, keepChange, rulesFor } from "#sandbox/zendesk/records/tickets.ts";
import { UNKNOWN_USER, type User } from "#sandbox/zendesk/records/account-model.ts";
import { applyRules } from "./rules.ts";

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

// Omnichannel routing and the account's automations.

/** The account's own doing: audits have a negative author for it, and no user has that number. */
const SYSTEM_USER: User = {
  ...UNKNOWN_USER,
  id: -1,
  name: "System",
  role: "admin",
  verified: true,
};

interface Rule {
  readonly id: number;
  readonly title: string;
}

const OMNICHANNEL_RULE: Rule = { id: 4_600_000_011, title: "Omnichannel routing" };

/** The account's automation that assigns. */
export const ASSIGNING_RULE: Rule = { id: 4_600_000_012, title: "Assign what waits" };

/**
 * Omnichannel routing, once: every new or open ticket of the group without an assignee goes to this agent. Zendesk
 * routes unassigned tickets only, so what a person assigned stays there. Returns the tickets' ids.
 */
export function routeGroup(desk: Desk, order: { group: number; agent: number }): number[] {
  const waiting = desk.tickets.all().filter((ticket) => isWaiting(ticket, order.group));
  for (const { id } of waiting)
    assignByRule(desk, id, { assignee_id: order.agent, group_id: order.group }, OMNICHANNEL_RULE);
  return waiting.map(({ id }) => id);
}

function isWaiting(ticket: Ticket, group: number): boolean {
  const { assignee_id: assignee, group_id: its, status, deleted } = ticket;
  return !deleted && assignee === null && its === group && ["new", "open"].includes(status);
}

/** An automation assigns a ticket, in an audit of the account's own. */
export function assignByRule(
  desk: Desk,
  ticketId: number,
  change: { readonly assignee_id: number | null; readonly group_id: number | null },
  rule: Rule,
): void {
  desk.write(() => {
    const before = findTicket(desk, ticketId);
    const context = { ...rulesFor(desk, SYSTEM_USER), withComment: false };
    keepChange(desk, actorOf(rule), { before, fields: applyRules(before, change, context) });
  });
}

function actorOf(rule: Rule): Actor {
  const source = { from: { ...rule }, to: {}, rel: "automation" };
  return { user: SYSTEM_USER, via: { channel: "rule", source }, system: {} };
}

/** Stores what the requester says about a solved ticket; a later rating replaces an earlier one. */
export function rateTicket(
  desk: Desk,
  actor: Actor,
  ticketId: number,
  said: { readonly score: "good" | "bad"; readonly comment?: string | undefined },
): Rating {
  return desk.write(() => {
    const before = findTicket(desk, ticketId);
    if (before.requester_id !== actor.user.id) throw forbidden();
    if (before.status !== "solved") {
      throw recordInvalid("base", "Satisfaction rating: the ticket is not solved");
    }
    const known =
      before.satisfaction.rating_id === null
        ? undefined
        : desk.ratings.get(before.satisfaction.rating_id);
    const at = stamp(desk.now());
    const rating: Rating = {
      id: known?.id ?? desk.nextId("record"),
      ticket_id: before.id,
      requester_id: actor.user.id,
      assignee_id: before.assignee_id,
      group_id: before.group_id,
      score: said.score,
      comment: said.comment ?? known?.comment ?? null,
      created_at: known?.created_at ?? at,
      updated_at: at,
    };
    desk.ratings.put(rating);
    keepRating(desk, actor, before, rating);
    return rating;
  });
}

function keepRating(desk: Desk, actor: Actor, before: Ticket, rating: Rating): void {
  const satisfaction = { score: rating.score, comment: rating.comment, rating_id: rating.id };
  const rated: Ticket = { ...before, satisfaction };
  keepChange(desk, actor, {
    before: rated,
    extraEvents: [
      {
        id: desk.nextId("record"),
        type: "SatisfactionRating",
        score: rating.score,
        body: rating.comment,
        assignee_id: rating.assignee_id,
      },
    ],
  });
}
