/**
 * Finds the amounts, days, lengths of time and numbers of a draft that nothing it rests on has. What the customer wrote
 * may be used as theirs, but when something arrives is for the records and pages to say.
 */
import { type Finding, type Receipts, unsure } from "#core/contracts/guard.ts";
import { detectedLanguage, isEnglish } from "#guard/languages/detect.ts";
import { endsAsking, deniesSomething, repeatsSomebody } from "#guard/languages/sentence-words.ts";
import { daysNear, epochDay, isAboutArrival, namesOfDay, weekdayIndex } from "./dates.ts";
import { covered, type Evidence, factsIn, keysAsked, statedArguments, once } from "./evidence.ts";
import { type Fact, ordersIn } from "./facts.ts";
import {
  daysAfter,
  findingsOf,
  isAsked,
  isCost,
  isLimit,
  mayBeDay,
  MISSING,
} from "./may-follow.ts";
import { contactsIn } from "./contacts.ts";
import { linksIn } from "./links.ts";
import { reckonedFrom } from "./reckoned.ts";
import { phrasePieces, type Piece, sentencePieces } from "./sentences.ts";
import {
  COUNTS_MAX,
  countsThatFollow,
  readingsOf,
  strangeCounts,
  strangeNumbers,
} from "./strange-numbers.ts";
import { amountTerms } from "./what-follows.ts";
import { valuesOfOthers } from "./whose-values.ts";
import { READ_MAX, allMatches } from "#text/normalize.ts";

/** The values without evidence, and how many different ones have it. */
export function unbackedValues(text: string, receipts: Receipts, known: Evidence) {
  // The rest is read only for a statement without evidence: most drafts have none.
  const phrases = once(() => phrasePieces(text));
  const theirs = once(() => keysAsked(receipts));
  const flags = (isMeant: (phrase: Piece) => boolean) =>
    once(() => covered(text, phrases().filter(isMeant)));
  const arriving = flags(({ plain }) => isAboutArrival(plain) && !YOUR_CHOICE.test(plain));
  const denied = flags((phrase) => deniesSomething(phrase.text));
  const repeated = once(() => covered(text, sentencePieces(text).filter(mayRepeat)));
  const linked = once(() => covered(text, linkPlaces(text)));
  // "A card bought today would last until …".
  const begun = once(() =>
    covered(
      text,
      sentencePieces(text).filter(({ plain }) => TODAY.test(plain)),
    ),
  );
  const arrives = ({ start }: Fact): boolean => arriving()[start] === 1 && denied()[start] !== 1;
  const knownKey = (fact: Fact): string | undefined =>
    fact.keys.find(
      (key) =>
        known.keys.has(key) ||
        (known.answered.has(key) && !arrives(fact)) ||
        (known.fromToday.has(key) && begun()[fact.start] === 1),
    );
  const today = epochDay(receipts.today);
  const facts = factsIn(text, today);
  const backed = facts.filter((fact) => knownKey(fact) !== undefined);
  const weekdays = once(() => weekdaysOf(backed, known));
  const theirWeekdays = once(() => new Set(daysNear([...theirs()], today).map(weekdayIndex)));
  const daysReckoned = once(() => daysAfter([...theirs()], known, today));
  const reckoned = once(() => reckonedFrom(backed, { text, receipts }, known, theirs()));
  const orders = once(() => new Set(ordersIn(text).map(({ start }) => start)));
  /** Whether the customer's word is not enough for it, unless the sentence says that it is theirs, or denies it. */
  const isForRecords = (fact: Fact): boolean => {
    if (fact.kind === "date")
      return arrives(fact) || (isLimit(text, fact) && denied()[fact.start] !== 1);
    const isTold = fact.kind === "amount" ? isCost(text, fact.start) : orders().has(fact.start);
    return isTold && repeated()[fact.start] !== 1;
  };
  const mayStand = (fact: Fact): boolean =>
    (!isForRecords(fact) &&
      (isNear(fact, today, known) ||
        isDayOf(fact, theirWeekdays) ||
        fact.keys.some((key) => isAsked(key, theirs()) || daysReckoned().has(key)))) ||
    (isDayOf(fact, weekdays) && fact.kind === "date") ||
    (fact.keys.some((key) => known.elapsed.has(key)) && !isLimit(text, fact)) ||
    (fact.kind === "amount" && reckoned()(fact));
  const unbacked = facts.filter(
    (fact) =>
      knownKey(fact) === undefined &&
      linked()[fact.start] !== 1 &&
      !mayStand(fact) &&
      !facts.some((one) => one.kind === fact.kind && isWithin(fact, one)),
  );
  const findings: readonly Finding[] = [
    ...facts
      .filter((fact) => isOfAnotherItem(text, fact, known))
      .map(({ kind, words }) => ({ kind, words, reason: OF_ANOTHER })),
    ...findingsOf(unbacked, { text, receipts, known, facts, theirs, arrives }),
    ...valuesOfOthers(text, receipts, { known, theirs }),
    ...strangeFindings(text, facts, receipts, known),
    ...otherNumbers(text, facts, receipts).map((words) => ({
      kind: "address",
      words,
      reason: OTHER_NUMBER,
    })),
  ];
  return { findings, found: new Set(backed.map(knownKey)).size };
}

