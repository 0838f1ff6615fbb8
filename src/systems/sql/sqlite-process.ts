/** The program of the process that reads one file of SQLite, named by its first argument. It ends with its parent. */
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";

const path = z.string().parse(process.argv[2]);
const Asked = z.object({
  text: z.string(),
  values: z.array(z.union([z.string(), z.number(), z.boolean()])),
});

/** Result codes of SQLite (sqlite.org/rescode.html) for a lock of another program. */
const LOCKED = [5, 6];

/** The same for a file that is damaged, cannot be opened, or is no database. */
const UNREADABLE = [11, 14, 26];

let database: DatabaseSync | null = null;

/** Opened for reading only, so that no statement can write whatever it says. */
function opened(): DatabaseSync {
  database ??= new DatabaseSync(path, {
    readOnly: true,
    allowExtension: false,
    enableDoubleQuotedStringLiterals: false,
    timeout: 1_000,
  });
  return database;
}

/** Whole numbers that JavaScript cannot hold are handed on as text. */
function cellOf(value: unknown): string | number | null {
  if (typeof value === "bigint")
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return typeof value === "string" || typeof value === "number" ? value : null;
}

function answerTo(value: unknown): unknown {
  const { text, values } = Asked.parse(value);
  try {
    const statement = opened().prepare(text);
    statement.setReadBigInts(true);
    const bound = values.map((one) => (typeof one === "boolean" ? Number(one) : one));
    const rows = statement.all(...bound).map((row) => {
      const cells = Object.entries(row).map(([name, cell]) => [name, cellOf(cell)]);
      return Object.fromEntries(cells);
    });
    return { rows };
  } catch (error) {
    const code = resultCode(error);
    if (LOCKED.includes(code)) return { failure: "busy" };
    return { failure: UNREADABLE.includes(code) ? "file" : "statement" };
  }
}

function resultCode(error: unknown): number {
  return z.object({ errcode: z.number() }).safeParse(error).data?.errcode ?? 0;
}

process.on("message", (value: unknown) => process.send?.(answerTo(value)));
process.send?.({ ready: true });
