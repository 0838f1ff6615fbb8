/**
 * Room: the shop behind its HTTP API, read by tools and written by effects.
 * In: ids to look up; actions with their keys (refund, change of address, password reset).
 * Out: customers, orders and payments; receipts of writes, and lookups of what was done.
 * May touch: the shop's API; nothing else.
 */

import { pathSegment } from "#core/connection/http-answer.ts";
import type { Shop } from "#core/contracts/shop.ts";
import type { Target } from "#core/contracts/target.ts";
import { z } from "zod";
import {
  shopClient,
  type ShopClient,
  type ShopOptions,
  WireCustomer,
  WireOrder,
  WirePayment,
} from "./client.ts";
import { shopTarget } from "./target.ts";

/**
 * The shop behind its HTTP API: reads for the tools, writes for the ledger. The two are separate, so that code that may
 * look something up cannot change it.
 */
export function shop(options: ShopOptions): { readonly reads: Shop; readonly target: Target } {
  const client = shopClient(options);
  return { reads: shopReads(client), target: shopTarget(client) };
}

function shopReads(client: ShopClient): Shop {
  return {
    async customer(customerId, signal) {
      const id = pathSegment(customerId);
      return id === null ? null : await client.read(`/customers/${id}`, WireCustomer, signal);
    },
    async customerByEmail(email, signal) {
      const query = new URLSearchParams({ email }).toString();
      const found = await client.read(`/customers?${query}`, z.array(WireCustomer), signal);
      // A shop that searches loosely, or has two accounts with one address, proves no identity.
      const exact = (found ?? []).filter(
        (customer) => customer.email.toLowerCase() === email.toLowerCase(),
      );
      return exact.length === 1 ? (exact[0] ?? null) : null;
    },
    async orders(customerId, signal) {
      const id = pathSegment(customerId);
      if (id === null) return [];
      const orders = await client.read(`/customers/${id}/orders`, z.array(WireOrder), signal);
      return (orders ?? []).filter((order) => order.customerId === customerId);
    },
    async order(orderId, signal) {
      const id = pathSegment(orderId);
      return id === null ? null : await client.read(`/orders/${id}`, WireOrder, signal);
    },
    async payments(orderId, signal) {
      const id = pathSegment(orderId);
      if (id === null) return [];
      return (await client.read(`/orders/${id}/payments`, z.array(WirePayment), signal)) ?? [];
    },
  };
}
