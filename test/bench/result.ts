/** What a run of the benchmark found: costs, and when, where and of what they were taken. */
import { z } from "zod";
import { Jobs } from "./jobs/compare-jobs.ts";
import { Turns } from "./loops/compare-turns.ts";
import { ChannelCosts } from "./paths/customer-like.ts";
import { Starts } from "./start/measure-start.ts";
import { Stored } from "./stored/compare-stored.ts";

export const Costs = z.object({
  turns: Turns,
  jobs: Jobs,
  /** With a second model that reads answers, and without. */
  channels: z.object({ read: ChannelCosts, unread: ChannelCosts }),
  stored: Stored,
  start: Starts,
});
export type Costs = z.infer<typeof Costs>;

export const Result = z.object({
  run: z.object({
    day: z.string(),
    commit: z.string(),
    quick: z.boolean(),
    minutes: z.number(),
    cores: z.number(),
    node: z.string(),
  }),
  costs: Costs,
});
export type Result = z.infer<typeof Result>;
