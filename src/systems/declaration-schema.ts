/** The form of a declaration, checked before anything in it is believed: a folder of tools is what people write. */

import { z } from "zod";
import { IdentityLevel } from "#core/values/identity.ts";
import type { Connection, Database, SystemTool } from "./contract.ts";
import { InputFields, RecordFields } from "./declared-fields.ts";
import { RequesterValueText, VALUE_FORMS, ValueParts, ValueText } from "./value-text.ts";

const Text = z.string().min(1);
const Method = z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]);

/** A value as people write it, such as `input order_id`, or in its parts. */
const Value = z.union([ValueParts, ValueText], VALUE_FORMS);
const Values = z.record(z.string(), Value);

const Request = z.strictObject({
  method: Method,
  path: z.string(),
  pathValues: Values.exactOptional(),
  query: Values.exactOptional(),
  headers: Values.exactOptional(),
  body: z
    .strictObject({ encoding: z.enum(["json", "form", "json-patch"]), fields: Values })
    .exactOptional(),
});

const Belonging = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("field"), field: Text, is: RequesterValueText }),
  z.strictObject({
    by: z.literal("parameter"),
    name: Text,
    is: RequesterValueText,
    field: Text.exactOptional(),
  }),
  z.strictObject({
    by: z.literal("record"),
    input: Text,
    tool: Text,
    parentField: Text,
    field: Text.exactOptional(),
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
    credentialsIn: z.enum(["header", "body"]).exactOptional(),
  }),
]);

const Pin = z.strictObject(
  { words: z.string(), input: z.string(), output: z.string(), hints: z.string() },
  { error: "is a pin of an earlier version; import the tools of this server again" },
);

const ConnectionForm = z.strictObject({
  name: Text.max(60),
  addressFrom: Text,
  address: Text.nullable(),
  authentication: Authentication,
  clientCertificate: z
    .strictObject({ certificate: Text, key: Text, authority: Text.exactOptional() })
    .exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
  limits: z.strictObject({
    timeoutMs: z.int().min(1),
    answerBytesMax: z.int().min(1),
    perMinute: z.int().min(1).nullable(),
  }),
  failsWith: Text.exactOptional(),
  nothingDoneOn: z.array(z.int()).exactOptional(),
  mcp: z.strictObject({ tools: z.record(Text, Pin) }).exactOptional(),
  customer: z
    .strictObject({ request: Request, records: z.string(), id: Text, email: Text })
    .exactOptional(),
});

const Records = z.strictObject({
  request: Request,
  at: z.string(),
  many: z.boolean(),
  record: RecordFields,
});

const Common = {
  /** Formed already: it stands in a file of its own. */
  connection: z.custom<Connection>(),
  name: z.string().regex(/^[a-z][a-z0-9_]{1,63}$/, "is lower case letters, digits and underscores"),
  description: Text.max(1_000),
  minimumLevel: IdentityLevel,
  input: InputFields,
};

/** How customers ask for a change, such as `pause my subscription`. */
const Phrase = z
  .string()
  .max(60)
  .regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N}' -]*$/u, "is a phrase of letters, digits and spaces");

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
      digits: z.record(z.string().regex(/^[A-Z]{3}$/), z.int().min(0).max(4)).exactOptional(),
    })
    .exactOptional(),
  shownMax: z.int().min(1).max(100),
});

const Find = z.discriminatedUnion("by", [
  z.strictObject({
    by: z.literal("key"),
    from: Records,
    keyField: Text,
    ref: Text,
    same: Values.exactOptional(),
  }),
  z.strictObject({ by: z.literal("looking"), from: Records, shows: Values, ref: Text }),
  z.strictObject({ by: z.literal("nothing"), because: Text }),
]);

const Write = z
  .strictObject({
    ...Common,
    kind: z.literal("write"),
    operation: z.string().regex(/^[a-z][a-z_]{1,40}$/, "is lower case letters and underscores"),
    wishes: z.array(Phrase),
    called: z.strictObject({ verbs: z.array(Text), things: z.array(Text) }).exactOptional(),
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
        deliveredOn: Text.exactOptional(),
        status: Text.exactOptional(),
      })
      .exactOptional(),
    label: Text.max(300),
    identity: z.array(Text).min(1),
    commit: z.strictObject({
      request: Request,
      idempotency: z.strictObject({ in: z.enum(["header", "field"]), name: Text }).nullable(),
      receipt: RecordFields,
      ref: z.string(),
      same: Values,
      amount: Text.nullable().exactOptional(),
      refusedWith: Text.exactOptional(),
    }),
    find: Find,
  })
  .refine(({ money, commit }) => (money === undefined) === (commit.amount === undefined), {
    path: ["commit", "amount"],
    message:
      "a change with `money` names the field of its receipt with the amount, or null; no other change has it",
  })
  .transform(({ money, commit: { amount, ...commit }, ...change }) =>
    money === undefined
      ? { ...change, commit }
      : { ...change, money, commit: { ...commit, amount: amount ?? null } },
  );

/** PostgreSQL cuts longer names off (4.1.1), and then a name would mean another table. */
const SqlName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^\P{Cc}+$/u);
const SqlColumn = z.strictObject({
  column: SqlName,
  of: Text.exactOptional(),
  kind: z.enum(["text", "integer", "bigint", "decimal", "boolean", "moment"]),
});
const DatabaseForm = z.strictObject({
  name: Text.max(60),
  addressFrom: Text,
  limits: z.strictObject({ timeoutMs: z.int().min(1).max(60_000) }),
});
const SqlTable = { schema: SqlName.nullable(), table: SqlName };

const SqlRead = z.strictObject({
  kind: z.literal("sql-read"),
  database: z.custom<Database>(),
  name: Common.name,
  description: Common.description,
  minimumLevel: IdentityLevel,
  input: InputFields,
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
  record: RecordFields,
  personal: z.array(Text),
  shownMax: z.int().min(1).max(100),
});

const Declaration = z.discriminatedUnion("kind", [Read, Write, SqlRead]);

/** One thing that is wrong with a declaration. */
export interface FormProblem {
  /** Where it stands, such as `about`, `belongsTo`; empty for the whole. */
  readonly path: readonly string[];
  readonly reason: string;
}

/** What was read, or everything that is wrong with its form; nothing is said of what it means. */
export type Formed<Kind> =
  | { readonly value: Kind; readonly problems: null }
  | { readonly value: null; readonly problems: readonly FormProblem[] };

/** A tool, given with the connection or the database it asks, which is formed already. */
export function formedTool(content: unknown): Formed<SystemTool> {
  return formed<SystemTool>(Declaration, content);
}

/** A system that is asked with requests. */
export function formedConnection(content: unknown): Formed<Connection> {
  return formed<Connection>(ConnectionForm, content);
}

/** A database that look-ups read. */
export function formedDatabase(content: unknown): Formed<Database> {
  return formed<Database>(DatabaseForm, content);
}

function formed<Kind>(schema: z.ZodType<Kind>, content: unknown): Formed<Kind> {
  const parsed = schema.safeParse(content);
  if (parsed.success) return { value: parsed.data, problems: null };
  const problems = parsed.error.issues.flatMap((issue): readonly FormProblem[] => {
    const path = issue.path.map(String);
    return issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: [...path, key], reason: "there is no such part" }))
      : [{ path, reason: issue.message }];
  });
  return { value: null, problems };
}
