/** The ids of everything a process stores. */
import { randomUUID } from "node:crypto";
import type { Ids } from "#core/contracts/ports.ts";

/** Random ids with a prefix that says what they name. */
export const randomIds: Ids = {
  next: (prefix) => `${prefix}_${randomUUID().replaceAll("-", "").slice(0, 20)}`,
};
