/** The sample shop as the vendor of a fleet: many customers, lost answers, idempotency keys it does not know. */
import { randomUUID } from "node:crypto";
import { z } from "zod";

import { ask } from "#test/support/http-request.ts";
import { startSampleShop } from "#sandbox/shop/index.ts";
import { PASS, startProxy, type Fate, type ProxiedRequest, type Proxy } from "./proxy.ts";

/** Who buys and what they bought; the sample world when absent. */
type ShopWorld = NonNullable<Parameters<typeof startSampleShop>[0]["world"]>;

const Refund = z.object({
  id: z.string(),
  order_id: z.string(),
  amount: z.number(),
  currency: z.string(),
});
const Journal = z.array(z.object({ effect: z.string(), details: z.unknown() }));

/** A refund, as the shop records it. */
type BookedRefund = z.infer<typeof Refund>;

export interface FakeShop {
  /** The address given to Deskhand: the proxy, not the shop itself. */
  readonly url: string;
  readonly key: string;
  readonly counts: Proxy["counts"];
  /** The shop's refunds, oldest first, read past the proxy and its faults. */
  refunds(): Promise<readonly BookedRefund[]>;
  /** Pays money back by hand, as a clerk of the shop would. */
  refundByHand(orderId: string, amount: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts one with its state in `directory`. Without `idempotencyKeys` it repeats every repeated request, and
 * its answers contain no key.
 */
export async function startFakeShop(options: {
  readonly directory: string;
  readonly world?: ShopWorld;
  readonly idempotencyKeys?: boolean;
  readonly fate?: (request: ProxiedRequest) => Fate;
}): Promise<FakeShop> {
  const { directory, world, fate = () => PASS } = options;
  const shop = await startSampleShop({
    directory,
    now: () => new Date(),
    sendMail: async () => undefined,
    ...(world === undefined ? {} : { world }),
  });
  const proxy = await startProxy({ target: shop.url, fate });
  const headers = { authorization: `Bearer ${shop.key}` };
  if (options.idempotencyKeys === false)
    await ask(`${shop.url}/_sandbox/faults`, { headers, body: { fault: "ignores_keys" } });
  return {
    url: proxy.url,
    key: shop.key,
    counts: proxy.counts,
    async refunds() {
      const journal = await ask(`${shop.url}/_sandbox/journal`, { headers });
      return Journal.parse(journal).flatMap(({ effect, details }) =>
        effect === "refund_created" ? [Refund.parse(details)] : [],
      );
    },
    async refundByHand(orderId, amount) {
      await ask(`${shop.url}/orders/${orderId}/refunds`, {
        headers: { ...headers, "idempotency-key": randomUUID() },
        body: { amount, currency: "USD" },
      });
    },
    close: async () => {
      await proxy.close();
      await shop.close();
    },
  };
}
