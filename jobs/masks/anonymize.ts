/**
 * Removes personal data from texts of a conversation that are kept beyond it: what is known of its customer, and names by
 * where they stand.
 */

import { ChangeAddressArguments } from "#core/values/action.ts";
import { mask } from "#guard/mask-secrets.ts";
import type { Message } from "#core/values/message.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import type { Effect } from "#store/effects/ledger.ts";
import { literally } from "#core/values/words.ts";
import { MARKS, maskExact, maskNumbers, maskAddresses, withPlainDigits } from "./by-form.ts";

/** What a conversation says of its customer: names in messages and cards, addresses in actions. */
interface KnownPerson {
  readonly messages: readonly Message[];
  readonly cards?: readonly Approval[];
  readonly effects?: readonly Effect[];
  /** Further names that are known, such as from the shop's records. */
  readonly names?: readonly string[];
}

const EMAIL = /(?:(?<![\w.+-])[\w.+-]+|[\w.+-]{1,64})@[\w-]+(?:\.[\w-]+)+/g;

/** Nine digits and more; order numbers and dates have fewer. */
const PHONE = /(?<![\w.-])\+?\d(?:[ ()/.-]{0,2}\d){8,14}(?![\w-])/g;

/** "12 Orchard Lane, Springfield, OR 97477" and "Lindenstraße 5, 10969 Berlin", up to the end of the line. */
const STREET_WORDS =
  "street|st|road|rd|lane|ln|avenue|ave|drive|dr|court|ct|square|boulevard|blvd|way|place|terrace|view|close";
const STREETS: readonly RegExp[] = [
  new RegExp(
    `\\b\\d{1,5}[a-z]?,? (?:[\\p{L}'.-]+ ){1,4}(?:${STREET_WORDS})\\b\\.?(?:,[^\\n?!]*)?`,
    "giu",
  ),
  /\b[\p{L}-]*(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee) \d{1,4}[a-z]?(?:,[^\n?!]*)?/giu,
];

/**
 * Numbers of orders, customers and parcels: four digits and more, or six among capitals. "WH-1000XM4" is a product; letters
 * without case may touch a number, but for what they count.
 */
