/** Sorts ticket lists as Zendesk's list endpoints do. */
import type { Ticket } from "#sandbox/zendesk/records/ticket-model.ts";

const SORTABLE: Readonly<Record<string, (ticket: Ticket) => string | number>> = {
  id: (ticket) => ticket.id,
  created_at: (ticket) => ticket.created_at,
  updated_at: (ticket) => ticket.updated_at,
  status: (ticket) => ["new", "open", "pending", "hold", "solved", "closed"].indexOf(ticket.status),
  priority: (ticket) => ["low", "normal", "high", "urgent"].indexOf(ticket.priority ?? ""),
};

/** Tickets as `sort` (`-updated_at`) or `sort_by` with `sort_order` ask; by id otherwise. Unknown names are ignored. */
export function sortedTickets(tickets: readonly Ticket[], query: URLSearchParams): Ticket[] {
  const sort = query.get("sort");
  const name = sort?.replace("-", "") ?? query.get("sort_by") ?? "id";
  const descending = sort ? sort.startsWith("-") : query.get("sort_order") === "desc";
  const key = SORTABLE[name] ?? ((ticket: Ticket) => ticket.id);
  const sorted = tickets.toSorted((left, right) => {
    const [a, b] = [key(left), key(right)];
    if (a === b) return left.id - right.id;
    return a < b ? -1 : 1;
  });
  return descending ? sorted.toReversed() : sorted;
}
