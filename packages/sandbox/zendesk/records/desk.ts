/**
 * Room: what the account stores: tickets, comments, audits, users and settings, and how each changes.
 * In: drafts and changes from the API, the pages and the control routes.
 * Out: records and their JSON; an announcement of each audit once it is kept.
 * May touch: the journal file. It serves and sends nothing.
 */
import { closeSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readIfThere } from "#sandbox/process/index.ts";
import {
  Article,
  Counter,
  Group,
  Macro,
  Membership,
  OAuthClient,
  Secret,
  TicketField,
  Token,
  User,
  Webhook,
} from "./account-model.ts";
import {
  Attachment,
  Audit,
  Comment,
  Rating,
  Replay,
  Suspended,
  Ticket,
  Upload,
} from "./ticket-model.ts";

/** Ids look like Zendesk's: tickets count from 1 per account, everything else is a large number. */
const FIRST_ID = { ticket: 1, record: 5_100_000_001 } as const;

const limit = z.number().int().positive();

/**
 * Behaviour that varies between Zendesk accounts or over time; `/_sandbox/settings` changes it while running. The limits
 * are those of an account with the High Volume add-on; smaller plans are set by a test that needs them.
 */
export const Settings = z.strictObject({
  /** Seconds the incremental export lags behind; Zendesk leaves out the last minute. */
  exportDelaySeconds: z.number().nonnegative().default(60),
  /** Requests a minute for the whole account. */
  accountPerMinute: limit.default(2500),
  /** Incremental exports a minute. */
  exportsPerMinute: limit.default(30),
  /** Ticket updates a minute for the whole account. */
  updatesPerMinute: limit.default(300),
  /**
   * Zendesk's `updated_at` has whole seconds, so of two changes within one second a stale safe update slips through.
   * `true` moves the stamp on by a second with each change instead, so that a conflict is always seen.
   */
  distinctStamps: z.boolean().default(false),
  /** Comments a ticket takes; the next one is refused. */
  commentsPerTicket: limit.default(5_000),
  /** Base of the `content_url` of files; empty for the account's own address. Pages link to it. */
  contentUrl: z.union([z.literal(""), z.url({ protocol: /^https?$/u })]).default(""),
  /** Every new ticket has its requester for a submitter, whoever is named: what nobody should rely on. */
  ignoreSubmitter: z.boolean().default(false),
  /** The fields of tickets, by id, that have to be filled in before a ticket is solved. */
  requiredToSolve: z.array(z.number().int()).default([]),
  /** The addresses that a sign-in may lead back to, as an admin listed them at the client: `https`, or of this machine. */
  redirectUrls: z
    .array(z.url().regex(/^(?:https:|http:\/\/(?:localhost|127\.0\.0\.1)[:/])/u))
    .default(["http://127.0.0.1:8765/zendesk"]),
  /** The account reminds customers of pending tickets by an automation. */
  pendingAutomation: z.boolean().default(false),
  /** The people of the account's organisation see each other's tickets. */
  sharedTickets: z.boolean().default(false),
  /** Lists by cursor always name a next page, also after the last one. */
  alwaysNextLink: z.boolean().default(false),
});

/** All that is kept of an account, by kind. */
function tablesIn(journal: Journal) {
  return {
    users: journal.table("users", User),
    groups: journal.table("groups", Group),
    memberships: journal.table("memberships", Membership),
    tickets: journal.table("tickets", Ticket),
    comments: journal.table("comments", Comment, (comment) => comment.ticket_id),
    audits: journal.table("audits", Audit, (audit) => audit.ticket_id),
    attachments: journal.table("attachments", Attachment),
    uploads: journal.table("uploads", Upload),
    ratings: journal.table("ratings", Rating),
    suspended: journal.table("suspended", Suspended),
    macros: journal.table("macros", Macro),
    articles: journal.table("articles", Article),
    webhooks: journal.table("webhooks", Webhook),
    ticketFields: journal.table("ticket_fields", TicketField),
    tokens: journal.table("tokens", Token),
    clients: journal.table("clients", OAuthClient),
    replays: journal.table("replays", Replay),
    secrets: journal.table("secrets", Secret),
  };
}

/** The account: its records, its clock, and the one way to change something. */
export interface Desk extends ReturnType<typeof tablesIn> {
  readonly settings: z.infer<typeof Settings>;
  now(): Date;
  /** Address of the account without a slash at the end. */
  url(): string;
  nextId(kind: keyof typeof FIRST_ID): number;
  /**
   * Keeps a new row with these fields, or changes the known one; what is undefined stays as it was, or is as the table
   * has it by default. It gets an id and the times of its making and its change, where such a row has them.
   */
  save<Row extends { readonly id: string | number }>(
    table: Table<Row>,
    fields: { readonly [Name in keyof Row]?: Row[Name] | undefined },
    known?: Row,
  ): Row;
  /**
   * Runs a change as one: kept as a whole and only then told to the listeners, or not at all. A write inside a write
   * is part of the outer one.
   */
  write<Result>(change: () => Result): Result;
  /** Inside a write: tells the listeners of this audit once the write is kept. */
  announce(ticket: Ticket, audit: Audit, extra?: Announcement["extra"]): void;
  close(): void;
}

/** An audit that was kept, with what it does not say itself. */
export interface Announcement {
  readonly ticket: Ticket;
  readonly audit: Audit;
  readonly extra: {
    readonly created?: boolean;
    readonly mergedInto?: number;
    readonly restored?: boolean;
  };
}

