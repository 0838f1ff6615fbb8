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
} from "#core/contracts/guard.ts";
import { claimsIn } from "#guard/claims/claims.ts";
import { deedClasses, type NamedOperation } from "#guard/claims/operations.ts";
import { type Contact, contactKeysIn, contactsIn, isOwnMention } from "./contacts.ts";
import { epochDay, isAboutDelivery, isToday } from "./dates.ts";
import { type Fact, ordersIn } from "./facts.ts";
import { draftCitations } from "./citations.ts";
import { imagesIn, linkKey, type Link, linksIn, markdownLinksIn, tagsIn } from "./links.ts";
import { foldedForms, READ_MAX, withoutInvisible } from "#text/normalize.ts";
import { detectedLanguage, mayBeEnglish, unreadSentence } from "#guard/languages/detect.ts";
import { deniesSomething, isSupposed, repeatsSomebody } from "#guard/languages/sentence-words.ts";
import { ENGLISH } from "#guard/claims/deed-grammar.ts";
import {
  covered,
  type Evidence,
  evidenceFrom,
  factsIn,
  keysAsked,
  numbersAsked,
  statedArguments,
} from "./evidence.ts";
import {
  otherLanguage,
  ownNames,
  thirdPartyDataIn,
  notesIn,
  forbiddenIn,
  askedSecretsIn,
} from "./unsayable.ts";
import { strangeNames } from "./names.ts";
import { refusedContacts } from "./refused-contacts.ts";
import { once } from "./once.ts";
import { isNumberOf, isTheirsToUse, reckonedFrom } from "./reckoned.ts";
import { phrasePieces, type Piece, sentencePieces } from "./sentences.ts";
import { withoutCodeSentences } from "#text/code-words.ts";
import { pattern, spelled } from "#guard/languages/spelling.ts";

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

const MISSING: Readonly<Record<Fact["kind"], string>> = {
  amount: "no tool result, page or action has this amount",
  date: "no tool result, page or action has this date or length of time",
  order: "no tool result, page or action has this number",
};

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
      const facts = checkFacts(plain, receipts, known);
      const links = checkLinks(plain, known, options.linkHosts);
      const findings = [
        ...(isWhole
          ? []
          : [finding(UNREAD_LANGUAGE, "", "the end of it is not checked: too long")]),
        ...([...new Set([text.slice(0, DRAFT_MAX), plain])].some((reading) =>
          options.isCanary(reading),
        )
          ? [finding("canary", "the whole text", "it holds a part of the instructions")]
          : []),
        ...facts.findings,
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
      return { findings, receiptsFound: facts.found + links.found };
    },
    citations: draftCitations,
  };
}

function checkFacts(text: string, receipts: Receipts, known: Evidence) {
  const findings: Finding[] = [];
  const backed = new Set<string>();
  // The rest is read only for a statement without evidence: most drafts have none.
  const asked = once(() => keysAsked(receipts));
  const pieces = once(() => sentencePieces(text));
  // "500.00 is not possible": what a clause denies is not claimed, so a value of theirs may stand in it as well.
  const repeated = once(() =>
    covered(text, [
      ...pieces().filter(repeatsCustomer),
      ...phrasePieces(text).filter((piece) => isNegated(piece)),
    ]),
  );
  const delivered = once(() =>
    covered(
      text,
      phrasePieces(text).filter((piece) => isAboutDelivery(piece.plain) && !isNegated(piece)),
    ),
  );
  // A number inside a link is judged together with the link.
  const linked = once(() =>
    covered(
      text,
      linksIn(text).map(({ start, words }) => ({ start, end: start + words.length })),
    ),
  );
  // What the customer wrote is theirs to read back, but when something arrives or ends, like what an order cost, is for
  // the records to say.
  const named = once(() => new Set(ordersIn(text).map(({ start }) => start)));
  const mayRepeat = (fact: Fact): boolean =>
    repeated()[fact.start] === 1 ||
    (fact.kind === "date" && delivered()[fact.start] !== 1) ||
    (fact.kind === "order" && !named().has(fact.start)) ||
    (fact.kind === "amount" && isTheirsToUse(text, fact.start));
  // "If it is still there on Monday": a day to look again, not one on which something happens.
  const supposed = once(() =>
    covered(
      text,
      phrasePieces(text).filter((piece) => isSupposed(piece.text)),
    ),
  );
  const arriving = once(() =>
    covered(
      text,
      phrasePieces(text).filter(({ plain }) => ARRIVES.test(plain)),
    ),
  );
  const arrives = (start: number): boolean => arriving()[start] === 1;
  const isKnown = (key: string, { start, words }: Fact): boolean =>
    known.keys.has(key) ||
    (known.answered.has(key) && !arrives(start)) ||
    (known.inWeeks.has(key) && WEEKS.test(spelled(words)));
  const facts = factsIn(text, epochDay(receipts.today));
  const reckoned = once(() => reckonedFrom(facts, { text, receipts }, known, asked()));
  const numbers = once(() => numbersAsked(receipts));
  const mayStand = (fact: Fact): boolean =>
    ((isToday(fact.words) || fact.keys.some((own) => isAsked(own, asked()))) && mayRepeat(fact)) ||
    (repeated()[fact.start] === 1 && isNumberOf(fact, numbers())) ||
    (isWithoutDigits(fact) && supposed()[fact.start] === 1) ||
    (fact.keys.some((own) => known.elapsed.has(own)) && !isLimit(text, fact.start)) ||
    (fact.kind === "amount" && reckoned()(fact));
  for (const { kind, words } of facts.filter((fact) => isOfAnotherItem(text, fact, known)))
    findings.push(finding(kind, words, "the record of this order names something else"));
  for (const fact of facts) {
    const { kind, keys, words, start } = fact;
    const key = keys.find((candidate) => isKnown(candidate, fact));
    if (key !== undefined) backed.add(key);
    else if (linked()[start] !== 1 && !mayStand(fact))
      findings.push(finding(kind, words, MISSING[kind]));
  }
  return { findings, found: backed.size };
}

