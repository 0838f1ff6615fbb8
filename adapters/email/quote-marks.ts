/**
 * The marks by which mail programs set off what they quote: attribution lines, header blocks, separators, signatures.
 * Each looks at a bounded number of characters from a line on, so that splitting stays linear whatever the mail holds.
 */

const LINE_TESTED_MAX = 1_000;
const ATTRIBUTION_LINES_MAX = 7;
const ATTRIBUTION_LENGTH_MAX = 500;
const HEADER_LINES_MAX = 14;

/** The verbs of "… wrote:", in the languages of common mail programs. */
const VERB = new RegExp(
  [
    "wrote|writes|said|schrieb|a (?:é|e\u0301)crit|escribi(?:ó|o\u0301)|ha scritto|escreveu|skrev|schreef",
    "geschreven|napisa(?:ł|l)\\S{0,4}|napsal\\S{0,3}|nap(?:í|i)sal|(?:на)?писал\\S{0,4}|(?:на)?пише(?:т)?|написав|написано",
    "kirjoitti|yazd(?:ı|i)\\S{0,3}|(?:đã )?viết|a scris|írta|έγραψε|menulis|写道|寫道|のメール|さんは書きました|작성|께서 작성|כתב\\S{0,3}|كتب\\S{0,2}",
  ].join("|"),
  "iu",
);

/** How an attribution line starts: a preposition of date, or the date itself. */
const OPENER =
  /^(?:on|at|le|el|il|em|am|op|den|dne|dnia|w dniu|vào|pe|na|pada|tarihinde|în|στις|в|у|от|于|於|在|---- on|\d{1,4}[./年-]|\d{1,2}[. ]|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,)/iu;

/** A date and an address with a colon behind them: what Yandex and Gmail write without a verb. */
const DATED_SENDER = /^\d{1,4}[./年-]\s?\d{1,2}[./月-].{0,200}<[^<>]{1,200}>\s{0,3}[:：]$/u;
const NAMED_SENDER = /^[^<>:]{0,100}<[^<>\s]{1,200}@[^<>\s]{1,200}>/u;

/** A time of day and an address on one line start an attribution in any language. */
const TIMED_SENDER = /\d{1,2}[:.]\d{2}\b.{0,200}<[^<>\s]{1,200}@/u;

/** Labels of the header block that Outlook and others put before the quoted mail. */
const SENDER_LABELS =
  "from|von|de|da|van|od|från|fra|lähettäjä|feladó|gönderen|kimden|от|від|από|发件人|寄件者|寄件人|差出人|보낸 사람|odesílatel|expediteur|expéditeur|remitente|mittente|message du|expeditor|מאת|từ";
const OTHER_LABELS =
  "sent|date|to|cc|bcc|subject|reply-to|gesendet|datum|an|betreff|envoyé|envoyé le|à|a|objet|copie à|enviado|enviado el|fecha|para|asunto|data|assunto|enviada em|inviato|oggetto|verzonden|verzonden op|aan|onderwerp|wysłano|wysłane|do|dw|temat|skickat|till|ämne|sendt|til|emne|lähetetty|vastaanottaja|aihe|отправлено|дата|кому|копия|тема|надіслано|发送时间|收件人|主题|送信日時|宛先|件名|보낸 날짜|받는 사람|제목|gönderilen|kime|konu|odesláno|komu|předmět|küldve|címzett|tárgy|trimis|către|subiect|ngày|tới|chủ đề|đến";
const LABEL_START = "^[\\s*_>]{0,6}";
const LABEL_END = "\\s{0,2}\\*{0,2}\\s?[:：]";
const SENDER_LINE = new RegExp(`${LABEL_START}(?:${SENDER_LABELS})${LABEL_END}`, "iu");
const OTHER_LINE = new RegExp(
  `${LABEL_START}(?:${OTHER_LABELS}|${SENDER_LABELS})${LABEL_END}`,
  "iu",
);

