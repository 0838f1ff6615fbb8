/**
 * Room: checks what comes in before a model reads it.
 * In: messages, tool results and help page passages.
 * Out: a verdict (allow, caution, block) with reasons, masked text and languages; delicate topics.
 * May touch: nothing but the classifier's own weights; it is pure and never throws.
 * Start here, then injection-rules.ts, classifier/classifier.ts and delicate.ts.
 */

import type { DelicateTopic, GuardVerdict, InputGuard } from "#core/contracts/guard.ts";
import { markWords, partAround, shortened } from "#core/values/words.ts";
import type { Message, Segment } from "#core/values/message.ts";
import { detectedLanguage } from "#guard/languages/detect.ts";
import { mask } from "#guard/mask-secrets.ts";
import { foldedForms, normalise, READ_MAX } from "#text/normalize.ts";
import { type Model, suspect, type Suspect } from "#guard/input/classifier/classifier.ts";
import { decodedViews, isDisguised } from "./decoded-views.ts";
import { createDelicateWatch } from "./delicate.ts";
import { hiddenProse, wordsSeen } from "./hidden-prose.ts";
import { ofTwoAlphabets, type OddLetters, writtenUnseen } from "./odd-letters.ts";
import { ATTACK_SHAPES, attackPhrases, type Suspicion } from "./injection-rules.ts";

/** What an operator adds to the built-in rules. */
export interface InputGuardOptions {
  /** Names of the tools: a customer has no reason to write a call to one of them. */
  readonly toolNames: readonly string[];
  /** Phrases in addition to the built-in ones, by topic. */
  readonly delicateWords: Readonly<Partial<Record<DelicateTopic, readonly string[]>>>;
  /** Addresses, "@domain" endings and customer ids of customers whose messages always go to people. */
  readonly vip: readonly string[];
}

interface Remark extends OddLetters {
  /** What was decoded, where the words stand in that and not in the text itself. */
  readonly within?: string;
  /** Whether it is the classifier's alone, of what the message says in the open. */
  readonly isScore?: boolean;
}

/** A part of a message, with the name reasons use for it. */
interface Part {
  readonly text: string;
  readonly where: string;
  readonly hidden: boolean;
  /** Text of the shop's own pages, records and procedures, which tell what to do: a low score says little there. */
  readonly isOwn?: boolean;
  /** For text that a page hides: the words that its reader sees. */
  readonly seen?: ReadonlySet<string>;
  /** What the classifier weighs of the message itself. */
  readonly weighed?: string;
}

const SEGMENT_WORDS: Readonly<Record<Segment["kind"], string>> = {
  quoted: "the quoted text",
  hidden: "hidden text",
  contradicting: "the other version of the message",
  signature: "the signature",
  attachment: "an attachment",
  forwarded: "the forwarded text",
};

