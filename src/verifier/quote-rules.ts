/** What a quote must be to back a statement. */
import type { Source } from "#core/contracts/guard.ts";
import { factsIn } from "#guard/output/evidence.ts";
import { mayBeDay } from "#guard/output/may-follow.ts";
import { strangeNumbers } from "#guard/output/strange-numbers.ts";
import { hasDenial, repeatsSomebody, tellsRefusal } from "#guard/languages/sentence-words.ts";
import { offersPerson, onlySupposes } from "./courtesies.ts";
import { ordersNamed, strangeFigure } from "./figures.ts";
import { type Stretch, allStretches } from "./folded.ts";
import {
  isFields,
  oppositeRemark,
  type Quoted,
  type Said,
  tellingWords,
  unshownRemark,
} from "./opposites.ts";
import type { Statement } from "./request.ts";
import {
  isKnown,
  namesWithoutSource,
  ON_REQUEST,
  type ReadSources,
  sourceAt,
  tellsNotFound,
} from "./sources.ts";

/** What backs a statement, or what would mend it. */
export interface Backing {
  readonly reason: string | null;
  /** Empty where something is wrong. */
  readonly quoted: readonly Quoted[];
  /** A quote that stands nowhere; null for none. */
  readonly miscopied: string | null;
}

const NOTHING_SAYS_IT = "no source says this: leave it out, or look it up first";

/** Whether the statement's quotes back it: each has to stand in its source, and what one says the other may not deny. */
export function objectionToQuote(statement: Said, sources: ReadSources): Backing {
  const { kind, source, quote, also } = statement;
  if (quote === null || source === null) return unbacked(neededBy(kind));
  const quoted: Quoted[] = [];
  for (const one of [{ source, quote }, ...(also ? [also] : [])]) {
    const found = quotedFrom(one.quote, sourceAt(sources.all, one.source), sources);
    if (found === null)
      return { ...unbacked("its quote stands in no source"), miscopied: one.quote };
    quoted.push(found);
  }
  const wrong = objectionToAll(statement, quoted, sources);
  return wrong === null ? { reason: null, quoted, miscopied: null } : unbacked(wrong);
}

function objectionToAll(
  statement: Said,
  quoted: readonly Quoted[],
  sources: ReadSources,
): string | null {
  const { kind, text } = statement;
  const proving = kind === "echo" ? theirsFirst(quoted) : quoted;
  const isTold = isNaming(statement, proving, sources) || !tellingNothing(text, proving, sources);
  return (
    objectionToSources(statement, proving, sources) ??
    (isTold ? null : NOTHING_SAYS_IT) ??
    strangeFigure(statement, proving, sources) ??
    strangeWord(statement, sources) ??
    otherOrder(statement, quoted, sources) ??
    objectionToNo(statement, oursFirst(proving))
  );
}

function objectionToNo({ text, insists }: Said, quoted: readonly Quoted[]): string | null {
  const opposite = firstWrong(quoted, (one) => oppositeRemark(text, one));
  return opposite ?? (insists ? null : unshownRemark(text, quoted));
}

/**
 * "You have one order, 2001, a phone": names what was found, in words of its record and those of naming, tells no value
 * of it, and a reader that reads calls it so. Whether other words name as well, a reader tells that was asked again.
 */
function isNaming(
  { kind, text, insists }: Said,
  quoted: readonly Quoted[],
  sources: ReadSources,
): boolean {
  if (kind !== "naming" || hasDenial(text)) return false;
  const found = ordersFound(sources);
  const names = new Set(quoted.filter(isNamed).flatMap(({ words }) => tellingWords(words)));
  const words = text.toLowerCase().match(/[\p{L}\d-]+/gu) ?? [];
  return (
    words.every((word) => !/\d/.test(word) || found.has(`id:${word}`)) &&
    (insists || tellingWords(text).every((word) => names.has(word) || NAMING.has(word)))
  );
}

/** How naming goes in the languages whose small words are listed, cut as words are compared. */
const NAMING = new Set(
  tellingWords(
    `orders number account article item record probably mean meant find found bestellung nummer konto artikel wahrscheinlich
    meinst meinen finde commande numéro compte article probablement pedido número cuenta artículo probablemente`,
  ),
);

/** The orders of which there is a record, as the numbers in a text are read. */
function ordersFound({ all }: ReadSources): ReadonlySet<string> {
  return new Set(
    all.flatMap(({ orderId }) => (orderId === null ? [] : [`id:${orderId.toLowerCase()}`])),
  );
}

/** Whether no quote tells more than what it is about; the customer's words beside a name make it tell no more. */
function tellingNothing(text: string, quoted: readonly Quoted[], sources: ReadSources): boolean {
  const ours = quoted.filter(isOurs);
  if (ours.length === 0) return quoted.every((one) => onlyNames(text, one, sources));
  const isBeside = ours.length < quoted.length;
  // "A soap dish is not what you ordered": what was, beside what they write they got.
  if (isBeside && hasDenial(text) && ours.every(({ quote }) => !saysNothing(quote))) return false;
  return ours.every((one) => onlyNames(text, one, sources) || (isBeside && isNamed(one)));
}

