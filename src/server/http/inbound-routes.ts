import { raw, Router } from "express";
import type { InboundHandler } from "#core/contracts/inbound-handler.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { admission, within } from "./admission.ts";
import type { Rejections } from "./rejection-counts.ts";
import { deliveryOf } from "./webhook-routes.ts";

const BODY_MAX = "1mb";
const AT_ONCE_MAX = 256;

/** Longer than any vendor waits for such an answer; an answer after this would be heard by nobody. */
const ANSWER_MS_MAX = 10_000;

/**
 * Where a vendor waits for the answer to what it delivers. All addresses lead to the one door, which tells the kinds of
 * deliveries apart; that there are several is for whoever reads the logs of a proxy.
 */
export function inboundRoutes(
  door: InboundHandler,
  options: {
    readonly name: ChannelName;
    readonly addresses: readonly string[];
    readonly clock: Clock;
    readonly rejections: Rejections;
  },
): Router {
  const router = Router();
  router.post(
    options.addresses.map((address) => `/${address}`),
    admission(AT_ONCE_MAX),
    // The signature is over the bytes as they came.
    raw({ type: () => true, limit: BODY_MAX, inflate: false }),
    async (request, response) => {
      const delivery = deliveryOf(request, "request", options.clock);
      const answer = await within(ANSWER_MS_MAX, door.receive(delivery)).catch((error: unknown) => {
        options.rejections.count(options.name, error);
        throw error;
      });
      if (answer === null) response.status(200).end();
      else response.status(200).json(answer);
    },
  );
  return router;
}
