/** Makes up personal data: names, addresses, numbers with right check digits. The same seed gives the same. */

/** Numbers from a seed (a linear congruential generator of 2^32 with Knuth's factor), the same everywhere. */
export interface Dice {
  below(limit: number): number;
  pick<Value>(values: readonly Value[]): Value;
  digits(count: number): string;
}

/** Dice that fall the same for the same seed. */
export function diceOf(seed: number): Dice {
  const state = { value: seed >>> 0 };
  const next = (): number => {
    state.value = (Math.imul(state.value, 1_664_525) + 1_013_904_223) >>> 0;
    return state.value / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    pick(values) {
      const value = values[below(values.length)];
      if (value === undefined) throw new Error("nothing to pick from");
      return value;
    },
    digits: (count) => Array.from({ length: count }, () => String(below(10))).join(""),
  };
}

/** The languages the texts are in. */
export const LANGUAGES = [
  "en",
  "de",
  "fr",
  "es",
  "it",
  "nl",
  "pt",
  "pl",
  "tr",
  "ru",
  "ja",
] as const;
export type Language = (typeof LANGUAGES)[number];

const NAMES: Readonly<Record<Language, readonly [first: string, last: string]>> = {
  en: [
    "Priya Oliver Grace Siobhan Kwame Hannah Declan Amelia",
    "Okafor Whitfield O'Brien Harrington Nair Blackwood Castellano Pemberton",
  ],
  de: [
    "Jürgen Annika Torsten Liselotte Ayşe Björn Friederike Matthias",
    "Groß Kellermann Brückner Yılmaz Hagedorn Oberländer Schultheiß Wiegand",
  ],
  fr: [
    "Élodie Thibault Amandine Jean-Luc Fatou Mathilde Gaëlle Rémi",
    "Lefèvre Dubreuil Marchand Diallo Castagnier Beauchamp Rousselot Vasseur",
  ],
  es: [
    "Íñigo Rocío Álvaro Maricarmen Joaquín Begoña Nuria Ezequiel",
    "Echeverría Núñez Carrasco Bermúdez Zabala Ordóñez Villanueva Quiroga",
  ],
  it: [
    "Giuliana Matteo Ludovica Raffaele Chiara Ettore Serena Gianluca",
    "Esposito Bellucci Ferraresi Montanari Zanetti Colombo Mancuso Tagliabue",
  ],
  nl: [
    "Sjoerd Marieke Willemijn Joost Fleur Bastiaan Noor Ruben",
    "Hoekstra Vermeulen Dijkgraaf Brouwer Terpstra Kuipers Schouten Wiersma",
  ],
  pt: [
    "Thiago Conceição Luísa Rodrigo Beatriz Otávio Fernanda Gonçalo",
    "Albuquerque Teixeira Magalhães Cavalcanti Figueiredo Nogueira Queirós Vasconcelos",
  ],
  pl: [
    "Zbigniew Agnieszka Małgorzata Łukasz Katarzyna Wojciech Jadwiga Sławomir",
    "Nowak Szczepański Wójcik Kaczmarek Dąbrowska Grzelak Mazur Ostrowski",
  ],
  tr: [
    "Çağla Emre Şebnem Oğuzhan Gülay Mert Zeynep Kerem",
    "Yıldırım Karaca Öztürk Demirtaş Aksoy Çetinkaya Erdoğdu Şahin",
  ],
  ru: [
    "Светлана Геннадий Людмила Тимофей Анастасия Виктор Ксения Аркадий",
    "Воробьёва Кузнецов Щербакова Лаптев Жданова Ершов Мельникова Гаврилов",
  ],
  ja: [
    "美咲 健太 由美子 拓也 さくら 大輔 千尋 直樹",
    "佐々木 高橋 山下 小野寺 長谷川 石川 村上 松井",
  ],
};

/** A first and a last name as they are written together. */
export function personOf(
  dice: Dice,
  language: Language,
): { readonly first: string; readonly last: string; readonly full: string } {
  const [firsts, lasts] = NAMES[language];
  const first = dice.pick(firsts.split(" "));
  const last = dice.pick(lasts.split(" "));
  return { first, last, full: language === "ja" ? `${last} ${first}` : `${first} ${last}` };
}

