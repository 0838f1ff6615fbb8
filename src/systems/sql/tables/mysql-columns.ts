/** What a column of MySQL or MariaDB is to a look-up. */
import { z } from "zod";
import type { ColumnKind } from "#systems/sql/declaration.ts";
import type { ColumnDescription } from "./schema.ts";

/** A column by information_schema.columns. */
export const MysqlColumn = z.object({
  name: z.string(),
  base: z.string(),
  type: z.string(),
  nullable: z.enum(["YES", "NO"]),
  collation: z.string().nullable(),
  rights: z.string(),
});

const KINDS: Readonly<Record<string, ColumnKind>> = {
  bigint: "bigint",
  char: "text",
  date: "moment",
  datetime: "moment",
  decimal: "decimal",
  double: "decimal",
  enum: "text",
  float: "decimal",
  inet4: "text",
  inet6: "text",
  int: "integer",
  longtext: "text",
  mediumint: "integer",
  mediumtext: "text",
  set: "text",
  smallint: "integer",
  text: "text",
  time: "moment",
  timestamp: "moment",
  tinyint: "integer",
  tinytext: "text",
  uuid: "text",
  varchar: "text",
  year: "integer",
};

/** `tinyint(1)` is how MySQL writes BOOLEAN. Numbers filled with zeros are no numbers to whoever reads them. */
export function columnOf(row: z.infer<typeof MysqlColumn>): ColumnDescription {
  const { name, base, type, nullable, collation } = row;
  const isTruth = /^(?:tinyint|bit)\(1\)$/.test(type);
  const isFilled = /\bzerofill\b/.test(type);
  return {
    name,
    type,
    kind: isTruth ? "boolean" : isFilled ? null : (KINDS[base] ?? null),
    nullable: nullable === "YES",
    enum: base === "enum" ? labelsOf(type) : [],
    letterCase: collation !== null && !collation.endsWith("_ci") ? "kept" : "folded",
  };
}

/** `enum('open','it''s sent')`, in which a quote is written twice. */
function labelsOf(type: string): readonly string[] {
  return [...type.matchAll(/'((?:[^']|'')*)'/g)].map(([, label = ""]) =>
    label.replaceAll("''", "'"),
  );
}
