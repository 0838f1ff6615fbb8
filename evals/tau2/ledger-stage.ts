/** A whole Deskhand whose shop is the benchmark's: what was confirmed goes through its ledger. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Target } from "#core/contracts/tool.ts";
import type { PlannedAction } from "#core/values/action.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Message } from "#core/values/message.ts";
import { deliveryOf } from "#evals/harness/memory-channel.ts";
import { buildStage, type Stage } from "#evals/harness/product.ts";
import { runEffects } from "#jobs/effects/run-effects.ts";
import { intake } from "#jobs/intake.ts";
import { connectedChannel, type JobContext } from "#jobs/context/job-context.ts";
import { claimLease, type Lease } from "#store/conversations/lease.ts";
import { intend } from "#store/effects/intend.ts";
import { effectByKey } from "#store/effects/ledger.ts";
import { CHANGES } from "./changes.ts";
import type { RetailShop } from "./retail-shop.ts";
import type { Wired } from "#evals/harness/composed-product.ts";

/** Longer than any run of a task: nothing else claims these conversations. */
const LEASE_MS = 3_600_000;

/** The ledger that conversations of the benchmark commit through. */
export interface LedgerStage {
  /** Everything that was wired, for the guards and the clock of a conversation. */
  readonly wired: Wired;
  readonly stage: Stage;
  /** Opens a conversation whose effects go to this shop. */
  open(shop: RetailShop): Promise<ConfirmedCommits>;
  close(): Promise<void>;
}

/** The way from a confirmed proposal to the shop, for one conversation. */
export interface ConfirmedCommits {
  readonly conversationId: string;
  /**
   * Records these proposals as decided by the customer's yes and carries them out in order. Returns how many were new to
   * the ledger: the same proposals a second time are none, and change nothing.
   */
  commit(actions: readonly PlannedAction[]): Promise<number>;
  /** How an effect ended. */
  stateOf(key: string): Promise<string | null>;
}

/** Starts the stage in a temporary folder. */
export async function openLedgerStage(environment: NodeJS.ProcessEnv): Promise<LedgerStage> {
  const folder = mkdtempSync(join(tmpdir(), `deskhand-tau2-${process.pid}-`));
  const closers = [async () => rmSync(folder, { recursive: true })];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  const shops = new Map<string, RetailShop>();
  const opened: { wired?: Wired } = {};
  try {
    const stage = await buildStage(folder, environment, (closer) => closers.push(closer), {
      // No help page is searched here.
      settings: { EMBEDDINGS: "off" },
      exchange(wired) {
        opened.wired = wired;
        return withTarget(wired, shopOf(shops));
      },
    });
    const { wired } = opened;
    if (wired === undefined) throw new Error("the stage gave no parts");
    return {
      wired,
      stage,
      close,
      async open(shop) {
        shops.set(shop.world, shop);
        return commits(stage.parts, shop, await leased(stage, shop.world));
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function withTarget(wired: Wired, target: Target): JobContext {
  return { ...wired, targets: new Map([...wired.targets, [target.name, target]]) };
}

/** One target for all shops: the key of an effect names its shop. */
function shopOf(shops: ReadonlyMap<string, RetailShop>): Target {
  const targetFor = (key: string): Target => {
    const shop = shops.get(key.split(":")[1] ?? "");
    if (shop === undefined) throw new DeskhandError("shop.refused", "there is no such shop");
    return shop.target;
  };
  return {
    name: "shop",
    supports: [...CHANGES.keys()],
    commit: (action, key, signal) => targetFor(key).commit(action, key, signal),
    find: (action, key, signal) => targetFor(key).find(action, key, signal),
  };
}

/** Opens a conversation by a message in the chat, as any other begins, and takes its lease. */
async function leased({ parts }: Stage, world: string): Promise<Lease> {
  const at = parts.clock.now();
  const taken = await intake(
    parts,
    connectedChannel(parts, "chat"),
    deliveryOf(world, messageOf(world, "Hello", at), at),
  );
  const conversationId = taken.conversationIds[0] ?? "";
  const lease = await parts.store.run((transaction) =>
    claimLease(transaction, { conversationId, owner: "tau2", leaseMs: LEASE_MS }),
  );
  if (lease === null) throw new Error(`the conversation of ${world} was not opened`);
  return lease;
}

/** Whom a conversation is about is asked by the benchmark's agent; nothing is proven. */
export const NOBODY: BoundRequester = {
  level: 0,
  customerId: null,
  emailOnFile: null,
  name: null,
  reason: "the benchmark's agent asks who writes",
};

/** A message of the customer in the chat. */
export function messageOf(key: string, text: string, at: Date): Message {
  return {
    key: `tau2:${key}`,
    author: { kind: "requester", id: "chat:tau2", name: "" },
    visibility: "public",
    subject: "",
    text,
    segments: [],
    attachments: [],
    sentAt: at.toISOString(),
    identity: { level: 0, method: "none", reason: NOBODY.reason, handle: { kind: "none" } },
    answerTo: { label: "the customer", audience: "private", address: {} },
    answerPrivatelyTo: null,
    ignore: null,
  };
}

function commits(parts: JobContext, shop: RetailShop, lease: Lease): ConfirmedCommits {
  const { store, clock, ids } = parts;
  const { conversationId } = lease;
  return {
    conversationId,
    async commit(actions) {
      const now = clock.now();
      const intended = await store.run((transaction) =>
        intend(transaction, actions, {
          conversationId,
          approvalId: null,
          turnId: null,
          bundle: ids.next("b"),
          // The customer said yes to these very values, so a later message changes nothing about it.
          revision: null,
          approvedBy: "person",
          notBefore: now,
          now,
        }),
      );
      if (intended.length > 0) await runEffects(parts, lease);
      shop.forget();
      return intended.length;
    },
    stateOf: (key) =>
      store.run(async (transaction) => (await effectByKey(transaction, key))?.state ?? null),
  };
}
