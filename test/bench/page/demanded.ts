/** What is demanded of each figure, what it was before, and how it follows from the costs. */
import { jobMsOf } from "#test/bench/jobs/job-cost.ts";
import { oursIn } from "#test/bench/jobs/compare-jobs.ts";
import { ownMsOfPath, type PathCost } from "#test/bench/paths/path.ts";
import type { Costs } from "#test/bench/result.ts";
import { storedMsOf } from "#test/bench/stored/compare-stored.ts";

export interface Demand {
  readonly what: string;
  /** In the benchmark before, or from outside where that did not measure it; absent where nobody did. */
  readonly before?: number;
  /** The figure may be at most this, or with `least` at least this; absent where nothing is demanded. */
  readonly most?: number;
  readonly least?: true;
  /** What would be better still. */
  readonly stretch?: number;
  readonly unit?: string;
  readonly of: (costs: Costs) => number | undefined;
}

/** Where nothing else is said, comparisons are made with so many at once. */
const AT_ONCE = "16";

const CHANNELS = ["chat", "mail", "zendesk", "slack"] as const;
type Channel = (typeof CHANNELS)[number];

/** One row for each channel. */
function ofEach(
  what: string,
  of: (cost: PathCost) => number,
  given: Readonly<Record<Channel, Pick<Demand, "before" | "most" | "stretch">>>,
  unit?: string,
): readonly Demand[] {
  return CHANNELS.map((channel) => ({
    what: `${what}: ${channel}`,
    ...given[channel],
    ...(unit === undefined ? {} : { unit }),
    of: ({ channels }) => {
      const cost = channels.read.paths[channel];
      return cost && of(cost);
    },
  }));
}

/** In the order of the page. */
export const DEMANDED: readonly Demand[] = [
  ...ofEach("statements", ({ statements }) => statements, {
    chat: { before: 9, most: 15, stretch: 10 },
    mail: { before: 87, most: 20, stretch: 12 },
    zendesk: { before: 36, most: 20, stretch: 12 },
    slack: { before: 45, most: 25, stretch: 15 },
  }),
  ...ofEach("commits", ({ commits }) => commits, {
    chat: { before: 4, most: 4 },
    mail: { before: 20, most: 5 },
    zendesk: { most: 5 },
    slack: { most: 6 },
  }),
  ...ofEach("Redis commands", ({ redisCommands }) => redisCommands, {
    chat: { before: 18, most: 25, stretch: 15 },
    mail: { most: 25, stretch: 15 },
    zendesk: { before: 130, most: 25, stretch: 15 },
    slack: { most: 25, stretch: 15 },
  }),
  ...ofEach(
    "our processor time",
    ownMsOfPath,
    {
      chat: { before: 23.5, most: 13, stretch: 8 },
      mail: { before: 66, most: 20, stretch: 12 },
      zendesk: { before: 63, most: 20, stretch: 12 },
      slack: { before: 50, most: 22, stretch: 14 },
    },
    "ms",
  ),
  {
    what: "a job against the Agents SDK's, both durable, no reader",
    before: 2.8,
    most: 1.5,
    stretch: 1,
    unit: "×",
    of: ({ jobs }) => {
      const ours = oursIn(jobs, "unread", 1)[AT_ONCE];
      return share(ours && jobMsOf(ours), jobs.bare["agents-sdk"]?.[AT_ONCE]?.ownMs);
    },
  },
  {
    what: "conversations a second (two workers, 16 at once)",
    before: 54.5,
    of: ({ jobs }) => oursIn(jobs, "whole", 2)[AT_ONCE]?.perSecond,
  },
  {
    what: "median time to answer, 16 at once",
    before: 144,
    most: 120,
    stretch: 60,
    unit: "ms",
    of: ({ jobs }) => oursIn(jobs, "whole", 2)[AT_ONCE]?.p50Ms,
  },
  {
    what: "two workers against one (where cores are free)",
    before: 1.13,
    most: 1.7,
    least: true,
    unit: "×",
    of: ({ jobs }) =>
      share(
        oursIn(jobs, "whole", 2)[AT_ONCE]?.perSecond,
        oursIn(jobs, "whole", 1)[AT_ONCE]?.perSecond,
      ),
  },
  {
    what: "idle, three processes: statements a second",
    before: 3,
    most: 2,
    of: ({ channels }) => channels.read.idle.statements,
  },
  {
    what: "idle, three processes: processor time a second",
    before: 26,
    most: 10,
    unit: "ms",
    of: ({ channels }) => channels.read.idle.cpuMs,
  },
  {
    what: "a conversation beside the most stored against beside 10,000",
    most: 1.1,
    unit: "×",
    of: ({ stored }) => {
      const sizes = Object.keys(stored).toSorted((one, other) => Number(one) - Number(other));
      const [least, most] = [stored[sizes[0] ?? ""], stored[sizes.at(-1) ?? ""]];
      return sizes.length < 2
        ? undefined
        : share(most && storedMsOf(most), least && storedMsOf(least));
    },
  },
];

function share(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one / other;
}
