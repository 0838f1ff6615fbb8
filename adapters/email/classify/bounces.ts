/**
 * Mails of servers about a mail: what tells them, and what became of a mail of ours. Reports are told by their form (a
 * reader pressed "spam", opened a mail, or a mail did not arrive), and bounces of servers that know no report format, or
 * write a broken one. Of their signs no single one is enough, since people are called Postmaster, complain that
 * something was not delivered, and quote what they got; two that agree are, unless both are words.
 */

import { type ClassifierInput, firstText, mimeParts } from "./mail-parts.ts";
import { REPLY_OR_FORWARD } from "./bulk.ts";
import { type Head, valueOf, headerValues, decodeWords, readHead } from "#email/mime/headers.ts";
import { addressesIn, plainAddresses } from "#email/mime/addresses.ts";
import { partText, type MimePart } from "#email/mime/part.ts";
import { ownIdsIn } from "#email/threading/thread-keys.ts";
import { normalizeLineEnds } from "#email/mime/raw-mail.ts";

interface Sign {
  readonly weight: 1 | 2;
  readonly reason: string;
  /** True when any sender could have written it. */
  readonly ofWords?: boolean;
}

/** Signs that weigh this much together say it is a bounce. */
const WEIGHT_MIN = 2;

/** What says that a mail server wrote this about a mail; empty when not enough does. */
export function bounceReasons(seen: ClassifierInput): readonly string[] {
  const { head } = seen;
  const signs = [
    senderSign(head),
    subjectSign(seen.subject),
    hasNullSender(head) ? { weight: 1 as const, reason: "it has an empty return path" } : null,
    wordsSign(seen.text),
    fieldsSign(seen),
  ].filter((sign): sign is Sign => sign !== null);
  const weight = signs.reduce((sum, sign) => sum + sign.weight, 0);
  // A customer whose order is missing writes of failed deliveries, too.
  const isOfWords = signs.every(({ ofWords }) => ofWords === true);
  return weight < WEIGHT_MIN || isOfWords ? [] : signs.map(({ reason }) => reason);
}

/** Some servers write the empty return path into From itself. */
export function hasNullSender(head: Head): boolean {
  const values = headerValues(head, "return-path", "x-envelope-from", "envelope-from", "from");
  return values.some((value) => /^<\s*>$/.test(value.trim()));
}

/** Addresses and names that only mail servers write under. */
const SERVER =
  /\b(?:mailer[-_. ]?(?:daemon|demon)|mail[-_. ]?daemon|mdaemon|mail delivery (?:sub)?(?:system|service|agent)|delivery subsystem|mail-?delivery-?(?:subsystem|system)|bounce[-_]?(?:daemon|notification)|mail router|internet mail delivery)\b/i;
/** Those that people write under as well. */
const OFFICE =
  /\b(?:(?:fml|ml|majordomo|ezmlm|(?:mailing)?-?list)[-. ]?(?:admin|manager|owner|request|server)|pos+t[-. ]?ma?ster|poostmaster|mail ?admin(?:istrator)?|system ?administrator|e?-?mail system|mail system|mailsystem|message transfer agent|mail-?gateway|mailserver|mail server|smtp(?: |-)?(?:mail|server|gateway|daemon|relay|service)s?|mail service|microsoft exchange|microsoft outlook|exchange server|administrator|mta)\b/i;

