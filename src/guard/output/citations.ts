/** Finds a source for each figure and state in a draft. */
import { changeName, type PlannedAction, toldAction } from "#core/values/action.ts";
import { NO_RECEIPTS, type OutputCheck } from "#core/contracts/guard.ts";
import { epochDay } from "./dates.ts";
import { recordsByName, recordTitle } from "./order-facts.ts";
import { ENGLISH } from "#guard/claims/deed-grammar.ts";
import { factsIn, type Evidence, evidenceFrom, LETTERS } from "./evidence.ts";
import { isFromPage, type Quote, quoteFinder } from "./passage-quotes.ts";
import { type Piece, sentencePieces } from "./sentences.ts";
import { pageName } from "#core/values/words.ts";
import type { Citation } from "#core/values/card-context.ts";

type CitationInput = Parameters<OutputCheck["citations"]>[1];

/** More than a person reads below a draft. */
const SOURCES_MAX = 12;
const WORDS_MAX = 12;
const SAID_MAX = 200;
const NAME_MAX = 300;
/** Longer than any reply; text after it gets no citation number. */
const DRAFT_MAX = 30_000;
/** Each statement is compared with every other one. */
const STATEMENTS_MAX = 500;

/** A source that can be evidence for a statement, by the name a person knows it by. */
interface Source {
  readonly name: string;
  readonly known: Evidence;
  /** The order a record is about; null for everything else. */
  readonly orderId: string | null;
  /** A page the draft names is listed below it even where no figure of it is quoted. */
  readonly isCited: boolean;
}

interface Statement {
  readonly said: string;
  readonly start: number;
  readonly isBackedBy: (known: Evidence) => boolean;
  /** True when it names an order, for which the order's record is better evidence than an action on it. */
  readonly namesOrder: boolean;
}

/**
 * The amounts, days, numbers and states of a draft, each with the first source that contains it: an action of the same
 * proposal, an order of the shop, another record, a help page. Pages that the draft names or takes a sentence from are
 * listed as well; a page that was only read is none.
 */
export function draftCitations(whole: string, given: CitationInput): readonly Citation[] {
  const text = whole.slice(0, DRAFT_MAX);
  const sources = citableSources(text, given);
  const sentences = sentencePieces(text);
  const sentenceQuote = quoteFinder([...given.passages, ...(given.procedureSteps ?? [])]);
  // Each sentence is compared once, however many figures stand in it.
  const quoteBySentence = new Map(
    sentences.map((sentence) => [sentence, sentenceQuote(sentence.plain)] as const),
  );
  const quotes = [...quoteBySentence.values()].flatMap((quote) => quote ?? []);
  const words = new Map<Source, Set<string>>();
  for (const statement of statementsIn(text, sentences, given)) {
    const around = sentences.find(
      (sentence) => sentence.start <= statement.start && statement.start < sentence.end,
    );
    const quoted = around === undefined ? undefined : quoteBySentence.get(around);
    const source = quotedPage(quoted ?? null, sources) ?? backing(statement, sources, around);
    if (source !== undefined)
      words.set(source, (words.get(source) ?? new Set()).add(statement.said));
  }
  const taken = new Set(quotes.filter(isFromPage).map(({ passage }) => pageName(passage)));
  const quiet = sources.filter(
    (source) => (source.isCited || taken.has(source.name)) && !words.has(source),
  );
  return [...words.keys(), ...quiet].slice(0, SOURCES_MAX).map((source) => ({
    source: source.name.slice(0, NAME_MAX).toWellFormed(),
    words: [...(words.get(source) ?? [])].slice(0, WORDS_MAX),
    quote: quoteFrom(source, quotes),
  }));
}

/** The page a sentence was taken from: an order that happens to have the same state or day says nothing in general. */
function quotedPage(quoted: Quote | null, sources: readonly Source[]): Source | undefined {
  if (quoted === null || !isFromPage(quoted)) return undefined;
  const name = pageName(quoted.passage);
  return sources.find((source) => source.name === name);
}

/** The sentence of the page that most of the draft's words stand in; empty for a source that is no page. */
function quoteFrom({ name }: Source, quotes: readonly Quote[]): string {
  const own = quotes.filter(({ passage }) => pageName(passage) === name);
  const [best] = own.toSorted((one, other) => other.share - one.share);
  return best?.text ?? "";
}

/** Of two orders with the same amount, the one the sentence names counts. */
function backing(
  { namesOrder, isBackedBy }: Statement,
  sources: readonly Source[],
  around: Piece | undefined,
): Source | undefined {
  const fitting = sources.filter(({ known }) => isBackedBy(known));
  const named = fitting.find(
    ({ orderId }) => orderId !== null && (around?.text.includes(orderId) ?? false),
  );
  const [first] = fitting;
  const isAboutOrder = namesOrder || (first !== undefined && first.orderId !== null);
  return isAboutOrder ? (named ?? first) : first;
}

