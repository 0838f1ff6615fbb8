/** Which amounts, days and lengths of time a statement may have by what it quotes. */
import type { Source } from "#core/contracts/guard.ts";
import { namesOfDay, weekdayIndex } from "#guard/output/dates.ts";
import { factsIn } from "#guard/output/evidence.ts";
import type { Fact } from "#guard/output/facts.ts";
import { endsAfter } from "#guard/output/unbacked-values.ts";
import { daysIn } from "#guard/output/what-follows.ts";
import { isFields, type Quoted, type Said } from "./opposites.ts";
import type { Statement } from "./request.ts";
import { isCalendar, isKnown, type ReadSources } from "./sources.ts";

/**
 * A value of the statement that its source does not hold. Numbers of orders may stand in any source, and where a rule of
 * a page or a procedure is applied to a record, the values of both may. What our team is asked gives none of its own: they
 * come from the records of the orders it is told of.
 */
export function strangeFigure(
  said: Said,
  quoted: readonly Quoted[],
  sources: ReadSources,
): string | null {
  const { text, kind } = said;
  const named = quoted.map(({ source }) => source);
  const isRuled = named.some(isRule);
  const isAsked = named.some((one) => one.kind === "request");
  const isApplied = (one: Source): boolean =>
    (isRuled && isFields(one)) || (named.some(isFields) && isRule(one));
  const told = ordersNamed(text, sources);
  for (const fact of factsIn(text, sources.today)) {
    const from = sources.telling.filter(
      (one) =>
        fact.kind === "order" ||
        isApplied(one) ||
        (isAsked && one.orderId !== null && told.includes(one.orderId)) ||
        (named.includes(one) && mayGive(one, fact, said)) ||
        (isRuled && named.includes(one) && isExample(fact, said)),
    );
    const isFounded =
      isKnown(fact, from, sources) ||
      followsFromAll(fact, kind, sources) ||
      endsTheirs(fact, said, { rules: named.filter(isRule), sources }) ||
      (named.some(isCalendar) && isNamedBeside(fact, text, sources));
    if (!isFounded)
      return `“${fact.words}” does not stand in what backs this: write what stands there, or leave it out`;
  }
  return null;
}

/**
 * "Bought in April 2024, so it is covered until April 2027": the length of time stands in the rule that is quoted, and the
 * day or month it begins with in the customer's words and in the same sentence.
 */
function endsTheirs(
  { kind, keys }: Fact,
  said: Said,
  { rules, sources }: { readonly rules: readonly Source[]; readonly sources: ReadSources },
): boolean {
  if (said.kind !== "fact" || kind !== "date" || rules.length === 0) return false;
  const theirs = sources.all.filter((one) => one.kind === "customer");
  const begun = factsIn(said.sentence, sources.today)
    .filter((fact) => isKnown(fact, theirs, sources))
    .flatMap((fact) => fact.keys)
    // "Friday" is any: what begins is not what it begins with.
    .filter((key) => !keys.includes(key));
  return rules.some((rule) => {
    const ends = endsAfter(begun, sources.keysOf(rule), sources.today);
    return keys.some((key) => ends.has(key));
  });
}

/** What an order cost, what comes back, and what is done or promised, no customer's word proves. */
function mayGive({ kind }: Source, fact: Fact, said: Said): boolean {
  return (
    kind !== "customer" || said.kind === "echo" || (said.kind === "fact" && fact.kind !== "amount")
  );
}

/** "Saturday, tomorrow,": a day that the text has by another name as well, which a source has. */
function isNamedBeside({ kind, keys, start }: Fact, text: string, sources: ReadSources): boolean {
  const [day] = daysIn(new Set(keys));
  if (kind !== "date" || day === undefined) return false;
  const names = [...namesOfDay(day), `weekday:${weekdayIndex(day)}`];
  return factsIn(text, sources.today).some(
    (other) =>
      other.start !== start &&
      other.keys.some((key) => names.includes(key)) &&
      isKnown(other, sources.telling, sources),
  );
}

/**
 * "With 38 dollars in the basket, delivery costs 4.90 USD": a rule that is quoted, applied to an amount of the customer's by
 * a reader that was told of it and stands by it. What they get of us is no example.
 */
function isExample(fact: Fact, { kind, text, trusted }: Said): boolean {
  return trusted === "insisting" && kind === "fact" && fact.kind === "amount" && !GETS.test(text);
}

const GETS =
  /(?<!\p{L})(?:refund|money|owe|credit|compens|discount|voucher|waive|free(?! (?:delivery|shipping|returns?)\b)|gift(?! card)|get back|back to you|erstatt|gutschr|geld|rabatt|rembours|argent|réduc|reembols|dinero|descuent|rimbors|denar|scont|terugbet|korting|zwr|pieni|rabat|dinheir|desconto|återbet|pengar)/iu;

/** Says how things work here, for any order. */
function isRule({ kind }: Source): boolean {
  return kind === "page" || kind === "procedure";
}

/** A value another source says by itself belongs to that source, and has to be quoted from there. */
function followsFromAll(fact: Fact, kind: Statement["kind"], sources: ReadSources): boolean {
  const follows = sources.follows(fact) || (kind === "fact" && sources.isReckoned(fact));
  return follows && !isKnown(fact, sources.telling, sources);
}

/** The orders on record that a text names. */
export function ordersNamed(text: string, sources: ReadSources): readonly string[] {
  const read = factsIn(text, sources.today).flatMap((fact) => fact.keys);
  const called = [...text.toLowerCase().matchAll(/\border #?([\w-]{1,40})/g)];
  const keys = new Set([...read, ...called.map(([, id = ""]) => `id:${id}`)]);
  return sources.all.flatMap(({ orderId }) =>
    orderId !== null && keys.has(`id:${orderId.toLowerCase()}`) ? [orderId] : [],
  );
}
