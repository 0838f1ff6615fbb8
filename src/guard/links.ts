/** Endings of host names that mail and chat programs turn into links by themselves, or that attackers rent. */
const ENDINGS =
  "com|net|org|io|co|info|biz|app|dev|shop|store|online|site|xyz|top|click|link|me|us|uk|de|fr|eu|at|ch|nl|es|it|pl|ru|cn|in|ai|ly|gl|test|example|invalid|local";

const ADDRESSED = /(?:\b[a-z][a-z0-9+.-]{0,20}:)?\/\/[^\s<>"'()[\]{}|\\^`]{1,2000}/gi;
const BARE = new RegExp(
  String.raw`(?<![@\w.:/-])(?:[a-z0-9-]{1,63}\.){1,6}(?:${ENDINGS})\b(?![@\w.-]*@)(?:[:/?#][^\s<>"'()[\]{}|\\^${"`"}]{0,2000})?`,
  "gi",
);
/** Schemes that carry or run content instead of pointing to a page. */
const CARRIERS = /\b(?:javascript|vbscript|data|file|blob):(?=[^\s])[^\s]{0,60}/gi;
const IMAGES =
  /!\[[^\]\n]{0,200}\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,200}\])|<(?:img|image|picture|video|audio|svg|source)\b[^>]{0,2000}>?/gi;
const TAGS =
  /<\/?(?:script|iframe|object|embed|form|input|style|link|meta|base|a)\b[^>]{0,500}>?/gi;

/** A link as it stands in a text; `url` is null when it cannot be read as one or leads nowhere harmless. */
export interface Link {
  readonly words: string;
  readonly start: number;
  readonly url: URL | null;
}

/** Every link in a text: with a scheme, without one, and bare host names as mail programs make clickable. */
export function linksIn(text: string): readonly Link[] {
  const addressed = [...text.matchAll(ADDRESSED)];
  // Blanked instead of cut out, so that places stay what they are.
  const blanked = text.replace(ADDRESSED, (words) => " ".repeat(words.length));
  return [
    ...addressed.map(linkOf),
    ...[...blanked.matchAll(BARE)].map(linkOf),
    ...[...blanked.matchAll(CARRIERS)].map(({ 0: words, index }) => ({
      words,
      start: index,
      url: null,
    })),
  ];
}

/** Images load by being seen, so an address in one can carry data away without a click. */
export function imagesIn(text: string): readonly string[] {
  return text.match(IMAGES) ?? [];
}

/** Markup has no place in a reply, which is plain text. */
export function tagsIn(text: string): readonly string[] {
  return text.match(TAGS) ?? [];
}

/** One spelling of a link for comparing: without scheme, user part and a last slash. */
export function linkKey({ host, pathname, search, hash }: URL): string {
  return `${host}${pathname.replace(/\/$/, "")}${search}${hash}`;
}

function linkOf({ 0: written, index: start }: RegExpExecArray): Link {
  const words = written.replace(/[.,;:!?*_~]+$/, "");
  const withScheme = words.startsWith("//")
    ? `https:${words}`
    : /^[a-z][a-z0-9+.-]*:\/\//i.test(words)
      ? words
      : `https://${words}`;
  const url = URL.parse(withScheme);
  const harmless =
    url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
  return { words, start, url: harmless ? url : null };
}