/** Postal addresses of ten countries; a sign for where digits go. */
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  de: [
    "Lindenstraße ##, 1#9#7 Berlin",
    "Am Alten Markt #\n5#8#3 Bonn",
    "Kaiser-Wilhelm-Ring ##a, D-4##27 Düsseldorf",
  ],
  us: [
    "1## Orchard Lane, Springfield, OR 9#4#7",
    "4##2 W Maple Ave, Apt 3B, Austin, TX 787##",
    "2# Cedar Court\nPortland, ME 041##",
  ],
  gb: [
    "Flat #, ## Rosemary Road, Bristol BS# 4QT",
    "1# Kingfisher Close\nLeeds\nLS1# 8RW",
    "## St Mary's Terrace, Edinburgh EH# 9LX",
  ],
  fr: [
    "1# rue des Lilas, 750## Paris",
    "## bis avenue Victor Hugo\n6900# Lyon",
    "#, allée du Château, 3300# Bordeaux",
  ],
  es: [
    "Calle de Alcalá ##, 2801# Madrid",
    "Avda. Diagonal 4##, 3º 2ª, 0803# Barcelona",
    "C/ Mayor #, 4600# Valencia",
  ],
  it: [
    "Via Garibaldi ##, 0018# Roma",
    "Corso Buenos Aires 1#, 2012# Milano",
    "Piazza del Popolo #\n5012# Firenze",
  ],
  nl: [
    "Prinsengracht 2##, 101# GV Amsterdam",
    "Kerkstraat ##\n351# KB Utrecht",
    "Laan van Meerdervoort 1##, 251# AM Den Haag",
  ],
  pt: [
    "Rua Augusta 1##, 1100-0#3 Lisboa",
    "Avenida da Boavista 2##, 4100-1#8 Porto",
    "Rua das Flores, 1##, 0131#-100 São Paulo",
  ],
  pl: [
    "ul. Marszałkowska ##/#, 00-5#0 Warszawa",
    "ul. Długa #, 31-1#7 Kraków",
    "os. Słoneczne 1#\n61-2#3 Poznań",
  ],
  tr: [
    "Atatürk Cad. No: ## D: #, 347## Kadıköy/İstanbul",
    "Lale Sok. No: #, 064## Çankaya/Ankara",
    "Cumhuriyet Mah. Gül Sok. No: 1#, 352## İzmir",
  ],
  ru: ["ул. Тверская, д. ##, кв. #, 12500# Москва", "Невский проспект, ##\n19102# Санкт-Петербург"],
  ja: ["〒150-00## 東京都渋谷区神宮前1-#-3", "大阪府大阪市北区梅田2-#-1#"],
};
const COUNTRY: Readonly<Record<Language, readonly string[]>> = {
  en: ["us", "gb"],
  de: ["de"],
  fr: ["fr"],
  es: ["es"],
  it: ["it"],
  nl: ["nl"],
  pt: ["pt"],
  pl: ["pl"],
  tr: ["tr"],
  ru: ["ru"],
  ja: ["ja"],
};

/** An address as people of that language write it. */
export function addressOf(dice: Dice, language: Language): string {
  return filled(dice, dice.pick(ADDRESSES[dice.pick(COUNTRY[language])] ?? []));
}

/** The sign stands for a digit that is not zero. */
function filled(dice: Dice, pattern: string): string {
  return pattern.replaceAll("#", () => String(1 + dice.below(9)));
}

const PHONES: Readonly<Record<Language, readonly string[]>> = {
  en: ["+1 541 555 0###", "(541) 555-0###", "020 7946 0###", "+44 7700 900###", "07700900###"],
  de: ["+49 151 2345####", "030/1234###", "0176-#######5", "0049 (0)89 ######"],
  fr: ["06 12 34 ## ##", "+33 6 ## ## ## ##", "01.42.##.##.##"],
  es: ["+34 612 ### ###", "91 555 ## ##", "6##-###-###"],
  it: ["+39 347 ### ####", "06 ########", "333 #######"],
  nl: ["06-########", "+31 6 ## ## ## ##", "020 ### ####"],
  pt: ["+351 91# ### ###", "(11) 9####-####", "21 ### ## ##"],
  pl: ["+48 60# ### ###", "22 ### ## ##", "5##-###-###"],
  tr: ["0532 ### ## ##", "+90 (212) ### ## ##", "05#########"],
  ru: ["+7 (916) ###-##-##", "8 800 ### ## ##", "8-495-###-##-##"],
  ja: ["090-####-####", "03-####-####", "+81 80 #### ####"],
};
/** A telephone number in one of the usual forms. */
export function phoneOf(dice: Dice, language: Language): string {
  return filled(dice, dice.pick(PHONES[language]));
}

