import type { Delivery, Hint } from "#core/delivery.ts";
import { DeskhandError } from "#core/errors.ts";
import { valueOf, readHead, withLineFeeds, type Head } from "./headers.ts";
import { bounceKey, isOurOwn, mailKey, ownIdsIn, threadKeys } from "./keys.ts";
import type { HintNote } from "./schema.ts";

/** Set by our own poller, never by a mail: which inbox it was found in and whether it was cut for size. */
export const INBOX_HEADER = "x-inbox";
export const UID_HEADER = "x-uid";
export const CUT_HEADER = "x-cut-from-bytes";

const REPORT_SCAN_BYTES = 512 * 1024;
const REPORTED_IDS_MAX = 10;

/** What `receive` needs to know about ourselves. */
export interface OwnMail {
  readonly instance: string;
  readonly secret: string;
  readonly messageIdDomain: string;
  readonly inboxes: readonly string[];
}

/** One mail is one hint, however broken it is: what cannot be read is still shown to a person. */
export function hintsOf(delivery: Delivery, own: OwnMail): readonly Hint[] {
  if (delivery.body.length === 0) throw new DeskhandError("input.invalid", "an empty mail");
  const bytes = withLineFeeds(delivery.body);
  const head = readHead(bytes);
  if (isOurOwn(head, own)) return [];
  const key = mailKey(head, bytes);
  const reported = reportedIds(head, bytes, own.messageIdDomain);
  return [
    {
      channel: "email",
      eventId: key,
      conversationKeys: [...reported.map(bounceKey), ...threadKeys(head, key)],
      kind: reported.length > 0 ? "signal" : "message",
      data: noteOf(delivery, own.inboxes),
      keepBody: true,
    },
  ];
}

/** Which of our replies a report of a mail server is about; empty for every other mail. */
export function reportedIds(head: Head, bytes: Uint8Array, domain: string): readonly string[] {
  if (!/^multipart\/report\b/i.test(valueOf(head, "content-type")) && !isFromServer(head))
    return [];
  return ownIdsIn(startOfBody(head, bytes), domain).slice(0, REPORTED_IDS_MAX);
}

/** False for a report that the mail is only late or was delivered (RFC 3464 section 2.3.3, Action). */
export function saysFailed(head: Head, bytes: Uint8Array): boolean {
  const body = startOfBody(head, bytes);
  return /^action:[ \t]*failed/im.test(body) || !/^action:[ \t]*[a-z]/im.test(body);
}

function startOfBody(head: Head, bytes: Uint8Array): string {
  const body = bytes.subarray(head.bodyStart, head.bodyStart + REPORT_SCAN_BYTES);
  return Buffer.from(body).toString("latin1");
}

function isFromServer(head: Head): boolean {
  return /\b(?:mailer-daemon|postmaster)\b/i.test(valueOf(head, "from"));
}

function noteOf({ headers }: Delivery, inboxes: readonly string[]): HintNote {
  const [first = ""] = inboxes;
  const named = headers[INBOX_HEADER] ?? "";
  const cut = Number(headers[CUT_HEADER] ?? "");
  return {
    inbox: inboxes.includes(named) ? named : first,
    cutFromBytes: Number.isSafeInteger(cut) && cut > 0 ? cut : null,
  };
}
