/** Finds order numbers, amounts and addresses in what a customer wrote. */

const NAMED_ORDER =
  /\b(?:orders?|order (?:number|no\.?|id))\s*(?:(?:number|no\.?|id|is|was|:)\s*)?(?:#\s*)?((?:[a-z]{1,4}-?)?\d{2,12})\b/gi;
const HASHED_ORDER = /#\s*((?:[a-z]{1,4}-?)?\d{2,12})\b/gi;
/** A number alone, such as in "refund 789"; not part of a date, an amount, a count or a larger word. */
const BARE_NUMBER =
  /(?<![\w.,/€$£-])(\d{3,12})(?![\w/-])(?![.,]\d)(?!\s*(?:usd|eur|gbp|dollars?|euros?|days?|weeks?|months?|years?|hours?|minutes?|%|€|\$|£|pm\b|am\b))/gi;

/** Order numbers in the order they are written, each once. Numbers after a "not" are left out: "790, not 789". */
export function orderIdsIn(text: string): readonly string[] {
  const found = [NAMED_ORDER, HASHED_ORDER, BARE_NUMBER].flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => ({
      id: (match[1] ?? "").toUpperCase(),
      at: match.index,
    })),
  );
  return [
    ...new Set(
      found
        .filter(
          ({ at }) =>
            !/\bnot\s+(?:for\s+)?(?:order\s+)?(?:#\s*)?$/i.test(
              text.slice(Math.max(0, at - 60), at),
            ),
        )
        .toSorted((a, b) => a.at - b.at)
        .map(({ id }) => id),
    ),
  ];
}

/** The last order number mentioned in these texts, for "it" and "that one". */
export function lastOrderIdIn(texts: readonly string[]): string | null {
  return texts.flatMap((text) => [...orderIdsIn(text)]).at(-1) ?? null;
}

/**
 * An amount as typed, odd forms included: the tool decides whether "12,50" or "-1" is an amount, so that the customer
 * gets its reason.
 */
export function amountIn(text: string): string | null {
  const number = String.raw`(-?\d[\d.,]*(?:e\d+)?)`;
  const patterns = [
    new RegExp(String.raw`[$€£]\s?${number}`, "i"),
    new RegExp(String.raw`${number}\s?(?:usd|dollars?|euros?|eur|gbp|[$€£])`, "i"),
    /(?<![\w.,])(-\d[\d.,]*|\d+[.,]\d+|\d+e\d+)(?![\w-])/i,
  ];
  for (const pattern of patterns) {
    const amount = pattern.exec(text)?.[1];
    if (amount !== undefined) return amount.replace(/[.,]$/, "");
  }
  return null;
}

const ADDRESS_INTRODUCTION =
  /(?:\baddress\b[^\n:]{0,200}?(?:\bis\b(?! wrong| not| incorrect| outdated)|:|\bto\b(?! be\b))|\b(?:ship|send|deliver|shipped|sent|delivered|goes?|go)\b[^\n:.?!]{0,40}?(?:\bto\b|:))\s*(?:be\s+)?(?:this(?: address)?:?\s*|the following(?: address)?:?\s*|my new address,?:?\s*)?([\s\S]+)$/i;

/** A postal address in the text: what follows "address … to", up to the end of its sentence or paragraph. */
export function addressIn(text: string): string | null {
  const rest = ADDRESS_INTRODUCTION.exec(text)?.[1];
  return rest === undefined ? null : addressAt(rest);
}

/** Words with which a sentence continues after an address. */
const AFTER_ADDRESS =
  /(?<=\d.{0,60}),?\s{1,20}(?:please|thanks?|thank you|instead|for (?:my |the )?(?:order|parcel|#)|because|since|so that|and (?:please|also|refund|where|when))\b.*$/i;

/** Takes the address from the beginning of a text; null when the text there does not look like one. */
export function addressAt(text: string): string | null {
  const paragraph = text.trim().split(/\n\s*\n|(?<=[^\d\s]{3})[.!?](?=\s|$)|\?/)[0] ?? "";
  const lines = paragraph
    .split("\n")
    .filter((line) => !/^\s*(?:thanks?|thank you|best|kind|regards|cheers|please)\b/i.test(line));
  const address = lines
    .join(", ")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/,\s*,/g, ",")
    .replace(AFTER_ADDRESS, "")
    .replace(/(?<![\s,.!])[\s,.!]+$/, "")
    .trim();
  const looksLikeOne = /\d/.test(address) && /[a-z]{3}/i.test(address) && address.length >= 8;
  return looksLikeOne && address.length <= 500 ? address : null;
}
