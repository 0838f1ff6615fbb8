/**
 * Reads the operations of tools out of replies: what each does is declared by its tool, so that a tool of your own is
 * compared with the ledger like a built-in one. "I have paused your subscription" needs the action that pauses it.
 */
import type { CalledAction, WriteTool } from "#core/contracts/tool.ts";
import { spelled } from "#guard/languages/spelling.ts";
import { type DeedClass, ENGLISH, GIVEN, STANDS, waysOf, word } from "./deed-grammar.ts";
import { WORDS } from "./deed-words.ts";

/** What is known of an operation by its tool. */
export type NamedOperation = Pick<WriteTool, "operation" | "name" | "description" | "called">;

/** The operations of the tools that change something. */
export function operationsOf(
  tools: readonly (NamedOperation | { readonly kind: "read" | "ending" })[],
): readonly NamedOperation[] {
  return tools.flatMap((tool) => ("operation" in tool ? [tool] : []));
}

/** The acts a check reads: those of these operations, and those every shop has. */
export function deedsOf(operations: readonly NamedOperation[]): readonly DeedClass[] {
  const all = operations.map((one) => ({ ...one, words: wordsOf(one) }));
  const own = all
    .filter(({ operation, words }) => !isReadAlready(operation, words))
    .map(({ operation, words }) => {
      // Two tools that are called alike back the same words.
      const alike = all.filter((other) => isCalledAlike(words, other.words));
      return deedOf(operation, words, new Set(alike.map((other) => other.operation)));
    });
  return [...own, ...ENGLISH.classes];
}

/** What a tool says it is called, else the verb of its name with what it is done to, where the description has it too. */
function wordsOf({ name, description, called }: NamedOperation): CalledAction {
  if (called !== undefined) return called;
  const [verb = name, ...rest] = spelled(name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_")).split(
    /[\W_]+/,
  );
  const told = spelled(description);
  const things = rest.filter((one) => one.length > 2 && told.includes(one));
  return {
    verbs: [verb],
    things: isGeneral(verb) ? things : things.filter((one) => !BROAD.test(one)),
  };
}

/** What nearly every reply is about: beside a verb of its own it tells nothing. */
const BROAD = /^(?:orders?|items?|products?|customers?|accounts?|payments?)$/;
const GENERAL = word(`${WORDS.give.will}|${WORDS.change.will}`);

/** A verb that many things are done with, so that it needs its thing beside it: to start, to change. */
function isGeneral(verb: string): boolean {
  return GENERAL.exec(verb)?.[0] === verb;
}

function isCalledAlike(one: CalledAction, other: CalledAction): boolean {
  const own = one.verbs.filter((verb) => !isGeneral(verb));
  return (
    own.some((verb) => other.verbs.includes(verb)) ||
    one.things.some((thing) => other.things.includes(thing))
  );
}

/** Whether an act that every shop has reads all that the operation is called, and is made true by it. */
function isReadAlready(operation: string, words: CalledAction): boolean {
  return ENGLISH.classes.some(
    (known) =>
      known.backing.operation.test(operation) && samples(words).every((one) => reads(known, one)),
  );
}

/** How a reply may say that it is done, one for each of its words. */
export function samples({ verbs, things }: CalledAction): readonly string[] {
  const named = things.length > 0 ? things : ["order"];
  return verbs.flatMap((verb) =>
    named.map((thing) => `i have ${participleOf(verb).replace("?", "")} the ${thing}`),
  );
}

function reads({ own, shared, nouns }: DeedClass, plain: string): boolean {
  const ways = nouns?.test(plain) === true ? [...own, ...shared] : own;
  return ways.some(({ pattern }) => pattern.test(plain));
}

/** Verbs beside which a thing is named tell it with that thing; others tell it alone, and are its noun: "the exchange". */
function deedOf(
  operation: string,
  { verbs, things }: CalledAction,
  backedBy: ReadonlySet<string>,
): DeedClass {
  const isAlone = things.length === 0;
  const isMade = isAlone || verbs.some((verb) => word(WORDS.give.will).test(verb));
  const ways = waysOf(formsOf(verbs));
  return {
    name: operation,
    backing: {
      called: `“${operation.replaceAll("_", " ")}”`,
      operation: { test: (done) => backedBy.has(done) },
    },
    own: isAlone ? ways : [],
    shared: [...ways, ...(isMade ? [...GIVEN, ...STANDS] : [])],
    nouns: word((isAlone ? verbs : things).map((one) => `${spelled(one)}s?`).join("|")),
    granted: null,
    despite: null,
    rule: null,
  };
}

function formsOf(verbs: readonly string[]) {
  return {
    done: verbs.map((verb) => withObject(verb, participleOf)).join("|"),
    now: verbs.map((verb) => withObject(verb, presentOf)).join("|"),
    will: verbs.map((verb) => withObject(verb, (base) => base)).join("|"),
  };
}

/** "Set up" and "set it up". */
function withObject(verb: string, formOf: (base: string) => string): string {
  const [base = verb, ...particles] = spelled(verb).split(" ");
  return [formOf(base), ...particles].join(String.raw`(?: [^\s,;:.!?]{1,30}){0,4} `);
}

const IRREGULAR: ReadonlyMap<string, string> = new Map(
  Object.entries({
    send: "sent",
    resend: "resent",
    give: "given",
    make: "made",
    take: "taken",
    pay: "paid",
    put: "put",
    set: "set",
    reset: "reset",
    hold: "held",
    get: "got",
    write: "written",
    withdraw: "withdrawn",
    undo: "undone",
    buy: "bought",
    find: "found",
  }),
);

/** "Started", "sent", "cancelled" or "canceled". */
function participleOf(verb: string): string {
  const [base = verb, ...particles] = verb.split(" ");
  const irregular = IRREGULAR.get(base);
  return [irregular ?? `${stemBefore(base, "e")}ed`, ...particles].join(" ");
}

/** "Starting", "pausing", "stopping". */
function presentOf(verb: string): string {
  return `${stemBefore(verb, "i")}ing`;
}

/** "Stopp?" of "stop", "paus" of "pause", "verifi" of "verify" where an "e" follows. */
function stemBefore(base: string, vowel: "e" | "i"): string {
  if (base.endsWith("e")) return base.slice(0, -1);
  if (vowel === "e" && /[^aeiou]y$/.test(base)) return `${base.slice(0, -1)}i`;
  return /[^aeiou][aeiou][bdglmnprt]$/.test(base) ? `${base}${base.slice(-1)}?` : base;
}
