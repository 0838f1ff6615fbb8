/**
 * Finds where the signature of a mail begins: at the rule of RFC 3676 section 4.3, a line a phone adds, or a closing
 * formula. Only the last lines are looked at, and only what looks like a signature to its end is one: a postscript or a
 * question below a greeting stays part of the text.
 */

import { isEmpty } from "./quote-markers.ts";

/** Filled lines at the end that are looked at. */
const WINDOW_LINES = 40;
const RULED_LINES_MAX = 12;
const CLOSING_LINES_MAX = 8;
const CLOSING_LINE_LENGTH_MAX = 60;
const DEVICE_LINES_BELOW_MAX = 6;

/** "-- " and what people make of it. */
const SIGNATURE_RULE = /^\s{0,2}(?:--|__|—|–|--\s[*_]{0,2})\s{0,3}$/u;
/** Rules that also part two pieces of a text. */
const WEAK_RULE = /^\s{0,2}(?:-{3,60}|={2,60}|\+{2,8}|\*{3,60}|~{3,60})\s{0,3}$/u;
/** Free mail services and lists put their words below one. */
const FOOTER_RULE_LONG = /^\s{0,2}_{20,100}\s{0,3}$/u;
const FOOTER_RULE = /^\s{0,2}_{3,100}\s{0,3}$/u;
const NAMED_RULE =
  /^\s{0,2}-- {0,2}\p{Lu}[\p{L}.'’-]{1,30}(?: \p{Lu}[\p{L}.'’-]{0,30}){0,3}\s{0,3}$/u;
const FULL_NAME = /^\p{Lu}[\p{L}.'’-]{1,30}(?: \p{Lu}[\p{L}.'’-]{0,30}){1,3}$/u;
const CONTACT = /[^\s@]{1,60}@[^\s@]{1,60}\.|https?:|www\.|(?:\+|\(0|\b0)[\d\s()/.-]{7,}/u;
const POSTSCRIPT = /^\s{0,3}(?:p\.? ?s\.?|n\.? ?b\.?|ps\d?|edit|update)\b|[?？]\s{0,3}$/iu;

/** Devices and programs that people do not write about in a line of this form; below it stands an unmarked quote. */
const SURE_DEVICE =
  /iphon|ipad|ipod|android|samsung|galaxy|huawei|xiaomi|pixel|blackberry|outlook|^sent from my /iu;
const SURE_DEVICE_LENGTH_MAX = 100;
const SURE_DEVICE_LINES_MAX = 20_000;
/** Lines with nothing above them that are tried as a device's. */
const DEVICE_TRIES_MAX = 2_000;

/** What programs leave of a picture. */
const PICTURE =
  /^\s{0,3}\[(?:image:|cid:|inline image|https?:\/\/[^\]\s]{1,300}\.(?:png|gif|jpe?g)\])/iu;

const DEVICE_NAMES =
  "iphon\\S{0,6}|ipad\\S{0,3}|ipod|android|samsung|galaxy|huawei|xiaomi|pixel|blackberry|windows|outlook|smartphone|handy|mobile?|móvil|mobil\\S{0,8}|teléfono|telefon\\S{0,4}|celular|k-9 mail|proton ?mail|yahoo|gmail|gmx|web\\.de|mail\\.ru|yandex|mail|e-?mail|phone|tablet|appareil|gerät|mac|ios";
const SENDING =
  "sent|written|typed|posted|gesendet|gesandt|geschrieben|envoyé|expédié|enviado|enviada|enviat|inviat[oa]|spedito|verzonden|verstuurd|skickat|sendt|sent|lähetetty|wysłan[eoy]|odesláno|odoslané|poslano|отправлено|послано|надіслано|відправлено|изпратено|elküldve|küldve|trimis|gönderildi|εστάλη|στάλθηκε|được gửi|đã gửi|dikirim";