/** Something comes by then; "five business days end on Tuesday" counts and brings nothing. */
const ARRIVES = pattern(
  String.raw`\b(?:arriv|deliver|ship|reach|geliefert|zugestellt|livr|llega|entreg|consegn|bezorg|geleverd|dostarcz)`,
);

/** Weeks, in the languages whose lengths of time are read. */
const WEEKS = pattern(
  String.raw`\b(?:week|woche|we+k|semaine|semana|setmana|settiman|tydzie|tygod|vecka|veckor|ug[ea]|uker?|hafta)`,
);

/** "Within 45 days" is a rule, "45 days ago" is counted. */
function isLimit(text: string, start: number): boolean {
  return LIMIT.test(spelled(text.slice(Math.max(0, start - LIMIT_CHARACTERS), start)));
}

const LIMIT_CHARACTERS = 20;
const LIMIT = pattern(
  String.raw`\b(?:within|up to|(?<!\bhad (?:it|them|this|that) )for|innerhalb(?: von)?|binnen|bis zu|sous|dans les|entro|dentro de|en el plazo de|w ciągu|do|até|em até|inom|inden for) (?:the |den |les |de |los )?(?:first |next )?$`,
);

/**
 * A question, or a sentence about what the customer wrote or what was not found: the customer's own numbers may stand
 * in it.
 */
function repeatsCustomer({ text, plain }: Piece): boolean {
  return (
    /\?["')\]»]?$/.test(text.trimEnd()) ||
    (mayBeEnglish(text) ? ENGLISH.repeats.test(plain) : repeatsSomebody(text))
  );
}

/** "The cap (789)" where 789 is the belt. */
function isOfAnotherItem(
  text: string,
  { kind, keys, start }: Fact,
  { items, orderIds }: Evidence,
): boolean {
  const id = keys[0]?.replace(/^id:/, "") ?? "";
  const { named, told } =
    kind === "order"
      ? (NAMED_BEFORE.exec(text.slice(Math.max(0, start - NAMED_CHARACTERS), start))?.groups ?? {})
      : {};
  const holders = items.get((named ?? told ?? "").toLowerCase());
  return holders !== undefined && orderIds.has(id) && !holders.has(id);
}

/** A thing and right after it its order: "cap (", "the cap, order ", and not "in this case, order ". */
const NAMED_CHARACTERS = 60;
const NAMED_BEFORE =
  /(?:\b(?:the|your) (?:\p{L}{1,30} )?(?<named>\p{L}{1,30}),? |(?<!\p{L})(?<!\b(?:this|that|any|which|such|in) )(?<told>\p{L}{1,30}) ?\()(?:order )?(?:number |no\. ?)?#?$/iu;

/** An amount the customer wrote without a currency is one in any. */
function isAsked(key: string, asked: ReadonlySet<string>): boolean {
  return asked.has(key) || (key.startsWith("amount:") && asked.has(key.replace(/[^:]+$/, "?")));
}

/** A weekday, "tomorrow" and the like. */
function isWithoutDigits({ kind, words }: Fact): boolean {
  return kind === "date" && !/\d/.test(words);
}

/** "I can't change the delivery to Saturday" says nothing of when it comes. */
function isNegated({ text, plain }: Piece): boolean {
  return mayBeEnglish(text)
    ? ENGLISH.negation.test(plain.replace(ENGLISH.idioms, " "))
    : deniesSomething(text);
}

function checkLinks(text: string, known: Evidence, hosts: readonly string[]) {
  const findings: Finding[] = [];
  let found = 0;
  for (const link of linksIn(text)) {
    const objection = objectionTo(link, known, hosts);
    if (objection === null) found += 1;
    else findings.push(finding("link", link.words, objection));
  }
  return { findings, found };
}

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
    finding(
      "name",
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

/** Text from the actions themselves, such as a new address, and our own sentences about codes may be in any language. */
function language(text: string, receipts: Receipts): readonly Finding[] {
  const given = (receipts.proposal?.actions ?? []).flatMap(({ action }) =>
    Object.values(action.arguments).filter((value) => typeof value === "string"),
  );
  const own = given
    .filter((value) => value !== "")
    .reduce((rest, value) => rest.replaceAll(value, ""), withoutCodeSentences(text));
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
