/** The policy's forms of single settings, each a table of them: levels of replies, amounts and limits, opening hours. */

import { z } from "zod";
import { Autonomy } from "#core/contracts/policy.ts";
import { isRecord } from "#core/values/canonical-json.ts";
import { errorCode, invalidInput, reasonOf } from "#core/values/errors.ts";
import { DAY_MS } from "#core/values/moment.ts";
import { ChannelName, knownTopics, topicName } from "#core/values/vocabulary.ts";
import { capitalised, inWords } from "#core/values/words.ts";
import { LEVEL_RULE, readScorecard, scoreText } from "#jobs/scorecard/scorecard.ts";
import type { PolicyDraft, PolicyWish } from "#jobs/policy/own-change.ts";
import { editedPolicy, type PolicyEdit } from "#policy/edit-policy.ts";
import { WeekHours, type PolicyDocument } from "#policy/schema.ts";
import { choice, dataForm, field, hidden, textArea, type Option } from "#server/console/forms.ts";
import type { Subject } from "#server/console/frame.ts";
import { soft, table, tabs } from "#server/console/parts.ts";
import type { Visit } from "#server/console/session.ts";
import { isAmountIn } from "#text/about-text.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import { waitingDrafts } from "#store/approvals/approvals.ts";
import { BY_CHANNEL_AND_TOPIC, countIn, figureCounts } from "#store/reports/counted-rows.ts";
import { Basis, FORMS, LEADS_ONLY, PATH, policyForm, policyPress } from "./draft.ts";

/** The pages, and what their forms send. */
export const POLICY_SETTINGS: Subject = {
  place: PATH,
  pages: {
    "/policy/replies": policyForm(FORMS.replies, repliesForm),
    "/policy/amounts": policyForm(FORMS.amounts, (_visit, draft) =>
      settingsForm(FORMS.amounts.href, draft, groupsView(amounts(draft))),
    ),
    "/policy/hours": policyForm(FORMS.hours, (_visit, draft) =>
      settingsForm(FORMS.hours.href, draft, groupsView(hours(draft))),
    ),
  },
  presses: {
    "/policy/replies": settingsPress(FORMS.replies.href, levels),
    "/policy/amounts": settingsPress(FORMS.amounts.href, amounts),
    "/policy/hours": settingsPress(FORMS.hours.href, hours),
  },
  leadsOnly: LEADS_ONLY,
};

/** One setting as a field of a form. */
interface Setting {
  /** Under which heading it stands, and what is said there. */
  readonly group: string;
  readonly about?: string;
  readonly name: string;
  readonly path: PolicyEdit["path"];
  readonly value: string | number | readonly string[];
  /** What can be chosen; the empty one takes the setting out. */
  readonly options?: readonly Option[];
}

const LEVELS: readonly Option[] = Autonomy.options.map((level) => [level, inWords(level)]);

/** How freely replies go out: the rest of a channel, then each topic. */
function levels({ file: { document, policy } }: PolicyDraft): readonly Setting[] {
  return ChannelName.options.flatMap((channel) => {
    const { default: rest, topics } = document.autonomy[channel];
    const group = `Replies on ${inWords(channel)}`;
    const path = ["autonomy", channel];
    const options: readonly Option[] = [["", `as the rest (${rest})`], ...LEVELS];
    return [
      {
        group,
        name: "unless a topic says otherwise",
        path: [...path, "default"],
        value: rest,
        options: LEVELS,
      },
      ...knownTopics(policy).map((topic) => ({
        group,
        name: topicName(topic),
        path: [...path, "topics", topic],
        value: topics[topic] ?? "",
        options,
      })),
    ];
  });
}

/**
 * The numbers of rules, limits and roles, and what customers read where an operation has any; a number that a rule does
 * not have yet is written in the file.
 */
function amounts({ file: { document } }: PolicyDraft): readonly Setting[] {
  const rules = Object.entries(document.operations).flatMap(([operation, { rules: listed }]) => {
    const all = listed.flatMap((rule, index): readonly Setting[] => {
      const group = `${inWords(operation)}, ${inWords(rule.name)}: ${rule.verdict}`;
      const path = ["operations", operation, "rules", index];
      const reason = { group, name: "reason", path: [...path, "reason"], value: rule.reason };
      return [reason, ...numbersIn(rule, { group, name: "", path })];
    });
    return all.some(({ value }) => typeof value === "number") ? all : [];
  });
  const others = (["limits", "role_limits"] as const).flatMap((part) =>
    Object.entries(document[part]).flatMap(([name, value]) =>
      numbersIn(value, {
        group: `${inWords(part)}, ${inWords(name)}`,
        name: "",
        path: [part, name],
      }),
    ),
  );
  return [...rules, ...others];
}

/** What a number says, where its name in the file does not. */
const NUMBER_WORDS: ReadonlyMap<string, string> = new Map([
  ["within_days", "days after delivery, at most"],
  ["after_days", "days after delivery, more than"],
  ["approvers", ""],
  ["count", "people who approve"],
  ["leads", "leads among them"],
  ["days", "counted over days"],
  ["count_max", "times at most"],
  ["sum_max", "sum at most"],
]);

