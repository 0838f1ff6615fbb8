/**
 * Room: tells mail that machines send from mail that people write. Bounces, automatic replies, lists, reports and loops
 * are never answered.
 * In: the bytes of a mail (of a large one, its start) and our own addresses.
 * Out: one class with its reasons, and what a bounce reports about a mail of ours.
 * May touch: nothing. The same bytes always give the same class.
 *
 * The first rule that holds decides. The surest rules come first, and headers come before text.
 */

import { addressesIn, senderAddress } from "#email/mime/addresses.ts";
import { announcesAbsence, mayAnnounceAbsence } from "./out-of-office.ts";
import {
  feedbackReason,
  receiptReason,
  reportReason,
  bounceReasons,
  hasNullSender,
} from "./bounce-signs.ts";
import { type ClassifierInput, type OwnNames, firstText, mimeParts } from "./mail-parts.ts";
import {
  type Head,
  messageIdsIn,
  readHead,
  valueOf,
  headerValues,
  decodeWords,
} from "#email/mime/headers.ts";
import { attributionAt } from "#email/parse/quote-markers.ts";
import { partText } from "#email/mime/part.ts";
import { answersUs, mailProgram, unmarkedBulkReasons } from "./bulk.ts";
import { normalizeLineEnds } from "#email/mime/raw-mail.ts";

/** What a mail is. Only `human` is ever answered. */
export type MailClass = "human" | "auto-reply" | "bounce" | "feedback" | "bulk" | "loop";

/** What a mail is, with what says so, for a person to read. */
export interface Classification {
  readonly class: MailClass;
  readonly reasons: readonly string[];
}

/** What says that a mail is of a class: one reason or several; null, or none, where nothing does. */
type Rule = (seen: ClassifierInput, own: OwnNames) => string | readonly string[] | null;

const RULES: readonly (readonly [MailClass, Rule])[] = [
  ["loop", cameBack],
  // Reports have a media type of their own: RFC 6522 bounces, RFC 8098 receipts, RFC 5965 feedback.
  ["feedback", feedbackReason],
  ["auto-reply", receiptReason],
  ["bounce", reportReason],
  ["bounce", bounceReasons],
  // After the bounces, which carry the marks of the mail they return.
  ["loop", passedBefore],
  ["loop", hasTooManyHops],
  ["loop", onlyOurWords],
  ["auto-reply", autoSubmitted],
  ["auto-reply", autoHeaders],
  ["auto-reply", autoSubject],
  ["auto-reply", calendar],
  ["auto-reply", nullSender],
  ["bulk", bulk],
  ["bulk", noReply],
  // Last, since it reads the most and is the least sure.
  ["bulk", unmarkedBulkReasons],
];

/** Says what a mail is, whatever its bytes are. The same bytes always give the same answer; nothing is looked up. */
export function classifyMail(raw: Uint8Array, own: OwnNames): Classification {
  const bytes = normalizeLineEnds(raw);
  const head = readHead(bytes);
  const parts = mimeParts(head, bytes);
  const subject = decodeWords(valueOf(head, "subject")).trim();
  const seen = { head, subject, text: firstText(parts), parts };
  for (const [mailClass, rule] of RULES) {
    const reasons = [rule(seen, own) ?? []].flat();
    if (reasons.length > 0) return { class: mailClass, reasons };
  }
  return { class: "human", reasons: ["nothing in it says that a machine wrote it"] };
}

/** RFC 5321 section 6.3 speaks of a hundred; servers in the field give up at thirty to fifty. */
const HOPS_MAX = 50;

function hasTooManyHops({ head }: ClassifierInput): string | null {
  return headerValues(head, "received").length >= HOPS_MAX
    ? `it went through ${HOPS_MAX} servers and more`
    : null;
}

function cameBack(
  { head }: ClassifierInput,
  { inboxes, messageIdDomain }: OwnNames,
): string | null {
  const sender = senderAddress(head);
  if (sender === null || !inboxes.includes(sender)) return null;
  const ids = messageIdsIn(valueOf(head, "message-id"));
  return ids.some((id) => id.endsWith(`@${messageIdDomain}`)) ||
    valueOf(head, "x-deskhand-instance") !== ""
    ? "our own mail came back"
    : null;
}

/** Programs that hand mail on write the address they did it for into X-Loop, to know the mail the second time. */
function passedBefore({ head }: ClassifierInput, { inboxes }: OwnNames): string | null {
  const marks = headerValues(head, "x-loop").flatMap((value) => addressesIn(value));
  const receivers = new Set([
    ...inboxes,
    ...["to", "delivered-to", "x-original-to"].flatMap((name) =>
      headerValues(head, name).flatMap((value) => addressesIn(value)),
    ),
  ]);
  const mark = marks.find((address) => receivers.has(address));
  return mark === undefined ? null : `X-Loop says it came through ${mark} before`;
}

/** Programs that answer by sending back what they got, or nothing, would do so for ever. */
function onlyOurWords({ head, text }: ClassifierInput, own: OwnNames): string | null {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  // A mail program puts "On Monday, Support wrote:" over what it quotes, whether or not its writer added a word.
  const said = lines.slice(attributionAt(lines, 0));
  return answersUs(head, own) && said.length > 0 && said.every((line) => line.startsWith(">"))
    ? "only our own words come back, with nothing added"
    : null;
}

