/** The benchmark's sixteen tools in our contract: eight look something up, seven propose, one hands over. */
import { z } from "zod";
import { digest, JsonObject } from "#core/values/canonical-json.ts";
import { readTool, type ReadTool, writeTool, type WriteTool } from "#core/contracts/tool.ts";
import { type AgentTool, endingTool } from "#tools/ending-tools.ts";
import { calculate } from "./calculate.ts";
import { CHANGES } from "./changes.ts";
import { Order, Product, User } from "./data.ts";
import type { RetailShop } from "./retail-shop.ts";

/** The benchmark knows no levels of identity: its policy makes the agent ask who writes. */
const OPEN_TO_ALL = { minimumLevel: 0, accountData: false } as const;

const Missing = z.strictObject({ found: z.literal(false), remark: z.string() });
const FoundUser = z.union([z.strictObject({ user_id: z.string() }), Missing]);

/** All tools over one shop. */
export function retailTools(shop: RetailShop): readonly AgentTool[] {
  return [...lookUps(shop), ...finders(shop), ...proposals(shop), transfer()];
}

function lookUps(shop: RetailShop): readonly ReadTool[] {
  const state = () => shop.foreseen();
  return [
    readTool({
      ...OPEN_TO_ALL,
      kind: "read",
      provenance: "own",
      name: "get_user_details",
      description: "A user's record: address, e-mail, payment methods, orders.",
      input: z.strictObject({ user_id: z.string() }),
      output: z.union([User, Missing]),
      run: async ({ user_id }) => state().users[user_id] ?? missing("User not found"),
    }),
    readTool({
      ...OPEN_TO_ALL,
      kind: "read",
      provenance: "own",
      name: "get_order_details",
      description: "An order's record: status, items, address, shipments, payments.",
      input: z.strictObject({ order_id: z.string().describe("With its #, such as #W0000000") }),
      output: z.union([Order, Missing]),
      run: async ({ order_id }) => state().orders[order_id] ?? missing("Order not found"),
    }),
    readTool({
      ...OPEN_TO_ALL,
      kind: "read",
      provenance: "own",
      name: "get_product_details",
      description: "A product with all its items, their options, prices and availability.",
      input: z.strictObject({ product_id: z.string().describe("Not an item id") }),
      output: z.union([Product, Missing]),
      run: async ({ product_id }) => state().products[product_id] ?? missing("Product not found"),
    }),
    readTool({
      ...OPEN_TO_ALL,
      kind: "read",
      provenance: "own",
      name: "get_item_details",
      description: "One item: its options, price and availability.",
      input: z.strictObject({ item_id: z.string().describe("Not a product id") }),
      output: z.union([Product.shape.variants.valueType, Missing]),
      run: async ({ item_id }) =>
        Object.values(state().products)
          .map(({ variants }) => variants[item_id])
          .find((variant) => variant !== undefined) ?? missing("Item not found"),
    }),
    readTool({
      ...OPEN_TO_ALL,
      kind: "read",
      provenance: "own",
      name: "list_all_product_types",
      description: "The names of all products with their product ids.",
      input: z.strictObject({}),
      output: z.record(z.string(), z.string()),
      run: async () =>
        Object.fromEntries(
          Object.values(state().products)
            .map(({ name, product_id }) => [name, product_id] as const)
            .toSorted(([a], [b]) => (a < b ? -1 : 1)),
        ),
    }),
  ];
}

