/** Reads from a ticket's audits who owns it and how that changed. */
import type { Signal } from "#core/values/message.ts";
import { assignedReason, ownerAfter, toldReason } from "#core/cases/ownership.ts";
import { isAutomaticChange } from "./authors.ts";
import type { Audit, Via } from "#zendesk/api/schema.ts";
import { RESUME_TAG, type Programs } from "#zendesk/options.ts";

/** Which user and group of the account are the bot's, and the names of the others. */
export interface Account {
  readonly botUserId: number;
  readonly botGroupId: number;
  readonly programs: Programs;
  /** A name for a user id; never fails. */
  readonly nameOf: (userId: number) => string;
  readonly groupNameOf: (groupId: number) => string;
  readonly isEndUser: (userId: number) => boolean;
}

interface TicketOwner {
  readonly assignee: number | null;
  readonly group: number | null;
  readonly status: string;
}

const FINISHED_STATUSES = new Set(["solved", "closed"]);

/**
 * Turns a ticket's audits, oldest first, into signals. When Zendesk changes assignee, group and status in one audit,
 * that is one signal, about where the ticket ended up. What we assigned ourselves is no signal.
 */
export function ownershipSignals(audits: readonly Audit[], account: Account): Signal[] {
  let signals: Signal[] = [];
  let before: TicketOwner = { assignee: null, group: null, status: "" };
  for (const audit of audits.toSorted((one, other) => one.id - other.id)) {
    const after = ownerAfterEvents(before, audit.events);
    const change = { audit, before, after, account };
    const made = SIGNALS.flatMap((signal) => signal(change) ?? []);
    // A version that knew no side conversations went on after one, and its audit is new to this one.
    if (isOursAgain(change, made)) signals = signals.filter(({ key }) => !key.endsWith(SIDE_KEY));
    signals.push(...made);
    before = after;
  }
  return signals;
}

/** We answered the customer, or a person gave the ticket back. */
function isOursAgain({ audit, account }: TicketChange, made: readonly Signal[]): boolean {
  return (
    (audit.author_id === account.botUserId &&
      audit.events.some((event) => event.type === "Comment" && event.public === true)) ||
    made.some((one) => one.kind === "assigned" && one.to === "bot" && !one.automatic)
  );
}

/** How the key of a signal about a side conversation ends. */
export const SIDE_KEY = ":side";

/** One audit, with whom the ticket was with before and after it. */
interface TicketChange {
  readonly audit: Audit;
  readonly before: TicketOwner;
  readonly after: TicketOwner;
  readonly account: Account;
}

/** What an audit may say, each in its turn. */
const SIGNALS: readonly ((change: TicketChange) => Signal | null)[] = [
  assignedSignal,
  sideConversationSignal,
  handBackSignal,
  absorbedSignal,
  finishedSignal,
  reopenedSignal,
  ratedSignal,
];

/** Merging writes to both tickets; the one that is closed names the other as its source. */
export function isMerge(via: Via | null | undefined): boolean {
  return via?.source?.rel === "merge" || via?.channel === "merge" || via?.channel === "19";
}

function ownerAfterEvents(before: TicketOwner, events: readonly AuditEvent[]): TicketOwner {
  let { assignee, group, status } = before;
  for (const event of events) {
    if (event.type !== "Create" && event.type !== "Change") continue;
    if (event.field_name === "assignee_id") assignee = idOrNull(event.value);
    if (event.field_name === "group_id") group = idOrNull(event.value);
    if (event.field_name === "status" && typeof event.value === "string")
      status = event.value.toLowerCase();
  }
  return { assignee, group, status };
}

type AuditEvent = Audit["events"][number];

/** Ids in audits are strings; an empty one means none. */
function idOrNull(value: unknown): number | null {
  const id = Number(value);
  return value === null || value === "" || !Number.isSafeInteger(id) || id === 0 ? null : id;
}

