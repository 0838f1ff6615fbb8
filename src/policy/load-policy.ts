/**
 * Room: the policy of the operator: reads `deskhand.policy.yaml` and decides what may happen without a person.
 * In: the text of the file; questions about replies and operations, with the usage of limits.
 * Out: a checked policy, decisions with rule and reason, limits to reserve, or every problem with its line.
 * May touch: nothing; everything here is pure, and callers read files and the database.
 * This file: builds the policy from the text of the file, and keeps it current when the file changes.
 */

import type { DelicateTopic } from "#core/contracts/guard.ts";
import type { Cap, Policy, TextPlace, CardTopic } from "#core/contracts/policy.ts";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#core/values/moment.ts";
import { fromDecimal } from "#core/values/money.ts";
import { createCalendar, reportPlan } from "./calendar.ts";
import { problemsIn, problemsInForce } from "./cross-check.ts";
import { decideBy, type Terms, topicAutonomy, replyBy } from "./decide.ts";
import { limitsNeededBy, policyLimits } from "./limits.ts";
import { createDuty, approvalLimitIn, groupsIn, roleIn, teammatesIn } from "./roles.ts";
import { type Rule, preparedRules } from "./rules.ts";
import { type CapEntry, PolicyDocument, RETIRED_KEYS, type RouteEntry } from "./schema.ts";
import { compose, brandLetter, letterVoice, languageFrames } from "./voice.ts";
import { problemLines, readYaml, type ReadYaml } from "./yaml.ts";

/** Long enough to read a card and look something up; a teammate who needs longer claims it again. */
const CLAIM_MS = 10 * MINUTE_MS;

/** What the file defines beyond the core contract, for the components wired at start. */
export interface LoadedPolicy extends Policy {
  /** Phrases and people the input guard watches for in addition to its own lists. */
  readonly delicateWatch: {
    readonly words: Readonly<Partial<Record<DelicateTopic, readonly string[]>>>;
    readonly vip: readonly string[];
  };
  /** What the input guard takes for harmless. */
  readonly knownHarmless: {
    readonly phrases: readonly string[];
    readonly senders: readonly string[];
  };
  readonly chatMessagesPerMinute: { readonly perUser: number; readonly perAddress: number };
  /** The rules of an operation that allow without a person; `hasMost` where an amount may not be larger than one. */
  rulesThatAllow(operation: string): readonly { readonly id: string; readonly hasMost: boolean }[];
}

/**
 * Reads a policy file. Throws `policy.invalid` with every problem in it, each with file, line, field and reason. The
 * file name is only used in those lines.
 */
export function loadPolicy(text: string, fileName: string): LoadedPolicy {
  return openPolicyFile(text, fileName).policy;
}

/** A policy with the file it comes from, for explaining or comparing it. */
export interface PolicyFile extends ReadDocument {
  readonly name: string;
  readonly policy: LoadedPolicy;
  readonly terms: Terms;
}

/** Reads a policy file and keeps its line numbers. Throws `policy.invalid` like `loadPolicy`. */
export function openPolicyFile(text: string, fileName: string): PolicyFile {
  return opened(readDocument(text, fileName, { isInForce: false }), fileName);
}

/**
 * Reads the text of the policy in force, which an older version may have accepted. Throws `policy.invalid` for one that
 * cannot be read at all.
 */
export function openPolicyInForce(text: string): PolicyFile {
  const name = "the policy in force";
  return opened(readDocument(text, name, { isInForce: true }), name);
}

/**
 * The policy of a stored row, under the row's own version: by it the row is found again, and an earlier Deskhand that
 * knew other settings gave the same text another one.
 */
export function storedPolicy(row: {
  readonly text: string;
  readonly version: string;
}): LoadedPolicy {
  return { ...openPolicyInForce(row.text).policy, version: row.version };
}

function opened(read: ReadDocument, name: string): PolicyFile {
  const terms = policyTerms(read.document);
  return { ...read, name, terms, policy: preparedPolicy(read.document, terms) };
}

