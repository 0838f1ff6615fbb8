/** Mails that are reports by their form: a reader pressed "spam", opened a mail, or a mail did not arrive. */

import type { ClassifierInput } from "./classifier-input.ts";
import { valueOf } from "#email/mime/headers.ts";
import { textOf } from "#email/mime/part-text.ts";

/** Services that pass on what their customers marked as spam, where no report has the form of RFC 5965. */
const COMPLAINT_SENDER =
  /\b(?:feedback-?loop|fbl|complaints?|scomp|abuse-?reports?|spam-?reports?|dmarc-?reports?|noreply-dmarc|tls-?reports?)[^\s@<>]{0,60}@|\bstaff@(?:hotmail|live|msn|outlook)\./i;
const COMPLAINT_SUBJECT =
  /^\W{0,3}(?:complaint about message from|(?:e-?mail )?(?:abuse|feedback|spam|complaint)(?: feedback)? (?:report|notification)|report domain:|dmarc (?:aggregate |failure )?report)/i;

/** Why a mail is a feedback report (RFC 5965, or a DMARC or TLS report); null when it is none. */
export function feedbackReason({ head, subject, parts }: ClassifierInput): string | null {
  const type = valueOf(head, "content-type").toLowerCase();
  if (/report-type\s*=\s*"?(?:feedback-report|tlsrpt)/.test(type))
    return "a feedback report (RFC 5965)";
  if (parts.some((part) => part.type === "message/feedback-report"))
    return "it holds a feedback report (RFC 5965)";
  if (
    type.startsWith("multipart/report") &&
    parts.some((part) => FEEDBACK_FIELD.test(textOf(part)))
  )
    return "it holds a feedback report (RFC 5965)";
  if (valueOf(head, "x-hmxmroriginalrecipient") !== "")
    return "a complaint passed on by the receiver's provider";
  const isPassedOn =
    COMPLAINT_SENDER.test(valueOf(head, "from")) && COMPLAINT_SUBJECT.test(subject);
  return isPassedOn ? "a complaint passed on by the receiver's provider" : null;
}

const FEEDBACK_FIELD =
  /^feedback-type:[ \t]{0,20}(?:abuse|fraud|virus|other|opt-out|not-spam|auth)/im;

/** Why a mail is a read receipt (RFC 8098); null when it is none. */
export function receiptReason({ head, parts }: ClassifierInput): string | null {
  const type = valueOf(head, "content-type").toLowerCase();
  const isOne =
    /report-type\s*=\s*"?disposition-notification/.test(type) ||
    type.startsWith("message/disposition-notification") ||
    parts.some((part) => part.type === "message/disposition-notification");
  return isOne ? "a read receipt (RFC 8098)" : null;
}

/** Why the form of a mail alone makes it a report of a mail server (RFC 6522, RFC 3464); null when it does not. */
export function reportReason({ head, parts }: ClassifierInput): string | null {
  const type = valueOf(head, "content-type").toLowerCase();
  if (type.startsWith("multipart/report")) return "a delivery report (RFC 3464)";
  if (type.startsWith("message/delivery-status")) return "a delivery report (RFC 3464)";
  if (valueOf(head, "x-failed-recipients") !== "")
    return "X-Failed-Recipients names who did not get it";
  const holdsOne = parts.some(({ type: partType }) =>
    /^message\/(?:global-)?delivery-status/.test(partType),
  );
  return holdsOne ? "it holds a delivery report (RFC 3464)" : null;
}
