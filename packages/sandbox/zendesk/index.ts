/**
 * Room: a Zendesk account on this machine, for trying Deskhand out and for tests.
 * In: API calls, page visits, control calls, and the directory of its data.
 * Out: the API's answers, pages for agents and customers, and signed webhook deliveries.
 * May touch: its journal in that directory, loopback ports, and the endpoints of its webhooks.
 */
import { createServer } from "node:http";
import { apiRouter } from "#sandbox/zendesk/http/api.ts";
import { controlRouter } from "./control.ts";
import { type Desk, openDesk } from "#sandbox/zendesk/records/desk.ts";
import { contentRouter, startFileHost } from "#sandbox/zendesk/records/files.ts";
import { faults, limits } from "#sandbox/zendesk/http/access.ts";
import { WebhookInput } from "#sandbox/zendesk/records/account-model.ts";
import { registerWebhook } from "#sandbox/zendesk/rest/changes.ts";
import {
  GROUP_IDS,
  OAUTH_CLIENTS,
  type PersonName,
  USER_IDS,
  seed,
} from "#sandbox/zendesk/records/account.ts";
import { eventsOf, webhookSender } from "./webhooks.ts";
import { listenHere } from "#sandbox/process/index.ts";
import express, { type ErrorRequestHandler, Router, urlencoded } from "express";
import { ApiError, refuseOtherSites } from "#sandbox/zendesk/http/errors.ts";
import { agentPages, installedApp } from "#sandbox/zendesk/pages/agent.ts";
import { customerPages } from "#sandbox/zendesk/pages/customer.ts";
import { wholePage } from "#sandbox/zendesk/pages/layout.ts";
import { html } from "#server/http/html.ts";

/** How to start the sandbox Zendesk. */
export interface SandboxZendeskOptions {
  /** Where its data lives; a later start with the same directory finds tickets, ids and tokens again. */
  readonly directory: string;
  /** Port on 127.0.0.1; a free one when absent. */
  readonly port?: number;
  readonly now: () => Date;
  /** First wait in milliseconds after a webhook got no answer; a second when absent. */
  readonly webhookRetryMs?: number;
}

/** A running sandbox Zendesk. */
export type SandboxZendesk = Awaited<ReturnType<typeof startSandboxZendesk>>;

/** The webhook that `setWebhook` keeps; those made through the API have ids of their own. */
const OWN_WEBHOOK_ID = "01SANDBOXDESKHANDWEBHOOK00";

/** Starts the sandbox Zendesk; rejects when the port is taken. */
export async function startSandboxZendesk(options: SandboxZendeskOptions) {
  const address = { url: "" };
  const desk: Desk = openDesk({
    directory: options.directory,
    now: options.now,
    url: () => address.url,
    onChange: (announcement) => sender.send(eventsOf(desk, announcement)),
  });
  const sender = webhookSender(desk, options.webhookRetryMs ?? 1000);
  seed(desk);
  const files = await startFileHost(desk);
  const parts = { desk, sender, limits: limits(desk), faults: faults() };
  const app = express().disable("x-powered-by").disable("etag");
  app.use(apiRouter(parts));
  app.use("/_sandbox", controlRouter(parts));
  app.use(contentRouter(desk, files.addressOf));
  const shown: { page: string | null } = { page: null };
  app.use(pagesRouter(desk, () => shown.page));
  const server = await listenHere(createServer(app), options.port).catch(async (error: unknown) => {
    await files.close();
    desk.close();
    throw error;
  });
  const url = `http://127.0.0.1:${server.port}`;
  address.url = url;
  const webhookSecret = desk.secrets.get("webhook")?.value ?? "";
  return {
    url,
    /** Host and port that the account sends to for the bytes of a file. */
    fileHost: files.host,
    /** Bearer tokens that never expire. */
    tokens: tokensOf(desk),
    groups: GROUP_IDS,
    users: USER_IDS,
    /** Clients for `POST {url}/oauth/tokens`: the reader acts as the admin, the writer as the bot. */
    oauth: { reader: clientOf(desk, "reader"), writer: clientOf(desk, "writer") },
    /** Signs what goes to the address of `setWebhook`; the same over restarts. */
    webhookSecret,
    /** Sends these ticket events to `target` from now on, instead of where an earlier call sent them. */
    setWebhook(target: string, subscriptions: readonly string[]): void {
      const input = WebhookInput.parse({
        name: "Deskhand",
        endpoint: target,
        http_method: "POST",
        request_format: "json",
        status: "active",
        subscriptions,
      });
      registerWebhook(desk, input, { id: OWN_WEBHOOK_ID, secret: webhookSecret });
    },
    /** The app beside the tickets, as it is installed. */
    app: installedApp(desk),
    /** Shows this page of the app beside every ticket from now on. */
    setAppPage: (page: string) => void (shown.page = page),
    /** Resolves when no webhook request is under way. */
    webhooksIdle: () => sender.idle(),
    async close(): Promise<void> {
      await sender.close();
      await server.close();
      await files.close();
      desk.close();
    },
  };
}

function tokensOf(desk: Desk): Record<PersonName, string> {
  const byLabel = new Map(desk.tokens.all().map((token) => [token.label, token.id]));
  const token = (who: PersonName): string => byLabel.get(who) ?? "";
  return {
    admin: token("admin"),
    bot: token("bot"),
    dana: token("dana"),
    sam: token("sam"),
    lee: token("lee"),
    lea: token("lea"),
    ann: token("ann"),
    bob: token("bob"),
    cara: token("cara"),
  };
}

function clientOf(desk: Desk, role: keyof typeof OAUTH_CLIENTS): { id: string; secret: string } {
  const id = OAUTH_CLIENTS[role];
  return { id, secret: desk.clients.get(id)?.secret ?? "" };
}

// The pages: `/agent` for the team, `/hc` for customers. Who a visitor is, is chosen and not proven.

/** Pages load nothing from elsewhere but the app beside a ticket, and only pages of this machine may frame them. */
const pagePolicy = (app: string): string =>
  [
    "default-src 'none'",
    "style-src 'self' 'unsafe-inline'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src data:",
    `form-action 'self' ${app}`,
    `frame-src ${app}`,
    "base-uri 'none'",
    "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*",
  ].join("; ");

/** The pages for people: `/agent` for the team, `/hc/requests` for customers. */
function pagesRouter(desk: Desk, appPage: () => string | null): Router {
  const router = Router();
  const pages = ["/agent", "/hc"];
  const readForm = urlencoded({ extended: false, limit: 1_000_000 });
  router.use(pages, refuseOtherSites, readForm, (_request, response, next) => {
    response.set({
      "content-security-policy": pagePolicy(new URL(appPage() ?? desk.url()).origin),
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    next();
  });
  router.get("/", (_request, response) => response.redirect("/agent"));
  router.use(agentPages(desk, appPage), customerPages(desk));
  router.use(pages, showProblem);
  return router;
}

const showProblem: ErrorRequestHandler = (error: unknown, request, response, next) => {
  if (!(error instanceof ApiError) || response.headersSent) return next(error);
  const home = request.originalUrl.startsWith("/hc") ? "/hc/requests" : "/agent";
  const content = html`<main>
    <h1>This page does not exist</h1>
    <p>It may have been deleted, or you may not see it. <a href="${home}">Back</a></p>
  </main>`;
  const page = wholePage("Not found", content, { watched: "", stamp: "" });
  response.status(error.status).type("html").send(page);
};
