/** Cross-origin access for the shop's pages. */

import type { RequestHandler } from "express";

/** How long a browser may cache the permission, in seconds; Chromium caps it there. */
const REMEMBERED_S = 7_200;

/**
 * Lets scripts of these origins, and no others, read the answers (Fetch standard, section 3.3). Callers are identified
 * by the Authorization header alone, so cookies are never allowed. Without configured origins no CORS header is sent.
 */
export function crossOrigin(
  origins: ReadonlySet<string>,
  methods: readonly string[],
): RequestHandler {
  return (request, response, next) => {
    if (origins.size > 0) response.vary("Origin");
    const { origin } = request.headers;
    if (origin === undefined || !origins.has(origin)) {
      if (request.method === "OPTIONS") response.status(204).end();
      else next();
      return;
    }
    response.set("Access-Control-Allow-Origin", origin);
    if (request.method !== "OPTIONS") {
      response.set("Access-Control-Expose-Headers", "Retry-After");
      next();
      return;
    }
    response
      .status(204)
      .set({
        "Access-Control-Allow-Methods": methods.join(", "),
        "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
        "Access-Control-Max-Age": String(REMEMBERED_S),
      })
      .end();
  };
}
