/**
 * Room: the HTTP basics all routes share. `createApp` in this file makes the one Express application.
 * In: HTTP requests.
 * Out: security headers, rate limits, error answers, health; webhooks and Slack's requests go to their channels.
 * May touch: the database through intake and health probes; no vendor.
 */

import { createServer, type Server } from "node:http";
import express, { type Express, type Router } from "express";
import helmet from "helmet";
import { DeskhandError } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { promptBodies } from "./admission.ts";
import { errorAnswers } from "./errors.ts";

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
        new DeskhandError(
          "config.invalid",
          `${where.variable ?? "DESKHAND_PORT"}: ${where.host}:${where.port} cannot be listened on (${cause.message}). Stop what uses it, or set another port.`,
          { cause },
        ),
      ),
    );
    server.listen(where.port, where.host, resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : where.port;
  return { url: `http://${where.host}:${port}`, close: () => closeServer(server) };
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
