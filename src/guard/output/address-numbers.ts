/** Compares the numbers of addresses in a draft with those of the action, the records and the customer. */
import type { Receipts } from "#core/contracts/guard.ts";
import { allMatches } from "#text/matches.ts";
import { READ_MAX } from "#text/normalize.ts";
import { covered, statedArguments } from "./evidence.ts";
import type { Fact } from "./facts.ts";

/** A number beside a name with a capital: "17 Larkspur", "Apt 7". */
const NUMBERED =
  /(?<![\p{L}\p{N}.,:/#-])(?:(?<first>\d{1,5}[a-z]?) (?<after>\p{Lu}\p{Ll}{2,})|(?<before>\p{Lu}\p{Ll}{2,}) (?<last>\d{1,5}[a-z]?))(?![\p{L}\p{N}]|[.,:/-]\d)/gu;

/**
 * The numbers in a text that stand beside the name of a street or a flat of which the sources know other numbers alone:
 * "71 Larkspur" where the action has "17 Larkspur". A name of which they know no number says nothing, and what is one of
 * the `facts` of the text, such as "30 January", is judged as that.
 */
export function otherNumbers(
  text: string,
  facts: readonly Fact[],
  receipts: Receipts,
): readonly string[] {
  const read = covered(text, facts);
  const told = numbered(text).filter(
    ({ start, words }) => !read.subarray(start, start + words.length).includes(1),
  );
  if (told.length === 0) return [];
  const known = new Map<string, Set<string>>();
  for (const { name, number } of addressesIn(receipts).flatMap(numbered))
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

/** Texts that are or may hold an address: arguments of the actions, addresses in records, and the customer's words. */
function addressesIn({ proposal, toolResults, asked, askedBefore = [] }: Receipts): string[] {
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
  return [...found, asked, ...askedBefore];
}

const ADDRESS = /address|street|ship_to|deliver_to/i;
const DEPTH_MAX = 6;
