/**
 * Room: compares two policies before a change takes effect.
 * In: the old and the new policy document; cards that wait for a decision.
 * Out: every change with its effect, everything the new policy permits beyond the old one, and text for people.
 * May touch: nothing.
 * This file: says of every setting when a change of it permits more.
 */
import type { Autonomy, Verify } from "#core/contracts/policy.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { PolicyFile } from "#policy/load-policy.ts";
import { changeNeeds, isGroup, person } from "#policy/roles.ts";
import type { PolicyDocument, VoiceEntry } from "#policy/schema.ts";
import { LETTER_TEXTS, brandLetter } from "#policy/voice.ts";
import { laxerCases } from "./operation-cases.ts";
import {
  additions,
  anyChange,
  changedEntry,
  each,
  fields,
  lowerBound,
  missingFrom,
  noPermission,
  type PolicyChange,
  removals,
  setting,
  upperBound,
  type Walk,
} from "./setting.ts";
import { oneLine } from "#core/values/words.ts";
import { topicAutonomy } from "#policy/decide.ts";
import { LanguageEntry } from "#policy/frames/words.ts";

type Comparable = Pick<PolicyFile, "document">;

/**
 * Every setting in which two files differ, in file order. A setting left out counts with its default, so that writing
 * the default down makes no difference. What cannot be compared permits more, and so does changed text that customers
 * read unasked.
 */
export function comparePolicies(
  { document: before }: Comparable,
  { document: after }: Comparable,
): readonly PolicyChange[] {
  return POLICY(before, after, { keys: [], path: "", before, after });
}

/** Everything in which the new file permits more; empty when it is only stricter or means the same. */
export function relaxationLines(changes: readonly PolicyChange[]): readonly string[] {
  return changes.flatMap(({ cases }) => cases.map(({ path, words }) => `${path}: ${words}`));
}

/**
 * The roles whose holders agree to a change: those in force, but a change that does nothing else than take the role of
 * one lead is decided by the others, so that nobody keeps it by their own vote. Of several at once, as in a group of the
 * desk, those who leave have to agree where the others are too few.
 */
export function decidingRoles(before: Comparable, after: Comparable): PolicyDocument["roles"] {
  const { roles } = before.document;
  const leave = comparePolicies(before, after).flatMap(({ cases }) =>
    cases.map((one) => one.leaves),
  );
  const names = leave.flatMap((name) => name ?? []);
  if (names.length < leave.length || names.length !== 1 || names.some(isGroup)) return roles;
  return { ...roles, lead: [...missingFrom(names, roles.lead)] };
}

/** Who would no longer be a lead, as roles. Who is in a group is not known here, so its members are not among them. */
export function leavingRoles(before: Comparable, after: Comparable): PolicyDocument["roles"] {
  const lead = missingFrom(after.document.roles.lead, before.document.roles.lead);
  return { support: [], lead: lead.filter((name) => !isGroup(name)) };
}

type Operation = PolicyDocument["operations"][string];
type ChannelAutonomy = PolicyDocument["autonomy"]["email"];

/** A changed rule permits more where it decides a case more leniently; of a refusal, customers read the reason. */
const OPERATION: Walk<Operation | undefined> = setting((before, after, at) => {
  const { path, keys } = at;
  const name = keys.at(-1) ?? "";
  return [
    ...laxerCases(name, at, "same"),
    ...newWords(before, after).map(({ rule: { name, reason }, instead }) => ({
      path: `${path}.rules.${name}.reason`,
      words: reworded(instead ?? "", reason),
    })),
    ...(before !== undefined && after === undefined
      ? [{ path, words: `${name} has no rules any more, so nothing it was refused for holds` }]
      : []),
    ...(before?.own_words === "required" && after?.own_words === "not_needed"
      ? [
          {
            path: `${path}.own_words`,
            words: `${name} may be allowed although the customer did not ask for it in their own words`,
          },
        ]
      : []),
    ...(before?.two_witnesses !== "enough" && after?.two_witnesses === "enough"
      ? [
          {
            path: `${path}.two_witnesses`,
            words: `${name} may be allowed although only two witnesses prove the sender of the mail`,
          },
        ]
      : []),
  ];
});

