/**
 * Tells what a template hides from what a person hides. Mails of shops hide a preview line, thread marks and a second
 * rendering for small screens; sentences beyond that were kept from the reader on purpose.
 */
import { READ_MAX, normalise } from "#text/normalize.ts";

/** A preview line is cut by mail programs after about this many characters. */
const PREVIEW_MAX = 160;
/** The share of words that a reader does see, from which hidden words count as said in the open too. */
const SEEN_SHARE_MIN = 0.6;

const SENTENCE = /[^\n.!?。！？]+[.!?。！？]*/g;
const WORD = /\p{sc=Han}|[\p{L}\p{M}\p{N}]+/gu;
const LETTERS = /\p{L}/u;

/** What mail templates hide, in the languages they are written in: how to show it, leave it, answer it, or thread it. */
const TEMPLATE = new RegExp(
  [
    "(?:view|read|open|see|show|display)\\b.{0,40}\\b(?:browser|online|web)",
    "(?:trouble|problems?|difficulty|can't) (?:reading|viewing|seeing)",
    "not (?:shown|displayed) (?:correctly|properly)|click here",
    "unsubscribe|privacy policy|all rights reserved|you (?:are receiving|receive|received) this",
    "(?:reply|type your reply|write) above this line|do not (?:delete|remove|change) (?:this|the) (?:line|subject)",
    "^on .{5,60} wrote ?:|forwarded message|original message",
    "im browser|online (?:ansehen|lesen)|abmelden|abbestellen|oberhalb dieser (?:zeile|linie)",
    "dans (?:un|votre|le) navigateur|version en ligne|se désabonner|désinscri|au-dessus de cette ligne",
    "en (?:el|tu|su) navegador|versión web|darse de baja|por encima de esta línea",
    "nel (?:tuo )?browser|annulla l'iscrizione|disiscri|sopra questa riga",
    "no (?:seu )?navegador|cancelar (?:a )?(?:inscrição|subscrição)|acima desta linha",
    "in (?:je|uw|de) browser|afmelden|uitschrijven|boven deze (?:lijn|regel)",
    "w przeglądarce|wypisz|powyżej tej linii|в браузере|отписаться|выше этой строки",
    "tarayıcı(?:da|nızda)|abonelikten|bu satırın üst|浏览器|退订|在此行上方|في المتصفح|إلغاء الاشتراك",
  ].join("|"),
);

/**
 * What is asked of a program that reads along, by the beginnings of words where a language bends them. A preview line, the
 * first words of a mail in a list, has no use for these unless the mail below says the same.
 */
const ASKED =
  /\b(?:ai|llm|gpt|a\.i|assistant|assistants|chatbot|bot|bots|agent|agents|model|prompt|system|instruction|instructions|ignore|disregard|forget|override|refund|refunds|approve|approved|authori[sz]e|forward|reveal|disclose|export|transfer|customer|customers|customer's|reply|respond|answer|pretend|verify|verified|password|tool|treat|summari[sz]e|mark|grant|issue|delete|reset|must|please)\b|(?<!\p{L})(?:ki(?!\p{L})|bitte|s'il vous|por favor|per favore|alstublieft|proszę|пожалуйста|lütfen|assistent|asistent|asistan|sprachmodell|anweisung|ignorier|ignorez|ignora|ignoriere|vergiss|oublie|olvida|dimentica|esque[çc]a|negeer|zignoruj|zapomnij|игнорир|забуд|yok say|unut|erstatt|rembours|reembols|rimbors|terugbeta|zwrot|возврат|iade|genehmig|freigeb|approuv|aprueb|approv|aprov|goedkeur|zatwierd|одобр|onayla|consigne|istruzion|instru[cç]|instrukcj|polecen|инструкц|talimat|kunde|client|cliente|klant|klient|клиент|müşteri|ассистент|yapay zek)|忽略|忘掉|退款|批准|指令|助手|人工智能|客户|تجاهل|انس|استرداد|وافق|تعليمات|المساعد|الذكاء|العميل/u;

/** What begins a sentence that orders something: said to the reader in the open too, it would still be odd to hide. */
const ORDER_FIRST =
  /^(?:please |and |then |also |now |\W)*(?:ignore|disregard|forget|override|refund|approve|authori[sz]e|forward|reveal|disclose|export|transfer|reply|respond|answer|pretend|treat|summari[sz]e|mark|grant|issue|delete|reset|tell|say|write|send|change|call|skip|add|include|set|pay|give|ship|double)\b/;

/**
 * The first sentence of hidden text that no template hides, as it was written; null when there is none. `seen` are the
 * words that the reader of the same message sees. Linear in the text; total.
 */
export function hiddenProse(hidden: string, seen: ReadonlySet<string>): string | null {
  const sentences = hidden.slice(0, READ_MAX).match(SENTENCE) ?? [];
  let length = 0;
  for (const sentence of sentences) {
    const plain = normalise(sentence).trim();
    if (!isProse(plain)) continue;
    length += plain.length;
    const orders = ORDER_FIRST.test(plain);
    // Folding makes Latin letters of Cyrillic ones; words of languages written in them are looked for as they stand.
    const both = `${plain}\n${sentence.toLowerCase()}`;
    const isOrdinary =
      (length <= PREVIEW_MAX && !ASKED.test(both)) ||
      (plain.length <= PREVIEW_MAX && TEMPLATE.test(both)) ||
      isSeen(plain, seen);
    if (orders || !isOrdinary) return sentence.trim();
  }
  return null;
}

/** A number, a mark of a thread or a single word says nothing. */
function isProse(plain: string): boolean {
  const words = (plain.match(WORD) ?? []).filter((word) => LETTERS.test(word));
  return words.length > 1;
}

/** Said in the open too, as what is hidden on small screens and shown on large ones. */
function isSeen(plain: string, seen: ReadonlySet<string>): boolean {
  const words = wordsOf(plain);
  const known = words.filter((word) => seen.has(word)).length;
  return known >= words.length * SEEN_SHARE_MIN;
}

/** The words of what a reader sees, for `hiddenProse`. */
export function wordsSeen(visible: string): ReadonlySet<string> {
  return new Set(wordsOf(visible));
}

function wordsOf(text: string): readonly string[] {
  return normalise(text).match(WORD) ?? [];
}
