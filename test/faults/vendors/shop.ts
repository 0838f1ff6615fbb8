/** The sample shop as a vendor of a whole fleet: any number of customers, answers that get lost, keys it never heard of. */
import { randomUUID } from "node:crypto";
import { z } from "zod";

import { ask } from "#test/support/asking.ts";
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

/** Money that went back, as the shop's own books say. */
type BookedRefund = z.infer<typeof Refund>;

export interface FakeShop {
  /** What Deskhand is told; Deskhand does not know the shop's own address. */
  readonly url: string;
  readonly key: string;
  readonly counts: Proxy["counts"];
  /** The books, oldest first, read past everything that may go wrong on the way. */
  refunds(): Promise<readonly BookedRefund[]>;
  /** Pays money back by hand, as a clerk of the shop would. */
  refundByHand(orderId: string, amount: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts one with its state in `directory`. Without `idempotencyKeys` it repeats whatever it is asked to repeat, and
 * nothing it says holds a key.
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
