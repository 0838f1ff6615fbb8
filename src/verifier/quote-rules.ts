/** What a quote must be to back a statement. */
import type { Source } from "#core/contracts/verifier.ts";
import { evidenceFrom, factsIn } from "#guard/output/evidence.ts";
import type { Fact } from "#guard/output/facts.ts";
import { dayOf } from "#guard/output/dates.ts";
import { linksIn } from "#guard/output/links.ts";
import { folded, type Folded, type Stretch, stretchesOf } from "./folded.ts";
import type { Statement } from "./reading.ts";
import { sourceAt } from "./sources.ts";
import { isFields, oppositeOf } from "./opposites.ts";
import {
  hasDenial,
  repeatsSomebody,
  saysEveryDay,
  speaksOfOurSide,
  tellsRefusal,
} from "./words.ts";

/** The sources as far as rules need them, each worked out when it is first asked for. */
export interface ReadSources {
  readonly all: readonly Source[];
  readonly today: number;
  foldedOf(source: Source): Folded;
  /** The amounts, days, lengths of time and numbers of a source, by value. */
  keysOf(source: Source): ReadonlySet<string>;
  /** What no single source says and several together do: a deadline, or how long ago something was. */
  follows(key: string): boolean;
}

/** Reads sources for the rules. */
export function readSources({
  sources,
  today,
}: {
  readonly sources: readonly Source[];
  readonly today: Date;
}): ReadSources {
  const texts = new Map<Source, Folded>();
  const keys = new Map<Source, ReadonlySet<string>>();
  let together: ReturnType<typeof evidenceFrom> | null = null;
  const kept = <Value>(map: Map<Source, Value>, source: Source, make: () => Value): Value => {
    const known = map.get(source);
    if (known !== undefined) return known;
    const made = make();
    map.set(source, made);
    return made;
  };
  return {
    all: sources,
    today: dayOf(today),
    foldedOf: (source) => kept(texts, source, () => folded(source.text)),
    keysOf: (source) => kept(keys, source, () => keysIn([source], today).keys),
    follows(key) {
      together ??= keysIn(
        sources.filter(({ kind }) => kind !== "customer"),
        today,
      );
      return together.keys.has(key) || together.elapsed.has(key);
    },
  };
}

/** By the same rules as the output check, so that a value means the same in both. */
function keysIn(sources: readonly Source[], today: Date): ReturnType<typeof evidenceFrom> {
  const isRecorded = ({ kind }: Source): boolean => kind === "record" || kind === "action";
  return evidenceFrom({
    // Deadlines are counted from recorded days alone.
    toolResults: sources.filter(isRecorded).map(({ text }) => ({ tool: "", result: text })),
    passages: sources
      .filter((one) => !isRecorded(one))
      .map(({ text }) => ({ id: "", title: "", url: "", text, score: 1 })),
    proposal: null,
    asked: "",
    requester: { level: 0, customerId: null, emailOnFile: null, name: null, reason: "" },
    escalates: false,
    language: null,
    forbidden: [],
    today,
  });
}

/** A statement's source, or what would mend it. */
export interface Backing {
  readonly reason: string | null;
  readonly source: Source | null;
  /** True when the quote stands nowhere in its source. */
  readonly miscopied: boolean;
}

const NOTHING_SAYS_IT = "no source says this: leave it out, or look it up first";

/** A statement as it stands in the reply. */
export interface Said extends Statement {
  /** The whole sentence around it. */
  readonly sentence: string;
  /** Whether the output check reads it as something that we did or will do. */
  readonly claims: boolean;
}

/** Whether the statement's quote backs it. */
export function objectionToQuote(statement: Said, sources: ReadSources): Backing {
  const { kind, quote } = statement;
  if (quote === null || statement.source === null) return unbacked(neededBy(kind));
  const quoted = quotedFrom(quote, sourceAt(sources.all, statement.source), sources);
  if (quoted === null) return { ...unbacked("its quote stands in no source"), miscopied: true };
  const { source, stretches } = quoted;
  const reason = objectionToSource(statement, source);
  if (reason !== null) return unbacked(reason);
  if (source.kind !== "customer" && saysNothing(quote)) return unbacked(NOTHING_SAYS_IT);
  const wrong =
    strangeFigure(statement.text, source, sources) ??
    otherOrder(statement.text, source, sources) ??
    oppositeOf(statement.text, { source, quote, stretches });
  return wrong === null ? { reason: null, source, miscopied: false } : unbacked(wrong);
}

/** The quote is what counts: where it stands in another source than the one that was named, that one is its source. */
function quotedFrom(
  quote: string,
  named: Source | null,
  sources: ReadSources,
): { readonly source: Source; readonly stretches: readonly Stretch[] } | null {
  for (const source of named === null ? sources.all : [named, ...sources.all]) {
    const stretches = stretchesOf(sources.foldedOf(source), quote);
    if (stretches.length > 0) return { source, stretches };
  }
  return null;
}

function unbacked(reason: string): Backing {
  return { reason, source: null, miscopied: false };
}

