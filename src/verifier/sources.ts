/** Puts everything a reply may rest on into numbered sources, as text that can be quoted, and reads their values. */
import { ORDER_NOT_FOUND } from "#core/contracts/tool.ts";
import { type PlannedAction, toldAction } from "#core/values/action.ts";
import { formatMoney, formattedSums } from "#core/values/money.ts";
import type { Passage } from "#core/contracts/knowledge.ts";
import {
  LETTERS,
  daysOfMonth,
  evidenceFrom,
  factsIn,
  once,
  keysAsked,
  statedArguments,
} from "#guard/output/evidence.ts";
import { daysAfter } from "#guard/output/may-follow.ts";
import { mayBeReckoned, reckonedFrom } from "#guard/output/reckoned.ts";
import {
  bareNumbers,
  type Columns,
  moneyOrNull,
  noteAmounts,
  orderIdInRecord,
  recordTitle,
  withCurrency,
} from "#guard/output/order-facts.ts";
import { pageName } from "#core/values/words.ts";
import { NO_RECEIPTS, type Receipts, type Source } from "#core/contracts/guard.ts";
import type { Fact } from "#guard/output/facts.ts";
import { epochDay, namesOfDay } from "#guard/output/dates.ts";
import { folded, type Folded } from "./folded.ts";
import { strangeNames, withoutAddress } from "#guard/output/names.ts";
import { saysEveryDay } from "#guard/languages/sentence-words.ts";

/** A quote from what comes after this is refused, so that a sentence resting on it waits for a person. */
const CHARACTERS_MAX = 6_000;
const ALL_CHARACTERS_MAX = 40_000;
const SOURCES_MAX = 60;
/** Results of look-ups are nested a few levels deep. */
const DEPTH_MAX = 8;

/** What is known when a reply is written. */
export interface Known {
  readonly toolResults: readonly { readonly tool: string; readonly result: unknown }[];
  readonly passages: readonly Passage[];
  /** Steps of the team's procedures that stood before the model. */
  readonly procedureSteps: readonly Passage[];
  /** What the tools that change something say of themselves: what each does, and when it cannot. */
  readonly changes: readonly { readonly name: string; readonly description: string }[];
  /** Actions that go out with the reply, and those that were done before it. */
  readonly actions: readonly PlannedAction[];
  /** Who wrote the reply, as "a program"; null where a person did. */
  readonly writer: string | null;
  /** What our team is asked where people take over with the reply, in the writer's words; null where nobody does. */
  readonly asksTeam: string | null;
  /** The customer's own words. */
  readonly asked: string;
  /** What they attached, sent on or quote, of which the writer of the reply was shown the same; empty for nothing. */
  readonly passedOn: string;
  /** Our replies that were sent in this conversation, oldest first. */
  readonly sent: readonly string[];
  /** What teammates told the customer or the bot. */
  readonly teammates: readonly string[];
  readonly today: Date;
}

/**
 * The sources in the order of their numbers, which begin with 1: actions, what our team is asked, orders, other records, refusals, pages, the
 * customer's words, our replies, teammates, what can be changed, steps of procedures. Every text is cut at a bound, and so is their sum.
 */
export function numberedSources(known: Known): readonly Source[] {
  const records = lookedUpSources(known);
  const all: readonly Source[] = [
    ...known.actions.flatMap(actionSource),
    ...(known.asksTeam === null
      ? []
      : [HAND_OVER, source("request", "what our team is asked", known.asksTeam)]),
    doneSource(known.actions.filter(({ action }) => !LETTERS.includes(action.operation)).length),
    ...records,
    ...mergedPages(known.passages),
    source("customer", "the customer's own words", known.asked),
    source("customer", "what they sent with it, in others' words", known.passedOn),
    ...known.sent.map((text) => source("sent", "our earlier reply", text)),
    ...known.teammates.map((text) => source("teammate", "a teammate's answer", text)),
    source("record", "the calendar", `today ${known.today.toISOString().slice(0, DAY_CHARACTERS)}`),
    source("procedure", "what we can do", waysOpen(known).join("\n")),
    // They are many, so that none of the others is left out for them.
    ...known.procedureSteps.map(({ title, text }) => source("procedure", title, text)),
  ];
  return bounded(all.filter(({ text }) => text.trim() !== ""));
}

/** What can be changed, who writes, and, where a look-up found nothing, what the rules have every reply ask for. */
function waysOpen({ changes, writer, toolResults }: Known): readonly string[] {
  return [
    ...changes.map(changeLine),
    ...(writer === null ? [] : [whoWrites(writer), ON_REQUEST]),
    ...(toolResults.some(({ result }) => foundNothing(result)) ? [TO_FIND_IT] : []),
  ];
}

