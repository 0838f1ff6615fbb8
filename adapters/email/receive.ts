import { digest } from "#core/canonical.ts";
import type { Delivery, Hint } from "#core/delivery.ts";
import { DeskhandError } from "#core/errors.ts";
import { classifyMail } from "./automatic.ts";
import { bodyDigest } from "./body-digest.ts";
import { deliveryReportOf } from "./delivery-report.ts";
import { readHead, withLineFeeds } from "./headers.ts";
import { bounceKey, isOurOwn, mailKey, threadKeys } from "./keys.ts";
import { type LeftOut, LeftOutList } from "./left-out.ts";
import type { HintNote } from "./schema.ts";

/**
 * Set by our own poller, never by a mail: which inbox it was found in, whether it was cut for size and which files that left out, the digest of its
 * body when `body` is only its start, and why it could not be taken in.
 */
export const INBOX_HEADER = "x-inbox";
export const UID_HEADER = "x-uid";
export const UID_VALIDITY_HEADER = "x-uid-validity";
export const CUT_HEADER = "x-cut-from-bytes";
export const LEFT_OUT_HEADER = "x-left-out";
export const BODY_DIGEST_HEADER = "x-body-digest";
export const LOST_HEADER = "x-lost-because";

/** What `receive` needs to know about ourselves. */
export interface OwnMail {
  readonly instance: string;
  readonly secret: string;
  readonly messageIdDomain: string;
  readonly inboxes: readonly string[];
}

/** One mail is one hint, however broken it is: what cannot be read is still shown to a person. */
export function hintsOf(delivery: Delivery, own: OwnMail): readonly Hint[] {
  if (delivery.headers[LOST_HEADER] !== undefined) return [lostHint(delivery, own.inboxes)];
  if (delivery.body.length === 0) throw new DeskhandError("input.invalid", "an empty mail");
  const bytes = withLineFeeds(delivery.body);
  const head = readHead(bytes);
  if (isOurOwn(head, own)) return [];
  const key = mailKey(head, digestOf(delivery, bytes.subarray(head.bodyStart)));
  const reported = reportedIds(bytes, own);
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

/** What was kept on its way has its digest from there: the body here is only the start. */
function digestOf({ kept, headers }: Delivery, body: Uint8Array): string {
  if (kept === undefined) return bodyDigest(body);
  const given = headers[BODY_DIGEST_HEADER] ?? "";
  if (!/^[0-9a-f]{64}$/.test(given))
    throw new DeskhandError("input.invalid", "a kept mail came without its digest");
  return given;
}

/** A mail nobody can take in is told to people on the way of those that cannot be read; it stays where it is. */
function lostHint(delivery: Delivery, inboxes: readonly string[]): Hint {
  const { headers } = delivery;
  const names = [INBOX_HEADER, UID_VALIDITY_HEADER, UID_HEADER].map((name) => headers[name] ?? "");
  const name = `mail:lost:${digest(names).slice(0, 40)}`;
  return {
    channel: "email",
    eventId: name,
    conversationKeys: [name],
    kind: "message",
    data: noteOf(delivery, inboxes),
    keepBody: false,
  };
}

/** Which of our replies a mail server reports about; empty for every other mail. */
function reportedIds(bytes: Uint8Array, own: OwnMail): readonly string[] {
  return classifyMail(bytes, own).class === "bounce"
    ? deliveryReportOf(bytes, own.messageIdDomain).about
    : [];
}

function noteOf({ headers }: Delivery, inboxes: readonly string[]): HintNote {
  const [first = ""] = inboxes;
  const named = headers[INBOX_HEADER] ?? "";
  const cut = Number(headers[CUT_HEADER] ?? "");
  return {
    inbox: inboxes.includes(named) ? named : first,
    cutFromBytes: Number.isSafeInteger(cut) && cut > 0 ? cut : null,
    leftOut: [...leftOutIn(headers[LEFT_OUT_HEADER])],
    lost: headers[LOST_HEADER] ?? null,
  };
}

/** Only a delivery that is not from our poller has one that cannot be read. */
function leftOutIn(header: string | undefined): readonly LeftOut[] {
  try {
    const list = LeftOutList.safeParse(JSON.parse(header ?? "[]"));
    return list.success ? list.data : [];
  } catch {
    return [];
  }
}
