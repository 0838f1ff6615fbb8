/** Several processes by role on one database, with vendors of their own outside, for faults that need more than one. */
import { lookInChat, visitorToken } from "#test/support/visitor.ts";
import type { CaseContext } from "./arena.ts";
import type { DatabaseState, ExternalState, Sent } from "./evidence.ts";
import { openGround, startFleet, type Fleet } from "./fleet.ts";
import type { RoleProcess } from "#test/support/role-process.ts";
import { queryPostgres, readDatabaseState } from "./inside.ts";
import { isSettled, judge } from "./judge.ts";
import { noMessages, untilQuiet, type Messages } from "./messages.ts";
import type { VendorOptions, Vendors } from "./vendors/index.ts";

export interface Cluster extends Pick<Messages, "chat" | "wantRefund"> {
  readonly fleet: Fleet;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly vendors: Vendors;
  /** Where visitors write and look; a later one is tried when the one before is away, as behind a load balancer. */
  readonly chatUrls: string[];
  /** The status of a visitor's newest message, as the chat shows it. */
  statusOf(user: string, conversation: string): Promise<string>;
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
  /** True for a shop that makes every repeated request again. */
  readonly withoutKeys?: boolean;
  readonly vendors?: VendorOptions;
  /** Variables of every process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Variables of one worker alone, such as a vendor's address that only this one knows. */
  readonly workerEnvironment?: (
    name: string,
    others: { readonly fleet: Fleet; readonly vendors: Vendors },
  ) => Promise<Readonly<Record<string, string>>>;
}

const SETTLE_MS = 40_000;

const LAST_CHARACTERS = 3_000;

/** Whether a member runs, and what it printed last. */
function lastWords(member: RoleProcess): string {
  const state = member.isRunning() ? "runs" : "has ended";
  return `${member.name} ${state}:\n${member.output().slice(-LAST_CHARACTERS)}`;
}

/** One process for the web, one for channels, and so many workers. */
export async function startCluster(
  context: CaseContext,
  workers: number,
  {
    leaseSeconds = 5,
    withoutKeys = false,
    vendors: wanted = {},
    environment = {},
    workerEnvironment = async () => ({}),
  }: ClusterOptions = {},
): Promise<Cluster> {
  const ground = await openGround(context.after, {
    shop: { idempotencyKeys: !withoutKeys },
    ...wanted,
  });
  const { databaseUrl, redis, vendors } = ground;
  const { fleet, web } = await startFleet(context.after, ground, {
    workers,
    leaseSeconds,
    environment,
    workerEnvironment: (name, others) => workerEnvironment(name, { fleet: others, vendors }),
  });
  context.tells(() => fleet.members().map(lastWords).join("\n"));
  const chatUrls = [`${web.url}/support/chat`];
  const token = (user: string): Promise<string> => visitorToken(user, vendors.identitySecret);
  const messages = noMessages({ urls: () => chatUrls, token, hasEveryPage: true });
  const inside = (): Promise<DatabaseState> => queryPostgres(databaseUrl, readDatabaseState);
  const isSettledWith = async (sent: readonly Sent[]): Promise<boolean> =>
    isSettled([...messages.sent(), ...sent], await inside());
  return {
    fleet,
    databaseUrl,
    redisUrl: redis.url,
    vendors,
    chatUrls,
    chat: messages.chat,
    wantRefund: messages.wantRefund,
    async statusOf(user, conversation) {
      const page = await lookInChat(chatUrls, conversation, await token(user));
      if (page === null) throw new Error(`there is no chat ${conversation}`);
      return page.status;
    },
    isSettled: ({ sent = [] } = {}) => isSettledWith(sent),
    async judge({ everyAnswered = false, sent = [], shown = async () => [] } = {}) {
      await untilQuiet(() => isSettledWith(sent), SETTLE_MS);
      const now = await inside();
      // The shop does not store our keys; the ledger has the shop's refund id.
      const refunds = (await vendors.shop.refunds()).map(({ id, order_id: order, amount }) => ({
        order,
        amount,
        key: now.effects.find(({ ref }) => ref === id)?.key ?? id,
      }));
      const outside = {
        sent: [...messages.sent(), ...sent],
        shown: [...(await messages.shownInChats()), ...(await shown())],
        refunds,
        wanted: messages.wanted,
        changes: [],
        wantedChanges: [],
      };
      context.judged(judge(outside, now));
      const others = now.messages.filter(({ outcome }) => outcome !== "answered");
      if (everyAnswered && others.length > 0)
        throw new Error(others.map(({ key, outcome }) => `${key} ended as ${outcome}`).join("\n"));
    },
  };
}
