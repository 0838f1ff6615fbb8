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
import {
  feedbackReason,
  receiptReason,
  reportReason,
  bounceReasons,
  hasNullSender,
} from "./bounces.ts";
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
import { ownIdsIn } from "#email/threading/thread-keys.ts";
import { answersUs, mailProgram, unmarkedBulkReasons } from "./bulk.ts";
import { isForOther, takesNoAnswers } from "./forms.ts";
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
  ["bulk", unlessForOther(noReply)],
  // Last, since it reads the most and is the least sure.
  ["bulk", unlessForOther(unmarkedBulkReasons)],
];

/** What a form sends looks like a program's, and is a person's. */
function unlessForOther(rule: Rule): Rule {
  return (seen, own) => (isForOther(seen.head, own) ? null : rule(seen, own));
}

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
  const ids = valueOf(head, "message-id");
  const isOurs =
    ownIdsIn(ids, messageIdDomain).length > 0 || valueOf(head, "x-deskhand-instance") !== "";
  // A form on the company's site writes from the same address and domain, and asks to answer the customer.
  const isForm = headerValues(head, "reply-to")
    .flatMap(addressesIn)
    .some((address) => !inboxes.includes(address));
  return isOurs || (!isForm && messageIdsIn(ids).some((id) => id.endsWith(`@${messageIdDomain}`)))
    ? "our own mail came back"
    : null;
}