/** A number inside a link is judged together with the link. */
function linkPlaces(text: string) {
  return linksIn(text).map(({ start, words }) => ({ start, end: start + words.length }));
}

/** Whether one is a part of the other: "April 2026" of "3 April 2026". */
function isWithin(part: Fact, whole: Fact): boolean {
  const isInside = whole.start <= part.start && part.end <= whole.end;
  return isInside && part.end - part.start < whole.end - whole.start;
}

function strangeFindings(...given: Parameters<typeof numbersWithoutSource>): readonly Finding[] {
  const [text, , receipts] = given;
  return [...numbersWithoutSource(...given), ...strangeCounts(text, receipts)].map((words) =>
    mayBeDay(words)
      ? unsure(words, "no date that was looked up is this day")
      : { kind: "order", words, reason: MISSING.order },
  );
}

/** Numbers of two digits and more, or with a point, of which no source has one; a few of a thing anybody may count. */
function numbersWithoutSource(
  text: string,
  facts: readonly Fact[],
  receipts: Receipts,
  known: Evidence,
): readonly string[] {
  const { toolResults, proposal, passages, asked, askedBefore = [], said = [] } = receipts;
  const found = [...linksIn(text), ...contactsIn(text)].flatMap(({ words }) => {
    const start = text.indexOf(words);
    return start < 0 ? [] : [{ start, end: start + words.length }];
  });
  const marks = allMatches(text, LIST_MARK).map(({ 0: mark, index }) => ({
    start: index,
    end: index + mark.length,
  }));
  const sources = (): readonly string[] => [
    JSON.stringify([toolResults, proposal]).replaceAll(ISO_DAY, " "),
    ...passages.flatMap((page) => [page.title, page.text]),
    asked,
    ...askedBefore,
    ...(receipts.ourNames ?? []),
    ...said.map((one) => one.text),
  ];
  const today = epochDay(receipts.today);
  const reckoned = once(() => {
    const named = daysNear(
      facts.flatMap(({ keys }) => keys),
      today,
    );
    return countsThatFollow(
      receipts,
      known,
      named.map((day) => Math.abs(day - today)),
    );
  });
  const days = once(() =>
    monthDaysOf([
      ...known.keys,
      ...facts.flatMap(({ keys }) => keys),
      ...daysAfter(
        facts.flatMap(({ keys }) => keys),
        known,
        today,
      ),
    ]),
  );
  const told = once(() => [
    ...amountTerms(facts.flatMap(({ keys }) => keys.slice(0, 1))).map(({ minor }) => minor / 100),
    ...readingsOf(receipts.asked),
  ]);
  return strangeNumbers(
    text,
    { read: [...facts, ...found, ...marks], sources },
    (value, at, shown) => {
      const isDay =
        IS_DAY.test(text.slice(at, at + 4)) ||
        DAY_AFTER.test(text.slice(Math.max(0, at - 8), at)) ||
        facts.some(({ kind, end }) => kind === "date" && end <= at && at - end <= 6);
      const terms = [...shown, ...told()].slice(0, COUNTS_MAX);
      return (
        text.startsWith("24/7", at) ||
        (isDay && days().has(value)) ||
        reckoned().has(value) ||
        shown.some((one) => one >= 10 && value % one === 0) ||
        terms.some((one) => terms.some((other) => one + other === value || one - other === value))
      );
    },
  ).filter((word) => !HAS_ONE_DIGIT.test(word));
}

