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

/** What people write about themselves too: a machine adds nothing but a date, or the subject it answers. */
const STATES = [
  "(?:i am |i'm |ich bin |je suis |estoy |estou |sono |ik ben |jag är |jeg er |olen |jestem )?(?:currently |away )?(?:on (?:vacation|holiday|annual leave|leave|maternity leave|parental leave)|im urlaub|urlaub|en cong[ée]s?|de vacaciones|estoy de vacaciones|de f[ée]rias|em f[ée]rias|in ferie|sunt în concediu|în concediu|met vakantie|op vakantie|på semester|lomalla|na urlopie|urlop|dovolená|szabadságon|yıllık izin|izindeyim|в отпуске|я в отпуске|у відпустці|休假(?:通知|中)?|休暇(?:中|のお知らせ)?|夏季休業|휴가 ?중|absence|absent(?:e)?|ausencia|aus[êe]ncia|απουσία|vắng mặt|外出中)",
].join("|");

/** After the words comes a mark, a date or the end: "Out of office chairs" is a question about chairs. */
const BEHIND =
  "(?=[\\s]*(?:$|[:：;|,!.)\\]】」(（\\[–—-]|re(?!\\p{L})|\\d|(?:until|till|from|bis|vom|ab|jusqu|du|desde|hasta|fino|dal|tot|van|until|to|au|al|até|t\\.?o\\.?m|från|til|do|od|с|до|по)(?!\\p{L})|auto))";

const BEHIND_STATE =
  "(?=[\\s]*(?:[.!]?\\s*$|[:：(,–—-]?\\s*(?:re:|\\d|until|till|through|from|bis|vom|ab|jusqu|du|desde|hasta|fino|dal|tot|van|från|til|t\\.?o\\.?m|do|od|с|до|по)(?!\\p{L})))";

const STATE_STARTS = new RegExp(`^[\\s\\[(【「<*!-]{0,5}(?:${STATES})${BEHIND_STATE}`, "iu");
const STARTS = new RegExp(`^[\\s\\[(【「<*!-]{0,5}(?:${WORDS})${BEHIND}`, "iu");
const REPLY_PREFIX =
  /^(?:(?:re|aw|sv|antw|vs|odp|ynt|回复|答复)\s*(?:\[\d{1,3}\]\s*)?[:：]\s*){1,5}/iu;
/** Notes writes who is away: "Ann Fields is out of the office (returning …)". */
const IS_AWAY =
  /^(?:auto: ?)?[\p{L}\p{M}\s.,'/-]{2,80} (?:is|will be) (?:out of (?:the )?office|on (?:vacation|leave|holiday)|away from the office)\b/iu;

/** Notes and Sieve (RFC 5230) put this first. A car is an `Auto` in many languages, so that alone says nothing. */
const MARKED = /^(?:AUTO: \S|[Aa]uto: (?:Re|RE|re):|\[(?:AUTO|[Aa]uto)\])/;

/** True for a subject that begins as automatic answers do. */
export function announcesAbsence(subject: string): boolean {
  const start = subject.trim().slice(0, 300);
  return (
    STARTS.test(start) ||
    MARKED.test(start) ||
    STATE_STARTS.test(start) ||
    (IS_AWAY.test(start) && !start.includes("?"))
  );
}

/** Beside those, what has a `Re:` before the words, which is a machine's when the mail answers none it names. */
export function mayAnnounceAbsence(subject: string): boolean {
  const start = subject.trim().slice(0, 300);
  return announcesAbsence(start) || announcesAbsence(start.replace(REPLY_PREFIX, ""));
}
