/** What a mail server says became of a mail of ours, read from its report (RFC 3464) or, without one, from its text. */

import { type Head, readHead, valueOf } from "#email/mime/headers.ts";
import { ownIdsIn } from "#email/threading/thread-keys.ts";
import { type MimePart, partText } from "#email/mime/part.ts";
import { firstText, mimeParts } from "./mail-parts.ts";
import { normalizeLineEnds } from "#email/mime/raw-mail.ts";

/** One report about mail we sent. */
export interface DeliveryReport {
  /** Message-IDs of ours that it names, at most ten: which mails it is about. */
  readonly about: readonly string[];
  /** `failed` when the server has given up, and also when it does not say. */
  readonly action: "failed" | "delayed" | "delivered" | "relayed" | "expanded";
  /** Such as `5.1.1` (RFC 3463); null when none is given. */
  readonly status: string | null;
  /** True when another try would fail as well: given up, and not for a reason of class 4. */
  readonly permanent: boolean;
}

const REPORTED_IDS_MAX = 10;
const SCAN_BYTES_MAX = 512 * 1024;
const FIELDS_BYTES_MAX = 20_000;

/** Reads a mail that is known to be a bounce. */
export function bounceReport(raw: Uint8Array, messageIdDomain: string): DeliveryReport {
  const bytes = normalizeLineEnds(raw);
  const head = readHead(bytes);
  const parts = mimeParts(head, bytes);
  const text = firstText(parts);
  const groups = reportGroups(parts);
  const group = groups.find((one) => /^failed/i.test(valueOf(one, "action"))) ?? groups[0] ?? null;
  const action = reportedAction(group, `${valueOf(head, "subject")}\n${text}`);
  const status = reportedStatus(group, text);
  return {
    about: aboutIn(head, bytes, parts, messageIdDomain),
    action,
    status,
    permanent: action === "failed" && !(status?.startsWith("4") ?? false),
  };
}

/** Our ids wherever they stand: in the returned mail, in what the report answers, also when it was encoded. */
function aboutIn(
  head: Head,
  bytes: Uint8Array,
  parts: readonly MimePart[],
  domain: string,
): readonly string[] {
  const body = Buffer.from(bytes.subarray(head.bodyStart, head.bodyStart + SCAN_BYTES_MAX));
  const places = [
    valueOf(head, "in-reply-to"),
    valueOf(head, "references"),
    body.toString("latin1"),
    ...parts.map((part) => partText(part)),
  ];
  return ownIdsIn(places.join("\n"), domain).slice(0, REPORTED_IDS_MAX);
}

/** The fields about each recipient: groups parted by empty lines, of which the first may be about the server. */
function reportGroups(parts: readonly MimePart[]): readonly Head[] {
  const [report] = parts.filter(({ type }) => /^message\/(?:global-)?delivery-status/.test(type));
  const others = parts.filter(({ type }) => type !== "message/rfc822" && type !== "text/html");
  return (report === undefined ? others : [report])
    .flatMap((part) => partText(part, FIELDS_BYTES_MAX).split(/\r?\n[ \t]{0,20}\r?\n/))
    .filter((group) => /^(?:final-recipient|original-recipient|action)[ \t]{0,20}:/im.test(group))
    .map((group) => readHead(Buffer.from(group)));
}

const ACTIONS = ["failed", "delayed", "delivered", "relayed", "expanded"] as const;
const LATE =
  /\bdelayed\b|\bdelay\)|not yet been delivered|will (?:be retried|keep trying|continue to try|retry)|warning: (?:message|could not)|verzögert|retard[ée]/i;

function reportedAction(group: Head | null, words: string): DeliveryReport["action"] {
  const given = group === null ? "" : valueOf(group, "action").toLowerCase();
  const named = ACTIONS.find((action) => given.startsWith(action));
  if (named !== undefined) return named;
  return LATE.test(words) ? "delayed" : "failed";
}

/** RFC 3463 codes; a bare SMTP code says the class at least. */
function reportedStatus(group: Head | null, text: string): string | null {
  const fields =
    group === null ? [] : [valueOf(group, "status"), valueOf(group, "diagnostic-code")];
  for (const place of [...fields, text]) {
    const code = /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/.exec(place)?.[1];
    if (code !== undefined) return code;
  }
  const reply = /(?<![\d.])([45])[0-5]\d(?=[ -][^\d\s])/.exec([...fields, text].join("\n"))?.[1];
  return reply === undefined ? null : `${reply}.0.0`;
}
