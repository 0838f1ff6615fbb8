/** The health routes of every process. */
import { Router } from "express";
import { installationMark, type Keys } from "#core/connection/signing-keys.ts";
import { isOperator } from "./bearer-token.ts";
import type { Readiness } from "./readiness.ts";

const NONCE_MAX = 64;

/**
 * `/health/live` answers as long as the process runs; with a nonce it shows the asker which installation answers. `/health/ready` says `ready` or `not ready` to every caller,
 * which is all a load balancer needs; what is away and why needs the operator's token.
 */
export function healthRoutes(
  readiness: Pick<Readiness, "look">,
  options: {
    /** What tells this installation from others. */
    readonly instance: string;
    /** Without a token, no caller gets details. */
    readonly token: Keys | null;
    /** Reported with the needs, but decides nothing. */
    readonly operatorFacts: () => Readonly<Record<string, unknown>>;
  },
): Router {
  const router = Router();
  router.get("/live", (request, response) => {
    const nonce = request.query["nonce"];
    const asked = typeof nonce === "string" && nonce.length <= NONCE_MAX;
    response.json({
      status: "ok",
      ...(asked ? { installation: installationMark(options.instance, nonce) } : {}),
    });
  });
  router.get("/ready", async (request, response) => {
    const { ready, stopping, needs, facts } = await readiness.look();
    const status = ready ? "ready" : "not ready";
    const details = isOperator(request.headers.authorization, options.token)
      ? { stopping, needs, ...facts, ...options.operatorFacts() }
      : {};
    response
      .status(ready ? 200 : 503)
      .set("cache-control", "no-store")
      .json({ status, ...details });
  });
  return router;
}
