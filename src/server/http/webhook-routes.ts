/** The route for vendors' webhooks. */

import { raw, Router, type Request } from "express";
import type { Delivery } from "#core/values/delivery.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { intake } from "#jobs/intake.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { admission, withTimeLimit } from "./admission.ts";
import type { Rejections } from "./rejection-counts.ts";

const BODY_MAX = "1mb";

/** Vendors deliver over a few connections each; more at once is a flood, and each may hold a body of the size above. */
const AT_ONCE_MAX = 256;

/** Zendesk hangs up after twelve seconds ("Webhooks request timeout" in its reference) and counts that as a failure. */
const INTAKE_MS_MAX = 10_000;

/**
 * The raw bytes go to the channel's `receive`, which checks the signature over them, and the answer is 2xx only after
 * the hints are committed.
 */
export function webhookRoutes(parts: JobContext, rejections: Rejections): Router {
  const router = Router();
  router.post(
    "/:channel",
    raw({ type: () => true, limit: BODY_MAX }),
    admission(AT_ONCE_MAX),
    async (request, response) => {
      const name = ChannelName.safeParse(request.params.channel);
      // Chat has its own route, which checks who writes; a forged chat delivery must not get in through this one.
      const channel =
        name.success && name.data !== "chat" ? parts.channels.get(name.data) : undefined;
      if (channel === undefined) {
        response.status(404).json({ error: "not_found", message: "no such channel here" });
        return;
      }
      const accepted = await withTimeLimit(
        INTAKE_MS_MAX,
        intake(parts, channel, deliveryOf(request, "webhook", parts.clock)),
      ).catch((error: unknown) => {
        rejections.count(channel.name, error);
        throw error;
      });
      if (accepted.eventIds.length > 0 && !accepted.isNew) rejections.repeat(channel.name);
      response.status(200).json({ accepted: accepted.eventIds.length });
    },
  );
  return router;
}

/** The bytes as they came, with the headers that may hold a signature. */
export function deliveryOf(request: Request, source: string, clock: Clock): Delivery {
  const given: unknown = request.body;
  // A body can be empty and still be signed; the channel decides what that means.
  const body = Buffer.isBuffer(given) ? given : Buffer.alloc(0);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (typeof value === "string") headers[name] = value;
  return { source, headers, body, receivedAt: clock.now() };
}
