/** The incremental export endpoints of the local Zendesk. */
import { ApiError, invalidAttribute } from "#sandbox/zendesk/http/errors.ts";
import type { Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { ticketJson } from "#sandbox/zendesk/records/to-json.ts";
import type { Call, Reply, Route } from "./route.ts";

/** The incremental export, which only admins may read. */
export const EXPORT_ROUTES: readonly Route[] = [
  { method: "get", path: "/incremental/tickets/cursor", allow: "admin", run: exportTickets },
];

const PER_PAGE_MAX = 1000;

/**
 * The cursor-based export of every ticket that changed, in the order of the changes. What changed within the last
 * `exportDelaySeconds` is left out, and a start time inside that span is refused, as Zendesk does with its last
 * minute. Deleted tickets are included unless `exclude_deleted` is asked.
 */
function exportTickets(call: Call): Reply {
  const { desk, query } = call;
  const until = Math.floor(desk.now().getTime() / 1000) - desk.settings.exportDelaySeconds;
  const from = startOf(query, until);
  const perPage = Math.min(
    PER_PAGE_MAX,
    Math.max(1, Number(query.get("per_page") ?? PER_PAGE_MAX) || PER_PAGE_MAX),
  );
  const withDeleted = query.get("exclude_deleted") !== "true";
  const changed = desk.tickets
    .all()
    .filter(
      (ticket) =>
        ticket.generated_timestamp <= until &&
        from.includes(ticket) &&
        (withDeleted || !ticket.deleted),
    )
    .toSorted((left, right) => left.sequence - right.sequence);
  const page = changed.slice(0, perPage);
  const last = page.at(-1);
  const after = last ? encodeCursor(last.generated_timestamp, last.sequence) : from.cursor;
  const url = new URLSearchParams({ cursor: after });
  return {
    body: {
      tickets: page.map((ticket) => ticketJson(desk, ticket)),
      after_cursor: after,
      after_url: `${desk.url()}/api/v2/incremental/tickets/cursor.json?${url.toString()}`,
      before_cursor: null,
      before_url: null,
      end_of_stream: changed.length <= perPage,
    },
  };
}

interface ExportStart {
  readonly cursor: string;
  includes(ticket: Ticket): boolean;
}

function startOf(query: URLSearchParams, until: number): ExportStart {
  const cursor = query.get("cursor");
  if (cursor !== null) {
    const { seconds, sequence } = decodeCursor(cursor);
    const includes = (ticket: Ticket): boolean =>
      sequence === 0 ? ticket.generated_timestamp >= seconds : ticket.sequence > sequence;
    return { cursor, includes };
  }
  const asked = query.get("start_time");
  const start = Number(asked);
  if (asked === null || !Number.isInteger(start) || start < 0) {
    throw invalidAttribute("start_time must be a number of seconds since 1970");
  }
  if (start > until) {
    throw new ApiError(400, {
      errors: [
        {
          code: "StartTimeTooRecent",
          status: "400",
          title: "start_time must be more than 60 seconds ago",
        },
      ],
    });
  }
  return {
    cursor: encodeCursor(start, 0),
    includes: (ticket) => ticket.generated_timestamp >= start,
  };
}

/** Time and position, as opaque as Zendesk's. */
function encodeCursor(seconds: number, sequence: number): string {
  return Buffer.from(`${seconds}.0||${sequence}`).toString("base64");
}

/** A cursor with position 0 comes from an empty first page and starts over at its time. */
function decodeCursor(cursor: string): { readonly seconds: number; readonly sequence: number } {
  const [, seconds, sequence] =
    /^(\d+)\.0\|\|(\d+)$/u.exec(Buffer.from(cursor, "base64").toString("utf8")) ?? [];
  if (sequence === undefined) {
    throw new ApiError(400, {
      errors: [{ code: "InvalidCursor", status: "400", title: "cursor is invalid or expired" }],
    });
  }
  return { seconds: Number(seconds), sequence: Number(sequence) };
}
