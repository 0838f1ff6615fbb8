import { z } from "zod";
import type { SampleShop } from "#sandbox/shop/index.ts";
import type { EvalCase } from "./case.ts";
import type { ShopEffect } from "./observed.ts";

const Journal = z.array(
  z.looseObject({
    effect: z.string(),
    details: z.looseObject({ idempotency_key: z.string() }),
  }),
);

/** Brings the shop into the state a case begins with, by the shop's own interface. */
export async function playShop(shop: SampleShop, world: EvalCase["world"]): Promise<void> {
  for (const [index, { order, amount, currency }] of world.refunds.entries())
    await call(shop, `/orders/${order}/refunds`, {
      body: { amount, currency },
      key: `by-hand-${index}`,
    });
  if (world.shop === "down")
    await call(shop, "/_sandbox/faults", { body: { fault: "down" }, key: null });
}

/** What the shop has done so far, oldest first. */
export async function shopJournal(shop: SampleShop): Promise<readonly ShopEffect[]> {
  const entries = Journal.parse(await call(shop, "/_sandbox/journal", null));
  return entries.map(({ effect, details }) => ({ effect, key: details.idempotency_key }));
}

async function call(
  shop: SampleShop,
  path: string,
  posted: { readonly body: unknown; readonly key: string | null } | null,
): Promise<unknown> {
  const response = await fetch(`${shop.url}${path}`, {
    method: posted === null ? "GET" : "POST",
    headers: {
      Authorization: `Bearer ${shop.key}`,
      "Content-Type": "application/json",
      ...(posted?.key == null ? {} : { "Idempotency-Key": posted.key }),
    },
    ...(posted === null ? {} : { body: JSON.stringify(posted.body) }),
  });
  if (!response.ok)
    throw new Error(`the sample shop answered ${response.status} to ${path}: ${await response.text()}`);
  return response.json();
}
