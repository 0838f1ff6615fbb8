/** Builds the patterns by which English says what was, is or will be done, from its words. */
import {
  type ActClass,
  type ActSource,
  type StateSource,
  type VerbForms,
  WORDS,
} from "./deed-words.ts";
import { pattern } from "#text/spelling.ts";

/** How an act is told. */
export type ActForm = "done" | "underway" | "future";

interface ActPattern {
  readonly form: ActForm;
  readonly pattern: RegExp;
}

/** What makes an act true. */
export interface DeedBacking {
  /** The name a finding uses for it. */
  readonly called: string;
  /** Operations that do it, including those of an operator's own tools. */
  readonly operation: { readonly test: (operation: string) => boolean };
  /** The word by which a record shows it as already done. */
  readonly state?: string;
  /** Whether that is a field with a day of the order itself, such as `return_started_on`. */
  readonly isField?: boolean;
}

/** How the acts of one class are said, and what makes one true. */
export interface DeedClass {
  readonly name: string;
  readonly backing: DeedBacking;
  /** Ways that name the class themselves. */
  readonly own: readonly ActPattern[];
  /** Ways that need a noun of the class. */
  readonly shared: readonly ActPattern[];
  readonly nouns: RegExp | null;
}

/** A state of an order as a reply words it, and the word records use for it. */
interface StatePattern {
  readonly pattern: RegExp;
  readonly state: StateSource["state"];
}

/** A kind of act: what makes it true, and which general verbs its nouns go with. */
interface ActKind extends DeedBacking {
  /** Verbs of giving, of changing, or both; where several fit, the first counts. */
  readonly verbs: readonly ("give" | "change")[];
}

/** Every class with what backs it. */
export const ACT_CLASSES: Readonly<Record<ActClass, ActKind>> = {
  credit: {
    called: "a voucher, discount or points",
    operation: /discount|voucher|coupon|credit|compensat|gift|points/,
    verbs: ["give"],
  },
  replacement: {
    called: "a replacement",
    operation: /replac|exchange|resend(?!_invoice)|reship/,
    verbs: ["give"],
  },
  cancellation: {
    called: "a cancellation",
    operation: /cancel/,
    state: "cancelled",
    verbs: ["give"],
  },
  address: { called: "a change of address", operation: /address/, verbs: ["change"] },
  password: { called: "a password reset", operation: /password/, verbs: ["give"] },
  document: {
    called: "a document on its way",
    operation: /invoice|label|document|receipt|send_|mail|return|exchange/,
    verbs: ["give"],
  },
  refund: { called: "a refund", operation: /refund/, verbs: ["give"] },
  account: {
    called: "a change of the account",
    operation: /account|subscri|newsletter|unlock|profile|email|phone|name|data/,
    verbs: ["change"],
  },
  delivery: {
    called: "a change of the delivery",
    operation: /ship|deliver|expedit|upgrad|schedul|priorit|hold|reserve/,
    verbs: ["change"],
  },
  waiver: {
    called: "a waived fee, a longer term or something to keep",
    operation: /warrant|extend|waive|prolong|renew/,
    verbs: ["change"],
  },
};

/** Between an auxiliary and its verb stand adverbs; anything else makes it another verb's. */
const BETWEEN = String.raw`(?: (?:${WORDS.adverbs}|been|being|be)){0,3}`;
const WAYS = {
  give: actPatterns(WORDS.give, WORDS.deedAuxiliary),
  change: actPatterns(WORDS.change, WORDS.deedAuxiliary),
};
/** What is done with a thing that one makes or gives. */
export const GIVEN = WAYS.give;
/** What such a thing may be. */
export const STANDS: readonly ActPattern[] = [{ form: "underway", pattern: word(WORDS.stands) }];

