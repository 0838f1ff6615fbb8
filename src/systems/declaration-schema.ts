/** The form of a declaration, checked before anything in it is believed: a folder of tools is code that people write. */

import { z } from "zod";
import { IdentityLevel } from "#core/values/identity.ts";
import type { SystemTool } from "./contract.ts";

const Text = z.string().min(1);
const RequesterValue = z.enum(["customer_id", "email", "system_id"]);
const Method = z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]);

const Value = z.discriminatedUnion("from", [
  z.strictObject({ from: z.literal("input"), name: Text }),
  z.strictObject({ from: z.literal("requester"), is: RequesterValue }),
  z.strictObject({ from: z.literal("record"), field: Text }),
  z.strictObject({ from: z.literal("key") }),
  z.strictObject({
    from: z.literal("fixed"),
    value: z.union([z.string(), z.number(), z.boolean()]),
  }),
]);
const Values = z.record(z.string(), Value);

const Request = z.strictObject({
  method: Method,
  path: z.string(),
  pathValues: Values.optional(),
  query: Values.optional(),
  headers: Values.optional(),
  body: z
    .strictObject({ encoding: z.enum(["json", "form", "json-patch"]), fields: Values })
    .optional(),
});

const Belonging = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("field"), field: Text, is: RequesterValue }),
  z.strictObject({
    by: z.literal("parameter"),
    name: Text,
    is: RequesterValue,
    field: Text.optional(),
  }),
  z.strictObject({
    by: z.literal("record"),
    input: Text,
    tool: Text,
    parentField: Text,
    field: Text.optional(),
  }),
  z.strictObject({ by: z.literal("nothing"), because: Text }),
]);

const Authentication = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({
    kind: z.literal("api-key"),
    in: z.enum(["header", "query"]),
    name: Text,
    secret: Text,
  }),
  z.strictObject({ kind: z.literal("basic"), user: Text, secret: Text }),
  z.strictObject({ kind: z.literal("bearer"), secret: Text }),
  z.strictObject({
    kind: z.literal("client-credentials"),
    tokenUrl: Text,
    client: Text,
    secret: Text,
    scopes: z.array(z.string()),
    credentialsIn: z.enum(["header", "body"]).optional(),
  }),
]);

const Pin = z.strictObject(
  { words: z.string(), input: z.string(), output: z.string(), hints: z.string() },
  { error: "is a pin of an earlier version; import the tools of this server again" },
);

const Connection = z.strictObject({
  name: Text.max(60),
  addressFrom: Text,
  address: Text.nullable(),
  authentication: Authentication,
  clientCertificate: z
    .strictObject({ certificate: Text, key: Text, authority: Text.optional() })
    .optional(),
  headers: z.record(z.string(), z.string()).optional(),
  limits: z.strictObject({
    timeoutMs: z.int().min(1),
    answerBytesMax: z.int().min(1),
    perMinute: z.int().min(1).nullable(),
  }),
  failsWith: Text.optional(),
  nothingDoneOn: z.array(z.int()).optional(),
  mcp: z.strictObject({ tools: z.record(Text, Pin) }).optional(),
  customer: z
    .strictObject({ request: Request, records: z.string(), id: Text, email: Text })
    .optional(),
});

/** True for an object schema of zod, also of another copy of zod than ours. */
const ObjectSchema = z.custom<z.ZodObject>((value) => value instanceof z.ZodObject, {
  message: "has to be an object schema of zod",
});

const Records = z.strictObject({
  request: Request,
  at: z.string(),
  many: z.boolean(),
  record: ObjectSchema,
});

const Common = {
  connection: Connection,
  name: z.string().regex(/^[a-z][a-z0-9_]{1,63}$/, "is lower case letters, digits and underscores"),
  description: Text.max(1_000),
  minimumLevel: IdentityLevel,
  input: ObjectSchema,
};

const Read = z.strictObject({
  ...Common,
  kind: z.literal("read"),
  from: Records,
  belongsTo: Belonging,
  personal: z.array(Text),
  minorUnits: z
    .strictObject({
      fields: z.array(Text).min(1),
      currency: Text,
      digits: z.record(z.string().regex(/^[A-Z]{3}$/), z.int().min(0).max(4)).optional(),
    })
    .optional(),
  shownMax: z.int().min(1).max(100),
});

