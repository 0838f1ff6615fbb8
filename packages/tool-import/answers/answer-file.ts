/** A file of answers: what a lead says about a system and about each wanted operation. */
import { parseDocument } from "yaml";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { IdentityLevel } from "#core/values/identity.ts";
import { RequesterValue, ValueText } from "#systems/value-text.ts";

/** The path of a field, such as `amount.value`; `[]`, `@` and `:` occur in names of outside parameters. */
const FieldPath = z
  .string()
  .regex(/^[A-Za-z0-9_$@:/[\]-][A-Za-z0-9_$@:/[\]. '=-]{0,199}$/, "is no name of a field");
const Paths = z.array(FieldPath).max(40);
/** The name of an input: what a tool offers the model. */
const InputName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "is no name of an input");
const ToolName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{1,47}$/, "a name has small letters, digits and underscores, 48 at most");
const Sentence = z.string().trim().min(1).max(400);
const SettingName = z
  .string()
  .regex(
    /^[A-Z][A-Z0-9_]{1,63}$/,
    "names a setting, such as SHOP_KEY; the secret itself never stands here",
  );
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
  /** How customers ask for it, in the languages the team answers. */
  wishes: z
    .array(
      z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}' -]{2,59}$/u, "a phrase has letters and spaces"),
    )
    .max(100)
    .optional(),
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

/** Answers by operation, and about the system. */
export interface Answers {
  readonly system: SystemAnswers;
  readonly operations: ReadonlyMap<string, OperationAnswers>;
}

const ANSWERS_CHARACTERS_MAX = 500_000;

/**
 * The content of a file of answers, not checked yet. Throws `input.invalid` with one line for each mistake in its form.
 */
export function readYaml(text: string, name: string): unknown {
  if (text.length > ANSWERS_CHARACTERS_MAX)
    throw invalid(name, ["is longer than 500,000 characters"]);
  const document = parseDocument(text);
  const broken = document.errors.map(({ message }) => (message.split("\n")[0] ?? message).trim());
  if (broken.length > 0) throw invalid(name, broken);
  try {
    return document.toJS({ maxAliasCount: 0 }) ?? {};
  } catch {
    throw invalid(name, ["repeats parts by reference (`*name`); write them out"]);
  }
}

/** Checks answers of a file or a terminal. Throws `input.invalid` with one line for each: the field and the reason. */
export function answersFrom(content: unknown, name: string): Answers {
  return checkedParts(content, name, "each operation's name", (parts, take) => ({
    system: take(SystemAnswers, "system", parts["system"] ?? {}) ?? {},
    operations: new Map(
      Object.entries(parts).flatMap(([part, given]) =>
        part === "system" ? [] : [[part, take(OperationAnswers, part, given ?? {}) ?? {}]],
      ),
    ),
  }));
}

/** Reads one part by its schema; null for one that cannot be used. */
type Take = <Part extends z.ZodType>(
  schema: Part,
  part: string,
  given: unknown,
) => z.output<Part> | null;

/** Reads answers part by part, and throws `input.invalid` with a line for each mistake: the field and the reason. */
export function checkedParts<Read>(
  content: unknown,
  name: string,
  keys: string,
  read: (parts: Readonly<Record<string, unknown>>, take: Take, problems: string[]) => Read,
): Read {
  const parts = z.record(z.string(), z.unknown()).safeParse(content);
  if (!parts.success) throw invalid(name, [`holds no answers: ${keys}, and its answers below it`]);
  const problems: string[] = [];
  const made = read(
    parts.data,
    (schema, part, given) => {
      const parsed = schema.safeParse(given);
      if (parsed.success) return parsed.data;
      problems.push(...parsed.error.issues.flatMap((issue) => issueLines(part, issue)));
      return null;
    },
    problems,
  );
  if (problems.length > 0) throw invalid(name, problems);
  return made;
}

/** What is wrong with one answer, a line each, beginning with where it stands. */
function issueLines(part: string, issue: z.core.$ZodIssue): readonly string[] {
  const at = [part, ...issue.path].join(".");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => `${at}.${key}: there is no such question`);
  return [`${at}: ${issue.message}`];
}

/** `input.invalid` with a line for each problem. */
function invalid(name: string, problems: readonly string[]): DeskhandError {
  return new DeskhandError(
    "input.invalid",
    `${name} cannot be used, and nothing was written:\n${problems.map((line) => `  ${line}`).join("\n")}`,
  );
}
