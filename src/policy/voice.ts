/**
 * Wraps a reply in the greeting and signature of its brand, channel and language, and leaves out
 * those that a model wrote; finds links in what goes out unasked.
 */

import type { Voice } from "#core/contracts/policy.ts";
import type { LetterForm, VoiceEntry, PolicyDocument, Problem } from "./schema.ts";
import {
  BUILT_IN,
  type LanguageFrame,
  type LanguageEntry,
  languageFrame,
  familiarly,
} from "#policy/frames/words.ts";
import { ChannelName } from "#core/values/vocabulary.ts";

/** A first name and nothing else: our letters print what the customer entered as a name in the shop. */
const FIRST_NAME = /^\p{L}[\p{L}\p{M}'’-]{0,39}$/u;

/** What a brand says on a channel: its own text where it has any, else the channel's. */
export function brandLetter(voice: VoiceEntry, brand: string): LetterForm {
  const { brands, ...letter } = voice;
  const own = Object.hasOwn(brands, brand) ? brands[brand] : undefined;
  return { ...letter, ...own, forbidden: [...letter.forbidden, ...(own?.forbidden ?? [])] };
}

/** The tone and forbidden phrases for the answer itself. */
export function letterVoice({ tone, forbidden, address }: LetterForm): Voice {
  return { tone, forbidden, ...(address === undefined ? {} : { address }) };
}

/**
 * The words around an answer in the customer's language. A channel without greeting or signature has none in any
 * language, and the name below the closing is the operator's own.
 */
function inLanguage(letter: LetterForm, frame: AroundLetter, frames: Frames): LetterForm {
  const [first = "", ...name] = letter.signature.trim().split("\n");
  return {
    ...letter,
    greeting: letter.greeting.trim() === "" ? "" : frame.greeting,
    greeting_without_name:
      letter.greeting_without_name.trim() === "" ? "" : frame.greetingWithoutName,
    signature: isClosing(first, frames.all)
      ? [frame.closing, ...name].join("\n")
      : letter.signature,
    automatic_line: frame.automaticLine,
  };
}

/** Around a letter in a language that has no words here: the name below it, and nothing in another language. */
const NO_WORDS = { greeting: "", greetingWithoutName: "", closing: "" };
type AroundLetter = typeof NO_WORDS & Pick<LanguageFrame, "automaticLine">;

/**
 * The text as it goes out: greeting, text, signature and, when no person read it first, the line that says so, unless a
 * text above it in the same window says it. A greeting or closing that a model wrote as well is left out. The same input
 * always gives the same bytes, because the seal covers them.
 */
export function compose(
  own: LetterForm,
  text: string,
  {
    name,
    automatic,
    above = [],
    language = null,
    frames,
  }: {
    readonly name: string | null;
    readonly automatic: boolean;
    readonly above?: readonly string[];
    readonly language?: string | null;
    readonly frames: Frames;
  },
): string {
  const theirs = frames.forCustomer(language, own.address);
  const known = theirs === null ? own : inLanguage(own, theirs.frame, frames);
  // That nobody read it has to be said all the same.
  const unsaid = { ...NO_WORDS, automaticLine: known.automatic_line };
  const voice = frames.speaks(language) ? known : inLanguage(known, unsaid, frames);
  const { isGreeted, body } = letterParts(text.replaceAll(/\r\n?/g, "\n").trim(), frames.all);
  const [firstName = ""] = (name ?? "").trim().split(/\s+/);
  const greeting = FIRST_NAME.test(firstName)
    ? voice.greeting.replaceAll("{name}", () => firstName)
    : voice.greeting_without_name;
  const line = voice.automatic_line;
  const lines = [own.automatic_line, ...frames.all.map(({ automaticLine }) => automaticLine)];
  const isSaid = above.some((earlier) => lines.some((said) => earlier.includes(said)));
  return [
    isGreeted ? "" : greeting.trim(),
    body,
    voice.signature.trim(),
    automatic && !isSaid ? line : "",
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Names below a closing: a line or two without a sentence. */
const NAME_LINES_MAX = 2;

const NAME_CHARACTERS_MAX = 40;

const GREETED_CHARACTERS_MAX = 60;

/**
 * Reads a text by the greetings and closings of these languages: whether it begins with a greeting in its first line, so that
 * ours would be the second one, and the text without a greeting on a line of its own and without a closing with the name below it. A closing counts only as the last lines of a text, and
 * only with something before it; a greeting is taken away only where it has a line of its own.
 */
function letterParts(text: string, frames: readonly LanguageFrame[]) {
  const unsigned = withoutClosing(text, frames);
  const [first = "", ...rest] = unsigned.split("\n");
  const greetings = frames.flatMap((frame) => frame.greetings);
  const [behind = null] = greetings.flatMap((greeting) => behindGreeting(first, greeting) ?? []);
  if (behind === null) return { isGreeted: false, body: unsigned };
  const body = rest.join("\n").trim();
  // Whatever else stands in its line is a part of the answer.
  return GREETED.test(behind.trim()) && body !== ""
    ? { isGreeted: false, body }
    : { isGreeted: true, body: unsigned };
}

/** Nothing behind a greeting, or the name of "Hello, Ann Fields!". */
const GREETED = /^(?:\p{Lu}[\p{L}'’-]{0,30}(?: \p{Lu}[\p{L}'’-]{0,30}){0,2}[,!:]?)?$/u;

/** What stands behind the mark that ends the greeting a line begins with; null where it begins with none. */
function behindGreeting(line: string, greeting: string): string | null {
  const words = line.trim();
  if (!words.toLowerCase().startsWith(greeting)) return null;
  const after = words.slice(greeting.length);
  // "Hi" is no greeting in "Hiking boots", and "dear" is none in a sentence that goes on.
  const end = after.search(/[,!:]/u);
  const isOne =
    !/^[\p{L}\p{M}]/u.test(after) &&
    end >= 0 &&
    end <= GREETED_CHARACTERS_MAX &&
    !/[.?]/u.test(after.slice(0, end));
  return isOne ? after.slice(end + 1) : null;
}

function withoutClosing(text: string, frames: readonly LanguageFrame[]): string {
  const lines = text.split("\n");
  const written = lines.flatMap((line, index) => (line.trim() === "" ? [] : [index]));
  for (let names = 0; names <= NAME_LINES_MAX; names += 1) {
    const at = written.at(-1 - names) ?? 0;
    const below = written.slice(written.length - names).map((index) => lines[index] ?? "");
    if (at > 0 && isClosing(lines[at] ?? "", frames) && below.every(isName))
      return lines.slice(0, at).join("\n").trim();
  }
  return text;
}

/** True for a line such as "Kind regards," in one of these languages. */
function isClosing(line: string, frames: readonly LanguageFrame[]): boolean {
  const words = line
    .trim()
    .toLowerCase()
    .replace(/(?<![,.!])[,.!]+$/u, "");
  return frames.some(({ closings }) => closings.includes(words));
}

function isName(line: string): boolean {
  return line.trim().length <= NAME_CHARACTERS_MAX && !/[.?!:\d@/]/u.test(line);
}

/** The languages of one policy. */
type Frames = ReturnType<typeof languageFrames>;

/** The built-in languages with the operator's, whose words count before ours. `own` is the language of the file. */
export function languageFrames(added: Readonly<Record<string, LanguageEntry>>, own: string) {
  const known = new Map<string, LanguageFrame>([
    ...Object.entries(BUILT_IN),
    ...Object.entries(added).map(([code, entry]) => [code, languageFrame(entry)] as const),
  ]);
  const ownCode = baseLanguage(own);
  return {
    /** All of them, for finding greetings, closings and automatic lines. */
    all: [...known.values()].flatMap((frame) =>
      frame.familiar === undefined ? [frame] : [frame, familiarly(frame)],
    ),
    codes: [...known.keys()],
    /** False for a language that neither the file nor a frame has words of. */
    speaks: (language: string | null) =>
      language === null || known.has(baseLanguage(language)) || baseLanguage(language) === ownCode,
    /**
     * The code of the language that a customer of this language is answered in, and its frame: English where theirs is
     * not among them; with the familiar sentences where customers are addressed so. Null where the file's own words are
     * meant: in their language, or when it is not known.
     */
    forCustomer(language: string | null, address?: "formal" | "familiar") {
      if (language === null) return null;
      const code = known.has(baseLanguage(language)) ? baseLanguage(language) : "en";
      const frame = known.get(code);
      return baseLanguage(language) === ownCode || code === ownCode || frame === undefined
        ? null
        : { code, frame: address === "familiar" ? familiarly(frame) : frame };
    },
  };
}

/** "pt" of "pt-BR". */
function baseLanguage(language: string): string {
  return language.toLowerCase().split("-")[0] ?? language;
}

// Links in texts that go to customers without review.

const TEXTS = [
  "handover",
  "unavailable",
  "pending",
  "paused",
  "answered_privately",
  "closed",
] as const;

/** The text around every answer. */
export const LETTER_TEXTS = [
  "greeting",
  "greeting_without_name",
  "signature",
  "automatic_line",
] as const;

/** All that goes out as it stands, unread, by path in the file. What a brand leaves out is listed once, under its channel. */
function unaskedWords({ operations, texts, delicate, voice, languages = {} }: PolicyDocument) {
  return [
    ...Object.entries(operations).flatMap(([operation, { rules }]) =>
      rules.flatMap(({ verdict, reason }, place) =>
        verdict === "deny"
          ? [{ path: ["operations", operation, "rules", place, "reason"], words: reason }]
          : [],
      ),
    ),
    ...TEXTS.map((name) => ({ path: ["texts", name], words: texts[name] })),
    { path: ["delicate", "holding_text"], words: delicate.holding_text },
    ...Object.entries(languages).flatMap(([code, entry]) =>
      Object.entries(entry).map(([name, words]) => ({ path: ["languages", code, name], words })),
    ),
    ...ChannelName.options.flatMap((channel) => [
      ...LETTER_TEXTS.map((name) => ({
        path: ["voice", channel, name],
        words: voice[channel][name],
      })),
      ...Object.entries(voice[channel].brands).flatMap(([brand, own]) =>
        LETTER_TEXTS.flatMap((name) => {
          const words = own[name];
          const path = ["voice", channel, "brands", brand, name];
          return words === undefined ? [] : [{ path, words }];
        }),
      ),
    ]),
  ];
}

/** Links in such texts to a host that replies may not link to. No person would see them before a customer does. */
export function linkProblems(document: PolicyDocument): readonly Problem[] {
  return unaskedWords(document).flatMap(({ path, words }) =>
    linksTo(words)
      .filter(({ host }) => host === null || !document.link_hosts.includes(host))
      .map(({ shown, host }) => ({
        path,
        reason: `${shown} ${host === null ? "is no plain link" : `links to ${host}, which is not among link_hosts`}, and this goes out to customers unasked`,
      })),
  );
}

/**
 * Everything in a text that a program could turn into a link, with its host; null where the host is unclear. Coarser
 * than the check of drafts: the operator can rephrase a text that is refused.
 */
function linksTo(text: string) {
  const plain = text.normalize("NFKC").replaceAll(/\p{Default_Ignorable_Code_Point}/gu, "");
  return plain.split(/\s+/u).flatMap((token) => {
    const addressed = ADDRESSED.exec(token)?.[0];
    if (addressed !== undefined) return [{ shown: addressed, host: addressHost(addressed) }];
    return [...token.matchAll(NAMED)].map(([host]) => ({
      shown: host,
      host: addressHost(`https://${host}`),
    }));
  });
}

/** A scheme with text after it, or two slashes before a name. */
const ADDRESSED = /(?:\b[a-z][a-z0-9+.-]{0,40}:(?=[^\s\d])|[/\\]{2}).+$/isu;
/** A dotted name that ends like a host; next to an @ it is part of an address instead. */
const NAMED =
  /(?<![@\p{L}\p{N}_.-])(?:[\p{L}\p{N}-]+\.)+(?:\p{L}{2,}|xn--[a-z0-9-]+)(?![\p{L}\p{N}_.-]*@)(?::\d{1,5})?/giu;

function addressHost(words: string): string | null {
  const url = URL.parse(
    /^[/\\]{2}/.test(words)
      ? `https:${words}`
      : words.replace(/(?<![.,;:!?)\]}'"])[.,;:!?)\]}'"]+$/, ""),
  );
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.username === "";
  return isPlain && url.password === "" ? url.host : null;
}
