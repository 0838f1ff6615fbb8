/** Finds the amounts and days that a sentence tells of the records it names, and that other records alone have. */
import { allMatches } from "#text/normalize.ts";
import { type Finding, NO_RECEIPTS, type Receipts } from "#core/contracts/guard.ts";
import { plainId } from "#core/values/action.ts";
import { epochDay } from "./dates.ts";
import { covered, type Evidence, evidenceFrom, factsIn, once } from "./evidence.ts";
import type { Fact } from "./facts.ts";
import { ordersOfWholeItems, recordsByName } from "./order-facts.ts";
import { type Piece, sentencePieces } from "./sentences.ts";

const OF_ANOTHER_RECORD =
  "another record has this, and not the one this sentence names: say of each what its own record says";

/**
 * What is true of one record is false of another: "order 1002 came to 50.00" where that is order 1001. A value that a page,
 * an action, an answer or the customer has may be anybody's.
 */
export function valuesOfOthers(
  text: string,
  receipts: Receipts,
  { known, theirs }: { readonly known: Evidence; readonly theirs: () => ReadonlySet<string> },
): readonly Finding[] {
  const records = recordsByName(receipts);
  if (records.size < 2) return [];
  const today = epochDay(receipts.today);
  const unnamed = receipts.toolResults.filter(
    ({ result }) =>
      recordsByName({ toolResults: [{ tool: "", result }], proposal: null }).size === 0,
  );
  const resultsOf = (named: (name: string) => boolean) =>
    [...records].flatMap(([name, own]) =>
      named(name) ? own.map((result) => ({ tool: "", result })) : [],
    );
  /** The records that name one of these themselves, such as the invoices of a subscription. */
  const related = (named: (name: string) => boolean) => {
    const wanted = new Set([...records.keys()].filter(named).map(plainId));
    return [...records.values()]
      .flat()
      .flatMap((result) =>
        Object.values(result).some(
          (value) => typeof value === "string" && wanted.has(plainId(value)),
        )
          ? [{ tool: "", result }]
          : [],
      );
  };
  return sentencePieces(text).flatMap((sentence) => {
    const isByName = namedIn(sentence, [...records.keys()], today);
    if (![...records.keys()].some(isByName)) return [];
    // "The cable (order 1002) cost 9.00, and the phone case 8.00" names a second one by what was bought.
    const bought = new Set(ordersOfWholeItems(sentence.text, known).map(plainId));
    const isNamed = (name: string): boolean => isByName(name) || bought.has(plainId(name));
    const own = once(() =>
      evidenceFrom({
        ...receipts,
        toolResults: [...unnamed, ...resultsOf(isNamed), ...related(isNamed)],
      }),
    );
    const others = once(() =>
      evidenceFrom({
        ...NO_RECEIPTS,
        today: receipts.today,
        toolResults: resultsOf((name) => !isNamed(name)),
      }),
    );
    return factsIn(sentence.text, today)
      .filter((fact) => isValue(fact) && has(others(), fact) && !has(own(), fact))
      .filter(({ keys }) => !keys.some((key) => theirs().has(key) || key === `day:${today}`))
      .map(({ kind, words }) => ({ kind, words, reason: OF_ANOTHER_RECORD }));
  });
}

/** "120.00 USD" names no record 120. */
function namedIn(
  { text }: Piece,
  names: readonly string[],
  today: number,
): (name: string) => boolean {
  const read = covered(text, factsIn(text, today).filter(isValue));
  const words = allMatches(text, /[\p{L}\p{N}_-]{3,}/gu).filter(({ index }) => read[index] !== 1);
  const told = new Set(words.map(([word]) => plainId(word)));
  const named = new Set(names.filter((name) => told.has(plainId(name))));
  return (name) => named.has(name);
}

function isValue({ keys: [key = ""] }: Fact): boolean {
  return /^(?:amount|day|month-day):/.test(key);
}

function has({ keys }: Evidence, fact: Fact): boolean {
  return fact.keys.some((key) => keys.has(key));
}