/** A few of a thing, "the 2nd", and names that everybody knows: 2FA, MP3, A4. */
const HAS_ONE_DIGIT = /^\D*\d\D*$/;
/** "The 21st", and as other languages name a day by its number alone: "le 20". */
const IS_DAY = /^\d{1,2}(?:st|nd|rd|th)/;
const DAY_AFTER = /(?<!\p{L})(?:the|le|il|el|a|al|dia|día|den|dem|am|op) $/iu;

function monthDaysOf(keys: readonly string[]): ReadonlySet<number> {
  return new Set(daysNear(keys, 0).map((day) => new Date(day * 86_400_000).getUTCDate()));
}

/** "1." at the beginning of a line counts its entries. */
const LIST_MARK = /^[ \t]{0,20}\d{1,2}[.)]/gm;
const ISO_DAY = /\d{4}-\d\d-\d\d(?:T[\d:.]+)?/g;

/** "You can choose 24 December", "you hope for the 28th": no promise that it comes then. */
const YOUR_CHOICE =
  /\byou(?:'d| can| could| may| might| would| want| hope| prefer| choose| need| wish| like)\b/;

const TODAY = /\btoday\b/;

const OTHER_NUMBER = "the action, the records and the customer have another number there";
/** Says that it is the customer's, denies it or asks: a value of theirs may stand there that is for the records to tell. */
function mayRepeat({ text }: Piece): boolean {
  return repeatsSomebody(text) || deniesSomething(text) || endsAsking(text);
}

const OF_ANOTHER = "the record of this order names something else";

/** The weekdays of days that are known and stated: "until 1 November, which is a Sunday". */
function weekdaysOf(stated: readonly Fact[], { keys }: Evidence): ReadonlySet<number> {
  const days = stated.flatMap((fact) => fact.keys.filter((key) => keys.has(key)));
  const byName = days
    .filter((key) => key.startsWith("month-day:"))
    .flatMap((key) =>
      WEEKDAYS.filter((one) => keys.has(`weekday-of:${key.slice("month-day:".length)}:${one}`)),
    );
  const byCount = days
    .filter((key) => key.startsWith("day:"))
    .map((key) => weekdayIndex(Number(key.slice("day:".length))));
  return new Set([...byName, ...byCount]);
}

const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6];

function isDayOf({ keys }: Fact, weekdays: () => ReadonlySet<number>): boolean {
  const [first = ""] = keys;
  return first.startsWith("weekday:") && weekdays().has(Number(first.slice("weekday:".length)));
}

/** "The cap (789)", or "order 789, the cap", where 789 is the belt. */
function isOfAnotherItem(
  text: string,
  { kind, keys, start, end }: Fact,
  { items, orderIds }: Evidence,
): boolean {
  const id = keys[0]?.replace(/^id:/, "") ?? "";
  if (kind !== "order" || !orderIds.has(id)) return false;
  const after = text.slice(end, end + NAMED_CHARACTERS);
  const beside = [
    NAMED_BEFORE.exec(text.slice(Math.max(0, start - NAMED_CHARACTERS), start)),
    NAMED_AFTER.exec(after),
  ];
  const bought = BOUGHT_FOR.exec(after)
    ?.groups?.["thing"]?.toLowerCase()
    .match(/\p{L}+/gu);
  const own = [...items].filter(([, holders]) => holders.has(id)).map(([word]) => word);
  if (bought !== undefined && bought !== null && own.length > 0 && isEnglish(text))
    return !bought.some((word) => own.some((one) => one.startsWith(word.replace(/s$/, ""))));
  const named = beside.flatMap((found) => Object.values(found?.groups ?? {}));
  return named
    .map((item) => items.get((item ?? "").toLowerCase()))
    .some((holders) => holders !== undefined && !holders.has(id));
}

