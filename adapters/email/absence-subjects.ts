/** How the subjects of automatic answers begin, in the languages mail programs write them in. */

const WORDS = [
  // English
  "auto(?:matic|mated|mat)?[- .]?(?:reply|response|answer|responder|acknowledge?ment)(?: message)?",
  "autoreply(?:ing)?|autoresponse|autoresponder|auto",
  "(?:i am |i'm |is |currently )?(?:out of (?:the )?office|out-of-office|ooo|away from (?:the )?office|away from my mail)(?: (?:reply|auto-?reply|autoreply|message|notification|notice|response|alert|assistant))?",
  "(?:vacation|holiday|absence|away)(?: (?:reply|response|auto-?reply|autoreply|message|notice|notification|responder))",
  "on (?:vacation|holiday|annual leave|leave|maternity leave|parental leave)",
  // German
  "auto(?:matische|matisierte|-)? ?(?:antwort|rückantwort|rueckantwort|benachrichtigung|eingangsbestätigung)|autoantwort",
  "abwesen(?:d|heit)s?(?:notiz|meldung|nachricht|assistent|hinweis|benachrichtigung|agent|info)?|urlaubs?(?:notiz|meldung|abwesenheit|vertretung)|nicht im (?:büro|haus|hause)|außer haus|ferienabwesenheit",
  // French
  "r[ée]ponse (?:automatique|auto)|message (?:automatique|d['’]absence)|(?:notification|avis|r[ée]ponse) d['’]absence|absen(?:t|te|ce)(?: du| au)? bureau|absence|absent(?:e)?|en cong[ée]s?",
  // Spanish, Portuguese, Italian, Romanian, Catalan
  "(?:respuesta|resposta|r[ée]plica) autom[áàa]tica|auto-?respuesta|contestaci[óo]n autom[áa]tica|mensaje autom[áa]tico|fuera de (?:la )?oficina|ausente de la oficina|ausencia(?: de la oficina)?|de vacaciones|estoy de vacaciones",
  "mensagem autom[áa]tica|fora do escrit[óo]rio|ausente do escrit[óo]rio|aus[êe]ncia(?: tempor[áa]ria| do escrit[óo]rio)?|de f[ée]rias|em f[ée]rias",
  "risposta automatica|messaggio automatico|fuori (?:sede|ufficio)|assen(?:te|za)(?: dall['’]ufficio)?|in ferie",
  "r[ăa]spuns automat|sunt în concediu|în concediu",
  // Dutch
  "automatisch(?:e)? (?:antwoord|beantwoording|bericht|reactie)|afwezig(?:heid|heidsbericht|heidsmelding|heidsassistent)?(?: bericht)?|niet aanwezig|met vakantie|op vakantie|buiten kantoor",
  // Scandinavian, Finnish
  "auto(?:matisk(?:t)? )?svar|automatiskt meddelande|automatisk svarmelding|frånvaro(?:meddelande)?|inte på kontoret|fravær(?:smelding|smeddelelse|sbesked)?|ikke på kontoret|ikke til stede|ferie(?:svar|melding)?|på semester|semester(?:svar|meddelande)",
  "automaattinen (?:vastaus|poissaoloviesti|viesti)|poissa(?:olo|oloviesti|oloilmoitus)?(?: toimistolta)?|lomalla|en ole toimistolla",
  // Polish, Czech, Slovak, Hungarian, Slovene, Croatian
  "automatyczna odpowied[źz]|odpowied[źz] automatyczna|autoodpowied[źz]|nieobecno[śs][ćc]|poza biurem|informacja o nieobecności|na urlopie|urlop",
  "automatick[áa] odpov[ěe][dď]|automatická odpoveď|mimo kancel[áa][řr]|mimo kanceláriu|odpověď v nepřítomnosti|nepřítomnost|neprítomnosť|dovolená",
  "automatikus v[áa]lasz|h[áa]zon k[íi]v[üu]l|irodán kívül|szabadságon",
  "samodejni odgovor|odsotnost|automatski odgovor|odsutnost",
  // Turkish, Greek
  "otomatik (?:yan[ıi]t|cevap)|ofis d[ıi][şs][ıi]nda(?:y[ıi]m)?|yıllık izin|izindeyim",
  "αυτόματη απάντηση|εκτός γραφείου|απουσία",
  // Russian, Ukrainian, Bulgarian
  "автоматическ(?:ий|ое) (?:ответ|сообщение|уведомление)|автоответ(?:чик)?|вне офиса|нет на месте|отсутств(?:ие|ую)(?: на рабочем месте)?|в отпуске|я в отпуске",
  "автоматична (?:відповідь|отговор)|автоматичен отговор|автовідповідь|поза офісом|у відпустці|извън офиса",
  // Arabic, Hebrew
  "رد تلقائي|الرد التلقائي|خارج المكتب|תשובה אוטומטית|מענה אוטומטי|מחוץ למשרד",
  // Chinese, Japanese, Korean, Vietnamese, Thai
  "自[动動](?:回[复覆復]|答[复覆復]|应答|應答|回信)|不在办公室|不在辦公室|外出通知|休假(?:通知|中)?",
  "自動(?:返信|応答|送信|配信)|不在(?:通知|のお知らせ|連絡|です)?|外出中|休暇(?:中|のお知らせ)?|夏季休業",
  "자동 ?(?:회신|응답|답장|답변)|부재 ?중|휴가 ?중|부재 알림",
  "trả lời tự động|thư trả lời tự động|vắng mặt|ตอบกลับอัตโนมัติ|ไม่อยู่ที่สำนักงาน",
].join("|");

/** After the words comes a mark, a date or the end: "Out of office chairs" is a question about chairs. */
const BEHIND =
  "(?=[\\s]*(?:$|[:：;|,!.)\\]】」(（\\[–—-]|re(?!\\p{L})|\\d|(?:until|till|from|bis|vom|ab|jusqu|du|desde|hasta|fino|dal|tot|van|until|to|au|al|até|t\\.?o\\.?m|från|til|do|od|с|до|по)(?!\\p{L})|auto))";

const STARTS = new RegExp(`^[\\s\\[(【「<*!-]{0,5}(?:${WORDS})${BEHIND}`, "iu");
const REPLY_PREFIX =
  /^(?:(?:re|aw|sv|antw|vs|odp|ynt|回复|答复)\s*(?:\[\d{1,3}\])?\s*[:：]\s*){1,5}/iu;
/** Notes writes who is away: "Ann Fields is out of the office (returning …)". */
const IS_AWAY =
  /^(?:auto: ?)?[\p{L}\p{M}\s.,'/-]{2,80} (?:is|will be) (?:out of (?:the )?office|on (?:vacation|leave|holiday)|away from the office)\b/iu;

/** True for a subject that begins as automatic answers do. */
export function announcesAbsence(subject: string): boolean {
  const start = subject.trim().slice(0, 300);
  return STARTS.test(start) || (IS_AWAY.test(start) && !start.includes("?"));
}

/** Beside those, what has a `Re:` before the words, which is a machine's when the mail answers none it names. */
export function mayAnnounceAbsence(subject: string): boolean {
  const start = subject.trim().slice(0, 300);
  return announcesAbsence(start) || announcesAbsence(start.replace(REPLY_PREFIX, ""));
}
