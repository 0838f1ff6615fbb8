import { type Finding, type OutputCheck, type Receipts, UNREAD_LANGUAGE } from "#core/guard.ts";
import { claimsIn, quotedFrom } from "./claims.ts";
import { dayOf } from "./dates.ts";
import type { Fact } from "./facts.ts";
import { foreignSentence } from "./language.ts";
import { imagesIn, linkKey, type Link, linksIn, tagsIn } from "./links.ts";
import { withoutInvisible } from "./normalise.ts";
import { covered, emailsIn, factsIn, keysAsked, type Known, knownFrom } from "./receipts.ts";
import { type Clause, clausesOf } from "./sentences.ts";

/** What the check knows beside the turn itself. */
export interface OutputCheckOptions {
  /** Hosts a reply may link to, from the policy. */
  readonly linkHosts: readonly string[];
  /** Addresses of our own that a reply may name, such as the support address. */
  readonly ownAddresses: readonly string[];
  /** Tells whether a text holds the mark that is hidden in the prompt. */
  readonly isCanary: (text: string) => boolean;
}

const MISSING: Readonly<Record<Fact["kind"], string>> = {
  amount: "no tool result, page or action has this amount",
  date: "no tool result, page or action has this date or length of time",
  order: "no tool result, page or action has this number",
};

/** Opens a letter by name: "Hello Ann,". */
const GREETING =
  /^\s*(?:hello|hi|hey|dear|good (?:morning|afternoon|evening))[ ,]+([\p{L}'-]{1,40}(?: [\p{L}'-]{1,40}){0,3})[,!.:\n]/iu;
const NOT_A_NAME = /^(?:there|all|team|everyone|sir|madam|customer|again|and|or|mr|mrs|ms|dr)$/i;

/**
 * Builds the check. Pure, and linear in the texts. Facts in digits and links are read in any language; claims only in
 * English, so a text in another language gets a finding that says so, and a person reads it before it goes out.
 */
export function createOutputCheck(options: OutputCheckOptions): OutputCheck {
  return {
    check(text, receipts) {
      // What nobody sees must not part a word that everybody reads.
      const plain = withoutInvisible(text.normalize("NFKC")).replaceAll("’", "'");
      if (!/[\p{L}\p{N}]/u.test(plain))
        return { findings: [finding("empty", "", "there is no text")], receiptsFound: 0 };
      const known = knownFrom(receipts);
      const facts = checkFacts(plain, receipts, known);
      const links = checkLinks(plain, known, options.linkHosts);
      const findings = [
        ...(options.isCanary(text) || options.isCanary(plain)
          ? [finding("canary", "", "the text holds a part of the instructions")]
          : []),
        ...facts.findings,
        ...claimsIn(plain, receipts, known),
        ...stateClaims(plain, known, quotedFrom(receipts.passages)),
        ...links.findings,
        ...markup(plain, known, options.linkHosts),
        ...strangers(plain, receipts, known, options.ownAddresses),
        ...unread(plain, receipts),
      ];
      return { findings, receiptsFound: facts.found + links.found };
    },
  };
}

function checkFacts(text: string, receipts: Receipts, known: Known) {
  const asked = keysAsked(receipts);
  const repeated = covered(text, clausesOf(text).filter(repeatsCustomer));
  // A number inside a link is judged together with the link.
  const linked = covered(
    text,
    linksIn(text).map(({ start, words }) => ({ start, end: start + words.length })),
  );
  const findings: Finding[] = [];
  const backed = new Set<string>();
  for (const { kind, keys, words, start } of factsIn(text, dayOf(receipts.today))) {
    const key = keys.find((candidate) => known.keys.has(candidate));
    if (key !== undefined) backed.add(key);
    else if (linked[start] !== 1 && !(repeated[start] === 1 && keys.some((own) => asked.has(own))))
      findings.push(finding(kind, words, MISSING[kind]));
  }
  return { findings, found: backed.size };
}

function repeatsCustomer({ sentence }: Clause): boolean {
  return sentence.repeatsCustomer;
}

