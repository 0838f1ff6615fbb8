/**
 * Room: compares two policies before a change takes effect.
 * In: the old and the new policy document; cards that wait for a decision.
 * Out: every difference, everything the new policy permits beyond the old one, and text for people.
 * May touch: nothing.
 * This file: lists everything in which the new policy permits more.
 */
import { ChannelName } from "#core/values/vocabulary.ts";
import type { Autonomy } from "#core/contracts/policy.ts";
import { autonomyOf } from "#policy/autonomy.ts";
import { laxerCases, type Relaxation } from "./case-relaxations.ts";
import type { PolicyFile } from "#policy/load-policy.ts";
import { isGroup, person, roleLimitsIn } from "#policy/roles.ts";
import type { PolicyDocument } from "#policy/schema.ts";
import { rewordings } from "#policy/unasked-words.ts";
import { letterOf } from "#policy/voice.ts";

export type { Relaxation };

const CHANNELS = ChannelName.options;

const FREEDOM: Readonly<Record<Autonomy, number>> = { shadow: 0, draft: 1, auto: 2 };

const BEFORE: Readonly<Record<Autonomy, string>> = {
  shadow: "they were not sent",
  draft: "a person read them first",
  auto: "they did so too",
};

/**
 * Everything in which the new file permits more than the old one; empty when it is only stricter or means the same.
 * What cannot be compared counts as permitting more, and so does changed text that customers receive without review.
 * Opening hours, holidays, duty, reminders, routes and the reasons of rules are no permissions.
 */
export function relaxations(
  { document: before }: Pick<PolicyFile, "document">,
  { document: after }: Pick<PolicyFile, "document">,
): readonly Relaxation[] {
  return [
    ...basisOf(before, after),
    ...(before.currency === after.currency ? laxerCases(before, after) : []),
    ...operationsOf(before, after),
    ...limitsOf(before, after),
    ...autonomyIn(before, after),
    ...peopleOf(before, after),
    ...roleLimitsOf(before, after),
    ...delicateOf(before, after),
    ...boundsOf(before, after),
    ...textRelaxations(before, after),
    ...rewordings(before, after),
  ];
}

function basisOf(before: PolicyDocument, after: PolicyDocument): readonly Relaxation[] {
  const found: Relaxation[] = [];
  if (before.currency !== after.currency)
    found.push({
      path: "currency",
      words: `every amount is now one of ${after.currency} instead of ${before.currency}, so none can be compared`,
    });
  if (before.calendar.zone !== after.calendar.zone)
    found.push({
      path: "calendar.zone",
      words: `days now begin at midnight in ${after.calendar.zone} instead of ${before.calendar.zone}, which moves every window and limit`,
    });
  return found;
}

function operationsOf(before: PolicyDocument, after: PolicyDocument): readonly Relaxation[] {
  return Object.entries(before.operations).flatMap(([name, { own_words: ownWords }]) => {
    const path = `operations.${name}`;
    const now = Object.hasOwn(after.operations, name) ? after.operations[name] : undefined;
    if (now === undefined)
      return [
        { path, words: `${name} has no rules any more, so nothing it was refused for holds` },
      ];
    return ownWords === "required" && now.own_words === "not_needed"
      ? [
          {
            path: `${path}.own_words`,
            words: `${name} may be allowed although nobody asked for it in their own words`,
          },
        ]
      : [];
  });
}

