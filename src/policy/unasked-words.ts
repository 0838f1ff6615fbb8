/** Finds links in the text of a policy that goes to customers without review. */
import { ChannelName } from "#core/values/vocabulary.ts";
import type { PolicyDocument, Problem } from "./schema.ts";

/** A text of the file that goes out as it stands, without a person reading it first. */
interface UnaskedWords {
  readonly path: Problem["path"];
  readonly words: string;
}

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

/** All of them, by path in the file. What a brand leaves out is listed once, under its channel. */
function unaskedWords({
  texts,
  delicate,
  voice,
  languages = {},
}: PolicyDocument): readonly UnaskedWords[] {
  return [
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
function linksTo(
  text: string,
): readonly { readonly shown: string; readonly host: string | null }[] {
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