/** "Has been shipped" and the like need a record that says so. */
function stateClaims(
  text: string,
  known: Known,
  isQuoted: (sentence: Clause["sentence"]) => boolean,
): readonly Finding[] {
  const said =
    /\b(?:has|have|was|were|is|are)(?: now| already| been| just){0,2} (shipped|dispatched|delivered|returned|lost)\b/gi;
  return clausesOf(text).flatMap(({ text: clause, sentence }) => {
    if (isQuoted(sentence)) return [];
    if (/^\W*(?:if|once|when|unless|until|after|before|as soon as)\b/i.test(clause)) return [];
    return [...clause.matchAll(said)]
      .filter(([, state = ""]) => !hasState(known, state.toLowerCase()))
      .map(([words]) => finding("claim", words, "no record says so"));
  });
}

function hasState({ states }: Known, state: string): boolean {
  // What was delivered or is on its way was shipped; "dispatched" is another word for it.
  if (state === "shipped" || state === "dispatched")
    return ["shipped", "dispatched", "delivered"].some((word) => states.has(word));
  return states.has(state);
}

function checkLinks(text: string, known: Known, hosts: readonly string[]) {
  const findings: Finding[] = [];
  let found = 0;
  for (const link of linksIn(text)) {
    const objection = objectionTo(link, known, hosts);
    if (objection === null) found += 1;
    else findings.push(finding("link", link.words, objection));
  }
  return { findings, found };
}

/** A host on the list is not enough: what stands behind it in the address could carry data out. */
function objectionTo({ url }: Link, known: Known, hosts: readonly string[]): string | null {
  if (url === null) return "this is no plain link to a page";
  if (!hosts.includes(url.host)) return `${url.host} is not on the list of hosts for links`;
  const isHome = url.pathname === "/" && url.search === "" && url.hash === "";
  return isHome || known.links.has(linkKey(url)) ? null : "no page or tool result has this link";
}

function markup(text: string, known: Known, hosts: readonly string[]): readonly Finding[] {
  const images = imagesIn(text)
    .filter((words) => {
      const links = linksIn(words);
      return links.length === 0 || links.some((link) => objectionTo(link, known, hosts) !== null);
    })
    .map((words) => finding("image", words, "an image is loaded by being seen"));
  const tags = tagsIn(text).map((words) => finding("link", words, "a reply is plain text"));
  return [...images, ...tags];
}

function strangers(
  text: string,
  receipts: Receipts,
  known: Known,
  ownAddresses: readonly string[],
): readonly Finding[] {
  const ours = new Set(ownAddresses.map((address) => address.toLowerCase()));
  const addresses = emailsIn(text)
    .filter((email) => !known.emails.has(email) && !ours.has(email))
    .map((email) => finding("stranger", email, "this is not the requester's address on file"));
  const own = new Set(
    `${receipts.requester.name ?? ""} ${receipts.asked}`.toLowerCase().match(/[\p{L}'-]+/gu),
  );
  const greeted = GREETING.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  const names = greeted
    .filter((name) => /^\p{Lu}/u.test(name) && !NOT_A_NAME.test(name))
    .filter((name) => !own.has(name.toLowerCase()))
    .map((name) => finding("stranger", name, "the requester has another name"));
  return [...addresses, ...names];
}

/** Words that come from the actions themselves, such as a new address, may be in any language. */
function unread(text: string, { proposal }: Receipts): readonly Finding[] {
  const given = (proposal?.actions ?? []).flatMap(({ action }) =>
    Object.values(action.arguments).filter((value) => typeof value === "string"),
  );
  const own = given.reduce((rest, value) => rest.replaceAll(value, ""), text);
  const foreign = foreignSentence(own);
  return foreign === null
    ? []
    : [
        finding(
          UNREAD_LANGUAGE,
          foreign.slice(0, 80),
          "what this claims could not be checked: not English",
        ),
      ];
}

function finding(kind: string, words: string, reason: string): Finding {
  return { kind, words: words.trim(), reason };
}
