/** Which amounts, days and lengths of time a statement may have by what it quotes. */
import type { Source } from "#core/contracts/guard.ts";
import { factsIn } from "#guard/output/evidence.ts";
import { isRelativeDay } from "#guard/output/dates.ts";
import { hasDenial } from "#guard/languages/sentence-words.ts";
import type { Fact } from "#guard/output/facts.ts";
import { isFields, type Quoted, type Said } from "./opposites.ts";
import type { Statement } from "./request.ts";
import { isKnown, type ReadSources } from "./sources.ts";

/**
 * A value of the statement that its source does not hold. Numbers of orders may stand in any source, and where a rule of
 * a page or a procedure is applied to a record, the values of both may. What our team is asked gives none of its own: they
 * come from the records of the orders it is told of. Whether a length of time, a near day or a sum follows from what it quotes,
 * a reader tells that was asked again.
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
      isYearOf(fact, quoted) ||
      followsFromAll(fact, kind, sources) ||
      (said.insists && mayBeCounted(fact, said, sources));
    if (!isFounded)
      return `“${fact.words}” does not stand in what backs this: write what stands there, or leave it out`;
  }
  return null;
}

/** A year beside a month in a language whose months are not read. */
function isYearOf({ keys }: Fact, quoted: readonly Quoted[]): boolean {
  return keys.some((key) => {
    const [, year] = /^id:((?:19|20)\d\d)$/.exec(key) ?? [];
    return year !== undefined && quoted.some(({ words }) => words.includes(`${year}-`));
  });
}

/** What an order cost, what comes back, and what is done or promised, no customer's word proves; it may be denied. */
function mayGive({ kind }: Source, fact: Fact, said: Said): boolean {
  const isFact = said.kind === "fact" && (fact.kind !== "amount" || hasDenial(said.text));
  return kind !== "customer" || said.kind === "echo" || isFact;
}

/** What people count and reckon in the head, and code in a few ways alone; what is done or promised has its value in a source. */
function mayBeCounted(fact: Fact, { kind }: Said, sources: ReadSources): boolean {
  if (kind !== "fact" && kind !== "echo") return false;
  if (fact.kind === "amount") return kind === "fact" && sources.mayBeReckoned(fact);
  const isLength = fact.keys.some((key) => key.startsWith("duration:"));
  return fact.kind === "date" && (isLength || isRelativeDay(fact) || sources.endsAfter(fact));
}

/** "With 38 dollars in the basket, delivery costs 4.90 USD": the amount of the customer's that a rule is applied to. */
function isExample({ kind, start, end }: Fact, said: Said): boolean {
  const [words = ""] = BASKET.exec(said.text) ?? [];
  return said.kind === "fact" && kind === "amount" && start > 0 && end <= words.length;
}

/** What begins a statement with what they have in their basket. */
const BASKET =
  /^\W*(?:so )?(?:(?:with|at|for) [^\s,]{1,12}(?: [\p{L}$€£]{1,10})? in (?:the|your) (?:basket|cart|order)|(?:with |for |at )?(?:your|a) (?:basket|cart|order) (?:of|worth|at) [^\s,]{1,12}(?: (?:usd|eur|gbp|dollars?|euros?|pounds?))?)/iu;

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
  const called = text.toLowerCase().match(/(?<=\border #?)[\w-]{1,40}|[\w-]{3,40}/g) ?? [];
  const keys = new Set([...read, ...called.map((id) => `id:${id}`)]);
  return sources.all.flatMap(({ orderId }) =>
    orderId !== null && keys.has(`id:${orderId.toLowerCase()}`) ? [orderId] : [],
  );
}
