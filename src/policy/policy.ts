import { digest } from "#core/canonical.ts";
import type { Delicate } from "#core/guard.ts";
import type { Autonomy, Decision, Policy, PolicyQuestion } from "#core/policy.ts";
import type { Role } from "#core/names.ts";
import { createCalendar } from "./calendar.ts";
import { person } from "./check.ts";
import { decideBy, type Terms } from "./decide.ts";
import { readDocument } from "./document.ts";
import { limitsNeededBy, limitsOf } from "./limits.ts";
import { ONE_PERSON, rulesOf } from "./rules.ts";
import type { PolicyDocument } from "./schema.ts";
import { compose } from "./voice.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** What the file says beyond the core contract, for the parts that are put together at start. */
export interface LoadedPolicy extends Policy {
  /** Who answers now, and whom to tell when a card needs more people than that. */
  readonly duty: { readonly onDuty: readonly string[]; readonly fallbackLead: string };
  /** Now when the team is there, else when it next is: for the message that names the next opening. */
  opensAt(at: Date): Date;
  /** The names of the two groups where teammates work. */
  readonly escalationGroups: { readonly tier2: string; readonly sensitive: string };
  /** Words and people the input guard watches for beside its own lists. */
  readonly delicateWatch: {
    readonly words: Readonly<Partial<Record<Delicate, readonly string[]>>>;
    readonly vip: readonly string[];
  };
  readonly chatMessagesPerMinute: { readonly perUser: number; readonly perAddress: number };
}

/**
 * Reads a policy file. Throws `policy.invalid` with every problem in it, each with file, line, field and reason.
 * The file name is only for those lines.
 */
export function loadPolicy(text: string, fileName: string): LoadedPolicy {
  const document = readDocument(text, fileName);
  const terms = termsOf(document);
  const { calendar } = terms;
  return {
    version: digest(document).slice(0, 16),
    operations: [...terms.operations.keys(), "reply"],
    limitsNeeded(operation, customerId, at) {
      const rules = terms.operations.get(operation)?.rules ?? [];
      return limitsNeededBy(terms.limits, rules, { customerId, at, calendar });
    },
    decide: (question) =>
      question.operation === "reply" ? replyBy(document, question) : decideBy(terms, question),
    replyAutonomy: (channel, topic) => autonomyOf(document, channel, topic),
    roleOf: (teammate) => roleIn(document.roles, teammate),
    expiresAt: (from) =>
      calendar.afterOpenTime(from, document.approvals.expire_after_opening_hours * HOUR_MS),
    undoMs: document.approvals.undo_seconds * 1_000,
    sign: (body, { channel, ...options }) => compose(document.voice[channel], body, options),
    linkHosts: document.link_hosts,
    texts: {
      handover: document.texts.handover,
      unavailable: document.texts.unavailable,
      pending: document.texts.pending,
      answeredPrivately: document.texts.answered_privately,
    },
    delicate: {
      group: document.delicate.group,
      page: document.delicate.page,
      holdingText: document.delicate.holding_text,
    },
    caps: {
      stepsMax: document.caps.steps,
      outputTokensMax: document.caps.output_tokens,
      turnMs: document.caps.turn_ms,
      confidenceMin: document.caps.confidence,
      shopRetryMs: document.shop_retry_minutes * MINUTE_MS,
    },
    quietMs: (channel) => document.quiet_ms[channel],
    duty: { onDuty: document.calendar.on_duty, fallbackLead: document.calendar.fallback_lead },
    opensAt: (at) => calendar.opensAt(at),
    escalationGroups: document.escalation_groups,
    delicateWatch: { words: document.delicate.extra_words, vip: document.delicate.vip },
    chatMessagesPerMinute: {
      perUser: document.chat_messages_per_minute.per_user,
      perAddress: document.chat_messages_per_minute.per_address,
    },
  };
}

function termsOf(document: PolicyDocument): Terms {
  return {
    currency: document.currency,
    unshippedStatuses: new Set(document.unshipped_statuses),
    operations: new Map(
      Object.entries(document.operations).map(([name, entry]) => [
        name,
        rulesOf(name, entry, document),
      ]),
    ),
    limits: limitsOf(document),
    calendar: createCalendar(document.calendar),
  };
}

function autonomyOf(
  { autonomy }: PolicyDocument,
  channel: PolicyQuestion["channel"],
  topic: string,
): Autonomy {
  const { topics, default: otherwise } = autonomy[channel];
  return Object.hasOwn(topics, topic) ? (topics[topic] ?? otherwise) : otherwise;
}

/** A reply has no tiers of its own: the channel's autonomy says whether it goes out, is asked for, or stays inside. */
function replyBy(document: PolicyDocument, { channel, topic }: PolicyQuestion): Decision {
  const autonomy = autonomyOf(document, channel, topic);
  const base = { rule: "reply.autonomy", reservations: [] };
  switch (autonomy) {
    case "auto":
      return {
        ...base,
        verdict: "allow",
        reason: `Replies on ${channel} go out when the output check passes.`,
        approvers: { count: 0, leads: 0 },
      };
    case "draft":
      return {
        ...base,
        verdict: "ask",
        reason: `Replies on ${channel} are read by a person first.`,
        approvers: ONE_PERSON,
      };
    case "shadow":
      return {
        ...base,
        verdict: "deny",
        reason: `On ${channel} drafts are only shown to the team; nothing is sent.`,
        approvers: { count: 0, leads: 0 },
      };
    default:
      throw new Error(`unknown autonomy ${String(autonomy satisfies never)}`);
  }
}

/** Somebody whose two names hold different roles gets the smaller one. */
function roleIn(
  roles: PolicyDocument["roles"],
  { id, email }: { readonly id: string; readonly email: string | null },
): Role | null {
  const names = [id, ...(email === null ? [] : [email])].map(person);
  const holds = (list: readonly string[]): boolean =>
    list.some((entry) => names.includes(person(entry)));
  if (holds(roles.support)) return "support";
  return holds(roles.lead) ? "lead" : null;
}