const ORIGINAL =
  /original message|original appointment|message d['’]origine|message original|mensaje original|mensagem original|messaggio originale|ursprüngliche (?:nachricht|mail)|originalnachricht|oorspronkelijk bericht|oprindelig meddelelse|ursprungligt meddelande|opprinnelig melding|alkuperäinen viesti|oryginalna wiadomo|wiadomość oryginalna|původní (?:zpráva|e-mail)|исходное сообщение|пересланное сообщение|оригинальное сообщение|eredeti üzenet|orijinal (?:ileti|mesaj)|原始邮件|原始郵件|元のメッセージ|원본 메시지|reply message|reply above this line/iu;
const FORWARDED =
  /forwarded message|begin forwarded message|forwarded by|weitergeleitete nachricht|message transféré|mensaje reenviado|mensagem encaminhada|messaggio inoltrato|doorgestuurd bericht|vidarebefordrat|videresendt|przekazana wiadomo|пересылаемое сообщение|转发的邮件|転送されたメッセージ|전달된 메시지/iu;

const RULE_LINE = /^[\s*]{0,8}(?:[-_=*~—–]\s?){3,200}$/u;
const SIGNATURE_RULE = /^\s{0,2}(?:--|__|—|–)\s{0,3}$/u;
const DEVICE =
  /^[\s<([*_]{0,4}(?:(?:sent|written|typed|posted) (?:from|with|via|by|using) (?:an? |the |my )?[^,;:!?]{1,60}(?:[,.]\s{0,3}(?:please )?(?:excuse|pardon|forgive|sorry).{0,80})?|from my (?:iphone|ipad|android|mobile|phone|samsung|blackberry)[^,;:!?]{0,30}|someone from mobile|get \[?outlook for .{1,120}|(?:envoyé|expédié) (?:depuis|de) (?:mon|ma|l['’]).{1,60}|(?:von|diese (?:nachricht|e-mail|mail) wurde) .{0,60}(?:gesendet|gesandt)|gesendet (?:von|mit) .{1,60}|enviado (?:desde|do|de|a partir|com) .{1,60}|inviato (?:da|dal) .{1,60}|verzonden (?:met|vanaf) .{1,60}|sendt fra .{1,60}|skickat från .{1,60}|lähetetty .{1,60}|wysłan[eo] z .{1,60}|отправлено (?:с|из) .{1,60}|從我的 .{1,30} 傳送|发自我的.{1,30}|從我的.{1,30}|.{0,20}から送信)[\s>)\]*_.]{0,6}$/iu;
const CLOSING =
  /^\s{0,3}(?:(?:best|kind|warm|kindest|warmest|many)? ?(?:regards|wishes)|all the best|cheers|sincerely|yours (?:sincerely|truly|faithfully)|(?:mit )?(?:freundlichen|besten|lieben|herzlichen|viele|beste|liebe) grü(?:ß|ss)en?|cordialement|bien à vous|saludos(?: cordiales)?|atentamente|cordiali saluti|distinti saluti|atenciosamente|met vriendelijke groet(?:en)?|med vänlig hälsning(?:ar)?|med venlig hilsen|pozdrawiam|с уважением)\s{0,2}[,.!]?\s{0,3}$/iu;

/** A line that a mail program marked as quoted. */
export function isQuoted(line: string): boolean {
  return /^[ \t]{0,3}(?:>|\|\s|[A-Z]{1,3}>)/.test(line);
}

/** How many lines the attribution that starts here takes; 0 when none does. */
export function attributionAt(lines: readonly string[], at: number): number {
  const first = (lines[at] ?? "").slice(0, LINE_TESTED_MAX).trim();
  if (!startsAttribution(first)) return 0;
  let joined = "";
  let empty = 0;
  for (let count = 1; count <= ATTRIBUTION_LINES_MAX; count += 1) {
    const line = (lines[at + count - 1] ?? "").slice(0, LINE_TESTED_MAX).trim();
    if (count > 1 && endsBefore(line)) return 0;
    if (line === "") empty += 1;
    joined = `${joined} ${line}`.trim();
    if (empty > 1 || joined.length > ATTRIBUTION_LENGTH_MAX) return 0;
    if (line !== "" && endsAttribution(joined)) return count;
  }
  return 0;
}

/** The bracket of a wrapped address looks like a quote mark; any other quote mark is one. */
function endsBefore(line: string): boolean {
  return isQuoted(line) && !/^>\s{0,3}:?$/.test(line) && !VERB.test(line);
}

function startsAttribution(line: string): boolean {
  if (line === "" || isQuoted(line) || line.length > ATTRIBUTION_LENGTH_MAX) return false;
  if (OPENER.test(line) && /[\d@]/.test(line)) return true;
  return NAMED_SENDER.test(line) || TIMED_SENDER.test(line);
}

function endsAttribution(joined: string): boolean {
  const tail = joined.slice(-120);
  if (!/[:：]$/u.test(tail)) return /\bwrote -{2,10}$/u.test(tail);
  if (DATED_SENDER.test(joined)) return true;
  return VERB.test(tail) && /[\d@]/.test(joined);
}

/** Where an attribution begins inside a line whose start is still the reply ("yes On Wed, … wrote:"); -1 without one. */
export function attributionInside(line: string): number {
  const tested = line.slice(0, LINE_TESTED_MAX);
  const found = / On (?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? /iu.exec(tested);
  return found !== null && endsAttribution(tested.slice(found.index).trim()) ? found.index + 1 : -1;
}

/** How many lines the quoted mail's header block takes that starts here; 0 when none does. */
export function headerBlockAt(lines: readonly string[], at: number): number {
  if (!SENDER_LINE.test(tested(lines, at))) return 0;
  let labels = 1;
  let last = at;
  for (let next = at + 1; next < Math.min(lines.length, at + HEADER_LINES_MAX); next += 1) {
    const line = tested(lines, next);
    // An empty line ends the block, unless it only separates the fields, as some programs do.
    if (line.trim() === "" && !OTHER_LINE.test(tested(lines, next + 1))) break;
    if (!OTHER_LINE.test(line)) continue;
    labels += 1;
    last = next;
  }
  return labels >= 3 || (labels === 2 && /@/.test(tested(lines, at))) ? last - at + 1 : 0;
}

/** A line that says that the original mail follows. */
export function isOriginalMark(line: string): boolean {
  return isMark(line, ORIGINAL);
}

/** A line that says that a forwarded mail follows. */
export function isForwardMark(line: string): boolean {
  return isMark(line, FORWARDED);
}

function isMark(line: string, words: RegExp): boolean {
  if (line.length > 120) return false;
  const framed = /^[\s*>]{0,6}(?:[-_=]{2,}|begin |anfang )/iu.test(line);
  return (framed || /^[\s*]{0,4}begin forwarded/iu.test(line)) && words.test(line);
}

/** A line of dashes or underscores, which belongs to what follows it. */
export function isRule(line: string): boolean {
  return line.length <= 300 && RULE_LINE.test(line);
}

/** The line after which a signature stands (RFC 3676 section 4.3, and what people make of it). */
export function isSignatureRule(line: string): boolean {
  return SIGNATURE_RULE.test(line);
}

/** What a phone or mail program adds by itself. */
export function isDeviceLine(line: string): boolean {
  return line.length <= 200 && DEVICE.test(line);
}

/** A closing formula alone on its line. */
export function isClosing(line: string): boolean {
  return line.length <= 60 && CLOSING.test(line);
}

function tested(lines: readonly string[], at: number): string {
  return (lines[at] ?? "").slice(0, LINE_TESTED_MAX);
}
