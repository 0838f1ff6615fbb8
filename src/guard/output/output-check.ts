/**
 * Room: checks a draft against evidence before it can go out.
 * In: the draft, and the turn's receipts (tool results, passages, proposed actions, the customer's text).
 * Out: findings (each a phrase and its problem), the number of facts with evidence, and citations for the card.
 * May touch: nothing; it is pure and linear in the texts.
 * Start here, then evidence.ts and claims/claims.ts.
 */
import {
  type Finding,
  type OutputCheck,
  OTHER_LANGUAGE,
  type Receipts,
  UNLISTED_CONTACT,
  UNREAD_LANGUAGE,
  unsure,
} from "#core/contracts/guard.ts";
import { claimsIn } from "#guard/claims/claims.ts";
import { deedClasses, type NamedOperation } from "#guard/claims/operations.ts";
import { type Contact, contactKeysIn, contactsIn, isOwnMention } from "./contacts.ts";
import { draftCitations } from "./citations.ts";
import { imagesIn, linkKey, type Link, linksIn, markdownLinksIn, tagsIn } from "./links.ts";
import { foldedForms, READ_MAX, withoutInvisible } from "#text/normalize.ts";
import { detectedLanguage, unreadSentence, mayBeEnglish } from "#guard/languages/detect.ts";
import { type Evidence, evidenceFrom, statedArguments, covered, once } from "./evidence.ts";
import {
  otherLanguage,
  ownNames,
  thirdPartyDataIn,
  notesIn,
  forbiddenIn,
  askedSecretsIn,
} from "./unsayable.ts";
import { strangeNames } from "./names.ts";
import { sentencePieces, phrasesIn, type Piece, readSentence } from "./sentences.ts";
import { unbackedValues } from "./unbacked-values.ts";
import { withoutCodeSentences } from "#text/code-words.ts";
import { ENGLISH } from "#guard/claims/deed-grammar.ts";
import { deniesSomething, isSupposed } from "#guard/languages/sentence-words.ts";

/** What the check knows besides the turn itself. */
export interface OutputCheckOptions {
  /** Hosts a reply may link to, from the policy. */
  readonly linkHosts: readonly string[];
  /** Mail addresses, telephone numbers and accounts a reply may name without a person, from the policy. */
  readonly contacts: readonly string[];
  /** Our own addresses that a reply may name, such as the support address. */
  readonly ownAddresses: readonly string[];
  /** The operations of the tools: what is said to be done is compared with what the ledger does. */
  readonly operations: readonly NamedOperation[];
  /** Reports whether a text contains the mark hidden in the prompt. */
  readonly isCanary: (text: string) => boolean;
}

/** Several times the length of a reply; text after it is reported as unread. */
const DRAFT_MAX = 30_000;

/**
 * Builds the check. Pure, and linear in the texts. Facts in digits and links are read in any language; claims about
 * what was done are read in English. A text in another language gets a finding that says so, and a person reads it
 * before it goes out, unless a second model finds a quote for all of it.
 */
export function createOutputCheck(options: OutputCheckOptions): OutputCheck {
  const deeds = deedClasses(options.operations);
  return {
    check(text, receipts) {
      // Invisible characters must not split a word that readers see whole.
      const forms = foldedForms(text.slice(0, DRAFT_MAX));
      const plain = withoutInvisible(forms.text).slice(0, DRAFT_MAX).replaceAll("’", "'");
      const isWhole = forms.isWhole && text.length <= DRAFT_MAX && forms.text.length <= DRAFT_MAX;
      if (!/[\p{L}\p{N}]/u.test(plain))
        return { findings: [finding("empty", "", "there is no text")], receiptsFound: 0 };
      const known = evidenceFrom(receipts);
      const values = unbackedValues(plain, receipts, known);
      const links = checkLinks(plain, receipts, known, options.linkHosts);
      const findings = [
        ...(isWhole
          ? []
          : [finding(UNREAD_LANGUAGE, "", "the end of it is not checked: too long")]),
        ...([...new Set([text.slice(0, DRAFT_MAX), plain])].some((reading) =>
          options.isCanary(reading),
        )
          ? [finding("canary", "the whole text", "it holds a part of the instructions")]
          : []),
        ...values.findings,
        ...claimsIn(plain, receipts, known, deeds),
        ...links.findings,
        ...checkContacts(plain, receipts, known, options),
        ...markup(plain, known, options.linkHosts),
        ...thirdPartyDataIn(plain, receipts).map(({ words, reason }) =>
          finding("stranger", words, reason),
        ),
        ...checkNames(plain, receipts, options),
        ...notesIn(plain, receipts).map((words) =>
          finding("note", words, "this is quoted from an internal note of the team"),
        ),
        ...forbiddenIn(plain, receipts.forbidden).map((words) =>
          finding("phrase", words, "the voice of this channel never says this"),
        ),
        ...askedSecretsIn(plain).map((words) =>
          finding("secret", shown(words), "no teammate ever asks a customer for this"),
        ),
        ...language(plain, receipts),
      ];
      return { findings, receiptsFound: values.found + links.found };
    },
    citations: draftCitations,
  };
}

