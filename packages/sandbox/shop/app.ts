/** The HTTP face of the sample shop: who may call, which function answers, and how errors read. */

import { createHash, timingSafeEqual } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import {
  type Asked,
  changeAddress,
  createRefund,
  customerById,
  NO_KEY,
  orderById,
  refundsOf,
  resetPassword,
  type ShopContext,
  type WriteResult,
} from "./operations.ts";
import { cancelOrder, exchangeItem, resendInvoice, startReturn } from "./order-changes.ts";
import {
  AddressRequest,
  CancelRequest,
  CustomerQuery,
  EmptyRequest,
  Fault,
  IdempotencyKey,
  parseInput,
  RefundQuery,
  RefundRequest,
  ShopError,
  type Faults,
} from "./schema.ts";
import { digest } from "./state.ts";
import { orderView, paymentViews, refundView } from "./views.ts";
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type Response,
} from "express";

const BODY_BYTES_MAX = 64 * 1024;

/** What the routes work on. */
export interface ShopApp extends ShopContext {
  readonly faults: Faults;
  readonly document: unknown;
  /** Called after each write, so that its mail leaves at once. */
  readonly mailWaiting: () => void;
}

/** Hashing both sides first makes the comparison take the same time whatever the length of the guess. */
function sameSecret(given: string, expected: string): boolean {
  const [left, right] = [given, expected].map((text) => createHash("sha256").update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}

function idempotencyKey(request: Request): string {
  const parsed = IdempotencyKey.safeParse(request.get("idempotency-key"));
  if (parsed.success) return parsed.data;
  const reason = parsed.error.issues[0]?.message ?? "is not valid";
  throw new ShopError(
    400,
    "invalid_idempotency_key",
    `Idempotency-Key: ${reason}`,
    "Idempotency-Key",
  );
}

/** An absent body is an empty request; what is wrong with it is then said field by field. */
function bodyOf(request: Request): unknown {
  const body: unknown = request.body;
  return body === undefined ? {} : body;
}

function pathId(request: Request): string {
  return z.string().parse(request.params["id"]);
}

function addReads(app: Express, shop: ShopApp): void {
  const { state } = shop.file;
  app.get("/customers/:id", (request, response) => {
    response.json(customerById(state, pathId(request)));
  });
  app.get("/customers", (request, response) => {
    const email = parseInput(CustomerQuery, request.query).email.toLowerCase();
    response.json(state.customers.filter((customer) => customer.email === email));
  });
  app.get("/customers/:id/orders", (request, response) => {
    const customer = customerById(state, pathId(request));
    const orders = state.orders.filter((order) => order.customer_id === customer.id);
    response.json(orders.map((order) => orderView(state, order)));
  });
  app.get("/orders/:id", (request, response) => {
    response.json(orderView(state, orderById(state, pathId(request))));
  });
  app.get("/orders/:id/payments", (request, response) => {
    response.json(paymentViews(state, orderById(state, pathId(request))));
  });
  app.get("/orders/:id/refunds", (request, response) => {
    const { idempotency_key: key } = parseInput(RefundQuery, request.query);
    const refunds = refundsOf(state, orderById(state, pathId(request)).id);
    response.json(
      refunds
        .filter((refund) => key === undefined || refund.idempotency_key === key)
        .map(refundView),
    );
  });
  app.get("/operations/:id", (request, response) => {
    const key = pathId(request);
    const known = state.operations.find((operation) => operation.idempotency_key === key);
    if (known === undefined)
      throw new ShopError(404, "operation_not_found", "nothing was done under this key");
    const { body_digest: _, ...view } = known;
    response.json(view);
  });
}

function addWrites(app: Express, shop: ShopApp): void {
  const answer = (response: Response, { result, replayed }: WriteResult) => {
    shop.mailWaiting();
    // The effect is kept by now; a client that hears nothing has to look it up by its key.
    if (shop.faults.take("lost_response") !== undefined) {
      response.socket?.destroy();
      return;
    }
    if (replayed) response.set("Idempotent-Replay", "true");
    response.status(replayed ? 200 : 201).json(result);
  };
  const askedIn = (request: Request): Asked => {
    const key = idempotencyKey(request);
    const isKept = shop.faults.take("ignores_keys") === undefined;
    return { id: pathId(request), key: isKept ? key : NO_KEY };
  };
  app.post("/orders/:id/refunds", (request, response) => {
    const input = parseInput(RefundRequest, bodyOf(request));
    const refuse = () => shop.faults.take("refuse_refunds") !== undefined;
    answer(response, createRefund(shop, askedIn(request), input, refuse));
  });
  app.post("/orders/:id/address", (request, response) => {
    const input = parseInput(AddressRequest, bodyOf(request));
    answer(response, changeAddress(shop, askedIn(request), input));
  });
  app.post("/orders/:id/cancellation", (request, response) => {
    const input = parseInput(CancelRequest, bodyOf(request));
    answer(response, cancelOrder(shop, askedIn(request), input));
  });
  for (const [path, write] of [
    ["/orders/:id/return", startReturn],
    ["/orders/:id/exchange", exchangeItem],
    ["/orders/:id/invoice-mail", resendInvoice],
    ["/customers/:id/password-reset", resetPassword],
  ] as const)
    app.post(path, (request, response) => {
      parseInput(EmptyRequest, bodyOf(request));
      answer(response, write(shop, askedIn(request)));
    });
}

function addSandbox(app: Express, shop: ShopApp): void {
  app.get("/_sandbox/faults", (_request, response) => {
    response.json(shop.faults.list());
  });
  app.post("/_sandbox/faults", (request, response) => {
    shop.faults.set(parseInput(Fault, bodyOf(request)));
    response.json(shop.faults.list());
  });
  app.delete("/_sandbox/faults", (_request, response) => {
    shop.faults.clear();
    response.json([]);
  });
  app.get("/_sandbox/journal", (_request, response) => {
    response.json(shop.file.state.journal);
  });
}

/** The page a reset link opens. It needs no key, since the token in the link is the secret. */
function addResetPage(app: Express, shop: ShopApp): void {
  app.get("/reset/:token", (request, response) => {
    const token = digest(request.params.token);
    const reset = shop.file.state.resets.find((candidate) => candidate.token_digest === token);
    const valid = reset !== undefined && Date.parse(reset.expires_at) > shop.now().getTime();
    const words = valid
      ? "This link is valid. In a real shop you would choose a new password here."
      : "This link is not valid or has expired.";
    response
      .status(valid ? 200 : 404)
      .type("html")
      .send(
        `<!doctype html><html lang="en"><meta charset="utf-8"><title>OurShop</title><h1>OurShop</h1><p>${words}</p>`,
      );
  });
}

/** Body errors come from the parser with a status of their own; anything else unforeseen is a 500 without details. */
const ParserError = z.object({ status: z.int().min(400).max(499), type: z.string().optional() });

function asShopError(error: unknown): ShopError {
  if (error instanceof ShopError) return error;
  const parsed = ParserError.safeParse(error);
  if (!parsed.success)
    return new ShopError(500, "internal", "something went wrong inside the shop");
  if (parsed.data.type === "entity.too.large")
    return new ShopError(413, "body_too_large", `a body may have at most ${BODY_BYTES_MAX} bytes`);
  if (parsed.data.type === "entity.parse.failed")
    return new ShopError(400, "invalid_json", "the body is not JSON in UTF-8");
  return new ShopError(parsed.data.status, "bad_request", "the request could not be read");
}

// Express tells an error handler by its four parameters.
const answerError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  const { status, code, message, field } = asShopError(error);
  response
    .status(status)
    .json({ error: { code, message, ...(field === undefined ? {} : { field }) } });
};