/** RFC 3834 section 5: anything but `no` was sent by a machine. */
function autoSubmitted({ head }: ClassifierInput): string | null {
  const found = headerValues(head, "auto-submitted").find(
    (value) => value !== "" && !isDenied(value.toLowerCase()),
  );
  return found === undefined ? null : `Auto-Submitted says ${found.slice(0, 60)} (RFC 3834)`;
}

function isDenied(value: string): boolean {
  return /^(?:no|none|false|0|off)(?![-\w])/.test(value);
}

const AUTO_HEADERS = [
  "x-autoreply",
  "x-auto-reply",
  "x-autoreply-from",
  "x-auto-reply-from",
  "x-autoreply-domain",
  "x-autorespond",
  "x-autoresponse",
  "x-auto-response",
  "x-autoresponder",
  "x-autoresponder-from",
  "x-autogenerated",
  "x-auto-generated",
  "x-mail-autoreply",
  "x-vacation",
  "x-holidayreply",
  "x-fc-machinegenerated",
  "x-cron-env",
  "x-amavis-alert",
  "x-kas-autoreply",
  "auto-response",
  "autoresponse",
  "autoreply",
  "preference",
];

/**
 * What programs wrote before RFC 3834. X-Auto-Response-Suppress (MS-OXCMAIL 2.1.3.2.20) is only a request, and
 * stands in people's mail too.
 */
function autoHeaders({ head }: ClassifierInput): string | null {
  const found = AUTO_HEADERS.find((name) => {
    const value = valueOf(head, name).toLowerCase();
    return value !== "" && !isDenied(value) && (name !== "preference" || value.includes("auto"));
  });
  if (found !== undefined) return `the header ${found} says so`;
  if (/^auto[_ -]?(?:reply|response)/i.test(mailPrecedence(head)))
    return "Precedence says it is an automatic answer";
  if (/\bauto-?(?:responder|reply|response)|\bvacation\b/i.test(mailProgram(head)))
    return "it was written by a program that answers by itself";
  return /autoresponder/i.test(valueOf(head, "x-post-messageclass"))
    ? "the header x-post-messageclass says so"
    : null;
}

function mailPrecedence(head: Head): string {
  return [valueOf(head, "precedence"), valueOf(head, "x-precedence")].join(" ").trim();
}

/** A person who answers an automatic answer keeps its subject behind a `Re:`, and answers something that has an id. */
function autoSubject({ head, subject }: ClassifierInput): string | null {
  const denied = isDenied(valueOf(head, "auto-submitted").toLowerCase());
  if (denied) return null;
  const isAnswer = valueOf(head, "in-reply-to") !== "" || valueOf(head, "references") !== "";
  const isTold = isAnswer ? announcesAbsence(subject) : mayAnnounceAbsence(subject);
  return isTold ? "its subject is that of an automatic answer" : null;
}

function calendar({ parts }: ClassifierInput): string | null {
  const answers = parts.some(
    (part) =>
      part.type === "text/calendar" &&
      (/^(?:reply|counter|declinecounter)\b/i.test(part.parameters.get("method") ?? "") ||
        /^METHOD:(?:REPLY|COUNTER|DECLINECOUNTER)\b/im.test(partText(part))),
  );
  return answers ? "it answers a calendar invitation" : null;
}

/** RFC 3834 section 2: what has an empty return path must not be answered. */
function nullSender({ head }: ClassifierInput): string | null {
  return hasNullSender(head) ? "it has an empty return path (RFC 3834)" : null;
}

const LIST_HEADERS = [
  "list-id",
  "list-post",
  "list-unsubscribe",
  "list-help",
  "list-subscribe",
  "list-owner",
  "list-archive",
  "mailing-list",
  "x-mailing-list",
  "x-beenthere",
  "x-mailman-version",
  "x-list-id",
  "x-ml-name",
  "x-mailinglist",
  "x-google-group-id",
  "x-mailchimp-id",
  "x-mc-user",
  "x-campaign",
  "x-campaignid",
  "x-campaign-id",
  "x-csa-complaints",
];

function bulk({ head }: ClassifierInput): string | null {
  const found = LIST_HEADERS.find((name) => valueOf(head, name) !== "");
  if (found !== undefined) return `the header ${found}: a list or bulk mail`;
  const feedback = valueOf(head, "feedback-id");
  // Amazon SES puts one on every mail it carries, also on what a person wrote.
  if (feedback !== "" && !/:AmazonSES\s*$/i.test(feedback))
    return "the header feedback-id: a bulk mail";
  return /\b(?:bulk|list|junk)\b/i.test(mailPrecedence(head))
    ? "Precedence says it is a bulk mail"
    : null;
}

/** Local parts that say, in the languages they are seen in, that no person reads what is sent there. */
const NO_REPLY =
  /(?:^|[-_.+])(?:no|not|do-?not|donot|dont|never|cannot|can-?not)[-_.]?(?:reply|replies|response|respond|answer)|^(?:nicht-?antworten|keine-?antwort|ne-?pas-?repondre|no-?responder|no-?contestar|n[aã]o-?responda|non-?rispondere|niet-?(?:be)?antwoorden|nie-?odpowiadaj|auto-?(?:confirm|mailer|mail|reply|responder|notify)|unattended|newsletter|news-?letter|mailings?|bounces?)(?:$|[-_.+@])/;

function noReply({ head }: ClassifierInput): string | null {
  const address = senderAddress(head) ?? "";
  return NO_REPLY.test(address.split("@")[0] ?? "")
    ? `the sender ${address} takes no answers`
    : null;
}