/** So in every installation: what no person has read is marked as automatic. */
function whoWrites(writer: string): string {
  return `who writes: ${writer}, writes the replies; people of our team read all but those marked as automatic before they are sent, and take over\nwhat writes here is a program and no person`;
}

/** So in every installation: whoever asks for a person is handed over. It backs an offer, and never that a person has it. */
export const ON_REQUEST =
  "a person on request: who would like a person of our team to look at it just has to say so, and a person then looks at it and answers";

const TO_FIND_IT =
  "to find it: check the number, and write from the address, or sign in with the account, that it was ordered with, whoever ordered it\nin a chat one signs in with the account it was ordered with";

/** Whether a tool's result says that there is no such thing for this customer. */
export function foundNothing(result: unknown): boolean {
  if (!isRecord(result)) return false;
  return (
    ("found" in result && result.found === false) ||
    ("reason" in result && result.reason === ORDER_NOT_FOUND)
  );
}

/** Whether a record is of a look-up that found nothing. */
export function tellsNotFound({ kind, text }: Source): boolean {
  return kind === "record" && /(?:^| )found false$/im.test(text);
}

/** "cancel order: …", with other tools named in words as well, so that a quote reads like one. */
function changeLine({ name, description }: Known["changes"][number]): string {
  return `${spaced(name)}: ${description.replaceAll(/(?<=[a-z])_(?=[a-z])/g, " ")}`;
}

const DAY_CHARACTERS = "2026-11-20".length;

function source(
  kind: Source["kind"],
  name: string,
  text: string,
  orderId: string | null = null,
): Source {
  return { kind, name, text, orderId };
}

function bounded(all: readonly Source[]): readonly Source[] {
  let left = ALL_CHARACTERS_MAX;
  return all.slice(0, SOURCES_MAX).flatMap((one) => {
    const text = one.text.slice(0, Math.min(CHARACTERS_MAX, left)).toWellFormed();
    left -= text.length;
    return text === "" ? [] : [{ ...one, text }];
  });
}

const HAND_OVER = source(
  "action",
  "the hand-over, done with this reply",
  "done with this reply: the conversation is passed on to our team\na person of our team looks at what is open and answers",
);

/** For "I have not cancelled anything yet": what is not done is known as well. */
function doneSource(actions: number): Source {
  const words =
    actions === 0
      ? "done with this reply: none. not refunded, not cancelled, not changed, not started"
      : "done with this reply besides the actions above: none";
  return source("refusal", "what is not done", words);
}

function actionSource(planned: PlannedAction): readonly Source[] {
  const { action, label } = planned;
  if (LETTERS.includes(action.operation)) return [];
  const { name: orderId, facts } = toldAction(planned);
  const what = action.operation.replaceAll("_", " ");
  const name = `${what}${orderId === null ? "" : ` of order ${orderId}`}, done with this reply`;
  const lines = [`done with this reply: ${label}`];
  for (const [field, value] of statedArguments(action))
    if (!TOLD.has(field)) lines.push(...fieldLines(value, `${what}: ${spaced(field)}`, 0));
  return [
    source("action", name, lines.join("\n"), orderId),
    ...facts.map((fact) => {
      const id = orderId ?? fact.orderId;
      const text = fieldLines({ ...fact, orderId: id }, `order ${id}:`, 0).join("\n");
      return source("record", `order ${id}, from the shop`, text, id);
    }),
  ];
}

/** Arguments that repeat the customer's text, and ids of ours that no customer ever sees. */
const TOLD: ReadonlySet<string> = new Set([
  "reason",
  "text",
  "summary",
  "note",
  "subject",
  "challengeId",
  "conversationId",
  "answers",
]);

/**
 * Orders each as a source of their own, whatever look-up they came from, then what else was looked up. A passage is left
 * to the source of its page, with its id and score.
 */
