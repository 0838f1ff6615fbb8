/** The three ready-made shops with their tools, for tests that hold all of them to the same. */
import { tools as shopify } from "#adapters/shops/shopify/index.ts";
import { tools as stripe } from "#adapters/shops/stripe/index.ts";
import { tools as wooCommerce } from "#adapters/shops/woocommerce/index.ts";
import type { StandInName } from "#sandbox/shops/index.ts";
import type { ReadDeclaration, SystemTool, WriteDeclaration } from "#systems/contract.ts";

/** One shop: its tools, and how its orders are named. */
export interface ReadyMade {
  readonly name: StandInName;
  readonly tools: readonly SystemTool[];
  /** The input of the refund that names this order of the stand-ins. */
  readonly input: (order: string) => Readonly<Record<string, string>>;
  /** The customer's id in this shop; null where it is known by e-mail alone. */
  readonly customer: string | null;
}

export const READY_MADE: readonly ReadyMade[] = [
  {
    name: "stripe",
    tools: stripe,
    input: (order) => ({ payment_id: `pi_${order}` }),
    customer: "cus_31",
  },
  {
    name: "woocommerce",
    tools: wooCommerce,
    input: (order) => ({ order_id: order }),
    customer: "31",
  },
  {
    name: "shopify",
    tools: shopify,
    input: (order) => ({ order_id: `gid://shopify/Order/${order}` }),
    customer: null,
  },
];

/** Every shop has exactly one tool that refunds. */
export function refundOf({ tools }: ReadyMade): WriteDeclaration {
  for (const tool of tools) if (tool.kind === "write") return tool;
  throw new Error("this shop has no refund");
}

/** The first tool that looks something up. */
export function readOf({ tools }: ReadyMade): ReadDeclaration {
  for (const tool of tools) if (tool.kind === "read") return tool;
  throw new Error("this shop has no look-up");
}