/** Opens the account stored in `directory`; `url` and `onChange` are asked late because the port is not known yet. */
export function openDesk(options: {
  readonly directory: string;
  readonly now: () => Date;
  readonly url: () => string;
  readonly onChange: (announcement: Announcement) => void;
}): Desk {
  const journal = openJournal(options.directory);
  const counters = journal.table("counters", Counter);
  const announcements: Announcement[] = [];
  const desk: Desk = {
    ...tablesIn(journal),
    settings: Settings.parse({}),
    now: options.now,
    url: options.url,
    nextId(kind) {
      const last = (counters.get(kind)?.last ?? FIRST_ID[kind] - 1) + 1;
      counters.put({ id: kind, last });
      return last;
    },
    save(table, fields, known) {
      const said = Object.fromEntries(
        Object.entries(fields).filter(([, value]) => value !== undefined),
      );
      const at = stamp(options.now());
      return desk.write(() => {
        const id = known?.id ?? fields.id ?? desk.nextId("record");
        const row = table.row({ created_at: at, ...known, ...said, id, updated_at: at });
        table.put(row);
        return row;
      });
    },
    write(change) {
      if (journal.isWriting()) return change();
      announcements.length = 0;
      const result = journal.write(change);
      for (const announcement of announcements.splice(0)) options.onChange(announcement);
      return result;
    },
    announce(ticket, audit, extra = {}) {
      announcements.push({ ticket, audit, extra });
    },
    close: () => journal.close(),
  };
  journal.load();
  return desk;
}

/** A time as Zendesk writes it: UTC in whole seconds. */
export function stamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

// The file behind the account, in which its records are kept across restarts.

/** One record put (`row`) or removed (`row` absent), as written to the journal. */
const Change = z.object({
  table: z.string(),
  id: z.union([z.string(), z.number()]),
  row: z.unknown().optional(),
});
type Change = z.infer<typeof Change>;

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
  restore(id: string | number, row: unknown): void;
  dump(): Change[];
}

/** The file behind the sandbox: every accepted change is in it before the caller gets its answer. */
type Journal = ReturnType<typeof openJournal>;

/** Opens the journal in `directory` (created with mode 0700: it holds the sandbox's tokens). */
function openJournal(directory: string) {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "zendesk.jsonl");
  const tables = new Map<string, StoredTable>();
  const state: { file?: number; pending?: { change: Change; undo: () => void }[] } = {};

  function record(change: Change, undo: () => void): void {
    if (state.pending === undefined) throw new Error(`${change.table} was changed outside a write`);
    state.pending.push({ change, undo });
  }

  return {
    table<Row extends { id: string | number }>(
      name: string,
      schema: z.ZodType<Row>,
      owner?: (row: Row) => number,
    ): Table<Row> {
      const made = makeTable({ name, schema, owner, record });
      tables.set(name, made);
      return made;
    },
    isWriting: () => state.pending !== undefined,
    /** Runs `change`; if it throws, nothing of it remains. */
    write<Result>(change: () => Result): Result {
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
        delete state.pending;
      }
    },
    /** Reads the file into the tables declared so far and rewrites it without superseded rows. */
    load(): void {
      for (const change of readChanges(path))
        tables.get(change.table)?.restore(change.id, change.row);
      compact(path, [...tables.values()]);
      state.file = openSync(path, "a", 0o600);
    },
    close(): void {
      if (state.file !== undefined) closeSync(state.file);
      delete state.file;
    },
  };
}

function makeTable<Row extends { id: string | number }>({
  name: table,
  schema,
  owner,
  record,
}: {
  readonly name: string;
  readonly schema: z.ZodType<Row>;
  readonly owner: ((row: Row) => number) | undefined;
  readonly record: (change: Change, undo: () => void) => void;
}): Table<Row> & StoredTable {
  const rows = new Map<string | number, Row>();
  const set = (id: string | number, row: Row | undefined): void => {
    if (row === undefined) rows.delete(id);
    else rows.set(id, row);
  };
  const change = (id: string | number, row?: Row): void => {
    const before = rows.get(id);
    record({ table, id, row }, () => set(id, before));
    set(id, row);
  };
  return {
    get: (id) => rows.get(id),
    all: () => [...rows.values()],
    of: (key) => [...rows.values()].filter((row) => owner?.(row) === key),
    row: (fields) => schema.parse(fields),
    put: (row) => change(row.id, row),
    remove: (id) => change(id),
    restore: (id, row) => set(id, row === undefined ? undefined : schema.parse(row)),
    dump: () => [...rows.values()].map((row) => ({ table, id: row.id, row })),
  };
}

/** A line that was torn by a crash is the last one and was never answered, so it is dropped. */
function readChanges(path: string): readonly Change[] {
  const whole = (readIfThere(path) ?? "").split("\n").slice(0, -1);
  return whole
    .filter((line) => line !== "")
    .flatMap((line) => z.array(Change).parse(JSON.parse(line)));
}

/** Written to a temporary file and renamed over, so that a crash here leaves the old file. */
function compact(path: string, tables: readonly StoredTable[]): void {
  const fresh = `${path}.new`;
  const dumps = tables.map((table) => table.dump()).filter((rows) => rows.length > 0);
  const lines = dumps.map((rows) => `${JSON.stringify(rows)}\n`);
  writeFileSync(fresh, lines.join(""), { mode: 0o600, flush: true });
  renameSync(fresh, path);
}