/** Whether a quote is of ours, and not the customer's own words. */
function isOurs({ source }: Quoted): boolean {
  return source.kind !== "customer";
}

/** What they say may be answered with its opposite, where something of ours backs it. */
function oursFirst(quoted: readonly Quoted[]): readonly Quoted[] {
  return quoted.some(isOurs) ? quoted.filter(isOurs) : quoted;
}

/** Beside the customer's own words a record says which order they meant, and a page why they did it: neither proves more. */
function theirsFirst(quoted: readonly Quoted[]): readonly Quoted[] {
  return quoted.every(isOurs) ? quoted : quoted.filter((one) => !isOurs(one));
}

function firstWrong(
  quoted: readonly Quoted[],
  wrongWith: (one: Quoted) => string | null,
): string | null {
  return quoted.map(wrongWith).find((one) => one !== null) ?? null;
}

/** The quote is what counts: where it stands in another source than the one that was named, that one is its source. */
function quotedFrom(quote: string, named: Source | null, sources: ReadSources): Quoted | null {
  for (const source of named === null ? sources.all : [named, ...sources.all]) {
    const stretches = allStretches(sources.foldedOf(source), quote);
    if (stretches.length === 0) continue;
    return {
      source,
      stretches,
      quote,
      words: isFields(source) ? wholeLines(source, stretches) : quote,
    };
  }
  return null;
}

function unbacked(reason: string): Backing {
  return { reason, quoted: [], miscopied: null };
}

function neededBy(kind: Statement["kind"]): string {
  return MENDED_BY.get(kind) ?? NOTHING_SAYS_IT;
}

const MENDED_BY: ReadonlyMap<Statement["kind"], string> = new Map([
  ["done", "nothing shows that this was done: propose the action, or leave it out"],
  ["promise", "nothing shows that this will happen: propose the action, or leave it out"],
  ["grant", "nobody has granted this: leave it out"],
]);

/** A record is one field a line; "return started on" without its "none" would say the opposite. */
function wholeLines({ text }: Source, stretches: readonly Stretch[]): string {
  const lines = stretches.map(({ start, end }) => {
    const after = text.indexOf("\n", end);
    return text.slice(text.lastIndexOf("\n", start - 1) + 1, after === -1 ? undefined : after);
  });
  return [...new Set(lines)].join("\n");
}

/** What was, will be or may be done takes one quote that shows it; every other quote has to be one for such a statement. */
function objectionToSources(
  said: Said,
  quoted: readonly Quoted[],
  sources: ReadSources,
): string | null {
  const { kind } = said;
  const isAct = kind === "done" || kind === "promise" || kind === "grant";
  const shown = isAct ? quoted.filter((one) => isDeed(said, one, sources)) : [];
  if (isAct && shown.length === 0) return neededBy(kind);
  const rest = quoted.filter((one) => !shown.includes(one));
  // Beside what backs it, and more than a name does, their words say what they saw, or when they leave.
  const own = quoted.some(isOurs) ? rest.filter(isOurs) : rest;
  return firstWrong(own, (one) => objectionToSource(said, one, sources));
}

function objectionToSource(said: Said, quoted: Quoted, sources: ReadSources): string | null {
  const { source } = quoted;
  const { kind, sentence } = said;
  if (source.kind === "customer")
    return repeatsSomebody(sentence) || isOfThem(said, sources)
      ? null
      : "only the customer says this: say that it is what they wrote, or leave it out";
  if (kind === "echo") return "this is not what the customer wrote";
  if (source.kind === "request") return "our team is asked this, and has not done it: say no more";
  if (source.kind === "refusal" && !isRefused(said, quoted))
    return "this is not done: do not say that it is";
  if (isOnRequest(quoted) && !isOffer(said, sources))
    return "no person has it yet: say that they get one if they say so, or hand it over";
  return null;
}

/**
 * "As you live in Oregon, since the 4th": theirs in words that code does not know for saying so, if a reader that was asked
 * stands by it. Days and lengths of time have to stand in what it quotes; an amount needs the words, or a source of ours.
 */
function isOfThem({ kind, text, insists }: Said, sources: ReadSources): boolean {
  const ours = sources.telling.filter((one) => one.kind !== "customer");
  const isAbout = kind === "echo" || kind === "naming";
  return (
    insists &&
    isAbout &&
    factsIn(text, sources.today).every(
      (fact) => fact.kind !== "amount" || isKnown(fact, ours, sources),
    )
  );
}

/** Offers a person on the customer's word, and tells no time; in words that code does not know, a reader stands by it. */
function isOffer(said: Said, { today }: ReadSources): boolean {
  const isTimed = factsIn(said.text, today).some((fact) => fact.kind !== "order");
  return !isTimed && (offersPerson(said) || (said.insists && onlySupposes(said)));
}

/**
 * Tells that it is not done, or, if a reader stands by it, what stands behind its first line ("I need the exact amount"), or
 * says no in other letters, whose words for it are not listed.
 */
