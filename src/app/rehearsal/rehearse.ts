/**
 * Room: rehearsals of this installation: it reads past tickets, plays them, and keeps what came of them.
 * In: a request of the command line, the composed application.
 * Out: played tickets and figures, kept in the database.
 * May touch: the source, read-only; the model and the shop's reads, as every turn; the tables of rehearsals.
 * This file: from a request to its result.
 */
import { runRehearsal } from "#jobs/rehearsal/run.ts";
import type { RehearsalRequest, RehearsalResult } from "#jobs/rehearsal/shelf.ts";
import { ticketsOf } from "#store/rehearsal/rehearsals.ts";
import type { ComposedApp } from "#app/composed-app.ts";
import { playTicket } from "./play.ts";
import { readPastTickets } from "./sources.ts";

/** What a rehearsal is watched and stopped by. */
export interface Watching {
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Runs one rehearsal. Throws what reading the source throws; what one ticket throws is told with its id. */
export async function rehearse(
  app: ComposedApp,
  request: RehearsalRequest,
  { progress, signal }: Watching,
): Promise<RehearsalResult> {
  const { agent, store, clock, ids, policy } = app;
  const { concurrency, budgetUsd, anew, as } = request;
  const { tickets, leftOut } = await readPastTickets(request, { app, progress, signal });
  const end = await runRehearsal(
    {
      store,
      clock,
      ids,
      progress,
      signal,
      play: (ticket, stopped) => playTicket({ app, as }, ticket, stopped),
    },
    {
      tickets,
      concurrency,
      budgetUsd,
      anew,
      source: sourceName(request),
      model: agent.modelName,
      isRehearsalModel: agent.isRehearsal,
      policyVersion: as === null ? policy.version : `${policy.version} as ${as}`,
    },
  );
  const kept = await store.run((transaction) => ticketsOf(transaction, end.id));
  const asked = new Set(tickets.map(({ id }) => id));
  return {
    end,
    model: agent.modelName,
    isRehearsalModel: agent.isRehearsal,
    tickets: kept.map(({ played }) => played).filter(({ ticket }) => asked.has(ticket.id)),
    leftOut,
  };
}

/** What is played differently is another rehearsal, and not gone on with. */
function sourceName({ source, proven }: RehearsalRequest): string {
  const name = source.kind === "zendesk" ? "zendesk" : `${source.kind} ${source.path}`;
  return proven ? `${name}, customers as proven` : name;
}