/** Builds the service: open are the document and reset links, everything else wants the bearer key. */
export function createShopApp(shop: ShopApp): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.get("/openapi.json", (_request, response) => {
    response.json(shop.document);
  });
  addResetPage(app, shop);
  app.use((request, response, next) => {
    const [scheme, given] = (request.get("authorization") ?? "").split(" ", 2);
    if (
      scheme?.toLowerCase() === "bearer" &&
      given !== undefined &&
      sameSecret(given, shop.file.state.key)
    )
      next();
    else {
      response.set("WWW-Authenticate", "Bearer");
      next(new ShopError(401, "unauthorized", "send the key as Authorization: Bearer KEY"));
    }
  });
  app.use(express.json({ limit: BODY_BYTES_MAX, strict: false, inflate: false, type: () => true }));
  addSandbox(app, shop);
  app.use(async (_request, response, next) => {
    const slow = shop.faults.take("slow");
    if (slow !== undefined) await sleep(slow.delay_ms, undefined, { ref: false });
    if (shop.faults.take("down") === undefined) next();
    else {
      response.set("Retry-After", "1");
      next(new ShopError(503, "unavailable", "the shop is down for a moment"));
    }
  });
  addReads(app, shop);
  addWrites(app, shop);
  app.use(() => {
    throw new ShopError(404, "not_found", "there is no such address here");
  });
  app.use(answerError);
  return app;
}
