/**
 * Room: stand-ins of Stripe, WooCommerce and Shopify, made from what these companies publish about their interfaces, so
 * that the tools for them can be tried without an account.
 * In: HTTP calls as those companies take them.
 * Out: the same answers, as far as a look-up and a refund need them, and faults when asked for.
 * May touch: one loopback port; everything is kept in memory.
 * This file: the server and the orders all of them share.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { listenHere } from "#sandbox/process/index.ts";

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

/** One call as a shop sees it. */
export interface ShopCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** An answer of a shop; `body` is sent as JSON. */
export interface ShopAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** One money movement as a shop has booked it, in the shop's own unit. */
interface BookedRefund {
  readonly id: string;
  readonly order: string;
  /** As the shop keeps it: a whole number of minor units, or decimal text. */
  readonly amount: string;
  readonly key: string;
}

/** How one shop behaves. */
export interface ShopBehaviour {
  /** True for a call that moves money: faults named for writes hit these. */
  isWrite(call: ShopCall): boolean;
  /** Does it and answers. */
  answer(call: ShopCall): ShopAnswer;
  /** What it says when it has done nothing because it was asked too often. */
  readonly busy: ShopAnswer;
  refunds(): readonly BookedRefund[];
}

/** A running stand-in. */
export interface ShopStandIn {
  readonly url: string;
  /** The next call of this kind goes wrong so; several wait in line. */
  fault(on: "read" | "write", fault: ShopFault): void;
  /** Money that really moved. */
  refunds(): readonly BookedRefund[];
  close(): Promise<void>;
}

/** Starts a shop on 127.0.0.1, on a free port unless one is given. Rejects when the port is taken. */
export async function startStandIn(behaviour: ShopBehaviour, port = 0): Promise<ShopStandIn> {
  const waiting: Record<"read" | "write", ShopFault[]> = { read: [], write: [] };
  const server = createServer((request, response) => {
    void serve(behaviour, waiting, request, response).catch(() => response.destroy());
  });
  const { port: bound, close } = await listenHere(server, port);
  return {
    url: `http://127.0.0.1:${bound}`,
    fault: (on, fault) => void waiting[on].push(fault),
    refunds: () => behaviour.refunds(),
    close,
  };
}

async function serve(
  behaviour: ShopBehaviour,
  waiting: Record<"read" | "write", ShopFault[]>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const call = await callFrom(request);
  const fault = waiting[behaviour.isWrite(call) ? "write" : "read"].shift();
  if (fault?.kind === "busy") return send(response, behaviour.busy, { "retry-after": "1" });
  if (fault?.kind === "refused-early") return send(response, { status: 500, body: {} });
  const answer = behaviour.answer(call);
  if (fault?.kind === "lost") return void response.destroy();
  if (fault?.kind === "late") await sleep(fault.delayMs, undefined, { ref: false });
  if (fault?.kind === "failed-after") return send(response, { status: fault.status, body: {} });
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

// Who bought what in the stand-ins: one customer with orders in three currencies, and a stranger with one.

/** An order in minor units of its currency; `digits` is how many of them stand after the point. */
export interface StandInOrder {
  readonly number: string;
  readonly email: string;
  readonly customer: string;
  readonly item: string;
  readonly minor: number;
  readonly currency: string;
  readonly digits: number;
}

/** Ann asks, Bob is the stranger. The addresses are those of the sample world. */
export const STAND_IN_ORDERS: readonly StandInOrder[] = [
  order("1001", "ann@customer.test", "desk lamp", 12_000, "USD", 2),
  order("1002", "ann@customer.test", "tea bowl", 3000, "JPY", 0),
  order("1003", "ann@customer.test", "copper pot", 12_500, "KWD", 3),
  order("2001", "bob@elsewhere.test", "bookshelf", 9000, "USD", 2),
];

function order(
  number: string,
  email: string,
  item: string,
  minor: number,
  currency: string,
  digits: number,
): StandInOrder {
  const customer = email.startsWith("ann") ? "31" : "32";
  return { number, email, customer, item, minor, currency, digits };
}

/** Minor units as decimal text with all digits of the currency: "12.500". */
export function decimalText(minor: number, digits: number): string {
  return (minor / 10 ** digits).toFixed(digits);
}

/** Decimal text as minor units; null for text that is no amount of that many digits. */
export function minorOf(text: string, digits: number): number | null {
  const minor = Number(text) * 10 ** digits;
  return /^\d+(\.\d+)?$/.test(text) && Number.isInteger(Math.round(minor * 1e6) / 1e6)
    ? Math.round(minor)
    : null;
}

// What a shop keeps of refunds.

/** A refund as it was carried out; `note` is what the caller wrote with it. */
export interface KeptRefund {
  readonly id: string;
  readonly order: StandInOrder;
  readonly minor: number;
  readonly note: string;
}

/** How much of an order went back, in minor units. */
export function refundedMinor(refunds: readonly KeptRefund[], order: StandInOrder): number {
  return refunds
    .filter((refund) => refund.order === order)
    .reduce((sum, { minor }) => sum + minor, 0);
}

/** Answers under idempotency keys: the first answer comes again, and another request under its key is `conflict`. */
export function answersByKey(conflict: ShopAnswer) {
  const kept = new Map<string, { readonly asked: string; readonly answer: ShopAnswer }>();
  return (key: string, asked: string, create: () => ShopAnswer): ShopAnswer => {
    const before = kept.get(key);
    if (before !== undefined) return before.asked === asked ? before.answer : conflict;
    const answer = create();
    // A request that did not pass validation is not kept under its key.
    if (answer.status < 400) kept.set(key, { asked, answer });
    return answer;
  };
}
