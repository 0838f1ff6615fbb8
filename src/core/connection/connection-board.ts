/** The state of every connection a process keeps open, for the health check. */
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Clock } from "#core/contracts/ports.ts";

/** The current state of a connection that is kept open. */
export interface ConnectionState {
  readonly name: string;
  /** The channel it serves; a channel may have several connections, such as one for each inbox. */
  readonly channel: ChannelName;
  readonly connected: boolean;
  readonly since: Date;
  /** Why it is not connected; null while it is. */
  readonly reason: string | null;
}

/** How the owner of one connection reports its state. */
export interface ConnectionReport {
  up(): void;
  down(reason: string): void;
  /** It is no longer meant to be open here, so that it neither counts as connected nor as lost. */
  end(): void;
}

/** Every connection a process keeps open, by name, as its owner last reported it. */
export interface ConnectionBoard {
  /** Adds the connection; it counts as not connected until its owner reports. */
  of(name: string, channel: ChannelName): ConnectionReport;
  states(): readonly ConnectionState[];
}

/** A board for one process. `since` is the moment of the last change, not of the last report. */
export function connectionBoard(clock: Clock): ConnectionBoard {
  const states = new Map<string, ConnectionState>();
  const put = (
    name: string,
    channel: ChannelName,
    connected: boolean,
    reason: string | null,
  ): void => {
    const before = states.get(name);
    const since = before?.connected === connected ? before.since : clock.now();
    states.set(name, { name, channel, connected, since, reason });
  };
  return {
    of(name, channel) {
      put(name, channel, false, "not connected yet");
      return {
        up: () => put(name, channel, true, null),
        down: (reason) => put(name, channel, false, reason),
        end: () => void states.delete(name),
      };
    },
    states: () => [...states.values()],
  };
}

/** For a connection that is not monitored, such as in a test of something else. */
export const NO_REPORT: ConnectionReport = {
  up: () => undefined,
  down: () => undefined,
  end: () => undefined,
};
