/** Builds the patterns of a language from its words, so that every language has the same grammar. */
import type {
  ActClass,
  ActDetails,
  ActSource,
  ActWords,
  StateSource,
  VerbForms,
} from "./act-words.ts";
import { TELLING_WORDS, type TellingWords } from "./telling-words.ts";
import { pattern } from "#guard/languages/spelling.ts";
import type { ReadLanguage } from "#guard/languages/language.ts";

/** How an act is told. `present` may also be a rule of the shop told as a promise. */
export type ActForm = "done" | "underway" | "present" | "future" | "granted";

/** One way to say an act. */
interface ActPattern {
  readonly form: ActForm;
  readonly pattern: RegExp;
}

/** How one language says the acts of one class. */
export interface ClassPatterns {
  readonly name: ActClass;
  /** Ways that name the class themselves. */
  readonly own: readonly ActPattern[];
  /** Ways that need a noun of the class, or an "it" that refers to one. */
  readonly shared: readonly ActPattern[];
  readonly nouns: RegExp | null;
  readonly granted: RegExp | null;
  readonly despite: RegExp | null;
  /** Its verbs as rules have them: "we repair or replace it". Null where too much else is said with them. */
  readonly rule: RegExp | null;
}

/** A state of an order as a reply words it, and the word records use for it. */
interface StatePattern {
  readonly pattern: RegExp;
  readonly state: StateSource["state"];
}

/** Everything the check looks for in one language. */
export interface ActGrammar {
  readonly language: ReadLanguage;
  readonly clauseEnd: RegExp;
  readonly question: RegExp;
  readonly condition: RegExp;
  readonly hypothetical: RegExp;
  readonly general: RegExp;
  readonly negation: RegExp;
  readonly idioms: RegExp;
  readonly possible: RegExp;
  readonly reported: RegExp;
  readonly repeats: RegExp;
  readonly refers: RegExp;
  readonly finite: RegExp;
  readonly past: RegExp;
  readonly people: RegExp;
  readonly deals: RegExp;
  readonly handed: RegExp;
  readonly classes: readonly ClassPatterns[];
  readonly states: readonly StatePattern[];
  readonly details: { readonly [Name in keyof ActDetails]: RegExp };
  readonly telling: { readonly [Name in keyof TellingWords]: RegExp };
}

/** Whether the nouns of a class go with verbs of giving, of changing, or both; where several fit, the first counts. */
const POOLS: Readonly<Record<ActClass, readonly ("give" | "change")[]>> = {
  credit: ["give", "change"],
  replacement: ["give"],
  cancellation: ["give"],
  address: ["change"],
  password: ["give", "change"],
  document: ["give"],
  refund: ["give"],
  account: ["change"],
  delivery: ["change"],
  return: ["give"],
  waiver: ["change"],
};
/** Classes that a customer "receives". */
const RECEIVED: ReadonlySet<ActClass> = new Set(["refund", "credit", "replacement", "document"]);

/** Compiles the words of one language. */
export function actGrammar(words: ActWords): ActGrammar {
  const { give, change, details } = words;
  const pools = { give: waysOf(give, words), change: waysOf(change, words) };
  const stands = [{ form: "underway", pattern: word(words.stands) }] as const;
  const gets = [
    { form: "future", pattern: word(words.gets) },
    { form: "present", pattern: word(words.getsNow) },
  ] as const;
  const names = Object.keys(POOLS).filter(isClass);
  return {
    language: words.language,
    clauseEnd: pattern(words.clauseEnd, "g"),
    question: pattern(String.raw`^\W*(?:${words.question})\b`),
    condition: word(words.condition),
    hypothetical: pattern(String.raw`^\W*(?:${words.hypothetical})\b`),
    general: pattern(words.general),
    negation: word(words.negation),
    idioms: pattern(words.idioms, "g"),
    possible: word(words.possible),
    // "The number you gave" and "the way you wrote it" report nothing: something has to follow.
    reported: pattern(
      String.raw`(?<![\w'])(?<!\b(?:what|way|was|quanto|wat|o que|co) )(?:${words.reported})(?!\w)(?!(?: \S{1,20})?\W{0,3}$)(?:,? (?:that|if|dass|ob|que|qu'|che|se|dat|of|że|czy)(?!\w))?[^,;:]{0,100}$`,
    ),
    repeats: word(words.repeats),
    refers: word(words.refers),
    finite: word(words.finite),
    past: word(words.past),
    people: word(words.people),
    deals: word(words.deals),
    handed: word(words.handed),
    classes: names.map((name) => {
      const source = words.classes[name];
      const received = RECEIVED.has(name) ? gets : [];
      const standing = POOLS[name].includes("give") || name === "address" ? stands : [];
      const shared = [...POOLS[name].flatMap((pool) => pools[pool]), ...standing, ...received];
      return classOf(name, source, shared, words);
    }),
    states: words.states.map((state) => statePattern(state, words)),
    details: {
      inFull: word(details.inFull),
      half: word(details.half),
      several: word(details.several),
      anew: word(details.anew),
      otherPlaces: word(details.otherPlaces),
      priceBefore: pattern(String.raw`\b(?:${details.priceBefore})\s$`),
      priceAfter: pattern(String.raw`^\s(?:${details.priceAfter})\b`),
      toPlace: details.toPlace,
      account: word(details.account),
      likewise: pattern(String.raw`^\W*(?:${details.likewise})`),
    },
    telling: tellingOf(TELLING_WORDS[words.language]),
  };
}

