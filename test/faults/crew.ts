/** Several processes by role on one database, with vendors of their own outside, for faults that need more than one. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SignJWT } from "jose";
import { z } from "zod";
import { freshDatabase } from "#test/support/postgres.ts";
import type { Arena } from "./arena.ts";
import type { Inside, Outside, Sent } from "./evidence.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { askingPostgres, readInside } from "./inside.ts";
import { isSettled, judge } from "./judge.ts";
import { startVendors, type Vendors } from "./vendors/index.ts";

export interface Crew {
  readonly fleet: Fleet;
  readonly vendors: Vendors;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** A chat message under one id, sent again until it is accepted. */
  chat(user: string, conversation: string, text: string, answer: RegExp): Promise<void>;
  wantRefund(order: string, amount: number): void;
  /** Waits until nothing is left to do and judges, also what was written and shown elsewhere than in chat. */
  judge(elsewhere?: Elsewhere): Promise<void>;
  /** True when every accepted message has ended or waits for a person, and nothing is left to do. */
  isSettled(elsewhere?: Elsewhere): Promise<boolean>;
}

/** Messages on another channel, and what their writers see there in the end. */
interface Elsewhere {
  readonly sent: readonly Sent[];
  shown(): Promise<Outside["shown"]>;
}

const SETTLE_MS = 40_000;
const QUIET_MS = 2_000;
const TRIES = 60;

/** One process for the web, one for channels, and so many workers, each of which has the clockwork. */
export async function startCrew(
  arena: Arena,
  workers: number,
  options: {
    readonly vendors?: Omit<Parameters<typeof startVendors>[0], "folder">;
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): Promise<Crew> {
  const folder = mkdtempSync(join(tmpdir(), "crew-"));
  arena.onEnd(async () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const database = await freshDatabase();
  arena.onEnd(() => database.drop());
  const redis = await arena.redis();
  const vendors = await startVendors({ ...options.vendors, folder });
  arena.onEnd(() => vendors.close());
  const fleet = createFleet({
    databaseUrl: database.url,
    redisUrl: redis.url,
    folder,
    environment: {
      ...vendors.environment,
      DESKHAND_LEASE_SECONDS: "5",
      ...options.environment,
    },
  });
  arena.onEnd(() => fleet.close());
  const web = await fleet.add("web", "web");
  await fleet.add("channels", "channels");
  await Promise.all(
    Array.from({ length: workers }, (_, index) => fleet.add(`worker-${index}`, "worker")),
  );
  const sent: Sent[] = [];
  const wanted = new Map<string, number[]>();
  const tokenOf = (user: string): Promise<string> =>
    new SignJWT({})
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(user)
      .setExpirationTime("15m")
      .sign(new TextEncoder().encode(vendors.identitySecret));
  const door = `${web.url}/support/chat`;
  const inside = (): Promise<Inside> => askingPostgres(database.url, readInside);
  const outside = async (now: Inside): Promise<Outside> => {
    const shown: Outside["shown"][number][] = [];
    for (const place of new Set(sent.map(({ conversation }) => conversation))) {
      const [user = "", conversation = ""] = place.split(":");
      const response = await fetch(`${door}/${conversation}`, {
        headers: { authorization: `Bearer ${await tokenOf(user)}` },
      });
      const { messages } = Transcript.parse(await response.json());
      for (const [index, { text }] of messages.entries())
        shown.push({
          channel: "chat",
          conversation: place,
          id: `${place}:${index}`,
          inReplyTo: null,
          text,
        });
    }
    // The shop's books have no keys of ours; what it calls a refund is in the ledger.
    const refunds = (await vendors.shop.refunds()).map(({ id, order_id: order, amount }) => ({
      order,
      amount,
      key: now.effects.find(({ ref }) => ref === id)?.key ?? id,
    }));
    return { sent, shown, refunds, wanted };
  };
  return {
    fleet,
    vendors,
    databaseUrl: database.url,
    redisUrl: redis.url,
    wantRefund: (order, amount) => void wanted.set(order, [...(wanted.get(order) ?? []), amount]),
    async chat(user, conversation, text, answer) {
      const id = randomUUID();
      const authorization = `Bearer ${await tokenOf(user)}`;
      const body = JSON.stringify({
        user_id: user,
        message: text,
        conversation_id: conversation,
        message_id: id,
      });
      for (let tries = 0; tries < TRIES; tries += 1) {
        const status = await post(door, authorization, body);
        if (status === 200) {
          const place = `${user}:${conversation}`;
          sent.push({ channel: "chat", conversation: place, id, answer, answersMost: 1 });
          return;
        }
        await delay(1_000);
      }
      throw new Error(`the chat message “${text}” was never accepted`);
    },
    isSettled: async (elsewhere) =>
      isSettled([...sent, ...(elsewhere?.sent ?? [])], await inside()),
    async judge(elsewhere) {
      const deadline = Date.now() + SETTLE_MS;
      const all = [...sent, ...(elsewhere?.sent ?? [])];
      while (Date.now() < deadline && !isSettled(all, await inside())) await delay(250);
      await delay(QUIET_MS);
      const now = await inside();
      const seen = await outside(now);
      const shown = [...seen.shown, ...((await elsewhere?.shown()) ?? [])];
      arena.judged(judge({ ...seen, sent: all, shown }, now));
    },
  };
}

const Transcript = z.looseObject({ messages: z.array(z.looseObject({ text: z.string() })) });

async function post(door: string, authorization: string, body: string): Promise<number> {
  try {
    const response = await fetch(door, {
      method: "POST",
      headers: { "content-type": "application/json", authorization },
      body,
      signal: AbortSignal.timeout(45_000),
    });
    await response.text();
    return response.status;
  } catch {
    return 599;
  }
}
