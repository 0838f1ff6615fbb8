/**
 * What a process needs for its work, in one list: readiness looks at it, a gauge shows it, the team is told of it, and
 * the doctor says what it means and where its repair is described.
 */

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
