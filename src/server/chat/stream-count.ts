/** Limits how many chat streams are open at once. */

import type { Response } from "express";
import { DeskhandError } from "#core/values/errors.ts";

/** Limits by user, by address and in all. */
export interface StreamLimits {
  readonly perUser: number;
  readonly perAddress: number;
  readonly overall: number;
  /** How many of them unsigned visitors may use, so that a crowd of them leaves room for proven users. */
  readonly strangers: number;
}

/**
 * Counts open streams by user, by address and in all, and refuses those over a limit before anything is looked up. The
 * address is null for a proven user, who is not counted with the strangers at the same address.
 */
export function streamCount(limits: StreamLimits): {
  enter(user: string, address: string | null, response: Response): void;
} {
  const open = new Map<string, number>();
  const over = (name: string, max: number): boolean => (open.get(name) ?? 0) >= max;
  const change = (name: string, by: 1 | -1): void => {
    const count = (open.get(name) ?? 0) + by;
    if (count === 0) open.delete(name);
    else open.set(name, count);
  };
  return {
    enter(user, address, response) {
      const stranger = address === null ? [] : ["strangers", `address ${address}`];
      const names = ["all", `user ${user}`, ...stranger];
      if (over("all", limits.overall) || (address !== null && over("strangers", limits.strangers)))
        throw new DeskhandError("store.unavailable", "too many windows are open here");
      if (over(`user ${user}`, limits.perUser) || over(`address ${address}`, limits.perAddress))
        throw new DeskhandError("input.rate_limited", "too many windows are open at once", {
          retryAfterMs: 10_000,
        });
      for (const name of names) change(name, 1);
      response.once("close", () => {
        for (const name of names) change(name, -1);
      });
    },
  };
}
