/** Removes secrets and personal text from log lines. */

/** Replaces a credential in a log line. */
const SECRET = "[secret]";

/**
 * Text that looks like a credential or an address, with its replacement. Each pattern starts at the start of a word and
 * reads every character a bounded number of times, since an attacker may choose the length of the input.
 */
const PATTERNS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // A header: as written, as JSON, or as a setting.
  [/(?<![\w-])(authorization["']?\s*[:=]\s*["']?)(?:[a-z]+\s+)?[^\s"',;]+/gi, `$1${SECRET}`],
  [/(?<![\w-])(bearer\s+)[\w.~+/-]+=*/gi, `$1${SECRET}`],
  // User and password in a URL, up to its last @.
  [/(\/\/)[^\s/?#"'<>]*@/g, `$1${SECRET}@`],
  [/([?&](?:[\w-]*(?:password|token|secret|key|signature)|code)=)[^\s&#"'<>]+/gi, `$1${SECRET}`],
  [/(?<![\w-])([\w-]*(?:password|passwd|secret)=)[^\s&"',;]+/gi, `$1${SECRET}`],
  // Slack's tokens, a model provider's keys, signed identities.
  [/(?<![\w-])(?:xox[a-z](?:\.xox[a-z])?|xapp)-[\w-]+/g, SECRET],
  [/(?<![\w-])sk-[\w-]{8,}/g, SECRET],
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]+/g, SECRET],
  // Long, with upper case, lower case and digits: a secret of ours or another provider's token. Ids and digests do not
  // match.
  [/(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{32,}/g, SECRET],
  // Written as in a link too, where @ is %40. A version such as bolt@5.1.0 is not an address.
  [
    /(?<![\p{L}\p{N}._%+'-])[\p{L}\p{N}._%+'-]+(?:@|%40)(?![\d.]+(?![\p{L}\d-]))(?:\[[^\]\s]{1,60}\]|[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*)/gu,
    "[address]",
  ],
];

/** Removes credentials and mail addresses from a text, such as an error of a library that quotes its input. */
export function redact(text: string): string {
  return PATTERNS.reduce(
    (rest, [pattern, replacement]) => rest.replaceAll(pattern, replacement),
    text,
  );
}

/** Names whose values are never logged, matched whole or in part: `botToken`, `x-api-key`, `IMAP_PASS`. */
const HIDDEN =
  /^(?:key|pass|text|body|html|email|subject)$|authorization|token$|secret|passw|_pass$|cookie|api[-_]?key/i;

/** Deeper than any of our details; what is below, such as a cycle, is left out. */
const DEPTH_MAX = 8;

/** The same for all details of a line, at any depth; errors become sentences with their causes. */
export function redactDetails(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return value;
  if (value instanceof Error) return redact(errorWithCauses(value));
  if (depth === DEPTH_MAX) return "[…]";
  if (Array.isArray(value)) return value.map((item) => redactDetails(item, depth + 1));
  // A non-plain object, such as a map or bytes, is only named; its content is useless in a log line.
  const { constructor } = value;
  if (typeof constructor === "function" && constructor !== Object) return `[${constructor.name}]`;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      HIDDEN.test(name) ? "[redacted]" : redactDetails(item, depth + 1),
    ]),
  );
}

function errorWithCauses(error: Error): string {
  const causes: string[] = [];
  let current: unknown = error;
  while (current instanceof Error && causes.length < DEPTH_MAX) {
    causes.push(current.message);
    current = current.cause;
  }
  return causes.join(", because: ");
}
