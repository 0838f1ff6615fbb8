/** Finds the text of a policy that goes to customers without review, its changes and its links. */
import { ChannelName } from "#core/values/vocabulary.ts";
import type { PolicyDocument, Problem } from "./schema.ts";

/** Text of the file that goes out unchanged, without review. */
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

/** The settings for the text around every reply. */
const LETTER = ["greeting", "greeting_without_name", "signature", "automatic_line"] as const;

/** All such text, by its path in the file; what a brand leaves out is the channel's and appears only there. */
function unaskedWords({ texts, delicate, voice }: PolicyDocument): readonly UnaskedWords[] {
  return [
    ...TEXTS.map((name) => ({ path: ["texts", name], words: texts[name] })),
    { path: ["delicate", "holding_text"], words: delicate.holding_text },
    ...ChannelName.options.flatMap((channel) => [
      ...LETTER.map((name) => ({ path: ["voice", channel, name], words: voice[channel][name] })),
      ...Object.entries(voice[channel].brands).flatMap(([brand, own]) =>
        LETTER.flatMap((name) => {
          const words = own[name];
          const path = ["voice", channel, "brands", brand, name];
          return words === undefined ? [] : [{ path, words }];
        }),
      ),
    ]),
  ];
}

/**
 * All changes of this text under the new file. Its author could send customers anywhere, so every change counts as
 * permitting more, whatever it says.
 */
export function rewordings(
  before: PolicyDocument,
  after: PolicyDocument,
): readonly { readonly path: string; readonly words: string }[] {
  const written = [before, after].map(
    (document) => new Map(unaskedWords(document).map(({ path, words }) => [path.join("."), words])),
  );
  const [old, now] = written;
  const paths = new Set(written.flatMap((words) => [...words.keys()]));
  return [...paths].flatMap((path) => {
    const was = old?.get(path) ?? inherited(old, path);
    const is = now?.get(path) ?? inherited(now, path);
    return was === is
      ? []
      : [{ path, words: `customers read ${quoted(is)} instead of ${quoted(was)}` }];
  });
}

/** The channel's text for a brand without its own. */
function inherited(words: ReadonlyMap<string, string> | undefined, path: string): string {
  return words?.get(path.replace(/^(voice\.[a-z]+)\.brands\..*\.([a-z_]+)$/s, "$1.$2")) ?? "";
}

function quoted(words: string): string {
  const line = words.replaceAll(/\s+/gu, " ").trim();
  return line === "" ? "nothing" : `“${line}”`;
}

/**
 * Links in such text to a host that replies may not link to either. No teammate would see them before a customer does.
 */
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
 * than the check of drafts, because the file's author can rephrase.
 */
function linksTo(
  text: string,
): readonly { readonly shown: string; readonly host: string | null }[] {
  const plain = text.normalize("NFKC").replaceAll(/\p{Default_Ignorable_Code_Point}/gu, "");
  return plain.split(/\s+/u).flatMap((token) => {
    const addressed = ADDRESSED.exec(token)?.[0];
    if (addressed !== undefined) return [{ shown: addressed, host: hostOf(addressed) }];
    return [...token.matchAll(NAMED)].map(([host]) => ({
      shown: host,
      host: hostOf(`https://${host}`),
    }));
  });
}

/** A scheme with text after it, or two slashes before a name. */
const ADDRESSED = /(?:\b[a-z][a-z0-9+.-]*:(?=[^\s\d])|[/\\]{2}).+$/iu;
/** A name with dots that ends like a host; text before or after an @ is an e-mail address. */
const NAMED =
  /(?<![@\p{L}\p{N}_.-])(?:[\p{L}\p{N}-]+\.)+(?:\p{L}{2,}|xn--[a-z0-9-]+)(?![\p{L}\p{N}_.-]*@)(?::\d{1,5})?/giu;

function hostOf(words: string): string | null {
  const url = URL.parse(
    /^[/\\]{2}/.test(words) ? `https:${words}` : words.replace(/[.,;:!?)\]}'"]+$/, ""),
  );
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.username === "";
  return isPlain && url.password === "" ? url.host : null;
}