function tellingOf(words: TellingWords): ActGrammar["telling"] {
  return {
    now: word(words.now),
    back: word(words.back),
    money: word(words.money),
    expected: pattern(String.raw`(?<!\w)(?:${words.expected})(?!\w)`, "g"),
    managed: word(words.managed),
    halt: word(words.halt),
    attached: word(words.attached),
    costs: word(words.costs),
    ours: word(words.ours),
    longer: word(words.longer),
    kept: word(words.kept),
    gone: word(words.gone),
    nothing: word(words.nothing),
    mailbox: word(words.mailbox),
    succeeded: word(words.succeeded),
    carrier: word(words.carrier),
    holds: word(words.holds),
    elsewhere: word(words.elsewhere),
    asks: word(words.asks),
    express: word(words.express),
  };
}

function isClass(name: string): name is ActClass {
  return name in POOLS;
}

function classOf(
  name: ActClass,
  source: ActSource,
  shared: readonly ActPattern[],
  words: ActWords,
): ClassPatterns {
  return {
    name,
    own: waysOf(source, words),
    shared,
    nouns: source.nouns === undefined ? null : word(source.nouns),
    granted: source.granted === undefined ? null : word(source.granted),
    despite: source.despite === undefined ? null : word(source.despite),
    // Every page about money says "refund"; that is no rule that this customer gets one.
    rule: name === "refund" ? null : ruleOf(source, words.give),
  };
}

/** "We replace it", "we send you a prepaid label". */
function ruleOf({ will, nouns }: ActSource, give: VerbForms): RegExp | null {
  const given =
    nouns === undefined || give.will === undefined
      ? []
      : [String.raw`(?:${give.will})(?: [^\s,;:.!?]{1,30}){0,6} (?:${nouns})`];
  const ways = [...(will === undefined ? [] : [will]), ...given];
  return ways.length === 0 ? null : word(ways.join("|"));
}

/** Between an auxiliary and its verb; no sign that ends a thought. */
const BETWEEN = String.raw`(?: [^\s,;:.!?]{1,30}| \d[\d.,]{0,12}| [a-z]{2,4}\.){0,`;

function waysOf(forms: VerbForms, words: ActWords): readonly ActPattern[] {
  const { reach, future, we, isPresentTimeless } = words;
  const ways: ActPattern[] = [];
  if (forms.said !== undefined) ways.push({ form: "done", pattern: word(forms.said) });
  if (forms.done !== undefined)
    ways.push(
      { form: "done", pattern: participle(forms.done, words) },
      { form: "future", pattern: passive(forms.done, words.ahead, reach) },
    );
  if (forms.done !== undefined && words.becomes !== "")
    ways.push({ form: "present", pattern: passive(forms.done, words.becomes, reach) });
  if (forms.rule !== undefined) ways.push({ form: "present", pattern: word(forms.rule) });
  if (forms.shall !== undefined) ways.push({ form: "future", pattern: word(forms.shall) });
  if (forms.will !== undefined)
    ways.push({
      form: "future",
      pattern: pattern(String.raw`(?:${future})${BETWEEN}${reach}} (?:${forms.will})\b`),
    });
  if (forms.now !== undefined)
    ways.push({
      form: isPresentTimeless ? "present" : "underway",
      pattern: pattern(presentOf(verbOf(forms.now, words), we, reach, isPresentTimeless)),
    });
  return ways;
}

/** "We refund", "refund we", "Refunding …", or the verb alone where it shows its subject. */
function presentOf(now: string, we: string, reach: number, isTimeless: boolean): string {
  if (we === "") return String.raw`\b(?:${now})\b`;
  // "Cancelling is the only way" speaks of it and does nothing.
  const alone = isTimeless
    ? ""
    : String.raw`|^\W*(?:${now})\b(?! (?:\S{1,30} ){0,5}(?:is|are|was|would|will|can|means|takes)\b)`;
  return String.raw`\b(?:${we})${BETWEEN}${reach}} (?:${now})\b|\b(?:${now}) (?:${we})\b${alone}`;
}

/** "I have … refunded", "refunded was", "(and) refunded …", or, in a clause without any verb, "… refunded". */
function participle(done: string, words: ActWords): RegExp {
  const { auxiliary, reach, finite } = words;
  const verb = verbOf(done, words);
  return pattern(
    [
      String.raw`(?:${auxiliary})${BETWEEN}${reach}} ${verb}`,
      String.raw`\b${verb} (?:${auxiliary})\b`,
      String.raw`^\W*(?:\w+ )?${verb}`,
      String.raw`^(?!.{0,200}\b(?:${finite})\b)(?:[^\s]{1,30}\s){0,8}?\W{0,3}${verb}`,
    ].join("|"),
  );
}

function verbOf(done: string, { notBefore, notAfter }: ActWords): string {
  const before = notBefore === "" ? "" : String.raw`(?<!\b(?:${notBefore}) )`;
  const after = notAfter === "" ? "" : String.raw`(?! (?:${notAfter})\b)`;
  return String.raw`${before}(?:${done})\b${after}`;
}

/** "Will be refunded", "wird erstattet", "erstattet wird". */
function passive(done: string, auxiliary: string, reach: number): RegExp {
  return pattern(
    String.raw`\b(?:${auxiliary})${BETWEEN}${reach}} (?:${done})\b|\b(?:${done}) (?:${auxiliary})\b`,
  );
}

function statePattern({ state, done, said }: StateSource, words: ActWords): StatePattern {
  const { auxiliary } = words;
  const parts = [
    ...(done === undefined
      ? []
      : [
          String.raw`(?:${auxiliary})${BETWEEN}3} ${verbOf(done, words)}`,
          String.raw`\b(?:${done}) (?:${auxiliary})\b`,
        ]),
    ...(said === undefined ? [] : [String.raw`\b(?:${said})\b`]),
  ];
  return { state, pattern: pattern(parts.join("|")) };
}

function word(source: string): RegExp {
  return pattern(String.raw`(?<!\w)(?:${source})(?!\w)`);
}