function assignedSignal({ audit, before, after, account }: TicketChange): Signal | null {
  if (before.assignee === after.assignee && before.group === after.group) return null;
  const changes = audit.events.filter(
    ({ type, field_name: field }) =>
      (type === "Create" || type === "Change") && (field === "assignee_id" || field === "group_id"),
  );
  // A rule that fires after our own write appears in our audit, with its own `via`.
  const foreign = changes.filter(
    (event) => audit.author_id !== account.botUserId || isAutomatic(audit, event, account),
  );
  // No customer assigns: Zendesk did it, by the group of their organisation or the only one there is.
  const isZendesks = account.isEndUser(audit.author_id);
  const to = ownerKind(after, account);
  if (foreign.length === 0 || to === null) return null;
  const automatic = isZendesks || foreign.every((event) => isAutomatic(audit, event, account));
  const assignee =
    after.assignee === null
      ? account.groupNameOf(after.group ?? 0)
      : account.nameOf(after.assignee);
  return {
    kind: "assigned",
    ...noted(audit),
    to,
    assignee,
    ...(after.assignee === null ? { holder: null } : {}),
    actor: automatic ? programName(audit, foreign, account) : account.nameOf(audit.author_id),
    automatic,
    source: auditSource(audit),
  };
}

/** "Collaboration thread created" in Zendesk's reference of audit events, which names no value of `type`. */
const SIDE_CONVERSATION = /^collab(?:oration)?[ _]?thread[ _]?created$/i;

/** A teammate who asks another person about the ticket is at work on it. */
function sideConversationSignal({ audit, account }: TicketChange): Signal | null {
  const begun = audit.events.find(({ type }) => SIDE_CONVERSATION.test(type));
  if (begun === undefined || audit.author_id === account.botUserId) return null;
  if (isAutomatic(audit, begun, account)) return null;
  return {
    kind: "assigned",
    ...noted(audit, SIDE_KEY),
    to: "human",
    assignee: "the team, by a side conversation",
    holder: account.nameOf(audit.author_id),
    actor: account.nameOf(audit.author_id),
    automatic: false,
    source: auditSource(audit),
  };
}

/** The name of what made an automatic change: the rule's title if it has one, else the program's or the system's. */
function programName(audit: Audit, events: readonly AuditEvent[], account: Account): string {
  const rule = events.map((event) => (event.via ?? audit.via)?.source?.from?.title).find(Boolean);
  return rule
    ? `the rule “${rule}”`
    : account.nameOf(isRule(audit) || account.isEndUser(audit.author_id) ? 0 : audit.author_id);
}

/** A rule that fires on its own or in another author's audit has no author of its own. */
function isRule({ author_id: author, events }: Audit): boolean {
  return author <= 0 || events.some(({ via }) => via !== null && via !== undefined);
}

function auditSource({ id }: Audit): string {
  return `audit ${id}`;
}

/**
 * Each time a teammate adds the tag is one hand-back. Tags a new ticket starts with do not count, since a follow-up
 * inherits its parent's. Neither a rule nor a program hands back.
 */
function handBackSignal({ audit, account }: TicketChange): Signal | null {
  const { botUserId } = account;
  const added = audit.events.find(
    (event) =>
      event.type === "Change" &&
      event.field_name === "tags" &&
      tagsIn(event.value).includes(RESUME_TAG) &&
      !tagsIn(event.previous_value).includes(RESUME_TAG),
  );
  if (added === undefined || audit.author_id === botUserId || isAutomatic(audit, added, account))
    return null;
  return {
    kind: "assigned",
    ...noted(audit, ":resumed"),
    to: "bot",
    assignee: `the bot with the tag ${RESUME_TAG}`,
    actor: account.nameOf(audit.author_id),
    automatic: false,
    source: auditSource(audit),
  };
}

/** Audits hold tags as a list or, in older ones, as one text separated by spaces. */
function tagsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? value.split(/\s+/) : [];
}

/** On the ticket that continues, a merge appears as a comment from the one that was closed. */
function absorbedSignal({ audit, before, account }: TicketChange): Signal | null {
  const other = audit.via?.source?.from?.ticket_id;
  const closesHere = audit.events.some(
    ({ field_name: field, value }) => field === "status" && value === "closed",
  );
  if (!isMerge(audit.via) || closesHere || before.status === "closed" || !other) return null;
  return {
    kind: "absorbed",
    ...noted(audit, ":absorbed"),
    from: `ticket ${other}`,
    actor: account.nameOf(audit.author_id),
    source: auditSource(audit),
  };
}

/** Into which ticket this one was merged, and by whom; null when it was not merged. */
export function mergeReason(signals: readonly Signal[]): string | null {
  const merged = signals.findLast(({ kind }) => kind === "merged");
  return merged === undefined
    ? null
    : ownerAfter({ owner: "bot", reason: toldReason("") }, merged).reason.words;
}

interface OwnedTicket {
  readonly signals: readonly Signal[];
  readonly audits: readonly Audit[];
  readonly account: Account;
}

/**
 * Why the bot may not write to the customer as these audits have it, or null while it may. What a rule did after we
 * had handed the ticket over ourselves is no reason: routing gives what waits in a group to an agent there.
 */