function lookedUpSources({ toolResults, passages }: Known): readonly Source[] {
  const texts = new Set(passages.map(({ text }) => text));
  const orders = new Map<string, { readonly title: string; readonly lines: string[] }>();
  const others: string[] = [];
  const columns: Columns = new Map();
  const refusals: Source[] = [];
  const walk = (value: unknown, name: string, depth: number): void => {
    if (isRecord(value) && "text" in value && texts.has(String(value.text))) return;
    if (!isRecord(value) || depth > DEPTH_MAX || moneyOrNull(value) !== null) {
      others.push(...fieldLines(value, name, depth));
      return;
    }
    const entries = new Map<string, unknown>(Object.entries(value));
    const orderId = Array.isArray(value) ? null : orderIdInRecord(entries);
    if (orderId === null || entries.get("found") === false)
      for (const [field, item] of withCurrency(value))
        walk(item, nested(name, value, field), depth + 1);
    else {
      const order = orders.get(orderId) ?? { title: recordTitle(orderId, [value]), lines: [] };
      order.lines.push(...fieldLines(value, `${order.title}:`, depth));
      orders.set(orderId, order);
      noteAmounts(entries, orderId, columns);
    }
  };
  for (const { result } of toolResults) {
    const refusal = refusalIn(result);
    if (refusal === null) walk(result, "", 0);
    else refusals.push(refusal);
  }
  return [
    ...[...orders].map(([orderId, { title, lines }]) =>
      source("record", `${title}, from the shop`, [...new Set(lines)].join("\n"), orderId),
    ),
    source(
      "record",
      "looked up in the shop",
      [...new Set(others), ...together(columns)].join("\n"),
    ),
    ...refusals,
  ];
}

/** What each field of amounts comes to over all orders. */
function together(columns: Columns): readonly string[] {
  return [...columns]
    .filter(([, column]) => column.size > 1)
    .flatMap(([field, column]) =>
      formattedSums([...column.values()]).map(
        (sum) => `these ${column.size} orders together: ${spaced(field)} ${sum}`,
      ),
    );
}

function isRecord(value: unknown): value is object {
  return value !== null && typeof value === "object";
}

/** What was proposed and not permitted, or is not possible: never evidence that something is done. */
function refusalIn(result: unknown): Source | null {
  if (!isRecord(result) || !("status" in result)) return null;
  if (result.status !== "denied" && result.status !== "impossible") return null;
  const label = "label" in result && typeof result.label === "string" ? result.label : "this";
  const reason = "reason" in result && typeof result.reason === "string" ? result.reason : "";
  const text = `not possible, refused: ${label}\nwhy it is refused: ${reason}`;
  return source("refusal", "what the policy refused", text);
}

/** Fields as lines: "order 2001: paid 640.00 USD", "order 2001: delivered on none". */
function fieldLines(value: unknown, name: string, depth: number): readonly string[] {
  if (!isRecord(value)) return [fieldLine(value, name)];
  const money = moneyOrNull(value);
  if (money !== null) return [`${name} ${formatMoney(money)}`];
  if (depth > DEPTH_MAX) return [];
  return withCurrency(value).flatMap(([field, item]) =>
    fieldLines(item, nested(name, value, field), depth + 1),
  );
}

/** Entries of a list are counted, since two payments of the same amount are two. */
function nested(name: string, value: object, field: string): string {
  if (Array.isArray(value))
    return value.length > 1 && value.every(isRecord)
      ? `${name} (${Number(field) + 1} of ${value.length})`.trim()
      : name;
  return name === "" ? spaced(field) : `${name} ${spaced(field)}`;
}

function fieldLine(value: unknown, name: string): string {
  const words = typeof value === "string" ? value : (JSON.stringify(value ?? null) ?? "");
  if (words === "null") return `${name} none`.trim();
  // "refund days 30" names no length of time to a reader of texts; "30 days" does.
  const unit = typeof value === "number" ? /(day|hour|week|month|minute)s?$/.exec(name)?.[1] : null;
  return `${name} ${words.replaceAll(/\s+/g, " ")}${unit ? ` (${words} ${unit}s)` : ""}`.trim();
}

/** "refund_until" and "refundUntil" are the same words to a person. */
function spaced(field: string): string {
  return field
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ")
    .replaceAll("_", " ")
    .toLowerCase();
}

/** Passages of one page are one source, so that a page is named once. */
function mergedPages(passages: readonly Passage[]): readonly Source[] {
  const texts = new Map<string, string[]>();
  for (const { title, url, text } of passages) {
    const name = pageName({ title, url });
    texts.set(name, [...(texts.get(name) ?? [title]), text]);
  }
  return [...texts].map(([name, parts]) => source("page", name, parts.join("\n")));
}

/** The source of a number, or null where no source has it. */
export function sourceAt(sources: readonly Source[], number: number | null): Source | null {
  return number === null ? null : (sources[number - 1] ?? null);
}

// The sources as the rules about quotes read them.

