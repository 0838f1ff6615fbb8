/**
 * The marks by which mail programs set off what they quote: attribution lines, header blocks, separators. Each looks
 * at a bounded number of characters from a line on, so that splitting stays linear whatever the mail holds.
 */

// The words mail programs put around what they quote, in the languages they ship.

/** Verbs that stand right before the colon of "… wrote:". */
const FINAL_VERBS = [
  "wrote|writes|said|schrieb|schreibt|geschrieben|a (?:é|e\u0301)crit|va escriure|escribi(?:ó|o\u0301)|ha scritto",
  "escreveu|skrev|skrifaði|schreef|geschreven|napisa(?:ł|l)\\S{0,4}|pisze|napsal\\S{0,3}|nap(?:í|i)sal\\S{0,3}",
  "писал\\S{0,4}|написал\\S{0,4}|пишет|пише|написа|написав|написала|написано|kirjoitti|yazd(?:ı|i)\\S{0,3}",
  "(?:đã )?viết|a scris|írta|έγραψε|menulis|napisao(?: je)?|je napisao|је написао|napisala je|rakstīja|rašė|kirjutas",
  "写道|寫道|のメール|さんは書きました|님이 작성|작성|께서 작성|כתב\\S{0,3}|كتب\\S{0,2}|नें लिखा|ने लिखा|เขียนว่า",
].join("|");

/** Verbs behind which the name or the date of the writer may stand. */
const MIDDLE_VERBS = [
  "wrote|schrieb|schreef|skrev|kirjoitti|escreveu|escribió|scrisse|a écrit|napisał\\S{0,4}|napisana przez|yazdı\\S{0,3}",
  "írta|heeft|odesílatel|пользователь|користувач|użytkownik|מאת|于|於|από|ezt írta",
].join("|");