function preparedPolicy(document: PolicyDocument, terms: Terms): LoadedPolicy {
  const { calendar } = terms;
  return {
    version: digest(document).slice(0, 16),
    operations: [...terms.operations.keys(), "reply"],
    topics: topicsIn(document),
    limitsNeeded(operation, customerId, at) {
      const rules = terms.operations.get(operation)?.rules ?? [];
      return limitsNeededBy(terms.limits, rules, { customerId, at, calendar });
    },
    decide: (question) =>
      question.operation === "reply" ? replyBy(document, question) : decideBy(terms, question),
    rulesThatAllow: (operation) =>
      (terms.operations.get(operation)?.rules ?? []).flatMap(({ id, verdict, upToMinor }) =>
        verdict === "allow" ? [{ id, hasMost: upToMinor !== null }] : [],
      ),
    refundDays: refundDaysAllowed(terms.operations.get("refund")?.rules ?? []),
    replyAutonomy: (channel, topic) => topicAutonomy(document.autonomy[channel], topic),
    verifyOn: (channel) => document.verify[channel],
    ...peoplePart(document, terms),
    ...textsPart(document),
    teamLanguages: document.team_languages,
    cards: {
      namesInNotifications: document.cards.names_in_notifications,
      thanksNeedNone: document.cards.thanks_without_card,
    },
    deskChannelOf: (topic) =>
      document.routing.find((route) => isFor(route, topic, document.currency))?.place ?? null,
    digest: reportPlan(document),
    alertsShowWords: document.alerts.customer_words,
    setsJunkAside: document.junk.set_aside,
    keepsCc: document.mail?.keep_cc === true,
    showsReference: document.mail?.reference_line === true,
    solvedAfterMs: document.resolution.quiet_days * DAY_MS,
    linkHosts: document.link_hosts,
    contacts: document.contacts,
    caps: {
      turn: preparedCap(document.caps.turn),
      conversation: preparedCap(document.caps.conversation),
      day: preparedCap(document.caps.day),
      confidenceMin: document.caps.confidence,
      ...(document.caps.pages === undefined ? {} : { pagesMin: document.caps.pages }),
      questionsMax: document.caps.questions,
      shopRetryMs: document.shop_retry_minutes * MINUTE_MS,
    },
    quietMs: (channel) => document.quiet_ms[channel],
    writesMax: (channel) => document.writes_per_ten_minutes[channel],
    statusAfterReply: document.status_after_reply?.zendesk ?? "pending",
    knownHarmless: {
      phrases: document.guard.harmless_phrases,
      senders: document.guard.trusted_senders,
    },
    delicateWatch: { words: document.delicate.extra_words, vip: document.delicate.vip },
    chatMessagesPerMinute: {
      perUser: document.chat_messages_per_minute.per_user,
      perAddress: document.chat_messages_per_minute.per_address,
    },
  };
}

/** From the strictest rule that refuses every amount for its age. */
function refundDaysAllowed(rules: readonly Rule[]): number | null {
  const ends = rules.flatMap(({ verdict, afterDays, upToMinor, aboveMinor, level }) =>
    verdict === "deny" && upToMinor === null && aboveMinor === null && level === 0
      ? (afterDays ?? [])
      : [],
  );
  return ends.length === 0 ? null : Math.min(...ends);
}

/** Everything a setting depends on counts as a topic, whether or not a message was ever about it. */
function topicsIn({ autonomy, routing }: PolicyDocument): readonly string[] {
  const answered = Object.values(autonomy).flatMap(({ topics }) => Object.keys(topics));
  return [...new Set([...answered, ...routing.flatMap(({ topics }) => topics ?? [])])];
}

/** Who is asked, by when, and what customers are told while no teammate is on duty. */
function peoplePart(document: PolicyDocument, { calendar }: Terms) {
  const frames = framesIn(document);
  const { approvals } = document;
  const duty = createDuty(document);
  const openHours = (hours: number) => (from: Date) =>
    calendar.afterOpenTime(from, hours * HOUR_MS);
  return {
    roleOf: (teammate) => roleIn(document.roles, teammate),
    teammates: teammatesIn(document.roles),
    groups: groupsIn(document.roles),
    approvalLimit: (role, operation) => approvalLimitIn(document, role, operation),
    expiresAt: openHours(approvals.expire_after_opening_hours),
    remindAt: openHours(approvals.remind_after_opening_hours),
    handoverRemindAt: openHours(approvals.handover_remind_after_opening_hours),
    onDuty: (at) => duty.onDuty(at),
    claimUntil: ({ id, email }, at) =>
      duty.shiftEnds(
        [id, ...(email === null ? [] : [email])],
        at,
        new Date(at.getTime() + CLAIM_MS),
      ),
    fallbackLead: document.calendar.fallback_lead,
    shortOfPeople: (needs, at) => duty.shortOf(needs, at),
    closedText(at, language = null, place) {
      const opens = calendar.opensAt(at);
      if (opens === null || opens.getTime() === at.getTime()) return null;
      const address = place === undefined ? undefined : letterAt(document, place).address;
      const theirs = frames.forCustomer(language, address);
      const opening = calendar.inCustomersWords(opens, theirs?.code ?? null);
      const words = theirs === null ? document.texts.closed : theirs.frame.closed;
      return words.replaceAll("{opening}", () => opening);
    },
    undoMs: approvals.undo_seconds * 1_000,
    delicate: {
      group: document.delicate.group,
      page: document.delicate.page,
    },
  } satisfies Partial<LoadedPolicy>;
}