/** The sources as far as rules need them, each worked out when it is first asked for. */
export interface ReadSources {
  readonly all: readonly Source[];
  /** Without what our team is asked, which the writer of the reply wrote as well. */
  readonly telling: readonly Source[];
  readonly today: number;
  foldedOf(source: Source): Folded;
  /** The amounts, days, lengths of time and numbers of a source, by value. */
  keysOf(source: Source): ReadonlySet<string>;
  /** Whether what no single source says follows from several: a deadline, or how long ago something was. */
  follows(fact: Fact): boolean;
  /** Whether a length of time of a source ends on this day, counted from today or a day of the customer's. */
  endsAfter(fact: Fact): boolean;
  /** Whether an amount is reckoned from those the reply states with a source, and from numbers the customer wrote. */
  isReckoned(fact: Fact): boolean;
  /** Whether it may be, in more ways than are sure. */
  mayBeReckoned(fact: Fact): boolean;
}

/** Reads sources for the rules about a reply. */
export function readSources({
  reply,
  sources,
  today,
}: {
  readonly reply: string;
  readonly sources: readonly Source[];
  readonly today: Date;
}): ReadSources {
  const texts = new Map<Source, Folded>();
  const keys = new Map<Source, ReadonlySet<string>>();
  const kept = <Value>(map: Map<Source, Value>, source: Source, make: () => Value): Value => {
    const known = map.get(source);
    if (known !== undefined) return known;
    const made = make();
    map.set(source, made);
    return made;
  };
  const telling = sources.filter(({ kind }) => kind !== "request");
  // What the customer wrote is no fact of ours, and what the reply counts no count.
  const told = once(() => receiptsOf(telling, today));
  const known = once(() => evidenceFrom(told()));
  const ends = once(() => {
    const days = [`day:${epochDay(today)}`, ...keysAsked(told())];
    return daysAfter(days, known(), epochDay(today));
  });
  const reckoned = once(() => {
    const backed = factsIn(reply, epochDay(today)).filter(({ keys }) =>
      keys.some((key) => known().keys.has(key)),
    );
    return reckonedFrom(backed, { text: "", receipts: told() }, known(), keysAsked(told()));
  });
  return {
    all: sources,
    telling,
    today: epochDay(today),
    foldedOf: (source) => kept(texts, source, () => folded(source.text)),
    keysOf: (source) =>
      kept(keys, source, () => {
        const told = receiptsOf([source], today);
        const { keys: own } = evidenceFrom(told);
        if (source.kind !== "customer") return own;
        return new Set([...own, ...daysOfMonth(source.text, today).flatMap(namesOfDay)]);
      }),
    follows: ({ keys: own }) =>
      own.some((key) => known().keys.has(key) || known().elapsed.has(key)),
    endsAfter: ({ keys: own }) => own.some((key) => ends().has(key)),
    isReckoned: (fact) => fact.kind === "amount" && reckoned()(fact),
    mayBeReckoned: (fact) =>
      mayBeReckoned(fact, { text: reply, receipts: told() }, known(), keysAsked(told()), false),
  };
}

/** By the same rules as the output check, so that a value means the same in both. */
function receiptsOf(sources: readonly Source[], today: Date): Receipts {
  const isRecorded = ({ kind }: Source): boolean => kind === "record" || kind === "action";
  const isTheirs = ({ kind }: Source): boolean => kind === "customer" && sources.length > 1;
  return {
    ...NO_RECEIPTS,
    // Deadlines are counted from recorded days alone.
    toolResults: sources
      .filter(isRecorded)
      .map(({ text }) => ({ tool: "", result: [text, bareNumbers(text)] })),
    passages: sources
      .filter((one) => !isRecorded(one) && !isTheirs(one))
      .map(({ text }) => ({ id: "", title: "", url: "", text, score: 1 })),
    asked: sources
      .filter(isTheirs)
      .map(({ text }) => text)
      .join("\n\n"),
    today,
  };
}

/** Whether one of these sources has the value of a fact. */
export function isKnown({ keys }: Fact, from: readonly Source[], sources: ReadSources): boolean {
  const isWeekday = keys.some((key) => key.startsWith("weekday:"));
  return from.some(
    (source) =>
      (isWeekday && saysEveryDay(source.text)) ||
      keys.some((key) => sources.keysOf(source).has(key)),
  );
}

/** The names of a statement that no source has; whom it addresses is for the output check. */
export function namesWithoutSource(
  text: string,
  { telling }: Pick<ReadSources, "telling">,
): readonly string[] {
  return strangeNames(withoutAddress(text), (name) =>
    telling.some((one) => one.text.toLowerCase().includes(name)),
  );
}
