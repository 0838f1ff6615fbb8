/** Runs a rehearsal over past tickets: several at once, resumed where it stopped, within a cost ceiling. */
import { type RehearsalEnd, ticketsSummary } from "./figures.ts";
import { DeskhandError, reasonOf, invalidConfig, invalidInput } from "#core/values/errors.ts";
import { missing } from "./summary.ts";
import type { Autonomy } from "#core/contracts/policy.ts";
import type { Clock, Ids } from "#core/contracts/ports.ts";
import type { PastTicket, RehearsedTicket } from "#core/values/rehearsal.ts";
import type { Store } from "#store/db/database.ts";
import {
  keepRehearsed,
  type Rehearsal,
  setRehearsal,
  sourcesDigest,
  startRehearsal,
  rehearsalTickets,
  unfinishedRehearsal,
} from "#store/rehearsal/rehearsals.ts";

/** Where tickets come from. Paths are whole, since another process may read them. */
type RehearsalSource =
  | { readonly kind: "zendesk" }
  /** `ours` are the team's addresses; none takes those of the connected inboxes. */
  | { readonly kind: "mailbox"; readonly path: string; readonly ours: readonly string[] }
  | { readonly kind: "file"; readonly path: string }
  /** Tickets at hand, such as the trial's; `path` is what they are called. */
  | { readonly kind: "sample"; readonly path: string; readonly tickets: readonly PastTicket[] };

/** One wish for a rehearsal. */
export interface RehearsalRequest {
  readonly source: RehearsalSource;
  /** The newest so many tickets. */
  readonly last: number;
  /** How many are played at once. */
  readonly concurrency: number;
  /** Dollars after which no further ticket is begun; null for no ceiling. */
  readonly budgetUsd: number | null;
  /** True plays as if every customer with an address had proved it. */
  readonly proven: boolean;
  /** True begins a new rehearsal although one is unfinished. */
  readonly anew: boolean;
  /** How answers would go out on every channel; null as the policy says. */
  readonly as: Autonomy | null;
}

/** What a rehearsal is about and how far it may go. */
export interface RehearsalPlan
  extends
    Pick<Rehearsal, "source" | "model" | "isRehearsalModel" | "policyVersion">,
    Pick<RehearsalRequest, "concurrency" | "budgetUsd" | "anew"> {
  readonly tickets: readonly PastTicket[];
  /** What of the source is no ticket, with the reason. */
  readonly leftOut: readonly string[];
}

/** What it works with. */
export interface RehearsalParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  play(
    ticket: PastTicket,
    signal: AbortSignal,
  ): Promise<{ readonly played: RehearsedTicket; readonly customerId: string | null }>;
  /** The version of the policy in force, which a lead may change meanwhile. */
  readonly policyVersion: () => string;
  /** Told every two seconds, and at the end. */
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Plays the tickets that the newest unfinished rehearsal of the same source, model, policy, pages and procedures has not
 * played, and keeps each as soon as it is judged, so that an interruption loses only what was under way. Tickets under way when the ceiling
 * is reached are finished, so it may be exceeded by what those cost. It stops once policy, pages or procedures are others than it began
 * with: its tickets would not be of one kind. Throws `input.invalid` where there is no ticket.
 */
export async function runRehearsal(
  parts: RehearsalParts,
  plan: RehearsalPlan,
): Promise<RehearsalEnd> {
  const { store, clock } = parts;
  if (plan.tickets.length === 0)
    throw invalidInput(
      [
        `no solved ticket was found in ${plan.source}`,
        ...missing("could not be read", plan.leftOut),
      ].join("\n"),
    );
  const { earlier, ...begin } = await begun(parts, plan);
  const { id, open } = begin;
  const before = earlier.length;
  const work = await playAll(parts, plan, { ...begin, before });
  // All that its page lists, also what an earlier run was about.
  const mine = [...earlier, ...work.played];
  const summary = ticketsSummary(mine);
  const state = work.stopped === "" && work.failed.length === 0 ? "done" : "stopped";
  const reason =
    work.stopped || (work.failed.length > 0 ? `${work.failed.length} could not be played` : "");
  await store.run(setRehearsal, id, { state, reason, summary, endedAt: clock.now() });
  const { failed, thrown } = work;
  if (thrown !== null) throw thrown.error;
  return {
    id,
    state,
    reason,
    played: mine.length,
    of: before + open.length,
    before,
    failed,
    summary,
  };
}

