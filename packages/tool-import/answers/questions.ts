/** The questions of an import, as the form that each answer has to have: about systems and operations, databases and tables. */
import { z } from "zod";
import { IdentityLevel } from "#core/values/identity.ts";
import { RequesterValue, ValueText } from "#systems/contract.ts";

/** The path of a field, such as `amount.value`; `[]`, `@` and `:` occur in names of outside parameters. */
const FieldPath = z
  .string()
  .regex(/^[A-Za-z0-9_$@:/[\]-][A-Za-z0-9_$@:/[\]. '=-]{0,199}$/, "is no name of a field");
const Paths = z.array(FieldPath).max(40);
/** The name of an input: what a tool offers the model. */
const InputName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "is no name of an input");
/** The name of a tool, as the model calls it. */
export const ToolName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{1,47}$/, "a name has small letters, digits and underscores, 48 at most");
const Sentence = z.string().trim().min(1).max(400);

/** The name of a setting; what it holds is never an answer. */
function settingName(example: string, held: string) {
  return z
    .string()
    .regex(
      /^[A-Z][A-Z0-9_]{1,63}$/,
      `names a setting, such as ${example}; the ${held} itself never stands here`,
    );
}

const SettingName = settingName("SHOP_KEY", "secret");
const Values = z.record(FieldPath, ValueText);

const Belongs = z.union(
  [
    z.strictObject({ field: FieldPath, is: RequesterValue }),
    z.strictObject({ parameter: FieldPath, is: RequesterValue, field: FieldPath.optional() }),
    z.strictObject({
      record: InputName,
      tool: ToolName,
      parent_field: FieldPath,
      field: FieldPath.optional(),
    }),
    z.strictObject({ nothing: Sentence }),
  ],
  "say {field, is}, {parameter, is, field}, {record, tool, parent_field, field} or {nothing: why}",
);

const Lookup = {
  /** The name of a read operation of the same system. */
  operation: z.string().min(1).max(200),
  values: Values.default({}),
  records: z.string().max(200).optional(),
  many: z.boolean().optional(),
};

const Find = z.union(
  [
    z.strictObject({
      by: z.literal("key"),
      ...Lookup,
      field: FieldPath,
      ref: FieldPath,
      same: Values.default({}),
    }),
    z.strictObject({
      by: z.literal("looking"),
      ...Lookup,
      operation: Lookup.operation.optional(),
      shows: Values.refine((shown) => Object.keys(shown).length > 0, "names no field"),
      ref: FieldPath,
    }),
    z.strictObject({ by: z.literal("nothing"), because: Sentence }),
  ],
  "say {by: key, operation, field, ref}, {by: looking, shows, ref} or {by: nothing, because}",
);

/** Everything that may be said about one operation; what is left out is taken from the document. */
export const OperationAnswers = z.strictObject({
  tool: ToolName.optional(),
  kind: z.enum(["read", "write", "money", "account"]).optional(),
  /** When the model uses it, for the model. */
  use: z.string().trim().min(1).max(500).optional(),
  level: IdentityLevel.optional(),
  /** What the model fills in: parameters and fields of the body, by their names in the document. */
  input: Paths.optional(),
  /** Which of them may stay empty. */
  optional: Paths.optional(),
  values: Values.optional(),
  encoding: z.enum(["json", "form", "json-patch"]).optional(),
  /** What is shown of a record. */
  fields: Paths.optional(),
  records: z.string().max(200).optional(),
  many: z.boolean().optional(),
  shown: z.int().min(1).max(50).optional(),
  personal: Paths.optional(),
  belongs: Belongs.optional(),
  /** The record a change is about. */
  about: z.strictObject({ ...Lookup, id: FieldPath.optional() }).optional(),
  unchanged: Paths.optional(),
  own_words: z.array(InputName).max(20).optional(),
  /** Whether a person decides whatever the policy says; left out, that is so for all but refunds. */
  person_decides: z.boolean().optional(),
  /** Of answers given before there was `person_decides`: an empty list said it, any other that the policy may. */
  wishes: z.array(z.string()).optional(),
  money: z
    .union([
      z.literal("none"),
      z.strictObject({
        amount: InputName,
        paid: FieldPath,
        refunded: FieldPath.nullable(),
        currency: FieldPath,
        unit: z.enum(["minor", "decimal"]),
      }),
    ])
    .optional(),
  label: z.string().trim().min(3).max(200).optional(),
  identity: z.array(FieldPath).min(1).max(10).optional(),
  key: z
    .union(
      [
        z.literal("none"),
        z.strictObject({ header: FieldPath }),
        z.strictObject({ field: FieldPath }),
      ],
      "say {header: NAME}, {field: NAME} or none",
    )
    .optional(),
  /** What the answer proves: the id of what was made, the amount that was moved, and which values of a state mean done. */
  receipt: z
    .strictObject({
      ref: FieldPath.optional(),
      amount: FieldPath.nullable().optional(),
      same: Values.default({}),
      done: z.record(FieldPath, z.array(z.string().min(1).max(60)).min(1).max(24)).default({}),
    })
    .optional(),
  find: Find.optional(),
});
export type OperationAnswers = z.infer<typeof OperationAnswers>;

