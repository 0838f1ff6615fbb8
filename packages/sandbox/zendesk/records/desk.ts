/**
 * Room: what the account stores: tickets, comments, audits, users and settings, and how each changes.
 * In: drafts and changes from the API, the pages and the control routes.
 * Out: records and their JSON; an announcement of each audit once it is kept.
 * May touch: the journal file. It serves and sends nothing.
 */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readIfThere, replaceFile } from "#sandbox/process/index.ts";
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
function tablesIn(journal: ReturnType<typeof openJournal>) {
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
export type Desk = ReturnType<typeof openDesk>;

/** An audit that was kept, with what it does not say itself. */
export interface Announcement {
  readonly ticket: Ticket;
  readonly audit: Audit;
  readonly extra: {
    readonly created?: boolean;
    readonly merged?: true;
    readonly restored?: boolean;
  };
}

/** Opens the account stored in `directory`; `url` and `onChange` are asked late because the port is not known yet. */
export function openDesk({
  directory,
  now,
  url,
  onChange,
}: {
  readonly directory: string;
  readonly now: () => Date;
  /** Address of the account without a slash at the end. */
  readonly url: () => string;
  readonly onChange: (announcement: Announcement) => void;
}) {
  const journal = openJournal(directory);
  const tables = tablesIn(journal);
  const counters = journal.table("counters", Counter);
  journal.load();
  let announcements: Announcement[] = [];
  /**
   * Runs a change as one: kept as a whole and only then told to the listeners, or not at all. A write inside a write
   * is part of the outer one.
   */
  function write<Result>(change: () => Result): Result {
    if (journal.isWriting()) return change();
    announcements = [];
    const result = journal.write(change);
    for (const announcement of announcements.splice(0)) onChange(announcement);
    return result;
  }
  function nextId(kind: keyof typeof FIRST_ID): number {
    const last = (counters.get(kind)?.last ?? FIRST_ID[kind] - 1) + 1;
    counters.put({ id: kind, last });
    return last;
  }
  return {
    ...tables,
    settings: Settings.parse({}),
    now,
    url,
    nextId,
    write,
    /**
     * Keeps a new row with these fields, or changes the known one; what is undefined stays as it was, or is as the table
     * has it by default. It gets an id and the times of its making and its change, where such a row has them.
     */
    save<Row extends { readonly id: string | number }>(
      table: Table<Row>,
      fields: { readonly [Name in keyof Row]?: Row[Name] | undefined },
      known?: Row,
    ): Row {
      const said = Object.fromEntries(
        Object.entries(fields).filter(([, value]) => value !== undefined),
      );
      const at = stamp(now());
      return write(() => {
        const id = known?.id ?? fields.id ?? nextId("record");
        const row = table.row({ created_at: at, ...known, ...said, id, updated_at: at });
        table.put(row);
        return row;
      });
    },
    /** Inside a write: tells the listeners of this audit once the write is kept. */
    announce: (ticket: Ticket, audit: Audit, extra: Announcement["extra"] = {}) =>
      void announcements.push({ ticket, audit, extra }),
    close: () => journal.close(),
  };
}

/** A time as Zendesk writes it: UTC in whole seconds. */
export function stamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

// The file behind the account, in which its records are kept across restarts.

const Id = z.union([z.string(), z.number()]);
type Id = z.infer<typeof Id>;

/** One record put (`row`) or removed (`row` absent), as written to the journal. */
const Change = z.object({ table: z.string(), id: Id, row: z.unknown().optional() });
type Change = z.infer<typeof Change>;

/** Notes a change of a write, and how it is taken back. */
type Record = (change: Change, undo: () => void) => void;

/** Opens the journal in `directory` (created with mode 0700: it holds the sandbox's tokens). */
function openJournal(directory: string) {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "zendesk.jsonl");
  const tables = new Map<string, Pick<Table<{ readonly id: Id }>, "restore" | "dump">>();
  let file: number | undefined;
  let pending: { readonly change: Change; readonly undo: () => void }[] | undefined;
  const record: Record = (change, undo) => {
    if (pending === undefined) throw new Error(`${change.table} was changed outside a write`);
    pending.push({ change, undo });
  };
  return {
    table<Row extends { readonly id: Id }>(
      name: string,
      schema: z.ZodType<Row>,
      owner?: (row: Row) => number,
    ): Table<Row> {
      const made = makeTable(name, schema, record, owner);
      tables.set(name, made);
      return made;
    },
    isWriting: () => pending !== undefined,
    /**
     * Runs `change`, which appears in the file as one line before the caller gets its answer: after a crash it is there
     * as a whole or not at all. If it throws, nothing of it remains.
     */
    write<Result>(change: () => Result): Result {
      pending = [];
      try {
        const result = change();
        if (file === undefined) throw new Error("the journal is closed");
        const changes = pending.map((entry) => entry.change);
        if (changes.length > 0) writeSync(file, `${JSON.stringify(changes)}\n`);
        return result;
      } catch (error) {
        for (const { undo } of pending.toReversed()) undo();
        throw error;
      } finally {
        pending = undefined;
      }
    },
    /** Reads the file into the tables declared so far and rewrites it without superseded rows. */
    load(): void {
      for (const change of readChanges(path))
        tables.get(change.table)?.restore(change.id, change.row);
      const dumps = [...tables.values()].map((table) => table.dump());
      const lines = dumps.filter((rows) => rows.length > 0).map((rows) => JSON.stringify(rows));
      replaceFile(path, lines.map((line) => `${line}\n`).join(""));
      file = openSync(path, "a", 0o600);
    },
    close(): void {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** Rows by id in memory; they are only changed inside a write. */
export type Table<Row extends { readonly id: Id }> = ReturnType<typeof makeTable<Row>>;

function makeTable<Row extends { readonly id: Id }>(
  table: string,
  schema: z.ZodType<Row>,
  record: Record,
  owner?: (row: Row) => number,
) {
  const rows = new Map<Id, Row>();
  const set = (id: Id, row: Row | undefined): void => {
    if (row === undefined) rows.delete(id);
    else rows.set(id, row);
  };
  const change = (id: Id, row?: Row): void => {
    const before = rows.get(id);
    record({ table, id, row }, () => set(id, before));
    set(id, row);
  };
  return {
    get: (id: Id) => rows.get(id),
    all: () => [...rows.values()],
    /** Rows of one owner (the comments of a ticket) in the order they were added. */
    of: (key: number) => [...rows.values()].filter((row) => owner?.(row) === key),
    /** A row of these fields and of the table's defaults; throws where one is missing. It is not kept yet. */
    row: (fields: object) => schema.parse(fields),
    put: (row: Row) => change(row.id, row),
    remove: (id: Id) => change(id),
    restore: (id: Id, row: unknown) => set(id, row === undefined ? undefined : schema.parse(row)),
    dump: (): Change[] => [...rows.values()].map((row) => ({ table, id: row.id, row })),
  };
}

/** A line that was torn by a crash is the last one and was never answered, so it is dropped. */
function readChanges(path: string): readonly Change[] {
  const whole = (readIfThere(path) ?? "").split("\n").slice(0, -1);
  return whole
    .filter((line) => line !== "")
    .flatMap((line) => z.array(Change).parse(JSON.parse(line)));
}