/** Who speaks of themselves is telling something, not quoting. */
const FIRST_OR_SECOND_PERSON =
  /(?:^|[\s,;])(?:I|[Ww]e|[Yy]ou|ich|wir|mir|uns|Ihnen|Sie|[Jj]['’]ai|[Nn]ous|[Vv]ous|yo|nosotros|me|te|io|ho|avete|eu|nós|ik|wij|jij|u|jag|jeg|du|vi|minä|ja|my|я|мы|вы)\s/u;

/** How an attribution may start: a preposition of date, or the date itself. */
const OPENER =
  /^[-‐=\s]{0,8}(?:(?:on|at|le|el|il|em|no dia|am|op|den|dne|dnia|w dniu|wiadomość|vào|pe|na|pada|tarihinde|στις|в|у|на|от|på|în|בתאריך|في)\s|于|於|在|\d{1,4}[./年-]|\d{1,2}[. ]|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,)/iu;

/** How it starts in no other place of a sentence: what stands above such a line is none. */
const SURE_OPENER =
  /^(?:On|At|Le|El|Il|Em|No dia|Am|Op|Den|Dne|Dnia|W dniu|Vào|Pe|Pada|Στις|На|På|În) .{0,30}\d/u;

/** Labels of the field that says who wrote. */
const SENDER_LABELS =
  "from|von|de|da|van|od|från|fra|frá|lähettäjä|feladó|gönderen|kimden|от|від|од|από|发件人|發件人|寄件者|寄件人|差出人|送信者|보낸 사람|odesílatel|odosielateľ|expediteur|expéditeur|remitente|mittente|message du|expeditor|de la|pošiljatelj|saatja|no|nuo|מאת|من|từ|người gửi|dari";

const SUBJECT_LABELS =
  "subject|betreff|objet|asunto|assunto|assumpte|oggetto|onderwerp|temat|ämne|emne|aihe|тема|主题|主題|主旨|件名|제목|konu|předmět|predmet|tárgy|subiect|θέμα|chủ đề|נושא|الموضوع|subjek";

/** Labels of the field that says when the mail was sent. */
const SENT_LABELS =
  "sent|gesendet|envoyé|envoye|envoyé le|enviado|enviado el|enviada em|inviato|verzonden|verzonden op|wysłano|wysłane|skickat|sendt|lähetetty|отправлено|надіслано|дата отправки|发送时间|發送時間|寄件日期|日期|送信日時|보낸 날짜|gönderilen|gönderildi|odesláno|odoslané|küldve|elküldve|trimis|στάλθηκε|αποστολή|đã gửi|נשלח|تم الإرسال|terkirim";

const OTHER_LABELS =
  "date|to|cc|bcc|reply-to|importance|attachments?|datum|an|kopie|antwort an|wichtigkeit|anlagen|à|a|copie à|cc à|répondre à|pièces jointes|fecha|para|data|responder a|per a|aan|dw|do|kopia|till|til|dato|kopi|vastaanottaja|päiväys|kopio|дата|кому|копия|копія|收件人|收件者|抄送|副本|日付|宛先|받는 사람|참조|날짜|kime|tarih|alıcı|bilgi|komu|címzett|dátum|másolat|către|dată|προς|ημερομηνία|κοιν|ngày|tới|đến|gửi|אל|תאריך|إلى|التاريخ|kepada|tanggal";

const ORIGINAL =
  /original (?:message|appointment)|message d['’]origine|message original|mensaje original|missatge original|mensagem original|messaggio originale|ursprüngliche (?:nachricht|e-?mail|termin)|originalnachricht|original-nachricht|oorspronkelijk (?:bericht|e-mail)|oprindelig (?:meddelelse|besked|mail)|ursprungligt meddelande|originalmeddelande|opprinnelig (?:melding|e-post)|upphafleg skilaboð|alkuperäinen (?:viesti|sähköposti)|oryginalna wiadomo|wiadomość oryginalna|původní (?:zpráva|e-?mail)|pôvodná správa|izvorna poruka|originalna poruka|исходное (?:сообщение|письмо)|(?:пересланное|оригинальное) сообщение|оригінальне повідомлення|вихідне повідомлення|оригинално съобщение|eredeti üzenet|mesaj(?:ul)? (?:original|iniţial)|(?:orijinal|özgün) (?:[iİ]leti|mesaj)|αρχικό μήνυμα|tin nhắn gốc|thư gốc|pesan asli|邮件原件|原始邮件|原始郵件|原始信件|元のメッセージ|元メッセージ|original message|원본 메시지|원본메시지|הודעה מקורית|الرسالة الأصلية|reply message|(?:reply|answer|respond|antwort).{0,20} above this line|above this line/iu;

const FORWARDED =
  /forwarded (?:message|by|email|mail)|weitergeleitete (?:nachricht|e-?mail)|message (?:transféré|réexpédié|transmis)|mensaje (?:reenviado|remitido)|missatge reenviat|mensagem (?:encaminhada|reencaminhada)|messaggio (?:inoltrato|inoltro)|doorgestuurd bericht|vidarebefordrat|videresendt|áframsend|välitetty viesti|edelleenlähetetty|przekazan[ay] (?:wiadomo|dalej)|wiadomość przekazana|přeposlaná zpráva|preposlaná správa|proslijeđena poruka|пересылаемое (?:сообщение|письмо)|перенаправлен[^\s]{1,3} (?:сообщение|письмо)|(?:перенаправлене|переслане) повідомлення|препратено съобщение|yönlendirilmiş [iİ]leti|[iİ]letilen (?:[iİ]leti|mesaj)|mesaj redirec[țţ]ionat|továbbított üzenet|προωθημένο μήνυμα|thư được chuyển tiếp|pesan yang diteruskan|转发(?:的)?邮件|轉寄(?:的)?郵件|轉寄信件|転送(?:された)?メッセージ|전달된 메시지|הודעה שהועברה|رسالة محولة/iu;

/** Apple Mail's line above a forwarded mail, which has no dashes. */
const FORWARD_SENTENCE =
  /^[\s*]{0,4}(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-?mail)|début du message (?:réexpédié|transféré)|inicio del mensaje reenviado|inizio (?:del )?messaggio inoltrato|início da mensagem (?:re)?encaminhada|begin doorgestuurd bericht|vidarebefordrat brev|start på videresendt besked|videresendt melding|początek przekazywanej wiadomości|začátek přeposílané zprávy|начало переадресованного (?:сообщения|письма)|välitetty viesti alkaa|iletilen mesajın başlangıcı|下面是被转发的邮件|以下是轉寄的郵件|転送されたメッセージ)\s?\*{0,2}[:：]\s?\*{0,2}\s*$/iu;

const LINE_TESTED_MAX = 1_000;
/** No attribution takes more. */
export const ATTRIBUTION_LINES_MAX = 7;
const ATTRIBUTION_LENGTH_MAX = 500;
const HEADER_LINES_MAX = 14;
/** A field may go on over some lines, such as a long list of people. */
const FIELD_LINES_MAX = 4;
const MARK_LENGTH_MAX = 120;

const ENDS_WITH_VERB = new RegExp(
  `(?:^|[^\\p{L}])(?:${FINAL_VERBS})(?:\\s(?:the following|ce qui suit|folgendes))?[\\s\\u200e\\u200f]{0,3}[:：]?$`,
  "iu",
);
/** The scripts that put no space between words. */
const ENDS_WITH_GLUED_VERB = /(?:>\s?wrote|写道|寫道|のメール|작성|書きました)\s?[:：]?$/iu;
const FRAMED_VERB = new RegExp(`(?:${FINAL_VERBS})\\s?[-‐=]{2,20}$`, "iu");
const HOLDS_VERB = new RegExp(`(?:^|[\\s>)\\]])(?:${MIDDLE_VERBS})(?:[\\s(]|\\d)`, "iu");

/** Anything that may be a date. */
export const YEAR_OR_DATE =
  /(?:^|[^\d])(?:(?:19|20)\d{2}(?:[^\d]|$)|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2})/u;
/** A time of the day. */
export const TIME = /\d{1,2}[:.h]\d{2}/u;
const ADDRESS =
  /(?:<|\(|\[|&lt;)\s?(?:mailto:)?[^<>()[\]\s@]{1,100}@[^<>()[\]\s@]{1,100}\s?(?:[>)\]<]|&gt;)/u;
const OPEN_BRACKET = /[<(][^<>()]{0,100}$/u;
/** What may stand between the address and the colon where no verb is known: "… <sam@shop.test> 작성:". */
const TAIL_AFTER_ADDRESS = /[>)\]][^<>()[\]]{0,25}$/u;
/** A line that is a date, a name and an address, and nothing else. */
const DATED_SENDER_LINE = /^[^<>]{0,140}<(?:mailto:)?[^<>\s@]{1,100}@[^<>\s@]{1,100}>\s?[:：]?$/u;
const DAY_FIRST = /^\d{4}[./年-]\s?\d{1,2}[./月-]\s?\d{1,2}/u;