/** The numbers below a part of the policy, wherever they stand in it. */
function numbersIn(value: unknown, at: Omit<Setting, "value">): readonly Setting[] {
  if (typeof value === "number") return [{ ...at, value }];
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    numbersIn(inner, {
      ...at,
      name: `${at.name} ${NUMBER_WORDS.get(key) ?? inWords(key)}`.trim(),
      path: [...at.path, key],
    }),
  );
}

const OPEN = ["calendar", "open"];
const DAYS = WeekHours.keyof().options;

function hours({ file }: PolicyDraft): readonly Setting[] {
  const { open, zone, holidays } = file.document.calendar;
  const week = DAYS.map((day) => ({
    group: "Opening hours",
    about: "Write a day as 09:00-12:00, 13:00-17:00, or closed, or always.",
    name: day,
    path: [...OPEN, day],
    value: open === "always" ? open : open[day],
  }));
  const calendar = { group: "Calendar", about: "Write a holiday as 2026-12-25." };
  return [
    ...week,
    { ...calendar, name: "zone", path: ["calendar", "zone"], value: zone },
    { ...calendar, name: "holidays", path: ["calendar", "holidays"], value: holidays },
  ];
}

// How settings are shown.

function settingsForm(href: string, draft: PolicyDraft, fields: HtmlValue): Html {
  const form = { press: "Change the policy", isGuarded: true };
  return dataForm(href, form, [hidden({ basis: draft.basis }), fields]);
}

function groupsView(settings: readonly Setting[]): Html {
  return html`<div class="pair">
    ${[...Map.groupBy(settings, ({ group }) => group)].map(
      ([group, all]) =>
        html`<fieldset class="box stack">
          <legend>${capitalised(group)}</legend>
          ${all[0]?.about !== undefined && soft(all[0].about)}
          ${all.filter(isReason).map(reasonField)}
          <div class="filters">${all.filter((one) => !isReason(one)).map(settingField)}</div>
        </fieldset>`,
    )}
  </div>`;
}

/** A sentence that customers read. */
function isReason({ path }: Pick<Setting, "path">): boolean {
  return path[0] === "operations" && path[4] === "reason";
}

function reasonField({ path, value }: Setting): Html {
  const more = html`rows="3" maxlength="600"`;
  return textArea(path.join("."), "Reason, as customers read it", valueText(value), more);
}

function settingField({ path, name, value, options }: Setting): Html {
  const label = capitalised(name);
  return options === undefined
    ? field(path.join("."), label, valueText(value), html`maxlength="600"`)
    : choice(path.join("."), label, options, valueText(value));
}

function valueText(value: Setting["value"]): string {
  return typeof value === "object" ? value.join(", ") : String(value);
}

const PAST_DAYS = 30;

/** One switch for each topic of a channel, beside what people did with the last drafts about it. */
async function repliesForm(visit: Visit, draft: PolicyDraft): Promise<Html> {
  const { policy, channels } = visit.parts;
  const connected = ChannelName.options.filter((name) => channels.has(name));
  const shown = connected.length === 0 ? ChannelName.options : connected;
  const channel = ChannelName.catch(shown[0] ?? "email").parse(visit.asked("channel"));
  const days = { from: new Date(visit.now.getTime() - PAST_DAYS * DAY_MS), to: visit.now };
  const { counts, drafts, scores } = await visit.run(async (transaction) => ({
    counts: await figureCounts(transaction, PAST, days, BY_CHANNEL_AND_TOPIC),
    drafts: await waitingDrafts(transaction),
    scores: await readScorecard(policy, transaction, visit.now),
  }));
  const [rest, ...topics] = levels(draft).filter(({ path }) => path[1] === channel);
  const rows = topics.map((setting) => {
    const isHere = (one: { readonly channel: string; readonly topic: string }): boolean =>
      one.channel === channel && one.topic === setting.path[3];
    const past = PAST.map((name) => countIn(counts, name, `${channel} ${setting.path[3]}`));
    return [
      settingField(setting),
      html`${pastText(past)} ${scores.filter(isHere).map((one) => soft(scoreText(one)))}`,
      drafts.find(isHere)?.count ?? 0,
    ];
  });
  const address = (name: string): string => addressWith(FORMS.replies.href, { channel: name });
  const places = shown.map((name) => ({ href: address(name), name: capitalised(name) }));
  return html`${tabs("Channels", places, address(channel))}
  ${soft("Shadow: drafts are shown and never sent. Draft: sent once a person approves. Auto: sent when the checks passed.")}
  ${settingsForm(
    address(channel),
    draft,
    html`${rest !== undefined && settingField(rest)}
    ${table(["Replies about", `Drafts of the last ${PAST_DAYS} days`, "Waiting"], rows)}
    ${soft("Drafts that wait stay with people, whatever you choose. A topic that permits more waits for the leads; what is stricter holds at once.")}
    ${soft(`Below them, drafts of 90 days as they were judged. ${LEVEL_RULE}`)}`,
  )}`;
}

