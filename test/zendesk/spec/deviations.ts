import type { Accepted } from "./judge.ts";

/** Where the sandbox does otherwise than Zendesk's document says, each with the reason. */
export const DEVIATIONS: readonly Accepted[] = [];
