/**
 * Room: the retail part of τ²-bench, a public benchmark of agents that serve customers, played with tools of our own.
 * In: a folder with the benchmark's shop, its tasks and its policy, named on the command line; nothing of it is kept here.
 * Out: the state of the shop after each task, and how many tasks end as they should.
 * May touch: an embedded database in a temporary folder, the folder of the results, the models that are chosen.
 * This file: the form of the benchmark's files.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { JsonObject } from "#core/values/canonical-json.ts";

/** Where something is shipped, in the parts the benchmark writes an address in. */
export const Address = z.strictObject({
  address1: z.string(),
  address2: z.string(),
  city: z.string(),
  state: z.string(),
  country: z.string(),
  zip: z.string(),
});
export type Address = z.infer<typeof Address>;

const Options = z.record(z.string(), z.string());

const Variant = z.looseObject({
  item_id: z.string(),
  options: Options,
  available: z.boolean(),
  price: z.number(),
});

/** A kind of product with everything that can be bought of it. */
export const Product = z.looseObject({
  name: z.string(),
  product_id: z.string(),
  variants: z.record(z.string(), Variant),
});

const PaymentMethod = z.looseObject({
  id: z.string(),
  source: z.string(),
  /** Of gift cards alone. */
  balance: z.number().optional(),
});
export type PaymentMethod = z.infer<typeof PaymentMethod>;

/** A customer with their default address, their orders and what they can pay with. */
export const User = z.looseObject({
  user_id: z.string(),
  name: z.looseObject({ first_name: z.string(), last_name: z.string() }),
  address: Address,
  email: z.string(),
  payment_methods: z.record(z.string(), PaymentMethod),
  orders: z.array(z.string()),
});
export type User = z.infer<typeof User>;

const OrderedItem = z.looseObject({
  name: z.string(),
  product_id: z.string(),
  item_id: z.string(),
  price: z.number(),
  options: Options,
});

const Payment = z.looseObject({
  transaction_type: z.enum(["payment", "refund"]),
  amount: z.number(),
  payment_method_id: z.string(),
});

/** An order. What a cancellation, a return or an exchange adds stands beside these fields. */
export const Order = z.looseObject({
  order_id: z.string(),
  user_id: z.string(),
  address: Address,
  items: z.array(OrderedItem),
  status: z.string(),
  payment_history: z.array(Payment),
});
export type Order = z.infer<typeof Order>;

/** The benchmark's whole shop at one moment. Never changed in place: a change gives another state. */
export const RetailState = z.strictObject({
  products: z.record(z.string(), Product),
  users: z.record(z.string(), User),
  orders: z.record(z.string(), Order),
});
export type RetailState = z.infer<typeof RetailState>;

/** One call of a tool that a task expects. */
const ExpectedCall = z.looseObject({ name: z.string(), arguments: JsonObject });
export type ExpectedCall = z.infer<typeof ExpectedCall>;

/** One task: what its customer wants and knows, and what has to come of it. */
export const Task = z.looseObject({
  id: z.string(),
  user_scenario: z.looseObject({
    persona: z.string().nullish(),
    instructions: z.looseObject({
      task_instructions: z.string(),
      reason_for_call: z.string(),
      known_info: z.string().nullish(),
      unknown_info: z.string().nullish(),
    }),
  }),
  evaluation_criteria: z.looseObject({
    actions: z.array(ExpectedCall),
    /** Words the customer has to be told. */
    communicate_info: z.array(z.string()).nullish(),
  }),
});
export type Task = z.infer<typeof Task>;

/** The orders and users that differ from the shop at the start once a task is done, as they are then. */
const Changes = z.looseObject({
  orders: z.record(z.string(), Order).default({}),
  users: z.record(z.string(), User).default({}),
});
export type Changes = z.output<typeof Changes>;

/** Everything of the folder. */
export interface RetailData {
  readonly state: RetailState;
  readonly tasks: readonly Task[];
  /** The agent's policy, which is the benchmark's prompt. */
  readonly policy: string;
  /** By task id; null where the folder holds no such file. */
  readonly expected: ReadonlyMap<string, Changes> | null;
}

/**
 * Reads `db.json`, `tasks.json`, `policy.md` and, where there is one, `expected_changes.json`. Throws `input.invalid`
 * and names the file that is missing or has another form.
 */
export function readRetailData(folder: string): RetailData {
  const expected = existsSync(join(folder, EXPECTED))
    ? read(folder, EXPECTED, z.record(z.string(), Changes))
    : null;
  return {
    state: read(folder, "db.json", RetailState),
    tasks: read(folder, "tasks.json", z.array(Task)),
    policy: textOf(folder, "policy.md"),
    expected: expected === null ? null : new Map(Object.entries(expected)),
  };
}

const EXPECTED = "expected_changes.json";

function read<Schema extends z.ZodType>(
  folder: string,
  name: string,
  schema: Schema,
): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(textOf(folder, name)));
  } catch (cause) {
    if (cause instanceof DeskhandError) throw cause;
    throw new DeskhandError(
      "input.invalid",
      `${join(folder, name)}: has not the form of the benchmark's file. Nothing was played; give the folder of the retail domain.`,
      { cause },
    );
  }
}

function textOf(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch (cause) {
    throw new DeskhandError(
      "input.invalid",
      `${join(folder, name)}: cannot be read. Nothing was played; --data names the folder with db.json, tasks.json and policy.md.`,
      { cause },
    );
  }
}