const REFERENCE =
  /(?<![\p{Lu}\p{Ll}\p{N}.,-])(?:#?\d{4,}|(?=(?:[A-Z-]*\d){6})[A-Z\d-]+)(?![\p{Lu}\p{Ll}\p{N}円元원年])/gu;

/**
 * Removes from a text what identifies its author: secrets, names, e-mail and postal addresses, telephone numbers, and
 * numbers that lead to a person: what is kept is read by many. Rules find what is known of this conversation and what has a recognizable shape, not everything, so a person reads a case
 * before it is kept.
 */
export function masker(person: KnownPerson): (text: string) => string {
  const names = requesterNames(person);
  const withoutAddresses = maskerOfKnownAddresses(person);
  return (text) => {
    const withoutKnown = withoutAddresses(mask(withPlainDigits(text)));
    const withoutShapes = STREETS.reduce(
      (rest, street) => rest.replace(street, "[address]"),
      withoutKnown.replace(EMAIL, "[e-mail]"),
    ).replace(PHONE, "[phone]");
    return names
      .reduce((rest, name) => rest.replace(wholeWord(name, "giu"), MARKS.name), withoutShapes)
      .replaceAll(REFERENCE, "[number]");
  };
}

/** Removes the addresses that actions of the conversation hold, also when they are written on several lines. */
function maskerOfKnownAddresses(person: KnownPerson): (text: string) => string {
  const addresses = addressesIn(person);
  return (text) =>
    addresses.reduce(
      (rest, address) => rest.replace(patternAcrossLines(address), "[address]"),
      text,
    );
}

/**
 * The masker of one conversation. What has a form that nothing else has goes first, then addresses, those of its actions
 * and those told by their structure, then every other number, and names last, known ones and those told by where they
 * stand. It rather removes a product's name than leave a person's.
 */
export function personalMasker(person: KnownPerson): (text: string) => string {
  const withoutKnown = maskerOfKnownAddresses(person);
  const known = requesterNames(person);
  return (text) =>
    maskNames(maskNumbers(maskAddresses(withoutKnown(maskExact(text)))), known).replaceAll(
      /\[(number|phone)\](?:[ ,/-]{0,2}\[\1\])+/gu,
      "[$1]",
    );
}

/** The requester's names: as they gave them, and as the shop has them. Each word alone, longest first. */
function requesterNames({ messages, cards = [], names = [] }: KnownPerson): readonly string[] {
  const given = messages
    .filter(({ author }) => author.kind === "requester")
    .map(({ author }) => author.name);
  const words = [...given, ...names, ...cards.map(({ card }) => card.requester.name)]
    .filter((name) => !/^(?:unknown|customer)$/i.test(name))
    .flatMap((name) => name.match(/[\p{L}\p{M}'’-]{2,}/gu) ?? [])
    .flatMap(withPartsInHan);
  return [...new Set(words)].toSorted((a, b) => b.length - a.length);
}

/** In Han a family name and a given name, mostly of two signs, stand in one word and each alone in a text. */
function withPartsInHan(word: string): readonly string[] {
  const han = word.match(/\p{Script=Han}/gu) ?? [];
  return han.length < 2 ? [word] : [word, han.slice(0, 2).join(""), han.slice(-2).join("")];
}

function addressesIn({ effects = [], cards = [] }: KnownPerson): readonly string[] {
  const actions = [
    ...effects.map(({ action }) => action),
    ...cards.flatMap(({ proposal }) => (proposal?.actions ?? []).map(({ action }) => action)),
  ];
  return actions.flatMap((action) => {
    const change = ChangeAddressArguments.safeParse(action.arguments);
    return change.success ? [change.data.address] : [];
  });
}

/** An address is stored on one line and may have been written on several. */
function patternAcrossLines(address: string): RegExp {
  const words = address.match(/[\p{L}\p{N}'’.-]+/gu) ?? [];
  return new RegExp(words.map(literally).join("[\\s,]+"), "giu");
}

// Names, by where they stand: greetings, signatures, titles, introductions, and capitals inside a sentence.

// Words that stand beside names: greetings, regards, titles, and how people say who they or others are.

/** A list of words or phrases, longest first, so that the longest one is found. */
function phrases(text: string): string {
  return text
    .split("|")
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== "")
    .toSorted((one, other) => other.length - one.length)
    .map((phrase) => phrase.replaceAll(".", String.raw`\.`).replaceAll(" ", String.raw`\s+`))
    .join("|");
}

/** What a letter begins with, before a name. */
const GREETINGS = phrases(
  `hi|hello|hey|dear|good morning|good afternoon|good evening|morning|hi there|hallo|hi liebe|guten tag|guten morgen|moin|servus|liebe|lieber|liebes|
  sehr geehrte|sehr geehrter|werte|bonjour|bonsoir|salut|cher|chère|coucou|hola|buenos días|buenas tardes|buenas|estimado|estimada|querido|
  querida|ciao|buongiorno|buonasera|salve|gentile|caro|cara|egregio|beste|geachte|dag|goedemorgen|goedemiddag|hoi|lieve|olá|oi|bom dia|boa tarde|
  prezado|prezada|caro|dzień dobry|cześć|witam|witaj|szanowny|szanowna|drogi|droga|hej|merhaba|selam|sayın|sevgili|iyi günler|
  здравствуйте|привет|добрый день|доброе утро|уважаемый|уважаемая|дорогой|дорогая|hallå|god dag|kære|kjære|مرحبا|السلام عليكم|عزيزي|عزيزتي|أهلا`,
);

/** What a letter ends with, before its writer's name. */
const REGARDS = phrases(
  `regards|kind regards|best regards|warm regards|best|best wishes|all the best|cheers|thanks|many thanks|thank you|thanks again|thanks in advance|yours|
  yours sincerely|yours truly|yours faithfully|sincerely|respectfully|love|mit freundlichen grüßen|freundliche grüße|viele grüße|liebe grüße|beste grüße|
  schöne grüße|herzliche grüße|grüße|gruß|lg|mfg|vg|danke|vielen dank|cordialement|bien cordialement|bien à vous|sincères salutations|salutations|merci|
  merci d'avance|merci beaucoup|bonne journée|amicalement|saludos|un saludo|saludos cordiales|atentamente|gracias|muchas gracias|un abrazo|cordiali saluti|
  saluti|distinti saluti|grazie|grazie mille|un saluto|a presto|met vriendelijke groet|vriendelijke groet|groeten|groetjes|groet|mvg|bedankt|alvast bedankt|
  dank u|atenciosamente|cumprimentos|com os melhores cumprimentos|obrigado|obrigada|abraço|abraços|pozdrawiam|z poważaniem|dziękuję|z góry dziękuję|
  serdecznie pozdrawiam|saygılarımla|teşekkürler|teşekkür ederim|iyi çalışmalar|sevgiler|selamlar|с уважением|спасибо|заранее спасибо|всего доброго|
  с наилучшими пожеланиями|よろしくお願いします|よろしくお願いいたします|よろしくお願い致します|ありがとうございます|敬具|谢谢|此致|祝好|تحياتي|مع التحية|شكرا|شكراً|مع خالص التحية|med vänliga hälsningar|hälsningar|vh|venlig hilsen`,
);

/** Titles before a name. */
const TITLES = phrases(
  `mr|mr.|mrs|mrs.|ms|ms.|miss|mx|dr|dr.|prof.|sir|madam|herr|herrn|frau|fräulein|familie|monsieur|madame|mademoiselle|mme|mlle|m.|señor|señora|señorita|
  sr.|sra.|srta.|don|doña|signor|signora|signorina|sig.|sig.ra|dott.|dott.ssa|heer|de heer|mevrouw|mevr.|dhr.|senhor|senhora|dona|pan|pani|pana|panu|panią|państwo|
  bay|bayan|господин|госпожа|г-н|г-жа|السيد|السيدة|الأستاذ|الأستاذة|الدكتور`,
);

/** Titles behind a name. */
const TITLES_AFTER = "さん|さま|様|氏|殿|先生|女士|小姐|님|씨";
const WORD_TITLES_AFTER = phrases("bey|hanım|hanim|beyefendi|hanımefendi");

/** After these a name follows. */
const INTRODUCTIONS = phrases(
  `my name is|name is|my name's|i am|i'm|this is|it's|it is|called|named|name|full name|signed by|signed for by|on behalf of|in the name of|under the name|under the name of|addressed to|
  account holder|card holder|cardholder|holder|recipient|receiver|attention of|attn|c/o|deliver to|delivered to|ship to|contact|ask for|asked for|spoke to|spoke with|talked to|talked with|chatted with|speak to|
  written by|bought by|ordered by|for my friend|mein name ist|ich heiße|ich heisse|ich bin|hier ist|hier schreibt|name|namens|auf den namen|im namen von|unter dem namen|empfänger|empfängerin|
  kontoinhaber|kontoinhaberin|karteninhaber|ansprechpartner|ansprechpartnerin|zu händen|z. hd.|lautet auf|je m'appelle|je suis|c'est|mon nom est|nom|au nom de|de la part de|destinataire|titulaire|à l'attention de|parlé à|parlé avec|
  me llamo|soy|mi nombre es|nombre|a nombre de|en nombre de|destinatario|destinataria|titular|hablé con|de parte de|mi chiamo|sono|il mio nome è|nome|a nome di|a nome|intestatario|intestataria|intestato a|destinatario|parlato con|da parte di|
  ik ben|ik heet|mijn naam is|naam|op naam van|namens|ontvanger|rekeninghouder|gesproken met|t.a.v.|meu nome é|o meu nome é|chamo-me|me chamo|sou|sou o|sou a|em nome de|destinatário|titular|falei com|
  nazywam się|mam na imię|jestem|z tej strony|imię i nazwisko|na nazwisko|w imieniu|odbiorca|rozmawiałem z|rozmawiałam z|adım|benim adım|ismim|ben|adına|alıcı|alıcı adı|ad soyad|hesap sahibi|
  меня зовут|моё имя|мое имя|это|я|на имя|получатель|от имени|имя|фио|говорил с|говорила с|私は|わたしは|名前は|お名前|氏名|受取人|宛名|我叫|我是|我的名字是|姓名|收件人|收货人|اسمي|اسمي هو|أنا|معك|باسم|المستلم|الاسم|اسم صاحب الحساب|jag heter|mitt namn är|jeg hedder|jeg heter`,
);

/** People a customer speaks of; a name may follow. */
const RELATIVES = phrases(
  `wife|husband|partner|son|daughter|mother|father|mom|mum|dad|brother|sister|friend|neighbour|neighbor|colleague|boss|assistant|girlfriend|boyfriend|aunt|uncle|cousin|niece|nephew|grandmother|grandfather|flatmate|roommate|agent|employee|
  mann|sohn|tochter|mutter|vater|bruder|schwester|freund|freundin|nachbar|nachbarin|kollege|kollegin|kollegen|chef|chefin|tante|onkel|oma|opa|mitarbeiter|mitarbeiterin|ehefrau|ehemann|lebensgefährtin|femme|mari|fils|fille|mère|père|frère|sœur|ami|amie|voisin|voisine|collègue|
  mujer|esposa|marido|esposo|hijo|hija|madre|padre|hermano|hermana|amigo|amiga|vecino|vecina|compañero|compañera|moglie|marito|figlio|figlia|fratello|sorella|amico|amica|vicino|vicina|collega|vrouw|zoon|dochter|moeder|vader|broer|zus|vriend|vriendin|buurman|buurvrouw|
  filho|filha|mãe|pai|irmão|irmã|vizinho|vizinha|colega|żona|żony|żonie|mąż|mężem|syn|syna|córka|córki|brat|brata|siostra|siostry|sąsiad|sąsiadka|sąsiadki|koleżanka|kolega|eşim|oğlum|kızım|annem|babam|kardeşim|arkadaşım|komşum|жена|жены|муж|мужа|сын|сына|дочь|дочери|брат|сестра|сосед|соседка|соседке|подруга|коллега|زوجتي|زوجي|ابني|ابنتي|صديقي|أخي|أختي|جاري`,
);

/** After a word at the beginning of a sentence these say that it was a person. */
const DEEDS = phrases(
  `told|said|wrote|promised|called|answered|confirmed|helped|ordered|paid|asked|assured|explained|signed|replied|hat|sagte|schrieb|meinte|versprach|a dit|m'a|a écrit|dijo|me dijo|escribió|prometió|ha detto|mi ha|ha scritto|zei|schreef|heeft|disse|escreveu|powiedział|powiedziała|napisał|napisała|obiecał|obiecała|сказал|сказала|написал|написала|обещал|обещала|обещала|dedi|söyledi|yazdı`,
);

/** Words in capitals that are no person's, though they stand in the middle of a sentence. */
const NOT_NAMES: ReadonlySet<string> = new Set(
  `i i'm i've i'd i'll ok monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
  mon tue wed thu fri sat sun jan feb mar apr jun jul aug sep oct nov dec english german french spanish italian dutch polish turkish russian japanese portuguese chinese
  paypal visa mastercard amex klarna apple google amazon dhl ups dpd gls hermes fedex usps iban bic vat pin pdf usb wifi bluetooth iphone ipad android whatsapp sms faq eur usd gbp ean sku tv pc sepa
  internet christmas easter euro order invoice customer name address phone email mail tel telephone mobile po box re fwd ps nr no`.split(
    /\s+/,
  ),
);

/** A capitalised word; of a script without capitals, any word. */
const CAPITAL = String.raw`(?:\p{Lu}[\p{L}\p{M}'’]*(?:-\p{Lu}?[\p{L}\p{M}'’]+)*\.?)`;
const PARTICLE =
  "(?:de|del|della|di|da|dos|das|do|du|la|le|van|von|der|den|ter|ten|zu|el|al|bin|ibn|y|e)";
const LATIN_NAME = String.raw`(?:${CAPITAL}(?:[ ](?:${PARTICLE}[ ]){0,2}${CAPITAL}){0,3})`;
const CJK = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]`;
const CJK_NAME = String.raw`(?:[\p{Script=Han}\p{Script=Katakana}ー]{1,6}[ 　]?[\p{Script=Han}\p{Script=Katakana}\p{Script=Hiragana}ー]{0,6})`;
const ARABIC_NAME = String.raw`(?:\p{Script=Arabic}{2,}(?:[ ](?:بن|ال)?\p{Script=Arabic}{2,})?)`;
const START = String.raw`(?<![\p{L}\p{N}\p{M}])`;
const END = String.raw`(?![\p{L}\p{N}\p{M}])`;

/** The same words with a small or a capital first letter; what follows stays case-sensitive, for names have capitals. */
function anyCase(words: string): string {
  return words
    .split("|")
    .map((word) => {
      const first = word.charAt(0);
      const [lower, upper] = [first.toLowerCase(), first.toUpperCase()];
      return lower === upper ? word : `[${lower}${upper}]${word.slice(1)}`;
    })
    .join("|");
}

const TITLE = `(?:${anyCase(TITLES)})`;
const WITH_TITLES = String.raw`(?:${TITLE}\s+){0,3}`;

/** Each finds a name in its group; what stands around it stays. */
const AROUND: readonly RegExp[] = [
  new RegExp(
    String.raw`(?:^|\n|[.!?]\s)\s*(?:${anyCase(GREETINGS)})[ ,]+(?:${anyCase("again|there|team|zusammen|und")}[ ,]+)?${WITH_TITLES}(?<name>${LATIN_NAME})`,
    "gu",
  ),
  new RegExp(String.raw`${START}${TITLE}\s+(?:${TITLE}\s+){0,2}(?<name>${LATIN_NAME})`, "gu"),
  new RegExp(
    String.raw`${START}(?:${anyCase(INTRODUCTIONS)})\s*[:,]?\s+${WITH_TITLES}(?<name>${LATIN_NAME})`,
    "gu",
  ),
  new RegExp(
    String.raw`${START}(?:${anyCase(RELATIVES)}),?\s+(?:(?:called|named|namens|Frau|Herr)\s+)?(?<name>${LATIN_NAME})`,
    "gu",
  ),
  new RegExp(
    String.raw`${START}(?<name>${LATIN_NAME})\s+(?:${anyCase(WORD_TITLES_AFTER)})${END}`,
    "gu",
  ),
  new RegExp(
    String.raw`${START}(?<name>${LATIN_NAME})\s+(?:here|hier|aquí|aqui|qui|ici|tutaj|здесь|speaking|à l'appareil)${END}`,
    "gu",
  ),
  new RegExp(String.raw`(?:^|[.!?]\s+|\n)(?<name>${LATIN_NAME})\s+(?:${DEEDS})${END}`, "gu"),
  new RegExp(String.raw`(?<name>${CJK_NAME})(?=${TITLES_AFTER})`, "gu"),
  new RegExp(
    String.raw`(?:私は|わたしは|名前は|氏名[:：]|受取人は?[:：]?|宛名は?[:：]?|お名前[:：]?|我叫|我是|我的名字是|姓名[:：]|收件人[是:：]?|收货人[是:：]?)\s*(?<name>${CJK_NAME}?)(?=です|と申します|と言います|といいます|でお願い|に変更|[，。、,.\s]|$)`,
    "gu",
  ),
  new RegExp(
    String.raw`(?:^|[\n。、！!\s])(?<name>${CJK_NAME})(?=と申します|と言います|といいます|です。)`,
    "gu",
  ),
  new RegExp(
    String.raw`${START}(?:اسمي هو|اسمي|أنا|معك|باسم|المستلم|الاسم|السيدة|السيد|الأستاذة|الأستاذ|زوجتي|زوجي|ابني|ابنتي|صديقي|أخي|أختي|جاري|عزيزي|عزيزتي|مرحبا|أهلا)[ :،]+(?:يا )?(?<name>${ARABIC_NAME})`,
    "gu",
  ),
];

const REGARDS_LINE = new RegExp(
  String.raw`(?:^|\n|[.!?。！]\s*|,\s)[ \t]*(?:${anyCase(REGARDS)})[ \t]*[,.!،。！–—-]*[ \t]*\n*[ \t]*(?<rest>[^\n]{0,60}(?:\n[^\n]{0,40}){0,1})\s*$`,
  "gu",
);
const DASHED = /(?:^|\n|\s)(?:[-–—~]{1,2})[ ]?(?<rest>[\p{L}\p{M}'’. -]{2,40})\s*$/gu;

/** Replaces names in a text; `known` are words that were found to be names elsewhere. */
function maskNames(text: string, known: readonly string[]): string {
  const found = new Set(known);
  for (const name of [...namesAround(text), ...namesInSentences(text)])
    for (const word of nameWords(name)) found.add(word);
  const masked = maskSignature(text);
  const words = [...found].filter(isNameWord).toSorted((a, b) => b.length - a.length);
  return words
    .reduce((rest, word) => rest.replace(wholeWord(word), MARKS.name), masked)
    .replace(BESIDE_NAME, MARKS.name)
    .replace(
      /\[name\](?:[ '’.-]{0,2}(?:(?:de|del|della|di|da|dos|van|von|der|den|la|y|e) )?\[name\])+/gu,
      MARKS.name,
    );
}

/** A capitalised word joined to a name is part of it, unless a sentence begins with it. */
const BESIDE_NAME = new RegExp(
  String.raw`(?<=[(:,;–-] )${CAPITAL}[ ](?=\[name\])|\[name\][ ]${CAPITAL}(?![\p{L}\p{N}])|${CJK}{1,4}[ 　](?=\[name\])|(?<=(?:名義は|名義[:：]|、))${CJK}{1,4}[ 　]${CJK}{1,4}(?=です|$)`,
  "gu",
);

/** Each word of a name that may stand alone elsewhere. */
function nameWords(name: string): readonly string[] {
  return (name.match(/[\p{L}\p{M}'’-]{2,}|\p{Script=Han}+/gu) ?? []).flatMap((word) =>
    word.includes("-") ? [word, ...word.split("-").filter((part) => part.length > 2)] : [word],
  );
}

function isNameWord(word: string): boolean {
  return !NOT_NAMES.has(word.toLowerCase()) && !PARTICLES.has(word.toLowerCase());
}

const PARTICLES: ReadonlySet<string> = new Set(
  "de del della di da dos das do du la le van von der den ter ten zu el al und et and".split(" "),
);

function namesAround(text: string): readonly string[] {
  return AROUND.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap(({ groups }) => {
      const name = groups?.["name"] ?? "";
      return name === "" ? [] : [name];
    }),
  );
}

/** What stands behind the regards, or behind a dash at the end, is who wrote. */
function maskSignature(text: string): string {
  return text
    .replace(REGARDS_LINE, (all: string, rest: string) => withoutTail(all, rest))
    .replace(DASHED, (all: string, rest: string) => withoutTail(all, rest))
    .replace(ALONE_AT_END, (_all, before: string) => `${before}${MARKS.name}`)
    .replace(CJK_AT_END, (_all, before: string) => `${before}${MARKS.name}`);
}

/** One to three capitalised words, with nothing else, behind the last sentence or on the last line. */
const ALONE_AT_END = new RegExp(String.raw`((?:[.!?…\]]|\n)\s*)${LATIN_NAME}[.]?\s*$`, "u");
const CJK_AT_END = new RegExp(String.raw`((?:\n|。)\s*)${CJK}{1,5}[ 　]?${CJK}{0,5}\s*$`, "u");

/** A line that goes on with a sentence is no signature. */
function withoutTail(all: string, rest: string): string {
  const tail = rest.trim();
  const words = tail.split(/\s+/);
  if (tail === "" || words.length > 8 || /[?!]|\p{Ll}{3}[.] /u.test(tail)) return all;
  if (words.every((word) => /^\p{Ll}/u.test(word)) && words.length > 3) return all;
  return `${all.slice(0, all.lastIndexOf(rest))}${MARKS.name}`;
}

/** In a sentence, a word with a capital is a name, except in German, where two in a row are. */
function namesInSentences(text: string): readonly string[] {
  const inside = [...text.matchAll(INSIDE)];
  const small = [...text.matchAll(/(?<=[\p{L}\p{N},;:] )\p{Ll}[\p{L}\p{M}]+/gu)].length;
  const isGerman =
    inside.length > 3 && inside.length / (inside.length + small) > 0.14 && GERMAN.test(text);
  const rows = [...text.matchAll(isGerman ? ROW : INSIDE)].map(([row]) => row);
  const begun = [...text.matchAll(BEGUN)].map(([row]) => row);
  return [...rows, ...(isGerman ? [...text.matchAll(GERMAN_ALONE)].map(([row]) => row) : begun)];
}

const GERMAN = /\b(?:ich|nicht|und|ist|bitte|wurde|habe|mein|meine|der|die|das)\b/iu;
const INSIDE = new RegExp(
  String.raw`(?<=[\p{L}\p{N},;:)"»”'] ["„“«(]?)\p{Lu}\p{Ll}[\p{L}\p{M}'’-]*(?: \p{Lu}\p{Ll}[\p{L}\p{M}'’-]*)*`,
  "gu",
);
const ROW = new RegExp(
  String.raw`(?<=[\p{L}\p{N},;:)] )\p{Lu}\p{Ll}[\p{L}\p{M}'’-]*(?: (?:von |van |de )?\p{Lu}\p{Ll}[\p{L}\p{M}'’-]*)+`,
  "gu",
);
/** "mit Ayşe gesprochen": no article, and a small word follows. */
const GERMAN_ALONE =
  /(?<=\b(?:mit|bei|an|von|für|durch|namens|dass|weil|und) )\p{Lu}\p{Ll}+(?= (?:gesprochen|telefoniert|geschrieben|bestellt|bezahlt|angenommen|unterschrieben|versprochen|gesagt|hat|ist|war|wird|schrieb|sagte|meinte|geliefert|übergeben|zugesagt)\b)/gu;
/** Two in a row at the beginning of a sentence. */
const BEGUN = new RegExp(
  String.raw`(?<=^|[.!?]\s|\n)\p{Lu}\p{Ll}[\p{L}\p{M}'’-]*(?: \p{Lu}\p{Ll}[\p{L}\p{M}'’-]*)+`,
  "gu",
);

function wholeWord(word: string, flags = "gu"): RegExp {
  const escaped = literally(word);
  // Scripts without spaces have no edges of words; an ending or a possessive may be joined to a name in others.
  if (new RegExp(CJK, "u").test(word)) return new RegExp(escaped, flags);
  return new RegExp(
    String.raw`(?<![\p{L}\p{N}\[])${escaped}(?:['’]?(?:s|nin|nın|in|ın|a|e|y|u|i|ą|ę|em|owi|ya|ye|dan|den|ı))?(?![\p{L}\p{N}\]])`,
    flags,
  );
}
