/** Keeps the local Zendesk's records in a file across restarts. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** One record put (`row`) or removed (`row` absent), as written to the journal. */
interface Change {
  readonly table: string;
  readonly id: string | number;
  readonly row?: unknown;
}

const Line = z.array(
  z.object({
    table: z.string(),
    id: z.union([z.string(), z.number()]),
    row: z.unknown().optional(),
  }),
);

/**
 * Rows by id in memory. Writing is only possible inside `Journal.write`, which makes what one request changed appear
 * in the file as one line: after a crash a change is there as a whole or not at all.
 */
export interface Table<Row> {
  get(id: string | number): Row | undefined;
  all(): Row[];
  /** Rows of one owner (the comments of a ticket) in the order they were added. */
  of(owner: number): Row[];
  /** A row of these fields and of the table's defaults; throws where one is missing. It is not kept yet. */
  row(fields: object): Row;
  put(row: Row): void;
  remove(id: string | number): void;
}

interface StoredTable {
  readonly name: string;
  restore(id: string | number, row: unknown): void;
  dump(): Change[];
}

/** The file behind the sandbox: every accepted change is in it before the caller gets its answer. */
export interface Journal {
  table<Row extends { id: string | number }>(
    name: string,
    schema: z.ZodType<Row>,
    owner?: (row: Row) => number,
  ): Table<Row>;
  /** Runs `change`; if it throws, nothing of it remains. */
  write<Result>(change: () => Result): Result;
  /** Reads the file into the tables declared so far and rewrites it without superseded rows. */
  load(): void;
  close(): void;
}

/** Opens the journal `name` in `directory` (created with mode 0700: it holds the sandbox's tokens). */
export function openJournal(directory: string, name: string): Journal {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, name);
  const tables = new Map<string, StoredTable>();
  const state: {
    file: number | undefined;
    pending: { change: Change; undo: () => void }[] | undefined;
  } = {
    file: undefined,
    pending: undefined,
  };

  function record(change: Change, undo: () => void): void {
    if (state.pending === undefined) throw new Error(`${change.table} was changed outside a write`);
    state.pending.push({ change, undo });
  }

  return {
    table(tableName, schema, owner) {
      const made = makeTable(tableName, schema, owner, record);
      tables.set(tableName, made);
      return made;
    },
    write(change) {
      if (state.pending !== undefined) throw new Error("writes do not nest");
      const pending: { change: Change; undo: () => void }[] = [];
      state.pending = pending;
      try {
        const result = change();
        if (state.file === undefined) throw new Error("the journal is closed");
        if (pending.length > 0)
          writeSync(state.file, `${JSON.stringify(pending.map((entry) => entry.change))}\n`);
        return result;
      } catch (error) {
        for (const entry of pending.toReversed()) entry.undo();
        throw error;
      } finally {
        state.pending = undefined;
      }
    },
    load() {
      for (const change of readChanges(path))
        tables.get(change.table)?.restore(change.id, change.row);
      compact(path, [...tables.values()]);
      state.file = openSync(path, "a", 0o600);
    },
    close() {
      if (state.file !== undefined) closeSync(state.file);
      state.file = undefined;
    },
  };
}

function makeTable<Row extends { id: string | number }>(
  name: string,
  schema: z.ZodType<Row>,
  owner: ((row: Row) => number) | undefined,
  record: (change: Change, undo: () => void) => void,
): Table<Row> & StoredTable {
  const rows = new Map<string | number, Row>();
  const owned = new Map<number, Map<string | number, Row>>();

  function set(id: string | number, row: Row | undefined): void {
    const old = rows.get(id);
    if (owner && old !== undefined && row === undefined) owned.get(owner(old))?.delete(id);
    if (row === undefined) {
      rows.delete(id);
      return;
    }
    rows.set(id, row);
    if (!owner) return;
    const siblings = owned.get(owner(row)) ?? new Map<string | number, Row>();
    siblings.set(id, row);
    owned.set(owner(row), siblings);
  }

  return {
    name,
    get: (id) => rows.get(id),
    all: () => [...rows.values()],
    of: (key) => [...(owned.get(key)?.values() ?? [])],
    row: (fields) => schema.parse(fields),
    put(row) {
      const before = rows.get(row.id);
      record({ table: name, id: row.id, row }, () => set(row.id, before));
      set(row.id, row);
    },
    remove(id) {
      const before = rows.get(id);
      record({ table: name, id }, () => set(id, before));
      set(id, undefined);
    },
    restore: (id, row) => set(id, row === undefined ? undefined : schema.parse(row)),
    dump: () => [...rows.values()].map((row) => ({ table: name, id: row.id, row })),
  };
}

/** A line that was torn by a crash is the last one and was never answered, so it is dropped. */
function readChanges(path: string): z.infer<typeof Line> {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  const whole = lines.slice(0, -1);
  return whole.filter((line) => line !== "").flatMap((line) => Line.parse(JSON.parse(line)));
}

/** Written to a temporary file and renamed over, so that a crash here leaves the old file. */
function compact(path: string, tables: readonly StoredTable[]): void {
  const fresh = `${path}.new`;
  const lines = tables.map((table) => table.dump()).filter((rows) => rows.length > 0);
  writeFileSync(fresh, lines.map((rows) => `${JSON.stringify(rows)}\n`).join(""), { mode: 0o600 });
  const file = openSync(fresh, "r");
  fsyncSync(file);
  closeSync(file);
  renameSync(fresh, path);
}