export function takeoverReason({ signals, audits, account }: OwnedTicket): string | null {
  const given = signals.flatMap((signal) => (signal.kind === "assigned" ? [signal] : []));
  const counted = given.filter(({ to, automatic }) => !(automatic && to === "bot"));
  const last = counted.at(-1);
  if (last === undefined || last.to === "bot") return null;
  const decided = counted.findLast(({ automatic }) => !automatic);
  return last.automatic && decided?.to !== "human" && hasHandedOver(audits, last.at, account)
    ? null
    : assignedReason(last);
}

function hasHandedOver(audits: readonly Audit[], before: string, account: Account): boolean {
  return audits.some(
    (audit) =>
      audit.author_id === account.botUserId &&
      Date.parse(audit.created_at) <= Date.parse(before) &&
      audit.events.some(
        (event) =>
          event.type === "Change" &&
          event.field_name === "group_id" &&
          ![null, account.botGroupId].includes(idOrNull(event.value)),
      ),
  );
}

/** Null when it is unassigned: unassigning says nothing about who should write. */
function ownerKind({ assignee, group }: TicketOwner, account: Account): "bot" | "human" | null {
  if (assignee !== null) return assignee === account.botUserId ? "bot" : "human";
  if (group === null) return null;
  return group === account.botGroupId ? "bot" : "human";
}

function isAutomatic(audit: Audit, event: AuditEvent, { programs }: Account): boolean {
  return isAutomaticChange({ author_id: audit.author_id, via: event.via ?? audit.via }, programs);
}

function finishedSignal({ audit, before, after, account }: TicketChange): Signal | null {
  if (!FINISHED_STATUSES.has(after.status) || FINISHED_STATUSES.has(before.status)) return null;
  const actor = account.nameOf(audit.author_id);
  const { source } = audit.via ?? {};
  const other = source?.from?.ticket_id ?? source?.to?.ticket_id;
  if (isMerge(audit.via)) {
    const into = String(other ?? "another ticket");
    return { kind: "merged", ...noted(audit, ":merged"), into, actor, source: auditSource(audit) };
  }
  const automatic = isFinishedByProgram(audit, account) ? { automatic: true } : {};
  return { kind: "solved", ...noted(audit, ":solved"), actor, ...automatic };
}

/** What a reply of ours solved, no person considers answered either. */
function isFinishedByProgram(audit: Audit, account: Account): boolean {
  return audit.author_id === account.botUserId || isFinishedByRule(audit, account);
}

/** A rule that fires after a person's change appears in that person's audit, with its own `via`. */
function isFinishedByRule(audit: Audit, account: Account): boolean {
  const change = statusChange(audit);
  return change !== undefined && isAutomatic(audit, change, account);
}

/** A status of the team's own may stand there alone, without its category. */
const STATUS_FIELDS = new Set(["status", "custom_status_id"]);

function statusChange({ events }: Audit): AuditEvent | undefined {
  return events.findLast(
    ({ type, field_name: field }) =>
      (type === "Create" || type === "Change") && STATUS_FIELDS.has(field ?? ""),
  );
}

/** Whether the status a ticket has is the one that the bot gave it, and no rule in the bot's audit. */
export function hasBotsStatus(audits: readonly Audit[], account: Account): boolean {
  const last = audits.findLast((audit) => statusChange(audit) !== undefined);
  return last?.author_id === account.botUserId && !isFinishedByRule(last, account);
}

function reopenedSignal({ audit, before, after, account }: TicketChange): Signal | null {
  if (!FINISHED_STATUSES.has(before.status) || FINISHED_STATUSES.has(after.status)) return null;
  const actor = account.nameOf(audit.author_id);
  return { kind: "reopened", ...noted(audit, ":reopened"), actor };
}

function ratedSignal({ audit }: TicketChange): Signal | null {
  const event = audit.events.findLast(({ type }) => type === "SatisfactionRating");
  const score = event?.score?.toLowerCase();
  if (score !== "good" && score !== "bad") return null;
  return {
    kind: "rated",
    ...noted(audit, ":rated"),
    score,
    comment: event?.body ?? "",
    source: "rating",
  };
}

/** When an audit was made, and the name of what is told of it: an assignment bears the audit's own. */
function noted({ id, created_at }: Audit, what = ""): Pick<Signal, "key" | "at"> {
  return { key: `zendesk:audit:${id}${what}`, at: new Date(created_at).toISOString() };
}
