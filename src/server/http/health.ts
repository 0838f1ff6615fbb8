/** The operator's routes of every process: health and metrics. */

import { installationMark } from "#core/connection/signing-keys.ts";
import { isMadeWith, type Keys } from "#core/connection/signing-keys.ts";
import { Router } from "express";
import type { Readiness } from "./readiness.ts";

/** Whether this header carries the token. Without a token, no caller is the operator. */
export function isOperator(header: string | undefined, token: Keys | null): boolean {
  if (token === null || header === undefined) return false;
  return isMadeWith(token, header, (key) => `Bearer ${key}`);
}

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

/** What the route answers with. */
interface Offered {
  readonly contentType: string;
  text(): Promise<string>;
}

/**
 * `/metrics` as Prometheus' text. Where a token is set, only who sends it as a bearer token is answered, with 401
 * otherwise; `open` is for a port of its own that only the operator's network reaches.
 */
export function metricsRoute(offered: Offered, access: { readonly token: Keys } | "open"): Router {
  const router = Router();
  router.get("/", async (request, response) => {
    if (access !== "open" && !isOperator(request.headers.authorization, access.token)) {
      response
        .status(401)
        .set("www-authenticate", "Bearer")
        .json({ error: "unauthorized", message: "send DESKHAND_METRICS_TOKEN as a bearer token" });
      return;
    }
    const text = await offered.text();
    response.status(200).set("cache-control", "no-store").type(offered.contentType).send(text);
  });
  return router;
}
