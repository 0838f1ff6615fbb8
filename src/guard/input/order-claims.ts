/** Reads what customers say about their order: that it came or not, was paid or refunded, should go elsewhere. */
import { CASE_WORDS, type CaseWords } from "#guard/languages/case-words.ts";
import { amountsIn } from "#guard/output/facts.ts";
import { folded } from "#text/fold.ts";

/**
 * What a customer says about an order. `charged` names an amount; `in_hand` is what only follows from their words: who
 * writes that something is cracked or does not work has it, whatever it is; every other kind stands for itself.
 */
export type OrderClaim =
  | {
      readonly kind:
        | "arrived"
        | "in_hand"
        | "not_arrived"
        | "refunded"
        | "not_refunded"
        | "charged_twice"
        | "new_address";
    }
  | {
      readonly kind: "charged";
      /** Minor units; a customer who writes no currency means the order's. */
      readonly minor: number;
      readonly currency: string | null;
    };

/** More than customers write about one order; what stands after it is not read. */
const READ_MAX = 8_000;
/** A sentence longer than this is cut, so that no text makes the patterns slow. */
const CLAUSE_MAX = 400;

const SENTENCE = /[^.!?\n]*(?:(?<=\d)[.](?=\d)[^.!?\n]*)*[.!?]*\s*/gu;
const CLAUSE_END =
  /(?:(?<!\s)\s+)?[,;:()–—]\s+|(?<!\s)\s+(?:-|and then|but|though|although|however|yet when|while|aber|jedoch|obwohl|wahrend|und dann|sondern|mais|alors que|bien que|pourtant|pero|aunque|sin embargo|mientras)\s+/u;

/**
 * What these words claim about an order, each kind once. Pure and linear in the text; questions, conditions, wishes and
 * what others are said to say claim nothing. Reads the languages of the output check.
 */
export function orderClaimsIn(text: string): readonly OrderClaim[] {
  const plain = folded(text.slice(0, READ_MAX)).replaceAll(/[“”„"«»]/g, " ");
  const found = new Map<string, OrderClaim>();
  for (const [sentence] of plain.matchAll(SENTENCE))
    for (const claim of sentenceClaims(sentence)) found.set(JSON.stringify(claim), claim);
  const claims = [...found.values()];
  return claims.filter((claim) => !isOverruled(claim, claims));
}

/**
 * A text that says both is about more than one thing, or reports what changed: neither counts. What is said in words
 * leaves nothing to follow from others.
 */
function isOverruled({ kind }: OrderClaim, claims: readonly OrderClaim[]): boolean {
  const overruling = OVERRULED[kind] ?? [];
  return claims.some((other) => overruling.includes(other.kind));
}

const OVERRULED: Partial<Record<OrderClaim["kind"], readonly OrderClaim["kind"][]>> = {
  arrived: ["not_arrived"],
  in_hand: ["arrived", "not_arrived"],
  not_arrived: ["arrived", "in_hand"],
  refunded: ["not_refunded"],
  not_refunded: ["refunded"],
};

function sentenceClaims(sentence: string): readonly OrderClaim[] {
  const isQuestion = /\?\s*$/.test(sentence);
  return CASE_WORDS.flatMap((words) => {
    const asksWhy = words.why.test(sentence);
    const clauses = sentence.slice(0, CLAUSE_MAX).split(CLAUSE_END);
    return clauses.flatMap((clause, index) =>
      claimsInClause(clause, words, isQuestion && index === clauses.length - 1 && !asksWhy),
    );
  });
}

function claimsInClause(clause: string, words: CaseWords, asks: boolean): readonly OrderClaim[] {
  if (words.supposed.test(clause)) return [];
  const wanted = wantedIn(clause, words);
  if (asks || words.reported.test(clause) || words.otherOrder.test(clause)) return wanted;
  return [...wanted, ...moneyIn(clause, words), ...parcelIn(clause, words)];
}

/** What is asked for counts in a question as well: "can you change the address?" */
function wantedIn(clause: string, words: CaseWords): readonly OrderClaim[] {
  const missing = words.refundMissing.test(clause) && !words.supposed.test(clause);
  return [
    ...(words.newAddress.test(clause) &&
    !/\b(?:e-?mail|ip|web|mail)[ -]?(?:adresse|address)\b/.test(clause)
      ? [{ kind: "new_address" } as const]
      : []),
    ...(missing ? [{ kind: "not_refunded" } as const] : []),
  ];
}

function moneyIn(clause: string, words: CaseWords): readonly OrderClaim[] {
  const isDenied = words.negation.test(clause);
  if (words.chargedTwice.test(clause) && !isDenied) return [{ kind: "charged_twice" }];
  if (words.refund.test(clause)) return refundIn(clause, words);
  const isStated = words.charged.test(clause) && !isDenied && !words.unreal.test(clause);
  return isStated ? chargeIn(clause) : [];
}

/** Two amounts in one clause are compared by the customer; which was charged is not clear. */
function chargeIn(clause: string): readonly OrderClaim[] {
  const [amount, ...others] = amountsIn(clause);
  const [, minor, named = "?"] = /^amount:(\d+):([A-Z]{3}|\?)$/.exec(amount?.keys[0] ?? "") ?? [];
  if (minor === undefined || others.length > 0) return [];
  return [{ kind: "charged", minor: Number(minor), currency: named === "?" ? null : named }];
}

function refundIn(clause: string, words: CaseWords): readonly OrderClaim[] {
  const isDone = words.refunded.test(clause);
  if (!isDone || words.unreal.test(clause)) {
    const isMissed = words.negation.test(clause) && words.came.test(clause);
    return isMissed && !words.unreal.test(clause) ? [{ kind: "not_refunded" }] : [];
  }
  return [{ kind: words.negation.test(clause) ? "not_refunded" : "refunded" }];
}

function parcelIn(clause: string, words: CaseWords): readonly OrderClaim[] {
  if (words.otherThing.test(clause)) return [];
  if (words.missing.test(clause)) return [{ kind: "not_arrived" }];
  if (words.unreal.test(clause)) return [];
  const isNegated = words.negation.test(clause);
  const arrived = words.arrived.exec(clause);
  if (arrived !== null)
    return [
      { kind: isNegated && !isAfter(clause, words.negation, arrived) ? "not_arrived" : "arrived" },
    ];
  if (isNegated && words.came.test(clause)) return [{ kind: "not_arrived" }];
  return words.inHand.test(clause) ? [{ kind: "in_hand" }] : [];
}

/** "It arrived without the charger": the negation is about what comes after. */
function isAfter(clause: string, negation: RegExp, arrived: RegExpExecArray): boolean {
  const before = clause.slice(0, arrived.index + arrived[0].length);
  return !negation.test(before);
}