async function begun(
  { store, clock, ids }: RehearsalParts,
  { source, model, isRehearsalModel, policyVersion, tickets, anew }: RehearsalPlan,
): Promise<{
  readonly id: string;
  readonly sources: string;
  readonly earlier: readonly RehearsedTicket[];
  readonly open: readonly PastTicket[];
}> {
  return store.run(async (transaction) => {
    const sources = await sourcesDigest(transaction);
    const asked = { source, model, policyVersion: `${policyVersion} with ${sources.slice(0, 12)}` };
    const found = anew ? null : await unfinishedRehearsal(transaction, asked);
    if (found === null) {
      const id = ids.next("rehearsal");
      const startedAt = clock.now();
      const about = { id, isRehearsalModel, tickets: tickets.length, startedAt };
      await startRehearsal(transaction, { ...asked, ...about });
      return { id, sources, earlier: [], open: tickets };
    }
    const earlier = (await rehearsalTickets(transaction, found.id)).map(({ played }) => played);
    const done = new Set(earlier.map(({ ticket }) => ticket.id));
    const open = tickets.filter((ticket) => !done.has(ticket.id));
    await setRehearsal(transaction, found.id, {
      state: "running",
      reason: "",
      tickets: earlier.length + open.length,
      endedAt: null,
    });
    return { id: found.id, sources, earlier, open };
  });
}

/** A line for every ticket would hide the rest. */
const PROGRESS_MS = 2_000;

/** So many failures in a row mean that shop or model are away, and the rest would fail as well. */
const FAILURES_MAX = 5;

async function playAll(
  parts: RehearsalParts,
  plan: RehearsalPlan,
  {
    id,
    sources,
    open,
    before,
  }: {
    readonly id: string;
    readonly sources: string;
    readonly open: readonly PastTicket[];
    readonly before: number;
  },
) {
  const played: RehearsedTicket[] = [];
  const failed: string[] = [];
  const ended: { thrown: { readonly error: unknown } | null } = { thrown: null };
  const now = { next: 0, spentUsd: 0, inRow: 0, stopped: "", toldAt: -Infinity };
  const all = before + open.length;
  const playOne = async (ticket: PastTicket): Promise<void> => {
    try {
      const result = await parts.play(ticket, parts.signal);
      await parts.store.run(keepRehearsed, id, result);
      played.push(result.played);
      now.inRow = 0;
      now.spentUsd += priced(result.played, plan);
    } catch (error) {
      if (parts.signal.aborted) return;
      if (error instanceof DeskhandError && error.code === "config.invalid") throw error;
      failed.push(`${ticket.id}: ${reasonOf(error)}`);
      now.inRow += 1;
      if (now.inRow >= FAILURES_MAX) now.stopped = `${FAILURES_MAX} tickets in a row failed`;
    }
    const isLast = before + played.length + failed.length === all;
    if (!isLast && performance.now() - now.toldAt < PROGRESS_MS) return;
    now.toldAt = performance.now();
    const cost = plan.isRehearsalModel ? "" : `, ${now.spentUsd.toFixed(2)} USD`;
    parts.progress(`${before + played.length} of ${all} played${cost}`);
  };
  const work = async (): Promise<void> => {
    for (;;) {
      const changed = await whatChanged(parts, plan, sources);
      const ticket = open[now.next];
      if (ticket === undefined || now.stopped !== "") return;
      now.stopped = whyStopped(parts.signal, plan, now.spentUsd) || changed;
      if (now.stopped !== "") return;
      now.next += 1;
      await playOne(ticket);
    }
  };
  // The others finish what is under way, so that what is kept is counted.
  const stopWith = (error: unknown): void => {
    ended.thrown = { error };
    now.stopped = reasonOf(error);
  };
  await Promise.all(
    Array.from({ length: Math.max(1, plan.concurrency) }, () => work().catch(stopWith)),
  );
  // A signal that came while the last tickets were under way left them unplayed.
  if (parts.signal.aborted) now.stopped = INTERRUPTED;
  return { played, failed, stopped: now.stopped, thrown: ended.thrown };
}

export const INTERRUPTED = "it was interrupted";

function whyStopped(signal: AbortSignal, { budgetUsd }: RehearsalPlan, spentUsd: number): string {
  if (signal.aborted) return INTERRUPTED;
  if (budgetUsd === null || spentUsd < budgetUsd) return "";
  return `the ceiling of ${budgetUsd.toFixed(2)} USD is reached`;
}

async function whatChanged(
  { store, policyVersion }: RehearsalParts,
  plan: RehearsalPlan,
  sources: string,
): Promise<string> {
  if (policyVersion() !== plan.policyVersion) return "the policy was changed meanwhile";
  const isSame = (await store.run(sourcesDigest)) === sources;
  return isSame ? "" : "help pages or procedures were changed meanwhile";
}

/** A ceiling cannot be kept where the price of the model is unknown. */
function priced({ costUsd }: RehearsedTicket, { budgetUsd, model }: RehearsalPlan): number {
  if (costUsd === null && budgetUsd !== null)
    throw invalidConfig(
      `the price of ${model} is not known, so --budget cannot be kept: run it without, or with a model that has a price; what was played is kept`,
    );
  return costUsd ?? 0;
}
