import type { Signal } from "#core/message.ts";
import type { Audit, Via } from "./schema.ts";

/** Whom the account's records call "us", and what the others are called. */
export interface Account {
  readonly botUserId: number;
  readonly botGroupId: number;
  /** A name for a user id; never fails. */
  readonly nameOf: (userId: number) => string;
  readonly groupNameOf: (groupId: number) => string;
}

interface Standing {
  readonly assignee: number | null;
  readonly group: number | null;
  readonly status: string;
}

/** Rules, routing and the system itself have negative user ids or one of these ways in (names and numbers of "via"). */
const AUTOMATIC_CHANNELS = new Set(["rule", "8", "system"]);
const FINISHED = new Set(["solved", "closed"]);

/**
 * Folds a ticket's audits, oldest first, into what they say beside words. Zendesk changes the group when a person is
 * assigned and the status when anybody is, all in one audit: that is one signal, about where the ticket ended up. What
 * we assigned ourselves is no signal.
 */
export function signalsOf(audits: readonly Audit[], account: Account): Signal[] {
  const signals: Signal[] = [];
  let standing: Standing = { assignee: null, group: null, status: "" };
  for (const audit of audits.toSorted((one, other) => one.id - other.id)) {
    const before = standing;
    standing = standingAfter(before, audit.events);
    const found = [
      assigned(audit, before, standing, account),
      finished(audit, before, standing, account),
      reopened(audit, before, standing, account),
      rated(audit),
    ];
    signals.push(...found.filter((signal) => signal !== null));
  }
  return signals;
}

/** Merging writes into both tickets; on the one that ends there the other stands as the source. */
export function isMerge(via: Via | null | undefined): boolean {
  return via?.source?.rel === "merge" || via?.channel === "merge" || via?.channel === "19";
}

function standingAfter(before: Standing, events: readonly AuditEvent[]): Standing {
  let { assignee, group, status } = before;
  for (const event of events) {
    if (event.type !== "Create" && event.type !== "Change") continue;
    if (event.field_name === "assignee_id") assignee = idOf(event.value);
    if (event.field_name === "group_id") group = idOf(event.value);
    if (event.field_name === "status" && typeof event.value === "string")
      status = event.value.toLowerCase();
  }
  return { assignee, group, status };
}

type AuditEvent = Audit["events"][number];

/** Ids in audits are strings, and an empty one is none. */
function idOf(value: unknown): number | null {
  const id = Number(value);
  return value === null || value === "" || !Number.isSafeInteger(id) || id === 0 ? null : id;
}

function assigned(
  audit: Audit,
  before: Standing,
  after: Standing,
  account: Account,
): Signal | null {
  if (before.assignee === after.assignee && before.group === after.group) return null;
  const changes = audit.events.filter(
    ({ type, field_name: field }) =>
      (type === "Create" || type === "Change") && (field === "assignee_id" || field === "group_id"),
  );
  // A rule that fires after our own write stands in our audit, with its own way in.
  const foreign = changes.filter(
    (event) => audit.author_id !== account.botUserId || isAutomatic(audit, event),
  );
  const to = ownerOf(after, account);
  if (foreign.length === 0 || to === null) return null;
  const assignee =
    after.assignee === null
      ? account.groupNameOf(after.group ?? 0)
      : account.nameOf(after.assignee);
  return {
    kind: "assigned",
    key: `zendesk:audit:${audit.id}`,
    at: timeOf(audit),
    to,
    assignee,
    actor: account.nameOf(audit.author_id),
    automatic: foreign.every((event) => isAutomatic(audit, event)),
  };
}

/** Null when nobody has it: taking everybody off says nothing about who should write. */
function ownerOf({ assignee, group }: Standing, account: Account): "bot" | "human" | null {
  if (assignee !== null) return assignee === account.botUserId ? "bot" : "human";
  if (group === null) return null;
  return group === account.botGroupId ? "bot" : "human";
}

function isAutomatic(audit: Audit, event: AuditEvent): boolean {
  return audit.author_id <= 0 || AUTOMATIC_CHANNELS.has((event.via ?? audit.via)?.channel ?? "");
}

function finished(
  audit: Audit,
  before: Standing,
  after: Standing,
  account: Account,
): Signal | null {
  if (!FINISHED.has(after.status) || FINISHED.has(before.status)) return null;
  const actor = account.nameOf(audit.author_id);
  const { source } = audit.via ?? {};
  const other = source?.from?.ticket_id ?? source?.to?.ticket_id;
  return isMerge(audit.via)
    ? {
        kind: "merged",
        key: `zendesk:audit:${audit.id}:merged`,
        at: timeOf(audit),
        into: String(other ?? "another ticket"),
        actor,
      }
    : {
        kind: "solved",
        key: `zendesk:audit:${audit.id}:solved`,
        at: timeOf(audit),
        actor,
        ...(isFinishedByRule(audit) ? { automatic: true } : {}),
      };
}

/** A rule that fires after a person's change stands in that person's audit, with its own way in. */
function isFinishedByRule(audit: Audit): boolean {
  const change = audit.events.findLast(
    ({ type, field_name: field }) => (type === "Create" || type === "Change") && field === "status",
  );
  return change !== undefined && isAutomatic(audit, change);
}

function reopened(
  audit: Audit,
  before: Standing,
  after: Standing,
  account: Account,
): Signal | null {
  if (!FINISHED.has(before.status) || FINISHED.has(after.status)) return null;
  return {
    kind: "reopened",
    key: `zendesk:audit:${audit.id}:reopened`,
    at: timeOf(audit),
    actor: account.nameOf(audit.author_id),
  };
}

function rated(audit: Audit): Signal | null {
  const event = audit.events.findLast(({ type }) => type === "SatisfactionRating");
  const score = event?.score?.toLowerCase();
  if (score !== "good" && score !== "bad") return null;
  return {
    kind: "rated",
    key: `zendesk:audit:${audit.id}:rated`,
    at: timeOf(audit),
    score,
    comment: event?.body ?? "",
    source: "rating",
  };
}

function timeOf(audit: Audit): string {
  return new Date(audit.created_at).toISOString();
}