function senderSign(head: Head): Sign | null {
  // Programs write their name into the address, with underscores for spaces.
  const from = decodeWords(valueOf(head, "from")).replaceAll("_", " ");
  if (SERVER.test(from)) return { weight: 2, reason: "a mail server is its sender" };
  if (OFFICE.test(from)) return { weight: 1, reason: "its sender is one that servers write under" };
  return from.replaceAll(/[\s<>"]/g, "") === ""
    ? { weight: 1, reason: "it names no sender" }
    : null;
}

/** Subjects of bounces as servers write them. `Re:` and `Fwd:` are people's. */
const SUBJECT =
  /\b(?:undeliver(?:ed|able)\b(?! (?:parcel|package|order|goods|item))|returned (?:e-?)?mail|failure notice|failure delivery|(?:e-?)?mail (?:delivery|system) (?:fail|error|status|notif|problem|sub|warning|delay|report)|(?:e-?)?mail (?:failure|error|returned|could not|not delivered|status report|has been returned)|delivery (?:status )?(?:notification|failure (?:notice|notification|report)|report\b)|(?:permanent |temporary )?delivery (?:failure|failed|error|status|has failed|problem|delayed|warning|unsuccessful)|message (?:could not be|was not|not|is not|cannot be|status|delivery|undeliver|you sent|from you|delayed)|could not (?:be delivered|send message)|non[- ]?delivery|returned to sender|return(?:ed|ing) message|bounced? (?:mail|message)|warning: (?:message|could not|e?-?mail)|nondeliverable|ndn:|dsn:|postmaster notify|unable to deliver|rejected mail|rejected message|(?:e-?)?mail rejected|user unknown|unknown (?:user|recipient|address)|invalid (?:recipient|address)|no such (?:user|recipient)|mailbox (?:full|unavailable|over quota)|quota exceeded|delivery notification)|^(?:unzustellbar|non remis|non distribu|no se puede entregar|no entregado|non recapitabile|impossibile recapitare|mancato recapito|onbestelbaar|niet bezorgd|kan (?:e-?mail|bericht)|não entregue|nao entregue|não é possível entregar|ikke leveret|kan ikke leveres|ikke levert|kan ikke levere|kan inte levereras|olevererbart|det går inte att leverera|ei voi(?:tu|da) toimittaa|toimittaminen epäonnistui|niedostarczalne|niedostarczon|nie można dostarczyć|nedoručiteln|nelze doručit|kézbesíthetetlen|sikertelen kézbesítés|nelivrat|teslim edilemedi|iletilemedi|недостав|не доставлено|не удалось доставить|ваше сообщение не доставлено|сообщение не доставлено|δεν παραδόθηκε|δεν είναι δυνατή η παράδοση|无法(?:传递|投递|送达|发送)|無法(?:傳遞|投遞|送達|傳送)|退信|系统退信|投递失败|配信不能|配信エラー|未配信|配信できません|送信エラー|宛先不明|あて先不明|배달되지 않음|배달 실패|전송 실패|반송)|\b(?:zustellung (?:fehlgeschlagen|nicht möglich)|zustellfehler|fehlgeschlagene zustellung|nachricht nicht zugestellt|échec de (?:la )?(?:remise|distribution)|message non (?:remis|distribué|délivré)|avis de non[- ]remise|error de entrega|fallo (?:de|en la) entrega|mensaje no entregado|notificación de (?:estado|fallo)|messaggio non (?:recapitato|consegnato)|errore di (?:consegna|recapito)|falha na entrega|mensagem não entregue|notificação de falha|bericht niet (?:afgeleverd|bezorgd)|aflevering mislukt)/iu;

function subjectSign(subject: string): Sign | null {
  const start = subject.trim().slice(0, 300);
  return SUBJECT.test(start) && !REPLY_OR_FORWARD.test(start)
    ? { weight: 1, reason: "its subject is that of a bounce", ofWords: true }
    : null;
}

/** What bounces say in their first lines, always about a mail: parcels are not delivered either. */
const WORDS =
  /\b(?:your|the|this|an?|following) (?:e-?)?(?:mail )?(?:message|mail|e-?mail)s?\b[^\n]{0,160}\b(?:(?:could|can|did|was|were|has|have|had|is)(?: not|n't)|cannot|wasn't|undeliverable|undelivered|not delivered|rejected|bounced|failed|blocked|delayed|returned)\b|\b(?:unable|not able|failed|couldn't|could not|impossible) to (?:deliver|send|relay)[^\n]{0,60}\b(?:message|e?-?mail)|\bdelivery (?:to the following|has failed to|of the following|of your message|failed|attempts?|incomplete|is delayed)|\b(?:the )?following (?:recipient|address|destination|user|mail|e-?mail)[^\n]{0,60}(?:not|fail|error|undeliver|reject|invalid|unreach|problem)|permanent (?:fatal )?errors?|recipient address rejected|address not found|recipient inbox full|transcript of session|failed recipients?|recipients? failed|unknown recipients?|smtp error|delivery (?:failure|error) report|user (?:unknown|not listed)|undeliverable (?:to|message|mail)|error (?:while|in) (?:delivering|sending)/i;

const START_LENGTH = 600;
const FORWARDED = /forwarded message|original message|weitergeleitete|message transféré|^from: /im;

/** The first words, without what is quoted. */
function ownStart(text: string): string {
  return text
    .slice(0, START_LENGTH)
    .replaceAll(/^[>|].*$/gm, "")
    .replaceAll(/(?<![ \t])[ \t]*\r?\n(?=\S)/g, " ")
    .trimStart();
}

function wordsSign(text: string): Sign | null {
  const start = ownStart(text);
  const found = WORDS.exec(start);
  if (found === null || FORWARDED.test(start.slice(0, found.index))) return null;
  return { weight: 1, reason: "it says at once that a mail was not delivered", ofWords: true };
}

const FIELDS =
  /^(?:reporting-mta|final-recipient|original-recipient|remote-mta|diagnostic-code|arrival-date|last-attempt-date|x-postfix-queue-id|action|status):[ \t]{0,20}\S/gim;

const FIELDS_BYTES_MAX = 20_000;

/** Fields of a delivery report that stand in the text itself, as when a server lost the header that says what it is. */
function fieldsSign({ parts }: ClassifierInput): Sign | null {
  const texts = parts
    .filter(({ type }) => type !== "message/rfc822" && type !== "text/html")
    .map((part) => partText(part, FIELDS_BYTES_MAX));
  const fields = texts.join("\n").match(FIELDS) ?? [];
  const names = new Set(fields.map((field) => field.slice(0, field.indexOf(":")).toLowerCase()));
  const isReport =
    names.has("final-recipient") || (names.has("diagnostic-code") && names.has("action"));
  return isReport && names.size >= 3
    ? { weight: 1, reason: "it holds the fields of a delivery report" }
    : null;
}

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
    parts.some((part) => FEEDBACK_FIELD.test(partText(part)))
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

/** One report about mail we sent. */
export interface DeliveryReport {
  /** Message-IDs of ours that it names, at most ten: which mails it is about. */
  readonly about: readonly string[];
  /** `failed` when the server has given up, and also when it does not say. */
  readonly action: "failed" | "delayed" | "delivered" | "relayed" | "expanded";
  /** Such as `5.1.1` (RFC 3463); null when none is given. */
  readonly status: string | null;
  /** True when those who did not get it were all in copy only, so that the customer may have it. */
  readonly isCopy: boolean;
  /** True when another try would fail as well: given up, not for a reason of class 4, and not only for a copy. */
  readonly permanent: boolean;
}

const REPORTED_IDS_MAX = 10;

const SCAN_BYTES_MAX = 512 * 1024;

/** Reads a mail that is known to be a bounce. */
export function bounceReport(raw: Uint8Array, messageIdDomain: string): DeliveryReport {
  const bytes = normalizeLineEnds(raw);
  const head = readHead(bytes);
  const parts = mimeParts(head, bytes);
  const text = firstText(parts);
  const groups = reportGroups(parts);
  const inCopy = copiedIn(parts);
  const failed = groups.filter((one) => /^failed/i.test(valueOf(one, "action")));
  const group =
    failed.find((one) => !inCopy.has(reportedRecipient(one))) ?? failed[0] ?? groups[0] ?? null;
  const isCopy = group !== null && inCopy.has(reportedRecipient(group));
  const action = reportedAction(group, `${valueOf(head, "subject")}\n${text}`);
  const status = reportedStatus(group, text);
  return {
    about: aboutIn(head, bytes, parts, messageIdDomain),
    action,
    status,
    isCopy,
    permanent: action === "failed" && !isCopy && !(status?.startsWith("4") ?? false),
  };
}

const RETURNED = /^(?:message\/(?:rfc822|global)|text\/rfc822-headers)/;

/** Who stands in Cc of the returned mail and not in its To. */
function copiedIn(parts: readonly MimePart[]): ReadonlySet<string> {
  const returned = parts.find(({ type }) => RETURNED.test(type));
  if (returned === undefined) return new Set();
  const head = readHead(Buffer.from(partText(returned)));
  const to = plainAddresses(valueOf(head, "to"));
  return new Set(plainAddresses(valueOf(head, "cc")).filter((address) => !to.includes(address)));
}

function reportedRecipient(group: Head): string {
  return addressesIn(valueOf(group, "final-recipient"))[0] ?? "";
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