const LABEL_START = "^[\\s*_>|]{0,6}";
const LABEL_END = "(?:[\\s*]{0,4})[:：]";
/** The line of a header block that names its sender. */
export const SENDER_LINE = new RegExp(`${LABEL_START}(?:${SENDER_LABELS})${LABEL_END}`, "iu");
const SUBJECT_LINE = new RegExp(`${LABEL_START}(?:${SUBJECT_LABELS})${LABEL_END}`, "iu");
const SENT_LINE = new RegExp(`${LABEL_START}(?:${SENT_LABELS})${LABEL_END}`, "iu");
const OTHER_LINE = new RegExp(`${LABEL_START}(?:${OTHER_LABELS})${LABEL_END}`, "iu");
const MAIL_FIELD_INSIDE = new RegExp(
  `[\\s*](?:${SENT_LABELS}|${SUBJECT_LABELS})${LABEL_END}`,
  "giu",
);

const RULE_LINE = /^[\s*]{0,8}(?:[-_=*~—–‐]\s?){3,200}\s{0,8}$/u;
const FRAMED_WORDS = /^[\s*>]{0,6}(?:[-_=‐—]{3,})\s?[^-_=‐—]{3,60}\s?(?:[-_=‐—]{3,})[\s*]{0,4}$/u;
/** Marks that show nothing and that some programs put around dates and labels. */
const INVISIBLE = /[\u200B-\u200F\u202A-\u202E\u2060\uFEFF]/g;