const SignIn = z.union(
  [
    z.literal("none"),
    z.strictObject({ bearer: SettingName }),
    z.strictObject({ user: SettingName, password: SettingName }),
    z.strictObject({ header: FieldPath, secret: SettingName }),
    z.strictObject({ query: FieldPath, secret: SettingName }),
    z.strictObject({
      token_url: z.url({ protocol: /^https?$/ }),
      client: SettingName,
      secret: SettingName,
      scopes: z.array(z.string().max(200)).max(40).default([]),
    }),
  ],
  "say {bearer: SETTING}, {user, password}, {header, secret}, {query, secret}, {token_url, client, secret} or none",
);

/** Everything that may be said about the system as a whole. */
export const SystemAnswers = z.strictObject({
  name: z.string().trim().min(1).max(40).optional(),
  address: z.url({ protocol: /^https?$/ }).optional(),
  /** The setting with the address of the system that is really used. */
  address_from: SettingName.optional(),
  sign_in: SignIn.optional(),
  headers: z.record(FieldPath, z.string().max(400)).optional(),
  per_minute: z.int().min(1).max(100_000).optional(),
  /** How a customer's id there is found by their e-mail address. */
  customer: z.strictObject({ ...Lookup, id: FieldPath, email: FieldPath }).optional(),
});
export type SystemAnswers = z.infer<typeof SystemAnswers>;

/** A column, or one of the record that a foreign key leads to: `customer_id.name`. */
const ColumnPath = z
  .string()
  .regex(
    /^[\p{L}_][\p{L}\p{N}_$ -]{0,62}(?:\.[\p{L}_][\p{L}\p{N}_$ -]{0,62})?$/u,
    "is no name of a column, or of one behind a foreign key such as `customer_id.name`",
  );

/** Everything that may be said about a look-up in a table. */
export const LookUpAnswers = z.strictObject({
  table: z.string().min(1).max(127),
  /** When the model uses it, for the model. */
  use: Sentence.optional(),
  level: IdentityLevel.optional(),
  /** What is shown, chosen one by one. */
  columns: z.array(ColumnPath).min(1).max(40).optional(),
  /** Columns of the choice whose names look like a secret, typed once more. */
  confirmed: z.array(ColumnPath).max(40).default([]),
  /** What the model fills in; empty for a list of all that is the requester's. */
  look_up: z.array(ColumnPath).max(5).optional(),
  belongs: z
    .union(
      [
        z.strictObject({ column: ColumnPath, is: z.enum(["customer_id", "email"]) }),
        z.strictObject({ nothing: Sentence }),
      ],
      "say {column, is: customer_id}, {column, is: email} or {nothing: why}",
    )
    .optional(),
  personal: z.array(ColumnPath).max(40).optional(),
  shown: z.int().min(1).max(50).default(5),
});
export type LookUpAnswers = z.infer<typeof LookUpAnswers>;

/** Everything that may be said about a database as a whole. */
export const DatabaseAnswers = z.strictObject({
  /** The setting with the address that look-ups use. */
  address_from: settingName("SHOP_DATABASE_URL", "address").optional(),
  timeout_ms: z.int().min(100).max(30_000).default(3_000),
});
