/** The three ready-made shops with their tools, for tests that hold all of them to the same. */
import { join } from "node:path";
import { readTools } from "#connections/system-tools.ts";
import type { StandInName } from "#sandbox/shops/index.ts";
import type { ReadDeclaration, SystemTool, WriteDeclaration } from "#systems/contract.ts";

/** One shop: its tools, and how its orders are named. */
export interface ReadyMade {
  readonly name: StandInName;
  readonly tools: readonly SystemTool[];
  /** The input of the refund that names this order of the stand-ins. */
  readonly input: (order: string) => Readonly<Record<string, string>>;
}

const SHOPS = join(import.meta.dirname, "../../adapters/shops");

/** The tools of a folder of ready-made ones. */
export function readyMadeTools(folder: string): readonly SystemTool[] {
  return readTools([join(SHOPS, folder)], []);
}

export const READY_MADE: readonly ReadyMade[] = [
  {
    name: "stripe",
    tools: readyMadeTools("stripe"),
    input: (order) => ({ payment_id: `pi_${order}` }),
  },
  {
    name: "woocommerce",
    tools: readyMadeTools("woocommerce"),
    input: (order) => ({ order_id: order }),
  },
  {
    name: "shopify",
    tools: readyMadeTools("shopify"),
    input: (order) => ({ order_id: `gid://shopify/Order/${order}` }),
  },
];

/** Every shop has exactly one tool that refunds. */
export function refundOf(shop: ReadyMade): WriteDeclaration {
  return changeOf(shop, `${shop.name}_refund`);
}

/** The tool of this operation. */
export function changeOf({ tools }: ReadyMade, operation: string): WriteDeclaration {
  for (const tool of tools) if (tool.kind === "write" && tool.operation === operation) return tool;
  throw new Error(`this shop has no ${operation}`);
}

/** The tool that lists what the customer bought. */
export function readOf({ tools }: ReadyMade): ReadDeclaration {
  for (const tool of tools)
    if (tool.kind === "read" && /_(?:orders|payments)$/.test(tool.name)) return tool;
  throw new Error("this shop has no look-up");
}