/** A thing and right after it its order: "cap (", "the cap, order ", and not "in this case, order ". */
const NAMED_CHARACTERS = 60;
const NAMED_BEFORE =
  /(?:\b(?:the|your) (?:\p{L}{1,30} )??(?<named>\p{L}{1,30})(?:, \p{Lu}\p{Ll}{1,20})?,? (?:(?:that's|which is|is) )?|(?<!\p{L})(?<!\b(?:this|that|any|which|such|in) )(?<told>\p{L}{1,30}) ?\()(?:order )?(?:number |no\. ?)?#?$/iu;
const NAMED_AFTER = /^(?:, | \()(?:the|your) (?:\p{L}{1,30} )?(?<item>\p{L}{1,30})(?=[,)])/iu;

/** "Order 789 is a belt for 20.00", "789 is a belt, it cost 20.00": what was bought, told with its price. */
const BOUGHT_FOR =
  /^\)? (?:is|was) an? (?<thing>[^.,;:!?()]{3,50}?)(?:,? for \S{0,4}\d|,? (?:it|which|and) costs?\b)/u;

/**
 * Yesterday and today by their dates, and where weekdays are known, as of opening hours, tomorrow: anybody may name them.
 * Else tomorrow is a promise. A weekday may be that of any week.
 */
function isNear({ keys }: Fact, today: number, known: Evidence): boolean {
  const isOpen = WEEKDAYS.some((one) => known.keys.has(`weekday:${one}`));
  return (
    keys[0]?.startsWith("weekday:") !== true &&
    [today - 1, today, ...(isOpen ? [today + 1] : [])]
      .flatMap(namesOfDay)
      .some((name) => keys.includes(name))
  );
}

// Numbers of addresses, compared with those of the action, the records and the customer.

/** A number beside a name with a capital: "17 Larkspur", "Apt 7". */
const NUMBERED =
  /(?<![\p{L}\p{N}.,:/#-])(?:(?<first>\d{1,5}[a-z]?) (?<after>\p{Lu}\p{Ll}{2,})|(?<before>\p{Lu}\p{Ll}{2,}) (?<last>\d{1,5}[a-z]?))(?![\p{L}\p{N}]|[.,:/-]\d)/gu;

/**
 * The numbers in a text that stand beside the name of a street or a flat of which the sources know other numbers alone:
 * "71 Larkspur" where the action has "17 Larkspur". A name of which they know no number says nothing, and what is one of
 * the `facts` of the text, such as "30 January", is judged as that.
 */
function otherNumbers(text: string, facts: readonly Fact[], receipts: Receipts): readonly string[] {
  const read = covered(text, facts);
  const told = numbered(text).filter(
    ({ start, words }) => !read.subarray(start, start + words.length).includes(1),
  );
  if (told.length === 0) return [];
  const { asked, askedBefore = [] } = receipts;
  // In German any thing after a number has a capital: "100 Punkte" is no other number of the customer's "340 Punkte".
  const theirs = detectedLanguage(text) === "de" ? [] : [asked, ...askedBefore];
  const known = new Map<string, Set<string>>();
  for (const { name, number } of [...addressesIn(receipts), ...theirs].flatMap(numbered))
    known.set(name, (known.get(name) ?? new Set()).add(number));
  return told
    .filter(({ name, number }) => !NO_STREET.test(name) && known.get(name)?.has(number) === false)
    .map(({ words }) => words);
}

/** What else stands beside a number, with a capital at the beginning of a sentence or in a title. */
const NO_STREET = /^(?:size|step|zone|version|item|section|part|page|level|model|\w+s)$/;

function numbered(text: string) {
  return allMatches(text.slice(0, READ_MAX), NUMBERED).map(({ 0: words, index, groups }) => ({
    words,
    start: index,
    name: (groups?.["after"] ?? groups?.["before"] ?? "").toLowerCase(),
    number: (groups?.["first"] ?? groups?.["last"] ?? "").toLowerCase(),
  }));
}

/** Texts that hold an address: arguments of the actions, and addresses in records. */
function addressesIn({ proposal, toolResults }: Receipts): string[] {
  const found: string[] = [];
  const take = (value: unknown, name: string, depth: number): void => {
    if (typeof value === "string" && ADDRESS.test(name)) found.push(value);
    else if (value !== null && typeof value === "object" && depth < DEPTH_MAX)
      for (const [key, item] of Object.entries(value))
        take(item, Array.isArray(value) || ADDRESS.test(name) ? name : key, depth + 1);
  };
  for (const { action } of proposal?.actions ?? [])
    for (const [name, value] of statedArguments(action)) take(value, name, 0);
  for (const { result } of toolResults) take(result, "", 0);
  return found;
}

const ADDRESS = /address|street|ship_to|deliver_to/i;
const DEPTH_MAX = 6;