const Find = z.discriminatedUnion("by", [
  z.strictObject({
    by: z.literal("key"),
    from: Records,
    keyField: Text,
    ref: Text,
    same: Values.optional(),
  }),
  z.strictObject({ by: z.literal("looking"), from: Records, shows: Values, ref: Text }),
  z.strictObject({ by: z.literal("nothing"), because: Text }),
]);

const Write = z
  .strictObject({
    ...Common,
    kind: z.literal("write"),
    operation: z.string().regex(/^[a-z][a-z_]{1,40}$/, "is lower case letters and underscores"),
    wishes: z.array(z.instanceof(RegExp)),
    called: z.strictObject({ verbs: z.array(Text), things: z.array(Text) }).optional(),
    about: z.strictObject({
      from: Records,
      belongsTo: Belonging,
      id: Text,
      unchanged: z.array(Text),
    }),
    ownWords: z.array(Text),
    money: z
      .strictObject({
        amount: Text,
        paid: Text,
        refunded: Text.nullable(),
        currency: Text,
        unit: z.enum(["minor", "decimal"]),
        deliveredOn: Text.optional(),
        status: Text.optional(),
      })
      .optional(),
    label: Text.max(300),
    identity: z.array(Text).min(1),
    commit: z.strictObject({
      request: Request,
      idempotency: z.strictObject({ in: z.enum(["header", "field"]), name: Text }).nullable(),
      receipt: ObjectSchema,
      ref: z.string(),
      same: Values,
      amount: Text.nullable().optional(),
      refusedWith: Text.optional(),
    }),
    find: Find,
  })
  .refine(({ money, commit }) => (money === undefined) === (commit.amount === undefined), {
    path: ["commit", "amount"],
    message:
      "a change with `money` names the field of its receipt with the amount, or null; no other change has it",
  });

/** PostgreSQL cuts longer names off (4.1.1), and then a name would mean another table. */
const SqlName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^\P{Cc}+$/u);
const SqlColumn = z.strictObject({
  column: SqlName,
  of: Text.optional(),
  kind: z.enum(["text", "integer", "bigint", "decimal", "boolean", "moment"]),
});
const SqlTable = { schema: SqlName.nullable(), table: SqlName };

const SqlRead = z.strictObject({
  kind: z.literal("sql-read"),
  database: z.strictObject({
    name: Text.max(60),
    addressFrom: Text,
    limits: z.strictObject({ timeoutMs: z.int().min(1).max(60_000) }),
  }),
  name: Common.name,
  description: Common.description,
  minimumLevel: IdentityLevel,
  input: ObjectSchema,
  from: z.strictObject({
    ...SqlTable,
    key: z.array(SqlName).min(1),
    joins: z.array(z.strictObject({ ...SqlTable, name: Text, from: SqlName, to: SqlName })),
    columns: z.record(Text, SqlColumn),
    lookUp: z.record(SqlName, Text),
  }),
  belongsTo: z.discriminatedUnion("by", [
    z.strictObject({
      by: z.literal("column"),
      column: SqlColumn,
      is: z.enum(["customer_id", "email"]),
    }),
    z.strictObject({ by: z.literal("nothing"), because: Text }),
  ]),
  record: ObjectSchema,
  personal: z.array(Text),
  shownMax: z.int().min(1).max(100),
});

const Declaration = z.discriminatedUnion("kind", [Read, Write, SqlRead]);

/** One thing that is wrong with a declaration. */
export interface DeclarationProblem {
  /** The tool's name, or its place in the list where it has none. */
  readonly tool: string;
  /** Such as `about.belongsTo`; empty for the tool as a whole. */
  readonly field: string;
  readonly reason: string;
}

/** Whether a value has the form of a declaration; nothing is said of what it means. */
export function isDeclaration(value: unknown): value is SystemTool {
  return Declaration.safeParse(value).success;
}

/** Everything that is wrong with the form of a value, by field; empty for a declaration. */
export function formProblems(value: unknown, place: number): readonly DeclarationProblem[] {
  const parsed = Declaration.safeParse(value);
  if (parsed.success) return [];
  const named = z.object({ name: z.string() }).safeParse(value);
  const tool = named.success ? named.data.name : `tool ${place + 1}`;
  return parsed.error.issues.map(({ path, message }) => ({
    tool,
    field: path.map(String).join("."),
    reason: message,
  }));
}
