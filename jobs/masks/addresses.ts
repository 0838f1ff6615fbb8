/** Masks postal addresses by their structure: a street with its number, a postcode with its place, and what stands beside. */

import { MARKS } from "./numbers.ts";

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
/** Endings and last words of streets. */
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
