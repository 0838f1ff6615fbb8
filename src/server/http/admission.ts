/** Protects routes from floods, from slow senders and from work that takes too long. */

import type { Request, RequestHandler } from "express";
import { DeskhandError } from "#core/values/errors.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { isIPv6 } from "node:net";
import { answerWithin } from "#core/values/deadline.ts";

/**
 * The address a limit per address counts. Behind proxies it is what the nearest trusted one saw (Express's `trust
 * proxy`). A visitor with IPv6 has at least 2^64 addresses (RFC 6177), so all of one network count as one.
 */
export function clientAddress(request: Request): string {
  const address = (request.ip ?? "unknown").replace(/^::ffff:(?=\d+\.)/i, "");
  return isIPv6(address) ? addressNetwork(address) : address;
}

/** The first four of eight groups, including those that `::` leaves out. */
function addressNetwork(address: string): string {
  const [bare = ""] = address.split("%", 1);
  const [head = "", tail] = bare.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: missing }, () => "0"), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

/** After this many milliseconds a full route is worth another try. */
const FULL_RETRY_MS = 1_000;

/** A sender gets at most this part of what there is room for, so that none shuts out the others. */
const SHARE = 1 / 2;

/** A body of a megabyte takes a second on a poor line; one that takes longer is slow on purpose. */
const BODY_MS_MAX = 5_000;

/** Bodies that come in at once: each may fill a buffer of up to a megabyte. */
const BODIES_MAX = 512;

/** Of one sender. A vendor delivers over a few connections, a proxy sends on whole bodies. */
const BODIES_OF_ONE_MAX = 32;

const tooMuch = (): DeskhandError =>
  new DeskhandError("store.unavailable", "too much is coming in at once", {
    retryAfterMs: FULL_RETRY_MS,
  });

/**
 * Room for a number of things at once, of which one name gets a part: a function that lets one in under its name and
 * returns what leaves the room again, once. It throws where there is no room; the refusal tells a full one from one whose
 * part is used up.
 */
export function roomFor(
  max: number,
  maxOfOne: number,
  refusal: (isFull: boolean) => DeskhandError = tooMuch,
): (name: string) => () => void {
  const inside = new Map<string, number>();
  let count = 0;
  return (name) => {
    const own = inside.get(name) ?? 0;
    const isFull = count >= max;
    if (isFull || own >= maxOfOne) throw refusal(isFull);
    count += 1;
    inside.set(name, own + 1);
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      count -= 1;
      const left = (inside.get(name) ?? 1) - 1;
      if (left === 0) inside.delete(name);
      else inside.set(name, left);
    };
  };
}

/**
 * For every route, before anything of a body is read: a body that does not come in within 5 s ends its connection, and
 * one address has few that are under way.
 */
export function promptBodies(bodyMsMax: number = BODY_MS_MAX): RequestHandler {
  const enter = roomFor(BODIES_MAX, BODIES_OF_ONE_MAX);
  return (request, response, next) => {
    const { "content-length": length = "0", "transfer-encoding": coding } = request.headers;
    if (length === "0" && coding === undefined) return next();
    // Whoever is refused with a body under way would send the rest of it before asking again.
    response.set("Connection", "close");
    const leave = enter(clientAddress(request));
    response.removeHeader("Connection");
    const late = setTimeout(() => request.socket.destroy(), bodyMsMax);
    const arrived = (): void => {
      clearTimeout(late);
      leave();
    };
    request.once("end", arrived);
    request.once("close", arrived);
    response.once("close", arrived);
    next();
  };
}

/**
 * Admits this many requests at once, and half of them from one address, and tells the others to retry. It stands
 * behind the reader of the body: a request that is still coming in takes no room here.
 */
export function admission(atOnceMax: number): RequestHandler {
  const enter = roomFor(atOnceMax, Math.ceil(atOnceMax * SHARE));
  return (request, response, next) => {
    response.once("close", enter(clientAddress(request)));
    next();
  };
}

/**
 * Gives up on the work after this time with `store.unavailable`: a source that has hung up by then must not find a
 * success in its log. The work itself may still commit; the source's next try is recognized by its event id.
 */
export function withTimeLimit<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const late = (): Error => new DeskhandError("store.unavailable", "taking this in takes too long");
  return answerWithin(limitMs, work, late);
}

/** At most this many names are remembered; the oldest are dropped, so that a flood of names cannot fill the memory. */
const NAMES_MAX = 10_000;

/** A limit for events by their names. */
export type RateLimit = ReturnType<typeof rateLimit>;

const WINDOW_MS = 60_000;

/** Counts events per name in the last minute and refuses those over the limit, saying when to come back. */
export function rateLimit(options: {
  readonly clock: Clock;
  readonly max: number;
  readonly what: string;
}) {
  const seen = new Map<string, number[]>();
  return {
    /** Throws `input.rate_limited` when there were too many events of this name. */
    check(name: string): void {
      const now = options.clock.now().getTime();
      const recent = (seen.get(name) ?? []).filter((at) => at > now - WINDOW_MS);
      const [oldest] = recent;
      if (recent.length >= options.max && oldest !== undefined)
        throw new DeskhandError("input.rate_limited", `too many messages ${options.what}`, {
          retryAfterMs: oldest + WINDOW_MS - now,
        });
      seen.delete(name);
      seen.set(name, [...recent, now]);
      const [first] = seen.keys();
      if (seen.size > NAMES_MAX && first !== undefined) seen.delete(first);
    },
  };
}
