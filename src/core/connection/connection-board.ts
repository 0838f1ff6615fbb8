/** What a process needs, the state of every connection it keeps open, and what a check of the setup found. */

import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { z } from "zod";

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
export type ConnectionBoard = ReturnType<typeof connectionBoard>;

/** A board for one process. `since` is the moment of the last change, not of the last report. */
export function connectionBoard(clock: Clock) {
  const states = new Map<string, ConnectionState>();
  const put = (name: string, channel: ChannelName, reason: string | null): void => {
    const connected = reason === null;
    const before = states.get(name);
    const since = before?.connected === connected ? before.since : clock.now();
    states.set(name, { name, channel, connected, since, reason });
  };
  return {
    /** Adds the connection; it counts as not connected until its owner reports. */
    of(name: string, channel: ChannelName): ConnectionReport {
      put(name, channel, "not connected yet");
      return {
        up: () => put(name, channel, null),
        down: (reason) => put(name, channel, reason),
        end: () => void states.delete(name),
      };
    },
    states: (): readonly ConnectionState[] => [...states.values()],
  };
}

/** For a connection that is not monitored, such as in a test of something else. */
export const NO_REPORT: ConnectionReport = {
  up: () => undefined,
  down: () => undefined,
  end: () => undefined,
};

// What a process needs.

interface KnownNeed {
  /** The page of docs/runbooks that says what to do. */
  readonly runbook: string;
  /** What follows for customers and team while it is away. */
  readonly means: string;
  /**
   * Which processes tell the team: each for what is its own, those that keep connections (of which there are few) for
   * what all share, and none for what already shows in connections, in unread messages or on the desk.
   */
  readonly toldBy: "each" | "connecting" | "none";
}

/** Their names in `/health/ready` and in the metrics, in the order in which they are told. */
export const NEED_NAMES = [
  "database",
  "queue",
  "blobs",
  "model",
  "jobs",
  "reconciler",
  "channels",
  "clock",
  "log",
] as const;
export type NeedName = (typeof NEED_NAMES)[number];

/** What there is to say of each. */
export const NEEDS: Readonly<Record<NeedName, KnownNeed>> = {
  database: {
    runbook: "database-refuses",
    means: "Nothing can be accepted or answered without it.",
    toldBy: "connecting",
  },
  queue: {
    runbook: "queue-refuses",
    means: "Messages are accepted and wait; nothing is answered until Redis is back.",
    toldBy: "connecting",
  },
  blobs: {
    runbook: "storage-refuses",
    means: "Mails that one process keeps are not found by the others.",
    toldBy: "connecting",
  },
  model: {
    runbook: "breaker-open",
    means: "No draft can be written, so people take over.",
    toldBy: "none",
  },
  jobs: {
    runbook: "not-moving",
    means: "Messages are accepted and wait; this process answers none.",
    toldBy: "none",
  },
  reconciler: {
    runbook: "not-moving",
    means: "What no notification announced waits: lost news, cards and effects that are due.",
    toldBy: "none",
  },
  channels: {
    runbook: "channel-silent",
    means: "What is written there is not read. None is lost: it stays at its source.",
    toldBy: "none",
  },
  clock: {
    runbook: "clock-off",
    means: "Hours, limits and signatures go by another time than that of the other processes.",
    toldBy: "each",
  },
  log: {
    runbook: "log-full",
    means: "What this process does is not written down.",
    toldBy: "each",
  },
};

/** What `doctor --fix` may repair by itself. */
const Fix = z.enum([
  /** Variables' file or data folder that other users of the machine can read. */
  "close_file",
  "close_folder",
  /** Groups, fields, webhook and its secret in the Zendesk account. */
  "zendesk_account",
]);
export type Fix = z.infer<typeof Fix>;

/** The result of checking one part of the setup, in text for the operator. */
export const Finding = z.object({
  /** The checked part, such as `zendesk` or `database`. */
  part: z.string(),
  /** What was checked, in a few words. */
  check: z.string(),
  /** `unknown`: it cannot be determined from here. */
  state: z.enum(["ok", "warning", "problem", "unknown"]),
  found: z.string(),
  /** What follows from it for customers and team; left out where the finding says so. */
  means: z.string().optional(),
  /** What to do; null when there is nothing to do. */
  remedy: z.string().nullable(),
  /** The repair that `doctor --fix` has for it. */
  fix: Fix.optional(),
});
export type Finding = Readonly<z.infer<typeof Finding>>;

/** Makes the findings about one part. */
export function findingsAbout(part: string) {
  return (
    state: Finding["state"],
    check: string,
    found: string,
    remedy: string | null = null,
  ): Finding => ({ part, check, state, found, remedy });
}

/**
 * Requests whose signature was refused one after the other, by channel: a wrong secret lets none through, while strangers
 * come between good ones.
 */
export type UnverifiedInARow = ReadonlyMap<
  ChannelName,
  { readonly count: number; readonly reason: string }
>;