/** A line that a mail program marked as quoted: ">", "|", or the initials of the writer before ">". */
export function isQuoted(line: string): boolean {
  let at = 0;
  while (at < 3 && (line.charAt(at) === " " || line.charAt(at) === "\t")) at += 1;
  const first = line.charAt(at);
  if (first === ">")
    return !/^>(?:From |[_.]<|[:;][-()|]|.{0,200}<<\s{0,3}$)/u.test(line.slice(at, at + 220));
  // A row of a table ends with the same sign.
  if (first === "|") return /\s/.test(line.charAt(at + 1)) && !/\|\s{0,3}$/.test(line.slice(-4));
  return first >= "A" && first <= "Z" && /^[A-Z]{1,3}>/.test(line.slice(at, at + 4));
}

/** Where the next line with text is, at most three lines on. */
export function nextTextLine(lines: readonly string[], from: number): number {
  let at = from;
  while (at < Math.min(lines.length, from + 3) && isEmpty(lines[at])) at += 1;
  return at;
}

/** Whether a marked quote starts here, or after some empty lines. */
export function quoteFollows(lines: readonly string[], from: number): boolean {
  return isQuoted(lines[nextTextLine(lines, from)] ?? "");
}

/** How many lines the attribution that starts here takes; 0 when none does. */
export function attributionAt(lines: readonly string[], at: number): number {
  const first = attributionLine(lines, at);
  if (first.length < 6 || first.length > ATTRIBUTION_LENGTH_MAX || isQuoted(first)) return 0;
  if (attributionInside(first) > 0) return 0;
  if (isFramedVerb(first) || isDatedSenderLine(lines, at, first)) return 1;
  // "Dana wrote:" may be the customer's own text unless a marked quote follows.
  if (isNamed(first) && quoteFollows(lines, at + 1)) return 1;
  return startsAttribution(first) ? attributionFrom(lines, at) : 0;
}

function isNamed(line: string): boolean {
  if (line.length > 100 || !/[:：]$/u.test(line)) return false;
  return endsWithVerb(line) || (YEAR_OR_DATE.test(line) && HOLDS_VERB.test(line));
}

/** A line without the asterisks that stand for bold. */
function attributionLine(lines: readonly string[], at: number): string {
  return tested(lines, at)
    .trim()
    .replace(/^\*{1,2}(?=[\p{L}\d])/u, "")
    .replace(/(?<=[:：])\*{1,2}$/u, "");
}

function attributionFrom(lines: readonly string[], at: number): number {
  let joined = "";
  let empty = 0;
  for (let count = 1; count <= ATTRIBUTION_LINES_MAX; count += 1) {
    const line = attributionLine(lines, at + count - 1);
    empty += line === "" ? 1 : 0;
    if (empty > 1 || (count > 1 && endsBefore(line, empty > 0))) return 0;
    joined = `${joined} ${line}`.trim();
    if (joined.length > ATTRIBUTION_LENGTH_MAX) return 0;
    const quoted = mayEnd(line) && quoteFollows(lines, at + count);
    if (endsHere(line, quoted)) return isAttribution(joined, quoted) ? count : 0;
  }
  return 0;
}

/** Looked at first, since only few lines end like this. */
function mayEnd(line: string): boolean {
  return /[:：\p{L})\u200e\u200f-]$/u.test(line);
}

function endsHere(line: string, quoted: boolean): boolean {
  if (/[:：]$/u.test(line)) return !line.endsWith("mailto:");
  if (line.endsWith("-")) return FRAMED_VERB.test(line.slice(-MARK_LENGTH_MAX));
  return quoted && endsWithVerb(line);
}

