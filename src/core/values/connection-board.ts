import type { ChannelName } from "./vocabulary.ts";
import type { Clock } from "#core/contracts/ports.ts";

/** How a connection that is kept open stands at this moment. */
interface ConnectionState {
  readonly name: string;
  /** What it is one way into; a channel may have several, such as one for each inbox. */
  readonly channel: ChannelName;
  readonly connected: boolean;
  readonly since: Date;
  /** Why it is not connected; null while it is. */
  readonly reason: string | null;
}

/** What the owner of one connection says about it. */
export interface ConnectionReport {
  up(): void;
  down(reason: string): void;
}

/** Every connection a process keeps open, by name, as its owner last reported it. */
export interface ConnectionBoard {
  /** Puts the connection on the board; until its owner reports, it is not connected. */
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
      };
    },
    states: () => [...states.values()],
  };
}

/** For a connection nobody watches, such as in a test of something else. */
export const NO_REPORT: ConnectionReport = { up: () => undefined, down: () => undefined };
