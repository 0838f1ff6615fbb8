/**
 * Reads the operations of tools out of replies: what each does is declared by its tool, so that a tool of your own is
 * compared with the ledger like a built-in one. "I have paused your subscription" needs the action that pauses it.
 */
import type { CalledAction, WriteTool } from "#core/contracts/tool.ts";
import { spelled } from "#text/spelling.ts";
import { type DeedClass, ENGLISH, GIVEN, STANDS, actPatterns, word } from "./deed-grammar.ts";
import { WORDS } from "./deed-words.ts";

/** What is known of an operation by its tool. */
export type NamedOperation = Pick<WriteTool, "operation" | "name" | "description" | "called">;

/** The operations of the tools that change something. */
export function toolOperations(
  tools: readonly (NamedOperation | { readonly kind: "read" | "ending" })[],
): readonly NamedOperation[] {
  return tools.flatMap((tool) => ("operation" in tool ? [tool] : []));
}

/** The acts a check reads: those every shop has, and those of these operations. */
export function deedClasses(operations: readonly NamedOperation[]): readonly DeedClass[] {
  return [...ENGLISH.classes, ...operations.map(operationClass)];
}

/** What a tool says it is called, else the verb of its name with what its description has of the rest. */
export function actionWords({ name, description, called }: NamedOperation): CalledAction {
  if (called !== undefined) return called;
  const parts = spelled(name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_")).match(/[a-z]+/g) ?? [name];
  const told = spelled(description);
  // "letter_cancel", to cancel a letter.
  const verb = parts.find((one) => word(`to ${one}`).test(told)) ?? parts[0] ?? name;
  const things = parts.filter(
    (one) => one !== verb && one.length > 2 && word(`${one}s?`).test(told),
  );
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

/** Verbs beside which a thing is named tell it with that thing; others tell it alone, and are its noun: "the exchange". */
function operationClass(declared: NamedOperation): DeedClass {
  const { operation } = declared;
  const { verbs, things } = actionWords(declared);
  const isAlone = things.length === 0;
  const isMade = isAlone || verbs.some((verb) => word(WORDS.give.will).test(verb));
  const ways = actPatterns(verbForms(verbs));
  const [verb] = verbs;
  const [thing] = things;
  return {
    name: operation,
    backing: {
      called: `“${operation.replaceAll("_", " ")}”`,
      operation: { test: (done) => done === operation },
      // A record's `return_started_on` shows that a return was started.
      ...(verb === undefined || thing === undefined
        ? {}
        : { state: `${spelled(thing)} ${participle(spelled(verb))}`, isField: true }),
    },
    own: isAlone ? ways : [],
    shared: [...ways, ...(isMade ? [...GIVEN, ...STANDS] : [])],
    nouns: word((isAlone ? verbs : things).map((one) => `${spelled(one)}s?${NOT_OF_IT}`).join("|")),
  };
}

/** A return label is no return. */
const NOT_OF_IT = String.raw`(?! (?:label|code|link|form|number|slip|page|policy|mail|address)s?\b)`;

function verbForms(verbs: readonly string[]) {
  return {
    done: verbs.map((verb) => withObject(verb, participle)).join("|"),
    now: verbs.map((verb) => withObject(verb, presentForm)).join("|"),
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
function participle(verb: string): string {
  const [base = verb, ...particles] = verb.split(" ");
  return [IRREGULAR.get(base) ?? `${stemBefore(base, "e")}ed`, ...particles].join(" ");
}

/** "Starting", "pausing", "stopping", "setting up". */
function presentForm(verb: string): string {
  const [base = verb, ...particles] = verb.split(" ");
  return [`${stemBefore(base, "i")}ing`, ...particles].join(" ");
}

/** "Stopp?" of "stop", "paus" of "pause", "verifi" of "verify" where an "e" follows. */
function stemBefore(base: string, vowel: "e" | "i"): string {
  if (base.endsWith("e")) return base.slice(0, -1);
  if (vowel === "e" && /[^aeiou]y$/.test(base)) return `${base.slice(0, -1)}i`;
  return /[^aeiou][aeiou][bdglmnprt]$/.test(base) ? `${base}${base.slice(-1)}?` : base;
}
