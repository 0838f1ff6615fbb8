/** The tabs above the lists of what came in: what waits, what was decided, what is only shown, what was set aside. */
import { tabs } from "#server/console/frame.ts";
import type { Html } from "#server/http/html.ts";

/** The addresses of the lists. */
export const PATHS = {
  waiting: "/console",
  decided: "/console/decided",
  shadow: "/console/shadow",
  junk: "/console/junk",
} as const;

const NAMES = {
  waiting: "Waiting",
  decided: "Decided lately",
  shadow: "Shadow drafts",
  junk: "Junk",
} as const;

/** The tabs, with the list that is shown marked. */
export function listTabs(here: keyof typeof PATHS): Html {
  const lists = ["waiting", "decided", "shadow", "junk"] as const;
  return tabs(
    "Lists of cards",
    lists.map((list) => ({ href: PATHS[list], name: NAMES[list], isHere: here === list })),
  );
}
