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
const SAYS = /^[\p{L}\p{M}]{3,}$|\p{sc=Han}/u;

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
  /\b(?:ai|llm|gpt|a\.i|assistant|assistants|chatbot|bot|bots|agent|agents|model|prompt|system|instruction|instructions|ignore|disregard|forget|override|refund|refunds|approve|approved|authori[sz]e|forward|reveal|disclose|export|transfer|customer|customers|customer's|reply|respond|answer|pretend|verify|verified|password|tool|treat|summari[sz]e|mark|grant|issue|delete|reset|must|please|i|me|my|mine)\b|(?<!\p{L})(?:ki(?!\p{L})|bitte|s'il vous|por favor|per favore|alstublieft|proszę|пожалуйста|lütfen|(?:mir|mich|moi|mon|mes|mi|mis|mio|mia|meu|minha|mij|mijn|mnie|мне|меня|bana|benim)(?!\p{L})|assistent|asistent|asistan|sprachmodell|anweisung|ignorier|ignorez|ignora|ignoriere|vergiss|oublie|olvida|dimentica|esque[çc]a|negeer|zignoruj|zapomnij|игнорир|забуд|yok say|unut|erstatt|rembours|reembols|rimbors|terugbeta|zwrot|возврат|iade|genehmig|freigeb|approuv|aprueb|approv|aprov|goedkeur|zatwierd|одобр|onayla|consigne|istruzion|instru[cç]|instrukcj|polecen|инструкц|talimat|kunde|client|cliente|klant|klient|клиент|müşteri|ассистент|yapay zek)|忽略|忘掉|退款|批准|指令|助手|人工智能|客户|我|تجاهل|انس|استرداد|وافق|تعليمات|المساعد|الذكاء|العميل/u;

/** What begins a sentence that orders something: said to the reader in the open too, it would still be odd to hide. */
const ORDER_FIRST =
  /^(?:please |and |then |also |now |\W)*(?:ignore|disregard|forget|override|refund|approve|authori[sz]e|forward|reveal|disclose|export|transfer|reply|respond|answer|pretend|treat|summari[sz]e|mark|grant|issue|delete|reset|tell|say|write|send|change|call|skip|add|include|set|pay|give|ship|double)\b/;

/** What shops and programs announce in a preview line, by the beginnings of words. */
const ANNOUNCED =
  /%|\b(?:free|off|sale|save|saved|offers?|new|news|back|points?|prices?|fares?|from|receipt|orders?|parcel|delivery|dispatch|ship(?:s|ped|ping)|arriv|invoice|bill|statement|confirmed|ready|thanks|thank you|welcome|basket|guests?|code inside|is inside|gift|winter|summer|spring|autumn|weekend|until|don't miss|wrote|manage)|(?<!\p{L})(?:neu|rabatt|gratis|bestellung|rechnung|lieferung|paket|danke|nouve|offre|soldes|commande|facture|colis|merci|nuev|oferta|pedido|factura|gracias|nuov|offerta|ordine|fattura|grazie|nov[oa]|encomenda|fatura|obrigad|nieuw|aanbieding|bestelling|factuur|bedankt|now[aeyo]|oferta|zamówieni|faktura|dziękuj|нов|скидк|заказ|спасибо|yeni|indirim|sipariş|fatura|teşekkür)|优惠|新品|订单|发票|谢谢|عرض|جديد|طلبك|شكر/u;
/** The share of its words that a preview line has in common with the mail below, where it announces nothing. */
const PREVIEW_SHARE_MIN = 0.3;

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
      (length <= PREVIEW_MAX && isPreview(plain, both, seen)) ||
      (plain.length <= PREVIEW_MAX && TEMPLATE.test(both)) ||
      shareSeen(plain, seen) >= SEEN_SHARE_MIN;
    if (orders || !isOrdinary) return sentence.trim();
  }
  return null;
}

/** Numbers, marks of a thread and single words say nothing. */
function isProse(plain: string): boolean {
  const words = (plain.match(WORD) ?? []).filter((word) => SAYS.test(word));
  return words.length > 1;
}

/** Mail programs show the first words of a mail beside its subject, so shops put an announcement of it there. */
function isPreview(plain: string, both: string, seen: ReadonlySet<string>): boolean {
  if (ASKED.test(both)) return false;
  return ANNOUNCED.test(both) || shareSeen(plain, seen) >= PREVIEW_SHARE_MIN;
}

/** How much of a sentence is said in the open too, as what is hidden on small screens and shown on large ones. */
function shareSeen(plain: string, seen: ReadonlySet<string>): number {
  const words = proseWords(plain);
  return words.filter((word) => seen.has(word)).length / Math.max(1, words.length);
}

/** The words of what a reader sees, for `hiddenProse`. */
export function wordsSeen(visible: string): ReadonlySet<string> {
  return new Set(proseWords(visible));
}

function proseWords(text: string): readonly string[] {
  return normalise(text).match(WORD) ?? [];
}