function checkLinks(
  text: string,
  { passages }: Receipts,
  known: Evidence,
  hosts: readonly string[],
) {
  const findings: Finding[] = [];
  let found = 0;
  for (const link of linksIn(text)) {
    const objection = objectionTo(link, known, hosts);
    // "Node.js", "config.yaml": a page's own word for a thing is for a person to send, whoever makes a link of it.
    const isNamed =
      BARE_NAME.test(link.words) && passages.some((page) => page.text.includes(link.words));
    if (objection === null) found += 1;
    else if (isNamed)
      findings.push(
        finding(UNLISTED_CONTACT, link.words, "a page has this name, and it may be read as a link"),
      );
    else findings.push(finding("link", link.words, objection));
  }
  return { findings, found };
}

const BARE_NAME = /^[\w-]+(?:\.[\w-]+)+$/;

const WITHOUT_SOURCE: Readonly<Record<Contact["kind"], readonly [kind: string, reason: string]>> = {
  mail: ["stranger", "this is not the requester's address on file"],
  phone: ["stranger", "no page or record has this telephone number"],
  account: ["stranger", "no page or record has this account"],
  other: ["link", "no page or tool result has this"],
};

/** A page that one teammate wrote is source enough for a person who sends it, and not for sending it unasked. */
function checkContacts(
  text: string,
  receipts: Receipts,
  known: Evidence,
  { contacts, ownAddresses }: OutputCheckOptions,
): readonly Finding[] {
  const found = contactsIn(text);
  if (found.length === 0) return [];
  const names = ownNames(receipts);
  const refused = once(() => refusedContacts(text, receipts));
  const listed = new Set([...contacts, ...ownAddresses].flatMap(contactKeysIn));
  return found
    .filter(({ key }) => !listed.has(key) && !known.ownContacts.has(key))
    .filter(({ kind, words }) => kind !== "other" || !isOwnMention(words, names))
    .filter(({ key }) => !refused().has(key))
    .map(({ words, kind, key }) =>
      known.contacts.has(key)
        ? finding(UNLISTED_CONTACT, words, "the policy does not list it under contacts")
        : finding(WITHOUT_SOURCE[kind][0], words, WITHOUT_SOURCE[kind][1]),
    );
}