/** Removed and new limits are found where rules are compared. */
function limitsOf(before: PolicyDocument, after: PolicyDocument): readonly Relaxation[] {
  return Object.entries(before.limits).flatMap(([name, old]) => {
    const now = Object.hasOwn(after.limits, name) ? after.limits[name] : undefined;
    if (now === undefined) return [];
    const at = (field: keyof typeof now, words: string): Relaxation => ({
      path: `limits.${name}.${field}`,
      words: `${name} ${words}`,
    });
    return [
      ...(isMore(old.count_max, now.count_max)
        ? [at("count_max", `counts ${upTo(now.count_max)} times instead of ${upTo(old.count_max)}`)]
        : []),
      ...(isMore(old.sum_max, now.sum_max)
        ? [at("sum_max", `sums up to ${upTo(now.sum_max)} instead of ${upTo(old.sum_max)}`)]
        : []),
      ...(now.days < old.days
        ? [at("days", `looks back ${now.days} days instead of ${old.days}`)]
        : []),
      ...(now.scope === old.scope
        ? []
        : [at("scope", `counts for ${now.scope} instead of ${old.scope}`)]),
    ];
  });
}

function isMore(before: number | undefined, after: number | undefined): boolean {
  return before !== undefined && (after === undefined || after > before);
}

function upTo(bound: number | undefined): string {
  return bound === undefined ? "any number" : String(bound);
}

function autonomyIn(before: PolicyDocument, after: PolicyDocument): readonly Relaxation[] {
  return CHANNELS.flatMap((channel) => {
    const topics = [before, after].flatMap(({ autonomy }) => Object.keys(autonomy[channel].topics));
    // null stands for every topic that neither file names.
    return [null, ...new Set(topics)].flatMap((topic) => {
      const old = autonomyOf(before, channel, topic ?? "");
      const now = autonomyOf(after, channel, topic ?? "");
      if (FREEDOM[now] <= FREEDOM[old]) return [];
      return [
        {
          path: `autonomy.${channel}.${topic === null ? "default" : `topics.${topic}`}`,
          words: `replies on ${channel}${topic === null ? "" : ` about ${topic}`} go out ${now === "auto" ? "by themselves" : "when a person says so"}; before, ${BEFORE[old]}`,
        },
      ];
    });
  });
}

function peopleOf({ roles: before }: PolicyDocument, { roles: after }: PolicyDocument) {
  const leadsBefore = new Set(before.lead.map(person));
  const supportBefore = new Set(before.support.map(person));
  const supportAfter = new Set(after.support.map(person));
  const isAddress = (name: string): boolean => name.includes("@");
  const called = (name: string): string => (isGroup(name) ? `everybody in ${name}` : name);
  return [
    ...after.support
      .filter((name) => !leadsBefore.has(person(name)) && !supportBefore.has(person(name)))
      .map((name) => ({ path: "roles.support", words: `${called(name)} may now approve` })),
    ...after.lead
      .filter((name) => !leadsBefore.has(person(name)))
      .map((name) => ({ path: "roles.lead", words: `${called(name)} is now a lead` })),
    // Of two names of one person the smaller role counts, and both before their groups, so removing a name can promote
    // them.
    ...before.support
      .filter((name) => !isGroup(name) && !supportAfter.has(person(name)))
      .filter((name) =>
        after.lead.some(
          (lead) =>
            isGroup(lead) || (isAddress(lead) !== isAddress(name) && person(lead) !== person(name)),
        ),
      )
      .map((name) => ({
        path: "roles.support",
        words: `${name} is no longer listed here, and could be a lead under another name`,
      })),
  ];
}

function roleLimitsOf(before: PolicyDocument, after: PolicyDocument): readonly Relaxation[] {
  return roleLimitsIn(before).flatMap(({ role, operation, upTo: old }) => {
    const now = after.role_limits[role]?.[operation]?.up_to;
    if (now !== undefined && now <= old) return [];
    const most = now === undefined ? "any amount" : `up to ${now}`;
    return [
      {
        path: `role_limits.${role}.${operation}`,
        words: `${role} may approve a ${operation} of ${most} instead of up to ${old}`,
      },
    ];
  });
}

