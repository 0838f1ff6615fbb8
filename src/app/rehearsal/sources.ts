/** Reads past tickets from where they are: the connected Zendesk, a mailbox file, or a file of JSON lines. */
import { readFile } from "node:fs/promises";
import { readMailbox } from "#email/read-mbox.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { PastTicket } from "#core/values/rehearsal.ts";
import { pastTicketOf, type SourceConversation } from "#jobs/rehearsal/past-ticket.ts";
import {
  asProven,
  assumedIdentity,
  type ReadTickets,
  ticketsInLines,
} from "#jobs/rehearsal/read-lines.ts";
import type { RehearsalRequest } from "#jobs/rehearsal/shelf.ts";
import { agentPage } from "#connections/zendesk.ts";
import { solvedTickets } from "#zendesk/read/solved-tickets.ts";
import type { ComposedApp } from "#app/composed-app.ts";

/** What reading needs besides the request. */
export interface Reading {
  readonly app: Pick<ComposedApp, "connections">;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** How many read tickets there are between two lines of progress. */
const PROGRESS_EVERY = 25;

/** The newest tickets of the source, as many as asked for; the last answered first. */
export async function readPastTickets(
  { source, last, proven }: Pick<RehearsalRequest, "source" | "last" | "proven">,
  reading: Reading,
): Promise<ReadTickets> {
  const { tickets, leftOut } = await readAll(source, last, reading);
  const newest = tickets.toSorted((a, b) => (a.answer.at < b.answer.at ? 1 : -1));
  const kept = newest.slice(0, last);
  return { tickets: proven ? kept.map(asProven) : kept, leftOut };
}

async function readAll(
  source: RehearsalRequest["source"],
  last: number,
  reading: Reading,
): Promise<ReadTickets> {
  switch (source.kind) {
    case "zendesk":
      return fromZendesk(last, reading);
    case "mailbox":
      return fromMailbox(source, reading);
    case "file":
      return ticketsInLines(await opened(source.path, () => readFile(source.path, "utf8")));
  }
}

/** A file that cannot be opened is the caller's mistake, and told with its name. */
async function opened<Result>(path: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof DeskhandError) throw cause;
    throw new DeskhandError("input.invalid", `${path} cannot be read: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

async function fromZendesk(last: number, { app, progress, signal }: Reading): Promise<ReadTickets> {
  const { zendesk } = app.connections;
  if (zendesk === null)
    throw new DeskhandError(
      "config.invalid",
      "no Zendesk is connected: set it up with deskhand init zendesk, or rehearse with --mailbox or --file",
    );
  const solved = await solvedTickets(zendesk, {
    last,
    signal,
    progress: (read) => told(progress, read, `of the last ${last} solved tickets`),
  });
  return sorted(
    solved.map(({ id, customer, resolved: { subject, brand, messages } }) => ({
      id: String(id),
      link: agentPage(zendesk.url, String(id)) ?? "",
      channel: "zendesk",
      brand,
      subject,
      customer,
      messages,
      identityAssumed: false,
    })),
    (id) => `ticket ${id}`,
  );
}

async function fromMailbox(
  { path, ours }: Extract<RehearsalRequest["source"], { kind: "mailbox" }>,
  { app, progress, signal }: Reading,
): Promise<ReadTickets> {
  const { email } = app.connections;
  const inboxes = email === null ? [] : email.inboxes;
  const own =
    ours.length > 0 ? ours : inboxes.flatMap(({ address, aliases }) => [address, ...aliases]);
  if (own.length === 0)
    throw new DeskhandError(
      "config.invalid",
      "no inbox is connected, so it is not known which mails are the team's: name its addresses with --inbox",
    );
  const { conversations, leftOut } = await opened(path, () =>
    readMailbox(path, {
      ours: own.map((address) => address.toLowerCase()),
      identityOf: assumedIdentity,
      signal,
      progress: (read) => told(progress, read, "mails"),
    }),
  );
  const read = sorted(
    conversations.map((one) => ({
      ...one,
      link: "",
      channel: "email" as const,
      brand: "",
      identityAssumed: true,
    })),
    (id) => id,
  );
  return { tickets: read.tickets, leftOut: [...leftOut, ...read.leftOut] };
}

function told(progress: (line: string) => void, read: number, what: string): void {
  if (read % PROGRESS_EVERY === 0) progress(`${read} ${what} read`);
}

function sorted(
  conversations: readonly SourceConversation[],
  nameOf: (id: string) => string,
): ReadTickets {
  const tickets: PastTicket[] = [];
  const leftOut: string[] = [];
  for (const conversation of conversations) {
    const ticket = pastTicketOf(conversation);
    if ("leftOut" in ticket) leftOut.push(`${nameOf(conversation.id)}: ${ticket.leftOut}`);
    else tickets.push(ticket);
  }
  return { tickets, leftOut };
}
