/** Serves the sample shop over HTTP and resets it for every case. */
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import type { Express } from "express";
import { z } from "zod";
import type { Clock } from "#core/contracts/ports.ts";
import { type SampleShop, type ShopApp, createShopApp } from "#sandbox/shop/index.ts";
import { createRefund } from "#sandbox/shop/writes.ts";
import { openState, type ShopState } from "#sandbox/shop/state.ts";
import type { WorldChanges } from "#evals/case.ts";
import type { ShopEffect } from "./observation.ts";
import { type Door, faultyDoor } from "./faulty-door.ts";
import { createFaults } from "#sandbox/shop/schema.ts";

const KEY = "evals";

/** The sample shop at one fixed address, with the sample world recreated for every case. */
export interface ResettableShop extends SampleShop {
  /** Forgets everything that was done and starts with the changes a case asks for. */
  restart(changes: WorldChanges): void;
  /** What the shop has done since the restart, oldest first. */
  journal(): readonly ShopEffect[];
  /** The current state of the shop: orders, refunds, journal, and the mails it would have sent. */
  state(): ShopState;
  /** The requests since the last call, such as "GET /orders/789"; forgets them. */
  takeRequests(): readonly string[];
}

/**
 * Serves the shop's own application on a free port of 127.0.0.1. A restart replaces the application behind the open
 * connections, because closing them between cases would fail the next call. Its mails are not sent.
 */
export async function openResettableShop(folder: string, clock: Clock): Promise<ResettableShop> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    door(state.app, request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const now = (): Date => clock.now();
  const open = (
    count: number,
  ): { readonly shop: ShopApp; readonly app: Express; count: number } => {
    const shop: ShopApp = {
      file: openState(join(folder, String(count)), now, KEY),
      now,
      baseUrl: () => url,
      faults: createFaults(),
      document: {},
      mailWaiting: () => undefined,
    };
    return { shop, app: createShopApp(shop), count };
  };
  let state = open(0);
  let door: Door = faultyDoor([]);
  return {
    url,
    openapi: `${url}/openapi.json`,
    key: KEY,
    restart({ refunds = [], shop = "up", records = [], faults = [] }) {
      state = open(state.count + 1);
      door = faultyDoor(faults);
      rewrite(state.shop.file.state, records);
      for (const [index, { order, amount, currency }] of refunds.entries())
        createRefund.perform(state.shop, { amount, currency }, () => ({
          id: order,
          key: `by-hand-${index}`,
        }));
      if (shop === "down") state.shop.faults.set({ fault: "down" });
    },
    journal: () =>
      state.shop.file.state.journal.map(({ effect, details }) => ({
        effect,
        key: z.string().parse(details["idempotency_key"]),
      })),
    state: () => state.shop.file.state,
    takeRequests: () => asked.splice(0),
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The shop's own records with what a case puts in place of the sample's. */
function rewrite(state: ShopState, records: NonNullable<WorldChanges["records"]>): void {
  for (const { order: id, item, status, address } of records)
    for (const order of state.orders.filter((one) => one.id === id)) {
      order.item = item ?? order.item;
      order.status = status ?? order.status;
      order.shipping_address = address ?? order.shipping_address;
    }
}
