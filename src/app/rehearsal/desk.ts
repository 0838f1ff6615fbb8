/** Rehearsals that a lead starts in the console: over the connected Zendesk, or over the trial's own past. */
import type { Config } from "#config/environment.ts";
import { invalidInput, reasonOf } from "#core/values/errors.ts";
import type { RehearsalRequest } from "#jobs/rehearsal/run.ts";
import { REHEARSAL_USD } from "#server/console/rehearsals/list.ts";
import type { RehearsalDesk } from "#server/console/session.ts";
import type { ComposedApp } from "#app/composed-app.ts";
import { isOnlySamples, sampleHistory } from "#app/foundation.ts";

const SAMPLE_TICKETS = 40;
const ZENDESK_TICKETS = 200;
/** Customers who write meanwhile are answered first. */
const AT_ONCE = 2;

/** One at a time in this process; it ends with the process, and the next one goes on with it. */
export function rehearsalDesk(config: Config, parts: ComposedApp): RehearsalDesk {
  const isTrial = isOnlySamples(config);
  const state = { isRunning: false, progress: "" };
  const source =
    isTrial || parts.connections.zendesk !== null
      ? isTrial
        ? `${SAMPLE_TICKETS} solved tickets of the sample shop`
        : `the ${ZENDESK_TICKETS} tickets solved last in Zendesk`
      : null;
  async function play(signal: AbortSignal): Promise<void> {
    const { rehearse } = await import("./rehearse.ts");
    const request = isTrial ? await sampleRequest(parts.clock.now()) : ZENDESK;
    const tell = (line: string): void => void (state.progress = line);
    const { leftOut, end } = await rehearse(parts, request, { progress: tell, signal });
    tell(
      `${end.state === "done" ? "The rehearsal is done" : `The rehearsal stopped: ${end.reason}`}.${leftOut.length === 0 ? "" : ` ${leftOut.length} tickets were left out, such as ${leftOut[0]}.`}`,
    );
  }
  return {
    source,
    progress: () => state.progress,
    start() {
      if (source === null) throw invalidInput("nothing is connected that has solved tickets");
      if (state.isRunning) throw invalidInput("a rehearsal runs already");
      Object.assign(state, { isRunning: true, progress: "The tickets are read …" });
      parts.beside(async (signal) => {
        try {
          await play(signal);
        } catch (error) {
          state.progress = `The rehearsal could not go on: ${reasonOf(error)}`;
        } finally {
          state.isRunning = false;
        }
      });
    },
  };
}

const WISH = {
  concurrency: AT_ONCE,
  budgetUsd: REHEARSAL_USD,
  proven: false,
  anew: false,
  as: null,
} as const;

const ZENDESK: RehearsalRequest = {
  ...WISH,
  source: { kind: "zendesk" },
  last: ZENDESK_TICKETS,
};

async function sampleRequest(until: Date): Promise<RehearsalRequest> {
  const tickets = await sampleHistory(until, SAMPLE_TICKETS);
  return { ...WISH, source: { kind: "sample", path: "history", tickets }, last: tickets.length };
}
