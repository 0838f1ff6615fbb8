import { createHash, timingSafeEqual } from "node:crypto";
import { Router } from "express";
import type { Readiness } from "./readiness.ts";

/**
 * `/health/live` answers as long as the process does. `/health/ready` says `ready` or `not ready` to everybody, which is
 * all a load balancer needs; what is away and why is for whoever shows the operator's token.
 */
export function healthRoutes(
  readiness: Pick<Readiness, "look">,
  options: {
    /** Without one nobody is told details here. */
    readonly token: string | null;
    /** Told beside the needs, deciding nothing. */
    readonly told: () => Readonly<Record<string, unknown>>;
  },
): Router {
  const router = Router();
  router.get("/live", (_request, response) => {
    response.json({ status: "ok" });
  });
  router.get("/ready", async (request, response) => {
    const { ready, stopping, needs, facts } = await readiness.look();
    const status = ready ? "ready" : "not ready";
    const details = isOperator(request.headers.authorization, options.token)
      ? { stopping, needs, ...facts, ...options.told() }
      : {};
    response
      .status(ready ? 200 : 503)
      .set("cache-control", "no-store")
      .json({ status, ...details });
  });
  return router;
}

/** Digests are compared, so that neither the token's length nor its beginning shows in the time it takes. */
function isOperator(header: string | undefined, token: string | null): boolean {
  if (token === null || header === undefined) return false;
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(header), digest(`Bearer ${token}`));
}
