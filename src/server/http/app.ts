/**
 * Room: the HTTP basics all routes share. `createApp` in this file makes the one Express application.
 * In: HTTP requests.
 * Out: security headers, rate limits, error answers, health; webhooks and Slack's requests go to their channels.
 * May touch: the database through intake and health probes; no vendor.
 */

import type { ErrorRequestHandler } from "express";
import { DeskhandError, reasonOf, invalidInput, invalidConfig } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { createServer, type Server } from "node:http";
import express, { type Express, type Router } from "express";
import helmet from "helmet";
import { promptBodies } from "./admission.ts";
import { ApiRefusal, sendProblem } from "./problem.ts";

/** Seconds a source is asked to wait when we cannot take its message. */
const RETRY_AFTER_S = 5;

const TRY_AGAIN = "This cannot be stored at the moment. Send it again: it counts once.";

/** Under this path refusals are problems by RFC 9457. */
const API_PATH = "/api/";

/**
 * The one place where errors become answers: an operating error is sent with its code, its sentence and the status from
 * the error table; an unexpected one only says that it happened.
 */
export function errorAnswers(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const known = error instanceof ApiRefusal ? error : knownError(error);
    if (known === null)
      log.error("request failed", { path: request.path, reason: reasonOf(error) });
    const { status, code, message } = known ?? UNEXPECTED;
    if (status === 503 || status === 429) response.set("Retry-After", String(retryAfterS(known)));
    if (!request.originalUrl.startsWith(API_PATH))
      response.status(status).json({ error: code, message });
    else {
      if (status === 401) response.set("WWW-Authenticate", "Bearer");
      sendProblem(response, known ?? UNEXPECTED);
    }
  };
}

const UNEXPECTED = {
  status: 500,
  code: "internal",
  message: "Something went wrong here. It was logged.",
} as const;

function retryAfterS(known: DeskhandError | ApiRefusal | null): number {
  const ms = known instanceof DeskhandError ? known.retryAfterMs : undefined;
  return Math.ceil((ms ?? RETRY_AFTER_S * 1_000) / 1_000);
}

/** Express reports unreadable bodies with its own errors; they become ours. */
function knownError(error: unknown): DeskhandError | null {
  // What is wrong with our storage is for the log and for health, not for strangers.
  if (error instanceof DeskhandError && error.code === "store.unavailable" && error.cause)
    return new DeskhandError(error.code, TRY_AGAIN);
  if (error instanceof DeskhandError) return error;
  if (!(error instanceof Error) || !("status" in error)) return null;
  if (error.status === 413) return tooLarge("limit" in error ? error.limit : null);
  if (typeof error.status === "number" && error.status >= 400 && error.status < 500)
    return invalidInput("the body cannot be read");
  return null;
}

const MB = 2 ** 20;

/** Says how many bytes are taken where that is a number people know. */
function tooLarge(limit: unknown): DeskhandError {
  const isKnown = typeof limit === "number" && limit >= MB;
  const most = isKnown ? `: at most ${Math.floor(limit / MB)} MB are taken` : "";
  return new DeskhandError("input.too_large", `the body is too large${most}`);
}

/** One Express app serves everything; the composition root decides what is mounted where. */
export function createApp(options: {
  readonly log: Log;
  readonly mounted: readonly (readonly [path: string, router: Router])[];
  /** How many of the operator's proxies a request passes, whose report of its origin is trusted; none when absent. */
  readonly proxies?: number;
  /** Hosts the start page may embed; only addresses of this machine. */
  readonly frames: readonly string[];
}): Express {
  const app = express().disable("x-powered-by").disable("etag");
  app.set("trust proxy", options.proxies ?? 0);
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          frameSrc: ["'self'", ...options.frames],
          frameAncestors: ["'self'"],
          objectSrc: ["'none'"],
          baseUri: ["'none'"],
          formAction: ["'self'"],
        },
      },
      // Pages are plain HTTP on the loopback; a proxy in front of a real installation adds this header itself.
      strictTransportSecurity: false,
    }),
  );
  app.use(promptBodies());
  for (const [path, router] of options.mounted) app.use(path, router);
  app.use((_request, response) => {
    response.status(404).json({ error: "not_found", message: "no such page" });
  });
  app.use(errorAnswers(options.log));
  return app;
}

/**
 * An idle connection stays open longer than proxies keep theirs (60 s is usual): the side that closes first must be the
 * one that asks, or a request that meets the closing is lost with "connection reset".
 */
const KEPT_OPEN_MS = 75_000;

/**
 * Listens, with limits on how slowly a request may come in. A taken port is reported with the variable that sets it.
 */
export async function listen(
  app: Express,
  where: { readonly host: string; readonly port: number; readonly variable?: string },
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(
    {
      requestTimeout: 30_000,
      headersTimeout: 10_000,
      connectionsCheckingInterval: 5_000,
      keepAliveTimeout: KEPT_OPEN_MS,
    },
    app,
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        invalidConfig(
          `${where.variable ?? "DESKHAND_PORT"}: ${where.host}:${where.port} cannot be listened on (${cause.message}). Stop what uses it, or set another port.`,
          { cause },
        ),
      ),
    );
    server.listen(where.port, where.host, resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : where.port;
  return { url: addressOnThisMachine(where.host, port), close: () => closeServer(server) };
}

/** The address for people on this machine. One that stands for all addresses listens, but is none to open. */
export function addressOnThisMachine(host: string, port: number): string {
  const opened = { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host;
  return `http://${opened.includes(":") ? `[${opened}]` : opened}:${port}`;
}

/** A stop gives running answers this long, which is within the time of the whole stop. */
const ANSWERS_MS = 6_000;

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Keep-alive connections would stay open after their last answer.
    const idle = setInterval(() => server.closeIdleConnections(), 100);
    const late = setTimeout(() => server.closeAllConnections(), ANSWERS_MS);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
  });
}
