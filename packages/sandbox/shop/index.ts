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
import { createShopApp } from "./app.ts";
import { openState, type ShopWorld, type StateFile } from "./state.ts";
import { createFaults } from "./schema.ts";
import { listenHere } from "#sandbox/process/index.ts";

/** A running sample shop. */
export interface SampleShop {
  readonly url: string;
  /** The address of its OpenAPI 3.1 document, readable without the key. */
  readonly openapi: string;
  /** The bearer key; made at the first start and kept, unless one was given. */
  readonly key: string;
  /** Ends open connections and waits for the mail in flight. */
  close(): Promise<void>;
}

/**
 * Starts the shop on 127.0.0.1 (a free port unless one is given) with its state in `directory`; a restart there finds
 * orders, refunds and key again. `sendMail` carries the shop's own mails: the address notice and the reset link.
 * Rejects when the port is taken.
 */
export async function startSampleShop(options: {
  directory: string;
  port?: number;
  key?: string;
  /** What a new shop starts with; the sample world when absent. */
  world?: ShopWorld;
  now: () => Date;
  sendMail: SendMail;
}): Promise<SampleShop> {
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
  const server = await listenHere(createServer(app), options.port).catch(async (error: unknown) => {
    await outbox.close();
    throw error;
  });
  const url = `http://127.0.0.1:${server.port}`;
  address.url = url;
  document["servers"] = [{ url }];
  return {
    url,
    openapi: `${url}/openapi.json`,
    key: file.state.key,
    close: async () => {
      await Promise.all([server.close(), outbox.close()]);
    },
  };
}

// Outgoing mail: stored with the change that causes it and removed once it was accepted, so that a mail server that is away delays a notice and never loses it.

const RETRY_MS = 2000;

/** How the shop hands a mail over; a rejection means "try again later". */
export type SendMail = (mail: { to: string; subject: string; text: string }) => Promise<void>;

/** The running outbox. */
export interface Outbox {
  /** Starts sending what waits; returns at once. */
  wake(): void;
  /** Stops retrying and waits for the mail in flight. */
  close(): Promise<void>;
}

/** Sends what an earlier run left, then whatever `wake` announces, one mail at a time and in order. */
function startOutbox(file: StateFile, send: SendMail): Outbox {
  let running: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  const drain = async (): Promise<"empty" | "refused"> => {
    for (
      let mail = file.state.outbox[0];
      mail !== undefined && !closed;
      mail = file.state.outbox[0]
    ) {
      const { id, to, subject, text } = mail;
      try {
        await send({ to, subject, text });
        file.state.outbox = file.state.outbox.filter((other) => other.id !== id);
        file.save();
      } catch {
        // The sandbox's mail server may start later than the shop or be stopped by a test; what is left stays in line.
        return "refused";
      }
    }
    return "empty";
  };
  const wake = () => {
    if (closed || running !== undefined) return;
    clearTimeout(retry);
    running = drain().then((end) => {
      running = undefined;
      if (closed) return;
      if (end === "refused") retry = setTimeout(wake, RETRY_MS).unref();
      else if (file.state.outbox.length > 0) wake();
    });
  };
  wake();
  return {
    wake,
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await running;
    },
  };
}