/** What customers read of a refusal whose own words leads did not agree to yet. */
export const REFUSED = "This is not possible here.";

/**
 * The refusals with words that customers did not read before: what a rule of that name said (`own`), and, to show a
 * person, what was said where it stands now.
 */
export function newWords(before: Operation | undefined, after: Operation | undefined) {
  const [refused, refuses] = [refusals(before), refusals(after)];
  const gone = refused.filter(({ name }) => !refuses.some((rule) => rule.name === name));
  return refuses.flatMap((rule) => {
    const own = refused.find(({ name }) => name === rule.name)?.reason;
    // A rule with another name may be one that was renamed.
    const known = own === undefined ? gone.map(({ reason }) => reason) : [own];
    const isKnown = [...known, REFUSED].includes(rule.reason);
    return isKnown ? [] : [{ rule, own, instead: own ?? known[0] }];
  });
}

function refusals(operation: Operation | undefined): Operation["rules"] {
  return (operation?.rules ?? []).filter(({ verdict }) => verdict === "deny");
}

/** An order whose status moves into or out of this list is another case for every operation. */
const UNSHIPPED_STATUSES: Walk<readonly string[]> = setting((_before, _after, at) =>
  [...new Set([at.before, at.after].flatMap(({ operations }) => Object.keys(operations)))].flatMap(
    (name) => laxerCases(name, at, "moved"),
  ),
);

/** A limit decides nothing unless a rule names it, so a removed or new one is found where rules are compared. */
const LIMIT = changedEntry(
  fields<PolicyDocument["limits"][string]>({
    scope: anyChange((before, after) => `counts for ${after} instead of ${before}`),
    days: lowerBound,
    count_max: upperBound,
    sum_max: upperBound,
    over: noPermission,
  }),
);

/** How much each level leaves to Deskhand. */
export const FREEDOM: Readonly<Record<Autonomy, number>> = { shadow: 0, draft: 1, auto: 2 };

const BEFORE: Readonly<Record<Autonomy, string>> = {
  shadow: "they were not sent",
  draft: "a person read them first",
  auto: "they did so too",
};

const AUTONOMY: Walk<ChannelAutonomy> = setting((before, after, { path, keys }) => {
  const topics = [before, after].flatMap((entry) => Object.keys(entry.topics));
  // Null stands for every topic that no file names.
  return [null, ...new Set(topics)].flatMap((topic) => {
    const [old, now] = [topicAutonomy(before, topic ?? ""), topicAutonomy(after, topic ?? "")];
    if (FREEDOM[now] <= FREEDOM[old]) return [];
    return [
      {
        path: `${path}.${topic === null ? "default" : `topics.${topic}`}`,
        words: `replies on ${keys.at(-1)}${topic === null ? "" : ` about ${topic}`} go out ${now === "auto" ? "by themselves" : "when a person says so"}; before, ${BEFORE[old]}`,
      },
    ];
  });
});

const STRICTNESS: Readonly<Record<Verify, number>> = { never: 0, unasked: 1, always: 2 };

const READ_NOW: Readonly<Record<Verify, string>> = {
  never: "are not read against their sources any more",
  unasked: "become cards before they are read against their sources",
  always: "are all read against their sources first",
};

const VERIFY: Walk<Verify> = setting((before, after, { path, keys }) =>
  STRICTNESS[after] >= STRICTNESS[before]
    ? []
    : [{ path, words: `drafts on ${keys.at(-1)} ${READ_NOW[after]}` }],
);

