/** The route of the metrics. */

import { Router } from "express";
import type { Keys } from "#core/connection/signing-keys.ts";
import { isOperator } from "./bearer-token.ts";

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
