/**
 * The faults of tools a case may name, and the door of the sample shop that plays them: it lets requests through, except
 * where a case wants one to fail.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

/** Where a fault can be: a tool of the shop, a look-up behind it, or any request; with the requests it sends. */
const REQUESTS = [
  ["get_customer", /^GET \/customers(?:\?|\/[^/?]+$)/],
  ["list_orders", /^GET \/customers\/[^/]+\/orders/],
  ["get_order_status", /^GET \/orders\/[^/?]+$/],
  ["get_payments", /^GET \/orders\/[^/]+\/payments/],
  /** What has been refunded so far; also how a refund whose answer was lost is looked up. */
  ["get_refunds", /^GET \/orders\/[^/]+\/refunds/],
  /** How any other change whose answer was lost is looked up by its key. */
  ["find_operation", /^GET \/operations\//],
  ["issue_refund", /^POST \/orders\/[^/]+\/refunds/],
  ["change_address", /^POST \/orders\/[^/]+\/address/],
  ["cancel_order", /^POST \/orders\/[^/]+\/cancellation/],
  ["start_return", /^POST \/orders\/[^/]+\/return/],
  ["exchange_item", /^POST \/orders\/[^/]+\/exchange/],
  ["resend_invoice", /^POST \/orders\/[^/]+\/invoice-mail/],
  ["reset_password", /^POST \/customers\/[^/]+\/password-reset/],
  ["any", /^/],
] as const;

/**
 * How a request fails. `timeout`: taken and never answered, and nothing is done. `lost_answer`: done, but the answer is
 * lost. `error`: 500, and nothing is done. `error_after`: done, and answered with 500. `slow`: answered late.
 * `broken_json`: done, and the answer ends in the middle. `not_found`: 404, and nothing is done. `rate_limited`: 429.
 */
const FaultKind = z.enum([
  "timeout",
  "lost_answer",
  "error",
  "error_after",
  "slow",
  "broken_json",
  "not_found",
  "rate_limited",
]);
type FaultKind = z.infer<typeof FaultKind>;

/** One fault. Without `times` every such request fails; a read that fails once is asked again at once. */
export const ToolFault = z.strictObject({
  tool: z.enum(REQUESTS.map(([tool]) => tool)),
  fault: FaultKind,
  times: z.int().min(1).max(20).optional(),
});
export type ToolFault = z.infer<typeof ToolFault>;

/** Passes a request to the shop, or fails it. */
export type Door = (
  shop: (request: IncomingMessage, response: ServerResponse) => unknown,
  request: IncomingMessage,
  response: ServerResponse,
) => void;

/**
 * How late a slow answer is, and how long a caller is left without one, in milliseconds. The line is cut after it, since
 * a caller that hangs up learns as little, and a case would last as long as the longest wait.
 */
const LATE_MS = 150;

/** A door with these faults; of two for the same request the first one counts, until it is used up. */
export function faultyDoor(faults: readonly ToolFault[]): Door {
  const left = faults.map(({ tool, fault, times = Number.POSITIVE_INFINITY }) => ({
    fault,
    times,
    requests: REQUESTS.flatMap(([name, request]) => (name === tool ? [request] : [])),
  }));
  return (shop, request, response) => {
    const asked = `${request.method} ${request.url}`;
    const found = left.find(
      ({ times, requests }) => times > 0 && requests.some((request) => request.test(asked)),
    );
    if (found === undefined) {
      shop(request, response);
      return;
    }
    found.times -= 1;
    FAILURES[found.fault](() => shop(request, response), response);
  };
}

type Failure = (go: () => void, response: ServerResponse) => void;

const FAILURES: Readonly<Record<FaultKind, Failure>> = {
  timeout: (_go, response) => {
    void delay(LATE_MS).then(() => response.socket?.destroy());
  },
  lost_answer: (go, response) => {
    inPlaceOfTheAnswer(response, () => response.socket?.destroy());
    go();
  },
  error: (_go, response) => answer(response, 500, "internal", "something went wrong in the shop"),
  error_after: (go, response) => {
    inPlaceOfTheAnswer(response, (_text, end) => {
      response.statusCode = 500;
      end('{"error":{"code":"internal","message":"something went wrong in the shop"}}');
    });
    go();
  },
  slow: (go) => {
    void delay(LATE_MS).then(go);
  },
  broken_json: (go, response) => {
    inPlaceOfTheAnswer(response, (text, end) => end(text.slice(0, Math.ceil(text.length / 2))));
    go();
  },
  not_found: (_go, response) => answer(response, 404, "not_found", "there is no such address here"),
  rate_limited: (_go, response) => {
    response.setHeader("Retry-After", "1");
    answer(response, 429, "rate_limited", "too many requests, wait a moment");
  },
};

function answer(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ error: { code, message } }));
}

/** Lets the shop do its work, and sends something else than what it answers. */
function inPlaceOfTheAnswer(
  response: ServerResponse,
  instead: (text: string, end: (text: string) => void) => void,
): void {
  const end = response.end.bind(response);
  Object.assign(response, {
    end: (chunk: unknown) => {
      response.removeHeader("Content-Length");
      instead(Buffer.isBuffer(chunk) ? chunk.toString("utf8") : String(chunk), (text) => end(text));
      return response;
    },
  });
}