const PAST = ["unchanged", "edited", "rejected"] as const;

/** What people did with the drafts, and what that means for letting them go alone. */
function pastText([unchanged = 0, edited = 0, rejected = 0]: readonly number[]): string {
  const all = unchanged + edited + rejected;
  return all === 0
    ? "none was decided"
    : `${unchanged} sent as drafted, ${edited} edited, ${rejected} rejected: on auto, ${edited + rejected} of ${all} would have gone out that people changed or stopped`;
}

// What a lead sets.

function settingsPress(
  href: string,
  settingsIn: (draft: PolicyDraft) => readonly Setting[],
): ReturnType<typeof policyPress> {
  const Sent = z.object({ basis: Basis }).catchall(z.string());
  return policyPress(href, Sent, (sent, draft) => changed(settingsIn(draft), sent, draft));
}

/** What was typed differently, and what goes with it. */
function changed(
  settings: readonly Setting[],
  sent: Readonly<Record<string, string>>,
  { text, file: { document } }: PolicyDraft,
): ReturnType<PolicyWish["edit"]> {
  const changes = settings.flatMap((setting) => {
    const typed = sent[setting.path.join(".")]?.replaceAll("\r\n", "\n").trim();
    return typed === undefined || typed === valueText(setting.value).trim()
      ? []
      : [{ setting, path: setting.path, value: typedValue(setting, typed), typed }];
  });
  const why = changes.map(({ setting: { group, name, value, options }, typed }) => {
    const words = (one: string): string => options?.find(([is]) => is === one)?.[1] ?? one;
    return `${group}, ${name}: ${words(valueText(value))} → ${words(typed)}`;
  });
  refuseStaleReasons(settings, changes);
  const edits = withWeek(changes, document);
  try {
    return { why: why.join("; "), text: editedPolicy(text, edits) };
  } catch (error) {
    if (errorCode(error) === "policy.invalid")
      throw invalidInput(inFormWords(reasonOf(error), settings));
    throw error;
  }
}

/** Mistakes, each under the name that the form has for its place instead of the line of a file that nobody looks at. */
function inFormWords(mistakes: string, settings: readonly Setting[]): string {
  const names = new Map(settings.map((one) => [one.path.join("."), labelOf(one)]));
  return mistakes.replaceAll(/^.*?:\d+ ([^\s:]+): /gm, (_line, place: string) => {
    const path = place.replaceAll(/\[(\d+)\]/g, ".$1");
    return `${names.get(path) ?? place}: `;
  });
}

/** "Refund, small, up to", as the form has it. */
function labelOf({ group, name }: Setting): string {
  return capitalised(name === "" ? group : `${group}, ${name}`);
}

function typedValue(setting: Setting, typed: string): unknown {
  const { value, options } = setting;
  const label = labelOf(setting);
  if (options !== undefined && !options.some(([is]) => is === typed))
    throw invalidInput(`${label}: “${typed}” cannot be chosen`);
  if (typeof value === "object") return typed.split(/[,\s]+/).filter((day) => day !== "");
  if (typeof value === "string") return typed === "" ? undefined : typed;
  const number = Number(typed);
  if (typed === "" || !Number.isFinite(number))
    throw invalidInput(`${label}: “${typed}” is not a number`);
  return number;
}

/** Hours that were one word for all days become those of each day. */
function withWeek(
  edits: readonly PolicyEdit[],
  { calendar: { open } }: PolicyDocument,
): readonly PolicyEdit[] {
  const days = new Map(edits.map(({ path, value }) => [path.join("."), value]));
  const week = DAYS.map((day) => [day, days.get([...OPEN, day].join(".")) ?? open]);
  const others = edits.filter(({ path }) => path[1] !== OPEN[1]);
  return open !== "always" || others.length === edits.length
    ? edits
    : [...others, { path: OPEN, value: Object.fromEntries(week) }];
}

/** Customers read a rule's reason: it may not go on naming a number that its operation gives up and it has not itself. */
function refuseStaleReasons(settings: readonly Setting[], changes: readonly PolicyEdit[]): void {
  const ruleOf = ({ path }: Pick<PolicyEdit, "path">): string => path.slice(0, 4).join(".");
  const now = new Map(changes.map(({ path, value }) => [path.join("."), value]));
  for (const { group, path, value: reason } of settings) {
    if (!isReason({ path }) || now.has(path.join("."))) continue;
    const numbers = settings.filter(
      (one) => one.path[1] === path[1] && typeof one.value === "number" && isForCustomers(one),
    );
    const kept = numbers
      .filter((one) => ruleOf(one) === ruleOf({ path }))
      .map((one) => now.get(one.path.join(".")) ?? one.value);
    for (const { value: before } of numbers.filter((one) => now.has(one.path.join("."))))
      if (!kept.includes(before) && isAmountIn(valueText(reason), Number(before).toFixed(2)))
        throw invalidInput(`${group}: the reason names ${valueText(before)}; change it too`);
  }
}

/** How many people approve is no number that customers are told. */
function isForCustomers({ path }: Setting): boolean {
  return path[0] === "operations" && path[4] !== "approvers";
}
