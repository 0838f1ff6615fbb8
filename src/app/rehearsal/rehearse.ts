/**
 * Room: rehearsals of this installation: it reads past tickets, plays them, and keeps what came of them.
 * In: a request of the command line, the composed application.
 * Out: played tickets and figures, kept in the database.
 * May touch: the source, read-only (the connected Zendesk, a mailbox file, or a file of JSON lines); the model and the
 * shop's reads, as every turn; the tables of rehearsals.
 * This file: from a request to its result.
 */
import { readFile } from "node:fs/promises";
import { readMailbox } from "#email/read-mbox.ts";
import { DeskhandError, reasonOf, invalidInput, invalidConfig } from "#core/values/errors.ts";
import {
  asProven,
  assumedIdentity,
  type ReadTickets,
  ticketsInLines,
  ticketsOfConversations,
} from "#jobs/rehearsal/past-tickets.ts";
import { type RehearsalRequest, runRehearsal } from "#jobs/rehearsal/run.ts";
import type { RehearsalResult } from "#jobs/rehearsal/figures.ts";
import { agentPage } from "#connections/sign-ins.ts";
import { rehearsalTickets } from "#store/rehearsal/rehearsals.ts";
import type { ComposedApp } from "#app/composed-app.ts";
import { playTicket } from "./play.ts";
import { solvedTickets } from "#zendesk/read/read-ticket.ts";

/** What a rehearsal is watched and stopped by. */
interface Watching {
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Runs one rehearsal. Throws what reading the source throws; what one ticket throws is told with its id. */
export async function rehearse(
  app: ComposedApp,
  request: RehearsalRequest,
  { progress, signal }: Watching,
): Promise<RehearsalResult> {
  const { agent, store, clock, ids } = app;
  const { concurrency, budgetUsd, anew, as } = request;
  // As it is now: the one in force answers otherwise once a lead changes it.
  const policy = { ...app.policy, ...(as === null ? {} : { replyAutonomy: () => as }) };
  const { tickets, leftOut } = await readPastTickets(request, { app, progress, signal });
  const source = sourceName(request);
  const end = await runRehearsal(
    {
      store,
      clock,
      ids,
      progress,
      signal,
      policyVersion: () => app.policy.version,
      play: (ticket, stopped) => playTicket({ app, policy }, ticket, stopped),
    },
    {
      tickets,
      leftOut,
      concurrency,
      budgetUsd,
      anew,
      source,
      model: agent.modelName,
      isRehearsalModel: agent.isRehearsal,
      policyVersion: policy.version,
    },
  );
  const kept = await store.run(rehearsalTickets, end.id);
  return {
    end,
    source,
    model: agent.modelName,
    isRehearsalModel: agent.isRehearsal,
    tickets: kept.map(({ played }) => played),
    leftOut,
  };
}

/** What is played differently is another rehearsal, and not gone on with. */
function sourceName({ source, proven, as }: RehearsalRequest): string {
  return [
    source.kind === "zendesk" ? "zendesk" : `${source.kind} ${source.path}`,
    ...(proven ? ["customers as proven"] : []),
    ...(as === null ? [] : [`as if on ${as}`]),
  ].join(", ");
}

type Reading = Watching & { readonly app: ComposedApp };

/** How many read tickets there are between two lines of progress. */
const PROGRESS_EVERY = 25;

/** The newest tickets of the source, as many as asked for; the last answered first. */
async function readPastTickets(
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
    case "sample":
      return { tickets: source.tickets, leftOut: [] };
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
    throw invalidInput(`${path} cannot be read: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

async function fromZendesk(last: number, { app, progress, signal }: Reading): Promise<ReadTickets> {
  const { zendesk } = app.connections;
  if (zendesk === null)
    throw invalidConfig(
      "no Zendesk is connected: set it up with deskhand init zendesk, or rehearse with --mailbox or --file",
    );
  const solved = await solvedTickets(zendesk, {
    last,
    signal,
    progress: (read) => told(progress, read, `of the last ${last} solved tickets`),
  });
  return ticketsOfConversations(
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
    throw invalidConfig(
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
  const read = ticketsOfConversations(
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