function neededBy(kind: Statement["kind"]): string {
  return MENDED_BY.get(kind) ?? NOTHING_SAYS_IT;
}

const MENDED_BY: ReadonlyMap<Statement["kind"], string> = new Map([
  ["done", "nothing shows that this was done: propose the action, or leave it out"],
  ["promise", "nothing shows that this will happen: propose the action, or leave it out"],
  ["grant", "nobody has granted this: leave it out"],
]);

/** What a source of this kind cannot back. */
function objectionToSource(said: Said, source: Source): string | null {
  const { kind, text } = said;
  const isDeed = kind === "done" || kind === "promise" || kind === "grant";
  if (source.kind === "customer") {
    if (isDeed) return neededBy(kind);
    return isToldAsTheirs(said)
      ? null
      : "only the customer says this: say that it is what they wrote, or leave it out";
  }
  if (source.kind === "procedure" && kind === "done") return neededBy(kind);
  if (kind === "echo") return "this is not what the customer wrote";
  if (source.kind === "refusal" && !(isDeed ? hasDenial(text) : tellsRefusal(text)))
    return "this is not done: do not say that it is";
  return null;
}

/**
 * Said as the customer's words, or as theirs although no word says so: "A cracked corner, oh no". What a person promised,
 * what our side did and what became of an order needs the words.
 */
function isToldAsTheirs({ kind, text, sentence, claims }: Said): boolean {
  return repeatsSomebody(sentence) || (kind === "echo" && !claims && !speaksOfOurSide(text));
}

/** "Order 2001:" alone says of no order how it stands. */
function saysNothing(quote: string): boolean {
  const told = quote.trim().replace(/^order \S+:\s*/i, "");
  return told.length < QUOTE_CHARACTERS_MIN || !/\S\s+\S/.test(told);
}

const QUOTE_CHARACTERS_MIN = 6;

/**
 * A value of the statement that its source does not hold. Numbers of orders may stand in any source, and where a rule of
 * a page or a procedure is applied to a record, the values of both may.
 */
function strangeFigure(text: string, source: Source, sources: ReadSources): string | null {
  const isApplied = (one: Source): boolean =>
    isRule(source) ? isFields(one) : isFields(source) && isRule(one);
  for (const fact of factsIn(text, sources.today)) {
    const from = sources.all.filter(
      (one) => fact.kind === "order" || one === source || isApplied(one),
    );
    if (!isKnown(fact, from, sources) && !followsFromAll(fact, sources))
      return `“${fact.words}” does not stand in what backs this: write what stands there, or leave it out`;
  }
  return null;
}

/** Says how things work here, for any order. */
function isRule({ kind }: Source): boolean {
  return kind === "page" || kind === "procedure";
}

/** A value another source says by itself belongs to that source, and has to be quoted from there. */
function followsFromAll(fact: Fact, sources: ReadSources): boolean {
  return fact.keys.some((key) => sources.follows(key)) && !isKnown(fact, sources.all, sources);
}

function isKnown({ keys }: Fact, from: readonly Source[], sources: ReadSources): boolean {
  const isWeekday = keys.some((key) => key.startsWith("weekday:"));
  return from.some(
    (source) =>
      (isWeekday && saysEveryDay(source.text)) ||
      keys.some((key) => sources.keysOf(source).has(key)),
  );
}

/** A record of one order backs nothing about another one. */
function otherOrder(text: string, source: Source, sources: ReadSources): string | null {
  if (source.orderId === null) return null;
  const known = new Set(sources.all.flatMap(({ orderId }) => (orderId === null ? [] : [orderId])));
  const named = factsIn(text, sources.today)
    .filter(({ kind }) => kind === "order")
    .flatMap(({ keys }) => keys.map((key) => key.replace(/^id:/, "")))
    .filter((id) => known.has(id));
  return named.length === 0 || named.includes(source.orderId)
    ? null
    : `what backs this is about order ${source.orderId}: say of each order what its own record says`;
}

/** What stands in a sentence that is said to state nothing. */
export function objectionToHollow(
  text: string,
  kind: "courtesy" | "question",
  {
    sources,
    claims,
  }: { readonly sources: ReadSources; readonly claims: (text: string) => boolean },
): string | null {
  if (claims(text))
    return "this says that something was or will be done: propose it, or leave it out";
  // "Tell me which of them you mean" asks as well, and is as free of figures as thanks are.
  const asks = kind === "question" && /[?？؟]/.test(text);
  if (linksIn(text).length > 0 && !asks) return NOTHING_SAYS_IT;
  const theirs = sources.all.filter((source) => source.kind === "customer");
  const strange = factsIn(text, sources.today).find((fact) => {
    // Regret names how long a customer waited, which is counted from records; an amount in it would be an offer.
    if (fact.kind === "date" && fact.keys.some((key) => sources.follows(key))) return false;
    return !isKnown(fact, asks || fact.kind === "order" ? sources.all : theirs, sources);
  });
  return strange === undefined
    ? null
    : `“${strange.words}” needs a source: look it up, or leave it out`;
}
