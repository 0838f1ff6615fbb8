/** The door of the sample shop: lets requests through to it, except where a case wants one to fail. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { concerns, type FaultKind, type ToolFault } from "#evals/faults.ts";

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
  const left = faults.map((fault) => ({ fault, times: fault.times ?? Number.POSITIVE_INFINITY }));
  return (shop, request, response) => {
    const asked = `${request.method} ${request.url}`;
    const found = left.find(({ fault, times }) => times > 0 && concerns(fault, asked));
    if (found === undefined) {
      shop(request, response);
      return;
    }
    found.times -= 1;
    FAILURES[found.fault.fault](() => shop(request, response), response);
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