const OF_A_DEVICE = [
  new RegExp(`^(?:${SENDING})(?: [^,;:!?]{1,60})? \\S{0,3}(?:${DEVICE_NAMES})[^;:!?]{0,50}$`, "iu"),
  new RegExp(
    `^[^,;:!?]{0,60}(?:${DEVICE_NAMES})[^,;:!?]{0,60} (?:gesendet|gesandt|gönderildi|verzonden|verstuurd|geschrieben)$`,
    "iu",
  ),
  /^(?:sent|written|typed|posted) (?:from|with|via|by|using|through) (?:an? |the |my )?[^,;:!?]{1,60}(?:[,.]\s{0,3}(?:please )?(?:excuse|pardon|forgive|sorry|get ).{0,80})?$/iu,
  /^(?:sent )?from my (?:iphone|ipad|android|mobile|phone|samsung|blackberry|pixel|tablet)[^,;:!?]{0,30}$/iu,
  /^sent from my (?:verizon(?: wireless)?|t-mobile|at&t|sprint|vodafone|o2|ee|orange|u\.s\. cellular)[^;:!?]{1,60}$/iu,
  /^someone from mobile$/iu,
  /^\p{L}{2,12}(?: \S{1,12}){0,3} \[?(?:die )?(?:aplikację )?outlook (?:for|für|pour|para|per|voor|för|til|dla|pro|для|için) .{1,120}$/iu,
  /^\[?outlook (?:for|für|pour|para|per|voor|för|til|dla|pro|для|için) (?:ios|android|mac)\]?.{0,100}$/iu,
  /^(?:從我的|从我的|发自我的|發自我的|发自|來自我的).{1,40}$/u,
  /^.{0,20}(?:から送信|에서 보냄|での送信)$/u,
];
const CLOSING = new RegExp(
  `^\\s{0,3}(?:${[
    "(?:with )?(?:(?:best|kind|warm|kindest|warmest|many|my|with|thanks|thank you)(?: and| &)? ?){0,4}(?:best|kind|kindest|warm|warmest)? ?(?:regards|wishes)",
    "all the best|cheers|sincerely|respectfully|yours (?:sincerely|truly|faithfully)|sincerely yours",
    "(?:mit )?(?:freundlichen?|besten?|lieben?|herzlichen?|viele[nr]?|schöne[nr]?) (?:grü(?:ß|ss)en?|gruss|gruß)(?: (?:aus|von) .{1,20})?|hochachtungsvoll|mfg|lg|vg",
    "(?:bien )?cordialement|bien à (?:vous|toi)|(?:sincères )?salutations(?: distinguées)?|meilleures salutations",
    "(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?|atentamente|salutacions",
    "(?:cordiali|distinti) saluti|(?:un )?(?:cordiale )?saluto|cordialmente",
    "atenciosamente|com os melhores cumprimentos|(?:melhores )?cumprimentos|att\\.?",
    "(?:met )?(?:vriendelijke|hartelijke) groet(?:en|jes)?|mvg|groet(?:en|jes)?",
    "(?:med )?(?:vänlig(?:a)?|bästa) hälsning(?:ar)?|mvh|(?:med )?(?:venlig|vennlig) hilsen|(?:de )?bedste hilsner|hälsningar|hilsen",
    "(?:ystävällisin )?terveisin|pozdrawiam|z poważaniem|s pozdravem|s pozdravom|üdvözlettel|cu stimă|saygılarımla|iyi çalışmalar",
    "с уважением|с наилучшими пожеланиями|з повагою|με εκτίμηση|trân trọng|hormat saya|敬具|此致|顺颂商祺",
  ].join("|")})\\s{0,2}[,.!！，]{0,2}\\s{0,3}$`,
  "iu",
);

/** The index of the first line of the signature; the number of lines when there is none. */
export function signatureStart(lines: readonly string[]): number {
  const device = sureDeviceAt(lines);
  if (device < lines.length) {
    const above = lines.slice(0, device);
    return Math.min(device, startAtEnd(above));
  }
  return startAtEnd(lines);
}

/** A device's line between empty lines, with words above it. */
function sureDeviceAt(lines: readonly string[]): number {
  let tries = 0;
  let hasWords = false;
  for (const [at, line] of lines.slice(0, SURE_DEVICE_LINES_MAX).entries()) {
    if (isEmpty(line)) continue;
    const isSetOff = isEmpty(lines[at - 1]) && isEmpty(lines[at + 1]);
    if (hasWords && isSetOff && line.length <= SURE_DEVICE_LENGTH_MAX) {
      tries += 1;
      if (tries > DEVICE_TRIES_MAX) break;
      if (SURE_DEVICE.test(line) && isDeviceLine(line)) return at;
    }
    hasWords = true;
  }
  return lines.length;
}

function startAtEnd(lines: readonly string[]): number {
  const filled = lastFilled(lines);
  const words = filled.findLastIndex((at) => !PICTURE.test(lines[at] ?? ""));
  const picture = words >= 0 ? filled[words + 1] : undefined;
  if (picture !== undefined) return Math.min(picture, startAtEnd(lines.slice(0, picture)));
  for (const [index, at] of filled.entries()) {
    const isFirst = index === 0 && filled.length < WINDOW_LINES;
    const below = filled.slice(index + 1).map((next) => lines[next] ?? "");
    if (startsSignature(lines, at, below, isFirst)) return at;
  }
  return lines.length;
}

/** A line that a phone or mail program adds by itself, in the languages of common ones. */
function isDeviceLine(line: string): boolean {
  if (line.length > 200) return false;
  const words = line
    .replaceAll(/[<(]?\s?https?:\/\/\S*/gu, "")
    .replace(/^[\s<([*_]+/u, "")
    .replace(/(?<![\s>)\]*_.])[\s>)\]*_.]+$/u, "");
  return words !== "" && OF_A_DEVICE.some((form) => form.test(words));
}

