/** The fields of mails and orders that tests look at. */
import { z } from "zod";

/** A mail as the sandbox shows it. */
export const Mail = z.object({
  from: z.string(),
  to: z.string(),
  subject: z.string(),
  date: z.string(),
  text: z.string(),
  html: z.string().optional(),
  messageId: z.string(),
  headers: z.record(z.string(), z.unknown()),
});
export type Mail = z.infer<typeof Mail>;

/** What tests look at of an order. */
export const ShopOrder = z.looseObject({
  id: z.string(),
  status: z.string(),
  shipping_address: z.string(),
  refunds: z.array(
    z.looseObject({ id: z.string(), amount: z.number(), idempotency_key: z.string() }),
  ),
});
