/** A value as one segment of a URL's path. */

const CHARACTERS_MAX = 255;

/**
 * The value percent-encoded, null for one that cannot be a segment. URLs drop "." and ".." segments even when they are
 * percent-encoded (WHATWG URL 4.4), so such a value would request something else; a proxy that decodes slashes would
 * drop those between two of them.
 */
export function pathSegment(value: string): string | null {
  if (value === "" || value.length > CHARACTERS_MAX || !value.isWellFormed()) return null;
  const isDots = (part: string): boolean => part === "." || part === "..";
  return value.split(/[/\\]/).some(isDots) ? null : encodeURIComponent(value);
}
