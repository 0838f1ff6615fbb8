/** What happens to a ticket besides an update: it is merged, routed, assigned by a rule, rated. */
import { z } from "zod";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { forbidden, recordInvalid } from "#sandbox/zendesk/http/errors.ts";
import type { Actor, Rating, Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { findTicket, keepChange } from "#sandbox/zendesk/records/tickets.ts";
import { UNKNOWN_USER, type User } from "#sandbox/zendesk/records/account-model.ts";
import { applyRules } from "./rules.ts";

/** The tickets to merge and the comments to leave in them; both are private by default. */
export const MergeOrder = z.object({
  ids: z.array(z.number().int()).min(1).max(5),
  target_comment: z.string().optional(),
  source_comment: z.string().optional(),
  target_comment_is_public: z.boolean().optional(),
  source_comment_is_public: z.boolean().optional(),
});
type MergeOrder = z.infer<typeof MergeOrder>;

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
  const mergedWith = ({ id: ticket_id, subject }: Ticket): Actor => {
    const from = { ticket_id, subject };
    return { ...actor, via: { ...actor.via, source: { from, to: {}, rel: "merge" } } };
  };
  keepChange(desk, mergedWith(target), {
    before: source,
    fields: {
      ...source,
      status: "closed",
      tags: [...new Set([...source.tags, "closed_by_merge"])].toSorted(),
    },
    draft: {
      body:
        order.source_comment ??
        `This request was closed and merged into request #${target.id} "${target.subject}".`,
      public: allPublic && order.source_comment_is_public === true,
    },
    extra: { merged: true },
  });
  keepChange(desk, mergedWith(source), {
    // An earlier source of the same merge may have changed the target already.
    before: findTicket(desk, target.id),
    draft: {
      body:
        order.target_comment ??
        `Request #${source.id} "${source.subject}" was closed and merged into this request. Last comment in request #${source.id}:\n\n${last}`,
      public: allPublic && order.target_comment_is_public === true,
    },
  });
}

// What the account does by itself.

/** The account's own doing: audits have a negative author for it, and no user has that number. */
const SYSTEM_USER: User = {
  ...UNKNOWN_USER,
  id: -1,
  name: "System",
  role: "admin",
  verified: true,
};

const ASSIGNING_RULE_ID = 4_600_000_012;

/** An automation assigns a ticket, in an audit of the account's own. */
export function assignByRule(
  desk: Desk,
  ticketId: number,
  change: { readonly assignee_id: number | null; readonly group_id: number | null },
  title: string,
): void {
  desk.write(() => {
    const before = findTicket(desk, ticketId);
    const by = { author: SYSTEM_USER, withComment: false };
    const source = { from: { id: ASSIGNING_RULE_ID, title }, to: {}, rel: "automation" };
    const actor: Actor = { user: SYSTEM_USER, via: { channel: "rule", source }, system: {} };
    keepChange(desk, actor, { before, fields: applyRules(desk, before, change, by) });
  });
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
    const known = desk.ratings.get(before.satisfaction.rating_id ?? 0);
    const rating = desk.save(
      desk.ratings,
      {
        ticket_id: before.id,
        requester_id: actor.user.id,
        assignee_id: before.assignee_id,
        group_id: before.group_id,
        score: said.score,
        comment: said.comment ?? known?.comment ?? null,
      },
      known,
    );
    const { score, comment, id: rating_id, assignee_id } = rating;
    const rated: Ticket = { ...before, satisfaction: { score, comment, rating_id } };
    const event = { type: "SatisfactionRating", score, body: comment, assignee_id } as const;
    keepChange(desk, actor, { before: rated, extraEvents: [event] });
    return rating;
  });
}
