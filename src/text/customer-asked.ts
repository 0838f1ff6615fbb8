/** Decides whether the customer's own text asks for an action. */
import { folded } from "./fold.ts";
import { EXCHANGE_REQUESTS, RETURN_REQUESTS, SENT_BACK } from "./order-request-phrases.ts";

/** Where one clause ends: punctuation outside of a number, and conjunctions such as "but". */
const CLAUSE_END =
  /(?:[!?;:()]|[.,](?!\d)|(?<!\d)[.,])+|\n\s*\n|\b(?:but|however|aber|sondern|mais|pero|sino|maar|mas|ale|lecz)\b/;
/** A plea starts a new clause without punctuation: "it does not work please refund me". */
const PLEA = /\b(?:please|pls|bitte|s'il vous plait|por favor|per favore|graag|prosze)\b/;
/** Longer clauses are cut, so that no text takes long to search. */
const CLAUSE_CHARACTERS = /[^]{1,400}/g;

/** "not", "no" and "instead of", in the languages of the request phrases. */
const NO_BEFORE = new RegExp(
  `(?:\\b(?:${[
    "not|never|no(?! ?\\d)|nor|neither|without|instead of|rather than|dont|doesnt|\\w+n't",
    "kein\\w*|nicht|nie|ohne|statt|anstatt|weder",
    "ne|pas|sans|jamais|aucune?|plutot que|au lieu d(?:e|u|'\\w+)",
    "sin|nunca|tampoco|ningun[ao]?|en (?:vez|lugar) de",
    "non|senza|mai|nessun[ao]?|invece d\\w*",
    "geen|niet|nooit|zonder|in plaats van",
    "nao|sem|nenhuma?|em vez de",
    "nie|bez|nigdy|zamiast|zadn\\w+",
  ].join("|")})|\\bn'\\w+)(?: +[^ ]+){0,4} +$`,
);
/** "… is not needed". */
const NO_AFTER =
  /^\w*(?: +[^ ]+){0,3}? +(?:not +(?:need|necess|requir|want)|nicht(?: +(?:notig|noetig|notwendig|erforderlich)|$)|niet(?: +(?:nodig|meer)|$)|pas +necessaire|nie +trzeba)/;
const AROUND_CHARACTERS = 60;

/**
 * True when the customer's text asks for this, whatever else it says. A request denied in the same clause ("I don't
 * want a refund", "keine Erstattung") does not count. Rather too strict than too lenient: when one is missed, a
 * teammate is asked.
 */
export function asksFor(words: string, wishes: readonly RegExp[]): boolean {
  return clausesOf(words).some((clause) =>
    wishes.some((wish) => {
      const match = wish.exec(clause);
      if (match === null) return false;
      const before = clause.slice(Math.max(0, match.index - AROUND_CHARACTERS), match.index);
      const end = match.index + match[0].length;
      return (
        !NO_BEFORE.test(before.split(PLEA).at(-1) ?? "") &&
        !NO_AFTER.test(clause.slice(end, end + AROUND_CHARACTERS))
      );
    }),
  );
}

/** True when the customer's text asks to send something back or to exchange it, or says that they have. */
export function writesOfReturn(words: string): boolean {
  return asksFor(words, [...RETURN_REQUESTS, ...EXCHANGE_REQUESTS, SENT_BACK]);
}

function clausesOf(words: string): readonly string[] {
  return folded(words)
    .split(CLAUSE_END)
    .map((clause) => clause.replaceAll(/\s+/g, " ").trim())
    .flatMap((clause) => clause.match(CLAUSE_CHARACTERS) ?? []);
}
