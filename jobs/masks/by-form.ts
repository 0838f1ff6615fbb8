/**
 * Masks what is told by its form or structure in any language: links, mail addresses, account and card numbers,
 * tokens, phones, orders; and postal addresses, a street with its number, a postcode with its place.
 */
import { mask } from "#guard/mask-secrets.ts";

/** The marks that stand for what was removed. None holds a digit, so that no mark is masked again. */
export const MARKS = {
  name: "[name]",
  address: "[address]",
  mail: "[e-mail]",
  phone: "[phone]",
  number: "[number]",
  link: "[link]",
  secret: "[secret removed]",
  card: "[card number removed]",
  account: "[bank account removed]",
} as const;

const LINK = /\b(?:https?:\/\/|www\.)[^\s<>"')\]]+/giu;

const MAIL =
  /(?:(?<![\p{L}\p{N}._%+'-])[\p{L}\p{N}._%+'-]+|[\p{L}\p{N}._%+'-]{1,64}) ?(?:@|＠|\(at\)|\[at\]|\{at\}) ?[\p{L}\p{N}-]+(?:(?:\.|．| ?(?:\(dot\)|\[dot\]|\(punkt\)) ?)[\p{L}\p{N}-]+)+/giu;
/** "name at provider dot com". */
const SPOKEN_MAIL =
  /(?:(?<![\p{L}\p{N}._-])[\p{L}\p{N}._-]+|[\p{L}\p{N}._-]{1,64}) (?:at|arroba|chiocciola|małpa) [\p{L}\p{N}-]+ (?:dot|punto|punkt|ponto|kropka) [a-z]{2,}/giu;
const HANDLE = /(?<![\p{L}\p{N}@])@[\p{L}\p{N}_.]{3,}/gu;

/** Digits of one number, with what people put between them. */
const BETWEEN = String.raw`[ \u00a0\u2009\u202f.\-–‑/_]{0,2}`;
const CARD = new RegExp(String.raw`(?<!\d)\d(?:${BETWEEN}\d){12,18}(?!\d)`, "gu");
const GAP = String.raw`[ \u00a0.\-]{0,2}`;
/** In one run, or in groups of which each but a bank's letters holds a digit: the words behind it are no part of it. */
const IBAN = new RegExp(
  String.raw`(?<![\p{L}\p{N}])[A-Za-z]{2}[ \-]?\d{2}(?:[A-Za-z0-9]{11,30}|(?:${GAP}[A-Za-z]{4}(?=${GAP}\d))?(?:${GAP}(?=[A-Za-z]{0,3}\d)[A-Za-z0-9]{1,4}){2,8})(?![\p{L}\p{N}])`,
  "gu",
);

/** Letters and digits in one run that no person would type as a word: keys, sessions, ids of programs. */
const TOKEN =
  /(?<![\p{L}\p{N}])(?=[A-Za-z0-9])(?=[\w+/=~.-]{0,100}\d)(?=[\w+/=~.-]{0,100}[A-Za-z])[A-Za-z0-9][\w+/=~-]{14,}(?:\.[\w+/=~-]+)*/gu;
const MIXED = /(?<![\p{L}\p{N}_])(?=\w*[a-z])(?=\w*[A-Z])(?=\w*\d)\w{9,}(?![\p{L}\p{N}])/gu;

const AMOUNT =
  /(?:[€$£¥₺₽]|\b(?:EUR|USD|GBP|CHF|PLN|TRY|JPY|SEK|BRL|RUB|zł|TL))\s?\d[\d.,'  ]*\d?|\d[\d.,'  ]{0,40}\s?(?:[€$£¥₺₽円元]|(?:EUR|USD|GBP|CHF|PLN|TRY|JPY|SEK|BRL|RUB|Euro|euros?|dollars?|zł|złotych|TL|lira|рублей|руб)(?!\p{L}))/giu;
const DATE =
  /(?<![\d-])(?:(?:19|20)\d{2}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])|(?:0?[1-9]|[12]\d|3[01])[-/.] ?(?:0?[1-9]|1[0-2])[-/.] ?(?:19|20)\d{2})(?![\d-])/gu;
const CLOCK =
  /(?<![\d.])\d{1,2}[:.h]\d{2}(?!\d|\.\d)(?= ?(?:Uhr|am|pm|h\b|o'clock|$|[\s,.!?)]))/giu;

/** A whole number with its separators, and letters that are joined to it. */
const PHONE =
  /(?<![\p{L}\p{N}])(?:\+|00)?\(?\d(?:[ \u00a0\u202f()/.\-–‑]{0,3}\d){6,16}(?![\p{L}\p{N}])/gu;
const REFERENCE =
  /(?<![\p{L}\p{N}])#?(?=(?:[\p{L}\d]+[-_/]){0,20}[\p{L}\d]*?\d{3})[\p{L}\d]+(?:[-_/][\p{L}\d]+)*(?![\p{L}\p{N}])/gu;

/** Words before a number that say it leads to a person, so that even a short one is masked; in folded languages as typed. */
const NUMBER_WORDS =
  "order|orders|invoice|customer|ticket|case|parcel|tracking|reference|ref|number|nummer|bestellung|bestellnummer|auftrag|rechnung|kundennummer|sendung|commande|facture|client|colis|numéro|pedido|factura|cliente|paquete|número|ordine|fattura|pacco|numero|bestelling|bestelnummer|factuur|klantnummer|encomenda|fatura|zamówienie|zamówienia|zamówieniu|numer|faktura|paczka|sipariş|siparişim|fatura|numarası|numaralı|müşteri|заказ|заказа|заказе|номер|счёт|№|注文番号|注文|ご注文|番号|订单号|订单|单号|طلب|الطلب|رقم|طلبي";
const NAMED_NUMBER = new RegExp(
  String.raw`(?<![\p{L}\p{N}])((?:${NUMBER_WORDS})(?:\s?(?:number|no|nr|num|nummer|numero|número|numéro|numer|id|is|ist|est|es|è|é|to|номер|№|n°|は|是|هو)\.?)?[\s.:#(№°]{0,4})(#?[\p{L}]{0,4}[-/]?\d[\p{L}\d\-/]*)`,
  "giu",
);
const HASHED = /#\s?[A-Za-z]{0,4}-?\d[\w-]*/gu;

/** Between two marks of this sign stands what is put back at the end. It is in no text that people write. */
const KEPT = "\u{F0000}";

/** Masks what nothing else is like: links, mail addresses, accounts, cards, keys, and numbers that are named. */
export function maskExact(text: string): string {
  return mask(withPlainDigits(text))
    .replace(LINK, MARKS.link)
    .replace(MAIL, MARKS.mail)
    .replace(SPOKEN_MAIL, MARKS.mail)
    .replace(HANDLE, MARKS.name)
    .replace(IBAN, (found) => (isAccount(found) ? MARKS.account : found))
    .replace(CARD, (found) => (digitsIn(found) >= 13 ? MARKS.card : found))
    .replace(TOKEN, (found) => (isToken(found) ? MARKS.secret : found))
    .replace(MIXED, MARKS.secret)
    .replace(NAMED_NUMBER, (all, before: string, number: string) =>
      isYear(number) ? all : `${before}${MARKS.number}`,
    )
    .replace(HASHED, MARKS.number);
}

/** Masks every other number; amounts, dates, times of day and years stay. Addresses are masked before it. */
export function maskNumbers(text: string): string {
  const kept: string[] = [];
  const keep = (found: string): string =>
    `${KEPT}${String.fromCodePoint(0xf0100 + kept.push(found) - 1)}${KEPT}`;
  return restored(
    text
      .replace(AMOUNT, (found) => (digitsIn(found) <= 7 ? keep(found) : found))
      .replace(DATE, keep)
      .replace(CLOCK, keep)
      .replace(PHONE, (found) => (/[+()/]|^0| /.test(found) ? MARKS.phone : MARKS.number))
      .replace(REFERENCE, (found) => (isYear(found) ? found : MARKS.number)),
    kept,
  );
}

function restored(text: string, kept: readonly string[]): string {
  const parts = text.split(KEPT);
  return parts
    .map((part, place) =>
      place % 2 === 0 ? part : (kept[(part.codePointAt(0) ?? 0) - 0xf0100] ?? ""),
    )
    .join("");
}

/** Digits of other scripts and of full width as the plain ones, each in its place, so that no form is missed for its script. */
export function withPlainDigits(text: string): string {
  return text.replaceAll(/[٠-٩۰-۹०-९０-９]/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    const zero = [0x660, 0x6f0, 0x966, 0xff10].findLast((start) => code >= start) ?? code;
    return String(code - zero);
  });
}

function digitsIn(text: string): number {
  return text.replaceAll(/\D/g, "").length;
}

function isYear(text: string): boolean {
  return /^(?:19|20)\d{2}$/.test(text);
}

/** Two letters, two digits and the length of an account; a mistyped check digit makes it no less personal. */
function isAccount(text: string): boolean {
  const plain = text.replaceAll(/[^A-Za-z0-9]/g, "");
  return plain.length >= 15 && plain.length <= 34 && digitsIn(plain) >= 8;
}

/** Not a hyphenated compound of words with one number in it. */
function isToken(text: string): boolean {
  return digitsIn(text) >= 3 || /^[^A-Z]*[A-Z]\D*\d.*[a-z]|\d[a-z]+\d/s.test(text);
}

const WORD = String.raw`(?:\p{Lu}\p{Ll}{0,2}\.|[\p{Lu}\p{Lo}][\p{L}\p{M}'’-]*)`;
const LINK_WORD = String.raw`(?:de|del|della|dei|da|do|dos|das|di|du|des|la|le|les|el|los|las|van|von|der|den|het|zum|zur|am|an|im|of|the|y|e|d'|l')`;
/** A name of a street or a place: capitalised words, with small ones between them. */
const NAMED = String.raw`(?:(?:${LINK_WORD}[ ]?)*${WORD}(?:[ -](?:${LINK_WORD}[ ])*${WORD}){0,4})`;
const HOUSE = String.raw`\d{1,5}(?:[ ]?[a-zA-Z])?(?:[/-]\d{1,4}[a-zA-Z]?)?(?:[ ](?:bis|ter))?(?![\p{L}\d])`;
const eitherCase = (words: string): string =>
  words
    .split("|")
    .map(
      (word) => `[${word.charAt(0).toLowerCase()}${word.charAt(0).toUpperCase()}]${word.slice(1)}`,
    )
    .join("|");
const BEFORE = String.raw`(?<![\p{L}\p{N}])`;

/** Words that begin the name of a street. */
const STREET_FIRST =
  "rue|avenue|av\\.|boulevard|bd|place|impasse|chemin|allée|quai|cours|route|square|calle|c/|avenida|avda\\.?|plaza|paseo|carrer|camino|ronda|via|viale|piazza|corso|largo|vicolo|rua|praça|travessa|alameda|estrada|ul\\.|ulica|ulicy|al\\.|aleja|pl\\.|os\\.|osiedle|ул\\.|улица|улице|пр-т|проспект|пер\\.|переулок|шоссе|наб\\.|набережная|площадь|вул\\.|вулиця|شارع";
const STREET_LAST =
  "street|st|road|rd|lane|ln|avenue|ave|drive|dr|court|ct|square|sq|boulevard|blvd|way|place|pl|terrace|view|close|crescent|gardens|grove|hill|row|mews|parade|highway|hwy|parkway|pkwy|circle|trail|quay|walk|park";
const STREET_ENDING =
  "stra(?:ß|ss)e|str\\.?|weg|platz|gasse|allee|ring|damm|ufer|graben|steig|chaussee|straat|gracht|laan|plein|kade|dijk|singel|gatan|vägen|gata|vej|gade|veien|gränd|torg|tie|katu|utca";
const TURKISH = "mah\\.?|mahallesi|cad\\.?|caddesi|sok\\.?|sokak|sokağı|bulvarı|blv\\.?";

/** Postcodes with the place behind them, by how countries write them. */
const POSTCODE = String.raw`(?:(?:[A-Z]{1,2}-)?\d{4,6}|\d{4} ?[A-Z]{2}|\d{2}-\d{3}|\d{4}-\d{3}|\d{5}-\d{3}|\d{3} \d{2})`;
const UK_POSTCODE = String.raw`[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}`;

const NUMBERED = String.raw`(?:[ ,]{1,3}(?:[Nn]o\.?:?|[Nn]r\.?|n[°º.]|num\.?|д\.|дом|رقم|numara|numero|número)?[ ]?${HOUSE})`;

const FIRST = eitherCase(STREET_FIRST);
const LAST = eitherCase(STREET_LAST);
const ENDING = eitherCase(STREET_ENDING);
const TURKISH_STREET = eitherCase(TURKISH);

const STREETS: readonly RegExp[] = [
  new RegExp(String.raw`${BEFORE}${HOUSE},?[ ](?:bis[ ,])?(?:${FIRST})[ ]?${NAMED}`, "gu"),
  new RegExp(String.raw`${BEFORE}(?:${FIRST})[ ]?(?:${NAMED}|\d{1,2}[ ]${NAMED})${NUMBERED}`, "gu"),
  new RegExp(String.raw`${BEFORE}${HOUSE},?[ ](?:${WORD}[ ]){1,4}(?:${LAST})(?!\p{L})\.?`, "gu"),
  new RegExp(String.raw`${BEFORE}(?:${WORD}[ -]){0,3}[\p{L}-]*(?:${ENDING})[ ]${HOUSE}`, "gu"),
  new RegExp(
    String.raw`${BEFORE}(?:${WORD}[ ]){1,3}(?:проспект|улица|шоссе|переулок|набережная|бульвар|площадь|пр-т|ул\.)${NUMBERED}`,
    "gu",
  ),
  new RegExp(
    String.raw`${BEFORE}(?:Am|An|Im|In|Zum|Zur|Auf|Unter|Alte|Alter|Neue|Neuer|Großer|Kleine)[ ](?:(?:der|dem|den)[ ])?(?:${WORD}[ ]){0,2}${WORD}[ ]${HOUSE}`,
    "gu",
  ),
  new RegExp(
    String.raw`${BEFORE}(?:${WORD}[ ]){1,3}(?:${TURKISH_STREET})(?:,?[ ](?:${WORD}[ ]){1,3}(?:${TURKISH_STREET}))?${NUMBERED}?(?:[ ]?(?:D|Daire|Kat)[:.]?[ ]?\d+)*`,
    "gu",
  ),
  /〒?\d{3}[-－]\d{4}[^\n。、]{0,40}/gu,
  /[\p{Script=Han}]{2,8}(?:省|市|区|區|县|都|道|府|県)[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\d０-９\-－ー丁目番地号號室楼栋单元路街巷弄]*\d[\p{Script=Han}\d\-－ー]*/gu,
  /\p{Script=Hangul}{1,30}(?:시|도|구|군)[ ][^\n.,]{0,30}(?:로|길|동)[ ]?\d+(?:-\d+)?/gu,
];

/** What stands beside a street: floors and flats, a postcode with its place, a district, a country. */
const BESIDE = String.raw`(?:(?:flat|apt\.?|apartment|unit|suite|floor|piso|planta|puerta|interno|scala|int\.|кв\.|квартира|корп\.|стр\.|m\.|lok\.|daire|kat|étage|appartement|appt|bât\.?|wohnung|etage|1\.|2\.|3\.|4\.)[ ]?[\p{L}\d.º°ª-]{0,8}(?:[ ][\p{L}\d.º°ª]{1,6})?|${UK_POSTCODE}|(?:${NAMED}[ ])?${POSTCODE}(?:[ ]${NAMED}(?:[/ ]${WORD})?)?|(?:${NAMED}[ ])?${UK_POSTCODE}|${NAMED}(?:[ ][A-Z]{2})?(?:[ ]\d{5}(?:-\d{4})?)?|\d{1,4}[a-z]?)`;
const AFTER = new RegExp(
  String.raw`^(?:\s*[,;–-]\s*|[ ]*\n[ ]*|[ ](?=${POSTCODE}[ ]\p{Lu}))${BESIDE}(?=$|[\s,;.!?)])`,
  "u",
);
const AHEAD = new RegExp(
  String.raw`(?:^|[\n(:;]|[ ,])((?:flat|apt\.?|apartment|unit|suite)[ ]?[\p{L}\d-]{1,6})[, ]*\n?[ ]*$`,
  "iu",
);

/** A place with its postcode where no street was found. */
const PLACES: readonly RegExp[] = [
  new RegExp(
    String.raw`${BEFORE}(?:[A-Z]{1,2}-)?(?:\d{5}|\d{4} ?[A-Z]{2}|\d{2}-\d{3}|\d{4}-\d{3}|\d{5}-\d{3}|\d{6})[ ](?!(?:EUR|USD|GBP|Euro|Mal|Stück)\b)${WORD}(?:[ -]${WORD}){0,2}(?:/${WORD})?`,
    "gu",
  ),
  new RegExp(String.raw`${BEFORE}(?:${WORD}[ ]){1,3}${POSTCODE}(?=[\s,.!?)]|$)`, "gu"),
  new RegExp(String.raw`${BEFORE}(?:${WORD},?[ ]){0,3}${UK_POSTCODE}\b`, "gu"),
  new RegExp(String.raw`${BEFORE}${NAMED},[ ][A-Z]{2}[ ]\d{5}(?:-\d{4})?`, "gu"),
];

/** How many parts beside a street are taken with it. */
const PARTS_MAX = 5;

/** Replaces each address by one mark. Read before numbers are masked, since postcodes and house numbers show it. */
export function maskAddresses(text: string): string {
  let masked = text;
  for (const street of STREETS) masked = withoutStreets(masked, street);
  for (const place of PLACES) masked = masked.replace(place, MARKS.address);
  return masked.replace(/\[address\](?:[\s,;]{1,3}\[address\])+/gu, MARKS.address);
}

function withoutStreets(text: string, street: RegExp): string {
  let masked = "";
  let rest = text;
  for (;;) {
    street.lastIndex = 0;
    const found = street.exec(rest);
    if (found === null) return masked + rest;
    masked += rest
      .slice(0, found.index)
      .replace(AHEAD, (all, flat: string) => all.slice(0, all.indexOf(flat)));
    masked += MARKS.address;
    rest = withoutBeside(rest.slice(found.index + found[0].length));
  }
}

function withoutBeside(text: string): string {
  let rest = text;
  for (let part = 0; part < PARTS_MAX; part += 1) {
    const beside = AFTER.exec(rest);
    if (beside === null) return rest;
    rest = rest.slice(beside[0].length);
  }
  return rest;
}
