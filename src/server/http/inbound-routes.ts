/** Routes for vendors that wait for the answer to what they deliver, such as Slack. */

import { raw, Router } from "express";
import type { InboundHandler } from "#core/contracts/channel.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { admission, withTimeLimit } from "./admission.ts";
import type { Rejections } from "./rejection-counts.ts";
import { deliveryOf } from "./webhook-routes.ts";

const BODY_MAX = "1mb";
const AT_ONCE_MAX = 256;

/** Longer than any vendor waits for such an answer; a later one would reach no reader. */
const ANSWER_MS_MAX = 10_000;

/**
 * All addresses lead to one inbound handler, which tells the kinds of deliveries apart; separate addresses help those
 * who read a proxy's logs.
 */
export function inboundRoutes(
  handler: InboundHandler,
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
    // The signature covers the bytes as they came.
    raw({ type: () => true, limit: BODY_MAX, inflate: false }),
    admission(AT_ONCE_MAX),
    async (request, response) => {
      const delivery = deliveryOf(request, "request", options.clock);
      const answer = await withTimeLimit(ANSWER_MS_MAX, handler.receive(delivery)).catch(
        (error: unknown) => {
          options.rejections.count(options.name, error);
          throw error;
        },
      );
      if (answer === null) response.status(200).end();
      else response.status(200).json(answer);
    },
  );
  return router;
}