function isRefused({ text, insists }: Said, { source, stretches }: Quoted): boolean {
  const isReason = stretches.every(({ start }) => source.text.lastIndexOf("\n", start) > 0);
  return tellsRefusal(text) || (insists && (isReason || !/\p{Script=Latin}/u.test(text)));
}

function isOnRequest({ source, stretches }: Quoted): boolean {
  const from = source.text.indexOf(ON_REQUEST);
  if (from === -1) return false;
  return stretches.some(({ start, end }) => start < from + ON_REQUEST.length && from < end);
}

/**
 * Whether a source shows that something was, will be or may be done in this case: an action, what our team is asked, what
 * we or a teammate said before, and of a record only what has the very day or amount of the statement. That nothing was done shows as well.
 */
function isDeed(said: Said, quoted: Quoted, sources: ReadSources): boolean {
  const { today } = sources;
  const { words } = quoted;
  const { kind } = quoted.source;
  if (isOnRequest(quoted)) return said.kind === "promise" && isOffer(said, sources);
  if (kind === "action" || kind === "sent" || kind === "teammate") return true;
  if (kind === "request") return said.kind !== "grant";
  if (kind === "refusal") return hasDenial(said.text);
  if (kind !== "record" || said.kind === "grant") return false;
  if (said.kind === "done" && tellsNotFound({ ...quoted.source, text: words }))
    return saysNotFound(said.text, sources);
  const shown = new Set(factsIn(words, today).flatMap(({ keys }) => keys));
  return factsIn(said.text, today).some(
    (fact) => fact.kind !== "order" && fact.keys.some((key) => shown.has(key)),
  );
}

/** "Order 2001:" alone says of no order how it stands. */
function saysNothing(quote: string): boolean {
  const told = quote.trim().replace(/^(?:order|record) \S+:\s*/i, "");
  return told.length < QUOTE_CHARACTERS_MIN || !/\S\s+\S/.test(told);
}

const QUOTE_CHARACTERS_MIN = 6;

/** What a record says of what it is about; "item headphones" shows nothing of what became of them. */
function onlyNames(text: string, { source, quote, words }: Quoted, sources: ReadSources): boolean {
  if (source.kind !== "customer" && saysNothing(quote)) return true;
  const isShort = (text.match(/\p{L}{2,}/gu) ?? []).length <= NAMED_WORDS_MAX;
  if (isShort || !isNamed({ source, words })) return false;
  return !(tellsNotFound({ ...source, text: words }) && saysNotFound(text, sources));
}

/** Whether a record's quote is its number, article or name alone. */
function isNamed({ source, words }: Pick<Quoted, "source" | "words">): boolean {
  return isFields(source) && words.split("\n").every((line) => NAMES.test(line));
}

/** "I can't find an order with the number 456": denies, has no amount or day, and no order it names was found. */
function saysNotFound(text: string, sources: ReadSources): boolean {
  const facts = factsIn(text, sources.today);
  const found = ordersFound(sources);
  return (
    (hasDenial(text) ||
      /\bI(?:['’]ve| have)? (?:just )?(?:looked|searched|checked)\b/i.test(text)) &&
    facts.every(({ kind, keys }) => kind === "order" && !keys.some((key) => found.has(key)))
  );
}

const NAMES =
  /^(?:(?:order|record) \S+: )?(?:order id|record id|item|product|name|e-?mail|customer id|found|title)(?: |$)/i;
const NAMED_WORDS_MAX = 6;

/**
 * A name, or a number of something other than money, time and orders, that stands in no source at all. Whether a name is
 * another word for what it quotes, and a small number a day, a reader tells that was asked again.
 */
function strangeWord({ text, kind, insists }: Said, sources: ReadSources): string | null {
  const [name] = insists && kind === "fact" ? [] : namesWithoutSource(text, sources);
  const [number] = strangeNumbers(text, {
    read: factsIn(text, sources.today),
    sources: () => sources.telling.map((source) => source.text),
  }).filter((one) => !(insists && mayBeDay(one)));
  const strange = name ?? number;
  return strange === undefined
    ? null
    : `“${strange}” does not stand in what backs this: write what stands there, or leave it out`;
}

/**
 * A record of one order backs nothing about another one. Of two orders together it is so where both records have what
 * is said of them.
 */
function otherOrder(
  { text, insists }: Said,
  quoted: readonly Quoted[],
  sources: ReadSources,
): string | null {
  const records = quoted.filter(({ source }) => source.orderId !== null);
  const orders = [...new Set(records.flatMap(({ source }) => source.orderId ?? []))];
  const [order] = orders;
  if (order === undefined) return null;
  const facts = factsIn(text, sources.today);
  const named = ordersNamed(text, sources);
  const isShared = facts
    .filter((fact) => fact.kind !== "order" && !sources.isReckoned(fact))
    .filter((fact) => !(insists && sources.mayBeReckoned(fact)))
    .every((fact) => records.every(({ source }) => isKnown(fact, [source], sources)));
  const isTheirs =
    orders.length === 1
      ? named.length === 0 || named.includes(order)
      : isShared && named.every((id) => orders.includes(id));
  return isTheirs
    ? null
    : `what backs this is about order ${order}: say of each order what its own record says`;
}
