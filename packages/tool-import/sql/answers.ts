/** A file of answers about tables: the database, and each look-up with the columns that a lead chose. */
import { z } from "zod";
import { IdentityLevel } from "#core/values/identity.ts";
import { checkedParts } from "#importing/answers/answer-file.ts";

/** A column, or one of the record that a foreign key leads to: `customer_id.name`. */
const ColumnPath = z
  .string()
  .regex(
    /^[\p{L}_][\p{L}\p{N}_$ -]{0,62}(?:\.[\p{L}_][\p{L}\p{N}_$ -]{0,62})?$/u,
    "is no name of a column, or of one behind a foreign key such as `customer_id.name`",
  );
const Sentence = z.string().trim().min(1).max(400);

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

const DatabaseAnswers = z.strictObject({
  /** The setting with the address that look-ups use. */
  address_from: z
    .string()
    .regex(
      /^[A-Z][A-Z0-9_]{1,63}$/,
      "names a setting, such as SHOP_DATABASE_URL; the address itself never stands here",
    )
    .optional(),
  timeout_ms: z.int().min(100).max(30_000).default(3_000),
});
type DatabaseAnswers = z.infer<typeof DatabaseAnswers>;

/** Answers by the names of tools, and about the database. */
export interface SqlAnswers {
  readonly database: DatabaseAnswers;
  readonly lookUps: ReadonlyMap<string, LookUpAnswers>;
}

const ToolName = /^[a-z][a-z0-9_]{1,47}$/;

/** Checks answers of a file or a terminal. Throws `input.invalid` with one line for each mistake: the field and the reason. */
export function sqlAnswersFrom(content: unknown, name: string): SqlAnswers {
  return checkedParts(content, name, "each look-up's name", (parts, take, problems) => {
    const { database = {}, ...rest } = parts;
    const lookUps = new Map<string, LookUpAnswers>();
    for (const [tool, given] of Object.entries(rest)) {
      if (!ToolName.test(tool))
        problems.push(
          `${tool}: a tool's name has small letters, digits and underscores, 48 at most`,
        );
      const answers = take(LookUpAnswers, tool, given);
      if (answers !== null) lookUps.set(tool, answers);
    }
    return {
      database: take(DatabaseAnswers, "database", database) ?? { timeout_ms: 0 },
      lookUps,
    };
  });
}