function startsSignature(
  lines: readonly string[],
  at: number,
  below: readonly string[],
  isFirst: boolean,
): boolean {
  const line = lines[at] ?? "";
  if (line.length > 200) return false;
  if (isRuled(line, below)) return true;
  const isSetOff = (lines[at - 1] ?? "").trim() === "" || isDeviceLine(lines[at - 1] ?? "");
  if (isSetOff && isDeviceLine(line)) return isBelowDevice(below);
  return !isFirst && CLOSING.test(line) && isBelowClosing(below);
}

function isRuled(line: string, below: readonly string[]): boolean {
  if (below.length > RULED_LINES_MAX) return false;
  if (SIGNATURE_RULE.test(line)) return true;
  if (below.length > CLOSING_LINES_MAX || below.some((next) => next.length > 120)) return false;
  if (FOOTER_RULE_LONG.test(line)) return below.length > 0;
  return !below.some((next) => POSTSCRIPT.test(next)) && isWeaklyRuled(line, below);
}

/** Rules that may as well part two pieces of a text: what stands below has to look like a card. */
function isWeaklyRuled(line: string, below: readonly string[]): boolean {
  if (FOOTER_RULE.test(line)) return below.length > 0;
  if (!areShort(below)) return false;
  if (NAMED_RULE.test(line)) return true;
  if (!WEAK_RULE.test(line)) return false;
  return FULL_NAME.test((below[0] ?? "").trim()) || below.some((next) => CONTACT.test(next));
}

function isBelowClosing(below: readonly string[]): boolean {
  const [name = ""] = below;
  if (below.length > CLOSING_LINES_MAX || /[:：!]\s{0,3}$/u.test(name)) return false;
  return areShort(below) && !below.some((line) => POSTSCRIPT.test(line));
}

function isBelowDevice(below: readonly string[]): boolean {
  const others = below.filter((line) => !isDeviceLine(line));
  if (others.length > DEVICE_LINES_BELOW_MAX || others.some((line) => POSTSCRIPT.test(line)))
    return false;
  return areShort(others);
}

function areShort(lines: readonly string[]): boolean {
  return lines.every((line) => line.trim().length <= CLOSING_LINE_LENGTH_MAX || isDeviceLine(line));
}

/** The places of the last filled lines, first to last. */
function lastFilled(lines: readonly string[]): readonly number[] {
  const found: number[] = [];
  for (let at = lines.length - 1; at >= 0 && found.length < WINDOW_LINES; at -= 1)
    if ((lines[at] ?? "").trim() !== "") found.push(at);
  return found.toReversed();
}

/** Words that point at what stands below them, such as "at the number below". */
const POINTS_BELOW =
  /\b(?:below|underneath|(?:in|see|from) my (?:signature|footer)|unten(?:stehend\w*)?|(?:in )?meiner signatur|ci-dessous|ma signature|(?:aquí |más )?abajo|mi firma|qui sotto|in calce|mia firma|hieronder|onderstaand\w*|mijn handtekening|abaixo|minha assinatura)\b|poniżej|w (?:moim )?podpisie/iu;
const NUMBER = /\d(?:[\d\s()/.-]{2,20})\d|[^\s@]{1,60}@[^\s@]{1,60}\.\p{L}/u;
const ORDER_NUMBER =
  /\b(?:order|ref(?:erence)?|customer|client|invoice|case|ticket|bestell(?:ung|nummer)|auftrag\w*|kunden\w*|rechnung\w*|commande|facture|pedido|factura|ordine|fattura|bestelling|klant\w*|encomenda|fatura|zam[óo]wieni\p{L}{0,4}|klient\p{L}{0,4})\b[^\n\d]{0,25}\d{3,}/iu;

/** Whether a signature says something the words need: a number they point at, or the order it is about. */
export function isNeededByText(words: string, signature: string): boolean {
  if (ORDER_NUMBER.test(signature.slice(0, 2_000))) return true;
  return NUMBER.test(signature.slice(0, 2_000)) && POINTS_BELOW.test(words.slice(-5_000));
}