/** A person, a place or a product of which no source speaks; whom the reply greets is judged as a stranger. */
function checkNames(
  text: string,
  receipts: Receipts,
  { linkHosts, ownAddresses }: OutputCheckOptions,
): readonly Finding[] {
  const known = once(() => {
    const { asked, askedBefore = [], said = [], ourNames = [] } = receipts;
    const ours = [...ourNames, ...linkHosts, ...ownAddresses];
    const told = [asked, ...askedBefore, ...said.map((one) => one.text).toReversed(), ...ours];
    const words = [...wordsOfSources(receipts), ...told.flatMap(wordsIn)];
    return new Set(words.flatMap((word) => [word, word.replace(/'s?$/, "")]));
  });
  return strangeNames(text, (name) => known().has(name)).map((name) =>
    unsure(
      name,
      "nothing that was looked up, no page and no message of this conversation has this name",
    ),
  );
}

/** A host on the list is not enough: its path or query could carry data out. */
function objectionTo({ url }: Link, known: Evidence, hosts: readonly string[]): string | null {
  if (url === null) return "this is no plain link to a page";
  if (!hosts.includes(url.host)) return `${url.host} is not on the list of hosts for links`;
  const isHome = url.pathname === "/" && url.search === "" && url.hash === "";
  return isHome || known.links.has(linkKey(url)) ? null : "no page or tool result has this link";
}

function markup(text: string, known: Evidence, hosts: readonly string[]): readonly Finding[] {
  const images = imagesIn(text)
    .filter((words) => {
      const links = linksIn(words);
      return links.length === 0 || links.some((link) => objectionTo(link, known, hosts) !== null);
    })
    .map((words) => finding("image", words, "an image is loaded by being seen"));
  const tags = [...tagsIn(text), ...markdownLinksIn(text)].map((words) =>
    finding("link", words, "a reply is plain text"),
  );
  return [...images, ...tags];
}

const WORDS_SHOWN_MAX = 80;
/** Words in capitals and numbers in a row: "Ann Fields, 12 Orchard Lane, Springfield, OR 97477". */
const NAME_WORDS_MAX = 4;
const NAMES =
  /(?<![\p{L}\p{N}'-])\p{Lu}[\p{L}\p{N}'-]{0,30}(?:[ ,]{1,2}(?:\p{Lu}|\d)[\p{L}\p{N}'-]{0,30}){1,12}/gu;

/** Text of actions, titles of pages, addresses and names of a record or the customer's, and our sentences about codes may be in any language. */
function language(text: string, receipts: Receipts): readonly Finding[] {
  const { asked, askedBefore = [], toolResults, proposal, passages } = receipts;
  const given = (proposal?.actions ?? []).flatMap(({ action }) =>
    Object.values(action.arguments).filter((value) => typeof value === "string"),
  );
  const known = once(() => [asked, ...askedBefore, writtenOut(toolResults)]);
  const named = (text.match(NAMES) ?? []).filter(
    (name) =>
      (/\d/.test(name) || name.split(/[ ,]+/).length <= NAME_WORDS_MAX) &&
      known().some((one) => one.includes(name)),
  );
  const taken = withoutCodeSentences(text);
  const titles = passages.map(({ title }) => title);
  const own = [...given, ...named, ...titles].reduce(
    (rest, value) => rest.replaceAll(value, ""),
    taken,
  );
  const sentences = sentencePieces(own).map((piece) => piece.text);
  const other = otherLanguage(sentences, receipts);
  const unread =
    unreadSentence(
      own,
      sentences,
      once(() => wordsOfSources(receipts)),
    ) ?? (isForAbroad(own, receipts) ? own : null);
  return [
    ...(other === null
      ? []
      : [{ ...finding(OTHER_LANGUAGE, shown(other.words), other.reason), remedy: other.remedy }]),
    ...(unread === null ? [] : [finding(UNREAD_LANGUAGE, shown(unread), UNREAD)]),
  ];
}

/** An answer to a customer who writes another language is taken to be in it: a few words may look like English ones. */
function isForAbroad(text: string, { language: theirs }: Receipts): boolean {
  return (
    theirs !== null && theirs !== "en" && /\p{L}/u.test(text) && detectedLanguage(text) !== "en"
  );
}

/** Words a reply may use in any language: those of its sources, and the requester's names. */
function wordsOfSources(receipts: Receipts): ReadonlySet<string> {
  const given = (receipts.proposal?.actions ?? []).flatMap(({ action }) => statedArguments(action));
  const sources = [
    writtenOut(receipts.toolResults),
    ...receipts.passages.map(({ title, text }) => `${title} ${text}`),
    writtenOut(given),
  ];
  return new Set([...sources.flatMap(wordsIn), ...ownNames(receipts)]);
}

/** As JSON without its escapes, so that no word begins with the "n" of a line break. */
function writtenOut(value: unknown): string {
  return JSON.stringify(value)
    .slice(0, READ_MAX)
    .replaceAll(/\\(?:u[0-9a-f]{4}|.)/gi, " ");
}

function wordsIn(text: string): readonly string[] {
  return (
    text
      .slice(0, READ_MAX)
      .toLowerCase()
      .match(/[\p{L}']+/gu) ?? []
  );
}

const UNREAD = "what this claims could not be checked: the check does not read its language";

function shown(words: string): string {
  return words.slice(0, WORDS_SHOWN_MAX);
}

function finding(kind: string, words: string, reason: string): Finding {
  return { kind, words: words.trim(), reason };
}

// Addresses of the customer's that a reply only names to refuse them.

/** "I can't send it to bob@other.test": what the customer wrote may be named to be refused, and nowhere else. */
function refusedContacts(text: string, { asked, askedBefore = [] }: Receipts): ReadonlySet<string> {
  const theirs = new Set([asked, ...askedBefore].flatMap(contactKeysIn));
  const refusals = sentencePieces(text)
    // "Not to us but to them": English is split at its conjunctions as well.
    .flatMap((piece) => (mayBeEnglish(piece.text) ? readSentence(piece) : phrasesIn(piece)))
    .filter(isRefusal);
  const places = covered(text, refusals);
  const rest = Array.from(places, (isIn, at) => (isIn === 1 ? " " : text.charAt(at))).join("");
  const spoken = new Set(contactKeysIn(rest));
  const named = refusals.flatMap((phrase) => contactKeysIn(phrase.text));
  return new Set(named.filter((key) => theirs.has(key) && !spoken.has(key)));
}

/** "If you can't log in, …" and "do not hesitate to …" refuse nothing. */
function isRefusal(phrase: Piece): boolean {
  return (
    !isSupposed(phrase.text) &&
    (mayBeEnglish(phrase.text)
      ? ENGLISH.refuses.test(phrase.plain.replace(ENGLISH.idioms, " "))
      : deniesSomething(phrase.text))
  );
}
