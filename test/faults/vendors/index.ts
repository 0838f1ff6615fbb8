/**
 * Room: fake vendors at the wire that lose answers, hang, refuse and go away.
 * In: a decision for each request, and changes of the sandbox's policy.
 * Out: servers, the variables by which processes find them, and what they recorded.
 * May touch: a folder of the case, and ports of 127.0.0.1.
 * This file: starts all of them for one fleet.
 */
import { join } from "node:path";

import { startFakeModel, type FakeModel } from "./model.ts";
import { startFakeShop, type FakeShop } from "./shop.ts";
import { startFakeSlack, type FakeSlack } from "./slack.ts";
import {
  changedPolicy,
  policyIn,
  type PolicyChange,
  unverified,
} from "#test/support/sandbox-policy.ts";

/** Registers what ends with a run, last first. */
export type OnEnd = (close: () => unknown) => void;

export interface Vendors {
  readonly model: FakeModel;
  readonly shop: FakeShop;
  readonly slack: FakeSlack;
  /** Signs the chat identities. */
  readonly identitySecret: string;
  /** What a process of the fleet needs to know; with these nothing embedded starts. */
  readonly environment: Readonly<Record<string, string>>;
}

/** How the vendors of a fleet differ from those that always answer. */
export interface VendorOptions {
  readonly model?: Parameters<typeof startFakeModel>[0];
  readonly shop?: Omit<Parameters<typeof startFakeShop>[0], "directory">;
  readonly slack?: Omit<Parameters<typeof startFakeSlack>[0], "directory">;
  readonly policy?: readonly PolicyChange[];
}

const IDENTITY_SECRET = "a-secret-for-chat-identities-of-fleets";

/**
 * Starts them with their files in `folder`. The policy is the sandbox's with these changes: chat answers by
 * itself, everything else as shipped.
 */
export async function startVendors(
  onEnd: OnEnd,
  folder: string,
  options: VendorOptions,
): Promise<Vendors> {
  const model = await startFakeModel(options.model);
  onEnd(() => model.close());
  const shop = await startFakeShop({ directory: join(folder, "shop"), ...options.shop });
  onEnd(() => shop.close());
  const slack = await startFakeSlack({ directory: join(folder, "slack"), ...options.slack });
  onEnd(() => slack.close());
  return {
    model,
    shop,
    slack,
    identitySecret: IDENTITY_SECRET,
    environment: {
      ...slack.environment,
      SHOP_URL: shop.url,
      SHOP_KEY: shop.key,
      OPENAI_API_KEY: "any",
      OPENAI_BASE_URL: model.url,
      ...policyIn(folder, unverified(changedPolicy(options.policy ?? []))),
      CHAT_IDENTITY_SECRET: IDENTITY_SECRET,
    },
  };
}
