/**
 * Room: the sample shop "OurShop": a service of its own, in the place of a real shop.
 * In: HTTP calls with its bearer key, as openapi.yaml describes them.
 * Out: customers, orders, payments and refunds; mails that confirm what was done.
 * May touch: its own folder, one loopback port, the SMTP port of the sandbox's mail.
 */

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parse } from "yaml";
import { z } from "zod";
import { type ShopWorld, type StateFile, digest, openState } from "./state.ts";
import { Fault, IdempotencyKey, ShopError, createFaults, parseInput } from "./schema.ts";
import { listenHere } from "#sandbox/process/index.ts";
import { isSameText } from "#core/connection/signing-keys.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { NO_KEY, READS, type ShopContext } from "./operations.ts";
import { WRITES } from "./writes.ts";
import express, { type ErrorRequestHandler, type Express, type Request } from "express";

/** A running sample shop. */
export type SampleShop = Awaited<ReturnType<typeof startSampleShop>>;

/**
 * Starts the shop on a free port of 127.0.0.1 with its state in `directory`; a restart there finds orders, refunds and
 * key again. `sendMail` carries the shop's own mails: the address notice and the reset link.
 */
export async function startSampleShop(options: {
  directory: string;
  key?: string;
  /** What a new shop starts with; the sample world when absent. */
  world?: ShopWorld;
  now: () => Date;
  sendMail: SendMail;
}) {
  const file = openState(options.directory, options.now, options.key, options.world);
  const outbox = startOutbox(file, options.sendMail);
  const source = readFileSync(new URL("openapi.yaml", import.meta.url), "utf8");
  const document = z.record(z.string(), z.unknown()).parse(parse(source));
  const address = { url: "" };
  const app = createShopApp({
    file,
    now: options.now,
    baseUrl: () => address.url,
    faults: createFaults(),
    document,
    mailWaiting: () => outbox.wake(),
  });
  const server = await listenHere(createServer(app));
  const url = `http://127.0.0.1:${server.port}`;
  address.url = url;
  document["servers"] = [{ url }];
  return {
    url,
    /** The address of its OpenAPI 3.1 document, readable without the key. */
    openapi: `${url}/openapi.json`,
    /** The bearer key; made at the first start and kept, unless one was given. */
    key: file.state.key,
    /** Ends open connections and waits for the mail in flight. */
    close: async (): Promise<void> => {
      await Promise.all([server.close(), outbox.close()]);
    },
  };
}

// Outgoing mail: stored with the change that causes it and removed once it was accepted, so that a mail server that is away delays a notice and never loses it.

const RETRY_MS = 2000;

/** How the shop hands a mail over; a rejection means "try again later". */
export type SendMail = (mail: { to: string; subject: string; text: string }) => Promise<void>;

/** Sends what an earlier run left, then whatever `wake` announces, one mail at a time and in order. */
function startOutbox(file: StateFile, send: SendMail) {
  let running: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  const sendFirst = async (): Promise<void> => {
    const [mail] = file.state.outbox;
    if (mail === undefined) return;
    const { id, ...letter } = mail;
    await send(letter);
    file.state.outbox = file.state.outbox.filter((other) => other.id !== id);
    file.save();
  };
  const wake = (): void => {
    if (closed || running !== undefined || file.state.outbox.length === 0) return;
    clearTimeout(retry);
    running = sendFirst().then(
      () => {
        running = undefined;
        wake();
      },
      () => {
        // The sandbox's mail server may start later than the shop or be stopped by a test; what is left stays in line.
        running = undefined;
        if (!closed) retry = setTimeout(wake, RETRY_MS).unref();
      },
    );
  };
  wake();
  return {
    /** Starts sending what waits; returns at once. */
    wake,
    /** Stops retrying and waits for the mail in flight. */
    close: async (): Promise<void> => {
      closed = true;
      clearTimeout(retry);
      await running;
    },
  };
}

// The HTTP face: who may call, which function answers, and how errors read.

const BODY_BYTES_MAX = 64 * 1024;

/** What the routes work on. */
export interface ShopApp extends ShopContext {
  readonly document: unknown;
  /** Called after each write, so that its mail leaves at once. */
  readonly mailWaiting: () => void;
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
  return z.string().default("").parse(request.params["id"]);
}

function addOperations(app: Express, shop: ShopApp): void {
  for (const [path, read] of Object.entries(READS))
    app.get(path, (request, response) => {
      response.json(read(shop.file.state, { id: pathId(request), query: request.query }));
    });
  for (const { path, perform } of WRITES)
    app.post(path, (request, response) => {
      const { result, replayed } = perform(shop, bodyOf(request), () => {
        const key = idempotencyKey(request);
        const isKept = shop.faults.take("ignores_keys") === undefined;
        return { id: pathId(request), key: isKept ? key : NO_KEY };
      });
      shop.mailWaiting();
      // The effect is kept by now; a client that hears nothing has to look it up by its key.
      if (shop.faults.take("lost_response") !== undefined) {
        response.socket?.destroy();
        return;
      }
      if (replayed) response.set("Idempotent-Replay", "true");
      response.status(replayed ? 200 : 201).json(result);
    });
}

function addSandbox(app: Express, shop: ShopApp): void {
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
      isSameText(given, shop.file.state.key)
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
    if (slow?.fault === "slow") await sleep(slow.delay_ms, undefined, { ref: false });
    if (shop.faults.take("down") === undefined) next();
    else {
      response.set("Retry-After", "1");
      next(new ShopError(503, "unavailable", "the shop is down for a moment"));
    }
  });
  addOperations(app, shop);
  app.use(() => {
    throw new ShopError(404, "not_found", "there is no such address here");
  });
  app.use(answerError);
  return app;
}