function finders(shop: RetailShop): readonly ReadTool[] {
  const users = () => Object.values(shop.foreseen().users);
  return [
    readTool({
      ...OPEN_TO_ALL,
      kind: "read",
      provenance: "own",
      name: "find_user_id_by_email",
      description: "The user with this e-mail address. Try it before name and zip code.",
      input: z.strictObject({ email: z.string() }),
      output: FoundUser,
      run: async ({ email }) =>
        foundUser(users().find((user) => folded(user.email) === folded(email))),
    }),
    readTool({
      ...OPEN_TO_ALL,
      kind: "read",
      provenance: "own",
      name: "find_user_id_by_name_zip",
      description: "The user of this name and zip code, where the e-mail address finds none.",
      input: z.strictObject({ first_name: z.string(), last_name: z.string(), zip: z.string() }),
      output: FoundUser,
      run: async ({ first_name, last_name, zip }) =>
        foundUser(
          users().find(
            ({ name, address }) =>
              folded(name.first_name) === folded(first_name) &&
              folded(name.last_name) === folded(last_name) &&
              address.zip === zip,
          ),
        ),
    }),
    readTool({
      ...OPEN_TO_ALL,
      kind: "read",
      provenance: "own",
      name: "calculate",
      description: "Calculates with numbers, + - * / and parentheses, to two places.",
      input: z.strictObject({ expression: z.string().max(1_000) }),
      output: z.union([z.strictObject({ result: z.string() }), Missing]),
      run: async ({ expression }) => {
        const result = calculate(expression);
        return result === null ? missing("Invalid expression") : { result };
      },
    }),
  ];
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  cancel_pending_order: "Cancels a pending order.",
  modify_pending_order_address: "Changes where a pending order is shipped.",
  modify_pending_order_items:
    "Replaces items of a pending order by others of the same product. Once an order, so all at once.",
  modify_pending_order_payment: "Changes how a pending order is paid.",
  modify_user_address: "Changes a user's default address.",
  exchange_delivered_order_items:
    "Exchanges items of a delivered order for others of the same product. Once an order, so all at once.",
  return_delivered_order_items:
    "Returns items of a delivered order. Once an order, so all at once.",
};

function proposals(shop: RetailShop): readonly WriteTool[] {
  return [...CHANGES].map(([name, { input }]) =>
    writeTool({
      ...OPEN_TO_ALL,
      kind: "write",
      name,
      operation: name,
      description: `${DESCRIPTIONS[name] ?? ""} Only after the user has confirmed all details with yes.`,
      personDecides: true,
      input,
      async propose(given) {
        const tried = shop.tried(name, given);
        if (tried.kind === "refused") return { kind: "impossible", reason: tried.reason };
        const values = JsonObject.parse(given);
        // What was there before is part of the identity: changing back to an earlier address is a new change.
        const identity = digest({ values, was: recordBefore(shop, values) }).slice(0, 32);
        const words = Object.entries(values).map(
          ([word, value]) => `${word} ${JSON.stringify(value)}`,
        );
        return {
          kind: "proposed",
          unproven: [],
          planned: {
            key: `tau2:${shop.world}:${name}:${identity}`,
            action: { target: "shop", operation: name, arguments: values },
            label: `${name.replaceAll("_", " ")}: ${words.join(", ")}`,
            facts: [],
          },
        };
      },
    }),
  );
}

/** What every change names of the record it is about. */
const About = z.looseObject({ order_id: z.string().optional(), user_id: z.string().optional() });

function recordBefore(shop: RetailShop, values: JsonObject): unknown {
  const { orders, users } = shop.foreseen();
  const { order_id = "", user_id = "" } = About.parse(values);
  return orders[order_id] ?? users[user_id] ?? null;
}

function transfer(): AgentTool {
  return endingTool({
    name: "transfer_to_human_agents",
    description: "Hands the user to a person. Only when the tools and the policy cannot settle it.",
    input: z.strictObject({
      summary: z.string().describe("What the user wants, and why not here"),
    }),
    end: ({ summary }) => ({
      kind: "escalate",
      reason: "the agent transfers the user to a person",
      summary,
      answer: null,
      unanswered: [],
      delicate: null,
    }),
  });
}

function foundUser(user: User | undefined): z.output<typeof FoundUser> {
  return user === undefined ? missing("User not found") : { user_id: user.user_id };
}

function missing(remark: string): z.output<typeof Missing> {
  return { found: false, remark };
}

/** Without case and accents, as a name is said aloud. */
function folded(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
}