/** Everything the check looks for. */
export const ENGLISH = {
  clauseEnd: pattern(WORDS.clauseEnd, "g"),
  question: pattern(String.raw`^\W*(?:${WORDS.question})\b`),
  condition: word(WORDS.condition),
  hypothetical: pattern(String.raw`^\W*(?:${WORDS.hypothetical})\b`),
  general: pattern(WORDS.general),
  negation: word(WORDS.negation),
  refuses: word(WORDS.refuses),
  idioms: pattern(WORDS.idioms, "g"),
  possible: word(WORDS.possible),
  // "The number you gave" and "the way you wrote it" report nothing: something has to follow.
  reported: pattern(
    String.raw`(?<![\w'])(?<!\b(?:what|way) )(?:${WORDS.reported})(?!\w)(?!(?: \S{1,20})?\W{0,3}$)(?:,? (?:that|if)(?!\w))?[^,;:]{0,100}$`,
  ),
  /** A deed of ours, whatever its verb, but to look or to speak; and one done to an order, where to speak counts. */
  did: deedPattern(`${WORDS.looks}|${WORDS.says}`),
  didToOrder: deedPattern(WORDS.looks),
  finite: word(WORDS.finite),
  past: word(WORDS.past),
  people: word(WORDS.people),
  deals: word(WORDS.deals),
  handed: word(WORDS.handed),
  /** The kinds of acts a shop has, whatever its tools. */
  classes: Object.keys(ACT_CLASSES).filter(isClass).map(namedDeedClass),
  states: WORDS.states.map(statePattern),
  details: {
    ...wordPatterns(WORDS.details),
    priceBefore: pattern(String.raw`\b(?:${WORDS.details.priceBefore})\s$`),
    priceAfter: pattern(String.raw`^\s(?:${WORDS.details.priceAfter})\b`),
    likewise: pattern(String.raw`^\W*(?:${WORDS.details.likewise})`),
  },
};

/**
 * A perfect or a past of ours, what "it" has become, a participle alone, or what is promised of "it", whatever the verb
 * is, but those that do nothing.
 */
function deedPattern(nothing: string): RegExp {
  const { give, change, adverbs, shows, stays, causes, befalls } = WORDS;
  const verb = verbOfDeed(nothing);
  const between = String.raw` (?:(?:${adverbs}) ){0,2}`;
  const it = "it|that|this|they|everything|all of it|yours";
  const shown = verbOfDeed(`${nothing}|${shows}`);
  const brought = verbOfDeed(`${nothing}|${shows}|${befalls}`);
  const asksFor = String.raw`(?!(?:${nothing}|${shows}|${stays})(?!\w))`;
  return word(
    [
      String.raw`(?:i'?ve|we've|i)${between}${verb}`,
      // "We have detailed guides" has them; a verb goes on to what it is done to.
      String.raw`(?:i|we) have${between}${verb}(?=\W*$|[,;:]| (?:${WORDS.object})(?!\w)| \S*\d)`,
      String.raw`(?:${it}|your (?:[a-z-]+ ){0,2}[a-z-]+)(?:'s| has|'ve| have)${between}been ${shown}`,
      String.raw`${causes} ${brought}`,
      String.raw`(?:has|have|'s|'ve|was|were|(?:is|are)(?= being))${between}(?:been |being )?${brought}(?: \w+)? (?:for you|by (?:me|us))`,
      String.raw`consider (?:${it}) ${verb}`,
      String.raw`(?:${it})(?: was| were|(?:'s| is|'re| are)(?= (?:already|now)))${between}${asksFor}(?:${give.done}|${change.done})`,
      String.raw`(?:${it})(?:'s| is|'re| are)${between}on (?:its|their) way`,
      String.raw`(?:i|we)(?:'ll| will)${between}${asksFor}(?:${give.will}|${change.will}) (?:it|them)`,
      String.raw`^\W*(?:(?:already|just|now|all) ${verb}|(?:already |just |now |all )?(?:done|sent|sorted|completed))(?: (?:${WORDS.object}|morning|moment|ago)){0,3}\W*$`,
    ].join("|"),
  );
}

function verbOfDeed(nothing: string): string {
  return String.raw`(?!(?:${nothing})(?!\w))(?:\w{2,}ed|${WORDS.irregular})(?!\w)`;
}

function wordPatterns<Name extends string>(
  words: Readonly<Record<Name, string>>,
): Readonly<Record<Name, RegExp>> {
  const named = Object.entries<string>(words).map(([name, source]) => [name, word(source)]);
  return Object.fromEntries(named);
}

function isClass(name: string): name is ActClass {
  return name in ACT_CLASSES;
}

