/**
 * Room: stand-ins of Stripe, WooCommerce and Shopify, made from what these companies publish about their interfaces, so
 * that the tools for them can be tried without an account.
 * In: HTTP calls as those companies take them.
 * Out: the same answers, as far as look-ups, refunds, cancellations, addresses and returns need them, and faults when asked for.
 * May touch: one loopback port; everything is kept in memory.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { listenHere } from "#sandbox/process/index.ts";
import {
  openBooks,
  type Books,
  type ShopAnswer,
  type ShopCall,
  type Sale,
  type Vendor,
} from "./books.ts";
import { shopify } from "./shopify.ts";
import { stripe } from "./stripe.ts";
import { wooCommerce } from "./woocommerce.ts";

/** How the next call goes wrong. Only `refused-early` and `busy` happen before the shop has done anything. */
export type ShopFault =
  /** The shop does it, and its answer never arrives. */
  | { readonly kind: "lost" }
  /** The shop does it at once and answers so late. */
  | { readonly kind: "late"; readonly delayMs: number }
  /** The shop does it and then fails with this status. */
  | { readonly kind: "failed-after"; readonly status: 500 | 502 | 503 }
  /** The shop fails with a 500 before it has done anything. */
  | { readonly kind: "refused-early" }
  /** The shop asks to slow down and has done nothing. */
  | { readonly kind: "busy" };

/** A running stand-in. */
export type StartedShop = Awaited<ReturnType<typeof startShop>>;

const VENDORS = { stripe, woocommerce: wooCommerce, shopify } satisfies Record<string, Vendor>;

export type StandInName = keyof typeof VENDORS;

/** True for the name of a stand-in. */
export function isStandIn(name: string): name is StandInName {
  return Object.hasOwn(VENDORS, name);
}

/** Starts one on 127.0.0.1, on a free port unless one is given. Rejects when the port is taken. */
export async function startShop(name: StandInName, port = 0) {
  const vendor: Vendor = VENDORS[name];
  const books = openBooks();
  const waiting: Record<"read" | "write", ShopFault[]> = { read: [], write: [] };
  const server = createServer((request, response) => {
    void callFrom(request)
      .then((call) => {
        const token = vendor.token?.(call, books) ?? null;
        if (token !== null) return send(response, token);
        const fault = waiting[vendor.isWrite(call) ? "write" : "read"].shift();
        return serve(vendor, { call, books, fault }, response);
      })
      .catch(() => response.destroy());
  });
  const saleOf = (number: string): Sale => {
    const sale = books.sales.find((one) => one.number === number);
    if (sale === undefined) throw new Error(`no order ${number}`);
    return sale;
  };
  const { port: bound, close } = await listenHere(server, port);
  const url = `http://127.0.0.1:${bound}`;
  return {
    url,
    /** Settings by name under which the ready-made tools find it, its secrets among them. */
    settings: vendor.settings(url),
    /** The next call of this kind goes wrong so; several wait in line. */
    fault: (on: "read" | "write", fault: ShopFault) => void waiting[on].push(fault),
    /** Money that really moved, in the shop's own unit. */
    refunds: () => books.refunds().map((refund) => ({ ...vendor.booked(refund), key: refund.key })),
    /** What became of an order, by its number. */
    order: (number: string) => saleOf(number),
    /** An order that has not left leaves, and one that arrived is open again. */
    changeStatus(number: string) {
      const sale = saleOf(number);
      sale.isShipped = !sale.isShipped;
    },
    /** Every access token it gave out ends now, as it does after its time. */
    endTokens: () => books.tokens.clear(),
    /** What the shop's plan or the rights of the app hide from now on. */
    hide: (what: Books["hides"]) => void (books.hides = what),
    close,
  };
}

async function serve(
  vendor: Vendor,
  asked: {
    readonly call: ShopCall;
    readonly books: Books;
    readonly fault: ShopFault | undefined;
  },
  response: ServerResponse,
): Promise<void> {
  const { call, books, fault = { kind: "none" } } = asked;
  if (fault.kind === "busy") return send(response, vendor.busy, { "retry-after": "1" });
  if (fault.kind === "refused-early") return send(response, { status: 500, body: {} });
  const does = vendor.isWrite(call) ? vendor.write : vendor.read;
  const answer = vendor.refused(call, books) ?? does(call, books);
  if (fault.kind === "lost") return void response.destroy();
  if (fault.kind === "late") await sleep(fault.delayMs, undefined, { ref: false });
  if (fault.kind === "failed-after") return send(response, { status: fault.status, body: {} });
  send(response, answer);
}

async function callFrom(request: IncomingMessage): Promise<ShopCall> {
  let body = "";
  request.setEncoding("utf8");
  for await (const chunk of request) body += String(chunk);
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://shop.invalid");
  return {
    method: request.method ?? "GET",
    path: decodeURIComponent(pathname),
    query: searchParams,
    headers: request.headers,
    body,
  };
}

function send(
  response: ServerResponse,
  { status, body }: ShopAnswer,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}