/** The bracket of a wrapped address looks like a quote mark; any other quote mark, or another attribution, is one. */
function endsBefore(line: string, isParted: boolean): boolean {
  if (SURE_OPENER.test(line) || (isParted && OPENER.test(line))) return true;
  if (!line.startsWith(">")) return isQuoted(line);
  return !/^>\s{0,3}[:：]?$/u.test(line) && !endsWithVerb(line);
}

function startsAttribution(line: string): boolean {
  if (OPENER.test(line) && /[\d@]/.test(line)) return true;
  if (ADDRESS.test(line)) return true;
  return TIME.test(line) && (YEAR_OR_DATE.test(line) || OPEN_BRACKET.test(line));
}

function isAttribution(joined: string, quoted: boolean): boolean {
  if (FRAMED_VERB.test(joined.slice(-MARK_LENGTH_MAX))) return true;
  if (!/[\d@]/.test(joined)) return false;
  const hasAddress = ADDRESS.test(joined);
  if (!quoted && !hasAddress && FIRST_OR_SECOND_PERSON.test(joined)) return false;
  if (endsWithVerb(joined)) return true;
  return /[:：]$/u.test(joined) && isWithoutFinalVerb(joined, hasAddress, quoted);
}

/** With an address and a date the words between may be of any language. */
function isWithoutFinalVerb(joined: string, hasAddress: boolean, quoted: boolean): boolean {
  const dated = YEAR_OR_DATE.test(joined) || TIME.test(joined);
  if (hasAddress && (dated || quoted) && TAIL_AFTER_ADDRESS.test(joined.slice(-140))) return true;
  if (!HOLDS_VERB.test(joined)) return false;
  return hasAddress || (dated && (quoted || isNameAfterVerb(joined)));
}

/** "Am 4.2.25 um 10:12 schrieb Sam Poe:": between the verb and the colon stands a name, not a sentence. */
function isNameAfterVerb(joined: string): boolean {
  const found = HOLDS_VERB.exec(joined);
  if (found === null) return false;
  const after = joined.slice(found.index + found[0].length, -1).trim();
  return after.length <= 100 && after.split(/\s+/).length <= 8;
}

function endsWithVerb(text: string): boolean {
  const tail = text.slice(-60);
  return ENDS_WITH_VERB.test(tail) || ENDS_WITH_GLUED_VERB.test(tail);
}

function isFramedVerb(line: string): boolean {
  return line.length <= MARK_LENGTH_MAX && /^[-‐=]{2,}/u.test(line) && FRAMED_VERB.test(line);
}

function isDatedSenderLine(lines: readonly string[], at: number, line: string): boolean {
  if (!OPENER.test(line) || !DATED_SENDER_LINE.test(line)) return false;
  const isDated = YEAR_OR_DATE.test(line) && (TIME.test(line) || DAY_FIRST.test(line));
  if (!isDated || FIRST_OR_SECOND_PERSON.test(line)) return false;
  return isEmpty(lines[at + 1]) || quoteFollows(lines, at + 1);
}