const ACCOUNTS: readonly (readonly [country: string, length: number, letters: string])[] = [
  ["DE", 18, ""],
  ["FR", 23, ""],
  ["ES", 20, ""],
  ["GB", 14, "NWBK"],
  ["NL", 10, "ABNA"],
  ["IT", 22, "X"],
  ["PL", 24, ""],
  ["TR", 22, ""],
  ["PT", 21, ""],
];

/** A bank account with right check digits (ISO 13616), in groups of four or in one run. */
export function ibanOf(dice: Dice): string {
  const [country, length, letters] = dice.pick(ACCOUNTS);
  const body = `${letters}${dice.digits(length)}`;
  const check = 98 - remainderOf(`${body}${country}00`);
  const whole = `${country}${String(check).padStart(2, "0")}${body}`;
  const grouped = whole.replaceAll(/(.{4})(?=.)/g, "$1 ");
  return dice.pick([
    whole,
    grouped,
    grouped,
    grouped.toLowerCase(),
    whole.replaceAll(/(.{4})(?=.)/g, "$1-"),
  ]);
}

function remainderOf(account: string): number {
  let remainder = 0;
  for (const sign of account)
    for (const digit of String(Number.parseInt(sign, 36)))
      remainder = (remainder * 10 + Number(digit)) % 97;
  return remainder;
}

/** A card number with a right check digit (ISO/IEC 7812), as people type it. */
export function cardOf(dice: Dice): string {
  const body = `${dice.pick(["4", "51", "55", "2221"])}${dice.digits(16)}`.slice(0, 15);
  const sum = body.split("").reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  const whole = `${body}${(10 - (sum % 10)) % 10}`;
  const between = dice.pick(["", " ", " ", "-", ".", "\u00a0"]);
  return whole.replaceAll(/(.{4})(?=.)/g, `$1${between}`);
}

const SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

/** A key, session or reset token. */
export function tokenOf(dice: Dice): string {
  const signs = (count: number): string =>
    Array.from({ length: count }, () => dice.pick(SIGNS.split(""))).join("");
  const hex = Array.from({ length: 32 }, () => dice.below(16).toString(16)).join("");
  return dice.pick([
    `sk_live_${signs(24)}7`,
    `eyJhbGciOiJIUzI1NiJ9.eyJ${signs(20)}4.${signs(22)}`,
    `${hex}7a`,
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`,
    `ghp_${signs(30)}22`,
    `https://shop.example/reset?token=${signs(18)}9`,
  ]);
}

/** The number of an order in one of several shops' forms. */
export function orderOf(dice: Dice): string {
  return filled(
    dice,
    dice.pick([
      "####",
      "#####",
      "#### ####",
      "A-#####",
      "ORD-2026-####",
      "#######",
      "DH######",
      "NL-##-####",
      "100-#######-#######",
    ]),
  );
}

/** A mail address made of a name; letters that addresses do not have are written as the nearest ones. */
export function mailOf(dice: Dice, first: string, last: string): string {
  const plain = (text: string): string =>
    text
      .normalize("NFKD")
      .replaceAll(/[^A-Za-z]/g, "")
      .toLowerCase() || dice.pick(["sora", "hikari", "tanuki"]);
  const local = dice.pick([
    `${plain(first)}.${plain(last)}`,
    `${plain(first)}${dice.digits(2)}`,
    `${plain(last)}_${plain(first)}`,
  ]);
  return dice.pick([
    `${local}@mailbox.example`,
    `${local}@provider.test`,
    `${local} (at) provider.test`,
    `${local}@post.co.example`,
  ]);
}