/** Characters read of one message, all its parts together: fifty parts may each be as long as a message. */
const MESSAGE_READ_MAX = 2 * READ_MAX;
/** For a text that is too long, the characters shown of what was not read. */
const TAIL_SHOWN = 40;
const TOO_LONG: Suspicion = { tier: "caution", reason: "is longer than what is read of it" };
const REASONS_MAX = 8;
/** Customers write of bots, in what they quote, paste and attach bots seldom come up: there so much less is a doubt. */
const NAMED_EASED = 0.8;
/** What a message pastes of others: a line with a mark or a label before it, or a long quotation. */
const PASTED =
  /(?:^|\n)\s{0,3}(?:>|-{3}|#|[[<{|*]|\p{L}[^\n:.!?]{2,40}:)|(?<![^\s(])"[^"]{50}|[「『]/u;

/**
 * A guard by rules and a classifier: rules look for phrases and imitated marks, the classifier weighs what a text does.
 * A score alone never blocks, nor does a phrase: it takes both in the same passage, unquoted, or a disguise, or a place no
 * reader sees. It is triage only; safety comes from the limits on what a turn can do. Never throws; linear in the text.
 */
export function createInputGuard(options: InputGuardOptions, model?: Model): InputGuard {
  const shapes = [...ATTACK_SHAPES, ...toolShapes(options.toolNames)];

  /** Takes a normalised text. */
  function remarks(plain: string): readonly Remark[] {
    return [
      ...attackPhrases(plain).map(({ label, words }) => ({ ...label, words })),
      ...shapes.flatMap(({ pattern, tier, reason }) => {
        const words = pattern.exec(plain)?.[0];
        return words === undefined ? [] : [{ tier, reason, words }];
      }),
    ];
  }

  const suspected = (plain: string, isHidden: boolean, eased = 0) =>
    suspicion(suspect(plain, model, eased), (found) => found[isHidden ? "isHigh" : "isMarked"]);

  /** What its writer encoded on purpose counts as hidden; what stands in the open as well is not said twice. */
  function disguised(text: string, open: ReadonlySet<string>): readonly Remark[] {
    return decodedViews(text).flatMap((decoded) => {
      const { how, text: view } = decoded;
      const plain = normalise(view);
      const kept = isDisguised(decoded) ? [keptInDisguise(view)] : [];
      // A writer who hid it has no honest reason to write what is doubtful; a low score may be of what no writer hid.
      return [...remarks(plain).map(blocking), ...suspected(plain, true), ...kept]
        .filter(({ reason, words }) => !(open.has(reason) && standsIn(text, words)))
        .map((remark) => ({ ...remark, reason: `${remark.reason}, ${how}`, within: view }));
    });
  }

  /** Text that its writer hid is more suspicious: what is doubtful in the open is clear there. */
  function inspectPart(part: Part, readMax = READ_MAX): GuardVerdict {
    const { text: whole, where, hidden } = part;
    const text = whole.slice(0, Math.min(readMax, READ_MAX));
    const plain = normalise(text);
    const kept = part.seen === undefined ? [] : keptFromReader(text, part.seen);
    const said = [...remarks(plain), ...(hidden ? addressed(plain) : [])];
    const found: Remark[] = hidden ? said.map(blocking) : said;
    const isTemplate = part.seen !== undefined && kept.length === 0;
    const weighed = normalise((part.weighed ?? text).slice(0, readMax));
    const eased = easedIn(part, weighed);
    if (part.isOwn !== true || suspect(weighed, model, eased)?.isTelling === true)
      found.push(
        ...suspected(weighed, hidden, eased)
          .filter(({ tier }) => tier === "block" || !isTemplate)
          .map((remark) => ({ ...remark, isScore: part.weighed !== undefined })),
      );
    found.push(...disguised(text, new Set(found.map(({ reason }) => reason))));
    found.push(...kept);
    if (text.length < whole.length || !foldedForms(text).isWhole)
      found.push({ ...TOO_LONG, words: whole.slice(-TAIL_SHOWN) });
    found.push(...writtenUnseen(text), ...ofTwoAlphabets(text));
    return {
      ...verdictOf(found),
      reasons: firstOfEach(found)
        .slice(0, REASONS_MAX)
        .map((remark) => `${where} ${remark.reason}: “${shownWords(remark, text, plain)}”`),
    };
  }

  function inspectMessage(message: Message): readonly GuardVerdict[] {
    let left = MESSAGE_READ_MAX;
    return messageParts(message).map((part) => {
      const verdict = inspectPart(part, left);
      left = Math.max(0, left - part.text.length);
      return verdict;
    });
  }

  return {
    inspect: (messages) => combined(messages.flatMap(inspectMessage)),
    inspectText: (text, origin, isOwn = true) =>
      combined([inspectPart({ text, where: origin, hidden: false, isOwn })]),
    delicate: createDelicateWatch({ words: options.delicateWords, vip: options.vip }),
    mask,
    languageOf: languageOfMessages,
  };
}

/** How much less is a doubt where a program is named: what others may have written is all but the message's own words. */
function easedIn({ weighed }: Part, plain: string): number {
  return weighed === undefined || PASTED.test(plain) ? NAMED_EASED : 0;
}

function keptInDisguise(view: string): Remark {
  const words = shortened(view, WORDS_SHOWN);
  return { tier: "caution", reason: "says something in disguise", words };
}

const WORDS_SHOWN = 80;

/** True where words were read as they stand, not only after decoding. */
function standsIn(text: string, words: string): boolean {
  return text.includes(words) || normalise(text).includes(normalise(words));
}

/** What the classifier remarks about a text; the list is empty or has one remark. */
function suspicion(found: Suspect | null, isClear: (found: Suspect) => boolean): readonly Remark[] {
  if (found === null) return [];
  return [{ tier: isClear(found) ? "block" : "caution", reason: found.reason, words: found.words }];
}

/** What several remarks come to. */
function verdictOf(
  found: readonly {
    readonly tier: GuardVerdict["verdict"];
    readonly isScore?: boolean | undefined;
  }[],
): Pick<GuardVerdict, "verdict" | "isOnScore"> {
  const verdict = found.map(({ tier }) => tier).reduce(worse, "allow");
  const isOnScore = verdict === "caution" && found.every((remark) => remark.isScore === true);
  return isOnScore ? { verdict, isOnScore } : { verdict };
}

function blocking(remark: Remark): Remark {
  return { ...remark, tier: "block" };
}

/** All text of a message in reading order, up to the limit: hidden text before quoted text. */
function messageParts({ subject, text, author, attachments, segments }: Message): readonly Part[] {
  const shown = segments.filter(({ kind }) => kind !== "hidden").map((segment) => segment.text);
  const hides = shown.length < segments.length;
  const seen = hides ? wordsSeen([subject, text, ...shown].join("\n")) : new Set<string>();
  const more = segments.map((segment) => ({
    text: segment.text,
    where: SEGMENT_WORDS[segment.kind],
    hidden: segment.kind === "hidden" || segment.kind === "contradicting",
    ...(segment.kind === "hidden" ? { seen } : {}),
  }));
  return [
    { text: author.name, where: "the sender's name", hidden: false },
    {
      text: `${subject}\n\n${text}`,
      weighed: saidOnce(subject, text),
      where: "the message",
      hidden: false,
    },
    ...attachments.map(({ name }) => ({
      text: name,
      where: "the name of an attachment",
      hidden: false,
    })),
    ...more.toSorted((a, b) => Number(b.hidden) - Number(a.hidden)),
  ];
}

/**
 * The language customers write in, null where it is not clear. Each message separately, so that two languages are recognised as two; a message too short alone is read with its
 * neighbours.
 */
export function languageOfMessages(
  messages: readonly Pick<Message, "author" | "text">[],
): string | null {
  const texts = messages
    .filter(({ author }) => author.kind === "requester")
    .map(({ text }) => text);
  const told = new Set(texts.map(detectedLanguage).filter((language) => language !== null));
  if (told.size > 1) return null;
  return [...told][0] ?? detectedLanguage(texts.join("\n"));
}

/** What a reader cannot see and a program is spoken to in was written for the program alone. */
const SPOKEN_TO =
  /(?:^|[.!?:;\n][^\S\n]*)(?:(?:hey|dear|hello|note (?:to|for)|to)\s+)?(?:the\s+)?(?:support\s+|ai\s+|helpful\s+)?(?:assistant|ai|chatbot|bot|language model|llm|gpt)\s*[,:]/;

function addressed(plain: string): readonly Remark[] {
  const words = SPOKEN_TO.exec(plain)?.[0];
  return words === undefined
    ? []
    : [{ tier: "block", reason: "speaks to a program where no reader sees it", words }];
}

/** Sentences that no template hides were kept from the reader on purpose, whatever they say. */
function keptFromReader(text: string, seen: ReadonlySet<string>): readonly Remark[] {
  const words = hiddenProse(text, seen);
  return words === null
    ? []
    : [{ tier: "caution", reason: "says what its reader is not shown", words }];
}

/** A tool's name in a message is odd; written as a call it is an attempt to have the tool called. */
function toolShapes(names: readonly string[]) {
  const known = names.filter((name) => /^[a-z]+_[a-z_]+$/.test(name));
  if (known.length === 0) return [];
  const either = known.join("|");
  return [
    {
      tier: "block" as const,
      reason: "writes a call of a tool",
      pattern: new RegExp(`\\b(?:${either}) ?\\(|"name" {0,3}: {0,3}"(?:${either})"`),
    },
    {
      tier: "caution" as const,
      reason: "names a tool",
      pattern: new RegExp(`\\b(?:${either})\\b`),
    },
  ];
}

/** The worst of these verdicts, with all their reasons. */
export function combined(parts: readonly GuardVerdict[]): GuardVerdict {
  const doubts = parts.filter(({ verdict }) => verdict !== "allow");
  return {
    ...verdictOf(doubts.map(({ verdict, isOnScore }) => ({ tier: verdict, isScore: isOnScore }))),
    reasons: [...new Set(parts.flatMap(({ reasons }) => reasons))].slice(0, REASONS_MAX),
  };
}

/** The more suspicious of two verdicts. */
export function worse(
  a: GuardVerdict["verdict"],
  b: GuardVerdict["verdict"],
): GuardVerdict["verdict"] {
  if (a === "block" || b === "block") return "block";
  return a === "caution" || b === "caution" ? "caution" : "allow";
}

/** The subject above the text. One of plain words that the text says again is weighed once: what is said twice weighs more. */
function saidOnce(subject: string, text: string): string {
  const isRepeated =
    /^[a-z ]{1,80}$/i.test(subject) &&
    text.slice(0, READ_MAX).toLowerCase().includes(subject.trim().toLowerCase());
  return isRepeated ? text : `${subject}\n\n${text}`;
}

/** One remark for each reason. */
function firstOfEach(found: readonly Remark[]): readonly Remark[] {
  const reasons = new Set<string>();
  return found.filter(({ reason }) => !reasons.has(reason) && reasons.add(reason));
}

/** Characters read around words that are shown: more than the longest secret, so that none is cut and left in part. */
const SHOWN_REACH = 9_000;

/**
 * Shows the words of a remark where they stand. What their writer wrote comes before how it was read, and secrets around
 * them are masked: reasons are kept in traces.
 */
function shownWords({ words, within }: Remark, text: string, plain: string): string {
  const whole = within ?? text;
  const part =
    partAround(whole, words, SHOWN_REACH) ??
    partAround(within === undefined ? plain : normalise(within), words, SHOWN_REACH);
  return markWords(part === null ? [] : [mask(part)], mask(words));
}
