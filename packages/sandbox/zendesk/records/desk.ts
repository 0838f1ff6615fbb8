/**
 * Room: what the account stores: tickets, comments, audits, users and settings, and how each changes.
 * In: drafts and changes from the API, the pages and the control routes.
 * Out: records and their JSON; an announcement of each audit once it is kept.
 * May touch: the journal file. It serves and sends nothing.
 */
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
  Trigger,
  User,
  Webhook,
} from "./account-model.ts";
import { openJournal, type Table } from "./journal.ts";
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

/** Behaviour that varies between Zendesk accounts or over time; `/_sandbox/settings` changes it while running. */
interface Settings {
  /** Seconds the incremental export lags behind; Zendesk leaves out the last minute. */
  exportDelaySeconds: number;
  /** Requests a minute for the whole account. */
  accountPerMinute: number;
  /** Incremental exports a minute. */
  exportsPerMinute: number;
  /** Ticket updates a minute for the whole account. */
  updatesPerMinute: number;
  /**
   * Zendesk's `updated_at` has whole seconds, so of two changes within one second a stale safe update slips through.
   * `true` moves the stamp on by a second with each change instead, so that a conflict is always seen.
   */
  distinctStamps: boolean;
  /** Comments a ticket takes; the next one is refused. */
  commentsPerTicket: number;
  /** Base of the `content_url` of files; empty for the account's own address. */
  contentUrl: string;
  /** Lists by cursor always name a next page, also after the last one. */
  alwaysNextLink: boolean;
}

/** The limits are those of an account with the High Volume add-on; smaller plans are set by a test that needs them. */
const DEFAULT_SETTINGS: Settings = {
  exportDelaySeconds: 60,
  accountPerMinute: 2500,
  exportsPerMinute: 30,
  updatesPerMinute: 300,
  distinctStamps: false,
  commentsPerTicket: 5_000,
  contentUrl: "",
  alwaysNextLink: false,
};

/** The account: its records, its clock, and the one way to change something. */
export interface Desk {
  readonly users: Table<User>;
  readonly groups: Table<Group>;
  readonly memberships: Table<Membership>;
  readonly tickets: Table<Ticket>;
  readonly comments: Table<Comment>;
  readonly audits: Table<Audit>;
  readonly attachments: Table<Attachment>;
  readonly uploads: Table<Upload>;
  readonly ratings: Table<Rating>;
  readonly suspended: Table<Suspended>;
  readonly macros: Table<Macro>;
  readonly articles: Table<Article>;
  readonly webhooks: Table<Webhook>;
  readonly triggers: Table<Trigger>;
  readonly ticketFields: Table<TicketField>;
  readonly tokens: Table<Token>;
  readonly clients: Table<OAuthClient>;
  readonly replays: Table<Replay>;
  readonly secrets: Table<Secret>;
  readonly settings: Settings;
  now(): Date;
  /** Address of the account without a slash at the end. */
  url(): string;
  nextId(kind: keyof typeof FIRST_ID): number;
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
  const journal = openJournal(options.directory, "zendesk.jsonl");
  const counters = journal.table("counters", Counter);
  const announcements: Announcement[] = [];
  const state = { writing: false };
  const desk: Desk = {
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
    triggers: journal.table("triggers", Trigger),
    ticketFields: journal.table("ticket_fields", TicketField),
    tokens: journal.table("tokens", Token),
    clients: journal.table("clients", OAuthClient),
    replays: journal.table("replays", Replay),
    secrets: journal.table("secrets", Secret),
    settings: { ...DEFAULT_SETTINGS },
    now: options.now,
    url: options.url,
    nextId(kind) {
      const last = (counters.get(kind)?.last ?? FIRST_ID[kind] - 1) + 1;
      counters.put({ id: kind, last });
      return last;
    },
    write(change) {
      if (state.writing) return change();
      state.writing = true;
      announcements.length = 0;
      let result;
      try {
        result = journal.write(change);
      } finally {
        state.writing = false;
      }
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

/** Position of the next change in the order of all changes of all tickets. */
export function nextSequence(desk: Desk): number {
  return desk.nextId("record");
}