function delicateOf(before: PolicyDocument, after: PolicyDocument): readonly Relaxation[] {
  const words = Object.entries(before.delicate.extra_words).flatMap(([topic, list]) => {
    const kept = new Set(
      Object.entries(after.delicate.extra_words).flatMap(([name, now]) =>
        name === topic ? now.map(person) : [],
      ),
    );
    return list
      .filter((word) => !kept.has(person(word)))
      .map((word) => ({
        path: `delicate.extra_words.${topic}`,
        words: `"${word}" no longer makes a message delicate`,
      }));
  });
  const vip = new Set(after.delicate.vip.map(person));
  return [
    ...words,
    ...before.delicate.vip
      .filter((name) => !vip.has(person(name)))
      .map((name) => ({
        path: "delicate.vip",
        words: `messages of ${name} are answered like any other`,
      })),
    ...(before.delicate.group === "sensitive" && after.delicate.group === "tier2"
      ? [{ path: "delicate.group", words: "delicate messages go to the wider group tier2" }]
      : []),
    ...(before.escalation_groups.sensitive === after.escalation_groups.sensitive
      ? []
      : [
          {
            path: "escalation_groups.sensitive",
            words: `delicate messages go to ${after.escalation_groups.sensitive} instead of ${before.escalation_groups.sensitive}`,
          },
        ]),
  ];
}

type Bound = readonly [path: string, of: (document: PolicyDocument) => number];

const CAPPED = ["turn", "conversation", "day"] as const;

/** Bounds that permit more when larger. */
const UPPER: readonly Bound[] = [
  ["approvals.expire_after_opening_hours", ({ approvals }) => approvals.expire_after_opening_hours],
  ["chat_messages_per_minute.per_user", (document) => document.chat_messages_per_minute.per_user],
  [
    "chat_messages_per_minute.per_address",
    (document) => document.chat_messages_per_minute.per_address,
  ],
  ...(["email", "zendesk", "slack", "chat"] as const).map((channel): Bound => [
    `writes_per_ten_minutes.${channel}`,
    (document) => document.writes_per_ten_minutes[channel],
  ]),
  ...CAPPED.flatMap((scope): Bound[] =>
    (["steps", "output_tokens", "usd", "seconds"] as const).map((field) => [
      `caps.${scope}.${field}`,
      ({ caps }) => caps[scope][field],
    ]),
  ),
];

/** Bounds that permit more when smaller. */
const LOWER: readonly Bound[] = [
  ["approvals.undo_seconds", ({ approvals }) => approvals.undo_seconds],
  ["caps.confidence", ({ caps }) => caps.confidence],
];

function boundsOf(before: PolicyDocument, after: PolicyDocument): readonly Relaxation[] {
  const words = ([path, of]: Bound): Relaxation => ({
    path,
    words: `is ${of(after)} instead of ${of(before)}`,
  });
  return [
    ...UPPER.filter(([, of]) => of(after) > of(before)).map(words),
    ...LOWER.filter(([, of]) => of(after) < of(before)).map(words),
  ];
}

/** Links that may go out, and phrases that may not, for every brand of either file and for all others. */
function textRelaxations(before: PolicyDocument, after: PolicyDocument): readonly Relaxation[] {
  const hosts = after.link_hosts.filter((host) => !before.link_hosts.includes(host));
  return [
    ...hosts.map((host) => ({ path: "link_hosts", words: `replies may link to ${host}` })),
    ...CHANNELS.flatMap((channel) => {
      const [old, now] = [before.voice[channel], after.voice[channel]];
      const brands = [null, ...new Set([old, now].flatMap((voice) => Object.keys(voice.brands)))];
      return brands.flatMap((brand) => {
        const kept = new Set(letterOf(now, brand ?? "").forbidden.map(person));
        // What the channel forbade is reported once, not again for each of its brands.
        const own = brand === null ? old.forbidden : (old.brands[brand]?.forbidden ?? []);
        return own
          .filter((phrase) => !kept.has(person(phrase)))
          .map((phrase) => ({
            path: `voice.${channel}${brand === null ? "" : `.brands.${brand}`}.forbidden`,
            words: `"${phrase}" may be written again`,
          }));
      });
    }),
  ];
}
