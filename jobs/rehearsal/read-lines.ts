/** Reads past tickets from JSON lines. What is wrong with a line is said by field, and the other lines go on. */
import { z } from "zod";
import { PROVEN_LEVEL } from "#core/values/identity.ts";
import { PastTicket } from "#core/values/rehearsal.ts";

/** Tickets that were read, and for each that was not its place with the reason. */
export interface ReadTickets {
  readonly tickets: readonly PastTicket[];
  readonly leftOut: readonly string[];
}

/** What a line has to say; everything else has a default. docs/evals.md describes the fields. */
const Line = PastTicket.extend({
  link: PastTicket.shape.link.default(""),
  channel: PastTicket.shape.channel.default("email"),
  brand: PastTicket.shape.brand.default(""),
  language: PastTicket.shape.language.default(null),
  subject: PastTicket.shape.subject.default(""),
  customer: PastTicket.shape.customer.default(null),
  identity: PastTicket.shape.identity.optional(),
  identityAssumed: z.boolean().default(true),
  actions: PastTicket.shape.actions.default(null),
  outcome: PastTicket.shape.outcome.default(null),
});

/** The tickets of a file with one JSON object a line; empty lines are nothing. A second ticket with an id is left out. */
export function ticketsInLines(text: string): ReadTickets {
  const tickets = new Map<string, PastTicket>();
  const leftOut: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const read = ticketIn(line);
    if ("problem" in read) leftOut.push(`line ${index + 1}: ${read.problem}`);
    else if (tickets.has(read.id)) leftOut.push(`line ${index + 1}: a second ticket ${read.id}`);
    else tickets.set(read.id, read);
  }
  return { tickets: [...tickets.values()], leftOut };
}

function ticketIn(line: string): PastTicket | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: "is no JSON" };
  }
  const read = Line.safeParse(value);
  if (!read.success) return { problem: fieldsOf(read.error) };
  const { identity, identityAssumed, ...ticket } = read.data;
  if (!ticket.messages.some(({ by }) => by === "customer"))
    return { problem: "messages: the customer wrote none of them" };
  const customer = ticket.customer?.toLowerCase() ?? null;
  return {
    ...ticket,
    customer,
    identity: identity ?? assumedIdentity(customer),
    identityAssumed: identity === undefined || identityAssumed,
  };
}

function fieldsOf({ issues }: z.ZodError): string {
  return issues
    .map(({ path, message }) => `${path.join(".") || "the line"}: ${message}`)
    .join("; ");
}

/**
 * The person who wrote to a helpdesk and was answered there was most likely the customer: it is assumed, and every ticket and
 * the summary say so. Without an address no account can be looked up.
 */
export function assumedIdentity(customer: string | null): PastTicket["identity"] {
  return customer === null
    ? { level: 0, method: "none", reason: "the source names no customer", handle: { kind: "none" } }
    : {
        level: PROVEN_LEVEL,
        method: "assumed",
        reason: `assumed for the rehearsal: ${customer} is the customer`,
        handle: { kind: "email", email: customer },
      };
}

/**
 * The ticket as if its customer had proved their address by a code, which a rehearsal cannot ask for. It is marked as an
 * assumption. One without any address or with proof of its own stays as it is.
 */
export function asProven(ticket: PastTicket): PastTicket {
  const { identity, customer } = ticket;
  if (identity.level >= PROVEN_LEVEL || customer === null) return ticket;
  return { ...ticket, identity: assumedIdentity(customer), identityAssumed: true };
}
