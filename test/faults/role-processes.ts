/** Several processes by role on one database, with vendors of their own outside, for faults that need more than one. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freshDatabase } from "#test/support/postgres.ts";
import { lookInChat, sendInChat, visitorToken, type ChatPage } from "#test/support/visitor.ts";
import type { CaseContext } from "./arena.ts";
import type { DatabaseState, ExternalState, Sent } from "./evidence.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { queryPostgres, readDatabaseState } from "./inside.ts";
import { isSettled, judge } from "./judge.ts";
import { startVendors, type Vendors } from "./vendors/index.ts";

export interface Cluster {
  readonly fleet: Fleet;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly vendors: Vendors;
  /** Where visitors write and look; a later one is tried when the one before is away, as behind a load balancer. */
  readonly chatUrls: string[];
  /**
   * A chat message under one id, sent again until it is accepted; those of a conversation count as written in the order
   * of these calls. `answer` is null when it is not known beforehand.
   */
  chat(
    user: string,
    conversation: string,
    text: string,
    answer: RegExp | null,
    id?: string,
  ): Promise<void>;
  /** The status of a visitor's newest message, as the chat shows it. */
  statusOf(user: string, conversation: string): Promise<string>;
  wantRefund(order: string, amount: number): void;
  /**
   * Waits until nothing is left to do and judges, also what was written on other channels than chat; `everyAnswered`
   * when no message may have ended otherwise.
   */
  judge(options?: { readonly everyAnswered?: boolean } & Partial<Elsewhere>): Promise<void>;
  /** True when every accepted message has ended or waits for a person, and nothing is left to do. */
  isSettled(elsewhere?: Partial<Elsewhere>): Promise<boolean>;
}

/** Messages on another channel, and what their writers see there in the end. */
interface Elsewhere {
  readonly sent: readonly Sent[];
  readonly shown: () => Promise<ExternalState["shown"]>;
}

/** Settings of a cluster that differ from the usual ones. */
interface ClusterOptions {
  readonly leaseSeconds?: number;
  readonly policy?: (text: string) => string;
  /** True for a shop that makes every repeated request again. */
  readonly withoutKeys?: boolean;
  readonly vendors?: Omit<Parameters<typeof startVendors>[0], "folder">;
  /** Variables of every process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Variables of one worker alone, such as a vendor's address that only this one knows. */
  readonly workerEnvironment?: (
    name: string,
    others: { readonly fleet: Fleet; readonly vendors: Vendors },
  ) => Promise<Readonly<Record<string, string>>>;
}

const SETTLE_MS = 40_000;
const QUIET_MS = 2_000;
const TRIES = 60;

/** One process for the web, one for channels, and so many workers, each of which has a reconciler. */
export async function startCluster(
  context: CaseContext,
  workers: number,
  {
    leaseSeconds = 5,
    policy,
    withoutKeys = false,
    vendors: wanted = {},
    environment = {},
    workerEnvironment = async () => ({}),
  }: ClusterOptions = {},
): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), "cluster-"));
  context.onEnd(async () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const database = await freshDatabase();
  context.onEnd(() => database.drop());
  const redis = await context.redis();
  const vendors = await startVendors({
    folder,
    shop: { idempotencyKeys: !withoutKeys },
    ...(policy === undefined ? {} : { policy }),
    ...wanted,
  });
  context.onEnd(() => vendors.close());
  const fleet = createFleet({
    databaseUrl: database.url,
    redisUrl: redis.url,
    folder,
    environment: {
      ...vendors.environment,
      DESKHAND_LEASE_SECONDS: String(leaseSeconds),
      ...environment,
    },
  });
  context.onEnd(() => fleet.close());
  const web = await fleet.add("web", "web");
  await fleet.add("channels", "channels");
  await Promise.all(
    Array.from({ length: workers }, async (_, index) => {
      const name = `worker-${index}`;
      await fleet.add(name, "worker", await workerEnvironment(name, { fleet, vendors }));
    }),
  );
  const accepted = new Map<number, Sent>();
  const state = { written: 0 };
  const refundsWanted = new Map<string, number[]>();
  const tokenOf = (user: string): Promise<string> => visitorToken(user, vendors.identitySecret);
  const chatUrls = [`${web.url}/support/chat`];
  const pageOf = async (user: string, conversation: string): Promise<ChatPage> => {
    const page = await lookInChat(chatUrls, conversation, await tokenOf(user));
    if (page === null) throw new Error(`there is no chat ${conversation}`);
    return page;
  };
  const inside = (): Promise<DatabaseState> => queryPostgres(database.url, readDatabaseState);
  const sentSoFar = (): readonly Sent[] =>
    [...accepted].toSorted(([one], [other]) => one - other).map(([, sent]) => sent);
  const outside = async (now: DatabaseState): Promise<ExternalState> => {
    const sent = sentSoFar();
    const shown: ExternalState["shown"][number][] = [];
    for (const place of new Set(sent.map(({ conversation }) => conversation))) {
      const [user = "", conversation = ""] = place.split(":");
      const { messages } = await pageOf(user, conversation);
      for (const [index, { text }] of messages.entries())
        shown.push({
          channel: "chat",
          conversation: place,
          id: `${place}:${index}`,
          inReplyTo: null,
          text,
        });
    }
    // The shop does not store our keys; the ledger has the shop's refund id.
    const refunds = (await vendors.shop.refunds()).map(({ id, order_id: order, amount }) => ({
      order,
      amount,
      key: now.effects.find(({ ref }) => ref === id)?.key ?? id,
    }));
    return {
      sent,
      shown,
      refunds,
      wanted: refundsWanted,
      changes: [],
      wantedChanges: [],
    };
  };
  return {
    fleet,
    databaseUrl: database.url,
    redisUrl: redis.url,
    vendors,
    chatUrls,
    wantRefund: (order, amount) =>
      void refundsWanted.set(order, [...(refundsWanted.get(order) ?? []), amount]),
    async chat(user, conversation, text, answer, id = randomUUID()) {
      const written = state.written;
      state.written += 1;
      const message = { token: await tokenOf(user), user, conversation, text, id };
      for (let tries = 0; tries < TRIES; tries += 1) {
        const { status } = await sendInChat(chatUrls[tries % chatUrls.length] ?? "", message);
        if (status === 200) {
          const place = `${user}:${conversation}`;
          accepted.set(written, {
            channel: "chat",
            conversation: place,
            id,
            answer,
            answersMost: 1,
          });
          return;
        }
        if (status === 400) throw new Error(`the chat ${conversation} was refused for its form`);
        await delay(1_000);
      }
      throw new Error(`the chat message “${text}” was never accepted`);
    },
    async statusOf(user, conversation) {
      return (await pageOf(user, conversation)).status;
    },
    isSettled: async ({ sent = [] } = {}) => isSettled([...sentSoFar(), ...sent], await inside()),
    async judge({ everyAnswered = false, sent = [], shown = async () => [] } = {}) {
      const deadline = Date.now() + SETTLE_MS;
      const all = [...sentSoFar(), ...sent];
      while (Date.now() < deadline && !isSettled(all, await inside())) await delay(250);
      await delay(QUIET_MS);
      const now = await inside();
      const seen = await outside(now);
      context.judged(
        judge({ ...seen, sent: all, shown: [...seen.shown, ...(await shown())] }, now),
      );
      const others = now.messages.filter(({ outcome }) => outcome !== "answered");
      if (everyAnswered && others.length > 0)
        throw new Error(others.map(({ key, outcome }) => `${key} ended as ${outcome}`).join("\n"));
    },
  };
}
