/** The client address that rate limits count. */

import { isIPv6 } from "node:net";
import type { Request } from "express";

/**
 * The address a limit per address counts. Behind proxies it is what the nearest trusted one saw (Express's `trust
 * proxy`). A visitor with IPv6 has at least 2^64 addresses (RFC 6177), so all of one network count as one.
 */
export function clientAddress(request: Request): string {
  const address = (request.ip ?? "unknown").replace(/^::ffff:(?=\d+\.)/i, "");
  return isIPv6(address) ? networkOf(address) : address;
}

/** The first four of eight groups, including those that `::` leaves out. */
function networkOf(address: string): string {
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