const ROLES: Walk<PolicyDocument["roles"]> = setting((before, after) => {
  const called = (name: string): string => (isGroup(name) ? `every member of ${name}` : name);
  const isAddress = (name: string): boolean => name.includes("@");
  const couldLead = (name: string): boolean =>
    after.lead.some(
      (lead) =>
        isGroup(lead) || (isAddress(lead) !== isAddress(name) && person(lead) !== person(name)),
    );
  return [
    ...missingFrom([...before.lead, ...before.support], after.support).map((name) => ({
      path: "roles.support",
      words: `${called(name)} may now approve`,
    })),
    ...missingFrom(before.lead, after.lead).map((name) => ({
      path: "roles.lead",
      words: `${called(name)} is now a lead`,
    })),
    // A lead who could shut out the others alone would decide alone from then on.
    ...missingFrom(after.lead, before.lead).map((leaves) => ({
      path: "roles.lead",
      words: `${called(leaves)} is no longer a lead`,
      leaves,
    })),
    // When a person has two names, the smaller role counts, and names count before groups, so removing a name can
    // promote that person.
    ...missingFrom(after.support, before.support)
      .filter((name) => !isGroup(name) && couldLead(name))
      .map((name) => ({
        path: "roles.support",
        words: `${name} is no longer listed here, and could be a lead under another name`,
      })),
    ...(changeNeeds(after, []).count < changeNeeds(before, []).count
      ? [{ path: "roles", words: "one person alone could agree to the next change of this file" }]
      : []),
  ];
});

/** A role without a limit may approve any amount. */
const ROLE_LIMIT: Walk<{ readonly up_to: number } | undefined> = setting(
  (before, after, { path, keys: [, role, operation] }) => {
    if (before === undefined || (after !== undefined && after.up_to <= before.up_to)) return [];
    const most = after === undefined ? "any amount" : `up to ${after.up_to}`;
    const words = `${role} may approve a ${operation} of ${most} instead of up to ${before.up_to}`;
    return [{ path, words }];
  },
);

const DELICATE_GROUP: Walk<PolicyDocument["delicate"]["group"]> = setting((_before, after, at) =>
  after === "tier2"
    ? [{ path: at.path, words: "delicate messages go to the wider group tier2" }]
    : [],
);

/** Text that customers read unasked: its author could send them anywhere. */
const CUSTOMER_TEXT = anyChange(reworded);

/** Forbidden phrases and the text around every answer, for every brand either file names and for all others. */
const VOICE: Walk<VoiceEntry> = setting((before, after, { path }) => {
  const brands = new Set([before, after].flatMap((voice) => Object.keys(voice.brands)));
  return [null, ...brands].flatMap((brand) => {
    const [old, now] = [brandLetter(before, brand ?? ""), brandLetter(after, brand ?? "")];
    const [own, ownNow] = [ownTexts(before, brand), ownTexts(after, brand)];
    const at = brand === null ? path : `${path}.brands.${brand}`;
    return [
      // What a brand leaves out is reported once, for its channel.
      ...LETTER_TEXTS.filter((name) => old[name] !== now[name])
        .filter((name) => own[name] !== undefined || ownNow[name] !== undefined)
        .map((name) => ({ path: `${at}.${name}`, words: reworded(old[name], now[name]) })),
      ...(now.tone === "" || old.tone === now.tone || own.tone === ownNow.tone
        ? []
        : [{ path: `${at}.tone`, words: `the model is told ${quoted(now.tone)}` }]),
      ...(old.address === now.address || own.address === ownNow.address
        ? []
        : [
            {
              path: `${at}.address`,
              words: `customers are addressed ${HOW[now.address ?? "formal"]} in the shipped words`,
            },
          ]),
      ...missingFrom(now.forbidden, own.forbidden ?? []).map((phrase) => ({
        path: `${at}.forbidden`,
        words: `"${phrase}" may be written again`,
      })),
    ];
  });
});

const HOW = { formal: "formally", familiar: "familiarly" } as const;

/** What the file says for a brand itself, or for the channel. */
function ownTexts(voice: VoiceEntry, brand: string | null): VoiceEntry["brands"][string] {
  if (brand === null) return voice;
  return (Object.hasOwn(voice.brands, brand) ? voice.brands[brand] : undefined) ?? {};
}

function reworded(before: string, after: string): string {
  return `customers read ${quoted(after)} instead of ${quoted(before)}`;
}

function quoted(words: string): string {
  const line = oneLine(words);
  return line === "" ? "nothing" : `“${line}”`;
}