/** Where an attribution begins inside a line whose start is still the reply ("yes On Wed, … wrote:"); -1 without one. */
export function attributionInside(line: string): number {
  const start = line.slice(0, LINE_TESTED_MAX);
  const found = / On (?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? /iu.exec(start);
  if (found === null || !/\p{L}/u.test(start.slice(0, found.index))) return -1;
  return isAttribution(start.slice(found.index).trim(), true) ? found.index + 1 : -1;
}

type Label = "sender" | "subject" | "sent" | "other";

/** What a block of fields holds that tells a mail's from any other. */
interface HeaderLabels {
  sender: boolean;
  subject: boolean;
  time: boolean;
  mail: boolean;
  address: boolean;
}

function recordLabel(seen: HeaderLabels, label: Label, line: string): void {
  seen.sender ||= label === "sender";
  seen.subject ||= label === "subject";
  seen.time ||= label !== "subject" && YEAR_OR_DATE.test(line) && TIME.test(line);
  // A parcel has a sender and is sent as well, but hardly by the minute.
  seen.mail ||= label === "subject" || (label === "sent" && TIME.test(line));
  seen.address ||= line.includes("@");
}

/** How many lines the quoted mail's header block takes that starts here, below a rule or not; 0 when none does. */
export function headerBlockAt(lines: readonly string[], at: number, isRuled = false): number {
  const first = tested(lines, at);
  if (lineLabel(first) === null) return 0;
  if (isOneLineBlock(first)) return 1;
  let [labels, last] = [0, at];
  const seen = { sender: false, subject: false, time: false, mail: false, address: false };
  const end = Math.min(lines.length, at + HEADER_LINES_MAX);
  for (let next = at; next < end && next - last <= FIELD_LINES_MAX; next += 1) {
    const line = tested(lines, next);
    const label = lineLabel(line);
    // An empty line ends the block, unless it only separates the fields, as some programs do.
    if (isEmpty(line) && lineLabel(tested(lines, next + 1)) === null) break;
    if (label === null) continue;
    labels += 1;
    last = next;
    recordLabel(seen, label, line);
  }
  return isBlock(labels, seen, isRuled) ? last - at + 1 : 0;
}

/** A journey's "From", "To" and "Date" are three such fields as well, but not those of a mail. */
function isBlock(
  labels: number,
  { sender, subject, time, mail, address }: Readonly<HeaderLabels>,
  isRuled: boolean,
): boolean {
  // Some programs leave the sender out: a subject and a moment are together no parcel's.
  if (!sender) return labels >= 3 && subject && time;
  if (labels >= 3) return mail || address;
  return labels === 2 && (address || (isRuled && subject));
}

/** Some programs put all fields on one line. */
function isOneLineBlock(line: string): boolean {
  if (line.indexOf(":") === line.lastIndexOf(":") || !SENDER_LINE.test(line)) return false;
  const found = new Set(
    [...line.slice(0, ATTRIBUTION_LENGTH_MAX).matchAll(MAIL_FIELD_INSIDE)].map(([label]) => label),
  );
  return found.size >= 2 || (found.size === 1 && line.includes("@") && TIME.test(line));
}

function lineLabel(line: string): Label | null {
  // No label is longer; most lines have no colon there, and are told quickly.
  if (!/[:：]/u.test(line.slice(0, 40))) return null;
  if (SENDER_LINE.test(line)) return "sender";
  if (SUBJECT_LINE.test(line)) return "subject";
  if (SENT_LINE.test(line)) return "sent";
  return OTHER_LINE.test(line) ? "other" : null;
}

/** A line that says that the original mail follows. */
export function isOriginalMark(line: string): boolean {
  return line.length <= MARK_LENGTH_MAX && isFramed(line) && ORIGINAL.test(line);
}

/** A line that says that a forwarded mail follows. */
export function isForwardMark(line: string): boolean {
  if (line.length > MARK_LENGTH_MAX) return false;
  return isFramed(line) ? FORWARDED.test(line) : FORWARD_SENTENCE.test(line);
}

function isFramed(line: string): boolean {
  return /^[\s*>]{0,6}(?:[-_=‐—]{2,}|#{2,}|\*{3,})/u.test(line);
}

/** A line of dashes, underscores or the like, and nothing else. */
export function isRule(line: string): boolean {
  return line.length <= 300 && RULE_LINE.test(line);
}

/** Words framed by dashes, which above a header block belong to that in any language. */
export function isHeading(line: string): boolean {
  return line.length <= MARK_LENGTH_MAX && FRAMED_WORDS.test(line);
}

/** True for a line without text, and for none. */
export function isEmpty(line: string | undefined): boolean {
  return line === undefined || line.trim() === "";
}

function tested(lines: readonly string[], at: number): string {
  return (lines[at] ?? "").slice(0, LINE_TESTED_MAX).replaceAll(INVISIBLE, "");
}
