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
import { contentRouter, startFileHost } from "#sandbox/zendesk/http/file-host.ts";
import { limits, faults } from "#sandbox/zendesk/http/limits.ts";
import { pagesRouter } from "#sandbox/zendesk/pages/router.ts";
import { registerWebhook } from "#sandbox/zendesk/rest/changes.ts";
import {
  GROUP_IDS,
  OAUTH_CLIENTS,
  type PersonName,
  seed,
  USER_IDS,
} from "#sandbox/zendesk/records/seed.ts";
import { eventsOf } from "#sandbox/zendesk/webhooks/events.ts";
import { traffic } from "#sandbox/zendesk/http/traffic.ts";
import { webhookSender } from "#sandbox/zendesk/webhooks/sender.ts";
import { listenHere } from "#sandbox/process/index.ts";
import express from "express";

/** How to start the sandbox Zendesk. */
export interface SandboxZendeskOptions {
  /** Where its data lives; a later start with the same directory finds tickets, ids and tokens again. */
  readonly directory: string;
  /** Port on 127.0.0.1; a free one when absent. */
  readonly port?: number;
  readonly now: () => Date;
  /** Address to write into answers when people reach the sandbox by another one than it listens on. */
  readonly publicUrl?: string;
  /** First wait in milliseconds after a webhook got no answer; a second when absent. */
  readonly webhookRetryMs?: number;
}

/** A running sandbox Zendesk. */
export interface SandboxZendesk {
  readonly url: string;
  /** Host and port that the account sends to for the bytes of a file. */
  readonly fileHost: string;
  /** Bearer tokens that never expire. */
  readonly tokens: Readonly<Record<PersonName, string>>;
  readonly groups: Readonly<Record<keyof typeof GROUP_IDS, number>>;
  readonly users: Readonly<Record<PersonName, number>>;
  /** Clients for `POST {url}/oauth/tokens`: the reader acts as the admin, the writer as the bot. */
  readonly oauth: Readonly<
    Record<keyof typeof OAUTH_CLIENTS, { readonly id: string; readonly secret: string }>
  >;
  /** Signs what goes to the address of `setWebhook`; the same over restarts. */
  readonly webhookSecret: string;
  /**
   * Sends the ticket events named in `subscriptions` to `target` from now on, instead of where an earlier call sent
   * them.
   */
  setWebhook(target: string, subscriptions: readonly string[]): void;
  /** Resolves when no webhook request is under way. */
  webhooksIdle(): Promise<void>;
  close(): Promise<void>;
}

/** The webhook that `setWebhook` keeps; those made through the API have ids of their own. */
const OWN_WEBHOOK_ID = "01SANDBOXDESKHANDWEBHOOK00";

/** Starts the sandbox Zendesk; rejects when the port is taken. */
export async function startSandboxZendesk(options: SandboxZendeskOptions): Promise<SandboxZendesk> {
  const address = { url: options.publicUrl ?? "" };
  const desk: Desk = openDesk({
    directory: options.directory,
    now: options.now,
    url: () => address.url,
    onChange: (announcement) => sender.send(eventsOf(desk, announcement)),
  });
  const counted = traffic();
  const sender = webhookSender(desk, options.webhookRetryMs ?? 1000, counted);
  seed(desk);
  const files = await startFileHost(desk);
  const parts = { desk, sender, limits: limits(desk), faults: faults(), traffic: counted };
  const app = express().disable("x-powered-by").disable("etag");
  app.use(apiRouter(parts));
  app.use("/_sandbox", controlRouter(parts));
  app.use(contentRouter(desk, files.addressOf));
  app.use(pagesRouter(desk));
  const server = await listenHere(createServer(app), options.port).catch(async (error: unknown) => {
    await files.close();
    desk.close();
    throw error;
  });
  const url = options.publicUrl ?? `http://127.0.0.1:${server.port}`;
  address.url = url;
  const webhookSecret = desk.secrets.get("webhook")?.value ?? "";
  return {
    url,
    fileHost: files.host,
    tokens: tokensOf(desk),
    groups: GROUP_IDS,
    users: USER_IDS,
    oauth: { reader: clientOf(desk, "reader"), writer: clientOf(desk, "writer") },
    webhookSecret,
    setWebhook(target, subscriptions) {
      const fixed = { http_method: "POST", request_format: "json", status: "active" } as const;
      const input = {
        ...fixed,
        name: "Deskhand",
        endpoint: target,
        subscriptions: [...subscriptions],
      };
      registerWebhook(desk, input, webhookSecret, OWN_WEBHOOK_ID);
    },
    webhooksIdle: () => sender.idle(),
    async close() {
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