function namedDeedClass(name: ActClass): DeedClass {
  const source: ActSource = WORDS.classes[name];
  const { verbs, ...backing } = ACT_CLASSES[name];
  const standing = verbs.includes("give") || name === "address" ? STANDS : [];
  return {
    name,
    backing,
    own: actPatterns(source),
    shared: [...verbs.flatMap((verb) => WAYS[verb]), ...standing],
    nouns: source.nouns === undefined ? null : word(source.nouns),
  };
}

/** The ways of some verbs, each with the form it tells. */
export function actPatterns(
  forms: VerbForms,
  auxiliary: string = WORDS.auxiliary,
): readonly ActPattern[] {
  const ways: ActPattern[] = [];
  if (forms.said !== undefined) ways.push({ form: "done", pattern: word(forms.said) });
  if (forms.done !== undefined)
    ways.push(
      { form: "done", pattern: participle(forms.done, auxiliary) },
      { form: "future", pattern: passive(forms.done) },
    );
  if (forms.will !== undefined)
    ways.push({
      form: "future",
      pattern: pattern(String.raw`(?:${WORDS.future})${BETWEEN} (?:${forms.will})\b`),
    });
  if (forms.now !== undefined)
    ways.push({ form: "underway", pattern: pattern(presentTenseSource(verbSource(forms.now))) });
  return ways;
}

/** "We're refunding", "refunding now", or "Refunding …" alone; "Cancelling is the only way" does nothing. */
function presentTenseSource(now: string): string {
  const alone = String.raw`^\W*(?:${now})\b(?! (?:\S{1,30} ){0,5}(?:is|are|was|would|will|can|means|takes)\b)`;
  return String.raw`\b(?:${WORDS.we})${BETWEEN} (?:${now})\b|\b(?:${now}) (?:${WORDS.we})\b|${alone}`;
}

/** "I have … refunded", "refunded was", "(and) refunded …", or, in a clause without any verb, "… refunded". */
function participle(done: string, auxiliary: string): RegExp {
  const verb = verbSource(done);
  return pattern(
    [
      String.raw`(?:${auxiliary})${BETWEEN} ${verb}`,
      String.raw`\b${verb} (?:${auxiliary})\b`,
      String.raw`\b${WORDS.causes} ${verb}`,
      // "Reset links go to your address" begins with a noun.
      String.raw`^\W*(?:\w+ )?(?!(?:re)?set\b|put\b)${verb}`,
      String.raw`^(?!.{0,200}\b(?:${WORDS.finite})\b)(?:[^\s]{1,30}\s){0,8}?\W{0,3}(?!(?:re)?set\b|put\b)${verb}`,
    ].join("|"),
  );
}

function verbSource(done: string): string {
  const { notBefore, notAfter } = WORDS;
  return String.raw`(?<!\b(?:${notBefore}) )(?:${done})\b(?! (?:${notAfter})\b)`;
}

/** "Will be refunded". */
function passive(done: string): RegExp {
  const { ahead } = WORDS;
  return pattern(String.raw`\b(?:${ahead})${BETWEEN} (?:${done})\b|\b(?:${done}) (?:${ahead})\b`);
}

function statePattern({ state, done, said }: StateSource): StatePattern {
  const { auxiliary } = WORDS;
  const parts = [
    ...(done === undefined
      ? []
      : [
          String.raw`(?:${auxiliary})${BETWEEN} ${verbSource(done)}`,
          String.raw`\b(?:${done}) (?:${auxiliary})\b`,
        ]),
    ...(said === undefined ? [] : [String.raw`\b(?:${said})\b`]),
  ];
  return { state, pattern: pattern(parts.join("|")) };
}

/** A pattern for these words, whole. */
export function word(source: string): RegExp {
  return pattern(String.raw`(?<!\w)(?:${source})(?!\w)`);
}

/** Whether a clause denies, or speaks of what is possible or wished. */
export function isDenied(plain: string): boolean {
  return ENGLISH.negation.test(plain) || ENGLISH.possible.test(plain);
}

/** As many words that mean nothing: an auxiliary and its verb stand as far apart as before. */
export function fillers(words: string): string {
  return words.replaceAll(/\w/g, "_");
}