/** The statements of the draft, in order. A phrase that does not occur literally gets no number. */
function statementsIn(
  text: string,
  sentences: readonly Piece[],
  { today }: CitationInput,
): readonly Statement[] {
  const facts = factsIn(text, epochDay(today)).map(({ kind, words, start, keys }) => ({
    said: words.trim(),
    start,
    namesOrder: kind === "order",
    isBackedBy: (known: Evidence) => keys.some((key) => known.keys.has(key)),
  }));
  const all = [...facts, ...sentences.flatMap(statesIn)]
    .filter(({ said }) => said !== "" && said.length <= SAID_MAX)
    .slice(0, STATEMENTS_MAX)
    .filter(({ said }) => text.includes(said));
  return all
    .filter((one) => !all.some((other) => one !== other && isWithin(one, other)))
    .toSorted((one, other) => one.start - other.start);
}

/** "November 2026" adds nothing to "8 November 2026". */
function isWithin(one: Statement, other: Statement): boolean {
  const end = one.start + one.said.length;
  const isShorter = one.said.length < other.said.length;
  return isShorter && other.start <= one.start && end <= other.start + other.said.length;
}

/** "was delivered": the first phrase of an English sentence that gives an order a state. */
function statesIn(sentence: Piece): readonly Statement[] {
  return ENGLISH.states.flatMap(({ pattern, state }) => {
    const match = pattern.exec(sentence.plain);
    if (match === null) return [];
    return [
      {
        said: sentence.text.slice(match.index, match.index + match[0].length).trim(),
        start: sentence.start + match.index,
        namesOrder: false,
        isBackedBy: (known: Evidence) => known.states.has(state),
      },
    ];
  });
}

function citableSources(text: string, given: CitationInput): readonly Source[] {
  const source = (name: string, part: Partial<CitationInput>): Source => ({
    name,
    known: evidenceFrom({ ...NO_RECEIPTS, today: given.today, ...part }),
    orderId: null,
    isCited: false,
  });
  const actions = (given.proposal?.actions ?? [])
    .filter(({ action }) => !LETTERS.includes(action.operation))
    .map((planned) =>
      source(`${calledShortly(planned)}, proposed here`, {
        proposal: { actions: [{ ...planned, facts: [] }] },
      }),
    );
  const ordersFound = recordsByName(given);
  const orders = [...ordersFound].map(([orderId, records]) => ({
    ...source(`${recordTitle(orderId, records)}, from the shop`, {
      toolResults: records.map((result) => ({ tool: "order", result })),
    }),
    orderId,
  }));
  // What is the record of an order and nothing else is read there.
  const inOrders = new Set<unknown>([...ordersFound.values()].flat());
  const results = given.toolResults
    .filter((toolResult) => isRecord(toolResult) && !inOrders.has(toolResult.result))
    .map((toolResult) => source(nameOfRecord(toolResult.result), { toolResults: [toolResult] }));
  const pages = given.passages.map((passage) => ({
    ...source(pageName(passage), { passages: [passage] }),
    isCited: text.includes(passage.title),
  }));
  const steps = (given.procedureSteps ?? []).map((passage) =>
    source(pageName(passage), { passages: [passage] }),
  );
  return merged([...actions, ...orders, ...results, ...pages, ...steps]);
}

/** "refund of order 789": the whole label stands above the draft. */
function calledShortly(planned: PlannedAction): string {
  const { name } = toldAction(planned);
  const what = changeName(planned.action.operation);
  return name === null ? what : `${what} of order ${name}`;
}

/** Two passages of one page are one source. */
function merged(sources: readonly Source[]): readonly Source[] {
  const byName = new Map<string, Source>();
  for (const source of sources) {
    const before = byName.get(source.name);
    byName.set(source.name, before === undefined ? source : both(before, source));
  }
  return [...byName.values()];
}

function both(one: Source, other: Source): Source {
  return {
    ...one,
    known: {
      ...one.known,
      keys: new Set([...one.known.keys, ...other.known.keys]),
      states: new Map([...one.known.states, ...other.known.states]),
    },
    isCited: one.isCited || other.isCited,
  };
}

/** The passages of a search are sources of their own, by their pages. */
function isRecord({ result }: CitationInput["toolResults"][number]): boolean {
  return typeof result !== "object" || result === null || !("passages" in result);
}

/** A team does not know the names of tools: a record is the shop's, and a no to a change is a decision on it. */
function nameOfRecord(result: unknown): string {
  const isDecision = typeof result === "object" && result !== null && "status" in result;
  return isDecision ? "the decision on the change" : "a record of the shop";
}
