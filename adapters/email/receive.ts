import type { Delivery, Hint } from "#core/delivery.ts";
import { DeskhandError } from "#core/errors.ts";
import { classifyMail } from "./automatic.ts";
import { deliveryReportOf } from "./delivery-report.ts";
import { readHead, withLineFeeds } from "./headers.ts";
import { bounceKey, isOurOwn, mailKey, threadKeys } from "./keys.ts";
import type { HintNote } from "./schema.ts";

/** Set by our own poller, never by a mail: which inbox it was found in and whether it was cut for size. */
export const INBOX_HEADER = "x-inbox";
export const UID_HEADER = "x-uid";
export const CUT_HEADER = "x-cut-from-bytes";

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
  };
}