/** The texts customers get, and their tone. */
function textsPart(document: PolicyDocument) {
  const frames = framesIn(document);
  const { texts, delicate } = document;
  const own = {
    handover: texts.handover,
    unavailable: texts.unavailable,
    pending: texts.pending,
    paused: texts.paused,
    answeredPrivately: texts.answered_privately,
  };
  return {
    voiceOf: (channel, brand) => letterVoice(letterAt(document, { channel, brand })),
    sign: (body, { channel, brand, ...options }) =>
      compose(letterAt(document, { channel, brand }), body, { ...options, frames }),
    texts: own,
    textsIn: (language, place) =>
      frames.forCustomer(language, letterAt(document, place).address)?.frame ?? {
        ...own,
        holding: delicate.holding_text,
      },
    languages: frames.codes,
  } satisfies Partial<LoadedPolicy>;
}

function letterAt({ voice }: PolicyDocument, { channel, brand }: TextPlace) {
  return brandLetter(voice[channel], brand);
}

function framesIn({ languages = {}, calendar }: PolicyDocument) {
  return languageFrames(languages, calendar.language);
}

function preparedCap({ steps, output_tokens, usd, seconds }: CapEntry): Cap {
  return { stepsMax: steps, outputTokensMax: output_tokens, usdMax: usd, ms: seconds * 1_000 };
}

function policyTerms(document: PolicyDocument): Terms {
  return {
    currency: document.currency,
    unshippedStatuses: new Set(document.unshipped_statuses),
    operations: new Map(
      Object.entries(document.operations).map(([name, entry]) => [
        name,
        preparedRules(name, entry, document),
      ]),
    ),
    limits: policyLimits(document),
    calendar: createCalendar(document.calendar),
  };
}

// Reads and checks the policy file, and keeps the line of every setting.

/** The file as typed values, with the line of each. */
type ReadDocument = Extract<ReadYaml<PolicyDocument>, { kind: "read" }>;

/**
 * Reads the text of a policy file. All problems are reported at once, one line each, as `file:12 operations.refund:
 * reason`, so that one round of editing is enough. A policy already in force is not held to what later versions require
 * of a new file. Throws `policy.invalid`.
 */
function readDocument(
  text: string,
  fileName: string,
  { isInForce }: { readonly isInForce: boolean },
): ReadDocument {
  const more = isInForce ? problemsInForce : problemsIn;
  const read = readYaml(text, { schema: PolicyDocument, more, retired: RETIRED_KEYS });
  if (read.kind === "invalid")
    throw new DeskhandError("policy.invalid", problemLines(fileName, read.problems).join("\n"));
  return read;
}

// Finds the channel of a card by the routes of the policy.

/** Whether all conditions of a route hold. An unknown language and an amount in another currency meet none about them. */
function isFor(route: RouteEntry, topic: CardTopic, currency: string): boolean {
  return (
    isIn(route.topics, topic.topic) &&
    isIn(route.channels, topic.channel) &&
    isIn(route.brands, topic.brand) &&
    isIn(route.languages, topic.language) &&
    isAbove(route.above, topic.amount, currency)
  );
}

function isIn(list: readonly string[] | undefined, value: string | null): boolean {
  return list === undefined || (value !== null && list.includes(value));
}

function isAbove(
  above: number | undefined,
  amount: CardTopic["amount"],
  currency: string,
): boolean {
  if (above === undefined) return true;
  return (
    amount !== null &&
    amount.currency === currency &&
    amount.minor > fromDecimal(above, currency).minor
  );
}

/** A policy that always answers as the one in force does. Its users need no notification of a change. */
export interface CurrentPolicy extends LoadedPolicy {
  /** From this call on, the next policy answers. */
  replace(next: LoadedPolicy): void;
}

/**
 * Stands in for the policy in force: each member is read from it at the moment of use. `reading` is applied to every
 * policy before it answers, so that this installation's own precautions outlive a change of the file.
 */
export function currentPolicy(
  first: LoadedPolicy,
  reading: (policy: LoadedPolicy) => LoadedPolicy = (policy) => policy,
): CurrentPolicy {
  const inForce = { policy: reading(first) };
  const replace = (next: LoadedPolicy): void => void (inForce.policy = reading(next));
  return new Proxy<CurrentPolicy>(
    { ...inForce.policy, replace },
    {
      get: (_, member) => (member === "replace" ? replace : Reflect.get(inForce.policy, member)),
    },
  );
}

/** A value built from the policy's text once and rebuilt when the policy changes: lists become one matcher. */
export function following<Made>(policy: Pick<Policy, "version">, make: () => Made): () => Made {
  const last: { version: string; made: Made } = { version: policy.version, made: make() };
  return () => {
    if (last.version !== policy.version) {
      last.made = make();
      last.version = policy.version;
    }
    return last.made;
  };
}
