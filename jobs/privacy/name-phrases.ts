/** Words that stand beside names: greetings, regards, titles, and how people say who they or others are. */

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
export const GREETINGS = phrases(
  `hi|hello|hey|dear|good morning|good afternoon|good evening|morning|hi there|hallo|hi liebe|guten tag|guten morgen|moin|servus|liebe|lieber|liebes|
  sehr geehrte|sehr geehrter|werte|bonjour|bonsoir|salut|cher|chère|coucou|hola|buenos días|buenas tardes|buenas|estimado|estimada|querido|
  querida|ciao|buongiorno|buonasera|salve|gentile|caro|cara|egregio|beste|geachte|dag|goedemorgen|goedemiddag|hoi|lieve|olá|oi|bom dia|boa tarde|
  prezado|prezada|caro|dzień dobry|cześć|witam|witaj|szanowny|szanowna|drogi|droga|hej|merhaba|selam|sayın|sevgili|iyi günler|
  здравствуйте|привет|добрый день|доброе утро|уважаемый|уважаемая|дорогой|дорогая|hallå|god dag|kære|kjære|مرحبا|السلام عليكم|عزيزي|عزيزتي|أهلا`,
);

/** What a letter ends with, before its writer's name. */
export const REGARDS = phrases(
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
export const TITLES = phrases(
  `mr|mr.|mrs|mrs.|ms|ms.|miss|mx|dr|dr.|prof.|sir|madam|herr|herrn|frau|fräulein|familie|monsieur|madame|mademoiselle|mme|mlle|m.|señor|señora|señorita|
  sr.|sra.|srta.|don|doña|signor|signora|signorina|sig.|sig.ra|dott.|dott.ssa|heer|de heer|mevrouw|mevr.|dhr.|senhor|senhora|dona|pan|pani|pana|panu|panią|państwo|
  bay|bayan|господин|госпожа|г-н|г-жа|السيد|السيدة|الأستاذ|الأستاذة|الدكتور`,
);

/** Titles behind a name. */
export const TITLES_AFTER = "さん|さま|様|氏|殿|先生|女士|小姐|님|씨";
export const WORD_TITLES_AFTER = phrases("bey|hanım|hanim|beyefendi|hanımefendi");

/** After these a name follows. */
export const INTRODUCTIONS = phrases(
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
export const RELATIVES = phrases(
  `wife|husband|partner|son|daughter|mother|father|mom|mum|dad|brother|sister|friend|neighbour|neighbor|colleague|boss|assistant|girlfriend|boyfriend|aunt|uncle|cousin|niece|nephew|grandmother|grandfather|flatmate|roommate|agent|employee|
  mann|sohn|tochter|mutter|vater|bruder|schwester|freund|freundin|nachbar|nachbarin|kollege|kollegin|kollegen|chef|chefin|tante|onkel|oma|opa|mitarbeiter|mitarbeiterin|ehefrau|ehemann|lebensgefährtin|femme|mari|fils|fille|mère|père|frère|sœur|ami|amie|voisin|voisine|collègue|
  mujer|esposa|marido|esposo|hijo|hija|madre|padre|hermano|hermana|amigo|amiga|vecino|vecina|compañero|compañera|moglie|marito|figlio|figlia|fratello|sorella|amico|amica|vicino|vicina|collega|vrouw|zoon|dochter|moeder|vader|broer|zus|vriend|vriendin|buurman|buurvrouw|
  filho|filha|mãe|pai|irmão|irmã|vizinho|vizinha|colega|żona|żony|żonie|mąż|mężem|syn|syna|córka|córki|brat|brata|siostra|siostry|sąsiad|sąsiadka|sąsiadki|koleżanka|kolega|eşim|oğlum|kızım|annem|babam|kardeşim|arkadaşım|komşum|жена|жены|муж|мужа|сын|сына|дочь|дочери|брат|сестра|сосед|соседка|соседке|подруга|коллега|زوجتي|زوجي|ابني|ابنتي|صديقي|أخي|أختي|جاري`,
);

/** After a word at the beginning of a sentence these say that it was a person. */
export const DEEDS = phrases(
  `told|said|wrote|promised|called|answered|confirmed|helped|ordered|paid|asked|assured|explained|signed|replied|hat|sagte|schrieb|meinte|versprach|a dit|m'a|a écrit|dijo|me dijo|escribió|prometió|ha detto|mi ha|ha scritto|zei|schreef|heeft|disse|escreveu|powiedział|powiedziała|napisał|napisała|obiecał|obiecała|сказал|сказала|написал|написала|обещал|обещала|обещала|dedi|söyledi|yazdı`,
);

/** Words in capitals that are no person's, though they stand in the middle of a sentence. */
export const NOT_NAMES: ReadonlySet<string> = new Set(
  `i i'm i've i'd i'll ok monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
  mon tue wed thu fri sat sun jan feb mar apr jun jul aug sep oct nov dec english german french spanish italian dutch polish turkish russian japanese portuguese chinese
  paypal visa mastercard amex klarna apple google amazon dhl ups dpd gls hermes fedex usps iban bic vat pin pdf usb wifi bluetooth iphone ipad android whatsapp sms faq eur usd gbp ean sku tv pc sepa
  internet christmas easter euro order invoice customer name address phone email mail tel telephone mobile po box re fwd ps nr no`.split(
    /\s+/,
  ),
);
