/** Audits of the local Zendesk's tickets. */
import { type Desk, stamp } from "./desk.ts";
import {
  type Audit,
  type AuditEvent,
  type Comment,
  type Ticket,
  type Actor,
  viaOf,
} from "./ticket-model.ts";
import { attachmentsJson } from "./comments.ts";

/** The fields whose changes an audit records. */
export const AUDITED_FIELDS = [
  "subject",
  "status",
  "priority",
  "type",
  "assignee_id",
  "group_id",
  "requester_id",
  "tags",
  "external_id",
  "brand_id",
] as const;

/** Ids are strings in audits. */
function auditValue(name: string, value: unknown): unknown {
  return name.endsWith("_id") && typeof value === "number" ? String(value) : value;
}

/** The events of a new ticket's fields. */
export function createEvents(desk: Desk, ticket: Ticket): AuditEvent[] {
  return AUDITED_FIELDS.map((name) => ({
    id: desk.nextId("record"),
    type: "Create" as const,
    field_name: name,
    value: auditValue(name, ticket[name]),
  }));
}

/** The events of the fields that differ. */
export function changeEvents(desk: Desk, before: Ticket, after: Ticket): AuditEvent[] {
  const fields = AUDITED_FIELDS.map((name) => ({
    name: String(name),
    from: before[name],
    to: after[name],
  }));
  const custom = after.custom_fields.map((field) => {
    const old = before.custom_fields.find((candidate) => candidate.id === field.id);
    return { name: String(field.id), from: old?.value, to: field.value };
  });
  const changed = [...fields, ...custom]
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to))
    .map(({ name, from, to }) => ({
      id: desk.nextId("record"),
      type: "Change" as const,
      field_name: name,
      value: auditValue(name, to),
      previous_value: auditValue(name, from ?? null),
    }));
  return [...changed, ...ccEvents(desk, before, after)];
}

/** People in copy appear in an event of their own, by address. */
function ccEvents(desk: Desk, before: Ticket, after: Ticket): AuditEvent[] {
  const addresses = (ticket: Ticket): string[] =>
    ticket.email_cc_ids.map((id) => desk.users.get(id)?.email ?? "");
  const [previous, current] = [addresses(before), addresses(after)];
  if (previous.join() === current.join()) return [];
  const via = viaOf("system");
  return [
    {
      id: desk.nextId("record"),
      type: "EmailCcChange",
      previous_email_ccs: previous,
      current_email_ccs: current,
      via,
    },
  ];
}

/** The event of a comment carries the comment's own id. */
export function commentEvent(desk: Desk, comment: Comment): AuditEvent {
  const { id, audit_id, author_id, body, html_body, plain_body } = comment;
  return {
    id,
    type: "Comment",
    audit_id,
    author_id,
    body,
    html_body,
    plain_body,
    public: comment.public,
    attachments: attachmentsJson(desk, comment.attachment_ids),
  };
}

interface AuditDraft {
  readonly id: number;
  readonly ticket: Ticket;
  readonly events: readonly AuditEvent[];
  readonly custom?: unknown;
}

/** The audit of one change; the caller's own `metadata` is under `custom`. */
export function auditOf(desk: Desk, actor: Actor, draft: AuditDraft): Audit {
  return {
    id: draft.id,
    ticket_id: draft.ticket.id,
    created_at: stamp(desk.now()),
    author_id: actor.user.id,
    metadata: { system: { ...actor.system }, custom: draft.custom ?? {} },
    events: [...draft.events],
    via: actor.via,
  };
}

/** Inside a write: stores the audit of one change. */
export function keepAudit(desk: Desk, actor: Actor, draft: AuditDraft): Audit {
  const audit = auditOf(desk, actor, draft);
  desk.audits.put(audit);
  return audit;
}