/** A language that comes or goes changes what its customers read unasked, and so does any word of it. */
const LANGUAGE: Walk<LanguageEntry | undefined> = setting((before, after, { path }) =>
  Object.keys(LanguageEntry.shape).flatMap((name) => {
    const [old, now] = [languageWords(before, name), languageWords(after, name)];
    return old === now ? [] : [{ path: `${path}.${name}`, words: reworded(old, now) }];
  }),
);

function languageWords(entry: LanguageEntry | undefined, name: string): string {
  return Object.entries(entry ?? {}).find(([key]) => key === name)?.[1] ?? "";
}

const CAP = fields<PolicyDocument["caps"]["turn"]>({
  steps: upperBound,
  output_tokens: upperBound,
  usd: upperBound,
  seconds: upperBound,
});

/** What a change of each setting permits. A setting of the schema that is missing here does not compile. */
const POLICY: Walk<PolicyDocument> = fields<PolicyDocument>({
  version: noPermission,
  currency: anyChange(
    (before, after) =>
      `every amount is now one of ${after} instead of ${before}, so none can be compared`,
  ),
  unshipped_statuses: UNSHIPPED_STATUSES,
  operations: each(OPERATION),
  limits: each(LIMIT),
  autonomy: perChannel(AUTONOMY),
  verify: perChannel(VERIFY),
  approvals: fields({
    expire_after_opening_hours: upperBound,
    remind_after_opening_hours: noPermission,
    handover_remind_after_opening_hours: noPermission,
    undo_seconds: lowerBound,
  }),
  roles: ROLES,
  role_limits: each(each(ROLE_LIMIT)),
  calendar: fields({
    zone: anyChange(
      (before, after) =>
        `days now begin at midnight in ${after} instead of ${before}, which moves every window and limit`,
    ),
    language: noPermission,
    open: noPermission,
    holidays: noPermission,
    duty: noPermission,
    fallback_lead: noPermission,
  }),
  routing: noPermission,
  team_languages: noPermission,
  cards: fields({ names_in_notifications: noPermission, thanks_without_card: noPermission }),
  digest: noPermission,
  alerts: noPermission,
  junk: noPermission,
  mail: setting((before, after, { path }) => [
    ...(before?.keep_cc !== true && after?.keep_cc === true
      ? [{ path, words: "answers by mail go to those in To and Cc as well" }]
      : []),
    ...(before?.reference_line !== true && after?.reference_line === true
      ? [
          {
            path,
            words:
              "a signed reply that quotes an answer of ours counts as proven by two witnesses, also where these are enough",
          },
        ]
      : []),
  ]),
  guard: fields({
    harmless_phrases: additions((words) => `the guard no longer judges "${words}"`),
    trusted_senders: additions((name) => `no message of ${name} is stopped by the guard`),
  }),
  delicate: fields({
    group: DELICATE_GROUP,
    page: noPermission,
    holding_text: CUSTOMER_TEXT,
    extra_words: each(removals((word) => `"${word}" no longer makes a message delicate`)),
    vip: removals((name) => `messages of ${name} are answered like any other`),
  }),
  texts: fields({
    handover: CUSTOMER_TEXT,
    unavailable: CUSTOMER_TEXT,
    pending: CUSTOMER_TEXT,
    paused: CUSTOMER_TEXT,
    answered_privately: CUSTOMER_TEXT,
    closed: CUSTOMER_TEXT,
  }),
  languages: each(LANGUAGE),
  link_hosts: additions((host) => `replies may link to ${host}`),
  contacts: additions((contact) => `replies may name ${contact} without a person`),
  caps: fields({
    turn: CAP,
    conversation: CAP,
    day: CAP,
    confidence: lowerBound,
    pages: lowerBound,
    questions: upperBound,
  }),
  shop_retry_minutes: noPermission,
  chat_messages_per_minute: fields({ per_user: upperBound, per_address: upperBound }),
  status_after_reply: noPermission,
  quiet_ms: noPermission,
  resolution: noPermission,
  voice: perChannel(VOICE),
  writes_per_ten_minutes: perChannel(upperBound),
});

function perChannel<Value>(walk: Walk<Value>): Walk<Readonly<Record<ChannelName, Value>>> {
  return fields({ email: walk, zendesk: walk, slack: walk, chat: walk });
}