/** Programs that hand mail on write the address they did it for into X-Loop, to know the mail the second time. */
function passedBefore({ head }: ClassifierInput, { inboxes }: OwnNames): string | null {
  const marks = headerValues(head, "x-loop").flatMap(addressesIn);
  const receivers = new Set([
    ...inboxes,
    ...headerValues(head, "to", "delivered-to", "x-original-to").flatMap(addressesIn),
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

/**
 * A person who answers an automatic answer keeps its subject behind a `Re:`, and answers something that has an id. Who is
 * away writes of it as well, so words of absence alone say it only of a mail that answers another, as such notes do.
 */
function autoSubject({ head, subject }: ClassifierInput): string | null {
  if (isDenied(valueOf(head, "auto-submitted").toLowerCase())) return null;
  const isNamed = valueOf(head, "in-reply-to") !== "" || valueOf(head, "references") !== "";
  const bare = isNamed ? subject : subject.replace(REPLY_PREFIX, "");
  const isAnswer = isNamed || bare !== subject || ANSWERED.test(bare);
  const isTold = isAnswer ? announcesAbsence(bare) : namesMachine(bare);
  return isTold ? "its subject is that of an automatic answer" : null;
}

/** How the subjects of automatic answers begin, in the languages mail programs write them in. */
const WORDS = [
  // English
  "auto(?:matic|mated|mat)?[- .]?(?:reply|response|answer|responder|acknowledge?ment)(?: message)?",
  "autoreply(?:ing)?|autoresponse|autoresponder",
  "(?:i am |i'm |is |currently )?(?:out of (?:the )?office|out-of-office|ooo|away from (?:the )?office|away from my mail)(?: (?:reply|auto-?reply|autoreply|message|notification|notice|response|alert|assistant))?",
  "(?:vacation|holiday|absence|away)(?: (?:reply|response|auto-?reply|autoreply|message|notice|notification|responder))",
  // German
  "auto(?:matische|matisierte|-)? ?(?:antwort|rückantwort|rueckantwort|benachrichtigung|eingangsbestätigung)|autoantwort",
  "abwesen(?:d|heit)s?(?:notiz|meldung|nachricht|assistent|hinweis|benachrichtigung|agent|info)?|urlaubs?(?:notiz|meldung|abwesenheit|vertretung)|nicht im (?:büro|haus|hause)|außer haus|ferienabwesenheit",
  // French
  "r[ée]ponse (?:automatique|auto)|message (?:automatique|d['’]absence)|(?:notification|avis|r[ée]ponse) d['’]absence|absen(?:t|te|ce)(?: du| au)? bureau",
  // Spanish, Portuguese, Italian, Romanian, Catalan
  "(?:respuesta|resposta|r[ée]plica) autom[áàa]tica|auto-?respuesta|contestaci[óo]n autom[áa]tica|mensaje autom[áa]tico|fuera de (?:la )?oficina|ausente de la oficina|ausencia(?: de la oficina)?",
  "mensagem autom[áa]tica|fora do escrit[óo]rio|ausente do escrit[óo]rio|aus[êe]ncia(?: tempor[áa]ria| do escrit[óo]rio)?",
  "risposta automatica|messaggio automatico|fuori (?:sede|ufficio)|assen(?:te|za)(?: dall['’]ufficio)?",
  "r[ăa]spuns automat",
  // Dutch
  "automatisch(?:e)? (?:antwoord|beantwoording|bericht|reactie)|afwezig(?:heid|heidsbericht|heidsmelding|heidsassistent)?(?: bericht)?|niet aanwezig|buiten kantoor",
  // Scandinavian, Finnish
  "auto(?:matisk(?:t)? )?svar|automatiskt meddelande|automatisk svarmelding|frånvaro(?:meddelande)?|inte på kontoret|fravær(?:smelding|smeddelelse|sbesked)?|ikke på kontoret|ikke til stede|ferie(?:svar|melding)?|semester(?:svar|meddelande)",
  "automaattinen (?:vastaus|poissaoloviesti|viesti)|poissa(?:olo|oloviesti|oloilmoitus)?(?: toimistolta)?|en ole toimistolla",
  // Polish, Czech, Slovak, Hungarian, Slovene, Croatian
  "automatyczna odpowied[źz]|odpowied[źz] automatyczna|autoodpowied[źz]|nieobecno[śs][ćc]|poza biurem|informacja o nieobecności",
  "automatick[áa] odpov[ěe][dď]|automatická odpoveď|mimo kancel[áa][řr]|mimo kanceláriu|odpověď v nepřítomnosti|nepřítomnost|neprítomnosť",
  "automatikus v[áa]lasz|h[áa]zon k[íi]v[üu]l|irodán kívül",
  "samodejni odgovor|odsotnost|automatski odgovor|odsutnost",
  // Turkish, Greek
  "otomatik (?:yan[ıi]t|cevap)|ofis d[ıi][şs][ıi]nda(?:y[ıi]m)?",
  "αυτόματη απάντηση|εκτός γραφείου",
  // Russian, Ukrainian, Bulgarian
  "автоматическ(?:ий|ое) (?:ответ|сообщение|уведомление)|автоответ(?:чик)?|вне офиса|нет на месте|отсутств(?:ие|ую)(?: на рабочем месте)?",
  "автоматична (?:відповідь|отговор)|автоматичен отговор|автовідповідь|поза офісом|извън офиса",
  // Arabic, Hebrew
  "رد تلقائي|الرد التلقائي|خارج المكتب|תשובה אוטומטית|מענה אוטומטי|מחוץ למשרד",
  // Chinese, Japanese, Korean, Vietnamese, Thai
  "自[动動](?:回[复覆復]|答[复覆復]|应答|應答|回信)|不在办公室|不在辦公室|外出通知",
  "自動(?:返信|応答|送信|配信)|不在(?:通知|のお知らせ|連絡|です)?",
  "자동 ?(?:회신|응답|답장|답변)|부재 ?중|부재 알림",
  "trả lời tự động|thư trả lời tự động|ตอบกลับอัตโนมัติ|ไม่อยู่ที่สำนักงาน",
].join("|");

/** After the words comes a mark, a date or the end: "Out of office chairs" is a question about chairs. */
const BEHIND =
  "(?=[\\s]*(?:$|[:：;|,!.)\\]】」(（\\[–—-]|re(?!\\p{L})|\\d|(?:until|till|from|bis|vom|ab|jusqu|du|desde|hasta|fino|dal|tot|van|until|to|au|al|até|t\\.?o\\.?m|från|til|do|od|с|до|по)(?!\\p{L})|auto))";

const STARTS = new RegExp(`^[\\s\\[(【「<*!-]{0,5}(?:${WORDS})${BEHIND}`, "iu");
const REPLY_PREFIX =
  /^(?:(?:re|aw|sv|antw|vs|odp|ynt|回复|答复)\s*(?:\[\d{1,3}\]\s*)?[:：]\s*){1,5}/iu;
/** Behind the words of absence, the subject of what is answered: "Abwesenheitsnotiz: Re: …". */
const ANSWERED = /[:：|–—-]?\s(?:re|aw|sv|antw|vs|odp|ynt|rif|res|回复|答复)\s?[:：]/iu;
/** Notes and Sieve (RFC 5230) put this first. A car is an `Auto` in many languages, so that alone says nothing. */
const MARKED = /^(?:AUTO: \S|[Aa]uto: (?:Re|RE|re):|\[(?:AUTO|[Aa]uto)\])/;

/** What programs say of themselves, in the same languages. */
const MACHINE =
  /notiz|meldung|assistent|oloviesti|auto|авто|otomatik|samodejn|αυτόματ|تلقائي|אוטומטי|自[动動]|자동|tự động|อัตโนมัติ/iu;

/** True for a subject by which a program says that it answers. */
export function namesMachine(subject: string): boolean {
  const start = subject.trim().slice(0, 300);
  return MARKED.test(start) || MACHINE.test(STARTS.exec(start)?.[0] ?? "");
}

/** True for a subject that begins as automatic answers and notes of absence do. */
export function announcesAbsence(subject: string): boolean {
  const start = subject.trim().slice(0, 300);
  return STARTS.test(start) || MARKED.test(start);
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

/** A group's number at Google, whichever group it is. */
const GROUP_NUMBER = "x-google-group-id";

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
  GROUP_NUMBER,
  "x-mailchimp-id",
  "x-mc-user",
  "x-campaign",
  "x-campaignid",
  "x-campaign-id",
  "x-csa-complaints",
];

/** What a group of Google's writes besides its own address. */
const GROUP_HOSTS = ["groups.google.com", "googlegroups.com", "support.google.com"];

/**
 * The marks by which a list is known to be an inbox of ours, such as a group that its mail comes through: its address, its
 * List-ID (RFC 2919) and who runs it. Empty where the mail came through no such list.
 */
function ownListMarks(head: Head, { inboxes }: OwnNames): readonly string[] {
  const named = headerValues(head, "list-id", "list-post", "mailing-list").join(" ").toLowerCase();
  const marks = inboxes.flatMap((inbox) => [inbox, inbox.replace("@", ".")]);
  const own = marks.filter((mark) => named.includes(mark));
  return own.length === 0 ? [] : [...own, ...GROUP_HOSTS];
}

/** Sales programs, and the groups of companies, put the marks of lists on what a person answers us: there only Precedence counts. */
function bulk({ head }: ClassifierInput, own: OwnNames): string | null {
  const marks = ownListMarks(head, own);
  const isAnswer = answersUs(head, own);
  const isForeign = (value: string): boolean =>
    value !== "" && !isAnswer && !marks.some((mark) => value.toLowerCase().includes(mark));
  const found = LIST_HEADERS.find(
    (name) =>
      headerValues(head, name).some(isForeign) && !(marks.length > 0 && name === GROUP_NUMBER),
  );
  if (found !== undefined) return `the header ${found}: a list or bulk mail`;
  const feedback = valueOf(head, "feedback-id");
  // Amazon SES puts one on every mail it carries, also on what a person wrote.
  if (feedback !== "" && !isAnswer && !/:AmazonSES\s*$/i.test(feedback))
    return "the header feedback-id: a bulk mail";
  const precedence = marks.length > 0 ? /\b(?:bulk|junk)\b/i : /\b(?:bulk|list|junk)\b/i;
  return precedence.test(mailPrecedence(head)) ? "Precedence says it is a bulk mail" : null;
}

function noReply({ head }: ClassifierInput): string | null {
  const address = senderAddress(head) ?? "";
  return takesNoAnswers(address) ? `the sender ${address} takes no answers` : null;
}
